"""The client's settings schema: what a wrong value costs, as tests/atlas/settings_schema.py measured it."""

from __future__ import annotations

from typing import Any

import pytest

from claude_gw_cli.core.layers import document
from claude_gw_cli.core.settings_schema import faults
from claude_gw_cli.core.snapshot import ClientArguments
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.facts.settings_schema import MARKS, NEEDED, rows_of

HOOK = {"type": "command", "command": "true"}
TOOL = {"type": "mcp_tool", "server": "a", "tool": "b"}


def cost(key: str, value: Any, version: str = "2.1.332") -> str:
    found = list(faults(key, value, version))
    return "file" if any(not fault.alone for fault in found) else "member" if found else ""


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("voiceEnabled", "yes", "file"),
        ("useAutoModeDuringPlan", 1, "file"),
        ("verbose", True, ""),
        ("enableWorkflows", None, ""),
        ("verbose", None, "file"),
        ("cleanupPeriodDays", 0, "file"),
        ("cleanupPeriodDays", 1.5, "file"),
        ("cleanupPeriodDays", 30, ""),
        ("cleanupPeriodDays", 30.0, ""),
        ("desktopSessionCleanupPeriodDays", 0, ""),
        ("feedbackSurveyRate", 1.01, "file"),
        ("skillListingBudgetFraction", 0, "file"),
        ("autoUpdatesChannel", "beta", "file"),
        ("permissions", {"defaultMode": "yolo"}, "file"),
        ("permissions", {"defaultMode": "manual"}, ""),
        ("permissions", {"allow": [7]}, "member"),
        ("permissions", {"disableBypassPermissionsMode": True}, "file"),
        ("statusLine", "~/line.sh", "file"),
        ("statusLine", {"type": "command"}, "file"),
        ("statusLine", {"type": "command", "command": "a", "padding": "1"}, "file"),
        ("statusLine", {"type": "command", "command": "a", "refreshInterval": 0}, "member"),
        ("attribution", {"commit": False}, "file"),
        ("attribution", False, ""),
        ("sandbox", {"network": {"allowedDomains": "example.com"}}, "file"),
        ("sandbox", {"network": {"httpProxyPort": "8080"}}, "file"),
        ("sandbox", {"credentials": {"files": [{"path": "a", "mode": "hide"}]}}, "file"),
        ("modelOverrides", {"claude-sonnet-5-5": None}, "file"),
        ("env", ["A=b"], "file"),
        ("env", {"A": None}, ""),
        ("quietHours", {"start": "25:00"}, "file"),
        ("enabledPlugins", {"a@b": "on"}, "file"),
        ("strictKnownMarketplaces", [{"source": "github"}], "file"),
        ("blockedMarketplaces", [{"source": "url", "url": "not a URL"}], "file"),
        ("extraKnownMarketplaces", {"a": {"source": {"source": "github"}}}, "member"),
        ("extraKnownMarketplaces", {"a": {"source": {"source": "gitlab"}}}, "file"),
        ("theme", 7, ""),
        ("effortLevel", "maximum", "member"),
        ("somebodyElsesKey", {"a": [None]}, ""),
    ],
)
def test_what_a_value_costs(key: str, value: Any, expected: str) -> None:
    assert cost(key, value) == expected


@pytest.mark.parametrize(
    ("hooks", "newest", "middle", "old"),
    [
        ({"PreToolUse": [{"matcher": "Bash", "hooks": [HOOK]}]}, "", "", ""),
        ({"PreToolUse": "x"}, "file", "member", "file"),
        ({"PreToolUse": None}, "member", "member", "member"),
        ({"PreToolUse": ["x"]}, "file", "file", "file"),
        ({"PermissionRequest": [{"matcher": "Bash"}]}, "file", "file", "file"),
        ({"PermissionRequest": [{"hooks": [{"command": "a"}]}]}, "file", "file", "file"),
        ({"PreToolUse": [{"hooks": [{**HOOK, "timeout": "60"}]}]}, "file", "file", "file"),
        ({"PreToolUse": [{"hooks": [{"type": "webhook"}]}]}, "file", "file", "file"),
        ({"PreToolUse": [{"matcher": {"tool": "Bash"}, "hooks": [HOOK]}]}, "file", "file", "file"),
        ({"PostToolUse": [{"matcher": {"tool": "Bash"}, "hooks": [HOOK]}]}, "member", "file", "file"),
        ({"PostToolUse": "x"}, "member", "member", "file"),
        ([{"matcher": "Bash", "hooks": [HOOK]}], "file", "member", "file"),
    ],
)
def test_a_hook_that_may_guard_costs_the_file(hooks: Any, newest: str, middle: str, old: str) -> None:
    found = [cost("hooks", hooks, version) for version in ("2.1.332", "2.1.228", "2.1.113")]
    assert found == [newest, middle, old]


def test_a_key_of_a_later_release_costs_nothing() -> None:
    assert cost("timeZone", 7, "2.1.228") == ""
    assert cost("timeZone", 7, "2.1.332") == "file"
    assert cost("attribution", False, "2.1.280") == "file"


