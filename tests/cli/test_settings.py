"""`cgw settings` as a user types it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cgw = Callable[..., Any]

KEY = "cgw-canary-81732-abcdef"
ORIGINAL = b'{\r\n    "theme": "dark",\r\n    "env": {"ANTHROPIC_API_KEY": "sk-ant-users-own-key"}\r\n}'


@pytest.fixture
def profile(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    init(cgw, "work", "unified")


def init(cgw: Cgw, name: str, provider: str, *more: str) -> None:
    gateway = ("--gateway-url", "http://127.0.0.1:4000", "--secret", "env://MY_KEY")
    cgw("init", name, "--provider", provider, *gateway, *more, "--yes")


@pytest.fixture
def user(isolated: Path) -> Path:
    path = isolated / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_bytes(ORIGINAL)
    path.chmod(0o644)
    return path


def env_of(path: Path) -> dict[str, str]:
    return {name: value for name, value in json.loads(path.read_bytes())["env"].items() if value}


def test_the_life_of_a_settings_file(cgw: Cgw, profile: None, user: Path) -> None:
    shown = cgw("settings", "diff", fails=1)
    assert '+    "env": {"ANTHROPIC_API_KEY": "", "ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"' in shown.out
    assert "users-own-key" not in shown.out + shown.err
    assert user.read_bytes() == ORIGINAL

    applied = cgw("settings", "apply")
    assert applied.out == ""
    assert "ANTHROPIC_AUTH_TOKEN must come from the environment" in applied.err
    assert env_of(user) == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}
    inode = user.stat().st_ino
    assert "nothing was written" in cgw("settings", "apply").err
    assert user.stat().st_ino == inode
    assert cgw("settings", "diff").out == ""

    status = cgw("settings", "status")
    assert f"user: {user} (profile work)\n  ok       /env/ANTHROPIC_BASE_URL\n" in status.out
    cgw("settings", "undo")
    assert user.read_bytes() == ORIGINAL
    assert "Nothing of cgw's" in cgw("settings", "undo").err


def test_a_key_is_written_only_when_asked_and_then_into_a_private_file(cgw: Cgw, profile: None, user: Path) -> None:
    cgw("settings", "apply")
    assert KEY.encode() not in user.read_bytes()
    shown = cgw("settings", "diff", "--write-secret", fails=1)
    assert '"ANTHROPIC_AUTH_TOKEN": "cgw-…"' in shown.out
    assert KEY not in shown.out + shown.err
    applied = cgw("settings", "apply", "--write-secret")
    assert KEY not in applied.out + applied.err
    assert env_of(user)["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert stat.S_IMODE(user.stat().st_mode) == 0o600
    cgw("settings", "undo")
    assert user.read_bytes() == ORIGINAL
    assert stat.S_IMODE(user.stat().st_mode) == 0o644


def test_a_key_never_goes_into_project_settings(cgw: Cgw, profile: None, work: Path) -> None:
    refused = cgw("settings", "apply", "--scope", "project", "--write-secret", fails=77)
    assert KEY not in refused.err
    assert not list(work.rglob("*settings*"))


def test_a_key_in_managed_settings_is_the_administrators_explicit_choice(cgw: Cgw, profile: None, work: Path) -> None:
    managed = ("--managed-dir", str(work / "etc"))
    done = cgw("settings", "apply", "--scope", "managed", "--write-secret", *managed)
    assert "every user of this machine can read the key" in done.err
    file = work / "etc" / "managed-settings.json"
    assert KEY in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644, "a file that its users cannot read stops their clients"


def test_each_scope_has_its_file_and_mode(cgw: Cgw, profile: None, work: Path) -> None:
    managed = work / "etc"
    cgw("settings", "apply", "--scope", "project")
    cgw("settings", "apply", "--scope", "local", "--write-secret")
    cgw("settings", "apply", "--scope", "managed", "--managed-dir", str(managed))
    cgw("settings", "apply", "--scope", "managed", "--managed-dir", str(managed), "--drop-in")
    modes = {
        str(path.relative_to(work)): stat.S_IMODE(path.stat().st_mode) for path in work.rglob("*") if path.is_file()
    }
    assert modes == {
        ".claude/settings.json": 0o644,
        ".claude/settings.local.json": 0o600,
        "etc/managed-settings.json": 0o644,
        "etc/managed-settings.d/50-cgw.json": 0o644,
    }
    assert cgw("settings", "status").out.count("(profile work)") == 2
    cgw("settings", "undo", "--scope", "managed", "--managed-dir", str(managed), "--drop-in")
    assert not (managed / "managed-settings.d" / "50-cgw.json").exists()
    assert (managed / "managed-settings.json").exists()


def test_the_clients_directory_variable_is_honoured(
    cgw: Cgw, profile: None, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(work / "conf"))
    cgw("settings", "apply")
    assert (work / "conf" / "settings.json").exists()


def test_a_change_by_somebody_else_is_reported_and_kept(cgw: Cgw, profile: None, user: Path) -> None:
    cgw("settings", "apply", "--write-secret")
    text = user.read_text().replace(KEY, "their-key").replace('"theme": "dark"', '"theme": "light"')
    user.write_text(text, newline="")
    drifted = cgw("settings", "status", fails=1)
    assert "  changed  /env/ANTHROPIC_AUTH_TOKEN\n" in drifted.out
    shown = cgw("settings", "diff", "--write-secret", fails=1)
    assert '-    "env": ' in shown.out
    assert '"ANTHROPIC_AUTH_TOKEN": "cgw-…"' in shown.out, "the diff that --force would make"
    assert "their-key" not in shown.out + shown.err
    assert "without it apply does nothing" in shown.err
    assert "/env/ANTHROPIC_AUTH_TOKEN" in shown.err
    assert user.read_text() == text.replace("\r\n", "\n")
    stopped = cgw("settings", "apply", "--write-secret", fails=1)
    assert "/env/ANTHROPIC_AUTH_TOKEN" in stopped.err
    assert user.read_text() == text.replace("\r\n", "\n")
    undone = cgw("settings", "undo")
    assert "left alone" in undone.err
    assert env_of(user) == {"ANTHROPIC_API_KEY": "sk-ant-users-own-key", "ANTHROPIC_AUTH_TOKEN": "their-key"}
    assert json.loads(user.read_bytes())["theme"] == "light"


def test_switching_providers_leaves_nothing_stale(cgw: Cgw, profile: None, user: Path) -> None:
    init(cgw, "v", "vertex", "--project-id", "p", "--region", "us-east5")
    init(cgw, "b", "bedrock")
    cgw("settings", "apply", "--profile", "v", "--write-secret")
    assert env_of(user)["CLAUDE_CODE_USE_VERTEX"] == "1"
    cgw("settings", "apply", "--profile", "b", "--write-secret")
    assert set(env_of(user)) == {
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_BEDROCK_BASE_URL",
        "AWS_REGION",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "CLAUDE_CODE_USE_BEDROCK",
    }
    cgw("settings", "apply", "--profile", "work", "--write-secret")
    assert set(env_of(user)) == {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"}
    cgw("settings", "undo")
    assert user.read_bytes() == ORIGINAL


def test_a_helper_is_installed_and_named(cgw: Cgw, profile: None, user: Path) -> None:
    init(cgw, "h", "unified", "--auth", "helper")
    cgw("settings", "diff", "--profile", "h", fails=1)
    rendered = json.loads(cgw("settings", "render", "--profile", "h").out)
    assert not os.path.exists(rendered["apiKeyHelper"])
    cgw("settings", "apply", "--profile", "h")
    data = json.loads(user.read_bytes())
    assert data["apiKeyHelper"] == rendered["apiKeyHelper"]
    assert os.access(data["apiKeyHelper"], os.X_OK)
    assert int(data["env"]["CLAUDE_CODE_API_KEY_HELPER_TTL_MS"]) > 0
    assert data["env"]["ANTHROPIC_AUTH_TOKEN"] == data["env"]["ANTHROPIC_API_KEY"] == ""
    assert KEY.encode() not in user.read_bytes()
    cgw("settings", "apply", "--profile", "work")
    assert json.loads(user.read_bytes())["apiKeyHelper"] == ""


def test_render_is_a_complete_file_of_its_own(cgw: Cgw, profile: None, user: Path, work: Path) -> None:
    printed = cgw("settings", "render").out
    assert json.loads(printed)["env"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:4000"
    assert "theme" not in printed
    assert KEY not in printed
    assert KEY in cgw("settings", "render", "--write-secret").out
    cgw("settings", "render", "--out", "s.json", "--write-secret")
    assert stat.S_IMODE((work / "s.json").stat().st_mode) == 0o600
    cgw("settings", "render", "--out", "plain.json")
    assert (work / "plain.json").read_text() == printed
    cgw("settings", "render", "--out", ".claude/settings.json", "--write-secret", fails=77)
    assert user.read_bytes() == ORIGINAL


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'{\n  "a": 1,\n}', ":2:9: not valid JSON: trailing comma"),
        (b"// note\n{}", ":1:1: not valid JSON: comments"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_column(
    cgw: Cgw, profile: None, user: Path, data: bytes, place: str
) -> None:
    user.write_bytes(data)
    for command in ("apply", "diff"):
        assert f"{user}{place}" in cgw("settings", command, fails=2).err
    assert user.read_bytes() == data


def test_a_missing_field_and_a_wrong_scope_are_named(cgw: Cgw, profile: None, user: Path) -> None:
    init(cgw, "v", "vertex")
    assert "--project-id is missing" in cgw("settings", "apply", "--profile", "v", fails=2).err
    assert "no scope 'team'" in cgw("settings", "apply", "--scope", "team", fails=2).err
    assert user.read_bytes() == ORIGINAL


def test_an_own_credential_in_the_file_that_beats_the_environment_is_said(
    cgw: Cgw, profile: None, user: Path
) -> None:
    user.write_text('{"env": {"ANTHROPIC_AUTH_TOKEN": "mine"}}')
    assert "has its own ANTHROPIC_AUTH_TOKEN" in cgw("settings", "apply").err


def test_repeated_members_are_reported_and_kept(cgw: Cgw, profile: None, user: Path) -> None:
    user.write_text('{"theme": "a",\n "theme": "b"}')
    assert f"{user}:2:2: /theme is there more than once" in cgw("settings", "apply").err
    assert user.read_text().startswith('{"theme": "a",\n "theme": "b",\n "env"')


def test_a_diff_of_two_keys_that_look_alike_says_so(
    cgw: Cgw, profile: None, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cgw("settings", "apply", "--write-secret")
    monkeypatch.setenv("MY_KEY", KEY + "-rotated")
    shown = cgw("settings", "diff", "--write-secret", fails=1)
    assert shown.out == ""
    assert "/env/ANTHROPIC_AUTH_TOKEN: another value" in shown.err
