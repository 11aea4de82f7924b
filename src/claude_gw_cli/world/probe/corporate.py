"""Whose answer is it, where the requests go over a corporate proxy: the proxy's or the gateway's?

Two further questions without a key tell: the proxy is asked for a host that does not exist, which only the proxy
itself can answer, and the gateway is asked past the proxy.
"""

from __future__ import annotations

import re
import time
from functools import partial

from claude_gw_cli.core.diagnosis import Answer, Verdict, explain, same, shown
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.probe.exchange import ask, at_once
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from claude_gw_cli.core.questions import Question
    from claude_gw_cli.world.probe.connection import Place
    from claude_gw_cli.world.probe.contact import Contact

SECONDS = 1.2
"""For the further questions; a proxy beside this machine answers for itself in some milliseconds."""
_NOWHERE = "cgw-doctor.invalid"
"""A name that never exists (RFC 2606)."""
_OF_THE_PROXY = frozenset({"proxy-refused", "proxy-cannot", "proxy-silent", "proxy-dead"})
"""Situations that are the proxy's for certain."""
_REACHED = frozenset({"cut-short", "encoding-wrong", "hung-up", "not-http", "silent", "unfinished"})
"""Troubles of a connection that was made."""
_DOUBTFUL = frozenset({
    "body-blocked", "cut-short", "encoding-wrong", "fails-everywhere",
    "front", "front-limited", "gateway-down", "gateway-error", "hung-up",
    "hung-up-here", "key-forbidden", "method-refused", "not-an-api", "not-http", "page-instead-of-refusal",
    "rate-limited", "redirect-away", "refused-everywhere", "refused-otherwise", "sign-in", "silent", "silent-here",
    "misdirected", "unfinished", "web-site",
})  # fmt: skip
"""Situations in which the answer, or that there is none, may be the proxy's own."""


def by_proxy(contact: Contact, verdict: Verdict) -> Verdict:
    """A failure as it is once it is known who answers; unchanged where that is the gateway."""
    place, situation = contact.place, verdict.situation
    if place.proxy is None or situation not in _DOUBTFUL | _OF_THE_PROXY:
        return verdict
    question, end = contact.key_question(), time.monotonic() + SECONDS
    direct = replace(place, proxy=None)
    if situation in _OF_THE_PROXY:
        outcome = _asked(contact, question, direct, end)
        return _bypassed(verdict, outcome)
    if place.scheme != "http":
        return verdict  # what is inside the tunnel is the gateway's
    nowhere = replace(place, host=_NOWHERE, port=80)
    is_late = situation.startswith("silent") or situation == "unfinished"
    # Where the gateway does not answer, it is not asked once more: the time for that is over.
    places = [direct, nowhere, *([] if is_late else [place])]
    past, own, *again = at_once([partial(_question, contact, question, it, end) for it in places])
    over: Answer | Trouble = again[0] if again else Trouble("silent", "")
    reached = isinstance(past, Answer) or past.situation in _REACHED
    if reached and (_alike(past, over) or isinstance(past, Trouble)):
        return verdict
    detail = "" if isinstance(over, Trouble) else shown(over, contact.about())
    about = contact.about(said=verdict.cause, does=_does(over))
    if isinstance(past, Answer):
        evidence = f"{detail or verdict.evidence}; asked past the proxy: {shown(past, about)}"
        return explain("proxy-in-between", evidence, about)
    if _alike(own, over, place, nowhere) or _is_marked(over):
        return explain("proxy-for-itself", detail or verdict.evidence, about)
    if contact.kind is not None and not isinstance(over, Trouble):
        return verdict  # the gateway was heard through this proxy, and the proxy answers otherwise
    unsure = explain("proxy-unsure", verdict.evidence, about)
    return replace(unsure, help=f"{verdict.help}\n{unsure.help}")


def _bypassed(verdict: Verdict, past: Answer | Trouble) -> Verdict:
    if not isinstance(past, Answer):
        return verdict
    seen = f"{verdict.evidence}; past the proxy the gateway answers (HTTP {past.status})"
    return replace(verdict, evidence=seen)


def _question(contact: Contact, question: Question, place: Place, end: float) -> Answer:
    return ask(place, question, {"anthropic-version": "2023-06-01", **contact.names, **contact.any_key}, end)


def _asked(contact: Contact, question: Question, place: Place, end: float) -> Answer | Trouble:
    return at_once([partial(_question, contact, question, place, end)])[0]


def _alike(one: Answer | Trouble, other: Answer | Trouble, *places: Place) -> bool:
    """Whether two outcomes are the same, but for the addresses that were asked for."""
    if isinstance(one, Trouble) or isinstance(other, Trouble):
        return isinstance(one, Trouble) and isinstance(other, Trouble) and one.is_late == other.is_late
    hosts = [re.escape(name) for place in places for name in (place.authority, place.host)]
    pattern = re.compile("|".join(hosts) or r"(?!)", re.IGNORECASE)
    return same(*(replace(answer, body=pattern.sub("", answer.body)) for answer in (one, other)))


def _is_marked(outcome: Answer | Trouble) -> bool:
    """Whether an answer has a header that no proxy passes on: it comes from the nearest one."""
    return isinstance(outcome, Answer) and any(
        name.startswith("proxy-") and name != "proxy-status" for name, _ in outcome.headers
    )


def _does(outcome: Answer | Trouble) -> str:
    if isinstance(outcome, Answer):
        return f"answers {outcome.status}"
    return "does not answer" if outcome.is_late else "closes the connection"
