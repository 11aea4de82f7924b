"""P29: no command depends on what the wall clock says, or on what it said when cgw's files were written.

Every command of the table, at clocks that are wrong by little and by decades; and in a home that was made at such a
clock. This needs no strace, so it is in `make test`.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.faults.kept import SHORT, Ended, Kept

from claude_gw_cli.secrets import Context

SRC = Path(__file__).parent.parent.parent / "src" / "claude_gw_cli"
HOUR = 3600.0
CLOCKS: dict[str, Callable[[float], float]] = {
    "an hour behind": lambda now: now - HOUR,
    "an hour ahead": lambda now: now + HOUR,
    "a year behind": lambda now: now - 365 * 24 * HOUR,
    "1970": lambda now: now % 1000,
    "before 1970": lambda now: now % 1000 - 24 * HOUR,
    "2038": lambda now: 2**31 + now % 1000,
    "2106": lambda now: 2**32 + now % 1000,
}
ASKED = {"time.time", "time.time_ns", "time.gmtime"}
NOT_THE_WALL = {"time.monotonic", "time.clock_gettime", "time.sleep", "time.strftime", "time.process_time"}


def set_clock(patch: pytest.MonkeyPatch, shift: Callable[[float], float]) -> None:
    now, gmtime = time.time, time.gmtime
    patch.setattr(time, "time", lambda: shift(now()))
    patch.setattr(time, "time_ns", lambda: int(shift(now()) * 1e9))
    patch.setattr(time, "gmtime", lambda *at: gmtime(*at or (shift(now()),)))
    defaults = Context.__init__.__defaults__ or ()
    patch.setattr(Context.__init__, "__defaults__", tuple(time.time if value is now else value for value in defaults))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("clocks") / "home")


@pytest.fixture(scope="module")
def whole() -> dict[str, Ended]:
    return {}


@pytest.mark.parametrize("made", [False, True], ids=["run then", "made then"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_every_command_does_the_same_at_any_time(
    clock: str,
    made: bool,
    kept: Kept,
    whole: dict[str, Ended],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if not whole:
        whole.update({name: kept.ended(line, monkeypatch, capfd) for name, line in SHORT.items()})
    wrong = []
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, CLOCKS[clock])
        home = Kept(tmp_path / "home") if made else kept
        if made:
            patch.undo()
        for name, line in SHORT.items():
            ended, expected = home.ended(line, monkeypatch, capfd), whole[name]
            same = (ended.code, ended.shows_key) == (expected.code, expected.shows_key)
            if not same or "internal error" in ended.err:
                wrong.append((name, expected.code, ended.code, ended.err))
    assert wrong == []


def clocks(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
            yield f"time.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "datetime"}:
            yield from (f"{node.module}.{item.name}" for item in node.names)
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names if item.name == "datetime")


def test_no_other_clock_is_asked() -> None:
    """The clocks above are those that the program has."""
    found = {clock for path in SRC.rglob("*.py") for clock in clocks(ast.parse(path.read_text()))}
    wall = {clock for clock in found - NOT_THE_WALL if not clock.startswith("time.CLOCK")}
    assert wall == ASKED
