"""What something before a gateway lets through: keys in one header alone, one key, short headers, harmless words."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.world import test_probe_gateway
from tests.world.test_fronts import KEY, Front, examine, failure, front, healthy
from tests.world.test_probe_gateway import MISSING, Fake, Reply, failed, fake, only_failure, profile, reply
from tests.world.test_probe_gateway import examine as examined

from claude_gw_cli.cli.plain_plan import plan_of
from claude_gw_cli.cli.plain_start import PlainStart
from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.plan import key_header, make_plan
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.world.probe.contact import Contact
from claude_gw_cli.world.probe.exchange import Credential
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

__all__ = ["fake", "front"]


@pytest.mark.parametrize(
    "word",
    [
        "<system-reminder>", "&&", "git commit", "Claude Code", "malicious", "noreply@anthropic.com", "rm -rf",
        "powershell", "<?php", "UNION SELECT", "169.254.169.254", "password", "ignore all previous", "| bash",
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [403, 406])
def test_a_firewall_that_looks_for_a_word_of_a_session(fake: Fake, word: str, status: int) -> None:
    page = reply(status, b"<html>Forbidden</html>", content_type="text/html")
    fake.answers["/v1/messages"] = lambda body: page if word in str(body.get("padding")) else reply(400, MISSING)
    name, verdict = only_failure(examined(profile(fake.url))[0])
    assert (name, verdict.situation) == ("gateway.body", "body-inspected")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"message": "Unauthorized"}', "application/json"),
        (401, b"Unauthorized", "text/plain"),
        (401, b"<html>401</html>", "text/html"),
        (403, b'{"message": "Missing Authentication Token"}', "application/json"),
    ],
)
@pytest.mark.parametrize("header", ["x-api-key", "x-litellm-api-key", "authorization"])
def test_a_gateway_that_looks_for_the_key_before_the_path(
    front: Front, header: str, status: int, body: bytes, kind: str
) -> None:
    front.reads = {header}
    front.guard = lambda _, headers: None if KEY in headers.get(header, "") else (status, body, kind)
    other = "authorization" if header == "x-api-key" else "x-api-key"
    verdict = failure(examine(front, key_header=other), "gateway.key")
    assert f"The gateway accepts the key in {header}." in verdict.cause
    assert f"cgw profile set p --key-header {header}" in verdict.help
    healthy(examine(front, key_header=header))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("apikey", "No API key found in request"),
        (
            "ocp-apim-subscription-key",
            "Access denied due to missing subscription key. Make sure to include subscription key",
        ),
    ],
)
def test_a_header_in_which_the_key_is_alone_is_tried_and_advised_so(front: Front, header: str, words: str) -> None:
    front.reads = {header}
    body = f'{{"message": "{words}"}}'.encode()
    front.guard = lambda _, headers: None if headers.get(header) == KEY else (401, body, "application/json")
    verdict = failure(examine(front), "gateway.key")
    assert f"The gateway accepts the key in {header}." in verdict.cause
    assert f"cgw profile set p --key-header {header} --key-format bare" in verdict.help
    healthy(examine(front, key_header=header, key_format="bare"))


def sent(front: Front, headers: dict[str, str]) -> Verdict | None:
    """The failure when a plain start sends these headers, all of them keys."""
    plan = make_plan(Profile("p", "unified", front.url, secret="env://K", models=Models(default="claude-opus-5-5")))
    gateway = Gateway(Grant("typed"), plan, {}, ("CGW306",), "2.1.330")
    keys = tuple(value.removeprefix("Bearer ") for value in headers.values())
    credential = Credential(headers, keys, places={name: f"the line {name}" for name in headers})
    start = Probe("start", "Start", lambda _: Verdict("ok", value=credential))
    rows = Schedule([start, *gateway.probes(live=False)]).run()
    return next((row.verdict for row in rows if row.verdict and row.verdict.status == "fail"), None)


@pytest.mark.parametrize("lost", ["proxy-authorization", "x-key"])
def test_the_second_key_is_the_one_that_is_lost(front: Front, lost: str) -> None:
    front.reads, front.removes = {lost, "x-litellm-api-key"}, {lost}
    verdict = sent(front, {"authorization": "Bearer another-text", lost: f"Bearer {KEY}"})
    assert verdict is not None
    assert f"removes the header {lost}" in verdict.cause
    assert "accepts the key in x-litellm-api-key" in verdict.cause


@pytest.mark.parametrize("status", [400, 422])
def test_a_gateway_that_refuses_two_keys_at_once(front: Front, status: int) -> None:
    front.reads = {"authorization", "x-api-key"}
    refusal = (status, b'{"error": "more than one credential"}', "application/json")
    front.guard = lambda _, headers: refusal if {"authorization", "x-api-key"} <= headers.keys() else None
    both = {"authorization": f"Bearer {KEY}", "x-api-key": KEY}
    verdict = sent(front, both)
    assert verdict is not None
    assert verdict.situation == "several-keys-refused"
    assert verdict.help in {f"remove the other one: the line {name}" for name in both}
    front.guard = lambda _path, _headers: None
    assert sent(front, both) is None


@pytest.mark.parametrize("limit", [100, 200])
def test_a_header_of_the_client_that_is_too_long(front: Front, limit: int) -> None:
    page = (400, b"<html>Bad Request</html>", "text/html")
    front.guard = lambda _, headers: page if any(len(value) > limit for value in headers.values()) else None
    assert "for the length of the header anthropic-beta" in failure(examine(front), "gateway.key").cause


@pytest.mark.parametrize(
    "too_much",
    [
        lambda headers: any(len(value) > 4_000 for value in headers.values()),
        lambda headers: len(str(headers)) > 5_000,
    ],
)
@pytest.mark.parametrize("refusal", [(431, b"", "text/plain"), (400, b"<html>too large</html>", "text/html")])
def test_a_header_of_the_profile_that_is_too_long(
    front: Front, too_much: Callable[[dict[str, str]], bool], refusal: tuple[int, bytes, str]
) -> None:
    front.guard = lambda _, headers: refusal if too_much(headers) else None
    verdict = failure(examine(front, headers={"x-trace": "a" * 5_000}), "gateway.key")
    assert "for the length of the header x-trace (5000 characters)" in verdict.cause
    healthy(examine(front, headers={"x-trace": "a" * 500}))


@pytest.mark.parametrize(
    "refusal",
    [
        (403, b"<html>Forbidden</html>", "text/html"),
        (404, b'{"message": "no route"}', "application/json"),
        (400, b'{"error": "x-tenant header required"}', "application/json"),
        (401, b"Unauthorized", "text/plain"),
    ],
)
def test_what_the_client_sends_beside_the_key_goes_along_without_it_too(
    front: Front, refusal: tuple[int, bytes, str]
) -> None:
    front.guard = lambda _, headers: None if headers.get("x-tenant") == "a" else refusal
    healthy(examine(front, headers={"X-Tenant": "a"}))
    assert [name for name, verdict in examine(front).items() if verdict.status == "fail"]


@pytest.mark.parametrize(("url", "sent"), [("http://llm.example.com", {}), ("https://llm.example.com", {"x-a": "b"})])
def test_over_the_public_network_in_clear_nothing_goes_along(url: str, sent: dict[str, str]) -> None:
    assert (
        Contact(make_plan(Profile("p", "unified", url, headers={"X-A": "b"})), {}, (), "2.1.332", None).keyless
        == sent
    )


@pytest.mark.parametrize(
    ("token", "lines", "key", "beside"),
    [
        ("sk-0123456789", "X-Tenant: a\nCF-Access-Client-Secret: 0f1e2d3c4b5a69", "authorization", "x-tenant cf-access-client-secret"),  # noqa: E501
        (PLACEHOLDER_TOKEN, "x-litellm-api-key: Bearer sk-0123456789\nx-team: b", "x-litellm-api-key", "x-team"),
        (PLACEHOLDER_TOKEN, "x-corp-key: sk-0123456789abcdef", "x-corp-key", ""),
        ("", "Authorization: Bearer sk-0123456789", "authorization", ""),
    ],
)  # fmt: skip
def test_the_lines_beside_the_key(tmp_path: Path, token: str, lines: str, key: str, beside: str) -> None:
    env = {"HOME": str(tmp_path), "ANTHROPIC_BASE_URL": "https://llm.test", "ANTHROPIC_CUSTOM_HEADERS": lines}
    plan = plan_of(PlainStart(env | {"ANTHROPIC_AUTH_TOKEN": token}, str(tmp_path), "2.1.332", trusted=False))
    assert plan is not None
    assert (key_header(plan.profile), set(plan.profile.headers)) == (key, set(beside.split()))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(403, b"<html>x</html>", "text/html"), (403, b"{}", "application/json"), (414, b"<html>x</html>", "text/html")],
)
def test_a_path_to_count_tokens_that_is_closed_to_all_is_no_failure(
    front: Front, status: int, body: bytes, kind: str
) -> None:
    front.guard = lambda path, _: (status, body, kind) if path.endswith("count_tokens") else None
    healthy(examine(front))
    front.guard = lambda _path, _headers: None
    front.closes = lambda path, _: path.endswith("count_tokens")
    healthy(examine(front))


def test_vertex_without_the_path_to_count_tokens(fake: Fake) -> None:
    page = reply(403, b"<html>x</html>", content_type="text/html")
    answered = fake.answer

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if "count-tokens" in path:
            return page
        if ":rawPredict" in path and f"Bearer {test_probe_gateway.KEY}" == headers.get("authorization"):
            return reply(400, MISSING)
        return reply(401, {"error": "no key"}) if ":rawPredict" in path else answered(path, headers, body)

    fake.answer = answer  # type: ignore[method-assign]
    plain = profile(fake.url, provider="vertex", project_id="p", region="us-east5")
    assert not failed(examined(plain)[0])


@pytest.mark.parametrize(("server", "wait"), [("nginx/1.27.0", 1.0), ("nginx", 0.5)])
def test_a_limit_that_the_first_questions_meet_is_waited_for(front: Front, server: str, wait: float) -> None:
    front.server, came = server, [time.monotonic()]

    def guard(_path: str, _headers: dict[str, str]) -> tuple[int, bytes, str] | None:
        now = time.monotonic()
        if now - came[-1] < wait:
            return 503, b"<html>503 Service Temporarily Unavailable</html>", "text/html"
        came.append(now)
        return None

    front.guard = guard
    found = examine(front)
    assert [name for name, verdict in found.items() if verdict.status == "fail"] == []
    assert "limits how many requests may come in a moment" in found["gateway.headers"].cause


def test_a_limit_for_all_is_not_one_of_the_key(front: Front) -> None:
    front.guard = lambda path, _: (429, b"slow", "text/plain") if path.endswith("/messages") else None
    assert failure(examine(front), "gateway.key").situation == "front-limited"


@pytest.mark.parametrize("page", [b"<!doctype html><div id=app></div>", b"<html>Welcome to nginx!</html>"])
def test_a_web_site_at_the_address_is_told(front: Front, page: bytes) -> None:
    front.guard = lambda _path, _headers: (200, page, "text/html")
    verdict = failure(examine(front), "gateway.route")
    assert verdict.situation == "web-site"
    assert "cgw profile set p --base-path" in verdict.help


@pytest.mark.parametrize("limit", [100, 200])
def test_a_header_that_is_refused_for_what_is_in_it_is_not_called_too_long(front: Front, limit: int) -> None:
    page = (400, b"<html>Bad Request</html>", "text/html")
    front.guard = lambda _, headers: page if "effort-2025" in headers.get("anthropic-beta", "") else None
    assert failure(examine(front), "gateway.key").situation == "header-blocked"
    front.guard = lambda _, headers: page if "secret" in headers.get("x-trace", "") else None
    found = examine(front, headers={"x-trace": "secret" + "a" * limit * 50})
    assert "header-too-long" not in {verdict.situation for verdict in found.values()}


@pytest.mark.parametrize(
    ("variable", "value", "refused"),
    [
        ("ANTHROPIC_BETAS", "foo-2025, bar", "foo-2025,bar"),
        ("CLAUDE_CODE_EXTRA_BODY", '{"service_tier": "auto"}', "service_tier"),
        ("CLAUDE_CODE_EXTRA_BODY", '{"x_tag": 1, "x_other": {}}', "x_tag"),
    ],
)
def test_live_sends_what_the_person_adds(front: Front, variable: str, value: str, refused: str) -> None:
    refusal = (400, b'{"error": {"message": "Extra inputs are not permitted"}}', "application/json")
    front.refuses = refused
    front.guard = lambda _, headers: refusal if refused in headers.get("anthropic-beta", "") else None
    verdict = failure(examine(front, {variable: value}, live=True), "gateway.stream")
    assert verdict.situation == "field-refused"
    assert f"what {variable} adds" in verdict.cause
    assert f'set {variable} = ""' in verdict.help
    healthy(examine(front, {variable: ""}, live=True))
