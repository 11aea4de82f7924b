"""The kinds of gateways in facts/gateways.py, played in the words that the real ones were measured to say."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.world.test_probe_gateway import KEY, Fake, Reply, examine, failed, fake, profile, reply

from claude_gw_cli.core.diagnosis import Answer, Verdict, recognise
from claude_gw_cli.core.model import Models
from claude_gw_cli.facts.gateways import KINDS, LITELLM, NAMES, find_kind, reads
from claude_gw_cli.report.gateway import snippet
from claude_gw_cli.world.loopback.wire import server_sent_events

__all__ = ["fake"]

GOOD = {"input_tokens": 3}
INVALID = {"type": "error", "error": {"type": "invalid_request_error", "message": "messages: Field required"}}
NOT_FOUND = reply(404, {"message": "Route not found", "error": "Not Found", "statusCode": 404})
UPSTREAM_401 = {"error": {"message": "anthropic error: invalid x-api-key", "type": "authentication_error"}}


def portkey(path: str, key: str | None, body: dict[str, object]) -> Reply:
    if path == "/":
        return 200, {"content-type": "text/plain"}, b"AI Gateway says hey!"
    if not path.startswith("/v1/messages"):
        return reply(404, {"message": "Not Found", "ok": False})
    if key != KEY:
        return reply(401, {**UPSTREAM_401, "provider": "anthropic"})
    return reply(200, GOOD) if path.endswith("count_tokens") else reply(400, INVALID)


DEAD = {"error": {"message": "fetch failedTypeError: fetch failed", "type": "api_error", "code": "internal_error"}}


def router(path: str, key: str | None, body: dict[str, object]) -> Reply:
    if path == "/":
        return reply(200, {"message": "LLMs API", "version": "2.0.0"})
    if not path.startswith("/v1/messages"):
        return NOT_FOUND
    if key != KEY:
        return 401, {"content-type": "text/plain"}, b"APIKEY is missing" if key is None else b"Invalid API key"
    return reply(200, GOOD) if path.endswith("count_tokens") else reply(400, INVALID)


def nullplatform(path: str, key: str | None, body: dict[str, object]) -> Reply:
    if path == "/health":
        return reply(200, {"status": "healthy", "timestamp": "2026-11-28T21:00:00.000Z", "version": "2.0.11"})
    if path != "/anthropic/v1/messages":
        return NOT_FOUND
    if "messages" not in body:
        return reply(500, {"error": "messages.map is not a function", "request_id": "0b2f4c1e-9a77-4d8e-8a01-3a1f"})
    if key != KEY:
        return reply(401, {"error": "Unauthorized: Invalid API key", "request_id": "51c0d3e2-0b2f-4c1e-9a77-4d8e"})
    return reply(200, {})


def any_llm(path: str, key: str | None, body: dict[str, object]) -> Reply:
    if path == "/":
        return 200, {"content-type": "text/html"}, b"<html><title>AI Gateway</title></html>"
    if path != "/v1/messages":
        return reply(404, {"detail": "Not Found"})
    if key is None:
        return reply(401, {"detail": "Missing X-AnyLLM-Key or Authorization header"})
    if key != KEY:
        return reply(401, {"detail": "Invalid API key"})
    if "metadata" in body:  # it takes user_id for the name of one of its own users
        return reply(404, {"detail": 'User \'{"device_id":"0"}\' not found'})
    return stream() if body.get("stream") else reply(400, INVALID)


def stream(body: bytes = server_sent_events("m", "1")) -> Reply:
    return 200, {"content-type": "text/event-stream"}, body


def mlflow(path: str, key: str | None, body: dict[str, object]) -> Reply:
    named = {"x-mlflow-gateway-duration-ms": "3"}
    if path != "/gateway/anthropic/v1/messages":
        return 404, {"content-type": "text/html"}, b"<!doctype html><title>404 Not Found</title>"
    if body.get("model") != "claude-x":
        return 404, {"content-type": "application/json", **named}, b'{"detail": "GatewayEndpoint not found"}'
    return 400, {"content-type": "application/json", **named}, json.dumps(INVALID).encode()


Play = Callable[[str, "str | None", dict[str, object]], Reply]
PLAYS: dict[str, tuple[Play, str]] = {
    "portkey": (portkey, ""),
    "claude-code-router": (router, ""),
    "nullplatform": (nullplatform, "/anthropic"),
    "any-llm": (any_llm, ""),
    "mlflow": (mlflow, "/gateway/anthropic"),
}


def play(gateway: Fake, kind: str, *, right: bool, read: str = "authorization") -> None:
    """Let the fake answer as that kind does; the key that it takes is the doctor's, or another one."""
    how, _ = PLAYS[kind]

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        sent = headers.get(read)
        key = sent.removeprefix("Bearer ") if sent else None
        return how(path, key if right or key is None else "another", body)

    gateway.answer = answer  # type: ignore[method-assign]


