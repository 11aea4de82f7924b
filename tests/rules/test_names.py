"""Names of variables: what no release reads, what is newer than the client, what is gone."""

from __future__ import annotations

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import working

from claude_gw_cli.core.model import Finding
from claude_gw_cli.facts.names import releases, spans
from claude_gw_cli.facts.unheard import HOST_OWNED
from claude_gw_cli.facts.variables import INVENTED, OTHERS, VARIABLES
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.names import near
from claude_gw_cli.rules.pages import Example

CODES = {"CGW211", "CGW225", "CGW604", "CGW606"}


def found(example: Example) -> list[Finding]:
    return [finding for finding in run(rule_context(example)) if finding.code in CODES]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("CLAUDE_CODE_DISABLE_NON_ESSENTIAL_TRAFFIC", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"),
        ("DISABLE_NONESSENTIAL_TRAFFIC", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"),
        ("CLAUDE_CODE_DISABLE_TELEMETRY", "DISABLE_TELEMETRY"),
        ("CLAUDE_CODE_MAX_OUTPUT_TOKEN", "CLAUDE_CODE_MAX_OUTPUT_TOKENS"),
        ("CLAUDE_CODE_MODEL", "ANTHROPIC_MODEL"),
        ("CLAUDE_CODE_API_TIMEOUT_MS", "API_TIMEOUT_MS"),
        ("MCP_TIMEOUT_MS", "MCP_TIMEOUT"),
        ("MAX_THINKING_TOKEN", "MAX_THINKING_TOKENS"),
        ("BASH_DEFAULT_TIMEOUT", "BASH_DEFAULT_TIMEOUT_MS"),
        ("DISABLE_AUTO_UPDATER", "DISABLE_AUTOUPDATER"),
        ("OTEL_EXPORTER_OTLP_HEADER", "OTEL_EXPORTER_OTLP_HEADERS"),
    ],
)
def test_a_nearly_right_name_is_told_the_right_one(name: str, wanted: str) -> None:
    (finding,) = found(Example(user=working(**{name: "1"})))
    assert (finding.code, finding.help) == ("CGW211", f"did you mean {wanted}?")


@pytest.mark.parametrize(
    "name",
    [
        *("ANTHROPIC_TEAM_NOTE", "CLAUDE_GATEWAY_URL", "CLAUDE_HOME", "CLAUDE_BIN"),
        *("MCP_SERVER_URL", "ENABLE_LSP", "OTEL_SDK_DISABLED", "DISABLE_SPRING", "MAX_MEMORY", "BASH_ENV_FILE"),
    ],
)
def test_another_name_is_not_near(name: str) -> None:
    assert near(name) is None


@pytest.mark.parametrize("name", ["ANTHROPIC_TEAM_NOTE", "CLAUDE_GATEWAY_URL", "CLAUDE_CODE_TEAM_QUOTA"])
def test_a_name_of_no_release_is_only_mentioned(name: str) -> None:
    for example in (Example(user=working(**{name: "1"})), Example(env={name: "1"}, user=working())):
        (finding,) = found(example)
        assert (finding.code, finding.severity, finding.location.variable) == ("CGW225", "info", name)


@pytest.mark.parametrize(
    "name", [*OTHERS, "CLAUDE_PLUGIN_OPTION_TOKEN", "CLAUDE_CODE_ENTRYPOINT", "ENABLE_FEATURE_X"]
)
def test_names_that_something_reads_are_left_alone(name: str) -> None:
    assert not found(Example(env={name: "1"}, user=working()))
    assert name in INVENTED or not found(Example(user=working(**{name: "1"})))


def test_a_variable_that_the_file_itself_uses_is_its_own() -> None:
    hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "notify $CLAUDE_TEAM_ROOM"}]}]}}
    assert not found(Example(user=working(CLAUDE_TEAM_ROOM="llm") | hooks))


def test_a_name_newer_than_the_client_is_said_with_the_release() -> None:
    name = "CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD"
    span = spans()[name]
    (finding,) = found(Example(user=working(**{name: "1"}), client=span.after))
    assert (finding.code, finding.message) == (
        "CGW604",
        f"{name} is newer than client {span.after}; this is {span.after}",
    )
    assert not found(Example(user=working(**{name: "1"})))


def test_a_name_that_is_gone_has_no_effect() -> None:
    name = "CLAUDE_CODE_DISABLE_COMMAND_INJECTION_CHECK"
    (finding,) = found(Example(user=working(**{name: "1"})))
    assert (finding.code, finding.message) == ("CGW606", f"{name} has no effect since {spans()[name].before}")
    before = releases()[releases().index(spans()[name].before) - 1]
    assert not found(Example(user=working(**{name: "1"}), client=before))


def test_the_packages_agree_with_what_the_changelog_says() -> None:
    """No package has a name later than the release that the changelog, or a recording, names for it."""
    known = [(row, spans()[name]) for name, row in VARIABLES.items() if row.since and name in spans()]
    assert len(known) > 20
    for row, span in known:
        assert not span.too_old(row.since or ""), row


def test_every_name_that_the_client_lists_as_its_host_s_own_is_in_the_table() -> None:
    ours = {name for name in HOST_OWNED if name.startswith(("ANTHROPIC_", "CLAUDE_"))}
    assert len(ours) > 30
    assert ours <= set(spans())


@pytest.mark.parametrize(
    "env",
    [
        {"ANTHROPIC_CUSTOM_HEADERS": "x-team: llm\nx-litellm-api-key: Bearer <LITELLM_MASTER_KEY>"},
        {"CLOUD_ML_REGION": "<region>"},
        {"ANTHROPIC_VERTEX_PROJECT_ID": "your-project-id"},
        {"ANTHROPIC_FOUNDRY_RESOURCE": "YOUR_RESOURCE"},
        {"ANTHROPIC_FOUNDRY_BASE_URL": "https://<your-name>.services.ai.azure.com/anthropic"},
        {"ANTHROPIC_BEDROCK_BASE_URL": "https://YOUR_WORKSPACE.cloud.example.com/bedrock"},
    ],
)
def test_a_placeholder_anywhere_is_said_once(env: dict[str, str]) -> None:
    codes = [item.code for item in run(rule_context(Example(user=working(**env))))]
    assert codes.count("CGW118") == 1


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        ({"master_key": "REPLACE_ME_WITH_A_RANDOM_SECRET"}, ["CGW540"]),
        ({"master_key": "sk-dummy"}, ["CGW540"]),
        ({"master_key": "sk-1234"}, ["CGW540"]),
        ({"master_key": "${LITELLM_MASTER_KEY:-sk-litellm-local}"}, ["CGW538"]),
        ({"master_key": "os.environ/YOUR_KEY"}, []),
        ({"master_key": "os.environ/K", "api_key": "YOUR_ANTHROPIC_KEY"}, ["CGW540"]),
        ({"master_key": "os.environ/K", "api_key": "none"}, []),
        ({"master_key": "os.environ/K", "api_key": "sk-mock"}, []),
    ],
)
def test_a_gateway_s_key_that_everyone_can_guess(members: dict[str, str], wanted: list[str]) -> None:
    general = {"master_key": members["master_key"]}
    entry = {"model_name": "*", "litellm_params": {"model": "a/b", "api_key": members.get("api_key", "none")}}
    config = {"model_list": [entry], "general_settings": general}
    found = [item.code for item in run(rule_context(Example(gateway=config)))]
    assert [code for code in found if code in {"CGW538", "CGW540"}] == wanted
