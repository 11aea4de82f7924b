"""Answers -> what is between this machine and the gateway, and what it did. Pure. The programs: `facts.fronts`.

The answers come from requests that differ in one thing each (see ``world.probe.inquiry``). What they show is said as
certain, what only the table suggests as a possibility.
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.fronts import FRONTS, SIGN_INS, Front, drops, find_by_page, find_fronts, kept_by, named
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claude_gw_cli.core.diagnosis import Answer

PASSES = "x-litellm-api-key"
"""LiteLLM reads it without set-up, and no front was seen to remove it."""
_SIGN_IN = lazy(r"log-?in|sign-?in|/sso|saml|oauth|openid|authorize|/auth\b")
_ASKS = lazy(r"type=.?password|<title>[^<]*(?:sign|log)[ -]?in\b|single sign-on|saml(?:request|response)")
SIGN_IN = ("basic", "digest", "negotiate", "ntlm")
"""Schemes of WWW-Authenticate by which a front asks for a person's own credential. Gateways use others."""


def challenge(answer: Answer) -> str:
    """The scheme by which an answer asks for a user name and password, such as ``Basic``; empty if it does not."""
    if answer.status != 401:
        return ""
    schemes = [value.split(" ")[0] for name, value in answer.headers if name == "www-authenticate"]
    return next((scheme for scheme in schemes if scheme.lower() in SIGN_IN), "")


def sign_in(answer: Answer) -> str:
    """What asks for a sign-in in a browser in place of an answer, in brackets; empty if that does not show."""
    place = answer.header("location").partition("?")[0].lower()
    if not answer.is_page and not place:
        return ""
    seen = f"{place} {answer.body[:4096].lower()} {' '.join(name for name, _ in answer.headers)}"
    named = next((title for mark, title in SIGN_INS if mark in seen), "")
    named = named or ("a sign-in page" if _SIGN_IN.search(place) or _ASKS.search(seen) else "")
    return f" ({named})" if named else ""


def refuses_for_itself(answer: Answer) -> bool:
    """Whether a forward proxy does not accept its own password, and says so with 401 (tinyproxy 1.11.1)."""
    return bool(challenge(answer)) and "tinyproxy" in answer.header("www-authenticate").lower()


def fronts_in(answers: Iterable[Answer]) -> tuple[Front, ...]:
    """The programs that any of the answers names."""
    found = {front.name: front for answer in answers for front in find_fronts(answer.headers, answer.body)}
    return tuple(found.values())


def answering(answers: Iterable[Answer]) -> tuple[Front, ...]:
    """The programs whose own error pages are among the answers, or else those that any of the answers names."""
    heard = tuple(answers)
    pages = {front.name: front for answer in heard if answer.is_page for front in find_by_page(answer.body)}
    return tuple(pages.values()) or fronts_in(heard)


def possible(header: str, but: tuple[Front, ...] = ()) -> str:
    """The programs that are known to remove a request header, as words: ``Caddy, Traefik and Squid``."""
    removing = (front.title for front in FRONTS if drops(front, header, signs_in=True) and front not in but)
    titles = list(dict.fromkeys(removing))
    if len(titles) < 2:
        return "".join(titles)
    return f"{', '.join(titles[:-1])} and {titles[-1]}"


def dropped(name: str, header: str) -> tuple[str, str] | None:
    """That a front of this name removes a request header, and what to do; ``None`` if it passes it on."""
    front = named(name)
    if not drops(front, header):
        return None
    how = kept_by(front, header)
    keeps = f"; or let {front.title} pass it on: {how}" if how else ""
    return f"{front.title} removes the header {header} by default", f'set key_header = "{PASSES}"{keeps}'


def who(fronts: tuple[Front, ...]) -> str:
    """The programs on the way as the subject of a sentence."""
    titles = " or ".join(front.title for front in fronts)
    return f"{titles}, before the gateway," if titles else "Something before the gateway"


def removal(header: str, fronts: tuple[Front, ...], *, read: bool) -> tuple[str, str]:
    """Why a gateway does not see a header that was sent: a cause without its end, and how to keep the header.

    Args:
        header: in lower case.
        fronts: those that the answers name.
        read: the gateway is known to read this header.
    """
    named = tuple(front for front in fronts if drops(front, header))
    passing = tuple(front for front in fronts if front not in named)
    listed = possible(header, passing)
    others = f", as {listed} do" if " and " in listed else ""  # a single one that no answer names is a guess
    titles = " and ".join(front.title for front in passing)
    passed = (
        f"; {titles}, named in its answers, {'pass' if ' and ' in titles else 'passes'} it on by default"
        if titles
        else ""
    )
    if named:
        kept = [(it.title, kept_by(it, header)) for it in named]
        help_ = "\n".join(f"or let {title} pass {header} on: {how}" for title, how in kept if how)
        cause = f"{who(named)} removes the header {header}"
        return (cause if read else f"{cause}, as is the default"), help_
    if read:
        return f"Something before the gateway removes or replaces the header {header}{others}{passed}", ""
    cause = f"The gateway does not read its key from {header}, or something before it removes the header {header}"
    return f"{cause}{others}{passed}", ""
