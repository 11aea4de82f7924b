from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from claude_gw_cli.world.probe.http1 import ClosedError, CutError, Exchange, NotHttpError

OPEN = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def asked(channel: socket.socket, seconds: float = 10) -> Exchange:
    exchange = Exchange(channel, time.monotonic() + seconds)
    exchange.send("GET", "/x", [("host", "h")])
    exchange.read_head()
    return exchange


def said(pair: tuple[socket.socket, socket.socket], data: bytes) -> Exchange:
    pair[1].sendall(data)
    pair[1].shutdown(socket.SHUT_WR)
    return asked(pair[0])


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        (b"Content-Length: 4\r\n\r\nbodyPOST", b"body"),
        (b"Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nbo\r\n2\r\ndy\r\n0\r\nTrailer: 1\r\n\r\n", b"body"),
        (b"Transfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n4\r\nbody\r\n0\r\n\r\n", b"body"),
        (b"\r\nbody", b"body"),
        (b"Content-Length: 0\r\n\r\n", b""),
    ],
)
def test_a_body_ends_where_the_head_says(pair: tuple[socket.socket, socket.socket], rest: bytes, body: bytes) -> None:
    reply = said(pair, OPEN + rest)
    assert (reply.status, reply.reason) == (200, "OK")
    assert b"".join(reply.body()) == body


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 5\r\n\r\nbody",
        b"Transfer-Encoding: chunked\r\n\r\n9\r\nbody",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n",
    ],
)
def test_a_body_that_ends_too_early_is_cut(pair: tuple[socket.socket, socket.socket], rest: bytes) -> None:
    reply = said(pair, OPEN + rest)
    with pytest.raises(CutError):
        b"".join(reply.body())


def test_interim_answers_are_passed_over_and_headers_keep_their_order(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    reply = said(
        pair,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        b"HTTP/1.0 204\nVia: one\nX-Long: a\n b\nvia: two\n\n",
    )
    assert (reply.status, reply.reason) == (204, "")
    assert reply.headers == [("via", "one"), ("x-long", "a b"), ("via", "two")]
    assert reply.header("via") == "two"
    assert list(reply.body()) == []


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ClosedError),
        (b"HTTP/1.1 200 OK\r\nX: 1\r\n", ClosedError),
        (b"SSH-2.0-OpenSSH\r\n\r\n", NotHttpError),
        (b"HTTP/1.1 abc\r\n\r\n", NotHttpError),
        (b"\x15\x03\x01\x00\x02\x02\n", NotHttpError),
        (b"x" * 200_000, NotHttpError),
    ],
    ids=["nothing", "half", "ssh", "no-status", "tls", "long"],
)
def test_what_is_not_an_answer_is_named(
    pair: tuple[socket.socket, socket.socket], data: bytes, kind: type[NotHttpError]
) -> None:
    def speak() -> None:
        with contextlib.suppress(OSError):  # it is not heard to its end
            pair[1].sendall(data)
            pair[1].shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    with pytest.raises(NotHttpError) as caught:
        asked(pair[0])
    assert type(caught.value) is kind
    pair[0].close()
    thread.join(10)


@pytest.mark.parametrize("sent", [b"HTTP/1.1 200 OK\r\nX: ", OPEN + b"Content-Length: 9999\r\n\r\n"])
def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for(
    pair: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    done = threading.Event()

    def dribble() -> None:
        pair[1].sendall(sent)
        while not done.wait(0.05):
            pair[1].sendall(b"y")

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    try:
        with pytest.raises(TimeoutError):
            b"".join(asked(pair[0], 0.4).body())
    finally:
        done.set()
        thread.join(10)


def test_a_header_cannot_begin_another_line(pair: tuple[socket.socket, socket.socket]) -> None:
    exchange = Exchange(pair[0], time.monotonic() + 10)
    with pytest.raises(ValueError, match="cannot be sent"):
        exchange.send("GET", "/x", [("host", "h"), ("a", "b\r\nc: d")])
    again = Exchange(pair[0], time.monotonic() + 10)
    again.send("GET", "/x HTTP/1.1\nc: d", [("host", "h"), ("a", " b ")])
    assert pair[1].recv(999) == b"GET /x%20HTTP/1.1%0Ac:%20d HTTP/1.1\r\nhost: h\r\na: b\r\n\r\n"


def test_the_head_alone_is_answered_by_an_interim_answer(pair: tuple[socket.socket, socket.socket]) -> None:
    exchange = Exchange(pair[0], time.monotonic() + 10)
    exchange.send("POST", "/x", [("host", "h"), ("content-length", "99")], None)
    pair[1].sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    exchange.read_head(interim=True)
    assert exchange.status == 100
