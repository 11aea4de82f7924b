"""One HTTP request and its answer, with a deadline; no redirect is followed, nothing is added that was not given."""

from __future__ import annotations

import json
import threading
import time

from claude_gw_cli.core.diagnosis import Answer
from claude_gw_cli.core.words import counted
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field
from claude_gw_cli.world.probe.connection import connect, open_channel, remaining
from claude_gw_cli.world.probe.http1 import ClosedError, CutError, Exchange, NotHttpError
from claude_gw_cli.world.probe.packing import Packing
from claude_gw_cli.world.probe.tls import accepting_any, is_of_tls, tls_trouble
from claude_gw_cli.world.probe.trouble import Trouble, how_it_ended

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from claude_gw_cli.core.questions import Question
    from claude_gw_cli.world.probe.connection import Place

MAX_BODY = 65_536
_PATIENCE = 1.0
"""Seconds that a server has to say which protocol it speaks."""
_SETTINGS = b"\x04"
"""The type of the frame that HTTP/2 begins with."""
_NO_REQUEST = b"-\r\n\r\n"
_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


class _UnfinishedError(TimeoutError):
    """The time was over in the middle of an answer; the words say what came of it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What identifies a request: its header lines, as the client sends them.

    Attributes:
        headers: name in lower case -> value.
        keys: the secret parts of the values, which must not be shown.
        place: where the key is set, for a message to a person.
        remedy: what to type if the gateway refuses this key and accepts another.
        renews: the client gets a new key by itself when this one is refused with 401 or 403.
        places: header that carries a key -> where it is set.
        clouds: header that carries this machine's credential of the cloud -> its scheme, as ``Bearer``.
    """

    headers: Mapping[str, str] = field(repr=False)
    keys: tuple[str, ...] = field(repr=False)
    place: str = ""
    remedy: str = ""
    renews: bool = False
    places: Mapping[str, str] = field(default_factory=dict)
    clouds: Mapping[str, str] = field(default_factory=dict)


def ask(place: Place, question: Question, headers: Mapping[str, str], deadline: float) -> Answer:
    """Ask a question below the place's base path.

    Args:
        place: the gateway.
        question: path and JSON body; without a body it is a GET.
        headers: sent as they are, beside the usual ones.
        deadline: on the monotonic clock.

    Raises:
        Trouble: there was no whole HTTP answer.
    """
    target = place.base + question.path
    sent = {"host": place.authority, "accept": "application/json"}
    body = None
    if question.body is not None:
        body = json.dumps(question.body).encode()
        sent |= {"content-type": "application/json", "content-length": str(len(body))}
    lines = list({**sent, **question.headers, **headers}.items())
    target, lines = _through_proxy(place, target, lines)
    began = time.monotonic()
    with open_channel(place, deadline) as channel:
        try:
            talk, started = Exchange(channel, deadline), time.monotonic()
            talk.send("GET" if body is None else "POST", target, lines, body or b"")
            answer = _heard(talk, started)
        except _UnfinishedError as error:
            raise Trouble("unfinished", str(error), time.monotonic() - began) from None
        except TimeoutError:
            raise Trouble("silent", "connected, no answer in time", time.monotonic() - began) from None
        except (OSError, NotHttpError) as error:
            raise _cut_off(place, error, deadline) from None
    if answer.cut and not question.headers:
        raise Trouble("cut-short", _where_it_ends(answer))
    return answer


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer | Trouble]:
    """The outcomes of several questions that are asked at the same time, in their order."""
    outcomes: list[Answer | Exception] = [Trouble("silent", "")] * len(calls)

    def run(at: int) -> None:
        try:
            outcomes[at] = calls[at]()
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread of the probe
            outcomes[at] = error

    threads = [threading.Thread(target=run, args=(at,), daemon=True) for at in range(1, len(calls))]
    for thread in threads:
        thread.start()
    run(0)
    for thread in threads:
        thread.join()
    found: list[Answer | Trouble] = []
    for outcome in outcomes:
        if not isinstance(outcome, Answer | Trouble):
            raise outcome
        found.append(outcome)
    return found


def announce(place: Place, path: str, headers: Mapping[str, str], size: int, deadline: float) -> int | None:
    """The status with which a large request is refused before its body is sent; ``None`` if it is not.

    Only the head is sent, with `Expect: 100-continue` and the size, and the connection is closed after the answer.
    """
    sent = {"host": place.authority, "accept": "application/json"}
    sent |= {"content-type": "application/json", "content-length": str(size), "expect": "100-continue"}
    target, lines = _through_proxy(place, place.base + path, list({**sent, **headers}.items()))
    try:
        with open_channel(place, deadline) as channel:
            answer = Exchange(channel, deadline)
            answer.send("POST", target, lines, None)
            answer.read_head(interim=True)
    except (Trouble, OSError, NotHttpError):
        return None  # the way may be longer than the wait, over a proxy for example
    return answer.status if answer.status >= 400 else None


