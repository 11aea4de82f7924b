"""What stops a client although it has a credential: the administrator's conditions, and an invalid proxy.

Managed settings may demand a login of Anthropic's own, a range of releases, and a choice of providers; a base URL
that is not the cloud's own counts there as a separate provider, ``customEndpoint``. All measured, 2.1.330.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.layers import WHITESPACE, Effective, Value, truthy
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.providers import Route, base_text, credential_text
from claude_gw_cli.core.predict.url import parse_url
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.headers import CUSTOM_ENDPOINT, FORCING
from claude_gw_cli.facts.providers import is_own_host
from claude_gw_cli.facts.transport import PROXIES
from claude_gw_cli.facts.unheard import SCRUB_VARIABLE
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER = r"(?:0|[1-9]\d*)"
_VERSION = lazy(rf"v?({_NUMBER})\.({_NUMBER})\.({_NUMBER})(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z.-]+)?")
_SCHEME = lazy(r"[A-Za-z][A-Za-z0-9+.-]*")
_HOST_AND_PORT = lazy(r"[^/@?#]+:(\d+)/?")
_NO_HOST = lazy(r"(?i:(?!(https?|ftp|wss?):))[^:]*:(?!//[^/?#])")


@dataclass(frozen=True, slots=True)
class Managed:
    """The administrator's conditions, of all managed documents together."""

    forced: str | None = None
    """The key that demands a login of Anthropic's own."""
    low: str | None = None
    high: str | None = None
    allowed: tuple[str, ...] | None = None
    """``allowedProviders`` of all documents together; what is not a list counts as an empty one."""
    pinned: frozenset[str] = frozenset()
    """Variables that managed settings set."""


def conditions(snapshot: Snapshot) -> Managed:
    """Read from the managed documents that count: lists add up, of two versions the later counts."""
    forced = low = high = allowed = None
    pinned: set[str] = set()
    for file in snapshot.files:
        if file.scope != "managed" or file.status != "loaded":
            continue
        data = file.data
        env = data.get("env")
        pinned |= set(env) if isinstance(env, dict) else set()
        present = {*data, *(fault.pointer[0] for fault in file.faults)}
        method = data.get("forceLoginMethod")
        if forced is None and isinstance(method, str) and method in FORCING:
            forced = "forceLoginMethod"
        if "forceLoginOrgUUID" in present:  # with a value that names no organization, too
            forced = "forceLoginOrgUUID"
        low = _text(data, "requiredMinimumVersion", low)
        high = _text(data, "requiredMaximumVersion", high)
        if "allowedProviders" in present:
            listed = data.get("allowedProviders")
            names = tuple(str(item) for item in listed) if isinstance(listed, list) else ()
            allowed = tuple(dict.fromkeys((*(allowed or ()), *names)))
    return Managed(forced, low, high, allowed, frozenset(pinned))


def gate(snapshot: Snapshot, layers: Effective, route: Route, *, helper: bool) -> str:
    """Why this client does not start, in its words' sense; ``""`` when nothing stops it."""
    version, asked = snapshot.client_version, conditions(snapshot)
    proxy = invalid_proxy(layers, version)
    if proxy:
        return f"Invalid proxy URL in {proxy}: it cannot be parsed as a URL."
    if not snapshot.bubblewrap and holds("scrub-needs-bubblewrap", version) and _is_on(layers.early(SCRUB_VARIABLE)):
        return "Claude Code could not start: bubblewrap is required for subprocess env scrubbing and isolation."
    if holds("required-version", version):
        found = f"Claude Code {version} is"
        if asked.low and is_older(version, asked.low):
            return f"{found} older than the minimum version required by your organization ({asked.low})."
        if asked.high and is_older(asked.high, version):
            return f"{found} newer than the maximum version allowed by your organization ({asked.high})."
    if holds("allowed-providers", version) and not is_allowed(asked, layers, route):
        named = ", ".join(asked.allowed or ()) or "no API provider at all"
        return f"Your organization's managed settings allow Claude Code to use: {named}."
    if is_forced(asked, layers, version, helper=helper):
        return f"This machine's managed settings require a first-party login ({asked.forced})."
    return ""


def is_forced(asked: Managed, layers: Effective, version: str, *, helper: bool) -> bool:
    """Whether a demanded login stops this start: with a token, a key or a helper it does, behind any provider."""
    own = helper or any(credential_text(name, layers, version) for name in ("token", "key"))
    return bool(asked.forced and own) and holds("forced-login", version)


def is_custom(layers: Effective, route: Route) -> bool:
    """Whether the base URL is not one of the provider's own: a gateway."""
    base = base_text(route.provider, layers)
    url = parse_url(base)
    return bool(base) and not is_own_host(route.provider.name, url.host if url else "")


def is_allowed(asked: Managed, layers: Effective, route: Route) -> bool:
    """Whether ``allowedProviders`` lets this start through: a gateway only where managed settings pin its address."""
    if asked.allowed is None:
        return True
    if is_custom(layers, route):
        return CUSTOM_ENDPOINT in asked.allowed and route.provider.base in asked.pinned
    return route.provider.allowed in asked.allowed


def invalid_proxy(layers: Effective, version: str) -> str | None:
    """The proxy variable that counts, if its text is not a URL; project settings come too late for it (measured)."""
    for name in PROXIES:
        found = layers.early(name)
        if found and found.text:
            return None if is_proxy(name, found.text, version) else name
    return None


def _is_on(found: Value | None) -> bool:
    return found is not None and truthy(found.text)


def is_proxy(name: str, text: str, version: str) -> bool:
    """Whether the client accepts a variable's text as a proxy's address.

    HOST:PORT without a scheme is one in some releases, and there only in HTTPS_PROXY and https_proxy.
    """
    bare = _HOST_AND_PORT.fullmatch(text.strip(WHITESPACE))
    if bare and name.lower() == "https_proxy" and holds("proxy-host-and-port", version):
        return (natural(bare[1]) or 0) <= 65_535
    return is_url(text) and not (_NO_HOST.match(text.strip(WHITESPACE)) and holds("proxy-wants-host", version))


def is_url(text: str) -> bool:
    """Whether JavaScript's ``new URL`` takes it: a host is wanted only behind http and https."""
    scheme, colon, _ = text.strip(WHITESPACE).partition(":")
    if not colon or not _SCHEME.fullmatch(scheme):
        return False
    return scheme.lower() not in ("http", "https") or parse_url(text) is not None


def is_older(version: str, other: str) -> bool:
    """Whether a version comes before another one; a pre-release comes before its release."""
    return _order(version) < _order(other)


def _order(text: str) -> tuple[int, int, int, bool, str]:
    found = _VERSION.fullmatch(text.strip(WHITESPACE))
    if found is None:
        raise ValueError("not a version")
    major, minor, patch = (natural(part) or 0 for part in found.groups()[:3])
    return major, minor, patch, found[4] is None, found[4] or ""


def _text(data: Mapping[str, object], key: str, before: str | None) -> str | None:
    """A document's version; ``None`` for a text that is none, which takes the place of what was ``before``, too."""
    value = data.get(key)
    if not isinstance(value, str):
        return before
    return value if _VERSION.fullmatch(value.strip(WHITESPACE)) else None
