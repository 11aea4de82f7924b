"""P55: what is wrong with one profile, helper, record or cache stops no command that is about another one.

Every file that cgw has written in a home, damaged in every way, and every command of the table. No file is asked for
by name: a new one takes part by itself. This needs no strace, so it is in `make test`; `make soak` tries every pair.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.homes import SOAK, Home, make_home
from tests.faults.lines import LINES, SETTINGS, Line

from claude_gw_cli.__main__ import run

BEFORE = (
    "helper install helped",
    "helper install kept",
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
"""What makes the home; the last of them is made in the project."""
IN_PROJECT = "settings apply --profile other --scope local"
LEFT_OUT = {"trace", "demo", "run", "doctor"}  # they start programs: seconds each
OWN = {
    ".config/cgw/profiles/work": "the profile of most lines",
    ".config/cgw/profiles/kept": "the profile of a line",
    ".config/cgw/profiles/helped": "the profile of a line",
    ".config/cgw/helpers/kept": "the helper of a line",
    ".config/cgw/helpers/helped": "the helper of a line",
    ".local/state/cgw/settings/.lock": "every line that writes settings takes it",
    ".local/state/cgw/settings/digest.key": "what is recorded can be recognized with it only",
    "keys/": "the key of every profile",
}
"""Beginnings of what the lines are about."""
READS = {
    ".config/cgw/default": {"init", "switch", "profile use", "profile rename", "profile rm"},
    ".config/cgw/trusted": {"profile trust", "profile deny"},
    "project/cgw.toml": {"profile trust", "profile deny"},
    ".config/cgw/profiles/other": {"profile update"},
    ".config/cgw/origins/other": {"profile update"},
    ".local/state/cgw/audit.jsonl": {"settings history"},
    ".local/share/cgw/facts": {"facts update", "facts reset"},
    ".local/share/bash-completion": {"--install-completion"},
    ".local/state/cgw/completion": {"--install-completion"},
}
"""Beginnings of other files -> the commands that are about them."""
REPORTS = {"status", "settings status", "helper list", "profile list", "check", "uninstall"}
"""They speak of everything: exit code 1 says that something is wrong with another one."""


def other_text(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def no_file(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": other_text(b""),
    "not text": other_text(b"\xff\xfe\0\x01" * 50),
    "list": other_text(b"[[[1]]]"),
    "digits": other_text(b"9" * 6000),
    "nested": other_text(b"[" * 100_000),
    "half": lambda path: os.truncate(path, path.stat().st_size // 2),
    "open": lambda path: path.chmod(0o666),
    "pipe": no_file(os.mkfifo),
    "directory": no_file(Path.mkdir),
    "loop": no_file(lambda path: path.symlink_to(path.name)),
    "endless": no_file(lambda path: path.symlink_to("/dev/zero")),
}


class Kept:
    """A home that is brought back to what it was."""

    def __init__(self, home: Home) -> None:
        self.home, self.root = home, home.path
        self.was = {path: (path.stat().st_mode, path.read_bytes() if path.is_file() else None) for path in self.all()}

    def all(self) -> list[Path]:
        return sorted(self.root.rglob("*"))

    def restore(self) -> None:
        for path in reversed(self.all()):
            kind = path.lstat().st_mode
            if path not in self.was or stat.S_IFMT(kind) != stat.S_IFMT(self.was[path][0]):
                shutil.rmtree(path) if stat.S_ISDIR(kind) else path.unlink()
        for path, (mode, data) in self.was.items():
            if data is None:
                path.mkdir(exist_ok=True)
            elif not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)
            path.chmod(stat.S_IMODE(mode))

    def neighbours(self) -> list[Path]:
        """The files below cgw's own directories that no line is about."""
        user = next(
            path for path in self.was if path.name == "record.json" and b'"scope": "user"' in (path.read_bytes())
        )
        return [
            path
            for path, (_, data) in self.was.items()
            if data is not None
            and str(path.relative_to(self.root)).startswith((".config/", ".local/", ".cache/", "project/cgw.toml"))
            and not str(path.relative_to(self.root)).startswith(tuple(OWN))
            and path.parent != user.parent
        ]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    home = make_home(tmp_path_factory.mktemp("neighbours") / "home", Line(""))
    (home.path / "project/.claude").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in home.env().items():
            patch.setenv(name, value)
        patch.chdir(home.path)
        for words in BEFORE:
            assert run(home.argv(words)) in {0, 1}, words
        patch.chdir(home.path / "project")
        assert run(IN_PROJECT.split()) == 0
    return Kept(home)


LINES_HERE = {name: line for name, line in LINES.items() if name not in LEFT_OUT} | {
    "settings undo": replace(LINES["settings undo"], words="settings undo"),
    "profile update": replace(LINES["profile update"], words="profile update other --yes"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_neighbour_stops_nothing(
    damage: str, kept: Kept, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in kept.home.env().items():
        monkeypatch.setenv(name, value)
    source = kept.root / "typed"

    def ended(line: Line) -> tuple[int, bytes | None]:
        monkeypatch.chdir(kept.root)
        source.write_text(line.stdin)
        with source.open() as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            code = run(kept.home.argv(line.words))
        settings = kept.root / SETTINGS
        return code, settings.read_bytes() if settings.is_file() else None

    wrong, count = [], 0
    whole: dict[str, tuple[int, bytes | None]] = {}
    turn = list(DAMAGES).index(damage)
    for number, path in enumerate(kept.neighbours()):
        place = str(path.relative_to(kept.root))
        about = {name for start, names in READS.items() if place.startswith(start) for name in names}
        for index, (name, line) in enumerate(LINES_HERE.items()):
            if name in about or (not SOAK and (number + turn + index) % 16):
                continue
            if name not in whole:
                whole[name] = ended(line)
                kept.restore()
            DAMAGES[damage](path)
            count += 1
            capfd.readouterr()
            code, settings = ended(line)
            err = capfd.readouterr().err
            kept.restore()
            expected, after = whole[name]
            fine = code == expected or (code == 1 and name in REPORTS)
            if not fine or "internal error" in err or (name != "uninstall" and settings != after):
                wrong.append((place, name, expected, code, err[:300]))
    print(f"\n{damage}: {count} pairs of a file and a command")
    assert wrong == []
    assert count > 40


def test_every_exception_is_still_needed(kept: Kept) -> None:
    written = [str(path.relative_to(kept.root)) for path in kept.was]
    assert [start for start in (*OWN, *READS) if not any(place.startswith(start) for place in written)] == []
