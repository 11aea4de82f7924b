"""docs/screens.md is what the screens show; on 80 and on 40 columns no word is broken and no line is wider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli import test_screens
from tests.cli.test_wizard import KEY

from . import captures
from .test_pictures import VARYING
from .test_pictures import home as home  # noqa: PLC0414 - a fixture

PAGE = Path(__file__).parent.parent.parent / "docs" / "screens.md"
WIDE = 100
"""The widest lines of the wizard."""
DOCTOR = "cgw doctor, with colours"
COMMANDS = "Every command, one after the other"
NAMES = (*captures.SITUATIONS, DOCTOR)


@pytest.fixture(scope="module")
def filled() -> Iterator[dict[str, str]]:
    with captures.servers() as found:
        yield found


_ALSO_VARYING = (
    (re.compile(r"\b\d+ ms\b"), "100 ms"),
    (re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  \S+"), "2026-11-29 12:00:00  ana"),
    (re.compile(r"~/project/-c\b"), "~/.local/bin/cgw"),
)
"""Times, who did it, and the program where a test runs cgw."""
_ELSEWHERE = {"rule", "trace"}
"""Commands that other pages show: rules/README.md; trace needs a real client."""


def steady(text: str) -> str:
    for pattern, instead in (*VARYING, *_ALSO_VARYING):
        text = pattern.sub("0.10 s" if instead == "0.1 s" else instead, text)  # as wide as it was
    return text


def taken(
    name: str,
    columns: int,
    home: Path,
    filled: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    stops: bool = False,
) -> captures.Blocks:
    captures.empty(home)
    if name == DOCTOR:
        monkeypatch.setenv("K", KEY)
        return captures.doctor(columns, "http://127.0.0.1:9")
    return captures.wizard(name, columns, home, filled, monkeypatch.setenv, stops=stops)


def title(name: str) -> str:
    return captures.SITUATIONS[name].title if name in captures.SITUATIONS else name


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_what_the_screens_show_and_no_word_is_broken(
    name: str, home: Path, filled: dict[str, str], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    blocks = taken(name, 80, home, filled, monkeypatch)
    part = captures.part(title(name), blocks, steady)
    assert KEY not in part
    if request.config.getoption("--update"):
        captures.put(PAGE, title(name), part)
    assert captures.get(PAGE, title(name)) == part.strip().splitlines(), "run: make update"
    whole = "\n".join(taken(name, WIDE, home, filled, monkeypatch, stops=True))
    narrow = taken(name, 40, home, filled, monkeypatch, stops=True)
    assert captures.broken("\n".join(narrow), whole, 40) == []
    assert captures.broken("\n".join(blocks[: len(narrow)]), whole, 80) == []


def test_the_page_has_the_screens_of_the_commands(
    home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    work = home / "project"
    test_screens.set_up(home, work)
    monkeypatch.setenv("K", KEY)
    screens = test_screens.shown(80, work)
    blocks = [f"$ cgw {line}\n{screens[line]}" for line in test_screens.SCREENS if line not in _ELSEWHERE]
    part = captures.part(COMMANDS, blocks, steady)
    assert KEY not in part
    if request.config.getoption("--update"):
        captures.put(PAGE, COMMANDS, part)
    assert captures.get(PAGE, COMMANDS) == part.strip().splitlines(), "run: make update"


def test_every_part_of_the_page_has_a_run() -> None:
    assert captures.titles(PAGE) == [*(title(name) for name in NAMES), COMMANDS]


def test_a_broken_word_and_a_part_of_a_long_one_are_told_apart() -> None:
    assert captures.broken("a gate\nway", "a gateway", 40) == ["gate", "way"]
    path = "/a/very/long/path/that/no/line/of/forty/columns/has/room/for"
    assert captures.broken(f"{path[:37]}\n{path[37:]}", path, 40) == []
