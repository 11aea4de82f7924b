from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Models, Plan, Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.gateways import LITELLM
from claude_gw_cli.facts.versions import NEWEST

KEY = "sk-1234567890"


def variables(plan: Plan) -> dict[str, str]:
    return {item.name: item.fill(KEY) for item in plan.sets}


def profile(provider: str, credentials: Any = "proxy", **values: Any) -> Profile:
    base = Profile("p", "unified", gateway_url="https://gw", secret="env://K", project_id="proj", workspace_id="ws")
    return replace(base, provider=provider, credentials=credentials, **values)


EXPECTED = {
    ("unified", "proxy"): {"ANTHROPIC_BASE_URL": "https://gw", "ANTHROPIC_AUTH_TOKEN": KEY},
    ("anthropic", "proxy"): {"ANTHROPIC_BASE_URL": "https://gw/anthropic", "ANTHROPIC_AUTH_TOKEN": KEY},
    ("bedrock", "proxy"): {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
        "ANTHROPIC_BEDROCK_BASE_URL": "https://gw/bedrock",
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_AUTH_TOKEN": KEY,
    },
    ("bedrock", "client"): {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "ANTHROPIC_BEDROCK_BASE_URL": "https://gw/bedrock",
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: Bearer {KEY}",
    },
    ("vertex", "proxy"): {
        "CLAUDE_CODE_USE_VERTEX": "1",
        "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
        "ANTHROPIC_VERTEX_BASE_URL": "https://gw/vertex_ai/v1",
        "ANTHROPIC_VERTEX_PROJECT_ID": "proj",
        "CLOUD_ML_REGION": "us-east5",
        "ANTHROPIC_AUTH_TOKEN": KEY,
    },
    ("vertex", "client"): {
        "CLAUDE_CODE_USE_VERTEX": "1",
        "ANTHROPIC_VERTEX_BASE_URL": "https://gw/vertex_ai/v1",
        "ANTHROPIC_VERTEX_PROJECT_ID": "proj",
        "CLOUD_ML_REGION": "us-east5",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: Bearer {KEY}",
    },
    ("foundry", "proxy"): {
        "CLAUDE_CODE_USE_FOUNDRY": "1",
        "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1",
        "ANTHROPIC_FOUNDRY_BASE_URL": "https://gw",
        "ANTHROPIC_AUTH_TOKEN": KEY,
    },
    ("foundry", "client"): {
        "CLAUDE_CODE_USE_FOUNDRY": "1",
        "ANTHROPIC_FOUNDRY_BASE_URL": "https://gw",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: Bearer {KEY}",
    },
    ("mantle", "proxy"): {
        "CLAUDE_CODE_USE_MANTLE": "1",
        "CLAUDE_CODE_SKIP_MANTLE_AUTH": "1",
        "ANTHROPIC_BEDROCK_MANTLE_BASE_URL": "https://gw",
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_AUTH_TOKEN": KEY,
    },
    ("anthropic-aws", "proxy"): {
        "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1",
        "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH": "1",
        "ANTHROPIC_AWS_BASE_URL": "https://gw",
        "ANTHROPIC_AWS_WORKSPACE_ID": "ws",
        "AWS_REGION": "us-east-1",
        "ANTHROPIC_AUTH_TOKEN": KEY,
    },
}


@pytest.mark.parametrize("mode", EXPECTED, ids=" ".join)
def test_the_default_plan_of_a_mode(mode: tuple[str, str]) -> None:
    assert variables(make_plan(profile(*mode))) == EXPECTED[mode]


@pytest.mark.parametrize("mode", modes.MODES, ids=lambda mode: f"{mode.provider} {mode.credentials}")
def test_what_a_plan_does_not_set_it_clears_so_that_nothing_stale_can_win(mode: modes.Mode) -> None:
    plan = make_plan(profile(mode.provider, mode.credentials))
    decided = {*modes.ROUTING_VARIABLES, *modes.CREDENTIAL_VARIABLES}
    assert set(plan.clears) | set(variables(plan)) | set(mode.cloud_credentials) >= decided
    assert not set(plan.clears) & set(variables(plan))
    assert not set(plan.clears) & set(mode.cloud_credentials), (
        "the machine's own cloud credential is not ours to clear"
    )


@pytest.mark.parametrize("mode", modes.MODES, ids=lambda mode: f"{mode.provider} {mode.credentials}")
@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-litellm-api-key", "proxy-authorization", "x-gw"])
def test_every_plan_carries_the_key_exactly_once_and_in_no_other_place(mode: modes.Mode, header: str) -> None:
    wanted = profile(mode.provider, mode.credentials, key_header=header)
    if header in mode.taken:
        with pytest.raises(UsageError, match="cloud credential"):
            make_plan(wanted)
        return
    plan = make_plan(wanted)
    assert sum(item.slot for item in plan.sets) == 1
    assert KEY not in repr(plan)


