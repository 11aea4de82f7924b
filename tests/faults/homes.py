"""A home directory in which a command line is run, with faults from strace in namespaces of its own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.faults.lines import ANYBODYS, BUNDLE, KEY, OWN, SETTINGS, Line

SOAK = bool(os.environ.get("CGW_SOAK"))
"""Everything instead of a sample: all faults at all calls, all pairs."""
OLD = b'{\r\n\t"theme": "dark",\r\n\t"env": {"MINE": "1", "n": 1.0, "b": true}\r\n}'
PROFILES = {
    name: f'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\n{auth}secret = "{secret}"\n'
    for name, auth, secret in (
        ("work", "", "file://{home}/keys/old"),
        ("helped", 'auth = "helper"\n', "env://MY_KEY"),
        ("kept", 'auth = "helper"\n', "file://{home}/keys/old"),
    )
}
CALLS = (
    "write", "fsync", "ftruncate", "close", "openat", "mkdir", "mkdirat", "chmod", "fchmod", "fchmodat",
    "link", "linkat", "symlink", "symlinkat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir",
)  # fmt: skip
"""Every system call by which a file or its name changes; of ``openat`` those that may create one."""


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
            "TMPDIR": str(self.path / "tmp"),
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
    path.mkdir()
    for name, text in PROFILES.items():
        file = path / ".config/cgw/profiles" / f"{name}.toml"
        for folder in (file.parents[2], file.parents[1], file.parent):
            folder.mkdir(exist_ok=True, mode=0o700)
        file.write_text(text.replace("{home}", str(path)))
        file.chmod(0o600)
    for name, data in {
        SETTINGS: OLD,
        "project/cgw.toml": PROFILES["work"].replace("{home}", str(path)).encode(),
        "bundle.json": BUNDLE,
    }.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(data)
    for name in ("keys", "tmp"):
        (path / name).mkdir(mode=0o700)
    (path / "keys/old").touch(0o600)
    (path / "keys/old").write_text(KEY)
    (path / ".bashrc").write_text("# mine\n")
    for words in line.before:
        ended = home.run(words)
        assert ended.code == 0, (words, ended)
    return home


def fingerprint(root: Path) -> str:
    """Names, modes and contents of everything below a directory."""
    found = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        content = (
            os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        )
        found.update(repr((str(path.relative_to(root)), mode, content)).encode())
    return found.hexdigest()


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """The paths that differ, without what any command may write."""
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {name for name in names if not name.startswith(ANYBODYS)}


def faults(log: str, home: Path) -> Iterator[tuple[str, int]]:
    """Each call of a trace (``strace -f -y``) that may change the home: its name, and its number in its process.

    strace counts in each process anew, so a child's call is left out where the command itself makes another one of
    that number.
    """
    rows = [(line, *re.match(r"(\d+) +(\w*)", line).groups()) for line in log.splitlines()]  # type: ignore[union-attr]
    main = rows[0][1]
    own = Counter(call for _, process, call in rows if process == main)
    counts: Counter[tuple[str, str]] = Counter()
    for line, process, call in rows:
        counts[process, call] += 1
        number = counts[process, call]
        may_change = call in CALLS and str(home) in line and (call != "openat" or "O_CREAT" in line)
        if may_change and (process == main or number > own[call]):
            yield call, number


def took_place(log: str, where: str) -> bool:
    """Whether a fault was injected into a call that concerns ``where``; a call may be logged in two parts."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        process = line.partition(" ")[0]
        if line.endswith("<unfinished ...>"):
            begun[process] = line
        elif "(INJECTED)" in line and where in (begun.get(process, "") if " resumed>" in line else line):
            return True
    return False


def hides_the_key(line: Line, out: str, err: str, started: str, base: Path) -> None:
    """The key is where it is asked for, and nowhere else.

    Args:
        line: the command that was run.
        out, err: what it printed.
        started: the trace of every program that it started, with arguments and environment.
        base: the home directory afterwards, or a copy of it.
    """
    assert KEY not in err
    assert line.prints_key or KEY not in out
    assert "execve(" in started
    assert line.hands_on or KEY not in started
    for path in base.rglob("*"):
        name, mode = str(path.relative_to(base)), path.lstat().st_mode
        if path.is_symlink():
            continue
        assert not name.startswith(OWN) or not mode & 0o077, f"{name} is open to others"
        if path.is_file() and KEY.encode() in path.read_bytes() and name != "keys/old":
            assert name.startswith(line.holds_key), f"{name} holds the key"
            assert not mode & 0o077, f"{name} is open to others"
