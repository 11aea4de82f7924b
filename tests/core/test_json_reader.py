"""Reading JSON gives what the module ``json`` gives."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.documents import from_json, json_reader

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
ODD = [
    "", " ", "{", "[1,]", '{"a":1,}', "nul", "tru", "-", "01", "1.", "1e", '"\t"', '"\\x"', '"', "[1] x", "// a",
    "NaN", "Infinity", "-Infinity", " \n[1]\r\n", "\ufeff1", '{"a":1,"a":2}', "1" * 30, "1e999",
    '"\\ud800"', "\u00a01", "\x0c1",
]  # fmt: skip


@given(VALUES, st.sampled_from(["", " ", "\n", "\r\n\t"]))
def test_what_is_read_is_what_the_standard_reads(value: object, around: str) -> None:
    text = around + json.dumps(value, ensure_ascii=False) + around
    assert from_json(text) == json.loads(text)
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert from_json(text.encode()) == json.loads(text)


def answer(read: Callable[[str], object], text: str) -> str:
    """What a reader makes of a text, or what it says about it."""
    try:
        return repr(read(text))
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("text", ODD)
def test_a_text_with_a_mistake_is_refused_with_the_words_of_the_standard(text: str) -> None:
    for read, standard in (
        (json_reader(), json.JSONDecoder().decode),
        (from_json, lambda text: json.loads(text.removeprefix("\ufeff"))),
    ):
        assert answer(read, text) == answer(standard, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_bytes_are_read_in_the_encodings_of_the_standard(encoding: str) -> None:
    assert from_json('{"a": "\u00e4"}'.encode(encoding)) == {"a": "\u00e4"}


def test_the_hooks_are_called() -> None:
    read = json_reader(pairs=list, integer=lambda digits: f"<{digits}>", constant=lambda name: f"<{name}>")
    assert read('{"a": 12, "b": NaN, "a": 1.5}') == [("a", "<12>"), ("b", "<NaN>"), ("a", 1.5)]
