"""The loopback gateway: what it answers, what it refuses, what it records."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import struct
import time
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from claude_gw_cli.world.loopback import wire
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway
from claude_gw_cli.world.loopback.keys import check_key
from claude_gw_cli.world.loopback.routes import find_route

KEY = "sk-cgw-test"
BEARER = {"Authorization": f"Bearer {KEY}"}
VERTEX = "/vertex_ai/v1/projects/p/locations/us-east5/publishers/anthropic/models"


def ask(
    gateway: Gateway, method: str, path: str, headers: Mapping[str, str] | None = None, body: object = None
) -> tuple[int, str, bytes]:
    """Status, content type and body of one request."""
    connection = http.client.HTTPConnection(urlsplit(gateway.url).netloc, timeout=30)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, dict(headers or {}))
        reply = connection.getresponse()
        return reply.status, reply.getheader("content-type", ""), reply.read()
    finally:
        connection.close()


def frames(data: bytes) -> list[dict[str, object]]:
    """The events of an AWS event stream, read by its own rules, both checksums verified."""
    found = []
    while data:
        total, header_length, prelude_crc = struct.unpack("!III", data[:12])
        assert prelude_crc == zlib.crc32(data[:8])
        message, data = data[:total], data[total:]
        assert struct.unpack("!I", message[-4:])[0] == zlib.crc32(message[:-4])
        headers, payload = message[12 : 12 + header_length], message[12 + header_length : -4]
        assert b":event-type\x07\x00\x05chunk" in headers
        found.append(json.loads(base64.b64decode(json.loads(payload)["bytes"])))
    return found


def test_a_message_is_answered_whole_or_as_a_stream_as_asked() -> None:
    with Gateway(KEY) as gateway:
        status, kind, body = ask(gateway, "POST", "/v1/messages?beta=true", BEARER, {"model": "m"})
        assert (status, kind) == (200, "application/json")
        assert json.loads(body)["content"] == [{"type": "text", "text": ANSWER}]
        assert json.loads(body)["model"] == "m"
        status, kind, body = ask(gateway, "POST", "/anthropic/v1/messages", BEARER, {"model": "m", "stream": True})
        assert status == 200
        assert kind.startswith("text/event-stream")
        events = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]
        assert [event["type"] for event in events] == [event["type"] for event in wire.events("m", ANSWER)]


def test_bedrock_is_answered_in_event_stream_frames_with_valid_checksums() -> None:
    with Gateway(KEY) as gateway:
        path = "/bedrock/model/us.anthropic.claude%2Fx-v1:0/invoke-with-response-stream"
        status, kind, body = ask(gateway, "POST", path, BEARER, {"messages": []})
        assert (status, kind) == (200, "application/vnd.amazon.eventstream")
        assert [event["type"] for event in frames(body)][-1] == "message_stop"
        assert gateway.requests[-1].model == "us.anthropic.claude/x-v1:0"
        assert ask(gateway, "POST", "/bedrock/model/m/invoke", BEARER, {})[0] == 200
        assert ask(gateway, "GET", "/bedrock/inference-profiles?type=SYSTEM_DEFINED", BEARER)[0] == 200


def test_vertex_streams_when_the_body_says_so_and_counts_tokens() -> None:
    with Gateway(KEY) as gateway:
        streamed = ask(gateway, "POST", f"{VERTEX}/claude-x@1:streamRawPredict", BEARER, {"stream": True})
        assert streamed[1].startswith("text/event-stream")
        assert (
            json.loads(ask(gateway, "POST", f"{VERTEX}/claude-x@1:rawPredict", BEARER, {})[2])["role"] == "assistant"
        )
        assert gateway.requests[-1].model == "claude-x@1"
        counted = ask(gateway, "POST", f"{VERTEX}/count-tokens:rawPredict", BEARER, {"model": "m"})
        assert json.loads(counted[2]) == {"input_tokens": 1}
        assert not gateway.requests[-1].is_model_request


@pytest.mark.parametrize(
    "path",
    ["/v1/v1/messages", "/v1/messages/v1/messages", "/anthropic/v1/v1/messages", "/model/m/invoke", "//v1/messages"],
)
def test_a_path_that_litellm_does_not_have_is_not_found_even_with_the_key(path: str) -> None:
    with Gateway(KEY) as gateway:
        assert ask(gateway, "POST", path, BEARER, {})[0] == 404


def test_any_layout_is_answered_on_request() -> None:
    assert find_route("POST", "/corp/llm/v1/messages?beta=true") is None
    with Gateway(any_path=True) as gateway:
        assert ask(gateway, "POST", "/corp/llm/v1/messages?beta=true", {}, {"model": "m"})[0] == 200


# Status and text as LiteLLM 1.106 answers (reference recordings).
@pytest.mark.parametrize(
    ("header", "sent", "status", "says"),
    [
        ("authorization", {}, 401, "No api key passed in."),
        ("authorization", {"authorization": "Bearer wrong"}, 400, "No connected db."),
        ("authorization", {"authorization": KEY}, 401, "No api key passed in."),
        ("authorization", {"x-api-key": KEY}, 401, "No api key passed in."),
        ("x-api-key", {"x-api-key": f"Bearer {KEY}"}, 400, "No connected db."),
        ("x-api-key", {}, 401, "No api key passed in."),
        ("proxy-authorization", {"authorization": f"Bearer {KEY}"}, 401, "Malformed API Key"),
        ("proxy-authorization", {"proxy-authorization": "Bearer wrong"}, 401, "Malformed API Key"),
        ("x-corp", {"x-corp": KEY}, 401, "Malformed API Key"),
    ],
)
def test_a_key_that_is_missing_wrong_or_in_another_header_is_refused_as_litellm_does(
    header: str, sent: dict[str, str], status: int, says: str
) -> None:
    with Gateway(KEY, header) as gateway:
        got, _, body = ask(gateway, "POST", "/v1/messages", sent, {"model": "m"})
        assert got == status
        error = json.loads(body)["error"]
        assert says in error["message"]
        assert error["code"] == str(status)
        assert gateway.requests[-1].status == status


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("authorization", f"Bearer {KEY}"),
        ("Authorization", f"bearer {KEY}"),
        ("x-api-key", KEY),
        ("x-litellm-api-key", f"Bearer {KEY}"),
        ("x-corp", f"Bearer {KEY}"),
    ],
)
def test_the_key_is_found_in_its_header_in_the_form_that_is_usual_there(header: str, value: str) -> None:
    assert check_key([(header.title(), value)], {KEY}, header) is None


def test_the_form_of_the_key_can_be_chosen() -> None:
    assert check_key([("x-corp", KEY)], {KEY}, "x-corp", "bare") is None
    assert check_key([("x-corp", KEY)], {KEY}, "x-corp", "bearer") is not None


def test_keys_rotate_while_it_runs() -> None:
    with Gateway("old") as gateway:
        gateway.accept("new", "newer")
        assert ask(gateway, "POST", "/v1/messages", {"authorization": "Bearer old"}, {})[0] == 400
        assert ask(gateway, "POST", "/v1/messages", {"authorization": "Bearer newer"}, {})[0] == 200


def test_it_fails_and_dawdles_on_demand_but_only_for_model_requests() -> None:
    with Gateway(KEY) as gateway:
        gateway.status, gateway.delay = 500, 0.2
        started = time.monotonic()
        assert ask(gateway, "POST", "/v1/messages", BEARER, {})[0] == 500
        assert time.monotonic() - started >= 0.2
        assert ask(gateway, "GET", "/v1/models", BEARER)[0] == 200
        gateway.status, gateway.delay = 200, 0.0
        assert ask(gateway, "POST", "/v1/messages", BEARER, {})[0] == 200


def test_requests_are_recorded_as_sent_in_order_spelling_and_repetition() -> None:
    raw = (
        b"POST /v1/messages?beta=true HTTP/1.1\r\nhost: x\r\nX-Two: a\r\nx-ONE:  b c \r\nX-Two: caf\xe9\r\n"
        b"Empty:\r\ncontent-length: 13\r\nconnection: close\r\n\r\n"
        b'{"model":"m"}'
    )
    with Gateway() as gateway:
        with socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port or 0), timeout=30) as peer:
            peer.sendall(raw)
            while peer.recv(4096):
                pass
        (request,) = gateway.requests
    assert (request.method, request.path, request.body) == ("POST", "/v1/messages?beta=true", b'{"model":"m"}')
    assert request.headers[1:5] == (("X-Two", "a"), ("x-ONE", "b c "), ("X-Two", "caf\xe9"), ("Empty", ""))
    assert request.header("x-two") == "caf\xe9"
    assert request.model == "m"
    assert abs(request.time - time.time()) < 60


def test_as_a_proxy_it_lets_nothing_out_and_leads_to_itself() -> None:
    with Gateway() as gateway:
        assert ask(gateway, "CONNECT", "api.anthropic.com:443")[0] == 403
        assert ask(gateway, "GET", "http://169.254.169.254/latest/meta-data")[0] == 403
        assert [request.status for request in gateway.requests] == [403, 403]
        host = urlsplit(gateway.url).netloc
        tunnel = http.client.HTTPConnection(host, timeout=30)
        tunnel.set_tunnel(host)
        tunnel.request("POST", "/v1/messages", b'{"model": "m"}')
        assert tunnel.getresponse().status == 200
        tunnel.close()
        assert ask(gateway, "POST", f"{gateway.url}/v1/messages", {}, {"model": "m"})[0] == 200
        assert len(gateway.model_requests) == 2


def test_a_client_that_hangs_up_says_nothing_on_our_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with Gateway() as gateway:
        peer = socket.create_connection(("127.0.0.1", urlsplit(gateway.url).port or 0), timeout=30)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.sendall(b"POST /v1/messages HTTP/1.1\r\ncontent-length: 10\r\n\r\n")
        peer.close()
        assert ask(gateway, "GET", "/health/liveliness")[0] == 200
        time.sleep(0.1)
    assert capfd.readouterr().err == ""


def test_it_can_be_reached_from_this_machine_only() -> None:
    with Gateway() as gateway:
        assert gateway.url.startswith("http://127.0.0.1:")
