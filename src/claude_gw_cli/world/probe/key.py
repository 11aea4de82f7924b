"""With the key: is it accepted, and if not, is the profile's own key accepted or does something remove it?"""

from __future__ import annotations

from functools import partial

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import LIVE_STEP, Answer, Verdict, evaluate_key, explain, recognise, same, shown
from claude_gw_cli.core.misstated import as_meant
from claude_gw_cli.core.plan import mode_of
from claude_gw_cli.core.questions import Question
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.core.situations import situations
from claude_gw_cli.facts.bodies import ACCEPT_ENCODING, BESIDE
from claude_gw_cli.facts.wires import WIRES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.probe.beside import as_the_client_sends
from claude_gw_cli.world.probe.cloud import cloud_lines, passed_on, read_first
from claude_gw_cli.world.probe.contact import Contact
from claude_gw_cli.world.probe.exchange import Credential, at_once
from claude_gw_cli.world.probe.inquiry import Inquiry
from claude_gw_cli.world.probe.route import NO_KEY, NOT_FOUND, RouteProbes, redirecting
from claude_gw_cli.world.probe.schedule import ProbeContext
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_ROUTE = frozenset({404, 405})
_ERROR = 500
_WANTS_CLOUD = "it is read; the cloud wants the credential that only the client sends"
_ENCODED = {"accept-encoding": ACCEPT_ENCODING}
_FAILED = frozenset({"front", "gateway-error"})
"""Situations of an answer that says nothing but that something failed."""
_SHARED_WORDS = frozenset({"key-refused", "upstream-credential-rejected"})
"""Situations in words that gateways and clouds have in common."""