def diagnose(gateway: Fake, kind: str, **changes: object) -> tuple[dict[str, Verdict], str]:
    found, asked = examine(profile(gateway.url, base_path=PLAYS[kind][1], **changes))
    return found, asked.identity.kind


@pytest.mark.parametrize("kind", PLAYS)
def test_a_kind_is_recognised_and_its_good_key_is_no_failure(fake: Fake, kind: str) -> None:
    play(fake, kind, right=True)
    found, recognised = diagnose(fake, kind)
    assert recognised == kind
    assert failed(found) == []
    proves = kind == "portkey"  # the others count by themselves, or not at all
    assert (found["gateway.upstream"].status == "ok") is proves


@pytest.mark.parametrize("kind", PLAYS)
def test_a_wrong_key_is_never_called_good(fake: Fake, kind: str) -> None:
    play(fake, kind, right=False)
    found, _ = diagnose(fake, kind)
    if kind in {"nullplatform", "mlflow"}:  # body first, or no key: only a real request shows whether it works
        assert found["gateway.key"].status == "warn"
        assert "--live" in found["gateway.key"].help
        assert ("checks the body before the key" in found["gateway.key"].cause) is (kind == "nullplatform")
    else:
        assert failed(found) == ["gateway.key"]


@pytest.mark.parametrize("kind", ["claude-code-router", "any-llm"])
def test_a_header_that_the_kind_does_not_read_is_not_called_a_wrong_key(fake: Fake, kind: str) -> None:
    play(fake, kind, right=True)
    found, _ = diagnose(fake, kind, key_header="x-team-key")
    assert failed(found) == ["gateway.key"]
    assert "does not read its key from the header x-team-key" in found["gateway.key"].cause
    assert "authorization" in found["gateway.key"].help


def test_a_gateway_that_passes_keys_on_says_where_it_reads_them(fake: Fake) -> None:
    play(fake, "portkey", right=True)
    found, _ = diagnose(fake, "portkey", key_header="x-team-key")
    assert failed(found) == ["gateway.key"]
    assert "Portkey's gateway does not read its key from the header x-team-key" in found["gateway.key"].cause


def test_a_field_that_only_the_client_sends_is_named(fake: Fake) -> None:
    play(fake, "any-llm", right=True)
    found, _ = examine(profile(fake.url), live=True)
    assert failed(found) == ["gateway.stream"]
    assert "refuses the body field metadata" in found["gateway.stream"].cause


def test_a_key_that_only_a_real_request_can_try_is_refused_for_its_header(fake: Fake) -> None:
    play(fake, "nullplatform", right=True)
    found, _ = examine(profile(fake.url, base_path="/anthropic", key_header="x-team-key"), live=True)
    assert failed(found) == ["gateway.stream"]
    assert "does not read its key from the header x-team-key" in found["gateway.stream"].cause


def test_a_dead_cloud_is_told_from_a_failing_check_of_the_key(fake: Fake) -> None:
    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if path == "/v1/messages" and KEY in headers.get("authorization", ""):
            return reply(500, DEAD)
        return router(path, KEY if KEY in headers.get("authorization", "") else None, body)

    fake.answer = answer  # type: ignore[method-assign]
    found, _ = examine(profile(fake.url))
    assert failed(found) == ["gateway.upstream"]
    assert found["gateway.upstream"].cause == "Your key is fine. The gateway cannot reach the cloud behind it."


