"""The last days of models are those inside the newest client."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "atlas"))
import parts
import retirements

from claude_gw_cli.facts.retired import DAYS

pytestmark = pytest.mark.real


def test_the_table_is_the_newest_clients(client: Callable[[str], Path]) -> None:
    assert retirements.retirements(client(parts.NEWEST).resolve()) == DAYS


@pytest.mark.parametrize(("version", "count"), [("2.0.45", 0), ("2.1.101", 9), ("2.1.330", 21)])
def test_an_older_client_knows_fewer(version: str, count: int, client: Callable[[str], Path]) -> None:
    found = retirements.retirements(client(version).resolve())
    assert len(found) == count
    assert found.items() <= DAYS.items()