def _through_proxy(place: Place, target: str, lines: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """Target and header lines as a proxy for plain http gets them: both lines of its name, as from client 2.1.330."""
    if not place.proxy or place.scheme != "http":
        return target, lines
    if place.proxy.credential:
        lines = [("proxy-authorization", f"Basic {place.proxy.credential}"), *lines]
    return f"http://{place.authority}{target}", lines


def _heard(reply: Exchange, started: float) -> Answer:
    reply.read_head()
    arrivals: list[float] = []
    pieces: list[bytes] = []
    size, cut = 0, False
    packing = Packing(reply.header("content-encoding"))
    try:
        for packed in reply.body():
            if not (piece := packing.unpack(packed)):
                continue  # a compressor holds back what it has not finished
            arrivals.append(time.monotonic() - started)
            pieces.append(piece)
            size += len(piece)
            if size >= MAX_BODY:
                break
    except TimeoutError:
        if not pieces or b"message_stop" not in pieces[-1]:  # the last event of a stream, which then stays open
            raise _UnfinishedError(f"HTTP {reply.status}, {counted(size, 'byte')} of its body") from None
    except CutError:
        cut = True
    if packing.problem:
        raise Trouble("encoding-wrong", f"HTTP {reply.status}, {packing.problem}")
    return Answer(
        reply.status,
        tuple(reply.headers),
        b"".join(pieces)[:MAX_BODY].decode("utf-8", "replace"),
        time.monotonic() - started,
        tuple(arrivals),
        cut,
    )


def _where_it_ends(answer: Answer) -> str:
    """How far a body came that was cut."""
    size, whole = len(answer.body.encode()), answer.header("content-length")
    came = (
        f"{size} of {whole} bytes of its body"
        if whole
        else f"{counted(size, 'byte')} of its body, not the last chunk"
    )
    return f"HTTP {answer.status}, {came}"


def _cut_off(place: Place, error: Exception, deadline: float) -> Trouble:
    """A connection that ended badly: a TLS alert, the wrong protocol, or the server hung up."""
    if place.scheme == "https" and is_of_tls(error):
        return tls_trouble(error)
    if place.scheme == "http" and not place.proxy and _speaks_tls(place, deadline):
        return Trouble("plain-to-tls", "HTTP is not answered, a TLS handshake is")
    if not place.proxy and _speaks_http2(place, deadline):
        return Trouble("http2-only", "HTTP/1.1 is not answered, HTTP/2 is")
    if isinstance(error, ClosedError | ConnectionError):
        how = "reset" if isinstance(error, ConnectionResetError) else "closed"
        return Trouble("hung-up", f"the connection was {how} without an answer")
    return Trouble("not-http", how_it_ended(error))


def _speaks_tls(place: Place, deadline: float) -> bool:
    """Does a port that was taken for plain http answer a TLS handshake? Whatever its certificate; nothing is sent."""
    try:
        with connect(place.host, place.port, deadline, is_local=place.is_local) as channel:
            channel.settimeout(remaining(deadline))
            accepting_any().wrap_socket(channel, server_hostname=place.host).close()
    except (OSError, Trouble):
        return False
    return True


def _speaks_http2(place: Place, deadline: float) -> bool:
    """Does a port that closes connections of HTTP/1.1 answer the first bytes of HTTP/2 (RFC 9113, 3.4)?

    HAProxy does and speaks HTTP/1.1, too: with that it answers what cannot be a request. It closes the connection
    where one of its rules rejects a request.
    """
    frame = _first_bytes(place, "h2", _HTTP2, deadline)
    return frame[3:4] == _SETTINGS and not _first_bytes(place, "http/1.1", _NO_REQUEST, deadline).startswith(
        b"HTTP/1"
    )


def _first_bytes(place: Place, protocol: str, sent: bytes, deadline: float) -> bytes:
    """The start of what a server answers to these bytes; over TLS with this protocol (ALPN)."""
    try:
        with connect(*place.hop, deadline, is_local=place.is_local) as plain:
            plain.settimeout(min(_PATIENCE, remaining(deadline)))
            wrap = accepting_any(protocol).wrap_socket
            with wrap(plain, server_hostname=place.host) if place.scheme == "https" else plain as channel:
                channel.sendall(sent)
                return channel.recv(9)
    except (OSError, Trouble):
        return b""