def test_a_key_is_not_called_fine_where_nothing_shows_it(fake: Fake) -> None:
    fake.answer = lambda path, headers, body: (  # type: ignore[method-assign]
        reply(200, {"message": "AI Gateway says hey!"}) if path == "/" else reply(500, DEAD)
    )
    found, _ = examine(profile(fake.url))
    assert found["gateway.key"].status == "warn"
    assert failed(found) == ["gateway.upstream"]
    assert found["gateway.upstream"].cause == "The gateway cannot reach the cloud behind it."


@pytest.mark.parametrize(
    ("kind", "path", "base_path", "options"),
    [
        ("claude-code-router", "/llm", "", "{url}"),
        ("any-llm", "/team/llm", "", "{url}"),
        ("any-llm", "", "/llm", "{url} --base-path ''"),
        ("nullplatform", "", "", "{url} --base-path /anthropic"),
        ("nullplatform", "/llm", "/anthropic", "{url}"),
        ("mlflow", "", "", "{url} --base-path /gateway/anthropic"),
    ],
)
def test_a_path_too_much_or_too_few_is_found(fake: Fake, kind: str, path: str, base_path: str, options: str) -> None:
    play(fake, kind, right=True)
    found, _ = examine(profile(fake.url + path, base_path=base_path))
    assert len(failed(found)) == 1
    verdict = found[failed(found)[0]]
    assert "is answered: the address has another path" in verdict.cause
    assert verdict.help == f"cgw profile set p --gateway-url {options.format(url=fake.url)}"


def test_a_key_in_the_wrong_form_is_told_with_the_right_one(fake: Fake) -> None:
    fake.with_key["/v1/messages"] = reply(401, {"error": {"message": "Malformed API Key passed in"}})
    found, _ = examine(profile(fake.url, key_format="bare"))
    assert failed(found) == ["gateway.key"]
    assert found["gateway.key"].help == "cgw profile set p --key-format bearer"


@pytest.mark.parametrize(
    ("header", "wanted", "form"), [("x-bf-vk", KEY, "bare"), ("x-team-key", f"Bearer {KEY}", "bearer")]
)
def test_the_other_form_of_the_key_is_tried(fake: Fake, header: str, wanted: str, form: str) -> None:
    fake.answer = lambda path, headers, body: (  # type: ignore[method-assign]
        reply(401, {"error": {"message": "no such key" if header in headers else "no key"}})
        if headers.get(header) != wanted
        else reply(400, INVALID)
    )
    found, _ = examine(profile(fake.url, key_header=header, key_format="bearer" if form == "bare" else "bare"))
    assert failed(found) == ["gateway.key"]
    assert f"reads the header {header} only as" in found["gateway.key"].cause
    assert found["gateway.key"].help == f"cgw profile set p --key-format {form}"


def test_the_header_that_is_in_use_is_never_the_advice(fake: Fake) -> None:
    fake.answer = lambda path, headers, body: reply(401, {"message": f"no: {path}"})  # type: ignore[method-assign]
    for header in ("authorization", "x-api-key", "x-litellm-api-key"):
        found, _ = examine(profile(fake.url, key_header=header))
        assert failed(found) == ["gateway.key"]
        assert f"--key-header {header}" not in found["gateway.key"].help


def test_an_unknown_gateway_that_refuses_with_and_without_the_key_alike(fake: Fake) -> None:
    fake.answer = lambda path, headers, body: reply(  # type: ignore[method-assign]
        401,
        {"error": {"type": "authentication_error", "message": "invalid x-api-key"}, "request_id": "req_01234567"},
    )
    found, asked = examine(profile(fake.url))
    assert asked.identity.kind == "other"
    assert failed(found) == ["gateway.key"]
    assert "as if no key was sent" in found["gateway.key"].cause
    assert "no other header that was tried (x-api-key, x-litellm-api-key, api-key)" in found["gateway.key"].cause
    assert "--key-header" not in found["gateway.key"].help, "no header is advised that was tried in vain"


