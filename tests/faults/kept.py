"""A home in which cgw has done everything that it can, and which is brought back to that after each command.

Commands run in this process: a thousand take some ten seconds.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.faults.homes import make_home
from tests.faults.lines import KEY, LINES, SETTINGS, Line

from claude_gw_cli.__main__ import run

BEFORE = (
    "helper install helped",
    "helper install kept",
    "helper run kept",
    "profile export kept --out {home}/shared.toml",
    "init other --from {home}/shared.toml --yes",
    "helper install other",
    "helper run other",
    "profile set other region=eu-west-1",
    LINES["facts update"].words,
    "profile trust {home}/project/cgw.toml --yes",
    "profile use work",
    "doctor --profile other",
    "env --profile other",
    "settings apply --profile work --scope user",
    "--install-completion bash",
)
IN_PROJECT = "settings apply --profile other --scope local"
_SLOW = {"trace", "demo", "run", "doctor"}
"""They start programs: seconds each."""
SHORT = {name: line for name, line in LINES.items() if name not in _SLOW} | {
    "settings undo": replace(LINES["settings undo"], words="settings undo"),
    "profile update": replace(LINES["profile update"], words="profile update other --yes"),
}
"""A line for each command, for a home that ``BEFORE`` made."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: what must not depend on a neighbour, on the clock, or on the version."""

    code: int
    settings: bytes | None
    shows_key: bool
    err: str


class Kept:
    """The home, and what it was.

    Args:
        path: where it is made.
        cgw: runs a command line, in that home; another version's, perhaps.
    """

    def __init__(self, path: Path, cgw: Callable[[list[str]], object] = run) -> None:
        self.home = make_home(path, Line(""))
        self.root = path
        (path / "project/.claude").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            self.enter(patch)
            for words in BEFORE:
                cgw(self.home.argv(words))
            patch.chdir(path / "project")
            cgw(IN_PROJECT.split())
        self.was = {
            item: (item.stat().st_mode, item.read_bytes() if item.is_file() else None) for item in self._all()
        }

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Work in it."""
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in self.home.env().items():
            patch.setenv(name, value)
        patch.chdir(self.root)

    def ended(self, line: Line, patch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ended:
        """Run a line, and bring the home back."""
        self.enter(patch)
        typed = self.root.with_name("typed")
        typed.write_text(line.stdin)
        capfd.readouterr()
        with typed.open() as stdin:
            patch.setattr("sys.stdin", stdin)
            code = run(self.home.argv(line.words))
        said = capfd.readouterr()
        settings = self.root / SETTINGS
        ended = Ended(code, settings.read_bytes() if settings.is_file() else None, KEY in said.out, said.err)
        self.restore()
        return ended

    def restore(self) -> None:
        """Bring every file, link and directory back to what it was."""
        for path in reversed(self._all()):
            kind = path.lstat().st_mode
            if path not in self.was or stat.S_IFMT(kind) != stat.S_IFMT(self.was[path][0]):
                shutil.rmtree(path) if stat.S_ISDIR(kind) else path.unlink()
        for path, (mode, data) in self.was.items():
            if data is None:
                path.mkdir(exist_ok=True)
            elif not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
            path.chmod(stat.S_IMODE(mode))

    def _all(self) -> list[Path]:
        return sorted(self.root.rglob("*"))
