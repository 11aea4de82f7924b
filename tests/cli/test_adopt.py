from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.facts.providers import Mode
from claude_gw_cli.world.profile_text import parse

from .conftest import Cgw

KEY = "sk-fakefakefake1234567890abcd"


def profile(name: str) -> Profile:
    path = Path(os.environ["HOME"]) / f".config/cgw/profiles/{name}.toml"
    return parse(path.read_text(), name, str(path))


def settings() -> Path:
    return Path(os.environ["HOME"]) / ".claude/settings.json"


def write_settings(**members: object) -> bytes:
    settings().parent.mkdir(exist_ok=True)
    settings().write_text(json.dumps(members))
    return settings().read_bytes()


WAYS = [
    *((mode, "static", None) for mode in MODES),
    *((mode, "helper", None) for mode in MODES if any(carrier.helper for _, carrier in mode.carriers)),
    *((mode, "static", "x-own") for mode in MODES),
]


@pytest.mark.parametrize(
    ("mode", "auth", "header"), WAYS, ids=lambda item: getattr(item, "title", None) or str(item or "default")
)
def test_a_profile_that_was_applied_comes_back_with_an_equal_plan(
    cgw: Cgw, work: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode, auth: str, header: str | None
) -> None:
    """For every mode: profile, settings, `init --from-current`, and the same variables and header again."""
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFAKE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
    google = work / "google.json"
    google.write_text("{}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(google))
    options = ["--project-id", "p", "--workspace-id", "w", "--region", "eu-west-1", "--opus-model", "big"]
    options += ["--key-header", header] if header else []
    options += ["--provider", mode.provider, "--credentials", mode.credentials, "--auth", auth]
    cgw("init", "first", *options, "--gateway-url", "https://gw.example.com", "--secret", "env://MY_KEY", "--yes")
    cgw("settings", "apply", "--profile", "first", *(["--write-secret"] if auth == "static" else []))
    before = settings().read_bytes()
    done = cgw("init", "again", "--from-current", "--secret", "env://MY_KEY", "--yes")
    assert "explain says the same" in done.err, done.err
    first, again = make_plan(profile("first")), make_plan(profile("again"))
    assert {(item.name, item.before.lower(), item.slot) for item in again.sets} == {
        (item.name, item.before.lower(), item.slot) for item in first.sets
    }
    assert (again.clears, again.helper, again.base_url) == (first.clears, first.helper, first.base_url)
    assert settings().read_bytes() == before


def test_a_helper_of_cgw_gives_its_own_reference(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    cgw("init", "first", "--provider", "unified", "--auth", "helper", "--secret", "env://MY_KEY", "--scope", "user")
    cgw("init", "again", "--from-current", "--yes")
    assert profile("again").secret == "env://MY_KEY"


def test_a_foreign_helper_becomes_a_command(cgw: Cgw) -> None:
    before = write_settings(apiKeyHelper="echo a | cat", env={"ANTHROPIC_BASE_URL": "https://gw.example.com"})
    cgw("init", "--from-current", "--yes")
    found = profile("gw.example.com")
    assert (found.auth, found.secret) == ("helper", "exec:sh -c 'echo a | cat'")
    assert settings().read_bytes() == before


def test_a_key_in_the_environment_is_named_and_not_copied(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    done = cgw("init", "--from-current", "--yes")
    assert profile("litellm").secret == "env://ANTHROPIC_AUTH_TOKEN"
    assert KEY not in done.out + done.err


def test_a_model_that_only_the_gateway_knows_stays_the_only_one(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BASE_URL": "http://127.0.0.1:4000", "AUTH_TOKEN": KEY, "MODEL": "my-model"}.items():
        monkeypatch.setenv(f"ANTHROPIC_{name}", value)
    cgw("init", "--from-current", "--yes")
    assert profile("litellm").tables == {"client": {"tiers": False}}
    assert "ANTHROPIC_DEFAULT" not in cgw("env", "--profile", "litellm", "--shell", "json").out


@pytest.mark.parametrize("name", ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"])
def test_a_key_that_is_written_in_settings_is_not_copied(cgw: Cgw, name: str) -> None:
    value = f"x-litellm-api-key: Bearer {KEY}" if name.endswith("HEADERS") else KEY
    token = {"ANTHROPIC_AUTH_TOKEN": "unused"} if name.endswith("HEADERS") else {}
    before = write_settings(env={"ANTHROPIC_BASE_URL": "https://gw", **token, name: value})
    done = cgw("init", "--from-current", "--yes", fails=2)
    assert "cgw secret set" in done.err
    assert KEY not in done.out + done.err
    assert not (Path(os.environ["HOME"]) / ".config/cgw/profiles/gw.toml").exists()
    assert settings().read_bytes() == before


@pytest.mark.parametrize("members", [{"env": {"ANTHROPIC_BASE_URL": "https://gw"}}, {"apiKeyHelper": "echo x"}])
def test_what_a_repository_sets_is_not_adopted_unasked(
    cgw: Cgw, work: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, object]
) -> None:
    (work / ".claude").mkdir()
    (work / ".claude/settings.json").write_text(json.dumps(members))
    if "env" not in members:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gw")
    done = cgw("init", "--from-current", "--yes", fails=77)
    assert "--trust-repository" in done.err
    cgw("init", "--from-current", "--yes", "--trust-repository", "--secret", "env://K")


def test_without_a_gateway_there_is_nothing_to_adopt(cgw: Cgw) -> None:
    assert "cgw init URL" in cgw("init", "--from-current", "--yes", fails=2).err


def test_ones_own_login_goes_beside_the_key(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    session = {"accessToken": "x", "scopes": ["user:inference"]}
    (settings().parent).mkdir()
    (settings().parent / ".credentials.json").write_text(json.dumps({"claudeAiOauth": session}))
    cgw("init", "own", "--provider", "unified", "--auth", "login", "--secret", "env://MY_KEY", "--yes")
    plan = make_plan(profile("own"))
    assert {item.name for item in plan.sets} == {"ANTHROPIC_BASE_URL", "ANTHROPIC_CUSTOM_HEADERS"}
    assert {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"} <= {*plan.clears}
    assert "CLAUDE_CODE_OAUTH_TOKEN" not in plan.clears
    shown = json.loads(cgw("explain", "--profile", "own", "--format", "json").out)
    assert shown["headers"]["authorization"]["source"]["kind"] == "login"
    assert shown["headers"]["x-litellm-api-key"]["source"]["kind"] == "custom-header"
    cgw("settings", "apply", "--profile", "own", "--write-secret")
    assert "explain says the same" in cgw("init", "again", "--from-current", "--secret", "env://MY_KEY", "--yes").err
    assert profile("again").auth == "login"
    found = json.loads(cgw("check", "--format", "json").out)["findings"]
    assert not {"CGW119", "CGW137"} & {item["code"] for item in found}


@pytest.mark.parametrize(
    "options", [["--provider", "vertex"], ["--provider", "unified", "--key-header", "x-api-key"]]
)
def test_a_login_that_the_client_would_not_send_is_refused(cgw: Cgw, options: list[str]) -> None:
    done = cgw("init", "own", *options, "--auth", "login", "--secret", "env://K", "--yes", fails=2)
    assert "login" in done.err


@pytest.mark.parametrize("name", ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"])
def test_a_key_that_is_written_out_is_stored_on_consent_and_nothing_else_changes(
    cgw: Cgw, work: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    value = f"x-litellm-api-key: Bearer {KEY}" if name.endswith("HEADERS") else KEY
    token = {"ANTHROPIC_AUTH_TOKEN": "unused"} if name.endswith("HEADERS") else {}
    before = write_settings(theme="dark", env={"ANTHROPIC_BASE_URL": "https://gw", **token, name: value})
    place = f"file://{work}/keys/gw"
    done = cgw("init", "--from-current", "--store-key", "--secret", place, "--yes")
    assert f"stored the key under {place}" in done.err
    if not name.endswith("HEADERS"):  # there the placeholder in Authorization is another one
        assert "warning" not in done.err, done.err
    assert (work / "keys/gw").read_text() == KEY
    assert (work / "keys/gw").stat().st_mode & 0o777 == 0o600
    assert KEY not in done.out + done.err
    assert settings().read_bytes() == before
    found = profile("gw")
    assert (found.secret, found.auth) == (place, "static" if name.endswith("HEADERS") else "helper")
    if found.auth == "helper":
        cgw("settings", "apply", "--profile", "gw")
        assert KEY not in settings().read_text()
        assert json.loads(settings().read_text())["theme"] == "dark"
        cgw("settings", "undo")
        assert settings().read_bytes() == before


def test_a_key_is_stored_only_where_one_is_written_out_and_where_cgw_can(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = write_settings(env={"ANTHROPIC_BASE_URL": "https://gw", "ANTHROPIC_AUTH_TOKEN": KEY})
    refused = cgw("init", "--from-current", "--store-key", "--secret", "op://v/i/f", "--yes", fails=2)
    assert "cannot store a key under op:" in refused.err
    monkeypatch.setenv("OTHER", KEY)
    write_settings(env={"ANTHROPIC_BASE_URL": "https://gw"}, apiKeyHelper="echo x")
    assert "nothing to store" in cgw("init", "--from-current", "--store-key", "--yes", fails=2).err
    assert settings().read_bytes() != before


def test_on_a_terminal_it_is_asked_first(cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = write_settings(env={"ANTHROPIC_BASE_URL": "https://gw", "ANTHROPIC_AUTH_TOKEN": KEY})
    asked: list[str] = []

    def confirm(question: str, *, default: bool = False) -> bool:
        asked.append(question)
        return len(asked) > 1 and "Store the key that" in question

    monkeypatch.setattr("claude_gw_cli.cli.typed.confirm", confirm)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    cgw("init", "--from-current", fails=2)
    file = isolated / ".config/cgw/keys/gw"
    assert not file.exists()
    cgw("init", "--from-current")
    assert asked[0] == asked[1]
    assert "under file://~/.config/cgw/keys/gw?" in asked[0]
    assert KEY not in asked[0]
    assert file.read_text() == KEY
    assert settings().read_bytes() == before
