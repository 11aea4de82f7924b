"""Answers that decide less than they seem to: to incomplete requests, after a long time, about a project."""

from __future__ import annotations

import time

import pytest
from tests.world.test_probe_gateway import MISSING, Fake, Reply, examine, failed, fake, profile, reply

__all__ = ["fake"]

INCOMPLETE: dict[str, Reply] = {
    "json": reply(500, {"error": "Internal Server Error"}),
    "text": reply(500, b"Internal Server Error", content_type="text/plain"),
    "page": reply(500, b"<html>Internal Server Error</html>", content_type="text/html"),
    "bad gateway": reply(502, {"error": "no"}),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_gateway_that_fails_on_an_incomplete_request_alone_is_not_called_broken(fake: Fake, name: str) -> None:
    fake.with_key["/v1/messages"] = INCOMPLETE[name]
    found, _ = examine(profile(fake.url))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok", "the complete request to count tokens shows that the key is accepted"
    fake.with_key["/v1/messages/count_tokens"] = reply(404, {"detail": "Not Found"})
    found, _ = examine(profile(fake.url))
    assert (failed(found), found["gateway.key"].status) == ([], "warn")
    assert "to an incomplete request, so the key could not be tried" in found["gateway.key"].cause
    assert found["gateway.key"].help == "send a real request: cgw doctor --live"
    fake.with_key["/v1/messages/count_tokens"] = INCOMPLETE[name]
    found, _ = examine(profile(fake.url))
    assert failed(found) == ["gateway.key"], "it fails on a complete request too"


def test_a_key_that_is_refused_where_tokens_are_counted_is_not_excused_by_a_failure(fake: Fake) -> None:
    fake.with_key["/v1/messages"] = INCOMPLETE["json"]
    refusal = reply(401, {"error": {"message": "Authentication Error, Invalid proxy server token passed"}})
    fake.with_key["/v1/messages/count_tokens"] = refusal
    assert failed(examine(profile(fake.url))[0]) == ["gateway.key"]


def late(seconds: float) -> Reply:
    time.sleep(seconds)
    return reply(504, b"<html>504 Gateway Time-out</html>", content_type="text/html")


@pytest.mark.parametrize(("seconds", "gave_up"), [(1.0, True), (0.0, False)])
def test_504_after_some_time_is_a_limit_on_the_way(fake: Fake, seconds: float, *, gave_up: bool) -> None:
    missing = fake.answer("/v1/messages", {}, {})

    def messages(body: dict[str, object]) -> Reply:
        if "messages" in body:
            return late(seconds)
        return reply(400, MISSING) if "authorization" in fake.seen[-1][2] else missing

    fake.answers["/v1/messages"] = messages
    found, _ = examine(profile(fake.url), live=True)
    assert failed(found) == ["gateway.stream"]
    assert (found["gateway.stream"].situation == "stream-gave-up") is gave_up
    fake.answers["/v1/messages/count_tokens"] = lambda _: late(seconds)
    found, _ = examine(profile(fake.url))
    (name,) = failed(found)
    assert (found[name].situation == "upstream-gave-up") is gave_up
    assert ("had begun after 1.0 s" in found[name].cause) is gave_up


GOOGLE = "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/proj-x'"


@pytest.mark.parametrize(
    ("answer", "situation"),
    [
        ({"error": {"code": 403, "message": GOOGLE, "status": "PERMISSION_DENIED"}}, "project-not-permitted"),
        (
            {"error": {"code": 403, "message": "Vertex AI API is disabled", "status": "PERMISSION_DENIED"}},
            "project-not-permitted",
        ),
        (
            {"error": {"message": 'litellm.PermissionDeniedError: {"status": "PERMISSION_DENIED"}'}},
            "project-not-permitted",
        ),
        ({"error": {"message": "Permission denied on resource project proj-x."}}, "project-not-permitted"),
        ({"error": {"message": "project proj-x is not allowed for this key"}}, "project-denied"),
    ],
)
def test_a_project_that_is_not_permitted_is_named(fake: Fake, answer: object, situation: str) -> None:
    given = profile(fake.url, provider="vertex", project_id="proj-x", region="us-east5")
    models = "/vertex_ai/v1/projects/proj-x/locations/us-east5/publishers/anthropic/models"
    fake.header = "authorization"
    fake.with_key[f"{models}/count-tokens:rawPredict"] = reply(403, answer)
    found, _ = examine(given)
    (name,) = failed(found)
    assert found[name].situation == situation
    assert "proj-x" in found[name].cause
    assert "cgw profile set p --project-id ID" in found[name].help
    assert "credential" not in found[name].cause or "does not permit" in found[name].cause


def test_what_aws_does_not_permit_is_not_called_a_rejected_credential(fake: Fake) -> None:
    said = "User: arn:aws:iam::1:role/gw is not authorized to perform: bedrock:InvokeModel"
    fake.with_key["/v1/messages/count_tokens"] = reply(403, {"message": said})
    found, _ = examine(profile(fake.url))
    (name,) = failed(found)
    assert found[name].situation == "cloud-not-permitted"


@pytest.mark.parametrize("provider", ["unified", "bedrock"])
@pytest.mark.parametrize("header", ["authorization", "x-other"])
def test_a_gateway_that_fails_instead_of_refusing_is_not_ok(fake: Fake, provider: str, header: str) -> None:
    """Without a key that it reads it fails with 500, as LiteLLM without its database's library does."""
    fake.header = header
    failure = reply(500, b"Internal Server Error", content_type="text/plain")
    fake.without_key = failure
    fake.answers["/bedrock/ping"] = lambda _: (
        reply(200, {"message": "pong"}) if header in fake.seen[-1][2] else failure
    )
    found, _ = examine(profile(fake.url, provider=provider))
    assert failed(found) == ([] if header == "authorization" else ["gateway.key"])
    if header != "authorization":
        assert found["gateway.key"].situation == "gateway-error"


def test_a_header_that_is_removed_is_found_where_the_gateway_fails_without_it(fake: Fake) -> None:
    fake.header = "x-litellm-api-key"
    fake.without_key = reply(500, b"Internal Server Error", content_type="text/plain")
    found, _ = examine(profile(fake.url))
    (name,) = failed(found)
    assert name == "gateway.key"
    assert "accepts the key in x-litellm-api-key" in found[name].cause
