"""Bodies that come slowly, end too early, or are not packed as their header says."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.world.test_probe_gateway import KEY, examine, failed, only_failure, profile

from claude_gw_cli.cli.checklist import unasked
from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.world.loopback import wire
from claude_gw_cli.world.probe.packing import Packing
from claude_gw_cli.world.probe.schedule import Row

Handle = BaseHTTPRequestHandler
MISSING = {"type": "error", "error": {"type": "invalid_request_error", "message": "messages: Field required"}}


class Server:
    """A gateway whose test decides how the bytes of each answer are sent: ``send(handler, what, status, body)``."""

    def __init__(self) -> None:
        self.send: Callable[[Handle, str, int, bytes], None] = whole
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def go(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
                what, status, body = "other", 404, b'{"detail": "Not Found"}'
                if self.command == "POST":
                    what, status, body = server.answer(self.path, KEY in str(self.headers), asked)
                server.send(self, what, status, body)

            do_GET = do_POST = go  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]  # the doctor goes away
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def answer(self, path: str, keyed: bool, asked: dict[str, Any]) -> tuple[str, int, bytes]:
        if not keyed:
            return "keyless", 401, b'{"error": "no key"}'
        if "count" in path:
            return "count", 200, b'{"input_tokens": 7}'
        if not asked.get("messages"):
            return "key", 400, json.dumps(MISSING).encode()
        return "live", 200, wire.server_sent_events("claude", "hi")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = Thread(target=made.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


def head(handler: Handle, what: str, status: int, **headers: object) -> None:
    handler.send_response(status)
    handler.send_header("content-type", "text/event-stream" if what == "live" else "application/json")
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()


def whole(handler: Handle, what: str, status: int, body: bytes) -> None:
    head(handler, what, status, content_length=len(body))
    handler.wfile.write(body)


def only(kinds: str, odd: Callable[[Handle, str, int, bytes], None]) -> Callable[[Handle, str, int, bytes], None]:
    """The odd way for these answers, the usual one for others."""

    def send(handler: Handle, what: str, status: int, body: bytes) -> None:
        (odd if what in kinds.split() else whole)(handler, what, status, body)

    return send


def drip(handler: Handle, what: str, status: int, body: bytes) -> None:
    head(handler, what, status, content_length=len(body))
    for at in range(len(body)):
        handler.wfile.write(body[at : at + 1])
        handler.wfile.flush()
        time.sleep(0.4)


def by_length(handler: Handle, what: str, status: int, body: bytes) -> None:
    handler.close_connection = True
    head(handler, what, status, content_length=len(body))
    handler.wfile.write(body[: len(body) // 2])


def by_nothing(handler: Handle, what: str, status: int, body: bytes) -> None:
    handler.close_connection = True
    head(handler, what, status, content_length=len(body))


def by_chunk(handler: Handle, what: str, status: int, body: bytes) -> None:
    handler.close_connection = True
    head(handler, what, status, transfer_encoding="chunked")
    handler.wfile.write(b"5\r\n" + body[:5] + b"\r\n")


@pytest.mark.parametrize(("kinds", "probe"), [("keyless key", "redirect"), ("key", "gateway.key")])
def test_an_answer_that_drips_is_a_failure_with_the_seconds_of_waiting(
    server: Server, kinds: str, probe: str
) -> None:
    server.send = only(kinds, drip)
    name, verdict = only_failure(examine(profile(server.url))[0])
    assert (name, verdict.situation) == (probe, "unfinished")
    assert "does not end it within 4.8 s" in verdict.cause
    assert "bytes of its body" in verdict.evidence


@pytest.mark.parametrize("late", ["redirect", "gateway.route", "gateway.key"])
def test_a_gateway_whose_key_was_not_tried_for_lack_of_time_is_not_ok(late: str) -> None:
    over = Verdict("warn", "Not checked", because=late)
    rows = [Row("gateway.alive", "", 0.1, Verdict("ok")), Row(late, "", 0.1, over)]
    assert unasked(rows) == "the time was over before the key was tried"
    assert unasked([rows[0], Row(late, "", 0.1, Verdict("warn", "slow"))]) == ""


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        (by_length, "HTTP 400, 50 of 100 bytes of its body"),
        (by_nothing, "HTTP 400, 0 of 100 bytes of its body"),
        (by_chunk, "HTTP 400, 5 bytes of its body, not the last chunk"),
    ],
)
def test_a_body_that_is_cut_is_told_from_no_answer(server: Server, how: Any, seen: str) -> None:
    server.send = only("key", how)
    name, verdict = only_failure(examine(profile(server.url))[0])
    assert (name, verdict.situation, verdict.evidence) == ("gateway.key", "cut-short", seen)
    assert "without an answer" not in verdict.cause


@pytest.mark.parametrize("how", [by_length, by_nothing, by_chunk])
def test_a_count_that_is_cut_is_no_failure_as_the_client_does_without_it(server: Server, how: Any) -> None:
    server.send = only("count", how)
    found, _ = examine(profile(server.url))
    assert (failed(found), found["gateway.upstream"].status) == ([], "skip")


@pytest.mark.parametrize("how", [by_length, by_chunk])
def test_a_stream_that_is_cut_is_named(server: Server, how: Any) -> None:
    server.send = only("live", how)
    assert only_failure(examine(profile(server.url), live=True)[0])[1].situation == "stream-broken"


def packed(label: str, pack: Callable[[bytes], bytes] = bytes) -> Callable[[Handle, str, int, bytes], None]:
    def send(handler: Handle, what: str, status: int, body: bytes) -> None:
        data = pack(body)
        head(handler, what, status, content_length=len(data), **({"content_encoding": label} if label else {}))
        handler.wfile.write(data)

    return send


@pytest.mark.parametrize("kinds", ["key", "count", "live"])
@pytest.mark.parametrize(
    ("how", "seen"),
    [
        (packed("gzip"), "content-encoding: gzip, and its body is not packed"),
        (packed("GZIP"), "content-encoding: gzip, and its body is not packed"),
        (packed("deflate"), "content-encoding: deflate, and its body is not packed"),
        (packed("br"), "content-encoding: br, and its body is not packed"),
        (packed("zstd"), "content-encoding: zstd, and its body is not packed"),
        (packed("gzip", lambda _: b"\x1f\x8b\x08damaged"), "its body cannot be unpacked"),
        (packed("", gzip.compress), "its body is packed as gzip"),
        (packed("identity", gzip.compress), "its body is packed as gzip"),
        (packed("", lambda body: b"\x28\xb5\x2f\xfd" + body), "its body is packed as zstd"),
    ],
)
def test_a_body_that_is_not_packed_as_it_says_is_named(server: Server, kinds: str, how: Any, seen: str) -> None:
    server.send = only(kinds, how)
    name, verdict = only_failure(examine(profile(server.url), live=kinds == "live")[0])
    expected = {"key": "gateway.key", "count": "gateway.upstream", "live": "gateway.stream"}[kinds]
    assert (name, verdict.situation) == (expected, "encoding-wrong")
    assert seen in verdict.evidence


@pytest.mark.parametrize(
    "how",
    [
        packed("gzip", gzip.compress),
        packed("x-gzip", gzip.compress),
        packed("deflate", zlib.compress),
        packed("identity"),
    ],
)
def test_a_body_that_is_packed_as_it_says_is_read(server: Server, how: Any) -> None:
    server.send = only("key keyless count live other", how)
    assert failed(examine(profile(server.url), live=True)[0]) == []


def test_a_packed_body_is_read_in_pieces() -> None:
    packing, data = Packing("gzip"), gzip.compress(b"one two three")
    assert b"".join(packing.unpack(data[at : at + 1]) for at in range(len(data))) == b"one two three"
    assert packing.problem == ""
