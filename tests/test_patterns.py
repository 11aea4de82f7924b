"""What no pattern may do."""

from __future__ import annotations

import re
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.0 to 3.11.4 match such a group wrongly when it fails half-way, and they are still about."""
    found = [
        path.name for path in SRC.rglob("*.py") if re.search(r"\)[?*+]\+|\(\?>", path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_a_search_for_a_closing_mark_has_a_limit() -> None:
    """Without one, a text of opening marks only is searched to its end from each of them: a minute for 100 KB."""
    endless = re.compile(r"\.\*\?(?:\\[}\]]|>>|%)|\[\^([})])\]\*\)?\\\1|<\[\^>\]")
    assert endless.search(r"<<.*?>>")
    assert endless.search(r"\$\{[^}]*\}")
    found = [
        f"{path.name}: {line.strip()}"
        for path in SRC.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if endless.search(line) and not line.lstrip().startswith("#")
    ]
    assert not found
