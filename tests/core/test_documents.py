"""JSON is read by a fast library, and what that refuses by the standard one: together as the standard one."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.documents import from_json, from_plain_json
from claude_gw_cli.core.jsonscan import scan
from claude_gw_cli.core.jsontext import JsonError, read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
UNUSUAL = [
    '{"a":1,"a":2}', "[NaN, Infinity, -Infinity]", r'"\ud800"', r'"\ud83d\ude00"', "[1e400, -0, -0.0, 1e-400]",
    "9" * 400, "9" * 4299, "-" + "9" * 4301, "[" * 150 + "]" * 150, "[" * 900 + "]" * 900, "\ufeff[1]", " [1] ",
    "[1] x", "[01]", "[1,]",
    "{'a':1}", '"a\tb"', "", " ", "nul", "+1", "0.1", "123456789.123456789123456789", '"\x7f\u2028"',
]  # fmt: skip


def meaning(reader: object, text: str | bytes) -> str:
    """What a reader makes of a text, as a text: NaN is not equal to itself, 1 and 1.0 and True are."""
    try:
        return repr(reader(text))  # type: ignore[operator]
    except (ValueError, RecursionError, JsonError):
        return "refused"


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_every_value_is_read_as_the_standard_library_reads_it(
    value: object, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert meaning(from_json, text) == meaning(json.loads, text)


@given(VALUES, st.data())
def test_a_damaged_text_is_refused_where_the_standard_library_refuses_it(value: object, data: st.DataObject) -> None:
    text = json.dumps(value)
    place = data.draw(st.integers(0, len(text)))
    damaged = (
        text[:place]
        + data.draw(st.sampled_from(["", "\\", '"', ",", "}", "1", "e", "\ufeff", "\0"]))
        + text[place + 1 :]
    )
    assert meaning(from_json, damaged) == meaning(json.loads, damaged.removeprefix("\ufeff"))


@pytest.mark.parametrize("text", UNUSUAL)
def test_an_unusual_text_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert meaning(from_json, text) == meaning(json.loads, text.removeprefix("\ufeff"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_bytes_are_read_in_every_encoding_of_json(encoding: str) -> None:
    assert from_json('{"name": "Zoë"}'.encode(encoding)) == {"name": "Zoë"}


@pytest.mark.parametrize("text", UNUSUAL)
def test_the_reader_with_places_and_the_fast_one_agree(text: str) -> None:
    assert meaning(lambda given_text: read(given_text)[0], text) == meaning(
        lambda given_text: scan(given_text)[0], text
    )


def test_a_repeated_member_and_not_a_number_are_not_plain() -> None:
    for text in ('{"a": 1, "b": {"c": 1, "c": 1}}', "[NaN]", "-Infinity"):
        with pytest.raises(ValueError, match="line 1"):
            from_plain_json(text)
    assert math.isnan(from_json("NaN"))
