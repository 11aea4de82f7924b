from __future__ import annotations

import runpy
from pathlib import Path

WRITER = runpy.run_path(str(Path(__file__).parent / "write_docs.py"))


def test_the_pages_are_those_of_the_rules() -> None:
    pages = WRITER["pages"]()
    written = {path.name: path.read_text(encoding="utf-8") for path in WRITER["DOCS"].glob("*.md")}
    assert written == pages, "run: python tests/rules/write_docs.py"
