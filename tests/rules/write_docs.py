"""Write docs/rules from the rules: ``make update``. ``test_docs.py`` says when it is due."""

from __future__ import annotations

from pathlib import Path

from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.rules.failures import failure_index
from claude_gw_cli.rules.page import index, page

DOCS = Path(__file__).parent.parent.parent / "docs" / "rules"


def pages() -> dict[str, str]:
    """File name -> content of every page."""
    rules = dict(all_rules())
    lists = {"README.md": index(rules), "failures.md": failure_index()}
    return lists | {f"{code}.md": page(rule) for code, rule in rules.items()}


def write() -> None:
    """Every page; the page of a rule that is gone is removed."""
    DOCS.mkdir(parents=True, exist_ok=True)
    written = pages()
    for name, text in written.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    for path in DOCS.glob("*.md"):
        if path.name not in written:
            path.unlink()


if __name__ == "__main__":
    write()
