"""Lines of a terminal's width: whole words, what belongs together below each other, commands to copy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.wrap import columns_of, table, wrapped


def test_a_line_that_fits_and_a_pipe_stay_as_they_are() -> None:
    assert wrapped("a  b\n  c", 10) == "a  b\n  c"
    assert wrapped("a long line", None) == "a long line"


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 8, "one two\n  three"),
        ("gateway   https://a and more", 22, "gateway   https://a\n          and more"),
        ("see /a/very/long/path/indeed now", 12, "see\n/a/very/long/path/indeed\n  now"),
        ("it still has the old one: cgw settings apply", 30, "it still has the old one:\n  cgw settings apply"),
        ("no token is here; sign in: bao login -address=x", 30, "no token is here; sign in:\n  bao login -address=x"),
        ("of this session, for all: eval $(x --y) a", 28, "of this session, for all:\n  eval $(x --y) a"),
        (
            "  or write it there:  cgw settings apply --x",
            40,
            "  or write it there:\n    cgw settings apply --x",
        ),
        ("  = help: one two", 12, "  = help:\n    one two"),
    ],
)
def test_how_a_line_goes_on(text: str, width: int, expected: str) -> None:
    assert wrapped(text, width) == expected


@given(st.text(alphabet=" ab/:.\x1b[1m", max_size=120), st.integers(10, 60))
def test_no_word_is_lost_and_only_a_single_word_is_wider(text: str, width: int) -> None:
    shown = wrapped(text, width)
    assert shown.split() == text.split()
    for line in shown.split("\n"):
        assert columns_of(line) <= width or len(line.split()) <= 1


def test_a_table_is_aligned_or_is_paragraphs() -> None:
    rows = [("work", "https://gateway.example.com"), ("x", "http://localhost")]
    wide = table(("NAME", "GATEWAY"), rows, 80)
    assert wide == "NAME  GATEWAY\nwork  https://gateway.example.com\nx     http://localhost\n"
    assert table(("NAME", "GATEWAY"), rows, None) == wide
    narrow = table(("NAME", "GATEWAY"), rows, 20).split("\n")
    assert narrow[:2] == ["NAME     work", "GATEWAY"]
    assert "https://gateway.example.com" in narrow[2]
