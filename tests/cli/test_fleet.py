"""`cgw settings render --scope managed --for …`: what the tools of a fleet take, read back."""

from __future__ import annotations

import json
import plistlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.emit.fleet import NAMES, TARGETS, Policy
from claude_gw_cli.world import paths

Cgw = Callable[..., Any]

PROFILE = """
provider = "unified"
gateway_url = "https://llm.example.com"
auth = "helper"
secret = "env://TEAM_KEY"
min_client_version = "2.1.290"
[headers]
X-Team = "Zürich \\"A\\" \\\\ 100%"
[managed]
helper_path = "/usr/local/lib/cgw/team"
required_minimum_version = "2.1.290"
allowed_providers = ["customEndpoint"]
[managed.settings]
cleanupPeriodDays = 30
permissions = { deny = ["Read(./.env)"], disableBypassPermissionsMode = "disable" }
"""


@pytest.fixture
def team(cgw: Cgw, isolated: Path) -> Path:
    path = Path(paths.config_dir({"HOME": str(isolated)})) / "profiles" / "team.toml"
    path.parent.mkdir(parents=True)
    path.write_text(PROFILE, encoding="utf-8")
    return path


def wanted(cgw: Cgw) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(cgw("settings", "render", "--scope", "managed", "--for", "linux").out)
    return document


def read_registry(text: str) -> dict[str, Any]:
    """The value as Windows keeps it: backslash and quote are escaped by a backslash."""
    lines = text.split("\r\n")
    assert lines[0] == "Windows Registry Editor Version 5.00"
    assert lines[2] == r"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode]"
    found = re.fullmatch(r'"Settings"="((?:[^"\\]|\\["\\])*)"', lines[3])
    assert found is not None
    document: dict[str, Any] = json.loads(re.sub(r"\\(.)", r"\1", found[1]))
    return document


def test_every_format_holds_the_same_settings(cgw: Cgw, team: Path) -> None:
    document = wanted(cgw)
    assert document["apiKeyHelper"] == "/usr/local/lib/cgw/team"
    assert document["allowedProviders"] == ["customEndpoint"]
    assert document["requiredMinimumVersion"] == "2.1.290"
    assert document["cleanupPeriodDays"] == 30
    texts = {name: cgw("settings", "render", "--scope", "managed", "--for", name).out for name in NAMES}
    assert all(text.isascii() for text in texts.values())
    assert json.loads(texts["windows-json"])["env"] == document["env"]
    assert plistlib.loads(texts["macos-plist"].encode()) == document
    assert plistlib.loads(texts["jamf"].encode()) == document
    profile = plistlib.loads(texts["macos-mobileconfig"].encode())
    payload = profile["PayloadContent"][0]
    assert payload["PayloadType"] == "com.anthropic.claudecode"
    assert {key: value for key, value in payload.items() if not key.startswith("Payload")} == document
    registry = read_registry(texts["windows-registry"])
    assert registry == json.loads(texts["windows-json"])
    script = texts["intune"]
    assert script.count("\r\n") == script.count("\n")
    assert json.loads(script.split("@'\r\n")[1].split("\r\n'@")[0]) == registry


def test_output_is_the_same_each_time_and_identifiers_are_the_profiles(cgw: Cgw, team: Path) -> None:
    def render() -> str:
        return str(cgw("settings", "render", "--scope", "managed", "--for", "macos-mobileconfig").out)

    first = render()
    assert render() == first
    team.write_text(team.read_text(encoding="utf-8").replace("= 30", "= 31"), encoding="utf-8")
    other = render()
    assert other != first
    uuids = [re.findall(r"<string>([0-9A-F-]{36})</string>", text) for text in (first, other)]
    assert uuids[0] == uuids[1]
    assert len(set(uuids[0])) == 2


