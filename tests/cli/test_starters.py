"""``explain --starter`` and the texts of ``env`` for starters, as a user sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Cgw

KEY = "cgw-canary-0123456789"
BASE = "http://127.0.0.1:4000"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GW_KEY", KEY)


def explained(cgw: Cgw, starter: str, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cgw("explain", "--format", "json", "--starter", starter, *words).out)
    return found


def user_settings(home: Path, document: object) -> None:
    path = home / ".claude" / "settings.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document))


def test_one_set_up_reaches_some_starters(cgw: Cgw, isolated: Path) -> None:
    user_settings(isolated, {"env": {"ANTHROPIC_BASE_URL": BASE}, "apiKeyHelper": "/opt/key.sh"})
    outcomes = {}
    for name in ("cli", "interactive", "sdk-ts", "sdk-ts@0.2.88", "sdk-python", "acp", "action", "vscode"):
        found = explained(cgw, name, "--client-version", "2.1.330")
        assert found["starter"] == name.partition("@")[0]
        outcomes[name] = found["outcome"]
    assert {name for name, outcome in outcomes.items() if outcome == "refused"} == {"sdk-ts@0.2.88", "action"}
    assert explained(cgw, "acp", "--", "--setting-sources", "")["reason"].startswith("Authentication required")


def test_the_package_decides_the_client_and_the_user_agent(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", BASE)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    found = explained(cgw, "sdk-ts@0.3.226")
    assert (found["client"]["version"], found["client"]["release"]) == ("2.1.226", "0.3.226")
    assert found["client"]["user_agent"] == "claude-cli/2.1.226 (external, sdk-ts, agent-sdk/0.3.226)"
    assert found["request"]["url"].startswith(BASE)
    assert KEY not in json.dumps(found)
    assert explained(cgw, "sdk-ts", "--client-version", "2.1.100")["client"]["version"] == "2.1.100"
    text = cgw("explain", "--starter", "sdk-python").out
    assert text.startswith("Agent SDK for Python 0.2.189 · claude 2.1.332 · anthropic")
    assert "not the `claude` on PATH" in text


def test_a_session_is_a_starter_and_not_another_one_at_once(cgw: Cgw) -> None:
    assert explained(cgw, "interactive")["client"]["mode"] == "interactive"
    assert "leave out one" in cgw("explain", "--interactive", "--starter", "acp", fails=2).err.lower()
    assert "Did you mean sdk-ts?" in cgw("explain", "--starter", "sdk-tss", fails=2).err


def test_the_input_settings_may_be_json_or_a_file(cgw: Cgw, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPUT_ANTHROPIC_API_KEY", KEY)
    (work / "ci.json").write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": BASE}}))
    for text in ("ci.json", '{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}}'):
        monkeypatch.setenv("INPUT_SETTINGS", text)
        assert explained(cgw, "action")["request"]["url"].startswith(BASE)
    for text in ("nowhere.json", "{broken"):
        monkeypatch.setenv("INPUT_SETTINGS", text)
        assert explained(cgw, "action")["reason"].startswith("Failed to process settings input")


def init(cgw: Cgw, provider: str, *options: str) -> None:
    words = ["--provider", provider, "--gateway-url", BASE, "--secret", "env://GW_KEY", "--project-id", "p-1"]
    if provider not in ("bedrock", "vertex"):
        words = words[:-2]
    cgw("init", "p", "--yes", *words, *options)


@pytest.mark.parametrize(
    ("provider", "options", "header"),
    [
        ("unified", (), "authorization"),
        ("unified", ("--key-header", "x-api-key"), "x-api-key"),
        ("unified", ("--key-header", "x-litellm-api-key"), "x-litellm-api-key"),
        ("unified", ("--auth", "helper"), "authorization"),
        ("anthropic", (), "authorization"),
        ("bedrock", ("--region", "us-east-1"), "authorization"),
        ("bedrock", ("--region", "us-east-1", "--key-header", "x-litellm-api-key"), "x-litellm-api-key"),
        ("vertex", ("--region", "us-east5"), "authorization"),
        ("foundry", (), "authorization"),
    ],
)
def test_the_actions_job_starts_and_sends_the_key(
    cgw: Cgw, provider: str, options: tuple[str, ...], header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(cgw, provider, *options)
    text = cgw("env", "--shell", "action").out
    assert KEY not in text
    job = yaml.safe_load(text)
    (step,) = job["steps"]
    assert step["uses"] == "anthropics/claude-code-action@v1"
    assert "${{ secrets.GW_KEY }}" in text
    values: Mapping[str, str] = job["env"] | {f"INPUT_{name.upper()}": item for name, item in step["with"].items()}
    for name, value in values.items():
        assert isinstance(value, str)
        monkeypatch.setenv(name, value.replace("${{ secrets.GW_KEY }}", KEY))
    found = explained(cgw, "action")
    assert found["outcome"] == "request", found["reason"]
    assert found["request"]["url"].startswith(BASE)
    assert found["headers"][header]["present"]
    # with the profile the same is predicted before anything is written
    for name in values:
        monkeypatch.delenv(name)
    assert explained(cgw, "action", "--profile", "p")["provider"] == found["provider"]


def test_a_job_without_a_stored_secret_exports_the_profile_first(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    init(cgw, "unified", "--secret", "ci-token://gateway")
    done = cgw("env", "--shell", "action")
    assert "secrets." not in done.out
    assert "its reader takes it from ${{ env.ANTHROPIC_AUTH_TOKEN }}" in done.err
    job = yaml.safe_load(done.out)
    assert job["permissions"]["id-token"] == "write"
    assert job["steps"][-2]["run"] == 'cgw env --shell github >> "$GITHUB_ENV"'
    assert job["steps"][-1]["with"] == {"anthropic_api_key": "${{ env.ANTHROPIC_AUTH_TOKEN }}"}
    # what that step exports, and the input that the action makes of it
    for name, value in {
        "ANTHROPIC_BASE_URL": BASE,
        "ANTHROPIC_AUTH_TOKEN": KEY,
        "INPUT_ANTHROPIC_API_KEY": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    found = explained(cgw, "action")
    assert (found["outcome"], found["headers"]["authorization"]["present"]) == ("request", True)


def test_a_job_without_a_stored_secret_needs_the_key_in_a_variable(cgw: Cgw) -> None:
    init(cgw, "unified", "--secret", "ci-token://gateway", "--key-header", "x-litellm-api-key")
    assert "action cannot carry the key" in cgw("env", "--shell", "action", fails=2).err


def test_what_the_action_would_not_start_with_is_refused_by_name(cgw: Cgw) -> None:
    init(cgw, "unified", "--model", "${{github.token}}")
    text = cgw("env", "--shell", "action", fails=2)
    assert text.out == ""
    assert "action cannot carry ANTHROPIC_MODEL: it has ${{, which GitHub evaluates" in text.err


def test_a_cloud_credential_comes_from_an_earlier_step_of_the_job(cgw: Cgw) -> None:
    init(cgw, "bedrock", "--credentials", "client", "--region", "us-east-1")
    text = cgw("env", "--shell", "action").out
    assert "# An earlier step of the job signs in to AWS" in text
    assert "AWS_BEARER" not in text
    assert yaml.safe_load(text)["env"]["AWS_REGION"] == "us-east-1"


def test_the_sdks_get_what_their_options_take(cgw: Cgw, tmp_path: Path) -> None:
    init(cgw, "unified", "--model", 'a"b\\c😀')
    python = cgw("env", "--shell", "sdk-python").out
    values = json.loads(python)
    assert values["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert values["ANTHROPIC_API_KEY"] == ""
    assert eval(python) == values
    assert all(isinstance(value, str) for value in values.values())
    script = cgw("env", "--shell", "sdk-ts").out
    assert script.startswith("{\n  ...process.env,\n")
    assert "  ANTHROPIC_API_KEY: undefined,\n" in script
    assert "null" not in script