def test_a_key_outside_the_clients_own_headers_travels_as_custom_header_beside_a_placeholder() -> None:
    found = variables(make_plan(profile("unified", key_header="x-litellm-api-key")))
    assert found["ANTHROPIC_CUSTOM_HEADERS"] == f"x-litellm-api-key: Bearer {KEY}"
    assert found["ANTHROPIC_AUTH_TOKEN"] == modes.PLACEHOLDER_TOKEN


def test_provider_modes_start_without_a_credential_so_they_get_no_placeholder() -> None:
    found = variables(make_plan(profile("bedrock", key_header="Proxy-Authorization")))
    assert found["ANTHROPIC_CUSTOM_HEADERS"] == f"Proxy-Authorization: Bearer {KEY}"
    assert "ANTHROPIC_AUTH_TOKEN" not in found


@pytest.mark.parametrize(
    ("header", "key_format", "value"),
    [
        ("api-key", None, KEY),
        ("x-goog-api-key", None, KEY),
        ("x-gw", None, f"Bearer {KEY}"),
        ("x-gw", "bare", KEY),
        ("api-key", "bearer", f"Bearer {KEY}"),
    ],
)
def test_the_value_has_the_form_that_the_header_wants(header: str, key_format: str | None, value: str) -> None:
    found = variables(make_plan(profile("unified", key_header=header, key_format=key_format)))
    assert found["ANTHROPIC_CUSTOM_HEADERS"] == f"{header}: {value}"


def test_a_format_that_the_client_cannot_spell_goes_through_a_custom_header() -> None:
    found = variables(make_plan(profile("unified", key_header="x-api-key", key_format="bearer")))
    assert found["ANTHROPIC_CUSTOM_HEADERS"] == f"x-api-key: Bearer {KEY}"
    assert "ANTHROPIC_API_KEY" not in found
    bare = variables(make_plan(profile("unified", key_header="authorization", key_format="bare")))
    assert bare["ANTHROPIC_CUSTOM_HEADERS"] == f"Authorization: {KEY}"
    assert "ANTHROPIC_AUTH_TOKEN" not in bare, "a token would beat the custom Authorization header"


def test_an_old_client_sends_its_token_as_proxy_authorization_so_the_token_is_the_key() -> None:
    old = profile("unified", key_header="proxy-authorization", min_client_version="1.0.35")
    assert variables(make_plan(old))["ANTHROPIC_AUTH_TOKEN"] == KEY
    new = replace(old, min_client_version="1.0.37")
    assert variables(make_plan(new))["ANTHROPIC_AUTH_TOKEN"] == modes.PLACEHOLDER_TOKEN


