"""Interleaved timing of processes: wall clock and CPU, medians and ratios. Knows nothing about cgw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One command of a table.

    ``limit`` is the ratio to the table's first row that is promised today, ``target`` the one that we want; ``peer``
    names the row of another tool in the same table, which is to take ``ahead`` times as long at least. ``before``
    restores what a run uses up. ``new`` names the row that this one measures with an earlier build. ``floor`` names
    the row of the same table that measures what this one cannot do without, and ``why`` says what would have to go.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    limit: float | None = None
    codes: tuple[int, ...] = (0,)
    before: Callable[[], None] | None = None
    target: float | None = None
    peer: str = ""
    ahead: float | None = None
    new: str = ""
    floor: str = ""
    why: str = ""


@dataclass
class Times:
    """What the runs of one row took, in milliseconds and MB; CPU includes the processes that it waited for."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: float | None = None
    """The largest resident set of a run; ``None`` without GNU time."""


def once(row: Row, cwd: Path, errors: Path) -> tuple[float, float]:
    """Run a row; milliseconds of wall clock and of CPU. A wrong exit code ends the bench: it measured nothing."""
    if row.before:
        row.before()
    quiet = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, str(errors), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    os.chdir(cwd)
    start = time.perf_counter()
    child = os.posix_spawn(row.argv[0], list(row.argv), dict(row.env), file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in row.codes:
        raise SystemExit(f"{row.name}: exit code {code}\n{errors.read_text(errors='replace')}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def largest(row: Row, cwd: Path) -> float | None:
    """The largest resident set of one run in MB.

    By GNU time, which has 2 MB: the kernel counts what starts a process into that process's largest set.
    """
    program = shutil.which("time")
    if program is None:
        return None
    if row.before:
        row.before()
    with tempfile.NamedTemporaryFile("r") as out:
        line = [program, "-f", "%M", "-o", out.name, *row.argv]
        quiet = subprocess.DEVNULL
        subprocess.run(line, cwd=cwd, env=dict(row.env), check=False, stdin=quiet, stdout=quiet, stderr=quiet)
        return int(out.read().split()[-1]) / 1024


def measure(rows: Sequence[Row], cwd: Path, runs: int, warm_up: int = 3) -> dict[str, Times]:
    """Every row ``runs`` times, one after the other round by round, so that a noisy moment hits all alike."""
    found = {row.name: Times() for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(warm_up + runs):
            for row in rows:
                wall, cpu = once(row, cwd, Path(folder) / "errors")
                if turn >= warm_up:
                    found[row.name].wall.append(wall)
                    found[row.name].cpu.append(cpu)
    for row in rows:
        found[row.name].peak = largest(row, cwd)
    return found


def hyperfine(rows: Sequence[Row], cwd: Path, runs: int) -> dict[str, float]:
    """A second opinion where the program is installed: the median wall clock of each row that can be repeated."""
    program = shutil.which("hyperfine")
    if program is None:
        return {}
    answer = {}
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            if row.before:
                continue
            out = Path(folder) / "times.json"
            line = " ".join(f"'{word}'" for word in row.argv)
            command = [
                program,
                "-N",
                "-i",
                "--style=none",
                "--warmup=3",
                f"--runs={runs}",
                f"--export-json={out}",
                line,
            ]
            subprocess.run(command, cwd=cwd, env=dict(row.env), check=True, stdout=subprocess.DEVNULL)
            answer[row.name] = json.loads(out.read_text())["results"][0]["median"] * 1000
    return answer
