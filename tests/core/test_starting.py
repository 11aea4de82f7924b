"""The table of starters: the client that runs, the sources it reads, what the GitHub action demands."""

from __future__ import annotations

import json

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsontext import JsonError
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.snapshot import ClientArguments, Snapshot
from claude_gw_cli.core.starting import (
    chosen_starter,
    client_inside,
    started,
    user_agent,
    with_inputs,
    with_settings_input,
)
from claude_gw_cli.facts.starters import BY_NAME, NAMES, STARTERS
from claude_gw_cli.facts.unheard import EDITOR

ACTION = BY_NAME["action"]


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("cli", None),
        ("vscode", "2.1.332"),
        ("vscode@2.1.257", "2.1.257"),
        ("sdk-ts", "2.1.332"),
        ("sdk-ts@0.3.332", "2.1.332"),
        ("sdk-ts@0.3.226", "2.1.226"),
        ("sdk-ts@0.2.44", "2.1.44"),
        ("sdk-python", "2.1.332"),
        ("sdk-python@0.1.58", "2.1.97"),
        ("acp", "2.1.318"),
        ("action", "2.1.240"),
    ],
)
def test_a_release_of_a_package_has_a_client_inside(text: str, client: str | None) -> None:
    assert client_inside(*chosen_starter(text)) == client


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sdk", "unknown starter 'sdk'"),
        ("", "unknown starter ''"),
        ("sdk-ts@new", "'new' is not a release"),
        ("sdk-ts@", "'' is not a release"),
        ("cli@2.1.330", "starts the installed client"),
        ("sdk-python@0.1.60", "which client is in claude-agent-sdk 0.1.60 was not measured"),
        ("sdk-ts@0.1.45", "which client is in"),
    ],
)
def test_what_is_not_in_the_table_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        client_inside(*chosen_starter(text))


@pytest.mark.parametrize(
    ("text", "given", "sources"),
    [
        ("sdk-ts@0.2.88", (), ()),
        ("sdk-ts@0.2.88", ("--setting-sources", "user"), ("user",)),
        ("sdk-ts@0.2.89", (), None),
        ("sdk-ts@0.2.89", ("--setting-sources", ""), ()),
        ("sdk-python@0.1.52", (), ()),
        ("sdk-python@0.1.55", (), None),
        ("sdk-python@0.1.58", ("--setting-sources", ""), None),
        ("sdk-python@0.1.58", ("--setting-sources", "local"), ("local",)),
        ("sdk-python@0.1.61", ("--setting-sources", ""), ()),
    ],
)
def test_the_sources_that_a_release_reads(text: str, given: tuple[str, ...], sources: tuple[str, ...] | None) -> None:
    who, release = chosen_starter(text)
    assert started(who, release, {}, given, "2.1.332").arguments.setting_sources == sources


def refused(**env: str) -> str:
    return " ".join(started(ACTION, "24dcd50", env, (), "2.1.240").stops)


def test_the_action_checks_the_environment_of_its_step() -> None:
    assert "Either ANTHROPIC_API_KEY" in refused(ANTHROPIC_AUTH_TOKEN="t")
    assert "Either ANTHROPIC_API_KEY" in refused(INPUT_ANTHROPIC_FEDERATION_RULE_ID="fdrl_1")
    assert not refused(INPUT_ANTHROPIC_FEDERATION_RULE_ID="fdrl_1", INPUT_ANTHROPIC_ORGANIZATION_ID="o")
    assert not refused(ANTHROPIC_API_KEY="k")
    assert not refused(INPUT_CLAUDE_CODE_OAUTH_TOKEN="t")
    assert "AWS_REGION" in refused(INPUT_USE_BEDROCK="true")
    assert "AWS_ACCESS_KEY_ID" in refused(INPUT_USE_BEDROCK="true", AWS_REGION="r", AWS_ACCESS_KEY_ID="a")
    assert not refused(INPUT_USE_FOUNDRY="true", ANTHROPIC_FOUNDRY_BASE_URL="https://x")
    assert "multiple providers" in refused(INPUT_USE_FOUNDRY="true", INPUT_USE_VERTEX="true")


def test_the_action_empties_what_only_its_inputs_fill() -> None:
    start = started(ACTION, "24dcd50", {"CLAUDE_CODE_USE_VERTEX": "1", "INPUT_USE_VERTEX": "yes"}, (), "2.1.240")
    assert start.env["CLAUDE_CODE_USE_VERTEX"] == ""
    assert start.notes == ("The action empties CLAUDE_CODE_USE_VERTEX of the job: set its input use_vertex instead.",)
    given = with_inputs(ACTION, {"CLAUDE_CODE_USE_VERTEX": "1", "ANTHROPIC_API_KEY": "k"})
    assert started(ACTION, "24dcd50", given, (), "2.1.240").env["CLAUDE_CODE_USE_VERTEX"] == "1"
    assert "INPUT_ANTHROPIC_API_KEY" not in given


def shot(text: str) -> Snapshot:
    return Snapshot(
        process={}, files=(document("user", "/h/settings.json", text, ClientArguments()),), cwd="/w", home="/h",
        config_dir="/h", client_version="2.1.240",
    )  # fmt: skip


def test_the_settings_input_replaces_whole_members_of_the_users_settings() -> None:
    before = shot('{"env": {"A": "1"}, "model": "m"}')
    (file,) = with_settings_input(before, '{"env": {"B": "2"}}').files
    assert (file.status, dict(file.data)) == ("loaded", {"env": {"B": "2"}, "model": "m"})
    (file,) = with_settings_input(shot("{broken"), '{"model": "n"}').files
    assert (file.status, json.loads(file.text or "")) == ("loaded", {"model": "n"})
    with pytest.raises(JsonError):
        with_settings_input(before, "[]")


def test_the_user_agent_names_starter_and_release() -> None:
    ts = BY_NAME["sdk-ts"]
    assert user_agent(ts, "0.3.332", {}, "2.1.332") == "claude-cli/2.1.332 (external, sdk-ts, agent-sdk/0.3.332)"
    inside = {"CLAUDE_CODE_ENTRYPOINT": "cli"}
    assert user_agent(ts, "0.3.332", inside, "2.1.332") == "claude-cli/2.1.332 (external, sdk-cli, agent-sdk/0.3.332)"
    assert user_agent(BY_NAME["sdk-python"], "0.2.189", inside, "2.1.332") == (
        "claude-cli/2.1.332 (external, sdk-py, agent-sdk/0.2.189)"
    )
    assert user_agent(BY_NAME["cli"], "", inside, "2.1.332") == "claude-cli/2.1.332 (external, sdk-cli)"
    assert user_agent(BY_NAME["vscode"], "2.1.332", inside, "2.1.332") == (
        "claude-cli/2.1.332 (external, claude-vscode, agent-sdk/0.3.332)"
    )


def test_the_table_is_whole() -> None:
    assert NAMES == ("cli", "interactive", "sdk-ts", "sdk-python", "acp", "action", "vscode")
    for row in STARTERS:
        assert row.evidence
        assert bool(row.package) == bool(row.releases)


def test_the_editor_is_named_as_the_prediction_knows_it() -> None:
    assert [row.name for row in STARTERS if row.entrypoint == EDITOR] == ["vscode"]
