"""Which way a request of the client takes: over which proxy, direct and why, or into a socket.

The one place that reads proxy variables and NO_PROXY; ``facts.proxies`` says what each release does. Pure.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.url import parse_url, utf8
from claude_gw_cli.facts.proxies import READERS, SOCKET
from claude_gw_cli.facts.transport import ALL_PROXY, PROXIES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BARE_PERCENT = lazy("%(?![0-9A-Fa-f]{2})", needs=("%",))
_WITH_PORT = lazy(r"(.+):([0-9]+)", needs=(":",))
_BUN_PORT = lazy(r"(\[.*\]|[^:]*):([0-9]+)", needs=(":",))
_RANGE, _ADDRESS = lazy("[0-9a-f.:]+(/[0-9]+)?"), lazy("[0-9a-f.:]+")


@dataclass(frozen=True, slots=True)
class Way:
    """How a request leaves this machine."""

    kind: Literal["direct", "proxy", "socket"]
    variable: str = ""
    """The variable that decides: the proxy's, NO_PROXY in the case it is written, or the socket's; ``""`` without."""
    proxy: str = field(default="", repr=False)
    """The proxy as the variable has it: may hold a password and lack a scheme."""
    entry: str = ""
    """The entry of NO_PROXY that exempts the host."""
    ignored: str = ""
    """The NO_PROXY variable that was read and exempts something else, or a proxy's variable of no use here."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What NO_PROXY is compared with, as a URL parser leaves it."""

    host: str
    """Lower case, an IPv6 address without brackets."""
    port: int
    default: bool
    """Whether it is the scheme's own port, which the URL then does not show."""

    @property
    def is_address(self) -> bool:
        return ":" in self.host or self.host.replace(".", "").isdigit()

    @property
    def written(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def choose_way(url: str, variables: Mapping[str, str], version: str, *, through_socket: bool = True) -> Way:
    """The way of one request.

    Args:
        url: where the request goes, http or https.
        variables: the client's variables as it sees them (settings over process), name -> text.
        version: the client's release.
        through_socket: whether ANTHROPIC_UNIX_SOCKET counts: it does in the environment of the process.
    """
    if through_socket and variables.get(SOCKET) and holds("unix-socket", version):
        return Way("socket", SOCKET, variables[SOCKET])
    names = PROXIES + (ALL_PROXY if holds("all-proxy", version) else ())
    name = next((name for name in names if variables.get(name)), None)
    if name is None:
        return Way("direct")
    if name in ALL_PROXY and not is_http(variables[name]):
        return Way("direct", name, ignored=name)
    target = _target(url)
    reader = next((reader for reader in READERS if version in reader.span), None)
    exempting = next((name for name in reader.order if variables.get(name)), "") if reader else ""
    if reader and reader.checks_kind_first and not is_http(variables[name]):
        exempting = ""
    if reader and exempting and target:
        entry = _MATCHERS[reader.id](variables[exempting], target)
        if entry:
            return Way("direct", exempting, entry=entry)
        hidden = next((other for other in reader.order if other != exempting and variables.get(other)), "")
        if hidden and reader.client_reads_both and not _has_own(url, variables):
            # The runtime then has no proxy for this scheme to fall back on.
            entry = _MATCHERS[reader.id](variables[hidden], target)
            if entry:
                return Way("direct", hidden, entry=entry)
    return Way("proxy", name, variables[name], ignored=exempting)


def is_http(proxy: str) -> bool:
    """Whether a text names a proxy of a kind that the client can use: http, https, or without a scheme."""
    scheme, colon, _ = proxy.strip().partition("://")
    return not colon or scheme.lower() in {"http", "https"}


def basic(authority: str) -> str:
    """What the client sends for the user name and password before a URL's host; empty where it sends nothing."""
    return "" if has_bare_percent(authority) else encoded(authority)


def encoded(authority: str) -> str:
    """The Basic value (RFC 7617) for the user name and password before a URL's host."""
    from base64 import b64encode
    from urllib.parse import unquote_to_bytes

    user, _, password = utf8(authority.rpartition("@")[0]).partition(b":")
    return b64encode(unquote_to_bytes(user) + b":" + unquote_to_bytes(password)).decode()


def has_bare_percent(url: str) -> bool:
    """Whether the user name or password has a percent sign that two hexadecimal digits do not follow.

    The client then sends no credential at all (measured: 2.1.227, 2.1.281 and 2.1.332; curl sends the sign).
    """
    return _BARE_PERCENT.search(url.rpartition("@")[0]) is not None


def _has_own(url: str, variables: Mapping[str, str]) -> bool:
    """Whether a variable names a proxy for the scheme of this URL."""
    scheme = url.partition(":")[0].lower()
    return any(variables.get(name) for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper(), *ALL_PROXY))


