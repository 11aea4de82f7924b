"""What ``cgw explain`` predicts to be refused, ``cgw check`` calls an error, unless this machine may hold a cure."""

from __future__ import annotations

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import BEDROCK, GW, SCRIPT, TOKEN, VERTEX, gateway_env

from claude_gw_cli.rules.engine import LAST, run
from claude_gw_cli.rules.pages import Example

HELPER = {"apiKeyHelper": "~/bin/key.sh"}
FOUNDRY = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW}
MANTLE = {"CLAUDE_CODE_USE_MANTLE": "1", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL": GW}
AWS = {
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1",
    "ANTHROPIC_AWS_BASE_URL": GW,
    "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_01",
}
KEY = {"ANTHROPIC_AUTH_TOKEN": TOKEN}


def errors(example: Example) -> list[str]:
    judged = rule_context(example)
    assert judged.prediction.outcome == "refused"
    return [finding.code for finding in run(judged) if finding.severity == "error"]


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        pytest.param(Example(user={"env": FOUNDRY | KEY}), "CGW108", id="Foundry without skip-auth"),
        pytest.param(Example(user={"env": MANTLE | KEY}), "CGW108", id="Mantle without skip-auth"),
        pytest.param(Example(user={"env": AWS | KEY}), "CGW108", id="AWS without skip-auth"),
        pytest.param(
            Example(env={"CLAUDE_CODE_SIMPLE": "1"}, user=gateway_env() | HELPER, helper=SCRIPT),
            LAST,
            id="a bare start",
        ),
        pytest.param(
            Example(
                env={"CLAUDE_CODE_SIMPLE": "1"},
                user=gateway_env() | HELPER,
                helper=SCRIPT,
                claude_json={"oauthAccount": {"emailAddress": "dev@example.com"}},
            ),
            LAST,
            id="a bare start of somebody who is logged in",
        ),
        pytest.param(
            Example(user={"env": FOUNDRY | {"ANTHROPIC_FOUNDRY_API_KEY": " "}}), LAST, id="a blank Foundry key"
        ),
        pytest.param(Example(user={"env": {**VERTEX, "ANTHROPIC_VERTEX_PROJECT_ID": ""}}), "CGW504", id="no project"),
        pytest.param(Example(user={"env": {"ANTHROPIC_BASE_URL": GW}}), "CGW119", id="no credential"),
    ],
)
def test_a_refused_start_is_one_error(example: Example, expected: str) -> None:
    assert errors(example) == [expected]


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(Example(), id="nothing at all: a login may exist"),
        pytest.param(
            Example(user={"env": {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}}), id="Anthropic itself"
        ),
        pytest.param(Example(env={"CLAUDE_CODE_USE_BEDROCK": "1"}), id="an instance's role"),
        pytest.param(Example(user={"env": FOUNDRY}), id="a managed identity"),
        pytest.param(
            Example(
                env={"CLAUDE_CODE_USE_VERTEX": "1", "GCE_METADATA_HOST": "metadata.google.internal"},
                user={"env": {"GOOGLE_APPLICATION_CREDENTIALS": "/home/u/google.json"}},
            ),
            id="a project that comes with Google's credential",
        ),
        pytest.param(
            Example(
                user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {TOKEN}"),
                claude_json={"oauthAccount": {"emailAddress": "dev@example.com"}},
            ),
            id="a subscription behind LiteLLM, its session in the keychain",
        ),
    ],
)
def test_what_the_machine_may_add_is_no_error(example: Example) -> None:
    assert errors(example) == []


def test_a_file_alone_is_not_asked() -> None:
    judged = rule_context(Example(user={"env": {**BEDROCK, "CLAUDE_CODE_SKIP_BEDROCK_AUTH": ""}}))
    assert LAST not in {finding.code for finding in run(judged)}
