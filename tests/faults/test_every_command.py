"""Every command of the table: what it writes, and what is left when one of its system calls fails or is the last."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.faults.homes import (
    CALLS,
    OLD,
    SOAK,
    Home,
    changed,
    faults,
    fingerprint,
    hides_the_key,
    make_home,
    needed,
    took_place,
)
from tests.faults.lines import LINES, SETTINGS, Line

pytestmark = pytest.mark.real

STARTS = ("-fvqq", "-s", "100000", "-e", "trace=execve")
"""For strace: every program that is started, with its arguments and its environment."""
KILL = "signal=KILL"
ERRORS = ("error=ENOSPC", "error=EIO", "error=EDQUOT", "error=EROFS")
CODES = {0, 1, 2, 69, 74, 75, 77}
WRITING = [name for name, line in LINES.items() if line.writes or line.holds_key]


@pytest.mark.parametrize("name", LINES)
def test_a_command_writes_where_it_may_and_nowhere_else(name: str, tmp_path: Path) -> None:
    line = LINES[name]
    home = make_home(tmp_path / "home", line)
    before = home.tree()
    log = tmp_path / "log"
    ended = home.run(line.words, line.stdin, before=(needed("strace"), *STARTS, "--seccomp-bpf", "-o", str(log)))
    after = home.tree()
    assert ended.code in line.codes, ended
    assert "Traceback" not in ended.err
    assert {path for path in changed(before, after) if not path.startswith(line.writes or ("\0",))} == set()
    hides_the_key(line, ended.out, ended.err, log.read_text("utf-8", "replace"), home.path)
    assert not [path for path in after if ".cgw-" in path or path.startswith("tmp/")], "a temporary file is left"


class Case:
    """One fault in one command: in a copy of the home that is mounted at the home's own path."""

    def __init__(self, home: Home, line: Line, place: Path) -> None:
        self.home, self.line, self.place = home, line, place
        self.nexts: dict[str, tuple[int, str, bytes]] = {}
        """State of the home after a fault -> how the next run ended, what it said, and the settings that it left."""

    def run(self, call: str, number: int, fault: str) -> tuple[str, str]:
        """What was wrong (empty: nothing), and how it ended."""
        copy = self.place / f"{call}-{number}-{fault.replace('=', '-')}"
        copy.mkdir()
        shutil.copytree(self.home.path, copy / "home", symlinks=True)
        command = shlex.join([sys.executable, "-m", "claude_gw_cli", *self.home.argv(self.line.words)])
        # --seccomp-bpf halves the time; with it a signal is injected at the first call only (strace 6.1).
        fast = () if fault == KILL else ("--seccomp-bpf",)
        strace = [needed("strace"), *fast, *STARTS[:-1], f"trace=execve,{call}", "-y", "-o", f"{copy}/log"]
        inject = shlex.join([*strace, "-e", f"inject={call}:{fault}:when={number}"])
        (copy / "in").write_text(self.line.stdin)
        first = self.once(copy, f"{inject} {command}")
        state = fingerprint(copy / "home")
        if state not in self.nexts:
            shutil.copytree(copy / "home", copy / "between", symlinks=True)
            second = self.once(copy, command, "2")
            end = self.home.tree(copy / "home").get(SETTINGS, b"")
            self.nexts[state] = second, (copy / "err2").read_text("utf-8", "replace"), end
            shutil.rmtree(copy / "home")
            (copy / "between").rename(copy / "home")
        problem = self.judged(copy, call, fault, first, *self.nexts[state])
        if not problem:
            shutil.rmtree(copy)
        return problem, f"{fault} at {call}: exit {first}, then {self.nexts[state][0]}"

    def once(self, copy: Path, command: str, run: str = "") -> int:
        script = (
            f"mount --bind {copy}/home {self.home.path}\ncd {self.home.path}\n"
            f"{command} <{copy}/in >{copy}/out{run} 2>{copy}/err{run}; echo $? >{copy}/code{run}\n"
        )
        done = subprocess.run(
            [needed("unshare"), "-Urm", "sh", "-c", script],
            env=self.home.env(), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return int((copy / f"code{run}").read_text())

    def judged(self, copy: Path, call: str, fault: str, first: int, second: int, err2: str, end: bytes) -> str:
        out, err = ((copy / name).read_text("utf-8", "replace") for name in ("out", "err"))
        between = self.home.tree(copy / "home")
        log = (copy / "log").read_text("utf-8", "replace")
        started = "\n".join(row for row in log.splitlines() if "execve(" in row)
        hides_the_key(self.line, out, err + err2, started, copy / "home")
        if fault == KILL and "killed by SIGKILL" not in log:
            return "nothing was killed"
        if fault != KILL and not took_place(log, str(self.home.path)):
            return "no fault took place in the home"
        if "Traceback" in err + err2 or "internal error" in err + err2:
            return f"a bug: {err or err2}"
        if fault != KILL and first not in CODES:
            return f"exit {first}: {err}"
        left = {name for name in between if ".cgw-" in name or name.startswith("tmp/")}
        if fault != KILL and not call.startswith(("unlink", "rmdir")) and left:
            return f"left: {left}"
        if between.get(SETTINGS, b"") not in {OLD, self.settings_before, self.settings_after}:
            return f"{SETTINGS} is neither old nor new: {between.get(SETTINGS, b'')!r}"
        if second not in {*self.line.codes, *self.repeated}:
            return f"the next run ends with {second}: {err2}"
        if end not in {self.settings_after, self.settings_before if second else b"\0"}:
            return f"{SETTINGS} is not as without the fault"
        return ""

    def measure(self, log: Path) -> list[tuple[str, int]]:
        """The calls of a run without a fault; and what it leaves, and how a second run of it ends."""
        self.settings_before = (self.home.path / SETTINGS).read_bytes()
        whole = self.place / "whole"
        shutil.copytree(self.home.path, whole, symlinks=True)
        strace = [needed("strace"), "-f", "-qq", "-y", "-o", str(log), "-e", f"trace={','.join(CALLS)}"]
        command = shlex.join([sys.executable, "-m", "claude_gw_cli", *self.home.argv(self.line.words)])
        (self.place / "in").write_text(self.line.stdin)
        script = (
            f"mount --bind {whole} {self.home.path}\ncd {self.home.path}\n"
            f"{shlex.join(strace)} {command} <{self.place}/in >/dev/null 2>&1; echo $? >{self.place}/code\n"
            f"cp -a {self.home.path} {self.place}/after\n"
            f"{command} <{self.place}/in >/dev/null 2>&1; echo $? >{self.place}/code2\n"
        )
        subprocess.run([needed("unshare"), "-Urm", "sh", "-c", script], env=self.home.env(), check=True)
        assert int((self.place / "code").read_text()) in self.line.codes
        self.repeated = {int((self.place / "code2").read_text())}
        self.settings_after = (self.place / "after" / SETTINGS).read_bytes()
        return list(faults(log.read_text(), self.home.path))


@pytest.mark.parametrize("name", WRITING)
def test_whatever_fails_nothing_is_lost(name: str, tmp_path: Path) -> None:
    line = LINES[name]
    case = Case(make_home(tmp_path / "home", line), line, tmp_path)
    calls = case.measure(tmp_path / "log")
    assert calls, "it writes nothing"
    chosen = []
    for index, (call, number) in enumerate(calls):
        start = zlib.crc32(name.encode()) + index
        if SOAK:
            # A kill before a close or fsync leaves what a kill before the next call leaves.
            chosen += [(call, number, fault) for fault in (*ERRORS, *(KILL,) * (call not in {"close", "fsync"}))]
        elif start % 3 == 0:
            chosen.append((call, number, (*ERRORS, KILL)[start // 3 % 5]))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = list(pool.map(lambda item: case.run(*item), chosen))
    ends = Counter(how for _, how in results)
    print(f"\n{name}: {len(chosen)} faults at {len(calls)} calls")
    for how, count in sorted(ends.items()):
        print(f"  {how}  x{count}")
    assert [(how, problem) for problem, how in results if problem] == []
