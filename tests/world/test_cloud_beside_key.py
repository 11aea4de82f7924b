"""A gateway that reads the header of the cloud's credential before that of its own key, and others that do not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.world.test_probe_gateway import (
    KEY,
    MISSING,
    Fake,
    Reply,
    examine,
    failed,
    fake,
    only_failure,
    profile,
    reply,
)

from claude_gw_cli.cli.plain_plan import plan_of
from claude_gw_cli.cli.plain_start import PlainStart
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.world.loopback.clouds import google_credentials
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

__all__ = ["fake"]

NONE, WRONG = reply(401, {"error": "no key"}), reply(401, {"error": "unknown key"})
ANTHROPIC = reply(401, {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})
AWS = reply(403, {"message": "The security token included in the request is invalid."})
OLD = reply(400, {"__type": "UnrecognizedClientException", "message": "x"})
CLIENTS: dict[str, dict[str, object]] = {
    "bedrock": {"provider": "bedrock"},
    "vertex": {"provider": "vertex", "project_id": "proj-x"},
    "foundry": {"provider": "foundry"},
}


def client_profile(fake: Fake, provider: str) -> Profile:
    return profile(fake.url, credentials="client", key_header="x-litellm-api-key", **CLIENTS[provider])


def reading(first: Callable[[dict[str, str]], Reply | None], none: Reply = NONE, wrong: Reply = WRONG) -> object:
    """A gateway that asks ``first`` about the headers, and then looks at x-litellm-api-key."""

    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if path == "/health/liveliness":
            return reply(404, {"detail": "Not Found"})
        decided = first(headers)
        if decided is not None:
            return decided
        key = headers.get("x-litellm-api-key")
        if key != f"Bearer {KEY}":
            return none if key is None else wrong
        counted = reply(200, {"input_tokens": 7})
        return counted if "messages" in body and "count" in path else reply(400, MISSING)

    return answer


def any_authorization(wrong: Reply, *headers: str) -> Callable[[dict[str, str]], Reply | None]:
    names = headers or ("authorization",)
    return lambda sent: wrong if any(name in sent and KEY not in sent[name] for name in names) else None


@pytest.mark.parametrize("provider", CLIENTS)
@pytest.mark.parametrize(
    ("none", "wrong"),
    [
        (WRONG, WRONG),
        (NONE, WRONG),
        (reply(401, b"Unauthorized", content_type="text/plain"), reply(403, {"message": "Forbidden"})),
        (NONE, ANTHROPIC),
        (NONE, reply(400, {"error": {"type": "invalid_request_error", "message": "malformed Authorization"}})),
    ],
)
def test_the_clouds_credential_that_is_taken_for_the_key_is_named(
    fake: Fake, provider: str, none: Reply, wrong: Reply
) -> None:
    fake.answer = reading(any_authorization(wrong), none, wrong)  # type: ignore[method-assign, assignment]
    name, verdict = only_failure(examine(client_profile(fake, provider))[0])
    assert (name, verdict.situation) == ("gateway.key", "cloud-read-first")
    assert "reads authorization before x-litellm-api-key" in verdict.cause
    assert "cgw profile set p --credentials proxy" in verdict.help
    signed = [sent["authorization"] for _, _, sent, _ in fake.seen if "authorization" in sent]
    assert signed
    assert all(value.startswith("AWS4-HMAC-SHA256 Credential=") == (provider == "bedrock") for value in signed)


@pytest.mark.parametrize(
    ("provider", "first"),
    [
        ("bedrock", lambda _: None),
        ("vertex", lambda _: None),
        ("foundry", lambda _: None),
        # What is no Bearer is passed over.
        ("bedrock", lambda sent: WRONG if sent.get("authorization", "").startswith("Bearer ") else None),
        # Whatever the key is, a credential of the cloud goes on to the cloud, which does not know this one.
        ("bedrock", any_authorization(AWS)),
        ("bedrock", any_authorization(OLD)),
        # The key is read, and then the credential goes on to the cloud.
        (
            "bedrock",
            lambda sent: AWS if "authorization" in sent and KEY in sent.get("x-litellm-api-key", "") else None,
        ),
        ("vertex", lambda sent: ANTHROPIC if "authorization" in sent and KEY in str(sent) else None),
    ],
)
def test_a_credential_that_the_cloud_refuses_is_no_fault_of_the_gateway(
    fake: Fake, provider: str, first: Callable[[dict[str, str]], Reply | None]
) -> None:
    fake.answer = reading(first)  # type: ignore[method-assign, assignment]
    found, _ = examine(client_profile(fake, provider))
    assert failed(found) == []
    assert found["gateway.key"].status == "ok"


AWS_KEYS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIALAB", "AWS_SECRET_ACCESS_KEY": "s"}
SET_UPS: dict[str, tuple[dict[str, str], str, str]] = {
    "Bedrock, signed": (
        {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "{url}/bedrock", **AWS_KEYS},
        "authorization", "CLAUDE_CODE_SKIP_BEDROCK_AUTH=1",
    ),
    "Bedrock, a token": (
        {
            "CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "{url}/bedrock", "AWS_REGION": "us-east-1",
            "AWS_BEARER_TOKEN_BEDROCK": "ABSK-of-the-cloud-0123456789",
        },
        "authorization", "CLAUDE_CODE_SKIP_BEDROCK_AUTH=1",
    ),
    "Vertex": (
        {
            "CLAUDE_CODE_USE_VERTEX": "1", "ANTHROPIC_VERTEX_BASE_URL": "{url}/vertex_ai/v1",
            "ANTHROPIC_VERTEX_PROJECT_ID": "p", "GOOGLE_CLOUD_PROJECT": "p", "CLOUD_ML_REGION": "us-east5",
            "GOOGLE_APPLICATION_CREDENTIALS": "{google}",
        },
        "authorization", "CLAUDE_CODE_SKIP_VERTEX_AUTH=1",
    ),
    "Foundry, a token": (
        {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": "{url}",
            "ANTHROPIC_FOUNDRY_AUTH_TOKEN": "azure-of-the-cloud-0123456789",
        },
        "authorization", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH=1",
    ),
    "Foundry, a key": (
        {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": "{url}",
            "ANTHROPIC_FOUNDRY_API_KEY": "azure-of-the-cloud-0123456789",
        },
        "x-api-key", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH=1",
    ),
    "Mantle, signed": (
        {"CLAUDE_CODE_USE_MANTLE": "1", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL": "{url}", **AWS_KEYS},
        "authorization", "CLAUDE_CODE_SKIP_MANTLE_AUTH=1",
    ),
    "Claude Platform on AWS, signed": (
        {
            "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1", "ANTHROPIC_AWS_BASE_URL": "{url}",
            "ANTHROPIC_AWS_WORKSPACE_ID": "w", **AWS_KEYS,
        },
        "authorization", "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH=1",
    ),
    "Claude Platform on AWS, a key": (
        {
            "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1", "ANTHROPIC_AWS_BASE_URL": "{url}",
            "ANTHROPIC_AWS_WORKSPACE_ID": "w", "AWS_REGION": "us-east-1",
            "ANTHROPIC_AWS_API_KEY": "aws-of-the-cloud-0123456789",
        },
        "x-api-key", "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH=1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SET_UPS)
def test_every_provider_of_the_client_is_asked_about_with_its_own_credential(
    fake: Fake, isolated: object, tmp_path: object, name: str
) -> None:
    """As the plain client sends it: the value of a variable as it is, a signature or a fetched token as a dummy."""
    variables, header, skip = SET_UPS[name]
    google, subject = f"{tmp_path}/google.json", f"{tmp_path}/subject"
    for file, text in ((google, google_credentials(fake.url, subject)), (subject, "cgw")):
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
    env = {key: value.format(url=fake.url, google=google) for key, value in variables.items()}
    env |= {"HOME": str(tmp_path), "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: Bearer {KEY}"}
    start = PlainStart(env, str(tmp_path), "2.1.332", trusted=False)
    plan = plan_of(start)
    assert plan is not None

    def run() -> list[tuple[str, str, str]]:
        begin = Probe("start", "start", lambda _: start.examine(plan, None, has_profile=False))
        gateway = Gateway(Grant("typed"), plan, start.variables, (), "2.1.332", start.places)
        rows = Schedule([begin, *gateway.probes(live=False)]).run()
        found = {row.id: row.verdict for row in rows if row.verdict}
        assert "of-the-cloud" not in json.dumps([[it.cause, it.evidence, it.help] for it in found.values()])
        return [(name, it.cause, it.help) for name, it in found.items() if it.status == "fail"]

    fake.answer = reading(lambda _: None)  # type: ignore[method-assign, assignment]
    assert run() == []
    fake.answer = reading(any_authorization(WRONG, header))  # type: ignore[method-assign, assignment]
    ((probe, cause, step),) = run()
    assert probe == "gateway.key"
    assert f"reads {header} before x-litellm-api-key" in cause
    assert skip in step


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    "refusal", [reply(403, {"message": "Missing Authentication Token"}), reply(401, {"error": "sign"})]
)
def test_a_gateway_that_wants_the_clouds_credential_as_well_does_not_refuse_the_key(
    fake: Fake, refusal: Reply, *, live: bool
) -> None:
    def answer(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
        if path == "/health/liveliness":
            return reply(404, {"detail": "Not Found"})
        if headers.get("x-litellm-api-key") != f"Bearer {KEY}":
            return WRONG
        return AWS if "authorization" in headers else refusal

    fake.answer = answer  # type: ignore[method-assign]
    found, _ = examine(client_profile(fake, "bedrock"), live=live)
    assert failed(found) == []
    assert "it is read; the cloud wants the credential" in found["gateway.key"].evidence
    if live:
        assert found["gateway.stream"].status == "skip"
        assert "claude -p hi" in found["gateway.stream"].cause


def test_a_key_that_is_refused_is_not_excused_by_the_clouds_credential(fake: Fake) -> None:
    fake.answer = reading(lambda sent: WRONG if "x-litellm-api-key" in sent else None)  # type: ignore[method-assign, assignment]
    assert failed(examine(client_profile(fake, "bedrock"))[0]) == ["gateway.key"]
