"""No false alarm: what cgw itself generates, and what the vendors document, draws nothing above info."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import SCRIPT

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Models, Plan, Profile
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example

KEY = "gw-7d0f6d2c9b1e4a58"
HEADERS = ("authorization", "x-api-key", "x-litellm-api-key", "proxy-authorization", "api-key", "x-team-key")
GATEWAYS = ("https://llm.example.com", "http://localhost:4000", "http://127.0.0.1:4000/")
CLOUD = {
    "bedrock": {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": "f" * 40},
    "vertex": {"GOOGLE_APPLICATION_CREDENTIALS": "/home/u/google.json"},
    "foundry": {},
}


def plans() -> list[tuple[str, Plan]]:
    found = []
    for mode, auth, header, url in itertools.product(MODES, ("static", "helper"), HEADERS, GATEWAYS):
        profile = Profile(
            name="work",
            provider=mode.provider,
            credentials=mode.credentials,
            gateway_url=url,
            auth=auth,  # type: ignore[arg-type]  # as above
            key_header=header,
            secret="keyring://cgw/work",
            project_id="team-llm",
            workspace_id="wrkspc_01",
            models=Models(),
            headers={"x-team": "llm"},
        )
        try:
            found.append((f"{mode.provider}-{mode.credentials}-{auth}-{header}-{url}", make_plan(profile)))
        except UsageError:
            continue  # cgw refuses to generate this one
    return found


PLANS = plans()


def variables(plan: Plan) -> dict[str, str]:
    return {item.name: item.fill(KEY) for item in plan.sets}


def cloud(plan: Plan) -> dict[str, str]:
    return CLOUD.get(plan.profile.provider, {}) if plan.profile.credentials == "client" else {}


def loud(example: Example) -> list[str]:
    return [f"{item.code}: {item.message}" for item in run(rule_context(example)) if item.severity != "info"]


def test_there_are_plans_for_every_mode() -> None:
    assert {(plan.profile.provider, plan.profile.credentials) for _, plan in PLANS} == {
        (mode.provider, mode.credentials) for mode in MODES
    }


@pytest.mark.parametrize(
    "plan", [plan for _, plan in PLANS if not plan.helper], ids=[n for n, p in PLANS if not p.helper]
)
def test_an_exported_environment_is_clean(plan: Plan) -> None:
    assert not loud(Example(env=variables(plan) | cloud(plan), profile=plan.profile))


def written(plan: Plan, *, secret: bool) -> dict[str, Any]:
    """The settings document that ``cgw settings apply`` writes."""
    patch = settings_patch(
        plan, key=KEY if secret else None, helper_command="/home/u/.config/cgw/helpers/work", ttl_ms=300_000
    )
    document: dict[str, Any] = {"env": {}}
    for entry in patch.entries:
        place = document["env"] if entry.pointer[0] == "env" else document
        place[entry.pointer[-1]] = entry.value
    return document


@pytest.mark.parametrize(
    ("plan", "scope"),
    [
        pytest.param(plan, scope, id=f"{name}-{scope}")
        for name, plan in PLANS
        for scope in ("user", "project", "local", "managed")
    ],
)
def test_written_settings_are_clean_in_every_scope(plan: Plan, scope: str) -> None:
    # A project file never holds the key itself; it is then exported beside the file.
    private = scope != "project"
    exported = {} if private else {item.name: item.fill(KEY) for item in plan.sets if item.slot}
    stale = {name: "left-over-0123" for name in plan.clears if name.endswith(("_KEY", "_TOKEN"))}
    example = Example(
        env=cloud(plan) | stale | exported,
        helper=SCRIPT if plan.helper else None,
        **{scope: written(plan, secret=private)},  # type: ignore[arg-type]  # a scope's document
    )
    assert not loud(example)


def test_changing_the_profile_in_one_file_leaves_nothing_stale() -> None:
    for (_, first), (_, second) in itertools.product(PLANS[::17], PLANS[::17]):
        document = written(first, secret=True)
        again = written(second, secret=True)
        # What the first profile owned and the second does not want is taken away again.
        document = {**document, **again, "env": again["env"]}
        assert not loud(Example(env=cloud(second), user=document, helper=SCRIPT if second.helper else None))


URL = "https://litellm-server:4000"
STATIC = "sk-litellm-static-key"
OWN = "https://gateway.example.com"
DOCUMENTED: dict[str, Example] = {
    "litellm static key": Example(user={"env": {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_AUTH_TOKEN": STATIC}}),
    "litellm helper": Example(
        user={
            "env": {"ANTHROPIC_BASE_URL": URL, "CLAUDE_CODE_API_KEY_HELPER_TTL_MS": "3600000"},
            "apiKeyHelper": "~/bin/key.sh",
        },
        helper=SCRIPT,
    ),
    "managed rollout": Example(
        managed={"env": {"ANTHROPIC_BASE_URL": OWN}, "apiKeyHelper": "/usr/local/bin/get-gateway-key"}
    ),
    "anthropic pass-through": Example(env={"ANTHROPIC_BASE_URL": f"{URL}/anthropic", "ANTHROPIC_AUTH_TOKEN": KEY}),
    "bedrock pass-through": Example(
        env={
            "ANTHROPIC_BEDROCK_BASE_URL": f"{URL}/bedrock",
            "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
            "CLAUDE_CODE_USE_BEDROCK": "1",
            "ANTHROPIC_AUTH_TOKEN": KEY,
        }
    ),
    "vertex pass-through": Example(
        env={
            "ANTHROPIC_VERTEX_BASE_URL": f"{URL}/vertex_ai/v1",
            "ANTHROPIC_VERTEX_PROJECT_ID": "team-llm",
            "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
            "CLAUDE_CODE_USE_VERTEX": "1",
            "CLOUD_ML_REGION": "us-east5",
            "ANTHROPIC_AUTH_TOKEN": KEY,
        }
    ),
    "bedrock direct": Example(env={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1", "AWS_PROFILE": "llm"}),
    "bedrock direct with refresh": Example(
        user={
            "awsAuthRefresh": "aws sso login --profile myprofile",
            "env": {"AWS_PROFILE": "myprofile", "CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"},
        }
    ),
    "vertex direct": Example(
        env={"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "global", "ANTHROPIC_VERTEX_PROJECT_ID": "team"}
    ),
    "foundry direct": Example(
        env={"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_RESOURCE": "team", "ANTHROPIC_FOUNDRY_API_KEY": KEY}
    ),
    "custom headers": Example(
        env={
            "ANTHROPIC_BASE_URL": URL,
            "ANTHROPIC_AUTH_TOKEN": KEY,
            "ANTHROPIC_CUSTOM_HEADERS": "X-Team: a\nX-Env: prod",
        }
    ),
    "no gateway at all": Example(env={"PATH": "/usr/bin", "HOME": "/home/u", "TERM": "xterm"}),
    "a direct Anthropic key": Example(env={"ANTHROPIC_API_KEY": "sk-ant-api03-fake"}),
    "telemetry off": Example(env={"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}),
    "corporate proxy": Example(
        env={
            "HTTPS_PROXY": "http://user:pass@proxy.example.com:8080", "NO_PROXY": "localhost",
            "ANTHROPIC_BASE_URL": OWN, "ANTHROPIC_AUTH_TOKEN": KEY,
        }
    ),
    "login left over from before the gateway": Example(
        managed={"env": {"ANTHROPIC_BASE_URL": OWN}, "apiKeyHelper": "/usr/local/bin/get-gateway-key"},
        env={"CLAUDE_CODE_OAUTH_TOKEN": "oat-5d1e7c90aa"},
        claude_json={"oauthAccount": {"emailAddress": "dev@example.com"}},
    ),
    "url in the repository, key with the person": Example(
        project={"env": {"ANTHROPIC_BASE_URL": OWN}},
        env={"ANTHROPIC_AUTH_TOKEN": KEY},
        tracked=True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_documented_configuration_is_clean(name: str) -> None:
    assert not loud(DOCUMENTED[name])


@pytest.mark.parametrize("command", ["/home/u/repo/cgw/helpers/x", "/x/cgw/helpers/a; curl e", "cgw/helpers/x"])
def test_only_this_machine_s_own_helper_may_stand_in_a_project(command: str) -> None:
    document = {"env": {"ANTHROPIC_BASE_URL": OWN}, "apiKeyHelper": command}
    assert any(line.startswith("CGW212") for line in loud(Example(project=document)))
