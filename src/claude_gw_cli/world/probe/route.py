"""Without a key: does something answer, which gateway is it, and is there the route that this provider needs?"""

from __future__ import annotations

import shlex
from functools import partial
from urllib.parse import urljoin, urlsplit

from claude_gw_cli.core import questions
from claude_gw_cli.core.diagnosis import About, Answer, Verdict, cleaned, evaluate, explain, recognise, same, shown
from claude_gw_cli.core.plan import key_header, mode_of
from claude_gw_cli.core.questions import Question
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.gateways import HELLOS, KINDS, LITELLM, LITELLM_ALIVE
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.probe.contact import FRONT, Contact, without_version
from claude_gw_cli.world.probe.exchange import at_once
from claude_gw_cli.world.probe.schedule import ProbeContext
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.world.probe.connection import Place

KEYS = ("start", "secret")
"""The probes that leave a key: what plain `claude` sends (``Credential``), else the profile's own (``Secret``)."""
_SLOW = 2.0
NOT_FOUND = 404
_NOWHERE = "/-cgw"
_EMPTY = "''"
"""For a shell."""
_FORBIDDEN = 403
NO_KEY = "sk-cgw-doctor-this-is-not-a-key"
_ERROR = 500
_BROKEN = frozenset({"gateway-error", "gateway-down", "front"})
"""Situations that do not say whose fault it is."""
_NOT_THERE = frozenset({404, 405})


