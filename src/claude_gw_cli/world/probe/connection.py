"""From a URL to a socket that can be spoken on: name, TCP, corporate proxy, TLS. Each step has its own trouble."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

from claude_gw_cli.core.proxies import Way, basic, choose_way, has_bare_percent
from claude_gw_cli.facts.versions import NEWEST, holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world.probe.http1 import ClosedError, Exchange, NotHttpError
from claude_gw_cli.world.probe.relay import relayed
from claude_gw_cli.world.probe.tls import Trust, certificate_words, tls_trouble
from claude_gw_cli.world.probe.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DOWN = frozenset({500, 502, 503, 504})
_THIS_MACHINE = ("127.0.0.1", "::1")
_AFTERTHOUGHT = 0.25
"""Seconds; more than a round trip to most places."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A corporate proxy. ``credential`` is its Basic value, empty if it needs none; ``tls``: it is itself https."""

    host: str
    port: int
    credential: str = ""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gateway is and how this machine gets there."""

    scheme: str
    host: str
    port: int
    base: str
    """Path of the URL, without a slash at its end."""
    trust: Trust
    proxy: Hop | None = None
    way: Way = Way("direct")
    is_local: bool = False
    """The client takes its name for this machine."""

    @property
    def hop(self) -> tuple[str, int]:
        """What the first TCP connection goes to."""
        return (self.proxy.host, self.proxy.port) if self.proxy else (self.host, self.port)

    def asks_for_password(self, headers: Iterable[tuple[str, str]]) -> str:
        """The situation that an answer 407 with these headers shows here."""
        if self.proxy is None:
            return "front-407"
        schemes = {value.partition(" ")[0].lower() for name, value in headers if name == "proxy-authenticate"}
        if schemes and "basic" not in schemes:
            return "proxy-scheme"
        return "proxy-password" if self.proxy.credential else "proxy-auth"

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"


def find_place(url: str, env: Mapping[str, str], version: str = NEWEST) -> Place:
    """The place of a URL under an environment, with the proxy that a client of this version takes.

    Raises:
        Trouble: the proxy variable cannot be used.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _default_port(parts.scheme)
    # A socket leads to where only the client's own environment knows: the probes ask the gateway itself.
    way = choose_way(url, env, version, through_socket=False)
    is_local = holds("localhost-is-this-machine", version) and f".{host.rstrip('.')}".endswith(".localhost")
    return Place(parts.scheme, host, port, parts.path.rstrip("/"), Trust(env), _hop(way), way, is_local)


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _hop(way: Way) -> Hop | None:
    name, text = way.variable, way.proxy
    if way.kind != "proxy":
        return None
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        proxy_host, proxy_port = parts.hostname, parts.port
    except ValueError:
        raise Trouble("proxy-invalid", f"{name} is not a URL") from None
    if parts.scheme not in {"http", "https"} or not proxy_host:
        raise Trouble("proxy-invalid", f"{name} is not the http:// URL of a proxy (scheme {parts.scheme})")
    credential = basic(parts.netloc) if parts.username or parts.password else ""
    return Hop(proxy_host, proxy_port or _default_port(parts.scheme), credential, parts.scheme == "https")


def remaining(deadline: float) -> float:
    """Seconds until a deadline on the monotonic clock, never less than a hundredth."""
    return max(deadline - time.monotonic(), 0.01)