@pytest.mark.parametrize(("listed", "status"), [('{"data": [{"id": "claude-x"}]}', "ok"), ('{"data": []}', "warn")])
def test_model_discovery_is_tried_where_the_client_does_it(fake: Fake, listed: str, status: str) -> None:
    asked = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        is_list = path.startswith("/v1/models?limit=1000") and KEY in headers.get("authorization", "")
        return reply(200, listed.encode()) if is_list else asked(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    found, _ = examine(profile(fake.url))
    assert "gateway.discovery" not in found
    found, _ = examine(profile(fake.url), {"CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"})
    assert found["gateway.discovery"].status == status
    assert failed(found) == []


@pytest.mark.parametrize("status", [401, 403])
def test_no_refusal_after_the_key_gives_a_good_verdict(fake: Fake, status: int) -> None:
    fake.with_key["/v1/messages/count_tokens"] = reply(status, {"message": "no"})
    found, _ = examine(profile(fake.url))
    assert failed(found) == ["gateway.model"]


def test_a_live_request_that_is_refused_is_a_failure(fake: Fake) -> None:
    asked = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        return reply(400, {"message": "no"}) if body.get("stream") else asked(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    found, _ = examine(profile(fake.url), live=True)
    assert failed(found) == ["gateway.stream"]


def test_a_model_that_mlflow_does_not_have_is_not_called_a_wrong_route(fake: Fake) -> None:
    play(fake, "mlflow", right=True)
    found, _ = diagnose(fake, "mlflow", models=Models(default="another"))
    assert failed(found) == ["gateway.model"]
    assert "no model called another" in found["gateway.model"].cause
    assert "cgw gateway snippet --profile p --kind mlflow" in found["gateway.model"].help


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_a_snippet_with_its_source(name: str) -> None:
    kind = next(item for item in KINDS if item.name == name)
    text = snippet(profile("https://gw.example.com"), name)
    if name == "litellm":
        assert "general_settings:" in text
        return
    assert "general_settings" not in text
    assert all(line.startswith("# ") for line in text.splitlines())
    assert kind.source in text
    assert kind.is_measured or "Not run by cgw" in text
    assert all(item.name in text for item in kind.key_headers)
    assert all(header in text for header, _ in kind.required_headers)
    assert kind.base_path in text
    assert kind.model_form in text
    other = snippet(profile("https://gw.example.com", key_header="x-team-key"), name)
    assert ("does not read x-team-key" in other) is bool(kind.key_headers and not kind.key_sent_on)


def test_rows_are_complete() -> None:
    for kind in KINDS:
        assert kind.source.startswith(("measured: ", "https://"))
        assert kind.marks or kind.header_marks
        assert all(path.startswith("/") for path in kind.hello)
    assert reads(LITELLM, "x-api-key", "predict") is None
    assert reads(LITELLM, "x-api-key", "messages") is not None
    assert find_kind("{}", ("x-portkey-trace-id",), None) is next(kind for kind in KINDS if kind.name == "portkey")


@pytest.mark.parametrize(
    ("kind", "status", "body", "situation"),
    [
        ("bifrost", 401, {"type": "error", "error": {"type": "authentication_error", "message": "virtual key is "
         "required. Provide a virtual key via the x-bf-vk header."}}, "key-unseen"),
        ("bifrost", 401, {"type": "virtual_key_not_found", "error": {"message": "virtual key not found. The provided "
         "virtual key does not exist or has been revoked."}}, "key-unknown"),
        ("envoy-ai-gateway", 404, "No matching route found. It is likely because the model", "model-unknown"),
        ("envoy-ai-gateway", 404, "No matching route found. It is likely that the model", "model-unknown"),
        ("openrouter", 401, {"error": {"message": "No cookie auth credentials found", "code": 401}}, "key-unseen"),
        ("azure-api-management", 401, {"statusCode": 401, "message": "Access denied due to missing subscription key. "
         "Make sure to include subscription key when making requests to an API."}, "key-unseen"),
        ("ollama", 404, {"error": "model \"x\" not found, try pulling it first"}, "model-unknown"),
        ("kong", 401, {"message": "No API key found in request"}, "key-unseen"),
    ],
)  # fmt: skip
def test_documented_answers_are_recognised(kind: str, status: int, body: object, situation: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = Answer(status, (("content-type", "application/json"),), text, 0.1)
    assert recognise(answer, "gateway.key") == situation
    recognised = answer.kind()
    assert (recognised.name if recognised else "") == ("" if kind == "ollama" else kind)