@pytest.mark.parametrize(
    ("key", "value", "before", "since", "costs"),
    [
        ("timeZone", 7, "2.1.252", "2.1.257", ("", "file")),
        ("permissions", {"denyInsteadOfPrompting": "x"}, "2.1.318", "2.1.319", ("", "file")),
        ("sandbox", {"windows": {"backend": "x"}}, "2.1.325", "2.1.326", ("", "file")),
        ("appendPlugins", 7, "2.1.267", "2.1.268", ("", "member")),
        ("policyHelper", 7, "2.1.231", "2.1.232", ("file", "")),
        ("enforceAvailableModels", None, "2.1.281", "2.1.282", ("file", "")),
        ("disableSideloadFlags", None, "2.1.276", "2.1.277", ("file", "")),
        ("fileCheckpointingEnabled", None, "2.1.330", "2.1.331", ("file", "")),
        ("enabledMcpjsonServers", "a", "2.1.296", "2.1.299", ("file", "")),
        ("hooks", {"PreToolUse": {}}, "2.1.252", "2.1.257", ("member", "file")),
        ("hooks", {"PostToolUse": [{"hooks": [{"type": "zz"}]}]}, "2.1.252", "2.1.257", ("file", "member")),
    ],
)
def test_what_a_value_costs_changes_with_the_release(
    key: str, value: Any, before: str, since: str, costs: tuple[str, str]
) -> None:
    assert (cost(key, value, before), cost(key, value, since)) == costs


def test_a_dropped_file_names_every_fault() -> None:
    text = '{"env": {"ANTHROPIC_BASE_URL": "https://gw"}, "verbose": "yes", "tui": "wide", "effortLevel": 1}'
    found = document("user", "f", text, ClientArguments())
    assert found.status == "invalid"
    assert found.reason.startswith("verbose: expected boolean, but received string; tui: expected one of ")
    assert [(fault.path, fault.alone) for fault in found.faults] == [
        ("verbose", False),
        ("tui", False),
        ("effortLevel", True),
    ]


def test_a_managed_file_loses_the_member() -> None:
    found = document("managed", "f", '{"verbose": "yes", "model": "opus"}', ClientArguments())
    assert (found.status, dict(found.data)) == ("loaded", {"model": "opus"})


def test_every_row_belongs_to_a_key_that_the_client_knows() -> None:
    tops = {path.replace("[", ".").split(".")[0] for path in MARKS if not path.startswith("@")}
    assert tops <= KNOWN
    assert {f"{parent}.{name}" for parent, names in NEEDED.items() for name in names} <= set(MARKS)
    shared = {row.kind.shared for path in MARKS for row in rows_of(path) if row.kind.shared}
    assert shared == {path for path in MARKS if path.startswith("@") and path[1:].isalpha()}


# Member and a value -> what it costs, in the last release before a change and in the first one after it (measured).
CHANGES = [
    ("claudeMd", 7, ("2.1.138", ""), ("2.1.139", "file")),
    ("fallbackModel", "opus", ("2.1.165", ""), ("2.1.166", "file")),
    ("enforceAvailableModels", "yes", ("2.1.174", ""), ("2.1.175", "file")),
    ("requiredMinimumVersion", 2, ("2.1.162", ""), ("2.1.163", "file")),
    ("verbose", "yes", ("2.1.118", ""), ("2.1.119", "file")),
    ("footerLinksRegexes", 7, ("2.1.175", ""), ("2.1.176", "member")),
    ("teammateMode", "zz", ("2.1.118", ""), ("2.1.119", "file")),
    ("teammateMode", "zz", ("2.1.120", "file"), ("2.1.121", "member")),
    ("teammateMode", "iterm2", ("2.1.185", "member"), ("2.1.186", "")),
    ("permissions", {"defaultMode": "manual"}, ("2.1.199", "file"), ("2.1.200", "")),
    ("$schema", "https://example.com/schema.json", ("2.1.173", "file"), ("2.1.174", "")),
    ("$schema", "https://json.schemastore.org/claude-code-settings.json", ("2.1.173", ""), ("2.1.174", "")),
    ("hooks", {"Stop": [{"hooks": [TOOL]}]}, ("2.1.117", "file"), ("2.1.118", "")),
    ("hooks", {"Stop": 7}, ("2.1.121", "file"), ("2.1.122", "member")),
    ("hooks", [{}], ("2.1.121", "file"), ("2.1.122", "member")),
    ("sandbox", {"credentials": {"files": 7}}, ("2.1.186", ""), ("2.1.187", "file")),
    ("sandbox", {"credentials": {"files": [{"path": "a", "mode": "mask"}]}}, ("2.1.220", "file"), ("2.1.221", "")),
    ("extraKnownMarketplaces", {"a": 7}, ("2.1.223", "file"), ("2.1.224", "member")),
    ("policyHelpers", 7, ("2.1.227", ""), ("2.1.228", "file")),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "before", "after"), CHANGES)
def test_each_release_knows_its_own_members(
    key: str, value: Any, before: tuple[str, str], after: tuple[str, str]
) -> None:
    for version, expected in (before, after):
        assert cost(key, value, version) == expected, version
