"""What the client's request has beside the key: is the key still accepted with all of its headers and its query?"""

from __future__ import annotations

from claude_gw_cli.core.diagnosis import Answer, Verdict, explain, shown
from claude_gw_cli.core.fronts import answering, who
from claude_gw_cli.facts.bodies import BESIDE
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world.probe.inquiry import shape
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.world.probe.inquiry import Inquiry

_CLIENT_HEAD = 1_500
"""Bytes of the client's other headers, which `cgw doctor` does not send (2.1.330: 1.3 kB)."""
_HEADERS = 7
"""Headers of a question of the doctor, beside those that carry the key; with `BESIDE` as many as the client's."""
_TOO_MANY = frozenset({429, 503})
_BODIES = frozenset({"cut-short", "encoding-wrong"})
"""Troubles of an answer's body, after the request was taken."""


def as_the_client_sends(inquiry: Inquiry, outcome: Answer, asked: Answer | Trouble) -> Verdict | None:
    """``None`` if the key is still accepted in a request with the client's query and all of its headers.

    Args:
        inquiry: about the first request.
        outcome: of that.
        asked: the outcome of the request as the client sends it.
    """
    about = inquiry.about.plus(front=_who(inquiry.seen), query=inquiry.query)
    if isinstance(asked, Answer) and asked.status in _TOO_MANY:
        asked = inquiry.attempt({**inquiry.headers, **dict(BESIDE)}, inquiry.query)
    if isinstance(asked, Answer) and shape(asked) == shape(outcome):
        said = asked.body.lower()
        named = (name for name, _ in BESIDE if name in said and name not in outcome.body.lower())
        name = next(named, "") if asked.status >= 400 else ""
        return explain("header-blocked", shown(asked, about), about.plus(name=name)) if name else None
    if asked.is_late if isinstance(asked, Trouble) else asked.status in _TOO_MANY:
        return None  # the time, or a limit for requests in a moment, leaves it open
    if isinstance(asked, Trouble) and asked.situation in _BODIES:
        return explain(asked.situation, asked.detail, about)
    if found := inquiry.too_large(asked, _CLIENT_HEAD):
        return found
    evidence = asked.detail if isinstance(asked, Trouble) else shown(asked, about)
    situation, words = _what_is_refused(inquiry, outcome)
    return explain(situation, evidence, about.plus(**words)) if situation else None


def _what_is_refused(inquiry: Inquiry, outcome: Answer) -> tuple[str, dict[str, str]]:
    """The situation (empty: none), and its words: the query, how many headers, one of them, their length."""

    def passes(headers: Mapping[str, str], query: str = "") -> bool:
        return shape(inquiry.attempt({**inquiry.headers, **headers}, query)) == shape(outcome)

    if inquiry.query and not passes({}, inquiry.query):
        return "query-refused", {}
    names = list(dict(BESIDE))
    if not passes({f"x-cgw-{at}": "x" for at in range(len(names))}):
        low, high = 0, len(names)  # so many more headers pass; so many do not
        while high - low > 1:
            middle = (low + high) // 2
            fits = passes({f"x-cgw-{at}": "x" for at in range(middle)})
            low, high = (middle, high) if fits else (low, middle)
        own = _HEADERS + len(inquiry.headers)
        return "head-count", {"count": str(own + low), "sent": str(own + len(names))}
    for name, value in BESIDE:
        if not passes({name: value}):
            too_long = not passes({"x-cgw-padding": "p" * len(value)})  # whatever is in it
            return "header-too-long" if too_long else "header-blocked", {"name": name, "size": str(len(value))}
    if not passes({"x-cgw-padding": "p" * _CLIENT_HEAD}):
        return "head-total", {"bytes": str(_CLIENT_HEAD)}
    return "", {}


def _who(seen: list[Answer]) -> str:
    """What refuses a request that differs in one thing: the programs that are seen, or one of two."""
    fronts = answering(seen)
    return who(fronts) if fronts else "The gateway, or something before it,"
