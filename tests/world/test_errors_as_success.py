"""Gateways that answer with the status of success what is none: an error, or an answer of another API."""

from __future__ import annotations

import json

import pytest
from tests.world.test_probe_gateway import KEY, Fake, Reply, examine, failed, fake, only_failure, profile, reply

from claude_gw_cli.core.diagnosis import Answer
from claude_gw_cli.core.misstated import as_meant

__all__ = ["fake"]


def event(value: object) -> Reply:
    return reply(
        200, b"event: error\ndata: " + json.dumps(value).encode() + b"\n\n", content_type="text/event-stream"
    )


def anthropic(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}}


BUDGET = {"error": {"message": "ExceededBudget: over the budget of team blue", "type": "budget_exceeded"}}
CHAT = {"id": "c", "object": "chat.completion", "choices": [{"index": 0, "message": {"content": "hi"}}]}


@pytest.mark.parametrize(
    ("answer", "situation", "words"),
    [
        (reply(200, BUDGET), "budget", "team blue"),
        (reply(200, {"error": "the engine is on fire"}), "error-as-success", "on fire"),
        (reply(200, {"error": {"message": "no worker", "code": 500}}), "error-as-success", "no worker"),
        (reply(200, {"success": False, "message": "quota of Monday"}), "error-as-success", "Monday"),
        (reply(200, {"status": "error", "detail": "pool 7 is empty"}), "error-as-success", "pool 7"),
        (reply(200, {"detail": "Unsupported value: failed to parse"}), "error-as-success", "failed to parse"),
        (reply(200, {"errors": [{"code": 10000, "message": "Authentication failed"}]}), "key-refused", "10000"),
        (reply(200, {"error": "Forbidden for group 12"}), "key-forbidden", "group 12"),
        (reply(200, {"statusCode": 401, "message": "who?"}), "key-refused", "who?"),
        (reply(200, anthropic("overloaded_error", "Overloaded")), "overloaded", "Overloaded"),
        (reply(200, anthropic("rate_limit_error", "slow down")), "rate-limited", "slow down"),
        (event(anthropic("overloaded_error", "Overloaded")), "overloaded", "Overloaded"),
        (event(anthropic("api_error", "no provider")), "error-as-success", "no provider"),
        (reply(200, CHAT), "another-api", "chat.completion"),
        (reply(200, {"id": "r", "object": "response", "output": []}), "another-api", "response"),
        (reply(200, {"candidates": [{"content": {}}]}), "another-api", "candidates"),
    ],
)
def test_what_the_gateway_says_with_status_200_is_told(fake: Fake, answer: Reply, situation: str, words: str) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {"detail": "Not Found"})
    fake.without_key = reply(401, {"error": "no key"})
    fake.with_key["/v1/messages"] = fake.with_key["/v1/messages/count_tokens"] = answer
    name, verdict = only_failure(examine(profile(fake.url))[0])
    assert (name, verdict.situation) == ("gateway.key", situation)
    assert verdict.evidence.startswith("HTTP 200 ")
    assert words in verdict.evidence
    assert "status of success" in verdict.cause or situation == "another-api"
    assert "another server" not in verdict.cause


@pytest.mark.parametrize("body", [{"error": "the engine is on fire"}, {"success": False}, {"error": {"code": 500}}])
def test_the_same_error_to_every_request_is_not_ok(fake: Fake, body: object) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {"detail": "Not Found"})
    fake.without_key = fake.with_key["/v1/messages"] = fake.with_key["/v1/messages/count_tokens"] = reply(200, body)
    assert only_failure(examine(profile(fake.url))[0])[1].situation == "error-as-success"


@pytest.mark.parametrize("without", [401, 200])
@pytest.mark.parametrize(
    "refusal",
    [
        anthropic("invalid_request_error", "messages: Field required"),
        {"error": {"message": "Missing required parameter: 'messages'.", "code": 400}},
        {"error": "messages is required"},
    ],
)
def test_an_incomplete_request_that_is_refused_with_status_200_is_no_failure(
    fake: Fake, without: int, refusal: object
) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {"detail": "Not Found"})
    fake.without_key = reply(without, {"error": "no key"})
    fake.with_key["/v1/messages"] = reply(200, refusal)
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok"


def test_a_gateway_that_cannot_count_tokens_and_says_so_with_status_200_is_no_failure(fake: Fake) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {"detail": "Not Found"})
    fake.without_key = reply(401, {"error": "no key"})
    fake.with_key["/v1/messages/count_tokens"] = reply(200, {"error": "count_tokens is not supported"})
    assert failed(examine(profile(fake.url))[0]) == []


@pytest.mark.parametrize(
    "body",
    [
        {"input_tokens": 7, "error": None},
        {"type": "message", "content": [], "status": "completed"},
        {"data": [], "ok": True},
        {"message": "Welcome to the server of the canteen"},
        {"status": "ok", "code": 0},
        [{"error": "x"}],
    ],
)
def test_no_error_is_read_into_other_answers(body: object) -> None:
    answer = Answer(200, (), json.dumps(body), 0.0)
    assert as_meant(answer) is answer


@pytest.mark.parametrize("body", ['{"error": {"type": ["x"], "code": {}}}', '{"error": 1e999}', '{"error": "' + KEY])
def test_odd_errors_are_read_without_a_fault(body: str) -> None:
    assert as_meant(Answer(200, (), body, 0.0)).status in {200, 500}
