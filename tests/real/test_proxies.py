"""Which proxy the client takes, measured again: a sample of tests/atlas/proxies.jsonl on the clients installed here.

``python tests/atlas/proxies.py`` measures the rest; ``tests/atlas/test_proxies.py`` holds cgw against every line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "atlas"))
import proxies

pytestmark = pytest.mark.real
STEP = 12


def test_the_client_still_takes_the_recorded_ways(client: Callable[[str], Path]) -> None:
    known = [row for row in proxies.rows() if row["version"] == "2.1.330"][::STEP]
    assert len(known) > 3
    again = proxies.measured(known, {"2.1.330": client("2.1.330")})
    assert [row["way"] for row in again] == [row["way"] for row in known]