def reason(way: Way, url: str) -> str:
    """Why a request takes this way, as one sentence without a full stop."""
    target = _target(url)
    host = target.host if target else "the host"
    if way.kind == "socket":
        return f"{way.variable} names a socket"
    if way.kind == "proxy":
        return f"{way.variable} is set" + (f", and {way.ignored} does not exempt {host}" if way.ignored else "")
    if not way.variable:
        return "no proxy is set"
    if way.ignored == way.variable:
        return f"{way.variable} is ignored, because it does not name an http or https proxy"
    return f"{way.variable} exempts {host} with the entry {way.entry}"


def _target(url: str) -> _Target | None:
    parts = parse_url(url)
    if parts is None:
        return None
    host = parts.host.strip("[]").removesuffix(".")
    return _Target(host, parts.port or (443 if parts.scheme == "https" else 80), parts.port is None)


def _undici(text: str, target: _Target) -> str:
    """Node's: exact names, or ends behind a dot or a star; a port counts as a number."""
    for entry in text.replace(",", " ").split():
        found = _WITH_PORT.fullmatch(entry)
        name, port = (found[1].lower(), natural(found[2])) if found else (entry.lower(), 0)
        if port and port != target.port:
            continue
        same = target.written.endswith(name.removeprefix("*")) if name[0] in ".*" else target.written == name
        if same:
            return entry
    return ""


def _bun(text: str, target: _Target) -> str:
    """Bun's: commas divide; a name covers what is below it; a port must be the one that the URL shows."""
    shown = target.written if target.default else f"{target.written}:{target.port}"
    for entry in text.split(","):
        name = entry.strip().lower()
        if name == "*":
            return "*"
        name = name.removeprefix(".")
        with_port = "]:" in name if name.startswith("[") else name.count(":") == 1
        if name and (name == shown if with_port else f".{target.written}".endswith(f".{name}")):
            return entry.strip()
    return ""


def _bun_ranges(text: str, target: _Target) -> str:
    """Bun's since then: whitespace divides too, a star may precede a dot, any port counts, and ranges do."""
    for entry in text.replace(",", " ").split():
        if entry == "*" or _in_range(target.host, entry.lower()):
            return entry
        found = _BUN_PORT.fullmatch(entry)
        name = (found[1] if found else entry).lower().strip("[]").removesuffix(".")
        if found and natural(found[2]) != target.port:
            continue
        if name and name == target.host:
            return entry
        name = name.removeprefix("*" if name.startswith("*.") else "").removeprefix(".")
        if name and not target.is_address and f".{target.host}".endswith(f".{name}"):
            return entry
    return ""


def _in_range(host: str, entry: str) -> bool:
    """Whether an IP address is an entry or in its range (10.0.0.0/8, [fd00::]/8)."""
    entry = entry.replace("[", "").replace("]", "")
    if not _RANGE.fullmatch(entry) or not _ADDRESS.fullmatch(host):
        return False
    from ipaddress import ip_address, ip_network

    try:
        network = ip_network(entry, strict=False)
        return ip_address(host if network.version == 4 or ":" in host else f"::ffff:{host}") in network
    except ValueError:
        return False


_MATCHERS: dict[str, Callable[[str, _Target], str]] = {"undici": _undici, "bun": _bun, "bun-ranges": _bun_ranges}
