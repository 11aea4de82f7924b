"""`make soak` can be stopped and continued: what passed with this code is not run again, and its time is kept.

A pytest plugin (``-p tests.soak``), and the count of executions for the fuzzer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TOP = Path(__file__).parent.parent
PASSED = TOP / "build" / "soak.jsonl"
"""A line for each test that passed: ``{"code": DIGEST, "test": NAME, "seconds": N}``."""
_OF = ("src", "tests/faults", "tests/fuzz")


@cache
def code() -> str:
    """A digest of the program and of these tests: with other code, everything is run again."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in _OF for path in (TOP / folder).rglob("*") if path.is_file()):
        if path.suffix != ".pyc":
            digest.update(str(path.relative_to(TOP)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def executions(target: str) -> int:
    """How often a fuzzing target was run with this code."""
    try:
        made_with, count = _count(target).read_text().split()
    except (FileNotFoundError, ValueError):
        return 0
    return int(count) if made_with == code() else 0


def keep_executions(target: str, count: int) -> None:
    """Keep a target's count, now and then, so that a run that is stopped loses little."""
    _count(target).write_text(f"{code()} {count}")


def _count(target: str) -> Path:
    return TOP / "build" / "fuzz" / f"{target}.count"


def passed() -> Iterator[tuple[str, float]]:
    """Each test that passed with this code, and its seconds."""
    lines = PASSED.read_text().splitlines() if PASSED.exists() else []
    for row in map(json.loads, lines):
        if row["code"] == code():
            yield row["test"], row["seconds"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what passed before."""
    before = dict(passed())
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in before])
    items[:] = [item for item in items if item.nodeid not in before]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what passed."""
    if report.when == "call" and report.passed:
        PASSED.parent.mkdir(exist_ok=True)
        with PASSED.open("a") as file:
            row = {"code": code(), "test": report.nodeid, "seconds": round(report.duration, 1)}
            file.write(json.dumps(row) + "\n")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The minutes of each file, of this run and of those before it."""
    minutes: dict[str, float] = {}
    for test, seconds in passed():
        name = test.partition("[")[0]
        minutes[name] = minutes.get(name, 0) + seconds / 60
    for name, total in sorted(minutes.items(), key=lambda row: -row[1]):
        if total >= 0.1:
            terminalreporter.write_line(f"{total:7.1f} min  {name}")
