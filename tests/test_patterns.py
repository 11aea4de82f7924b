"""Python 3.11.0 to 3.11.4 match a possessive group wrongly when it fails half-way, and they are still about."""

from __future__ import annotations

import re
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"


def test_no_pattern_repeats_a_group_possessively() -> None:
    found = [
        path.name for path in SRC.rglob("*.py") if re.search(r"\)[?*+]\+|\(\?>", path.read_text(encoding="utf-8"))
    ]
    assert not found
