"""Prediction equals observation for what was measured since the atlas: releases, found corners, random starts."""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import laboratory  # noqa: E402 - this folder is no package
from generate import generate  # noqa: E402
from ground import THEMES, themes  # noqa: E402

FOUND = [json.loads(line) for line in (HERE / "found.jsonl").read_text(encoding="utf-8").splitlines()]
CLAIMS = [json.loads(line) for line in (HERE / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
MEASURED = [
    json.loads(line)
    for path in sorted((HERE / "measured").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
with gzip.open(HERE / "random.jsonl.gz", "rt", encoding="utf-8") as _lines:
    RANDOM = [json.loads(line) for line in _lines]


@pytest.mark.parametrize("row", FOUND, ids=lambda row: f"{row['case']} {row['version']}")
def test_a_found_corner_stays_predicted(row: dict[str, Any]) -> None:
    assert laboratory.disagreements(row) == []


def test_what_the_rules_claim_is_predicted() -> None:
    assert len(CLAIMS) > 200
    assert [line for row in CLAIMS for line in laboratory.disagreements(row)] == []


def test_a_measured_release_is_predicted() -> None:
    assert len(MEASURED) > 100
    assert [line for row in MEASURED for line in laboratory.disagreements(row)] == []


def test_random_starts_are_predicted() -> None:
    """Every seventh of them here, all of them in ``make real``."""
    some = RANDOM[::7]
    assert len(RANDOM) >= 2000
    assert [line for row in some for line in laboratory.disagreements(row)] == []


def test_a_seed_is_enough_to_see_a_configuration_again() -> None:
    assert generate(7, "2.1.330") == generate(7, "2.1.330")
    assert generate(7, "2.1.330") != generate(8, "2.1.330")


@pytest.mark.parametrize("version", ["2.1.332", "2.1.70"])
def test_random_configurations_cover_every_theme(version: str) -> None:
    newer = {"Mantle", "Claude Platform on AWS", "Claude on Google Cloud", "gateway provider"}
    found = Counter(name for seed in range(600) for name in themes(generate(seed, version)))
    rare = {name: found[name] for name in THEMES if found[name] < 12 and name not in newer}
    assert not rare
    assert version == "2.1.70" or all(found[name] > 20 for name in newer)
