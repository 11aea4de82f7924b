"""Refusals in the status of an answer to an incomplete request, and others that look better than they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.world.test_probe_gateway import (
    KEY,
    MISSING,
    Fake,
    Reply,
    certificates,
    examine,
    failed,
    fake,
    only_failure,
    profile,
    reply,
)

from claude_gw_cli.core.carried import variable_of
from claude_gw_cli.world.probe.tls import Trust, trust

__all__ = ["certificates", "fake"]
TEXT = {"content_type": "text/plain"}
REFUSALS: dict[str, Reply] = {
    "empty 400": reply(400, b"", **TEXT),
    "empty 404": reply(404, b"", **TEXT),
    "text": reply(400, b"Bad Request", **TEXT),
    "json": reply(400, {"error": {"type": "invalid_request_error", "message": "request too long for buffer"}}),
    "422": reply(422, {"detail": "too large"}),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize(
    ("size", "words"), [(100_000, "one of 300 kB does not"), (500_000, "one of 1.2 MB does not")]
)
def test_a_large_request_that_is_refused_as_an_incomplete_one(fake: Fake, name: str, size: int, words: str) -> None:
    fake.answers["/v1/messages"] = lambda body: (
        REFUSALS[name] if len(str(body.get("padding", ""))) > size else reply(400, MISSING)
    )
    failing, verdict = only_failure(examine(profile(fake.url))[0])
    assert failing == "gateway.body"
    assert words in verdict.cause


@pytest.mark.parametrize("name", REFUSALS)
def test_source_code_that_is_refused_as_an_incomplete_request(fake: Fake, name: str) -> None:
    fake.answers["/v1/messages"] = lambda body: (
        REFUSALS[name] if "SELECT" in str(body.get("padding")) else reply(400, MISSING)
    )
    assert "source code" in only_failure(examine(profile(fake.url))[0])[1].cause


@pytest.mark.parametrize(
    "answer",
    [
        lambda body: reply(422, {"detail": [{"type": "missing", "loc": ["messages"], "input": body}]}),
        lambda body: reply(400, {"error": "padding: unknown member" if "padding" in body else "messages: missing"}),
        lambda _: reply(404, {"error": "no model claude-x"}),
    ],
)
def test_a_large_request_that_is_answered_as_a_small_one_passes(
    fake: Fake, answer: Callable[[dict[str, object]], Reply]
) -> None:
    fake.answers["/v1/messages"] = answer
    assert "gateway.body" not in failed(examine(profile(fake.url))[0])


@pytest.mark.parametrize(
    "words", ["Invalid API key provided", "API key not valid. Pass a valid one.", "Incorrect API key"]
)
def test_a_key_that_is_refused_with_400(fake: Fake, words: str) -> None:
    fake.answers["/health/liveliness"] = lambda _: reply(404, {"message": "no route"})
    fake.without_key = reply(401, {"error": {"message": "missing"}})
    answered = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        is_sent = "authorization" in headers and path.startswith("/v1/messages")
        return reply(400, {"error": {"message": words}}) if is_sent else answered(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    name, verdict = only_failure(examine(profile(fake.url))[0])
    assert (name, verdict.situation) == ("gateway.key", "key-refused")


@pytest.mark.parametrize(
    ("kind", "body", "is_page"),
    [
        ("application/xml", b"<Error><Code>AccessDenied</Code></Error>", False),
        ("text/plain", b"<?xml version='1.0'?><Error/>", False),
        ("text/plain", b"<h1>Forbidden</h1>", True),
        ("application/xhtml+xml", b"<html>no</html>", True),
    ],
)
def test_an_error_in_xml_is_no_web_page(fake: Fake, kind: str, body: bytes, *, is_page: bool) -> None:
    fake.with_key["/v1/messages"] = reply(401, body, content_type=kind)
    _, verdict = only_failure(examine(profile(fake.url))[0])
    assert ("web page" in verdict.cause) is is_page


@pytest.mark.parametrize(
    ("detail", "words", "step"),
    [
        ("unable to get issuer certificate", "does not have the authority above that CA", "ca_root"),
        ("unable to get local issuer certificate", "does not have that CA", "ca_added"),
    ],
)
def test_an_issuing_ca_without_its_root_is_told_from_another_ca(
    certificates: Path, detail: str, words: str, step: str
) -> None:
    file = certificates / "ca.pem"
    said, remedy = Trust({"NODE_EXTRA_CA_CERTS": str(file)}).about_files(detail)
    assert words in said
    assert remedy == step


def test_a_certificate_that_the_client_takes_is_not_too_weak() -> None:
    assert trust({}).security_level == 1


@pytest.mark.parametrize(
    ("header", "line"), [("x-litellm-api-key", "x-litellm-api-key: Bearer KEY"), ("api-key", "api-key: KEY")]
)
def test_a_key_in_a_custom_header_comes_with_a_login(header: str, line: str) -> None:
    step = variable_of(header)
    assert f'"{line}"' in step
    assert "ANTHROPIC_AUTH_TOKEN to key-is-in-ANTHROPIC_CUSTOM_HEADERS" in step
    assert KEY not in step
