"""`make soak` continues where it was stopped, and begins again with other code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import soak

TESTS = "import pathlib\ndef test_good(): pass\ndef test_bad(): assert pathlib.Path('mended').exists()\n"


@pytest.fixture
def ran(tmp_path: Path) -> Callable[[], str]:
    plugin = tmp_path / "tests" / "soak.py"
    plugin.parent.mkdir()
    plugin.write_text(Path(soak.__file__).read_text())
    (tmp_path / "src").mkdir()
    (tmp_path / "test_it.py").write_text(TESTS)

    def run() -> str:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.soak", "-p", "no:cacheprovider", "test_it.py"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    return run


def test_what_passed_is_not_run_again_until_the_code_changes(ran: Callable[[], str], tmp_path: Path) -> None:
    assert "1 failed, 1 passed" in ran()
    assert "1 failed, 1 deselected" in ran()
    (tmp_path / "mended").touch()
    assert "1 passed, 1 deselected" in ran()
    assert "2 deselected" in ran()
    (tmp_path / "src" / "new.py").touch()
    assert "2 passed" in ran()


def test_executions_are_counted_for_one_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "TOP", tmp_path)
    (tmp_path / "build" / "fuzz").mkdir(parents=True)
    assert soak.executions("keys") == 0
    soak.keep_executions("keys", 40_000)
    assert soak.executions("keys") == 40_000
    assert soak.executions("state") == 0
    monkeypatch.setattr(soak, "code", lambda: "another")
    assert soak.executions("keys") == 0
