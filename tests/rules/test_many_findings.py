"""A file with thousands of findings takes seconds, whichever they are, to check and to repair."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.__main__ import run

SECONDS = 5.0
"""Of the processor. Each took from 12 seconds to several minutes when a finding looked through the whole file."""
MANY = 2000
KEY = "sk-abcdefghijklmnopqrstuvwxyz%d"


def settings(data: object) -> str:
    return json.dumps(data, indent=1)


def each(text: str, many: int = MANY) -> str:
    return "".join(text.replace("%d", str(number)) for number in range(many))


PROFILE = 'provider = "unified"\ngateway_url = "https://gateway.example"\n'
HOOK = {"hooks": [{"type": "command", "command": f"curl -H 'Authorization: Bearer {KEY}'"}]}
MODEL = f"- model_name: m%d\n  litellm_params: {{model: anthropic/claude-%d, api_key: {KEY}}}\n"
TEXTS: dict[str, tuple[str, Callable[[], str]]] = {
    "values that are no text": ("settings.json", lambda: settings({"env": {f"X{n}": n for n in range(MANY)}})),
    "names of no release": (
        "settings.json",
        lambda: settings({"env": {f"ANTHROPIC_X{n}": "1" for n in range(3 * MANY)}}),
    ),
    "two places of one name": (
        "settings.json",
        lambda: '{"env": {' + each('"A%d": "1", "A%d": "2", ').rstrip(", ") + "}}",
    ),
    "hooks with a key": (
        "settings.json",
        lambda: settings({"hooks": {"PreToolUse": [json.loads(json.dumps(HOOK) % n) for n in range(MANY // 2)]}}),
    ),
    "servers with a key": (
        "settings.json",
        lambda: settings(
            {"mcpServers": {f"m{n}": {"env": {"ANTHROPIC_API_KEY": KEY % n}} for n in range(MANY // 2)}}
        ),
    ),
    "broken JSON with keys": ("settings.json", lambda: "{" + each(f'"ANTHROPIC_AUTH_TOKEN": "{KEY}" x,\n')),
    "models with a key": ("config.yaml", lambda: "model_list:\n" + each(MODEL, MANY // 2)),
    "settings of a gateway": ("config.yaml", lambda: "litellm_settings:\n" + each(f"  key%d: {KEY}\n")),
    "broken YAML with keys": ("litellm.yaml", lambda: "model_list: [\n" + each(f"ANTHROPIC_API_KEY: {KEY}\n")),
    "unknown members of a profile": ("cgw.toml", lambda: PROFILE + each(f'x%d = "{KEY}"\n')),
    "variables of a profile": ("cgw.toml", lambda: PROFILE + "[env]\n" + each(f'ANTHROPIC_X%d = "{KEY}"\n')),
    "headers of a profile": ("cgw.toml", lambda: PROFILE + "[headers]\n" + each(f'X-A%d = "{KEY}"\n')),
    "one long line of variables": (
        "action.yml",
        lambda: '{"env": {' + each('"ANTHROPIC_X%d": "1",', 3 * MANY).rstrip(",") + "}}",
    ),
}


@pytest.mark.parametrize("command", [["check", "--format", "jsonl"], ["check", "--fix"]], ids=" ".join)
@pytest.mark.parametrize("kind", TEXTS)
def test_thousands_of_findings_take_seconds(
    kind: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    name, text = TEXTS[kind]
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text())
    start = time.process_time()
    code = run([*command, name])
    spent = time.process_time() - start
    out = capfd.readouterr().out
    assert code in {0, 1}
    assert "--fix" in command or out.count("\n") >= MANY // 100
    assert spent < SECONDS
