"""Numbers agree with their nouns: every message that counts goes through one function."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from claude_gw_cli.core.words import counted

SRC = Path(__file__).parents[2] / "src" / "claude_gw_cli"
COUNTS = re.compile(r"\blen\(|\bcount\b|\bcleared\b|\btotal\b|// *\d|/ *1000\b|[a-z]_seconds$")
UNITS = re.compile(r" (?:ms|s|x|per|is|was|has|as|does|of|and|or|in)\b")
NEVER_ONE = {
    "world/config.py: len(known)",  # one profile would be the one in use
    "cli/explain.py: len(items)",  # only where there are several
    "cli/helper.py: len(helpers)",  # as the profiles
    "secrets/keyring_child.py: len(items)",  # ambiguous: there are several
}


def test_one_is_one() -> None:
    assert counted(1, "character") == "1 character"
    assert counted(0, "character") == "0 characters"
    assert counted(2, "entry", "entries") == "2 entries"
    assert counted(1.5, "second") == "1.5 seconds"


def test_every_text_that_counts_uses_it() -> None:
    found = set()
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.JoinedStr):
                continue
            for value, after in zip(node.values, node.values[1:], strict=False):
                if not isinstance(value, ast.FormattedValue) or not isinstance(after, ast.Constant):
                    continue
                said, what = str(after.value), ast.unparse(value.value)
                if COUNTS.search(what) and re.match(r" [a-z]+s\b", said) and not UNITS.match(said):
                    found.add(f"{path.relative_to(SRC)}: {what}")
    assert found - NEVER_ONE == set()
