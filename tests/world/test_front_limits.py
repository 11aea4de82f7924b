"""What a request of the client has and a shorter one has not: its headers, its query, its protocol."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.world.test_fronts import EVENTS, NO_KEY, Front, event, examine, failure, front, healthy

from claude_gw_cli.core.diagnosis import Answer
from claude_gw_cli.core.fronts import answering
from claude_gw_cli.core.questions import Question
from claude_gw_cli.world.probe.connection import find_place
from claude_gw_cli.world.probe.exchange import ask

assert front  # a fixture
PAGE = b"<html>no</html>"


@pytest.mark.parametrize("limit", [12, 15, 20])
def test_a_limit_for_the_number_of_headers(front: Front, limit: int) -> None:
    front.guard = lambda _path, headers: (431, PAGE, "text/html") if len(headers) > limit else None
    cause = failure(examine(front), "gateway.key").cause
    assert f"takes requests with at most {limit} headers; Claude Code's have 21." in cause


def test_as_many_headers_as_the_client_has_are_enough(front: Front) -> None:
    front.guard = lambda _path, headers: (431, PAGE, "text/html") if len(headers) > 21 else None
    healthy(examine(front))


@pytest.mark.parametrize("name", ["anthropic-beta", "x-stainless-os", "x-app"])
def test_a_header_of_the_client_that_is_refused(front: Front, name: str) -> None:
    front.guard = lambda _path, headers: (403, PAGE, "text/html") if name in headers else None
    assert f"refuses requests with the header {name}," in failure(examine(front), "gateway.key").cause


def test_a_query_that_is_refused(front: Front) -> None:
    front.guard = lambda _path, _headers: (403, PAGE, "text/html") if "?" in front.seen[-1][0] else None
    assert "the query ?beta=true" in failure(examine(front), "gateway.key").cause


def test_a_limit_for_all_headers_together(front: Front) -> None:
    front.head_limit = 650  # more than a question has, and the longest header of the client beside it
    cause = failure(examine(front), "gateway.key").cause
    assert "headers are as long as Claude Code's" in cause


@pytest.mark.parametrize(("status", "words"), [(414, "as too long (414)"), (405, "does not take POST requests")])
def test_a_page_with_a_telling_status(front: Front, status: int, words: str) -> None:
    front.guard = lambda path, _headers: (status, PAGE, "text/html") if path.startswith("/v1/messages") else None
    assert words in failure(examine(front), "gateway.route").cause


@contextmanager
def served(treat: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats every connection in this way."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                channel, _ = server.accept()
            except OSError:
                return
            with channel:
                treat(channel)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def test_a_port_that_speaks_http2_only(front: Front) -> None:
    def treat(channel: socket.socket) -> None:
        if channel.recv(4096).startswith(b"PRI * HTTP/2.0"):
            channel.sendall(b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64")

    with served(treat) as url:
        front.url = url
        assert "speaks HTTP/2 only" in failure(examine(front), "gateway.alive").cause


def test_the_first_bytes_of_a_compressed_body_are_not_an_event() -> None:
    whole = "".join(map(event, EVENTS)).encode()
    packed = gzip.compress(whole)

    def treat(channel: socket.socket) -> None:
        channel.recv(4096)
        channel.sendall(b"HTTP/1.0 200 OK\r\ncontent-encoding: gzip\r\n\r\n" + packed[:10])
        time.sleep(0.4)
        channel.sendall(packed[10:])

    with served(treat) as url:
        answer = ask(find_place(url, {}), Question("/"), {}, time.monotonic() + 10)
    assert answer.body.encode() == whole
    assert answer.arrivals[0] >= 0.4


def test_a_compressor_that_flushes_streams() -> None:
    compressor = zlib.compressobj(wbits=31)

    def treat(channel: socket.socket) -> None:
        channel.recv(4096)
        channel.sendall(b"HTTP/1.0 200 OK\r\ncontent-encoding: gzip\r\n\r\n")
        for name in EVENTS:
            channel.sendall(compressor.compress(name.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH))
            time.sleep(0.05)
        channel.sendall(compressor.flush())

    with served(treat) as url:
        answer = ask(find_place(url, {}), Question("/"), {}, time.monotonic() + 10)
    assert answer.body == "".join(EVENTS)
    assert len(answer.arrivals) >= len(EVENTS) // 2


def test_a_get_that_loses_the_key_does_not_count_where_a_post_keeps_it(front: Front) -> None:
    """As Varnish does with Proxy-Authorization: a GET goes through its cache, a POST does not."""
    front.route, front.reads = "/bedrock", {"authorization", "proxy-authorization", "x-litellm-api-key"}
    ping = (401, json.dumps(NO_KEY).encode(), "application/json")
    front.guard = lambda path, headers: ping if path == "/bedrock/ping" and "content-length" not in headers else None
    found = examine(front, provider="bedrock", region="us-east-1", key_header="proxy-authorization")
    assert (found["gateway.key"].status, found["gateway.body"].status) == ("ok", "ok")
    front.reads = set()
    assert examine(front, provider="bedrock", region="us-east-1")["gateway.key"].status == "fail"


@pytest.mark.parametrize("below", ["/", "/v1/"])
def test_a_front_that_closes_connections_without_a_key(front: Front, below: str) -> None:
    """As nginx does with 444: the client, which has one, is answered."""
    front.closes = lambda path, headers: path.startswith(below) and "authorization" not in headers
    healthy(examine(front))
    front.reads = {"x-litellm-api-key"}
    assert examine(front)["gateway.key"].status == "fail"


HAPROXY = "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>"
NGINX = "<html><center><h1>403 Forbidden</h1></center><hr><center>nginx/1.31.3</center></html>"


@pytest.mark.parametrize(
    ("server", "page", "named"),
    [
        ("nginx", HAPROXY, "HAProxy"),
        ("envoy", NGINX, "nginx"),
        ("nginx", "<html>no</html>", "nginx"),
        ("x", NGINX, "nginx"),
    ],
)
def test_of_two_programs_the_one_whose_page_it_is_refuses(server: str, page: str, named: str) -> None:
    passed = Answer(400, (("server", server), ("content-type", "application/json")), "{}", 0.1)
    refused = Answer(403, (("server", server), ("content-type", "text/html")), page, 0.1)
    assert [front.title for front in answering([passed, refused])] == [named]


@pytest.mark.parametrize("status", [403, 400])
def test_a_page_for_posts_alone_is_told(front: Front, status: int) -> None:
    front.guard = lambda _, headers: (status, PAGE, "text/html") if "content-length" in headers else None
    verdict = failure(examine(front), "gateway.route")
    assert verdict.situation == "method-refused"
    assert f"does not take POST requests for /v1/messages ({status})" in verdict.cause