class KeyProbe:
    """The probe ``gateway.key``."""

    def __init__(self, contact: Contact, routes: RouteProbes) -> None:
        self._contact = contact
        self._routes = routes

    def run(self, moment: ProbeContext) -> Verdict:
        """Ask with the key. The value is the answer."""
        contact = self._contact
        question, headers = contact.key_question(), contact.key_in(moment)
        as_client = replace(question, path=question.path + _query(contact))
        lines = cloud_lines(contact, moment)
        # With a credential of the cloud that is among the headers, the other question is the one without it.
        aside = {name: value for name, value in headers.items() if name not in lines}
        beside = aside if len(aside) < len(headers) else {**headers, **lines}
        asked = at_once(
            [
                partial(contact.ask, question, headers, moment),
                partial(contact.ask, as_client, {**headers, **dict(BESIDE), **_ENCODED}, moment, once=True),
                *([partial(contact.ask, question, beside, moment)] if lines else []),
            ]
        )
        outcome, other, *more = (as_meant(item) if isinstance(item, Answer) else item for item in asked)
        moment.later("gateway.kind")
        inquiry = self._inquiry(question, moment)
        if isinstance(outcome, Trouble):
            if outcome.is_late or (verdict := inquiry.look_into(outcome)) is None:
                raise outcome
            return verdict
        about = redirecting(contact.about(moment, model=contact.models[0]), outcome, question, contact.place)
        situation, words = contact.misplaced()
        without = moment.value("gateway.route", Answer)
        verdict = evaluate_key(outcome, without, about.plus(**words), contact.kind, situation)
        try:
            if more and isinstance(more[0], Answer):
                pair = (outcome, more[0]) if beside is not aside else (more[0], outcome)
                if found := self._with_the_clouds(pair, outcome, lines, question, moment):
                    return found
            if outcome.status >= _ERROR and recognise(outcome, "gateway.key", invalid=True) in _FAILED:
                situation_of = "error-as-success" if outcome.claimed else "gateway-error"
                failed = verdict.status == "fail"
                failure = verdict if failed else explain(situation_of, shown(outcome, about), about)
                verdict = self._undecided(outcome, question, moment) or failure
            if verdict.status != "fail" and (found := self._routes.nowhere(question, outcome, headers, moment)):
                return self._routes.elsewhere(question, headers, moment) or found
            if verdict.status == "fail" and not situation and contact.kind is None:
                if found := self._like_another(question, moment, outcome):
                    verdict = found
            elif verdict.status == "warn" and (found := self._like_another(_counting(contact), moment)):
                return found
            if verdict.status == "ok":
                return inquiry.refused_together(outcome) or as_the_client_sends(inquiry, outcome, other) or verdict
            return self._explained(verdict, outcome, question, inquiry, moment)
        except Trouble:
            return verdict  # no further question was answered

    def _with_the_clouds(
        self,
        pair: tuple[Answer, Answer],
        outcome: Answer,
        lines: Mapping[str, str],
        question: Question,
        moment: ProbeContext,
    ) -> Verdict | None:
        """What the answers to the key alone, and with the cloud's credential beside it, show; ``outcome`` is one."""
        contact = self._contact
        about, (situation, _) = contact.about(moment, model=contact.models[0]), contact.misplaced()
        alone = evaluate_key(pair[0], moment.value("gateway.route", Answer), about, contact.kind, situation)
        if alone.status == "fail" and outcome is pair[0] and passed_on(pair):
            return Verdict("ok", evidence=f"{_WANTS_CLOUD}: {alone.evidence}", value=outcome)
        return read_first(contact, question, pair, lines, moment) if alone.status == "ok" else None

    def _explained(
        self, verdict: Verdict, answer: Answer, question: Question, inquiry: Inquiry, moment: ProbeContext
    ) -> Verdict:
        """What a verdict that is not ``ok`` becomes by further questions."""
        contact = self._contact
        situation, _ = contact.misplaced()
        if verdict.status == "fail" and question.body is None and (found := self._posted(moment)):
            return found
        if verdict.status == "fail" and answer.status in _NO_ROUTE and (found := self._without_counting(moment)):
            return found
        if verdict.status == "fail" and (found := self._compared(verdict, answer, question, moment)):
            return found
        if verdict.status == "fail" and answer.status == NOT_FOUND:
            return self._routes.elsewhere(question, contact.key_in(moment), moment) or verdict
        contact.unproven = verdict.status == "warn"
        if verdict.status == "warn" and contact.kind and contact.kind.body_first:
            cause = f"{contact.kind.title} checks the body before the key, so the key cannot be tried at no cost."
            verdict = replace(verdict, cause=cause)
        unchanged = verdict.status == "warn" and contact.is_public(answer)
        unexplained = (verdict.status == "fail" or unchanged) and not situation and answer.status >= 400
        if unexplained or (answer.status >= 400 and not answer.body.strip()):
            return inquiry.look_into(answer) or verdict
        # A refusal for the size of the key may be in words that are not known.
        return inquiry.too_large(answer) or verdict

    def _undecided(self, answer: Answer, question: Question, moment: ProbeContext) -> Verdict | None:
        """What a gateway that fails on an incomplete request says to a complete one that is free: counting tokens.

        ``None`` if it fails there too.
        """
        contact = self._contact
        counting, about = _counting(contact), contact.about(moment, model=contact.models[0])
        cause = f"The gateway answers {answer.status} to an incomplete request, so the key could not be tried."
        undecided = Verdict("warn", cause, shown(answer, about), LIVE_STEP, answer)
        if question.body is None:
            return None  # it fails on a request that is complete
        if counting == question:
            return undecided
        counted = as_meant(contact.ask(counting, contact.key_in(moment), moment))
        if counted.status >= _ERROR:
            return None
        if counted.status in _NO_ROUTE:
            return undecided
        verdict = evaluate_key(counted, contact.ask(counting, contact.keyless, moment), about, contact.kind)
        return replace(verdict, value=answer) if verdict.status == "ok" or counted.status in {401, 403} else undecided

    def _like_another(self, question: Question, moment: ProbeContext, answer: Answer | None = None) -> Verdict | None:
        """Is this key refused with 401 as a text is that is not a key? Then the gateway does not know it."""
        contact = self._contact
        headers, (_, key) = contact.key_in(moment), contact.carried(moment)
        answer = answer or contact.ask(question, headers, moment)
        if answer.status not in {400, 401} or not key:
            return None
        named = recognise(answer, "gateway.key", invalid=True)
        wrong = {name: value.replace(key, NO_KEY) for name, value in headers.items()}
        about = contact.about(moment)
        if named not in _SHARED_WORDS or not same(answer, contact.ask(question, wrong, moment)):
            return None
        without = contact.ask(question, contact.keyless, moment)
        return None if same(answer, without) else explain("key-refused", shown(answer, about), about)

    def _posted(self, moment: ProbeContext) -> Verdict | None:
        """The verdict for a POST, as the client sends, if that is accepted: a cache treats GET in another way."""
        contact = self._contact
        verdict, _ = self._instead(questions.access(contact.plan, contact.models[0]), moment)
        contact.only_posts = verdict.status == "ok"
        return verdict if contact.only_posts else None

    def _without_counting(self, moment: ProbeContext) -> Verdict | None:
        """The verdict for a request to the model, if the route that is not found is the one to count tokens."""
        contact = self._contact
        if contact.no_counting or questions.wire_of(contact.plan).access_body is not None:
            return None
        verdict, status = self._instead(questions.invocation(contact.plan, contact.models[0]), moment)
        contact.no_counting = status not in _NO_ROUTE
        return verdict if contact.no_counting else None

    def _instead(self, question: Question, moment: ProbeContext) -> tuple[Verdict, int]:
        """The verdict for another question about the key, and the status of its answer."""
        contact = self._contact
        without = contact.ask(question, contact.keyless, moment)
        answer = contact.ask(question, contact.key_in(moment), moment)
        about = contact.about(moment, model=contact.models[0])
        return evaluate_key(answer, without, about, contact.kind), answer.status

    def _inquiry(self, question: Question, moment: ProbeContext) -> Inquiry:
        contact = self._contact
        profile, (header, key) = contact.plan.profile, contact.carried(moment)
        sent = moment.found.get("start")
        return Inquiry(
            ask=lambda headers, query: as_meant(
                contact.ask(replace(question, path=question.path + query), headers, moment)
            ),
            headers=contact.key_in(moment),
            header=header,
            key=key,
            places=sent.places if isinstance(sent, Credential) else {},
            about=contact.about(moment, model=contact.models[0]),
            kind=contact.kind,
            wire=mode_of(profile).wire,
            taken=frozenset(mode_of(profile).taken),
            query=_query(contact),
            helper=contact.plan.helper,
            proxied=contact.place.proxy is not None and contact.place.scheme == "http",
            seen=contact.seen,
            is_public=contact.is_public,
        )

    def _compared(self, refused: Verdict, answer: Answer, question: Question, moment: ProbeContext) -> Verdict | None:
        """Whether the gateway refuses the key that plain `claude` sends and accepts the profile's own key."""
        contact = self._contact
        sent, own = moment.found.get("start"), moment.found.get("secret") or moment.later("secret")
        if not isinstance(sent, Credential) or not isinstance(own, Secret):
            return None
        line = contact.line(own)
        if line.items() <= sent.headers.items():
            return None
        about = contact.about(moment).plus(place=sent.place, status=str(answer.status))
        mine = contact.ask(question, line, moment)
        if evaluate_key(mine, moment.value("gateway.route", Answer), about, contact.kind).status == "fail":
            return None
        if sent.renews and answer.status in {401, 403}:
            contact.renewed = {**sent.headers, **line}
            return Verdict(
                "warn", situations()["key-renewed"].cause.format_map(about.words), refused.evidence, sent.remedy, mine
            )
        return replace(explain("key-not-the-profiles", refused.evidence, about), help=sent.remedy)


def _counting(contact: Contact) -> Question:
    return questions.upstream(contact.plan, contact.models[0], litellm=contact.is_litellm)


def _query(contact: Contact) -> str:
    """What the client has behind the path of its requests, with the question mark."""
    return "".join(WIRES[mode_of(contact.plan.profile).wire].request.partition("?")[1:])
