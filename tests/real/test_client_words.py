"""docs/troubleshooting.md says what the client prints; the rows whose words mislead most are tried again here."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = runpy.run_path(str(Path(__file__).parent.parent / "docs" / "words.py"))
VERSION, ROWS = WORDS["table"]()

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.get("status") in WORDS["QUICK"]], ids=lambda row: row["case"]
)
def test_the_client_prints_what_the_page_says(row: dict[str, object], client: Callable[[str], Path]) -> None:
    assert WORDS["says"](row, client(VERSION)) == row["says"]
