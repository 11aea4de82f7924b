"""A profile with a user name and password for the reverse proxy: a secret everywhere, and sent beside the key."""

from __future__ import annotations

import base64
import json
import socket
from pathlib import Path

import pytest
from tests.cli.conftest import Cgw

KEY, PASSWORD = "sk-canary-3f9a-7c21-zq7x", "anna:pass word-9f31"
BASIC = base64.b64encode(PASSWORD.encode()).decode()
HEADERS = f"Authorization: Basic {BASIC}\nx-litellm-api-key: Bearer {KEY}"


@pytest.fixture
def profile(cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("K", KEY)
    monkeypatch.setenv("F", PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    options = ("--provider", "unified", "--gateway-url", url, "--key-header", "x-litellm-api-key")
    cgw("init", "work", *options, "--secret", "env://K", "--front-auth", "env://F", "--yes")
    return isolated


def test_env_and_run_give_both_lines(cgw: Cgw, profile: Path) -> None:
    for _ in range(2):  # the second answer is from the kept plan
        found = json.loads(cgw("env", "--shell", "json").out)
        assert found["ANTHROPIC_CUSTOM_HEADERS"] == HEADERS
        assert not found.get("ANTHROPIC_AUTH_TOKEN")


def test_a_ci_job_masks_both(cgw: Cgw, profile: Path) -> None:
    said = cgw("env", "--shell", "github").err
    assert f"::add-mask::{KEY}\n" in said
    assert f"::add-mask::{BASIC}\n" in said
    for dialect in ("action", "gitlab", "devcontainer"):
        assert "cannot carry front_auth" in cgw("env", "--shell", dialect, fails=2).err


@pytest.mark.parametrize("value", ["anna", ":only", "two:lines\nx: y", "\x07:x", " "])
def test_what_is_not_a_user_name_and_password_is_refused_and_not_shown(
    cgw: Cgw, profile: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("F", value)
    found = cgw("env", "--shell", "json", fails=2)
    assert found.out == ""
    assert value.strip() == "" or value not in found.err


def test_settings_get_it_only_on_request(cgw: Cgw, profile: Path) -> None:
    cgw("settings", "apply", "--scope", "user")
    file = profile / ".claude" / "settings.json"
    assert "ANTHROPIC_CUSTOM_HEADERS" not in file.read_text()
    cgw("settings", "apply", "--scope", "user", "--write-secret")
    assert json.loads(file.read_text())["env"]["ANTHROPIC_CUSTOM_HEADERS"] == HEADERS
    assert file.stat().st_mode & 0o077 == 0
    assert "front_auth" not in cgw("settings", "undo", "--scope", "user").err


@pytest.mark.parametrize(
    "words",
    [
        "profile show", "profile list", "explain --profile work", "doctor", "doctor --format json", "status",
        "settings diff --scope user", "settings diff --scope user --write-secret", "check", "uninstall --dry-run",
    ],
)  # fmt: skip
def test_nothing_shows_it(cgw: Cgw, profile: Path, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", HEADERS)
    found = cgw(*words.split(), fails=1 if words.startswith("doctor") or "diff" in words else 0)
    for secret in (KEY, BASIC, PASSWORD, "pass word-9f31"):
        assert secret not in found.out + found.err


def test_doctor_says_when_it_cannot_be_fetched_and_when_plain_claude_lacks_it(
    cgw: Cgw, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"x-litellm-api-key: Bearer {KEY}")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "placeholder-0123456789")
    url = cgw("env", "--shell", "json").out
    monkeypatch.setenv("ANTHROPIC_BASE_URL", json.loads(url)["ANTHROPIC_BASE_URL"])
    monkeypatch.delenv("F")
    rows = {row["id"]: row for row in json.loads(cgw("doctor", "--format", "json", fails=1).out)["probes"]}
    assert rows["front"]["status"] == "fail"
    assert "would not send the user name and password" in rows["start"]["cause"]
