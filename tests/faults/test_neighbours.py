"""P55: what is wrong with one profile, helper, record or cache stops no command that is about another one.

Every file that cgw has written in a home, damaged in every way, and every command of the table. No file is asked for
by name: a new one takes part by itself. This needs no strace, so it is in `make test`; `make soak` tries every pair.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.homes import SOAK
from tests.faults.kept import SHORT, Ended, Kept

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
    ".cache/cgw/helper-kept/": {"helper refresh"},
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


def neighbours(kept: Kept) -> list[Path]:
    """The files below cgw's own directories that no line is about."""
    user = next(path for path in kept.was if path.name == "record.json" and b'"scope": "user"' in (path.read_bytes()))
    return [
        path
        for path, (_, data) in kept.was.items()
        if data is not None
        and str(path.relative_to(kept.root)).startswith((".config/", ".local/", ".cache/", "project/cgw.toml"))
        and not str(path.relative_to(kept.root)).startswith(tuple(OWN))
        and path.parent != user.parent
    ]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("neighbours") / "home")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_neighbour_stops_nothing(
    damage: str, kept: Kept, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong, count = [], 0
    whole: dict[str, Ended] = {}
    turn = list(DAMAGES).index(damage)
    for number, path in enumerate(neighbours(kept)):
        place = str(path.relative_to(kept.root))
        about = {name for start, names in READS.items() if place.startswith(start) for name in names}
        for index, (name, line) in enumerate(SHORT.items()):
            if name in about or (not SOAK and (number + turn + index) % 16):
                continue
            if name not in whole:
                whole[name] = kept.ended(line, monkeypatch, capfd)
            DAMAGES[damage](path)
            count += 1
            ended, expected = kept.ended(line, monkeypatch, capfd), whole[name]
            fine = ended.code == expected.code or (ended.code == 1 and name in REPORTS)
            same = name == "uninstall" or ended.settings == expected.settings
            if not (fine and same and ended.shows_key == expected.shows_key) or "internal error" in ended.err:
                wrong.append((place, name, expected.code, ended.code, ended.err[:300]))
    print(f"\n{damage}: {count} pairs of a file and a command")
    assert wrong == []
    assert count > 40


def test_every_exception_is_still_needed(kept: Kept) -> None:
    written = [str(path.relative_to(kept.root)) for path in kept.was]
    assert [start for start in (*OWN, *READS) if not any(place.startswith(start) for place in written)] == []
