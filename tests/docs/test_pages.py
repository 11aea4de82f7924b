"""Pages that are made from tables are up to date; links go somewhere; every file that cgw writes is on a page."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITER = runpy.run_path(str(Path(__file__).parent / "write_reference.py"))
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)")


def test_the_pages_are_those_of_the_tables(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        WRITER["write"]()
    pages = WRITER["pages"]()
    assert {name: (WRITER["DOCS"] / name).read_text(encoding="utf-8") for name in pages} == pages, "run: make update"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_go_to_files_that_exist(page: Path) -> None:
    targets = [target for target, _ in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))

    def files(entry: object) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        parts = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else []
        return [name for part in parts for name in files(part)]

    listed = set(files(site["nav"]))
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert listed == {name for name in pages if not re.match(r"rules/CGW\d", name)}


def test_the_page_about_files_has_every_place_of_the_security_page() -> None:
    table = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## What is written where")[2]
    places = re.findall(r"^\| `(~/[^`]+)`(?:, `(~/[^`]+)`)?", table.partition("\n## ")[0], re.MULTILINE)
    told = re.findall(r"`(~/[^`]+)`", (ROOT / "docs" / "files.md").read_text(encoding="utf-8"))
    assert len(places) > 15
    missing = [one for row in places for one in row if one and not any(one.startswith(place) for place in told)]
    assert not missing