@pytest.mark.parametrize(
    ("provider", "values"),
    [
        ("foundry", {"min_client_version": "1.0.60"}),
        ("foundry", {"min_client_version": "2.1.202"}),
        ("bedrock", {"min_client_version": "0.2.120"}),
        ("unified", {"min_client_version": "2.0.44", "key_format": "bare"}),
    ],
)
def test_a_version_that_lacks_what_the_plan_needs_is_refused_by_name(provider: str, values: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(profile(provider, **values))
    assert values["min_client_version"] in caught.value.message
    assert "min_client_version" in caught.value.hint


@pytest.mark.parametrize(
    ("provider", "credentials", "header"),
    [
        ("unified", "proxy", "x-litellm-api-key"),
        ("bedrock", "proxy", "x-api-key"),
        ("vertex", "client", None),
        ("foundry", "proxy", "x-api-key"),
    ],
)
def test_a_header_that_no_helper_can_fill_is_refused_and_says_what_to_do(
    provider: str, credentials: str, header: str | None
) -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(profile(provider, credentials, auth="helper", key_header=header))
    assert "apiKeyHelper" in caught.value.message
    assert "--auth static" in caught.value.hint


def test_a_helper_plan_carries_no_key() -> None:
    plan = make_plan(profile("unified", auth="helper"))
    assert plan.helper
    assert not plan.needs_secret
    assert "ANTHROPIC_AUTH_TOKEN" in plan.clears


def test_missing_fields_are_named_by_their_option() -> None:
    plan = make_plan(Profile("p", "vertex"))
    assert plan.missing == ("--project-id", "--secret")


def test_models_extra_variables_and_headers_are_part_of_the_plan() -> None:
    found = variables(
        make_plan(
            profile(
                "unified",
                key_header="x-gw",
                models=Models(default="opus[1m]", haiku="small"),
                env={"API_TIMEOUT_MS": "1000"},
                headers={"X-Team": "a b"},
            )
        )
    )
    assert found["ANTHROPIC_MODEL"] == "opus[1m]"
    assert found["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == "small"
    assert found["API_TIMEOUT_MS"] == "1000"
    assert found["ANTHROPIC_CUSTOM_HEADERS"] == f"X-Team: a b\nx-gw: Bearer {KEY}"


@pytest.mark.parametrize(
    "values",
    [
        {"env": {"ANTHROPIC_API_KEY": "x"}},
        {"env": {"A B": "x"}},
        {"headers": {"Authorization": "x"}},
        {"headers": {"X-GW": "x"}, "key_header": "x-gw"},
        {"headers": {"a b": "x"}},
        {"headers": {"a": "x\ny"}},
        {"key_header": "not a header"},
    ],
    ids=str,
)
def test_extras_that_would_undermine_the_plan_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        make_plan(profile("unified", **values))


@pytest.mark.parametrize(
    ("provider", "credentials"),
    [("unified", "client"), ("nonsense", "proxy"), ("mantle", "client")],
)
def test_an_unknown_mode_is_refused_with_the_known_ones(provider: str, credentials: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(profile(provider, credentials))
    assert "bedrock" in caught.value.hint


def test_plain_http_to_another_machine_is_pointed_out() -> None:
    texts = [note.text for note in make_plan(profile("unified", gateway_url="http://gw.example.com")).notes]
    assert any("plain http" in text for text in texts)
    for local in ("http://localhost:4000", "http://127.0.0.1:1", "http://[::1]:1"):
        assert not make_plan(profile("unified", gateway_url=local)).notes


def test_the_table_has_one_row_for_each_mode() -> None:
    rows = [(mode.provider, mode.credentials) for mode in modes.MODES]
    assert len(rows) == len(set(rows))
    assert set(rows) == set(EXPECTED), "each mode has its plan in EXPECTED"
    flags = list(itertools.chain.from_iterable(mode.flags for mode in modes.MODES))
    assert all(value == "1" for _, value in flags)


PROXY_MODES = [mode for mode in modes.MODES if mode.credentials == "proxy"]


@pytest.mark.parametrize("mode", PROXY_MODES, ids=lambda mode: mode.provider)
@pytest.mark.parametrize("header", ["x-litellm-api-key", "x-api-key", "api-key", "proxy-authorization"])
@pytest.mark.parametrize("version", ["2.1.112", NEWEST])
def test_a_fronts_password_is_sent_beside_the_key(mode: modes.Mode, header: str, version: str) -> None:
    wanted = profile(mode.provider, key_header=header, front_auth="env://F", min_client_version=version)
    try:
        plan = make_plan(wanted)
    except UsageError as error:
        assert version != NEWEST
        assert "needs Claude Code" in error.message  # noqa: PT017
        return
    assert [item.slot for item in plan.sets if item.front] == [True]
    assert sum(item.slot for item in plan.sets) == 1
    env = {item.name: item.fill(KEY, "dTpw") for item in plan.sets}
    sent = predict(Snapshot(env, (), "/", "/", "/", version))
    assert sent.request is not None, sent.reason
    assert sent.headers["authorization"].text() == "Basic dTpw"
    assert KEY in (sent.headers[header].text() or "")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "needs another one"),
        ({"key_header": "Authorization"}, "needs another one"),
        ({"key_header": "x-api-key", "auth": "helper"}, "apiKeyHelper"),
        ({"provider": "bedrock", "credentials": "client"}, "cloud's credential"),
        ({"provider": "vertex", "credentials": "client"}, "cloud's credential"),
        ({"key_header": "x-gw", "min_client_version": "2.0.44"}, "needs Claude Code"),
    ],
)
def test_a_fronts_password_where_authorization_is_not_free_for_it(values: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_plan(profile(**{"provider": "unified", "front_auth": "env://F"} | values))


@pytest.mark.parametrize("reference", ["user:password", "env:F", ""])
def test_a_fronts_password_is_a_reference_and_not_the_password(reference: str) -> None:
    with pytest.raises(UsageError):
        make_plan(profile("unified", key_header="x-gw", front_auth=reference))


def test_the_text_of_a_plan_needs_both_secrets() -> None:
    plan = make_plan(profile("unified", key_header="x-gw", front_auth="env://F"))
    slot = next(item for item in plan.sets if item.slot)
    with pytest.raises(ValueError, match="needs the key"):
        slot.fill(KEY)
    with pytest.raises(ValueError, match="needs the key"):
        slot.fill(None, "dTpw")


def test_litellm_reads_authorization_on_every_route() -> None:
    """A plan with the key there is made without the table of gateways."""
    assert not any("authorization" in headers for _, headers in LITELLM.not_read)
