"""Text tables of the package: paragraphs of members become records."""

from __future__ import annotations

import pytest

from claude_gw_cli import tables
from claude_gw_cli.record import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    many: tuple[str, ...] = ()
    count: int = 0
    on: bool = False


TABLE = """# a comment
name first
many one
many two
  and more
# another
count 3
on yes

name second
like first many
many three
on no

name third
like first
count 4
"""


def test_paragraphs_become_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "packaged_text", lambda _: TABLE)
    rows = [tables.filled(Row, row, {"many": str.upper}) for row in tables.records("any.txt")]
    assert rows == [
        Row("first", ("ONE", "TWO AND MORE"), 3, on=True),
        Row("second", ("ONE", "TWO AND MORE", "THREE"), 0, on=False),
        Row("third", ("ONE", "TWO AND MORE"), 4, on=True),
    ]


@pytest.mark.parametrize("text", ["name a\ncolour red\n", "name a\nlike b\n", "name a\ncount many\n"])
def test_a_mistake_in_a_table_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(tables, "packaged_text", lambda _: text)
    with pytest.raises((KeyError, ValueError, StopIteration)):
        [tables.filled(Row, row, {}) for row in tables.records("any.txt")]
