"""The record of what cgw changed: one entry for each change, private, bounded, and without a value."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world import audit, paths

Cgw = Callable[..., Any]
KEY = "cgw-canary-90125-abcdef"


@pytest.fixture
def state(isolated: Path) -> Path:
    return Path(paths.state_dir({"HOME": str(isolated)}))


@pytest.fixture
def team(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    cgw(
        "init", "team", "--provider", "unified", "--gateway-url", f"https://u:{KEY}@llm.example.com", "--yes", fails=2
    )
    cgw("init", "team", "--provider", "unified", "--gateway-url", "https://llm.example.com", "--auth", "helper",
        "--secret", "env://MY_KEY", "--yes")  # fmt: skip


def entries(cgw: Cgw) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in cgw("settings", "history", "--limit", "0", "--format", "json").out.splitlines()
    ]


# What is typed -> what is recorded of it.
CHANGES = {
    "settings apply --profile team": ["helper install", "settings apply"],
    "settings apply --scope local --profile static --write-secret": ["settings apply"],
    "settings undo --scope local": ["settings undo"],
    "settings render --profile team --out ./out.json": ["settings render"],
    "switch static --yes": ["settings apply", "profile use"],
    "helper install team --out {here}/key --force": ["helper install"],
    "helper uninstall team": ["helper uninstall"],
    "profile trust --yes": ["profile trust"],
    "profile deny": ["profile deny"],
    "check --fix {here}/bad.json": ["check --fix"],
    "profile set static model=team-opus": ["profile write"],
    "profile rename static other": ["profile rename", "profile use"],
    "profile rm other --yes": ["profile rm"],
}


def test_every_command_that_writes_is_recorded(cgw: Cgw, team: None, work: Path, state: Path) -> None:
    cgw("init", "static", "--provider", "unified", "--gateway-url", "https://x.example.com", "--secret", "env://MY_KEY",
        "--yes")  # fmt: skip
    assert [entry["action"] for entry in entries(cgw)] == ["profile write"] * 2
    (work / "cgw.toml").write_text('provider = "unified"\ngateway_url = "https://app.example.com"\n')
    (work / "bad.json").write_text('{"env": {"ANTHROPIC_MODEL": 5}}')
    for line, expected in CHANGES.items():
        before = len(entries(cgw))
        cgw(*line.format(here=work).split(" "))
        assert [entry["action"] for entry in entries(cgw)[before:]] == expected, line
    assert stat.S_IMODE((state / "audit.jsonl").stat().st_mode) == 0o600
    assert KEY not in (state / "audit.jsonl").read_text()


def test_an_entry_says_who_what_and_when(
    cgw: Cgw, team: None, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "alice")
    cgw("settings", "apply")
    entry = entries(cgw)[-1]
    assert (entry["action"], entry["profile"], entry["scope"]) == ("settings apply", "team", "user")
    assert (entry["file"], entry["sudo_user"]) == (str(isolated / ".claude" / "settings.json"), "alice")
    assert "/env/ANTHROPIC_BASE_URL" in entry["changes"]["add"]
    assert entry["sha256"] in cgw("init", "--from", entry["source"], "--dry-run").err
    assert entry["time"].endswith("Z")
    before = len(entries(cgw))
    cgw("settings", "apply")
    assert len(entries(cgw)) == before, "nothing was changed"
    shown = cgw("settings", "history", "--limit", "1").out.splitlines()
    assert len(shown) == 2
    assert "by sudo of alice  settings apply (profile team): " in shown[0]
    assert shown[1] == f"  {entry['file']}"
    cgw("settings", "history", "--limit", "many", fails=2)


def test_it_is_bounded_and_a_line_that_was_cut_costs_one_entry(cgw: Cgw, state: Path, isolated: Path) -> None:
    for number in range(40):
        audit.note(str(state), "settings apply", file="x" * 60_000, number=number + 1)
    files = sorted(state.glob("audit*"))
    assert [file.name for file in files] == ["audit.1.jsonl", "audit.jsonl"]
    assert all(file.stat().st_size <= audit.LARGEST for file in files)
    assert [entry["number"] for entry in entries(cgw)][-1] == 40
    with (state / "audit.jsonl").open("a") as file:
        file.write('{"time": "2026-')
    audit.note(str(state), "profile use", profile="next")
    assert [entry["action"] for entry in entries(cgw)][-2:] == ["settings apply", "profile use"]


def test_many_writers_at_once_lose_no_entry(cgw: Cgw, state: Path) -> None:
    def write(number: int) -> None:
        for _ in range(20):
            audit.note(str(state), f"profile use {number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entries(cgw)) == 160


def test_uninstall_says_that_it_goes_and_leaves_nothing(cgw: Cgw, team: None, state: Path, isolated: Path) -> None:
    cgw("settings", "apply")
    shown = cgw("uninstall", "--dry-run").out
    assert "record of 3 changes; to keep it:\n        cgw settings history --limit 0 --format json\n" in shown
    settings = isolated / ".claude" / "settings.json"
    settings.write_text(settings.read_text().replace("llm.example.com", "other.example.com"))
    kept = cgw("uninstall", "--yes", fails=1)
    assert f"{state / 'audit.jsonl'}: the record of what cgw changed" in kept.err
    cgw("uninstall", "--yes", "--force")
    assert not list(isolated.iterdir())


def test_a_record_that_cannot_be_written_does_not_fail_the_command(cgw: Cgw, team: None, state: Path) -> None:
    (state / "audit.jsonl").unlink()
    (state / "audit.jsonl").mkdir()
    cgw("settings", "apply")
    cgw("settings", "history", fails=74)