def look_up(host: str, port: int, *, is_local: bool = False) -> list[str]:
    """The addresses of a name. The system's resolver knows no deadline: the caller must.

    ``is_local``: it is a name of this machine, which the resolver may not know, or not with both addresses.

    Raises:
        Trouble: there are none.
    """
    if is_local:
        return list(_THIS_MACHINE)
    try:
        # The bytes of a name in ASCII need no table of the world's letters (`encodings.idna`).
        found = socket.getaddrinfo(host.encode() if host.isascii() else host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Trouble("dns", f"{host}: {getattr(error, 'strerror', None) or 'not a valid name'}") from None
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def connect(host: str, port: int, deadline: float, *, is_local: bool = False) -> socket.socket:
    """A TCP connection to the first address that takes one.

    Raises:
        Trouble: none does.
    """
    addresses = look_up(host, port, is_local=is_local)
    last = Trouble("no-connection", "")
    for count, address in enumerate(addresses):
        try:
            return _opened(address, port, remaining(deadline) / (len(addresses) - count))
        except TimeoutError:
            last = Trouble("no-connection", f"{address} port {port}: no answer")
        except ConnectionRefusedError:
            last = Trouble("refused", f"{address} port {port}: connection refused")
        except OSError as error:
            last = Trouble("unreachable", f"{address} port {port}: {error.strerror or type(error).__name__}")
    raise last


def _opened(address: str, port: int, seconds: float) -> socket.socket:
    channel = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        channel.settimeout(seconds)
        channel.connect((address, port))
    except BaseException:
        channel.close()
        raise
    return channel


def open_channel(place: Place, deadline: float, *, checks: bool | None = None) -> socket.socket:
    """A connection that the gateway's HTTP can be spoken on.

    ``checks``: whether the gateway's certificate must be valid; by default, where the client wants that.

    Raises:
        Trouble: what prevents it.
    """
    channel = _first_hop(place, deadline)
    try:
        if place.scheme != "https":
            return channel
        if place.proxy:
            _tunnel(channel, place, deadline)
        checks = not place.trust.accepts_any if checks is None else checks
        return place.trust.secured(channel, place.host, remaining(deadline), checks=checks)
    except BaseException:
        channel.close()
        raise


def check_proxy(place: Place, deadline: float) -> None:
    """Ask the corporate proxy to open a way to the gateway; for plain http it is only reached.

    Raises:
        Trouble: it does not.
    """
    with _first_hop(place, deadline) as channel:
        if place.scheme == "https":
            _tunnel(channel, place, deadline)


def _first_hop(place: Place, deadline: float) -> socket.socket:
    """The connection to the proxy or, without one, to the gateway."""
    channel = connect(*place.hop, deadline, is_local=place.is_local and not place.proxy)
    if place.proxy is None or not place.proxy.tls:
        return channel
    try:
        checks = not place.trust.accepts_any
        outer = place.trust.secured(channel, place.proxy.host, remaining(deadline), checks=checks)
        return relayed(outer, remaining(deadline))
    except Trouble as trouble:
        channel.close()
        raise Trouble("proxy-tls", trouble.detail) from None


def check_tls(place: Place, deadline: float) -> None:
    """Shake hands, with a valid certificate, and hear whether the server takes it back.

    In TLS 1.3 a server refuses a missing client certificate only after the handshake, and the refusal is lost when
    a request crosses it.

    Raises:
        Trouble: what prevents it.
    """
    with open_channel(place, deadline, checks=True) as channel:
        channel.settimeout(min(_AFTERTHOUGHT, remaining(deadline)))
        try:
            channel.recv(1)
        except TimeoutError:
            pass  # silence is consent: the server waits for a request
        except OSError as error:
            raise tls_trouble(error) from None


def certificate(place: Place, deadline: float) -> dict[str, str]:
    """What the gateway's certificate says, valid or not (as ``tls.certificate_words``)."""
    try:
        with open_channel(place, deadline, checks=False) as channel:
            return certificate_words(channel)
    except (Trouble, OSError):
        return {}


def _tunnel(channel: socket.socket, place: Place, deadline: float) -> None:
    channel.settimeout(remaining(deadline))
    target = f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"
    lines = [("Host", target)]
    if place.proxy and place.proxy.credential:
        lines.append(("Proxy-Authorization", f"Basic {place.proxy.credential}"))
    try:
        answer = Exchange(channel, deadline)
        answer.send("CONNECT", target, lines)
        answer.read_head()
    except TimeoutError:
        raise Trouble("proxy-silent", f"CONNECT {target}: no answer") from None
    except (OSError, NotHttpError) as error:
        is_closed = isinstance(error, ClosedError | ConnectionError)
        said = "the connection was closed without an answer" if is_closed else "the answer is not one of HTTP"
        raise Trouble("proxy-refused" if is_closed else "proxy-not-http", f"CONNECT {target}: {said}") from None
    if answer.status in {401, 407}:  # 401: tinyproxy 1.11.1, where it does not accept a password
        unread = "; a bare % in its user name or password: write %25" if has_bare_percent(place.way.proxy) else ""
        raise Trouble(
            place.asks_for_password(answer.headers), f"CONNECT {target}: HTTP {answer.status} {answer.reason}{unread}"
        )
    if answer.status != 200:
        situation = "proxy-cannot" if answer.status in _DOWN else "proxy-refused"
        raise Trouble(situation, f"CONNECT {target}: HTTP {answer.status} {answer.reason}")