def test_files_of_a_pair_and_of_a_drop_in(cgw: Cgw, team: Path, work: Path) -> None:
    cgw("settings", "render", "--scope", "managed", "--for", "intune", "--drop-in", "--out", "intune")
    detect = (work / "intune" / "Detect-ClaudeCode.ps1").read_text(encoding="ascii")
    assert r"ClaudeCode\managed-settings.d\50-cgw.json" in detect
    assert (work / "intune" / "Remediate-ClaudeCode.ps1").exists()
    cgw("settings", "render", "--scope", "managed", "--for", "jamf", "--out", "jamf")
    schema = json.loads((work / "jamf" / "com.anthropic.claudecode.schema.json").read_bytes())
    assert schema["properties"]["env"]["properties"]["ANTHROPIC_BASE_URL"]["default"] == "https://llm.example.com"
    said = cgw("settings", "render", "--scope", "managed", "--for", "linux", "--drop-in", "--out", "50-cgw.json").err
    assert "/etc/claude-code/managed-settings.d/50-cgw.json" in said
    refused = cgw("settings", "render", "--scope", "managed", "--for", "jamf", "--drop-in", fails=2)
    assert "one document" in refused.err
    assert "managed settings" in cgw("settings", "render", "--for", "linux", fails=2).err
    assert (
        "key is not written"
        in cgw("settings", "render", "--scope", "managed", "--for", "linux", "--write-secret", fails=2).err
    )


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("linux", '"$HOME"/.config/cgw/helpers/team'),
        ("jamf", "\"$HOME\"/'Library/Application Support/cgw/helpers/team'"),
        ("windows-json", r'"%APPDATA%\cgw\helpers\team.cmd"'),
    ],
)
def test_without_a_common_helper_each_users_own_is_meant(
    cgw: Cgw, team: Path, isolated: Path, name: str, command: str
) -> None:
    text = team.read_text(encoding="utf-8").replace('helper_path = "/usr/local/lib/cgw/team"\n', "")
    team.write_text(text, encoding="utf-8")
    shown = cgw("settings", "render", "--scope", "managed", "--for", name)
    document = plistlib.loads(shown.out.encode()) if name == "jamf" else json.loads(shown.out)
    assert document["apiKeyHelper"] == command
    assert str(isolated) not in shown.out
    assert "Every user needs a helper" in shown.err
    team.write_text(text.replace("[managed]", '[managed]\nhelper_path = "$HOME/bin/get key"'), encoding="utf-8")
    shown = cgw("settings", "render", "--scope", "managed", "--for", "linux")
    assert json.loads(shown.out)["apiKeyHelper"] == "\"$HOME\"/'bin/get key'"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("cleanupPeriodDays = 30", "cleanupPeriodDays = -1", "cleanupPeriodDays"),
        ("cleanupPeriodDays = 30", "cleanupPeriodDay = 30", "cleanupPeriodDay: no release"),
        ('disableBypassPermissionsMode = "disable"', 'defaultMode = "yolo"', "permissions.defaultMode"),
        ("cleanupPeriodDays = 30", 'model = ["a"]', "model"),
        ("cleanupPeriodDays = 30", "cleanupPeriodDays = 2026-01-01", "holds a date"),
        ("cleanupPeriodDays = 30", 'env = { A = "b" }', "[managed.settings] env is decided"),
        ('min_client_version = "2.1.290"', 'min_client_version = "2.1.200"', "allowedProviders is read by"),
        ("cleanupPeriodDays = 30", 'hooks = { PreToolUse = [ { hooks = "x" } ] }', "hooks.PreToolUse"),
        ('["customEndpoint"]', '["bedrock"]', "customEndpoint"),
        ('["customEndpoint"]', '["customEndpoints"]', "allowed_providers must be"),
        ('required_minimum_version = "2.1.290"', 'required_minimum_version = "2.1"', "required_minimum_version"),
        ("allowed_providers", 'required_maximum_version = "2.1.100"\nallowed_providers', "no version is at least"),
        ("helper_path", "helper_paths", "Did you mean helper_path?"),
        ('"/usr/local/lib/cgw/team"', '"bin/key"', "helper_path must be absolute"),
        ("[headers]", '[env]\nCLAUDE_CODE_INDEXED_SALAMANDER = "1"\n[headers]', "env.CLAUDE_CODE_INDEXED_SALAMANDER"),
    ],
)
def test_what_a_client_would_drop_or_not_know_is_refused_by_name(
    cgw: Cgw, team: Path, old: str, new: str, named: str
) -> None:
    text = team.read_text(encoding="utf-8")
    assert old in text
    team.write_text(text.replace(old, new), encoding="utf-8")
    refused = cgw("settings", "render", "--scope", "managed", "--for", "linux", fails=2)
    assert named in refused.err
    assert refused.out == ""
    apply = cgw("settings", "apply", "--scope", "managed", "--managed-dir", str(team.parent), fails=2)
    assert named in apply.err
    assert not (team.parent / "managed-settings.json").exists()


@pytest.mark.parametrize("name", ["macos-plist", "macos-mobileconfig", "jamf"])
def test_what_a_property_list_changes_is_refused(name: str) -> None:
    from claude_gw_cli.core.errors import UsageError

    for value in ("a\rb", "a\x1bb", None, 2**70):
        with pytest.raises(UsageError, match="property list cannot hold"):
            TARGETS[name].render(Policy({"env": {"X": value}}, "team"))


def test_a_helper_for_all_users(cgw: Cgw, team: Path, isolated: Path, tmp_path: Path) -> None:
    refused = cgw("helper", "install", "team", "--out", str(isolated / "lib" / "team"), fails=2)
    assert "home directory" in refused.err
    assert not (isolated / "lib").exists()
    out = tmp_path / "lib" / "team"
    assert cgw("helper", "install", "team", "--out", str(out)).out == f"{out}\n"
    assert out.stat().st_mode & 0o7777 == 0o755
    assert str(isolated) not in out.read_text(encoding="utf-8")
    cgw("helper", "install", "team", "--out", str(isolated / "lib" / "team"), "--force")
    assert (isolated / "lib" / "team").exists()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    said = cgw("helper", "install", "team", "--out", str(tmp_path / "open" / "team")).err
    assert "users could change what everyone runs" in said
