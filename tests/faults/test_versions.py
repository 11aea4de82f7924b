"""Two versions of cgw in one home: every command of each in a home that the other one made."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import pytest
from tests.faults.homes import OLD, SOAK
from tests.faults.kept import SHORT, Kept
from tests.faults.lines import KEY, SETTINGS

pytestmark = pytest.mark.real
CODES = {0, 1, 2, 69, 74, 75, 77}
KNOWS = ("settings", "env", "profile", "helper", "status", "check", "doctor", "explain", "uninstall", "rule")
"""Beginnings of what the older one has, too."""


def test_every_command_works_in_a_home_that_an_older_cgw_made(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = Kept(tmp_path / "home", lambda words: subprocess.run([older, *words], capture_output=True, check=False))
    assert b"127.0.0.1" in kept.was[kept.root / SETTINGS][1]  # type: ignore[operator]
    own = Kept(tmp_path / "own")
    wrong = []
    for name, line in SHORT.items():
        ended, expected = kept.ended(line, monkeypatch, capfd), own.ended(line, monkeypatch, capfd)
        good = ended.code in CODES and "internal error" not in ended.err
        if not good or ended.shows_key != expected.shows_key or (name == "settings undo" and ended.settings != OLD):
            wrong.append((name, expected.code, ended.code, ended.err))
    assert wrong == []


def test_an_older_cgw_works_in_a_home_of_this_one(
    older: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(tmp_path / "home")
    kept.enter(monkeypatch)
    chosen = [line for name, line in SHORT.items() if name.startswith(KNOWS)]
    for line in chosen:
        if not SOAK and line.words != "settings undo" and zlib.crc32(line.words.encode()) % 3:
            continue
        done = subprocess.run(
            [older, *kept.home.argv(line.words)], input=line.stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode in CODES, (line, done)
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stderr
        assert line.prints_key <= (KEY in done.stdout or done.returncode != 0)
        if line.words == "settings undo":
            assert (kept.root / SETTINGS).read_bytes() == OLD
        kept.restore()
