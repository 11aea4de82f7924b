"""Lossless JSON: what is accepted, where mistakes are, and that an edit leaves every other byte alone."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsonedit import Raw, Remove
from claude_gw_cli.core.jsonscan import scan
from claude_gw_cli.core.jsontext import (
    JsonError,
    decode,
    delete,
    edit,
    encode,
    parse,
    parse_pointer,
    pointer_text,
    set_value,
)

BAD = [
    ('{"a":1,}', 1, 7, "trailing comma"),
    ('{\n  "a": [1,\n  ]\n}', 2, 10, "trailing comma"),
    ('{"a":1 // x\n}', 1, 8, "comments"),
    ('/* x */ {"a":1}', 1, 1, "comments"),
    ("{'a':1}", 1, 2, "double quotes"),
    ('{"a":\u201cx\u201d}', 1, 6, "double quotes"),
    ('{"a":NaN}', 1, 6, "NaN"),
    ('{"a":-Infinity}', 1, 6, "NaN"),
    ('{"a":01}', 1, 7, "expected ',' or '}'"),
    ('{"a":1 "b":2}', 1, 8, "expected ',' or '}'"),
    ('{"a" 1}', 1, 6, "expected ':'"),
    ("{a:1}", 1, 2, "a name in double quotes"),
    ('{"a":1}}', 1, 8, "the end of the file"),
    ('{"a":1} x', 1, 9, "the end of the file"),
    ("[1}", 1, 3, "expected ',' or ']'"),
    ("{]", 1, 2, "expected '}'"),
    ('{"a":tru}', 1, 6, "a value"),
    ('{"a":"x\ny"}', 1, 8, "not closed on its line"),
    ('{"a":"\\x"}', 1, 7, "invalid escape"),
    ('{"a":"\t"}', 1, 7, "control character"),
    ('{"a":\x01}', 1, 6, "U+0001"),
    ("{", 1, 2, "ends in the middle"),
    ('{"a"', 1, 5, "ends in the middle"),
    ('{"a":"abc', 1, 10, "not closed"),
    ('\ufeff{"a":x}', 1, 6, "a value"),
    ('{\r\n  "a": x\r\n}', 2, 8, "a value"),
    ('{"a": 1.}', 1, 8, "expected"),
    ('{"a": \u00a01}', 1, 7, "a value"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), BAD, ids=[repr(row[0]) for row in BAD])
def test_what_the_client_rejects_is_refused_with_its_place(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(JsonError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", " \r\n\t", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_an_empty_object_as_for_the_client(text: str) -> None:
    assert parse(text).value == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
layouts = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"indent": 4},
        {"indent": "\t"},
        {"separators": (",", ":")},
        {"indent": 2, "ensure_ascii": False},
        {"indent": 0},
    ]
)


def same(one: object, other: object) -> bool:
    return json.dumps(one) == json.dumps(other)


@given(json_values, layouts)
def test_it_reads_what_the_standard_library_reads(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    assert same(parse(text).value, json.loads(text))
    assert same(scan(text)[0], json.loads(text))


@given(st.text(alphabet='{}[]":,\\ntruefalse0123456789.eE+- \n"', max_size=30))
def test_it_accepts_and_rejects_as_the_standard_library_does(text: str) -> None:
    try:
        expected = json.loads(text) if text.strip(" \t\r\n") else {}
    except ValueError:
        with pytest.raises(JsonError):
            parse(text)
    else:
        assert same(parse(text).value, expected)
        assert not text.strip(" \t\r\n") or same(scan(text)[0], expected)


def test_a_repeated_member_is_reported_and_the_last_one_wins() -> None:
    document = parse('{"env": {"A": "1",\n "A": "2"}, "x": [{"k": 1, "k": 2}], "env": {"B": "3"}}')
    assert document.value == {"env": {"B": "3"}, "x": [{"k": 2}]}
    assert document.duplicates == ((("env", "A"), 2, 2), (("x", "0", "k"), 2, 28), (("env",), 2, 38))
    assert document.locate(("env", "B")) == (2, 51)
    assert document.locate(("env", "A")) is None


def test_members_are_located_by_name_and_by_value() -> None:
    document = parse('\ufeff{"a": 1,\r\n  "b~/c": {"d": [10, {"e": null}]}}')
    assert document.locate(("a",), of="key") == (1, 2)
    assert document.locate(("a",)) == (1, 7)
    assert document.locate(("b~/c", "d", "1", "e"), of="key") == (2, 23)
    assert document.locate(("b~/c", "d", "0")) == (2, 18)
    assert document.locate(()) == (1, 1)
    assert document.locate(("a", "b")) is None
    assert document.raw(("b~/c", "d", "1")) == '{"e": null}'
    assert pointer_text(("b~/c", "d")) == "/b~0~1c/d"
    assert parse_pointer("/b~0~1c/d") == ("b~/c", "d")


EDITS = [
    ("", '{\n  "env": {\n    "X": "1"\n  }\n}\n'),
    ("{}", '{\n  "env": {\n    "X": "1"\n  }\n}'),
    ("\ufeff", '\ufeff{\n  "env": {\n    "X": "1"\n  }\n}\n'),
    ('{"a":1}', '{"a":1,"env":{"X":"1"}}'),
    ('{"a": 1}', '{"a": 1, "env": {"X": "1"}}'),
    ('{ "a" : 1 }\n', '{ "a" : 1, "env" : {"X" : "1"} }\n'),
    ('{\n\t"a": 1\n}\n', '{\n\t"a": 1,\n\t"env": {\n\t\t"X": "1"\n\t}\n}\n'),
    (
        '{\r\n    "env": {\r\n        "Z": "1"\r\n    }\r\n}',
        '{\r\n    "env": {\r\n        "Z": "1",\r\n        "X": "1"\r\n    }\r\n}',
    ),
    ('{\n  "env": {}\n}', '{\n  "env": {\n    "X": "1"\n  }\n}'),
    ('{"env": {"X": 1e5, "Y": 1.0}}', '{"env": {"X": "1", "Y": 1.0}}'),
    ('{"env":{"X":"a","X":"b"}}', '{"env":{"X":"a","X":"1"}}'),
    (
        '{"n":12345678901234567890.10,"s":"\\u00e9\\/"}',
        '{"n":12345678901234567890.10,"s":"\\u00e9\\/","env":{"X":"1"}}',
    ),
]


@pytest.mark.parametrize(("before", "after"), EDITS, ids=[repr(row[0]) for row in EDITS])
def test_a_new_member_is_laid_out_like_its_neighbours(before: str, after: str) -> None:
    assert set_value(before, ("env", "X"), "1") == after


def test_a_nested_value_follows_the_files_indentation() -> None:
    assert set_value('{\n    "a": 1\n}', ("b",), {"c": ["d"]}) == (
        '{\n    "a": 1,\n    "b": {\n        "c": [\n            "d"\n        ]\n    }\n}'
    )


def test_deleting_takes_every_occurrence_and_keeps_the_rest() -> None:
    assert delete('{"a":1,"b":2,"a":3}', ("a",)) == '{"b":2}'
    assert delete('{ "a": 1, "b": 2 }', ("a",)) == '{ "b": 2 }'
    assert delete('{\n  "a": 1,\n  "b": 2\n}', ("b",)) == '{\n  "a": 1\n}'
    assert delete('{"a":[1,2,3]}', ("a", "1")) == '{"a":[1,3]}'
    assert delete('{"a":1}', ("b", "c")) == '{"a":1}'
    assert edit('{"a":{"b":{"c":1}}}', [(("a", "b", "c"), Remove(1))]) == '{"a":{}}'
    assert edit('{"a":{"b":{"c":1}},"z":0}', [(("a", "b", "c"), Remove(2))]) == '{"z":0}'


def test_a_value_can_be_given_its_exact_spelling() -> None:
    assert set_value('{"a":1}', ("a",), Raw("1.50e+1")) == '{"a":1.50e+1}'


@pytest.mark.parametrize("text", ['{"env": "x"}', '{"env": null}', '{"env": [1]}', "[]", "3"])
def test_nothing_is_put_where_no_object_is(text: str) -> None:
    with pytest.raises(UsageError):
        set_value(text, ("env", "X"), "1")


names = st.text(max_size=5)
documents = st.dictionaries(names, json_values, max_size=5)


@given(documents, layouts, names, st.text(max_size=5), st.booleans(), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=200)
def test_adding_then_deleting_gives_the_same_text(
    value: dict[str, Any], layout: dict[str, Any], outer: str, inner: str, mark: bool, newline: str
) -> None:
    value.pop(outer, None)
    text = ("\ufeff" if mark else "") + json.dumps(value, **layout).replace("\n", newline)
    if not value:
        text = "{}"
    added = set_value(text, (outer, inner), "v")
    assert parse(added).value == {**value, outer: {inner: "v"}} or value != value
    assert edit(added, [((outer, inner), Remove(1))]) == text


@given(documents, layouts, names, json_values)
def test_replacing_then_restoring_the_spelling_gives_the_same_text(
    value: dict[str, Any], layout: dict[str, Any], name: str, other: Any
) -> None:
    text = json.dumps({**value, name: 1}, **layout)
    spelled = parse(text).raw((name,))
    assert spelled is not None
    changed = set_value(text, (name,), other)
    assert same(parse(changed).get((name,)), other)
    assert set_value(changed, (name,), Raw(spelled)) == text


@given(st.binary(max_size=40))
def test_every_byte_survives_decoding(data: bytes) -> None:
    for raw in (data, b"\xff\xfe" + data, b"\xef\xbb\xbf" + data):
        assert encode(*decode(raw)) == raw


def test_ten_thousand_levels_are_no_problem() -> None:
    text = '{"x": ' + "[" * 10_000 + "]" * 10_000 + "}"
    assert set_value(text, ("env", "X"), "1").startswith(text[:-1])
    with pytest.raises(JsonError) as caught:
        parse("[" * 10_000)
    assert caught.value.column == 10_001


def test_work_grows_in_proportion_to_the_size() -> None:
    def calls(size: int) -> int:
        text = '{"list": [' + ",".join(['{"k": [1, 2.5, "text", true]}'] * size) + '], "s": "' + "\\n" * size + '"}'
        count = 0

        def seen(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(seen)
        try:
            set_value(text, ("env", "X"), "1")
        finally:
            sys.setprofile(None)
        return count

    assert calls(4_000) <= calls(500) * 8 * 1.1
