from __future__ import annotations

import runpy
from pathlib import Path

import pytest

WRITER = runpy.run_path(str(Path(__file__).parent / "write_docs.py"))


def test_the_pages_are_those_of_the_rules(request: pytest.FixtureRequest) -> None:
    pages = WRITER["pages"]()
    if request.config.getoption("--update"):
        WRITER["write"]()
    written = {path.name: path.read_text(encoding="utf-8") for path in WRITER["DOCS"].glob("*.md")}
    assert written == pages, "run: make update"
