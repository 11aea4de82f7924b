"""Random configurations on real clients: what is sent is what is predicted (longer: tests/atlas/differential.py)."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ATLAS = Path(__file__).parent.parent / "atlas"
sys.path.insert(0, str(ATLAS))
import laboratory  # noqa: E402 - that folder is no package
from generate import generate  # noqa: E402

pytestmark = pytest.mark.real

VERSIONS = ("2.0.45", "2.1.100", "2.1.330")
SEEDS = range(100_000, 100_014)


def test_random_configurations_are_predicted(client: Callable[[str], Path]) -> None:
    programs = {version: client(version) for version in VERSIONS}

    def disagreements(start: tuple[str, int]) -> list[str]:
        version, seed = start
        config = generate(seed, version)
        observed = laboratory.run(version, config, programs[version])
        return laboratory.disagreements(
            {"version": version, "case": f"seed.{seed}", "config": config, "observed": observed}
        )

    starts = [(version, seed) for seed in SEEDS for version in VERSIONS]
    with ThreadPoolExecutor(2) as pool:
        wrong = [line for lines in pool.map(disagreements, starts) for line in lines]
    assert len(starts) == 42
    assert not wrong, "\n".join(wrong)


def test_every_random_start_on_record_is_predicted() -> None:
    """Two thousand and more runs on six releases; no client is started here."""
    with gzip.open(ATLAS / "random.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    # The client's own first start rewrites this invalid document without its bad member.
    beyond = {("2.0.45", "seed.20247")}
    wrong = [
        line for row in rows if (row["version"], row["case"]) not in beyond for line in laboratory.disagreements(row)
    ]
    assert len(rows) > 2000
    assert len({row["version"] for row in rows}) == 6
    assert not wrong, "\n".join(wrong)
