from __future__ import annotations

import datetime as dt
import ipaddress
import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.world.loopback.wire import server_sent_events
from claude_gw_cli.world.probe import contact, tls
from claude_gw_cli.world.probe.gateway import Gateway, Identity
from claude_gw_cli.world.probe.relay import relayed
from claude_gw_cli.world.probe.schedule import Probe, Schedule
from claude_gw_cli.world.probe.tls import trust
from claude_gw_cli.world.probe.trouble import Trouble

KEY = "sk-canary-3f9a-7c21-zq7x"
MISSING = {"error": {"type": "invalid_request_error", "message": "Missing required parameter: 'messages'."}}
Reply = tuple[int, dict[str, str], bytes]


def reply(status: int, body: object, **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"content-type": "application/json", **named}, data


class Fake:
    """A gateway whose every answer a test decides, in the shape of LiteLLM where the test decides nothing."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: dict[str, Callable[[dict[str, object]], Reply]] = {}
        self.with_key: dict[str, Reply] = {}
        self.without_key: Reply | None = None
        self.header = "authorization"
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def go(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                fake.seen.append((self.command, self.path, headers, body))
                path = self.path.removesuffix("?beta=true")
                status, sent, data = fake.answer(path, headers, json.loads(body or b"{}"))
                self.send_response(status)
                for name, value in sent.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = go  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if path in self.answers:
            return self.answers[path](body)
        if path == "/health/liveliness":
            return reply(200, "I'm alive!")
        if KEY not in headers.get(self.header, ""):
            return self.without_key or reply(
                401, {"error": {"message": "Authentication Error, No api key passed in.", "type": "auth_error"}}
            )
        if path in self.with_key:
            return self.with_key[path]
        if path == "/v1/messages/count_tokens":
            return reply(200, {"input_tokens": 7, "litellm_count_source": "provider"})
        return reply(400, MISSING)


@pytest.fixture
def fake() -> Iterator[Fake]:
    gateway = Fake()
    thread = threading.Thread(target=gateway.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()
    thread.join()


def profile(url: str, **changes: object) -> Profile:
    plain = Profile("p", "unified", url, secret="env://K", models=Models(default="claude-x"))
    return replace(plain, **changes)  # type: ignore[arg-type]


def examine(
    given: Profile, env: dict[str, str] | None = None, *, live: bool = False
) -> tuple[dict[str, Verdict], Gateway]:
    gateway = Gateway(Grant("typed"), make_plan(given), env or {})
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(KEY)))
    rows = Schedule([secret, *gateway.probes(live=live)]).run()
    return {row.id: row.verdict for row in rows if row.verdict}, gateway


def failed(found: dict[str, Verdict]) -> list[str]:
    return [name for name, verdict in found.items() if verdict.status == "fail"]


def only_failure(found: dict[str, Verdict]) -> tuple[str, Verdict]:
    assert len(failed(found)) == 1, {name: verdict.cause for name, verdict in found.items()}
    name = failed(found)[0]
    assert KEY not in str([verdict.evidence + verdict.cause + verdict.help for verdict in found.values()])
    return name, found[name]


def test_a_healthy_gateway_has_no_failure_and_costs_nothing(fake: Fake) -> None:
    found, gateway = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.upstream"].status == "ok"
    assert gateway.identity == Identity("litellm", None)
    for _, path, _, body in fake.seen:
        assert path.endswith("count_tokens") or "messages" not in json.loads(body or b"{}")


def test_the_key_goes_only_into_the_profiles_header_and_the_profiles_own_headers_go_along(fake: Fake) -> None:
    fake.header = "x-team-key"
    given = profile(fake.url, key_header="x-team-key", key_format="bare", headers={"x-tenant": "blue"})
    found, _ = examine(given)
    assert failed(found) == []
    with_key = [headers for _, _, headers, _ in fake.seen if KEY in str(headers)]
    assert with_key
    for headers in with_key:
        assert headers["x-team-key"] == KEY
        assert headers["x-tenant"] == "blue"
        assert "authorization" not in headers


def test_another_gateway_is_other_and_a_silent_one_unknown(fake: Fake) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {"message": "no route"})
    fake.without_key = reply(401, {"message": "Invalid credentials"})
    fake.answers["/v1/messages/count_tokens"] = lambda _: reply(404, {"message": "no route"})
    found, gateway = examine(profile(fake.url))
    assert failed(found) == []
    assert gateway.identity.kind == "other"
    assert found["gateway.upstream"].status == "skip"
    assert Gateway(Grant("typed"), make_plan(profile(fake.url)), {}).identity.kind == "unknown"


def test_an_answer_that_nobody_knows_is_shown_and_breaks_nothing(fake: Fake) -> None:
    fake.answers["/v1/messages/count_tokens"] = lambda _: reply(418, {"message": f"teapot {KEY}"})
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.model"].status == "warn"
    assert found["gateway.model"].evidence == 'HTTP 418 {"message": "teapot …"}'
    assert found["gateway.upstream"].status == "skip"


def test_a_key_is_not_called_accepted_because_of_an_answer_that_nobody_knows(fake: Fake) -> None:
    fake.answers["/v1/messages"] = lambda _: reply(402, {"message": "pay first"})
    found, _ = examine(profile(fake.url))
    assert found["gateway.key"].status == "fail"
    assert "pay first" in found["gateway.key"].evidence


def test_a_gateway_that_says_the_same_without_a_key_has_not_accepted_one(fake: Fake) -> None:
    fake.answers["/v1/messages"] = lambda _: reply(400, {"message": "API key not valid"})
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.key"].status == "warn"
    assert "with and without the key" in found["gateway.key"].cause


@pytest.mark.parametrize(
    ("status", "body", "probe", "words"),
    [
        (200, {"status": "ok"}, "gateway.key", "not one of a model API"),
        (200, [], "gateway.key", "not one of a model API"),
        (200, {"code": 401, "message": "unauthorized"}, "gateway.key", "or this address is another server's"),
        (200, {"object": "chat.completion", "choices": []}, "gateway.key", "in the format of OpenAI's Chat"),
        (201, {"data": {"id": 3}}, "gateway.key", "not one of a model API"),
        (200, "I'm well", "gateway.key", "not one of a model API"),
        (500, {"error": "x"}, "gateway.route", "the server itself is broken"),
        (501, b"<h1>Not implemented</h1>", "gateway.route", "the server itself is broken"),
        (520, b"", "gateway.route", "the server itself is broken"),
        (502, {"error": "x"}, "gateway.alive", "or that of a proxy before it"),
        (503, b"", "gateway.alive", "or that of a proxy before it"),
        (410, {"error": "gone"}, "gateway.key", "or this address is another server's"),
    ],
)
def test_a_server_that_says_one_thing_to_everything_is_not_a_gateway(
    fake: Fake, status: int, body: object, probe: str, words: str
) -> None:
    fake.answer = lambda *_: reply(status, body)  # type: ignore[method-assign]
    found, _ = examine(profile(fake.url))
    assert failed(found) == [probe]
    assert words in found[probe].cause


def test_a_gateway_whose_public_path_fails_is_not_down(fake: Fake) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(503, b"<html>starting</html>", content_type="text/html")
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok"


@pytest.mark.parametrize(
    "refusal", [reply(500, {"error": "x"}), reply(401, {"error": {"message": "invalid x-api-key"}})]
)
def test_a_gateway_that_cannot_count_tokens_is_no_failure_where_nothing_says_who_counts(
    fake: Fake, refusal: Reply
) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {})
    fake.answers["/v1/messages"] = lambda _: reply(400, {"message": "no messages"})
    asked = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if KEY not in str(headers):
            return reply(401, {"message": "who are you"})
        return refusal if path.endswith("count_tokens") else asked(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert "cannot count tokens" in found["gateway.upstream"].cause


CASES: dict[str, tuple[str, Reply, str, str]] = {
    "expired": (
        "/v1/messages",
        reply(401, {"error": {"message": "Authentication Error - Expired Key.", "type": "expired_key"}}),
        "gateway.key",
        "has expired",
    ),
    "unknown key": (
        "/v1/messages",
        reply(401, {"error": {"message": "Received API Key = sk-...zq7x", "type": "token_not_found_in_db"}}),
        "gateway.key",
        "does not know this key",
    ),
    "over budget": (
        "/v1/messages",
        reply(422, {"error": {"message": "Budget has been exceeded!", "type": "budget_exceeded"}}),
        "gateway.key",
        "budget",
    ),
    "model not allowed": (
        "/v1/messages",
        reply(403, {"error": {"message": "The requested model", "type": "key_model_access_denied"}}),
        "gateway.model",
        "may not use the model claude-x",
    ),
    "redirect": (
        "/v1/messages",
        reply(308, {}, location="https://login.example.com/v1/messages"),
        "redirect",
        "redirects to https://login.example.com",
    ),
    "firewall": (
        "/v1/messages",
        reply(403, b"<html>Request blocked. Ref 18.abc</html>", content_type="text/html"),
        "gateway.route",
        "firewall",
    ),
    "no such path": ("/v1/messages", reply(404, {"detail": "Not Found"}), "gateway.route", "no /v1/messages"),
}


@pytest.mark.parametrize(("path", "given", "probe", "words"), CASES.values(), ids=CASES.keys())
def test_one_cause_gives_one_failing_probe(fake: Fake, path: str, given: Reply, probe: str, words: str) -> None:
    if probe == "gateway.model":
        fake.with_key[path] = given
    else:
        fake.answers[path] = lambda _: given
    name, verdict = only_failure(examine(profile(fake.url))[0])
    assert (name, words in verdict.cause) == (probe, True), verdict
    assert "zq7x" not in verdict.evidence
    assert verdict.help


def local_estimate(fake: Fake, why: Reply) -> None:
    fake.answers["/v1/messages/count_tokens"] = lambda _: reply(
        200, {"input_tokens": 8, "litellm_count_source": "local_estimate"}
    )
    fake.answers["/v1/messages"] = lambda body: why if body.get("messages") == [] else reply(400, MISSING)


@pytest.mark.parametrize(
    ("message", "status", "probe"),
    [
        ("Invalid model name passed in model=claude-x", 400, "gateway.model"),
        ("litellm.AuthenticationError: Missing Anthropic API Key", 401, "gateway.upstream"),
        ("litellm.AuthenticationError: invalid x-api-key", 401, "gateway.upstream"),
        ("litellm.InternalServerError: Cannot connect to host", 500, "gateway.upstream"),
    ],
)
def test_a_local_estimate_is_followed_up_with_an_empty_conversation(
    fake: Fake, message: str, status: int, probe: str
) -> None:
    local_estimate(fake, reply(status, {"type": "error", "error": {"message": message}}))
    name, _ = only_failure(examine(profile(fake.url))[0])
    assert name == probe


def test_a_local_estimate_of_a_cloud_that_cannot_count_is_no_failure(fake: Fake) -> None:
    local_estimate(fake, reply(400, {"error": {"message": "messages: at least one message is required"}}))
    found, _ = examine(profile(fake.url))
    assert found["gateway.upstream"].status == "ok"


def test_each_pinned_model_is_asked_about(fake: Fake) -> None:
    def access(body: dict[str, object]) -> Reply:
        denied = body.get("model") == "small"
        return reply(403, {"error": {"type": "key_model_access_denied"}}) if denied else reply(400, MISSING)

    fake.answers["/v1/messages"] = access
    given = profile(fake.url, models=Models(default="big[1m]", haiku="small"))
    name, verdict = only_failure(examine(given)[0])
    assert name == "gateway.model"
    assert "small" in verdict.cause
    assert not any(b"[1m]" in body for *_, body in fake.seen)


@pytest.mark.parametrize("status", [403, 413])
def test_a_firewall_that_looks_at_large_bodies_only(fake: Fake, status: int) -> None:
    fake.answers["/v1/messages"] = lambda body: (
        reply(status, {"message": "Forbidden"}) if body.get("padding") else reply(400, MISSING)
    )
    name, verdict = only_failure(examine(profile(fake.url))[0])
    assert name == "gateway.body"
    assert {403: "firewall", 413: "1.1 MB"}[status] in verdict.cause or "300 kB" in verdict.cause
    assert max(len(body) for *_, body in fake.seen) > 300_000


def test_a_redirect_never_carries_the_key_on(fake: Fake) -> None:
    other = Fake()
    thread = threading.Thread(target=other.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    fake.answers["/v1/messages"] = lambda _: reply(307, {}, location=f"{other.url}/v1/messages")
    name, verdict = only_failure(examine(profile(fake.url))[0])
    other.server.shutdown()
    other.server.server_close()
    assert (name, other.seen) == ("redirect", [])
    assert f"--gateway-url {other.url}" in verdict.help
    assert not any(KEY in str(headers) for _, _, headers, _ in fake.seen)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("/v1/messages", "the same address: a loop"),
        ("/v1/messages/", "another slash at its end"),
        ("/proxy/v1/messages", "/proxy/v1/messages. Claude"),
        ("/login", "/login, which is another path"),
    ],
)
def test_a_redirect_is_told_with_the_whole_address(fake: Fake, location: str, words: str) -> None:
    fake.answers["/v1/messages"] = lambda _: reply(307, {}, location=location)
    name, verdict = only_failure(examine(profile(fake.url))[0])
    assert name == "redirect"
    assert words in verdict.cause
    assert "gateway-url" not in verdict.help or f"--gateway-url {fake.url}/proxy" in verdict.help


def test_a_limited_key_is_not_asked_for_each_part_of_a_request(fake: Fake) -> None:
    def answer(body: dict[str, object]) -> Reply:
        limited = reply(429, {"type": "error", "error": {"type": "rate_limit_error", "message": "tokens per minute"}})
        return limited if body.get("stream") else reply(400, MISSING)

    fake.answers["/v1/messages"] = answer
    found, _ = examine(profile(fake.url), live=True)
    assert found["gateway.stream"].help == "wait a minute, then: cgw doctor --live"
    assert sum(b'"stream": true' in body for *_, body in fake.seen) <= 3


def test_a_sign_in_page_that_lets_the_key_pass_is_healthy(fake: Fake) -> None:
    fake.without_key = reply(302, {}, location="/login")
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok"


def test_a_redirect_of_requests_with_a_key_is_told_with_its_target_and_not_followed(fake: Fake) -> None:
    moved = reply(307, {}, location=f"https://gw2.example.com/$(x)/v1/messages?key={KEY}")
    fake.without_key, fake.with_key["/v1/messages"] = reply(401, {"message": "who are you"}), moved
    name, verdict = only_failure(examine(profile(fake.url))[0])
    assert name == "gateway.key"
    assert "redirects to https://gw2.example.com/$(x)/v1/messages?key=…. Claude" in verdict.cause
    assert verdict.help.endswith("--gateway-url 'https://gw2.example.com/$(x)'")


def test_a_wrong_prefix_is_told_with_litellms_real_root(fake: Fake) -> None:
    for path in ("/team/health/liveliness", "/team/v1/messages"):
        fake.answers[path] = lambda _: reply(404, {"detail": "Not Found"})
    name, verdict = only_failure(examine(profile(f"{fake.url}/team"))[0])
    assert name == "gateway.route"
    assert verdict.help == f"cgw profile set p --gateway-url {fake.url}"


def test_bedrock_is_asked_for_a_ping_and_a_count(fake: Fake) -> None:
    fake.answers["/bedrock/v1/messages/count_tokens"] = lambda _: reply(200, {"input_tokens": 3})
    fake.answers["/v1/models"] = lambda _: reply(200, {"data": [{"id": "claude-x"}]})
    found, _ = examine(profile(fake.url, provider="bedrock"))
    assert failed(found) == []
    assert not any("/invoke" in path for _, path, _, _ in fake.seen)


def test_bedrock_names_a_model_that_the_gateway_does_not_have(fake: Fake) -> None:
    fake.answers["/bedrock/model/claude-x/invoke"] = lambda _: reply(
        400, {"error": {"message": "allm_passthrough_route: Invalid model name passed in model=claude-x."}}
    )
    name, _ = only_failure(examine(profile(fake.url, provider="bedrock"))[0])
    assert name == "gateway.model"


VERTEX = "/vertex_ai/v1/projects/team/locations/us-east5/publishers/anthropic/models/count-tokens:rawPredict"
NO_GOOGLE = reply(401, {"detail": "No Vertex AI credential is configured on this proxy and the request ..."})


def test_vertex_tells_the_gateways_missing_credential_from_a_wrong_key(fake: Fake) -> None:
    fake.with_key[VERTEX] = NO_GOOGLE
    found, _ = examine(profile(fake.url, provider="vertex", project_id="team"))
    assert only_failure(found)[0] == "gateway.upstream"
    assert found["gateway.key"].status == "ok"


def test_with_the_credential_on_this_machine_that_is_as_it_should_be(fake: Fake) -> None:
    fake.header = "x-litellm-api-key"
    fake.with_key[VERTEX] = NO_GOOGLE
    found, _ = examine(profile(fake.url, provider="vertex", project_id="team", credentials="client"))
    assert failed(found) == []
    assert found["gateway.upstream"].status == "skip"


def test_live_sends_one_streamed_request_for_a_few_tokens(fake: Fake) -> None:
    events = server_sent_events("m", "1")
    fake.answers["/v1/messages"] = lambda body: (
        reply(200, events, content_type="text/event-stream") if body.get("stream") else reply(400, MISSING)
    )
    found, _ = examine(profile(fake.url), live=True)
    # This server says the length in advance, and answers too soon to have held anything back.
    assert found["gateway.stream"].status == "ok"
    assert "whole at once" in found["gateway.stream"].evidence
    asked = [json.loads(body) for *_, body in fake.seen if body and json.loads(body).get("stream")]
    assert [(body["max_tokens"], body["model"]) for body in asked] == [(32_000, "claude-x")]
    assert "Count from 1 to 20" in json.dumps(asked[0]["messages"])


@pytest.mark.parametrize("provider", ["unified", "vertex"])
def test_a_gateway_that_counts_no_tokens_is_healthy(fake: Fake, provider: str) -> None:
    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if "count" in path:
            return reply(
                404, {"type": "error", "error": {"type": "not_found_error", "message": "not supported here"}}
            )
        if KEY not in headers.get("authorization", ""):
            return reply(401, {"message": "Unauthorized"})
        return reply(400, {"message": "messages: required key not found"})

    fake.answer = answer  # type: ignore[method-assign]
    place = {"project_id": "p", "region": "us-east5"} if provider == "vertex" else {}
    found, _ = examine(profile(fake.url, provider=provider, **place))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok"
    assert "counts no tokens" in found["gateway.upstream"].cause


def test_vertex_without_a_route_to_count_tokens_behind_the_key_is_healthy(fake: Fake) -> None:
    asked = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if KEY in str(headers) and "count-tokens" in path:
            return reply(404, {})
        return reply(404, {}) if path == "/health/liveliness" else asked(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    fake.without_key = reply(401, {"message": "no"})
    found, _ = examine(profile(fake.url, provider="vertex", project_id="p", region="us-east5"))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok"


def test_a_model_that_is_not_found_while_it_is_counted_is_told(fake: Fake) -> None:
    missing = {"type": "error", "error": {"type": "not_found_error", "message": "model: claude-x"}}
    fake.with_key["/v1/messages/count_tokens"] = reply(404, missing)
    found, _ = examine(profile(fake.url))
    assert failed(found) == ["gateway.model"]


def test_a_slow_gateway_is_not_called_silent_when_the_time_for_all_is_over(fake: Fake) -> None:
    asked = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        time.sleep(0.6)
        return asked(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(KEY)))
    gateway = Gateway(Grant("typed"), make_plan(profile(fake.url)), {})
    began = time.monotonic()
    rows = Schedule([secret, *gateway.probes(live=False)], 1.6).run()
    # Every question ends by the deadline that all probes share, not by one of its own.
    assert time.monotonic() - began < 1.9
    found = {row.id: row.verdict for row in rows if row.verdict}
    assert failed(found) == []
    late = {verdict.cause[:11] for verdict in found.values() if verdict.status == "warn"}
    assert late == {"Not checked"}


def test_the_kind_of_the_gateway_is_asked_beside_the_key(fake: Fake) -> None:
    asked, with_key, waited = fake.answer, threading.Event(), list[str]()

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if KEY in headers.get("authorization", ""):
            with_key.set()
        if path == "/" and not with_key.wait(3):
            waited.append(path)
        return reply(404, {}) if path == "/health/liveliness" else asked(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    fake.without_key = reply(401, {"message": "no"})
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert (found["gateway.key"].status, waited) == ("ok", [])


# -- the way to the gateway ----------------------------------------------------------------------------------------


class Listener:
    """A TCP server that treats each connection as a test says."""

    def __init__(self, treat: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> None:
        self._treat, self._context = treat, context
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self) -> None:
        while True:
            try:
                channel, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(channel,), daemon=True).start()

    def _serve(self, channel: socket.socket) -> None:
        channel.settimeout(20)
        try:
            if self._context:
                channel = self._context.wrap_socket(channel, server_side=True)
            self._treat(channel)
        except OSError:
            pass  # the client went away, which is what some of these tests are about
        finally:
            channel.close()

    def __exit__(self, *_: object) -> None:
        # shutdown wakes accept(), close alone does not on Linux
        try:
            self._server.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._server.close()


def http_404(channel: socket.socket) -> None:
    channel.recv(65_536)
    channel.sendall(b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")


def say_nothing(channel: socket.socket) -> None:
    while channel.recv(65_536):
        pass


def hang_up(channel: socket.socket) -> None:
    channel.recv(65_536)


def speak_ssh(channel: socket.socket) -> None:
    channel.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")
    channel.recv(65_536)


def drip(channel: socket.socket) -> None:
    channel.recv(65_536)
    channel.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(200):
        channel.sendall(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("treat", "words"),
    [
        (say_nothing, "does not answer within"),
        (drip, "does not end it within"),
        (hang_up, "closes it"),
        (speak_ssh, "does not use HTTP"),
    ],
)
def test_what_is_no_gateway_is_told_as_what_it_is(treat: Callable[[socket.socket], None], words: str) -> None:
    with Listener(treat) as server:
        started = time.monotonic()
        name, verdict = only_failure(examine(profile(f"http://127.0.0.1:{server.port}"))[0])
    assert name == "gateway.alive"
    assert words in verdict.cause
    assert time.monotonic() - started < 8


NOT_FOUND = reply(404, {"type": "error", "error": {"type": "not_found_error", "message": "Not found"}})


@pytest.mark.parametrize("checks_key_first", [False, True])
@pytest.mark.parametrize("mode", [{}, {"provider": "vertex", "project_id": "p", "region": "us-east5"}])
def test_a_404_that_any_path_gets_is_about_the_route(
    fake: Fake, mode: dict[str, str], checks_key_first: bool
) -> None:
    def answer(path: str, headers: dict[str, str], _: object) -> Reply:
        return NOT_FOUND if KEY in headers.get("authorization", "") or not checks_key_first else reply(401, {})

    fake.answer = answer  # type: ignore[assignment]
    found, _ = examine(profile(fake.url, **mode))
    assert failed(found) == ["gateway.key" if checks_key_first else "gateway.route"]
    assert "There is no " in found[failed(found)[0]].cause


@pytest.mark.parametrize(("status", "expected"), [(401, ["gateway.key"]), (200, [])])
def test_a_key_refused_where_tokens_are_counted_is_refused(fake: Fake, status: int, expected: list[str]) -> None:
    def answer(path: str, headers: dict[str, str], _: object) -> Reply:
        if not path.startswith("/v1/messages"):
            return NOT_FOUND
        if not path.endswith("/count_tokens"):
            return reply(422, {"detail": "messages: field required"})
        error = {"type": "authentication_error", "message": "unknown key" if "authorization" in headers else "no key"}
        return reply(401, {"type": "error", "error": error}) if status == 401 else reply(200, {"input_tokens": 7})

    fake.answer = answer  # type: ignore[assignment]
    found, _ = examine(profile(fake.url))
    assert failed(found) == expected
    assert not expected or "The gateway refuses the key" in found["gateway.key"].cause


def test_nothing_listening_is_told_with_the_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    name, verdict = only_failure(examine(profile(f"http://127.0.0.1:{port}"))[0])
    assert name == "tcp"
    assert str(port) in verdict.cause


def test_an_unknown_name_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    name, verdict = only_failure(examine(profile("https://llm.example.invalid"))[0])
    assert name == "dns"
    assert "llm.example.invalid" in verdict.cause


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``ca.pem``, and server certificates signed by it: good, expired, other-name; and a self-signed one."""
    folder = tmp_path_factory.mktemp("certificates")
    now = dt.datetime.now(dt.UTC)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cgw test CA")])

    def make(name: str, san: str, ends: int, *, signed: bool = True, ca: bool = False) -> None:
        key = ca_key if ca else ec.generate_private_key(ec.SECP256R1())
        subject = ca_name if ca else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        address = x509.IPAddress(ipaddress.ip_address(san))
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name if signed else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=ends))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key((ca_key if signed else key).public_key()),
                critical=False,
            )
        )
        certificate = builder.sign(ca_key if signed else key, hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    make("ca", "127.0.0.1", 30, ca=True)
    make("good", "127.0.0.1", 30)
    make("expired", "127.0.0.1", -1)
    make("other-name", "127.0.0.2", 30)
    make("self-signed", "127.0.0.1", 30, signed=False)
    return folder


def server_context(folder: Path, name: str, *, client: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    if client:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(folder / "ca.pem")
    return made


@pytest.mark.parametrize(
    ("name", "trusted", "words"),
    [
        ("good", False, "private CA or an inspecting proxy"),
        ("self-signed", False, "self-signed"),
        ("expired", True, "has expired"),
        ("other-name", True, "another name"),
    ],
)
def test_each_certificate_problem_has_its_own_cause(certificates: Path, name: str, trusted: bool, words: str) -> None:
    env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")} if trusted else {}
    with Listener(http_404, server_context(certificates, name)) as server:
        probe, verdict = only_failure(examine(profile(f"https://127.0.0.1:{server.port}"), env)[0])
    assert probe == "tls"
    assert words in verdict.cause


def test_a_private_ca_that_the_client_is_told_of_is_trusted(certificates: Path) -> None:
    with Listener(http_404, server_context(certificates, "good")) as server:
        env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
        found, _ = examine(profile(f"https://127.0.0.1:{server.port}"), env)
    assert found["tls"].status == "ok"
    assert found["gateway.alive"].status == "ok"


def test_certificates_are_checked_as_in_the_client_and_not_as_in_newer_pythons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = ssl.create_default_context

    def as_since_python_3_13() -> ssl.SSLContext:
        context = made()
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    monkeypatch.setattr(ssl, "create_default_context", as_since_python_3_13)
    assert not trust({}).verify_flags & (ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)


@pytest.mark.parametrize(
    ("variable", "file", "words", "step"),
    [
        (
            "NODE_EXTRA_CA_CERTS",
            "missing.pem",
            "The client ignores NODE_EXTRA_CA_CERTS={}: No such file",
            "correct NODE",
        ),
        ("NODE_EXTRA_CA_CERTS", "", "The client ignores NODE_EXTRA_CA_CERTS={}: ", "correct NODE_EXTRA_CA_CERTS"),
        (
            "NODE_EXTRA_CA_CERTS",
            "good.key",
            "ignores NODE_EXTRA_CA_CERTS={}: it has no PEM certificate",
            "correct NODE",
        ),
        ("NODE_EXTRA_CA_CERTS", "self-signed.pem", "NODE_EXTRA_CA_CERTS={} does not have that CA", "add that CA to"),
        (
            "SSL_CERT_FILE",
            "missing.pem",
            "The client ignores SSL_CERT_FILE={}: No such file",
            "NODE_EXTRA_CA_CERTS=/path",
        ),
    ],
)
def test_a_ca_file_that_does_not_lead_to_the_certificate_is_named(
    certificates: Path, variable: str, file: str, words: str, step: str
) -> None:
    path = str(certificates / file)
    with Listener(http_404, server_context(certificates, "good")) as server:
        probe, verdict = only_failure(examine(profile(f"https://127.0.0.1:{server.port}"), {variable: path})[0])
    assert probe == "tls"
    assert "It was issued by CN=cgw test CA:" in verdict.cause
    assert words.format(path) in verdict.cause
    assert step in verdict.help


def test_a_ca_file_that_is_not_there_does_no_harm_where_another_one_leads_to_the_certificate(
    certificates: Path,
) -> None:
    env = {"NODE_EXTRA_CA_CERTS": "/nowhere/ca.pem", "SSL_CERT_FILE": str(certificates / "ca.pem")}
    with Listener(http_404, server_context(certificates, "good")) as server:
        found, _ = examine(profile(f"https://127.0.0.1:{server.port}"), env)
    assert found["tls"].status == "ok"


@pytest.mark.parametrize("name", ["good", "other-name", "expired", "self-signed"])
def test_a_certificate_that_the_client_does_not_check_is_a_warning(
    certificates: Path, fake: Fake, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.server.socket = server_context(certificates, name).wrap_socket(fake.server.socket, server_side=True)
    given = profile(fake.url.replace("http:", "https:"))
    trusting = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem"), "NODE_TLS_REJECT_UNAUTHORIZED": "0"}
    found, _ = examine(given, trusting)
    assert (found["tls"].status, found["gateway.key"].status) == ("warn", "ok")
    assert "accepts any certificate (NODE_TLS_REJECT_UNAUTHORIZED is 0)" in found["tls"].cause
    assert ("This certificate is valid" in found["tls"].cause) is (name == "good")
    monkeypatch.setattr(contact, "exposure", lambda _: "public")
    fake.seen.clear()
    found, _ = examine(given, trusting)
    assert found["gateway.key"].status == ("ok" if name == "good" else "fail")
    assert any(KEY in str(headers) for *_, headers, _ in fake.seen) is (name == "good")
    found, _ = examine(given, {**trusting, "NODE_TLS_REJECT_UNAUTHORIZED": "false"})
    assert found["tls"].status == ("ok" if name == "good" else "fail")


def test_the_names_of_a_certificate_for_another_host_are_shown(certificates: Path) -> None:
    env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
    with Listener(http_404, server_context(certificates, "other-name")) as server:
        _, verdict = only_failure(examine(profile(f"https://127.0.0.1:{server.port}"), env)[0])
    assert verdict.cause.endswith("for another name than 127.0.0.1: 127.0.0.2.")


def test_the_stores_of_certificates_are_read_once(
    certificates: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.server.socket = server_context(certificates, "good").wrap_socket(fake.server.socket, server_side=True)
    read: list[Mapping[str, str]] = []

    def counted(env: Mapping[str, str]) -> ssl.SSLContext:
        read.append(env)
        return trust(env)

    monkeypatch.setattr(tls, "trust", counted)
    env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
    found, _ = examine(profile(fake.url.replace("http:", "https:")), env)
    assert found["gateway.key"].status == "ok"
    assert len(read) == 1


@pytest.mark.parametrize("kdf", ["scrypt", "pbkdf2"])
def test_a_key_that_the_client_cannot_decrypt_is_named(certificates: Path, tmp_path: Path, kdf: str) -> None:
    key = tmp_path / "key"
    words = ["pkcs8", "-topk8", "-in", str(certificates / "good.key"), "-passout", "pass:right", "-out", str(key)]
    subprocess.run(["openssl", *words, *(["-scrypt"] if kdf == "scrypt" else [])], check=True)
    env = {
        "CLAUDE_CODE_CLIENT_CERT": str(certificates / "good.pem"),
        "CLAUDE_CODE_CLIENT_KEY": str(key),
        "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE": "right",
    }
    if kdf == "pbkdf2":
        assert trust(env).verify_mode == ssl.CERT_REQUIRED
        return
    with pytest.raises(Trouble, match="tls-files") as raised:
        trust(env)
    assert "encrypted with scrypt" in raised.value.detail


def test_a_gateway_that_wants_a_client_certificate_gets_the_clients(certificates: Path) -> None:
    env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
    mine = {
        "CLAUDE_CODE_CLIENT_CERT": str(certificates / "good.pem"),
        "CLAUDE_CODE_CLIENT_KEY": str(certificates / "good.key"),
    }
    with Listener(http_404, server_context(certificates, "good", client=True)) as server:
        url = f"https://127.0.0.1:{server.port}"
        probe, verdict = only_failure(examine(profile(url), env)[0])
        found, _ = examine(profile(url), env | mine)
    assert probe == "tls"
    assert "client certificate" in verdict.cause
    assert "CLAUDE_CODE_CLIENT_CERT" in verdict.help
    assert found["gateway.alive"].status == "ok"


@pytest.mark.parametrize(
    ("cert", "key", "why"),
    [
        ("good.pem", None, "CLAUDE_CODE_CLIENT_KEY is not set"),
        (None, "good.key", "CLAUDE_CODE_CLIENT_CERT is not set"),
        ("nowhere.pem", "good.key", "ignores CLAUDE_CODE_CLIENT_CERT="),
        ("junk", "good.key", "ignores CLAUDE_CODE_CLIENT_CERT="),
        (".", "good.key", "ignores CLAUDE_CODE_CLIENT_CERT="),
        ("good.pem", "nowhere.key", "ignores CLAUDE_CODE_CLIENT_KEY="),
        ("good.pem", "junk", "ignores CLAUDE_CODE_CLIENT_KEY="),
    ],
)
def test_a_client_certificate_that_the_client_ignores_matters_only_where_one_is_wanted(
    certificates: Path, cert: str | None, key: str | None, why: str
) -> None:
    (certificates / "junk").write_text("no certificate")
    names = {"CLAUDE_CODE_CLIENT_CERT": cert, "CLAUDE_CODE_CLIENT_KEY": key}
    env = {name: str(certificates / file) for name, file in names.items() if file}
    env["NODE_EXTRA_CA_CERTS"] = str(certificates / "ca.pem")
    with Listener(http_404, server_context(certificates, "good")) as server:
        found, _ = examine(profile(f"https://127.0.0.1:{server.port}"), env)
    assert found["tls"].status == "ok"
    with Listener(http_404, server_context(certificates, "good", client=True)) as server:
        probe, verdict = only_failure(examine(profile(f"https://127.0.0.1:{server.port}"), env)[0])
    assert (probe, verdict.situation) == ("tls", "tls-client-certificate")
    assert why in verdict.evidence


def test_a_client_certificate_that_does_not_fit_its_key_stops_the_client(certificates: Path) -> None:
    pair = {"CLAUDE_CODE_CLIENT_CERT": "good.pem", "CLAUDE_CODE_CLIENT_KEY": "expired.key"}
    with pytest.raises(Trouble, match="tls-files"):
        trust({name: str(certificates / file) for name, file in pair.items()})


def test_https_to_a_plain_port_and_http_to_a_tls_port_are_told_apart(certificates: Path) -> None:
    with Listener(http_404) as plain, Listener(http_404, server_context(certificates, "good")) as secure:
        probe, verdict = only_failure(examine(profile(f"https://127.0.0.1:{plain.port}"))[0])
        assert (probe, "speaks plain http" in verdict.cause) == ("tls", True)
        assert f"--gateway-url http://127.0.0.1:{plain.port}" in verdict.help
        probe, verdict = only_failure(examine(profile(f"http://127.0.0.1:{secure.port}"))[0])
        assert (probe, "speaks TLS" in verdict.cause) == ("gateway.alive", True)
        assert f"--gateway-url https://127.0.0.1:{secure.port}" in verdict.help


def refuse_connect(status: bytes) -> Callable[[socket.socket], None]:
    def treat(channel: socket.socket) -> None:
        channel.recv(65_536)
        channel.sendall(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")

    return treat


@pytest.mark.parametrize(
    ("status", "words"),
    [(b"403 Forbidden", "refuses to"), (b"407 Proxy Authentication Required", "user name")],
)
def test_a_corporate_proxy_that_refuses_is_the_failing_probe(status: bytes, words: str) -> None:
    with Listener(refuse_connect(status)) as proxy:
        env = {"HTTPS_PROXY": f"http://me:cgw-canary-proxy@127.0.0.1:{proxy.port}"}
        found, _ = examine(profile("https://gw.example.invalid"), env)
    probe, verdict = only_failure(found)
    assert probe == "proxy"
    assert words in verdict.cause
    assert "canary" not in str(found)


def test_a_proxy_password_with_a_bare_percent_sign_is_not_sent_as_the_client_does_not_send_it() -> None:
    heard: list[bytes] = []

    def refuse(channel: socket.socket) -> None:
        heard.append(channel.recv(65_536))
        channel.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")

    with Listener(refuse) as proxy:
        for password in ("50%off", "50%25off"):
            env = {"HTTPS_PROXY": f"http://me:{password}@127.0.0.1:{proxy.port}"}
            _, verdict = only_failure(examine(profile("https://gw.example.invalid"), env)[0])
            assert ("write %25" in verdict.evidence) == (password == "50%off")
    assert [b"Proxy-Authorization" in head for head in heard] == [False, True]


def test_through_a_corporate_proxy_names_are_the_proxys_business(certificates: Path) -> None:
    asked: list[bytes] = []
    context = server_context(certificates, "good")

    def tunnel(channel: socket.socket) -> None:
        asked.append(channel.recv(65_536))
        channel.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(channel, server_side=True) as inner:
            http_404(inner)

    with Listener(tunnel) as proxy:
        env = {
            "https_proxy": f"http://me:pw@127.0.0.1:{proxy.port}",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem"),
        }
        found, _ = examine(profile("https://127.0.0.1:9"), env)
    assert found["gateway.alive"].status == "ok"
    assert found["dns"].status == found["tcp"].status == "skip"
    assert asked[0].startswith(b"CONNECT 127.0.0.1:9 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6cHc=\r\n" in asked[0]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_behind_tls_is_asked_inside_tls(certificates: Path, scheme: str) -> None:
    context = server_context(certificates, "good")

    def tunnel(channel: socket.socket) -> None:
        assert isinstance(channel, ssl.SSLSocket)
        if scheme == "http":
            http_404(channel)
            return
        assert channel.recv(65_536).startswith(b"CONNECT 127.0.0.1:9 HTTP/1.1")
        channel.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(relayed(channel, 5), server_side=True) as inner:
            http_404(inner)
        while channel.fileno() != -1:  # what was written is still being carried
            time.sleep(0.01)

    with Listener(tunnel, context) as proxy:
        variables = {f"{scheme.upper()}_PROXY": f"https://127.0.0.1:{proxy.port}"}
        found, _ = examine(
            profile(f"{scheme}://127.0.0.1:9"), {**variables, "NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
        )
        probe, _ = only_failure(examine(profile(f"{scheme}://127.0.0.1:9"), variables)[0])
    assert found["proxy"].status == found["gateway.alive"].status == "ok"
    assert probe == "proxy"


def test_a_plain_proxy_written_as_https_is_told_with_the_variable() -> None:
    with Listener(http_404) as proxy:
        env = {"HTTPS_PROXY": f"https://127.0.0.1:{proxy.port}"}
        probe, verdict = only_failure(examine(profile("https://127.0.0.1:9"), env)[0])
    assert probe == "proxy"
    assert f"export HTTPS_PROXY=http://127.0.0.1:{proxy.port}" in verdict.help


@pytest.mark.parametrize("rule", ["127.0.0.1", "*", "localhost, 127.0.0.1", "127.0.0.1:PORT"])
def test_no_proxy_goes_round_the_proxy(fake: Fake, rule: str) -> None:
    env = {"HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": rule.replace("PORT", fake.url.rsplit(":", 1)[1])}
    found, _ = examine(profile(fake.url), env)
    assert failed(found) == []


def test_plain_http_goes_through_the_proxy_with_a_whole_url(fake: Fake) -> None:
    env = {"HTTP_PROXY": fake.url}
    examine(profile("http://gw.example.invalid"), env)
    assert {path for _, path, _, _ in fake.seen} >= {"http://gw.example.invalid/health/liveliness"}


def test_a_proxy_that_the_client_cannot_use_is_told_before_anything_is_sent() -> None:
    probe, verdict = only_failure(examine(profile("https://gw.example.invalid"), {"HTTPS_PROXY": "socks5://h:1"})[0])
    assert probe == "proxy"
    assert "socks5" in verdict.evidence


@pytest.mark.parametrize(
    ("answer", "probe", "place"),
    [
        (None, "", "evidence"),
        ((404, "model: claude-3-7-sonnet-20250219"), "gateway.model", "cause"),
        ((401, "litellm.AuthenticationError: invalid x-api-key"), "gateway.upstream", "cause"),
    ],
)
def test_a_model_that_its_provider_retired_is_told(
    fake: Fake, answer: tuple[int, str] | None, probe: str, place: str
) -> None:
    if answer:
        said = {"type": "error", "error": {"type": "not_found_error", "message": answer[1]}}
        fake.with_key["/v1/messages/count_tokens"] = reply(answer[0], said)
    models = Models(default="claude-3-7-sonnet-20250219", haiku="claude-haiku-4-5")
    found, _ = examine(profile(fake.url, models=models))
    text = getattr(found[probe or "gateway.model"], place)
    assert failed(found) == ([probe] if probe else [])
    assert "claude-3-7-sonnet-20250219 was retired at Anthropic on 2026-02-19" in text
    assert "retired" not in text.replace("claude-3-7-sonnet-20250219 was retired at", "")
