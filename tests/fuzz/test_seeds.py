"""Every seed through its target, and a few hundred mutations of each; `make soak` fuzzes them, guided by coverage."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fuzz.targets import TARGETS

HERE = Path(__file__).parent
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


def test_every_target_has_seeds() -> None:
    assert all(SEEDS.values())
    assert {path.name for path in (HERE / "seeds").iterdir()} == TARGETS.keys()


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


@pytest.mark.real
@pytest.mark.parametrize("name", TARGETS)
def test_long(name: str) -> None:
    """Needs atheris: pip install atheris."""
    seconds = os.environ.get("CGW_FUZZ_SECONDS", "3600")
    done = subprocess.run(
        [sys.executable, HERE / "fuzz.py", name, seconds],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    figures = re.findall(r"stat::(?:number_of_executed_units|peak_rss_mb):\s+\d+", done.stderr)
    print(f"\n{name}: {figures}")
    assert done.returncode == 0, done.stderr[-3000:]
