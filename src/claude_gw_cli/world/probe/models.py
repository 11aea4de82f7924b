"""May the key use each model, and does the cloud behind the gateway answer?"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import (
    LIVE_STEP,
    About,
    Answer,
    Verdict,
    evaluate,
    explain,
    recognise,
    same,
    shown,
)
from claude_gw_cli.core.misstated import as_meant
from claude_gw_cli.core.plan import mode_of
from claude_gw_cli.core.predict.retired import retired
from claude_gw_cli.core.questions import Question
from claude_gw_cli.core.words import counted
from claude_gw_cli.facts.gateways import COUNT_SOURCE, COUNT_SOURCE_LOCAL
from claude_gw_cli.facts.wires import COUNT_TOKENS
from claude_gw_cli.record import replace
from claude_gw_cli.world.probe.contact import Contact
from claude_gw_cli.world.probe.route import NOT_FOUND, RouteProbes
from claude_gw_cli.world.probe.schedule import PATIENCE, ProbeContext
from claude_gw_cli.world.probe.trouble import Trouble

DISCOVERY = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"


_COUNTING = ("/count_tokens", "/count-tokens:rawPredict")
_WANTS_OWN = Verdict("skip", "it wants this machine's cloud credential, which only the client sends")
_NO_COUNT = frozenset({404, 405, 501})
_NOT_COUNTED = Answer(501, (), "", 0.0)
"""In place of an answer where the connection is closed on a question to count tokens alone."""
_OF_A_PATH = frozenset({"front", "sign-in", "model-refused", "path-too-long", "method-refused", "refused-otherwise"})
"""Situations of answers that may be about the path, not about the key."""


class ModelProbes:
    """The probes ``gateway.model`` and ``gateway.discovery``."""

    def __init__(self, contact: Contact, routes: RouteProbes) -> None:
        self._contact = contact
        self._routes = routes

    def models(self, moment: ProbeContext) -> Verdict:
        """Ask about each model. The value is the verdict about the cloud, which ``_upstream`` hands out."""
        contact = self._contact
        cloud = Verdict("skip", "no question reached it")
        started = time.monotonic()
        for name in contact.models:
            about = contact.about(moment, model=name)
            if place := about.words.get(f"place of {name}"):
                about = about.plus(model_place=place)
            try:
                question, said = self._last_word(name, moment)
                answer = as_meant(said)
            except Trouble as trouble:
                cloud = _unanswered(trouble, time.monotonic() - started, about)
                break
            verdict = evaluate("gateway.model", answer, about, invalid=question.invalid)
            if reason := self._says_nothing(question, answer, verdict, name, moment):
                cloud = Verdict("skip", f"{reason}; only --live reaches the cloud")
                continue
            if contact.plan.profile.credentials == "client" and recognise(answer, "gateway.model") == "model-refused":
                cloud = _WANTS_OWN
                continue
            if answer.status == NOT_FOUND and (
                found := self._routes.encoded_slash(question, contact.key_in(moment), moment)
            ):
                return replace(found, value=cloud)
            if verdict.status != "ok":
                return replace(self._with_day(verdict, name), value=cloud)
            cloud = evaluate("gateway.upstream", answer, about, invalid=question.invalid)
            cloud = self._without_counting(cloud, question)
            if cloud.status != "ok" and contact.plan.profile.credentials == "client":
                cloud = _WANTS_OWN
            if cloud.status == "fail":
                cloud = self._with_day(cloud, name)
                break
        asked = moment.value("gateway.key", Answer)
        by_cloud = (recognise(asked, "gateway.key", invalid=True) or "").startswith(("upstream-", "cloud-not"))
        if by_cloud and cloud.status == "skip" and contact.plan.profile.credentials != "client":
            cloud = evaluate("gateway.upstream", asked, contact.about(moment, model=contact.models[0]))
        evidence = ", ".join(contact.models)
        if contact.kind and contact.kind.default_model:
            evidence += "; a name that it does not know is answered by another model"
        evidence = "; ".join([evidence, *filter(None, map(self._last_day, contact.models))])
        return Verdict("ok", evidence=evidence, value=cloud)

    def _last_day(self, model: str) -> str:
        """That the provider has taken a model out of service, or will; empty where no day is known."""
        mode = mode_of(self._contact.plan.profile)
        found = retired(model, mode.client, time.time(), self._contact.client)
        return found.sentence if found else ""

    def _with_day(self, verdict: Verdict, model: str) -> Verdict:
        day = self._last_day(model)
        return replace(verdict, cause=f"{verdict.cause} {day}.") if day else verdict

    def _says_nothing(
        self, question: Question, answer: Answer, verdict: Verdict, model: str, moment: ProbeContext
    ) -> str:
        """Why an answer shows nothing about the cloud, nor about the model; empty if it does."""
        if self._contact.pace.limits and self._contact.pace.refuses(answer):
            return "too many requests came in a moment to tell"
        if _cannot_count(question, answer, model):
            return "this gateway counts no tokens"
        if question != self._contact.key_question() and self._is_closed_to_all(question, answer, verdict, moment):
            return "something before the gateway refuses to count tokens"
        if _fails_incomplete(question, answer):
            return "the gateway fails on incomplete requests"
        if verdict.status == "ok" and _is_count(question, answer) and not self._counts_in_cloud(answer):
            return "this gateway may count tokens by itself"
        return ""

    def _is_closed_to_all(self, question: Question, answer: Answer, verdict: Verdict, moment: ProbeContext) -> bool:
        """Whether the path to count tokens, which the client does without, is refused with and without a key."""
        if not question.path.endswith(_COUNTING) or verdict.situation not in _OF_A_PATH:
            return False
        try:
            return same(answer, self._contact.ask(question, self._contact.keyless, moment))
        except Trouble:
            return False

    def _without_counting(self, cloud: Verdict, question: Question) -> Verdict:
        """A failure to count tokens shows nothing about the cloud, unless it is known that the cloud counts them."""
        kind = self._contact.kind
        if cloud.status != "fail" or question.path != COUNT_TOKENS or (kind and kind.counts in {"says", "cloud"}):
            return cloud
        cause = "The gateway cannot count tokens, which the client does without; only --live reaches the cloud."
        return Verdict("warn", cause, cloud.evidence, LIVE_STEP)

    def _counts_in_cloud(self, answer: Answer) -> bool:
        """Whether the cloud, and not the gateway itself, counted the tokens."""
        counts = self._contact.kind.counts if self._contact.kind else ""
        return counts == "cloud" or (counts == "says" and COUNT_SOURCE in answer.body.replace('": ', '":'))

    def _last_word(self, model: str, moment: ProbeContext) -> tuple[Question, Answer]:
        """The question that goes furthest for this model, and its answer."""
        contact = self._contact
        access = contact.access(model)
        counting = questions.upstream(contact.plan, model, litellm=contact.is_litellm)
        if questions.wire_of(contact.plan).ping and counting != access:
            counted = contact.ask(counting, contact.key_in(moment), moment)
            if self._is_listed(model, moment):
                return counting, counted
            try:
                return access, contact.ask(access, contact.key_in(moment), moment)
            except Trouble:
                return counting, counted
        if access == contact.key_question():
            answer = moment.value("gateway.key", Answer)  # asked before
        else:
            answer = contact.ask(access, contact.key_in(moment), moment)
        passed = evaluate("gateway.model", answer, contact.about(moment), invalid=access.invalid).status == "ok"
        if counting == access or not (passed or _fails_incomplete(access, answer)):
            return access, answer
        try:
            answer = contact.ask(counting, contact.key_in(moment), moment)
        except Trouble as trouble:
            if trouble.is_late or trouble.situation == "encoding-wrong":
                raise
            return counting, _NOT_COUNTED
        if answer.status == 200 and COUNT_SOURCE_LOCAL in answer.body.replace(": ", ":"):
            emptiness = questions.empty_conversation(model)
            return emptiness, contact.ask(emptiness, contact.key_in(moment), moment)
        return counting, answer

    def _is_listed(self, model: str, moment: ProbeContext) -> bool:
        contact = self._contact
        place = replace(contact.place, base=urlsplit(contact.root).path)
        answer = contact.ask(questions.listing(), contact.key_in(moment), moment, place)
        return answer.status == 200 and f'"{model}"' in answer.body

    def discovery(self, moment: ProbeContext) -> Verdict:
        """The list that the client asks for at its start, with the same credential."""
        contact = self._contact
        answer = contact.ask(Question(f"{questions.listing().path}?limit=1000"), contact.key_in(moment), moment)
        count = answer.body.count('"id"') if answer.status == 200 and '"data"' in answer.body else 0
        if count:
            return Verdict("ok", evidence=counted(count, "model"))
        cause = f"{DISCOVERY} is on, but this gateway lists no models: the client shows its own list."
        return Verdict(
            "warn", cause, shown(answer, contact.about(moment)), f"unset {DISCOVERY}, or list models there"
        )


def _fails_incomplete(question: Question, answer: Answer) -> bool:
    """Whether a server fails on a request that is not complete, which says nothing about a complete one."""
    named = recognise(answer, "gateway.upstream", invalid=True)
    return question.invalid and answer.status == 500 and named in {"front", "upstream-error"}


def _unanswered(trouble: Trouble, waited: float, about: About) -> Verdict:
    if not trouble.is_late:
        return explain(trouble.situation, trouble.detail, about)
    if waited < PATIENCE:
        raise trouble
    return explain("upstream-silent", trouble.detail, about.plus(seconds=f"{waited:.0f}"))


def _is_count(question: Question, answer: Answer) -> bool:
    return question.path == COUNT_TOKENS and answer.status == 200


def _cannot_count(question: Question, answer: Answer, model: str) -> bool:
    """Whether there is no counting of tokens, which the client does without; what is not found may be the model."""
    return question.path.endswith(_COUNTING) and answer.status in _NO_COUNT and model not in answer.body
