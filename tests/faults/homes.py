"""A home directory in which a command line is run, with faults from strace in namespaces of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults.lines import ANYBODYS, BUNDLE, KEY, SETTINGS, Line

OLD = b'{\r\n\t"theme": "dark",\r\n\t"env": {"MINE": "1", "n": 1.0, "b": true}\r\n}'
PROFILES = {
    "work": 'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nsecret = "env://MY_KEY"\n',
    "helped": 'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nauth = "helper"\nsecret = "env://MY_KEY"\n',
    "kept": (
        'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nauth = "helper"\nsecret = "file://{home}/keys/old"\n'
    ),
}
CALLS = ("write", "fsync", "rename", "renameat", "renameat2", "unlink", "unlinkat")


def needed(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing; it is needed to inject faults")
    return found


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Home:
    """A prepared home. Its files name its path, so a copy takes its place in a mount namespace."""

    path: Path

    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.path),
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "MY_KEY": KEY,
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
            "EDITOR": "true",
        }

    def argv(self, words: str) -> list[str]:
        return [word.replace("{home}", str(self.path)) for word in words.split(" ")]

    def run(self, words: str, stdin: str = "", before: tuple[str, ...] = ()) -> Ended:
        command = [*before, sys.executable, "-m", "claude_gw_cli", *self.argv(words)]
        done = subprocess.run(
            command,
            env=self.env(),
            cwd=self.path,
            capture_output=True,
            text=True,
            input=stdin,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def tree(self, root: Path | None = None) -> dict[str, bytes]:
        """Every file and link below the home, or a copy of it, by its relative path."""
        base = root or self.path
        found = {}
        for path in base.rglob("*"):
            if path.is_symlink():
                found[str(path.relative_to(base))] = os.fsencode(os.readlink(path))
            elif path.is_file():
                found[str(path.relative_to(base))] = path.read_bytes()
        return found


def make_home(path: Path, line: Line) -> Home:
    """A home with three profiles, settings, a key file, a repository's profile and what ``line`` needs."""
    home = Home(path)
    for name, text in PROFILES.items():
        file = path / ".config/cgw/profiles" / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(text.replace("{home}", str(path)))
        file.chmod(0o600)
    for name, data in {SETTINGS: OLD, "project/cgw.toml": PROFILES["work"].encode(), "bundle.json": BUNDLE}.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(data)
    (path / "keys").mkdir(mode=0o700)
    (path / "keys/old").touch(0o600)
    (path / "keys/old").write_text(KEY)
    (path / ".bashrc").write_text("# mine\n")
    for words in line.before:
        ended = home.run(words)
        assert ended.code == 0, (words, ended)
    return home


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The paths that differ, without what any command may write."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {name for name in names if not name.startswith(ANYBODYS)}


def faults(log: str, home: Path) -> Iterator[tuple[str, int]]:
    """Each system call of a trace (``strace -y``) that touches the home: its name and its number among its like."""
    counts = dict.fromkeys(CALLS, 0)
    for line in log.splitlines():
        found = re.search(rf"\b({'|'.join(CALLS)})\(", line)
        if not found:
            continue
        counts[found[1]] += 1
        if str(home) in line or found[1].startswith(("rename", "unlink")):
            yield found[1], counts[found[1]]