class RouteProbes:
    """The probes ``gateway.alive``, ``redirect`` and ``gateway.route``."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._next: Answer | Trouble | None = None
        """The outcome of the question of ``redirect``, where it was asked beside the first one."""

    def alive(self, moment: ProbeContext) -> Verdict:
        """Does anything answer HTTP? The answers show which kind of gateway it is."""
        contact, basic = self._contact, moment.found.get(FRONT)
        contact.basic = basic if isinstance(basic, Secret) else None
        places = [replace(contact.place, base=path) for path in dict.fromkeys((urlsplit(contact.root).path, ""))]
        asked = [partial(self._first, Question(LITELLM_ALIVE), moment, place) for place in places]
        if questions.wire_of(contact.plan).ping is None:  # else the next question depends on the answers to these
            asked.append(partial(contact.ask, contact.key_question(), contact.keyless, moment))
        outcomes = at_once(asked)
        self._next = outcomes[len(places)] if len(asked) > len(places) else None
        answer = outcomes[0]
        for place, found in zip(places, outcomes, strict=False):
            kind = found.kind() if isinstance(found, Answer) else None
            if kind is not None and kind.name == LITELLM.name:
                contact.root, answer = f"{place.scheme}://{place.authority}{place.base}", found
                break
        contact.public = answer if isinstance(answer, Answer) else None
        fails = isinstance(answer, Trouble) or answer.status >= _ERROR
        if fails and isinstance(self._next, Answer) and self._next.status < _ERROR:
            answer = self._next  # what the client asks for is answered, whatever the public path says
        if isinstance(answer, Trouble):
            raise answer
        verdict = evaluate("gateway.alive", answer, contact.about())
        if verdict.status == "ok" and answer.seconds > _SLOW:
            return Verdict("warn", f"It needs {answer.seconds:.1f} s to say so; the client will feel slow.")
        return verdict

    def _first(self, question: Question, moment: ProbeContext, place: Place) -> Answer:
        """The answer without a key; with a text that is not one, where a connection without any is closed.

        Raises:
            Trouble: neither is answered.
        """
        contact = self._contact
        try:
            return contact.ask(question, contact.keyless, moment, place)
        except Trouble as trouble:
            if trouble.situation != "hung-up" or contact.any_key:
                raise
            refused = trouble
        header = key_header(contact.plan.profile)
        headers = {header: contact.line(Secret(NO_KEY))[header]}
        try:
            answer = contact.ask(question, {**contact.keyless, **headers}, moment, place)
        except Trouble:
            raise refused from None
        contact.any_key = headers
        return answer

    def kind(self, moment: ProbeContext) -> Verdict:
        """Which kind of gateway is it? Asked on the public paths of all kinds, unless an answer has shown it."""
        contact = self._contact
        place = replace(contact.place, base=urlsplit(contact.root).path)
        if contact.kind is None:
            paths = (path for path in HELLOS if path != LITELLM_ALIVE)
            at_once([partial(contact.ask, Question(path), contact.keyless, moment, place) for path in paths])
        if contact.kind is None:
            return Verdict("skip", "its answers name none that cgw knows")
        return Verdict("ok", evidence=f"{contact.kind.title} {contact.version or ''}".strip())

    def redirect(self, moment: ProbeContext) -> Verdict:
        """Is the request for the key, without the key, answered without a redirect? The value is the answer."""
        contact = self._contact
        question = contact.key_question()
        if isinstance(self._next, Trouble) and self._next.is_late:
            raise self._next
        answer = self._next if isinstance(self._next, Answer) else self._first(question, moment, contact.place)
        is_closed = answer.status in _NOT_THERE or (answer.is_page and answer.status >= 400)
        if is_closed and questions.wire_of(contact.plan).access_body is None:
            other = questions.invocation(contact.plan, contact.models[0])
            found = self._found(other, contact.keyless, moment)
            if found and not found.is_page:
                contact.no_counting, question, answer = True, other, found
        about = redirecting(contact.about(), answer, question, contact.place)
        is_sign_in = 300 <= answer.status < 400 and about.words.get("as:redirect") == "redirect-away"
        if is_sign_in and self._passes_with_key(question, moment):
            return Verdict("ok", evidence="only requests without a key are redirected", value=answer)
        return evaluate("redirect", answer, about)

    def _passes_with_key(self, question: Question, moment: ProbeContext) -> bool:
        """Does a sign-in page before the gateway let a request with the key pass? The redirect is not followed."""
        contact = self._contact
        keys = {name: value for name in KEYS if (value := moment.later(name)) is not None}
        if not keys:
            return False
        try:
            moment = replace(moment, found={**moment.found, **keys})
            return not 300 <= contact.ask(question, contact.key_in(moment), moment).status < 400
        except Trouble:
            return False

    def route(self, moment: ProbeContext) -> Verdict:
        """Is there the route? If not, does something before the gateway change the path?"""
        about = self._contact.about(model=self._contact.models[0])
        verdict = evaluate("gateway.route", moment.value("redirect", Answer), about)
        answer, question = moment.value("redirect", Answer), self._contact.key_question()
        if 300 <= answer.status < 400:
            return Verdict("ok", value=answer)  # not for requests with the key
        broken = answer.status >= _ERROR and recognise(answer, "gateway.route") in _BROKEN
        if broken and self._contact.is_public(answer):
            return explain("fails-everywhere", shown(answer, about), about)
        if answer.status == _FORBIDDEN and answer.is_page and self._wants_any_key(question, moment):
            return Verdict("ok", value=answer)
        if verdict.situation == "front" and self._takes_get(question, moment):
            about = about.plus(status=str(answer.status))
            return explain("method-refused", shown(answer, about), about)
        if verdict.situation == "front" and answer.status == 200:
            return explain("web-site", shown(answer, about), about)
        if verdict.status != "fail":
            verdict = self.nowhere(question, answer, self._contact.keyless, moment) or verdict
        if verdict.status != "fail" or answer.status != NOT_FOUND:
            return verdict
        return (
            self._double_slash(question, moment)
            or self.encoded_slash(question, self._contact.keyless, moment)
            or self.elsewhere(question, self._contact.keyless, moment)
            or self._prefix_removed(question, moment)
            or self._prefix_kept(question, moment)
            or verdict
        )

    def _takes_get(self, question: Question, moment: ProbeContext) -> bool:
        """Does the gateway itself answer the same path where it is asked with GET?"""
        contact = self._contact
        if question.body is None:
            return False
        try:
            return not contact.ask(Question(question.path), contact.keyless, moment).is_page
        except Trouble:
            return False

    def nowhere(
        self, question: Question, answer: Answer, headers: Mapping[str, str], moment: ProbeContext
    ) -> Verdict | None:
        """Does a path that no gateway has get the same answer 404? Then it says nothing about the model."""
        contact = self._contact
        if answer.status != NOT_FOUND:
            return None
        asked = [question]
        if questions.wire_of(contact.plan).access_body is None:  # it may only be without a route to count tokens
            asked.append(questions.invocation(contact.plan, contact.models[0]))
        for one in asked:
            try:
                here = answer if one is question else contact.ask(one, headers, moment)
                there = contact.ask(replace(one, path=_NOWHERE + one.path), headers, moment)
            except Trouble:
                return None
            if not same(here, replace(there, body=there.body.replace(_NOWHERE, ""))):
                return None
        about = contact.about(moment)
        return explain("route", shown(answer, about), about)

    def _wants_any_key(self, question: Question, moment: ProbeContext) -> bool:
        """Does a front refuse only requests in which there is no key at all?"""
        try:
            answer = self._contact.ask(question, self._contact.line(Secret(NO_KEY)), moment)
        except Trouble:
            return False
        return not answer.is_page

    def _prefix_removed(self, question: Question, moment: ProbeContext) -> Verdict | None:
        """Is the path found when the base path is sent twice? Then a front takes it away once."""
        contact, base = self._contact, self._contact.place.base
        if not base or not (answer := self._found(question, contact.keyless, moment, base + base)):
            return None
        if self._found(question, contact.keyless, moment, base + _NOWHERE):
            return None  # it answers whatever the path
        about = contact.about(elsewhere=base + base + question.path, prefix=base)
        return explain("route-prefix-removed", shown(answer, about), about)

    def _prefix_kept(self, question: Question, moment: ProbeContext) -> Verdict | None:
        """Does only what is below the base path reach the gateway, which does not know that path?"""
        contact = self._contact
        place, here = contact.place, moment.value("redirect", Answer)
        if not place.base or here.is_page:
            return None
        try:
            outside = contact.ask(question, contact.keyless, moment, replace(place, base=""))
        except Trouble:
            return None
        if same(here, outside):
            return None
        about = contact.about(prefix=place.base)
        return explain("route-prefix-kept", shown(here, about), about)

    def elsewhere(self, question: Question, headers: Mapping[str, str], moment: ProbeContext) -> Verdict | None:
        """Is a path that is not found answered below another one that gateways have?"""
        contact = self._contact
        place, path, own = contact.place, urlsplit(contact.plan.profile.gateway_url).path.rstrip("/"), contact.kind
        host = f"{place.scheme}://{place.authority}"
        bases = {place.base.removeprefix(path): host} if path else {}
        if mode_of(contact.plan.profile).wire == "messages":
            paths = [kind.base_path for kind in ([own] if own else KINDS)]
            given = {base: f"{host} --base-path {base or _EMPTY}" for base in paths if base == base.lower()}
            bases = given | bases
        for base, address in bases.items():
            if base == place.base or not (answer := self._found(question, headers, moment, base)):
                continue
            if not contact.is_litellm and self._found(question, headers, moment, base + _NOWHERE):
                return None  # it answers whatever the path
            about = contact.about(elsewhere=base + question.path, address=address, whole=host + base)
            return explain("route-elsewhere", shown(answer, about), about)
        return None

    def _double_slash(self, question: Question, moment: ProbeContext) -> Verdict | None:
        """Does a front replace the base path, and not the slash behind it? Then the path without it is answered."""
        contact = self._contact
        joined = questions.joined(question)
        if not contact.place.base or not (answer := self._found(joined, contact.keyless, moment)):
            return None
        if self._found(replace(question, path=f"-cgw{question.path}"), contact.keyless, moment):
            return None  # it answers whatever the path
        about = contact.about(joined=contact.place.base + joined.path)
        return explain("route-double-slash", shown(answer, about), about)

    def encoded_slash(self, question: Question, headers: Mapping[str, str], moment: ProbeContext) -> Verdict | None:
        """Is a path that is not found because of a slash in the model's name answered without it?"""
        plain = replace(question, path=question.path.replace("%2F", "-"))
        if plain == question or not (answer := self._found(plain, headers, moment)):
            return None
        about = self._contact.about(model=next((name for name in self._contact.models if "/" in name), ""))
        return explain("route-encoded-slash", shown(answer, about), about)

    def _found(
        self, question: Question, headers: Mapping[str, str], moment: ProbeContext, base: str | None = None
    ) -> Answer | None:
        """The answer below a path (by default the profile's), unless it is not found."""
        place = None if base is None else replace(self._contact.place, base=base)
        try:
            answer = self._contact.ask(question, headers, moment, place)
        except Trouble:
            return None
        return None if answer.status in _NOT_THERE else answer


def redirecting(about: About, answer: Answer, question: Question, place: Place) -> About:
    """With where an answer redirects to. That is foreign text: it may echo the key, or be no word for a shell."""
    asked = f"{place.scheme}://{place.authority}{place.base}{question.path}"
    try:
        whole = urljoin(asked, answer.header("location"))
    except ValueError:
        whole = answer.header("location")
    location = cleaned(whole, about)
    target = location.partition("?")[0]
    root = without_version(target.removesuffix(question.path))
    if target.rstrip("/") == asked.rstrip("/"):
        other = {"as:redirect": "redirect-loop" if target == asked else "redirect-slash"}
    else:
        other = {} if target.endswith(question.path) else {"as:redirect": "redirect-away"}
    return about.plus(location=location, redirected=shlex.quote(root), **other)
