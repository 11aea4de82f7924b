"""Random configurations on real clients: what is sent is what is predicted (longer: tests/atlas/differential.py)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "atlas"))
import laboratory
from generate import generate

pytestmark = pytest.mark.real

VERSIONS = ("2.0.45", "2.1.100", "2.1.330")
SEEDS = range(100_000, 100_014)


def test_random_configurations_are_predicted(client: Callable[[str], Path]) -> None:
    for version in VERSIONS:
        client(version)

    def disagreements(start: tuple[str, int]) -> list[str]:
        version, seed = start
        config = generate(seed, version)
        observed = laboratory.run(version, config)
        return laboratory.disagreements(
            {"version": version, "case": f"seed.{seed}", "config": config, "observed": observed}
        )

    starts = [(version, seed) for seed in SEEDS for version in VERSIONS]
    with ThreadPoolExecutor(2) as pool:
        wrong = [line for lines in pool.map(disagreements, starts) for line in lines]
    assert len(starts) == 42
    assert not wrong, "\n".join(wrong)
