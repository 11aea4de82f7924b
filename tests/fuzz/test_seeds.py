"""Every seed through its target, and a few hundred mutations of each; `make soak` fuzzes them, guided by coverage."""

from __future__ import annotations

import math
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.fuzz.targets import TARGETS
from tests.soak import executions

from claude_gw_cli.readers import READERS

HERE = Path(__file__).parent
EXECUTIONS = 2_000_000
SEEDS = {name: sorted((HERE / "seeds" / name).iterdir()) for name in TARGETS}
INTERESTING = (
    b"\0",
    b"\xff\xfe",
    b"\x1b[2J",
    b"\xc2\x9b",
    b"\xe2\x80\xae",
    b"[" * 2000,
    b"9" * 5000,
    b"1e999",
    b'"',
    b"\\ud800",
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data = data[:at] + chance.choice(INTERESTING) + data[at:]
        elif kind == 1:
            data = data[:at] + data[at + chance.randint(1, 8) :]
        elif kind == 2:
            data = data[:at] + chance.randbytes(chance.randint(1, 3)) + data[at + 1 :]
        else:
            end = chance.randint(at, len(data))
            data = data[:end] + data[at:end] + data[end:]
    return data[:20_000]


MARKS = r"""{{ ${ ${{ $[ $( << < {% <% (( #{ ( [ [a] \ \" " ' ` /* / + # = : ://: @ % %( | & ; , . ~ * ?"""
WORDS = (
    r"""a 0 A_ a: sk- eyJ- {n}. N S SN T aS a= a:N a:{n}N -SaN a\N A=1N A{n}=1N 'a'S echoS bashS-i A-a1 1. AB_= é €"""
)
BREAKS = str.maketrans({"S": " ", "N": "\n", "T": "\t"})
UNITS = (*MARKS.split(" "), *(word.translate(BREAKS) for word in WORDS.split(" ")))
"""What long texts consist of here; ``{n}`` is another number each time."""
LENGTH = 65_536
SECONDS = 5.0
"""Of this process, not of the clock."""
GROWTH = 9.0
"""Four times the text may take so many times the time: it takes 16 times where the time grows with the square."""
NOTICED = 0.3


def lengthened(data: bytes, unit: str, place: int, length: int = LENGTH) -> bytes:
    """A seed with 64 KB of a unit: instead of it, before, behind, in place of an address, or of all from there on."""
    count = length // len(unit.encode())
    long = (
        unit * count if "{n}" not in unit else "".join(unit.replace("{n}", str(n)) for n in range(count))
    ).encode()
    if place > 2 and (found := re.search(rb"https?://[^\s\"']*", data)):
        return data[: found.start()] + long + (data[found.end() :] if place == 3 else b"")
    return (data[:1] + long, data[:1] + long + b"\n" + data[1:], data + b"\n" + long)[place % 3]


class TooLongError(BaseException):
    """No target catches it."""


def too_long(*_: object) -> None:
    raise TooLongError


def test_every_target_has_seeds() -> None:
    assert all(SEEDS.values())
    assert {path.name for path in (HERE / "seeds").iterdir()} == TARGETS.keys()


def test_every_format_has_a_seed_that_names_it() -> None:
    """Their first byte is the number of the row, so a new row moves the ones behind it."""
    rows = [f"{number:02}-{reader.module}" for number, reader in enumerate(READERS)]
    named = [(path.read_bytes()[0], "-".join(path.name.split("-")[:2])) for path in SEEDS["formats"]]
    assert [name for _, name in named if name not in rows] == []
    assert sorted({number for number, _ in named}) == list(range(len(rows)))
    assert [name for number, name in named if name != rows[number]] == []


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_their_neighbours(name: str) -> None:
    chance = random.Random(name)
    for path in SEEDS[name]:
        data = path.read_bytes()
        TARGETS[name](data)
        for _ in range(60 // len(SEEDS[name]) + 5):
            changed = mutated(data, chance)
            try:
                TARGETS[name](changed)
            except Exception as error:
                raise AssertionError(f"{path.name}: {changed!r}") from error


def seconds_of(name: str, data: bytes) -> float:
    """The processor's time for an input; infinite where it is more than ``SECONDS``."""
    begin = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        TARGETS[name](data)
    except TooLongError:
        return math.inf
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begin


def test_the_measurement_sees_a_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TARGETS, "square", lambda data: [data.count(b"b") for _ in range(len(data) // 16)])
    assert seconds_of("square", b"a" * 4 * LENGTH) > GROWTH * seconds_of("square", b"a" * LENGTH)


@pytest.mark.real
@pytest.mark.parametrize("name", TARGETS)
def test_a_long_text_takes_time_in_proportion(name: str) -> None:
    signal.signal(signal.SIGVTALRM, too_long)
    slow, longest = [], 0.0
    for seed, path in enumerate(SEEDS[name]):
        for number, unit in enumerate(UNITS):
            data, place = path.read_bytes(), (seed + number) % 5
            took = seconds_of(name, lengthened(data, unit, place))
            longest = max(longest, took)
            if took > NOTICED and took > GROWTH * seconds_of(name, lengthened(data, unit, place, LENGTH // 4)):
                slow.append((path.name, unit, place, took))
    print(f"\n{name}: {len(SEEDS[name]) * len(UNITS)} texts of 64 KB, {longest:.2f} s at most")
    assert slow == []


@pytest.mark.real
@pytest.mark.parametrize("name", TARGETS)
def test_long(name: str) -> None:
    """Needs atheris: pip install atheris."""
    done = subprocess.run(
        [sys.executable, HERE / "fuzz.py", name, str(EXECUTIONS)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    print(f"\n{name}: {executions(name)} executions, {re.findall(r'peak_rss_mb:.*', done.stderr)}")
    assert done.returncode == 0, done.stderr[-3000:]
    assert executions(name) == EXECUTIONS
