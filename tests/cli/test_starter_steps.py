"""The next step of `cgw explain --starter NAME`, for every starter and for what is set up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_gw_cli.cli.explain import explain
from claude_gw_cli.facts.starters import NAMES
from claude_gw_cli.world import paths

URL = "http://127.0.0.1:4000"
PROFILE = 'provider = "unified"\ngateway_url = "http://127.0.0.1:4000"\nsecret = "env://K"\nauth = "{auth}"\n'
INIT = dict.fromkeys(NAMES, "cgw init")
KEY_INPUT = "set the action's input anthropic_api_key, or for a gateway: cgw init, then: cgw env --shell action"
OWN = {
    "sdk-ts": "cgw env --shell sdk-ts --profile w, or for one start: cgw run --profile w -- PROGRAM",
    "sdk-python": "cgw env --shell sdk-python --profile w, or for one start: cgw run --profile w -- PROGRAM",
    "acp": "start the editor with it: cgw run --profile w -- EDITOR",
    "action": "cgw env --shell action --profile w",
    "vscode": "cgw env --shell vscode --profile w",
}
STATIC = 'eval "$(cgw env --profile w)", or for one start: cgw run --profile w -- claude'
APPLY = "cgw settings apply --profile w"
HELPER = f"{APPLY}, or cgw run --profile w -- claude"
APPROVE = "answer Yes when `claude` asks about the key, or set it as ANTHROPIC_AUTH_TOKEN"
KEYED = {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_AUTH_TOKEN": "sk-4f1c9a7e22b0"}
CASES: dict[str, tuple[str, dict[str, str], dict[str, str], Mapping[str, str | None]]] = {
    "nothing": ("", {}, {}, INIT | {"action": KEY_INPUT}),
    "a static profile": ("static", {}, {}, {"cli": STATIC, "interactive": STATIC, **OWN}),
    "a profile with a helper": (
        "helper", {}, {},
        dict.fromkeys(NAMES, APPLY) | {"cli": HELPER, "interactive": HELPER, "action": OWN["action"]},
    ),
    "settings with a key": ("", {}, KEYED, dict.fromkeys(NAMES) | {"action": KEY_INPUT}),
    "settings with an address": ("", {}, {"ANTHROPIC_BASE_URL": URL}, INIT | {"action": KEY_INPUT}),
    "a key in the environment": ("", KEYED, {}, dict.fromkeys(NAMES) | {"action": KEY_INPUT}),
    "a key that a session asks about": (
        "", {"ANTHROPIC_BASE_URL": URL, "ANTHROPIC_API_KEY": "sk-4f1c9a7e22b0"}, {},
        dict.fromkeys(NAMES) | {"interactive": APPROVE, "vscode": APPROVE},
    ),
    "Bedrock in the environment": (
        "",
        {
            "CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": URL, "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
            "ANTHROPIC_AUTH_TOKEN": "sk-4f1c9a7e22b0",
        },
        {}, dict.fromkeys(NAMES) | {"action": "set the action's input use_bedrock: true"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("starter", NAMES)
@pytest.mark.parametrize("case", CASES)
def test_every_starter_has_the_next_step_for_what_is_set_up(
    isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], case: str, starter: str
) -> None:
    auth, env, settings, steps = CASES[case]
    (isolated / "work").mkdir()
    monkeypatch.chdir(isolated / "work")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(paths, "managed_dir", lambda: str(isolated / "managed"))
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    if auth:
        file = isolated / ".config" / "cgw" / "profiles" / "w.toml"
        file.parent.mkdir(parents=True)
        file.write_text(PROFILE.format(auth=auth))
        file.chmod(0o600)
    if settings:
        file = isolated / ".claude" / "settings.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"env": settings}))
        file.chmod(0o600)
    explain(starter=starter, format_="json")
    assert json.loads(capfd.readouterr().out)["next"] == steps[starter]


@pytest.mark.parametrize(
    ("inputs", "step"),
    [
        ({"INPUT_USE_BEDROCK": "true"}, "set AWS_REGION in the env of the action's step"),
        (
            {"INPUT_USE_BEDROCK": "true", "AWS_REGION": "us-east-1"},
            "set AWS_BEARER_TOKEN_BEDROCK in the env of the action's step",
        ),
        ({"INPUT_USE_VERTEX": "true"}, "set ANTHROPIC_VERTEX_PROJECT_ID in the env of the action's step"),
        ({"INPUT_USE_FOUNDRY": "true"}, "set ANTHROPIC_FOUNDRY_RESOURCE in the env of the action's step"),
        ({"CLAUDE_CODE_USE_VERTEX": "1"}, "set the action's input use_vertex: true"),
        ({"CLAUDE_CODE_USE_FOUNDRY": "1"}, "set the action's input use_foundry: true"),
        (
            {"INPUT_USE_VERTEX": "true", "INPUT_USE_BEDROCK": "true"},
            "leave one of these variables and inputs in the action's step",
        ),
        (
            {"INPUT_ANTHROPIC_API_KEY": "sk-4f1c9a7e22b0", "INPUT_SETTINGS": "{"},
            "correct the action's input settings: a JSON object, or the path of a file with one",
        ),
    ],
)
def test_the_action_says_which_input_is_missing(
    isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    inputs: dict[str, str], step: str,
) -> None:  # fmt: skip
    (isolated / "work").mkdir()
    monkeypatch.chdir(isolated / "work")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for name, value in inputs.items():
        monkeypatch.setenv(name, value)
    explain(starter="action", format_="json")
    assert json.loads(capfd.readouterr().out)["next"] == step
