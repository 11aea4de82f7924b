"""How tests run cgw: in this process, isolated; what arrives is what a user sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from claude_gw_cli.__main__ import run
from claude_gw_cli.cli.out import verbosity


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Cgw = Callable[..., Result]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory that is not inside a repository."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def cgw(work: Path, capfd: pytest.CaptureFixture[str]) -> Cgw:
    """Run one command line; ``fails`` is the exit code that is expected."""

    def call(*argv: str, fails: int = 0) -> Result:
        verbosity.quiet = verbosity.verbose = False
        capfd.readouterr()
        code = run(list(argv))
        out, err = capfd.readouterr()
        assert code == fails, f"cgw {' '.join(argv)} -> {code}\n{out}\n{err}"
        assert "Traceback" not in err
        return Result(code, out, err)

    return call
