"""One HTTP request and its answer, with a deadline; no redirect is followed, nothing is added that was not given."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_gw_cli import __version__
from claude_gw_cli.core.diagnosis import Answer
from claude_gw_cli.world.probe.connection import Trouble, open_channel, remaining, speaks_tls, tls_trouble

if TYPE_CHECKING:
    import socket

    from claude_gw_cli.core.questions import Question
    from claude_gw_cli.world.probe.connection import Place

MAX_BODY = 65_536


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
    sent = {"host": place.authority, "accept": "application/json", "user-agent": f"cgw/{__version__} (doctor)"}
    body = None
    if question.body is not None:
        body = json.dumps(question.body).encode()
        sent |= {"content-type": "application/json", "content-length": str(len(body))}
    if place.proxy and place.scheme == "http":
        target = f"http://{place.authority}{target}"
        if place.proxy.credential:
            sent["proxy-authorization"] = f"Basic {place.proxy.credential}"
    with open_channel(place, deadline) as channel:
        try:
            return _spoken(channel, "GET" if body is None else "POST", target, {**sent, **headers}, body, deadline)
        except ssl.SSLError as error:
            raise tls_trouble(error) from None
        except TimeoutError:
            raise Trouble("silent", "connected, no whole answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            raise _cut_off(place, error, deadline) from None


def _spoken(
    channel: socket.socket,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None,
    deadline: float,
) -> Answer:
    connection = http.client.HTTPConnection("unused")
    connection.sock = channel
    channel.settimeout(remaining(deadline))
    started = time.monotonic()
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value.encode("latin-1"))
    try:
        connection.endheaders(body)
    except (ConnectionError, ssl.SSLEOFError):
        pass  # a server may refuse a large body early and still have said why
    response = connection.getresponse()
    arrivals: list[float] = []
    pieces: list[bytes] = []
    size = 0
    while size < MAX_BODY:
        if time.monotonic() >= deadline:
            raise TimeoutError
        channel.settimeout(remaining(deadline))
        piece = response.read1(MAX_BODY)
        if not piece:
            break
        arrivals.append(time.monotonic() - started)
        pieces.append(piece)
        size += len(piece)
    return Answer(
        response.status,
        tuple((name.lower(), value) for name, value in response.getheaders()),
        b"".join(pieces)[:MAX_BODY].decode("utf-8", "replace"),
        time.monotonic() - started,
        tuple(arrivals),
    )


def _cut_off(place: Place, error: Exception, deadline: float) -> Trouble:
    """A plain connection that ended badly: wrong protocol, or the server hung up."""
    if place.scheme == "http" and not place.proxy and speaks_tls(place, deadline):
        return Trouble("plain-to-tls", type(error).__name__)
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return Trouble("hung-up", type(error).__name__)
    return Trouble("not-http", type(error).__name__)
