"""The three-way merge: exact undo, surgical undo, conflicts, and nothing stale after a switch."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsontext import Pointer, delete, parse, set_value
from claude_gw_cli.core.merge import Change, Entry, Merged, Patch, drift, merge, undo


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def patch(**env: str) -> Patch:
    return Patch(tuple(Entry(("env", name), value) for name, value in env.items()))


def apply(text: str, wanted: Patch, before: Merged | None = None, *, force: bool = False) -> Merged:
    return merge(text, wanted, before.record if before else None, digest, force=force)


URL, TOKEN, MINE = ("env", "URL"), ("env", "TOKEN"), ("env", "MINE")


def test_apply_then_undo_gives_back_the_same_text() -> None:
    text = '{ "env" :{"URL": "mine\\u0021" },"n":1e5}\r\n'
    applied = apply(text, patch(URL="http://gw", TOKEN=""))
    assert parse(applied.text).value == {"env": {"URL": "http://gw", "TOKEN": ""}, "n": 1e5}
    assert applied.changes == (Change(URL, "replace"), Change(TOKEN, "add"))
    assert undo(applied.text, applied.record, digest).text == text


def test_applying_twice_changes_nothing() -> None:
    first = apply('{"a":1}', patch(URL="x"))
    second = apply(first.text, patch(URL="x"), first)
    assert (second.text, second.changes, second.record) == (first.text, (), first.record)


def test_undo_after_an_edit_by_somebody_else_takes_only_what_is_ours() -> None:
    applied = apply('{\n  "env": {\n    "URL": "\\u006dine"\n  }\n}\n', patch(URL="http://gw", TOKEN="t"))
    edited = set_value(set_value(applied.text, MINE, "1"), ("theme",), "dark")
    undone = undo(edited, applied.record, digest)
    assert undone.text == '{\n  "env": {\n    "URL": "\\u006dine",\n    "MINE": "1"\n  },\n  "theme": "dark"\n}\n'
    assert undone.conflicts == ()


def test_containers_that_cgw_made_go_when_they_are_empty_and_stay_when_they_are_used() -> None:
    applied = apply('{"a":1}', patch(URL="x"))
    assert undo(set_value(applied.text, ("b",), 2), applied.record, digest).text == '{"a":1,"b":2}'
    assert undo(set_value(applied.text, MINE, "2"), applied.record, digest).text == '{"a":1,"env":{"MINE":"2"}}'
    kept = apply('{"env":{}}', patch(URL="x"))
    assert undo(set_value(kept.text, ("b",), 2), kept.record, digest).text == '{"env":{},"b":2}'


def test_a_member_that_somebody_changed_is_reported_and_nothing_is_applied() -> None:
    applied = apply("{}", patch(URL="x", TOKEN="t"))
    edited = set_value(applied.text, URL, "theirs")
    again = apply(edited, patch(URL="y", TOKEN="u"), applied)
    assert again.conflicts == (URL,)
    assert (again.text, again.changes) == (edited, ())
    forced = apply(edited, patch(URL="y", TOKEN="u"), applied, force=True)
    assert parse(forced.text).value == {"env": {"URL": "y", "TOKEN": "u"}}
    assert parse(undo(forced.text, forced.record, digest).text).value == {"env": {"URL": "theirs"}}


def test_undo_leaves_what_somebody_changed_unless_forced() -> None:
    applied = apply('{"env":{"URL":"old"}}', patch(URL="x"))
    edited = set_value(applied.text, URL, "theirs")
    assert undo(edited, applied.record, digest).text == edited
    assert undo(edited, applied.record, digest).conflicts == (URL,)
    assert undo(edited, applied.record, digest, force=True).text == '{"env":{"URL":"old"}}'


def test_a_change_to_what_is_wanted_anyway_is_no_conflict() -> None:
    applied = apply("{}", patch(URL="x"))
    assert apply(set_value(applied.text, URL, "y"), patch(URL="y"), applied).conflicts == ()


def test_a_member_that_is_back_to_what_it_was_before_cgw_is_no_conflict() -> None:
    """An undo that was cut short after the file was written."""
    text = '{"env":{"URL":"mine"}}'
    applied = apply(text, patch(URL="x"))
    again = apply(text, patch(URL="y"), applied)
    assert again.conflicts == ()
    assert undo(again.text, again.record, digest).text == text


def test_a_deleted_member_is_set_again() -> None:
    applied = apply("{}", patch(URL="x", TOKEN="t"))
    again = apply(delete(applied.text, URL), patch(URL="x", TOKEN="t"), applied)
    assert again.conflicts == ()
    assert again.changes == (Change(URL, "add"),)


def test_a_rewrite_by_the_client_is_no_change_of_ours() -> None:
    """The client rewrites the file with another order and indentation (measured, 2.1.330)."""
    applied = apply('{"theme":"dark"}', patch(URL="x\u00e9", TOKEN=""))
    rewritten = json.dumps(dict(reversed(list(json.loads(applied.text).items()))), indent=2)
    assert apply(rewritten, patch(URL="x\u00e9", TOKEN=""), applied).changes == ()
    assert {state for _, state in drift(rewritten, applied.record, digest)} == {"ok"}
    assert parse(undo(rewritten, applied.record, digest).text).value == {"theme": "dark"}


def test_drift_names_each_member() -> None:
    applied = apply("{}", patch(URL="x", TOKEN="t", MINE="m"))
    edited = delete(set_value(applied.text, URL, "y"), TOKEN)
    assert drift(edited, applied.record, digest) == ((URL, "changed"), (TOKEN, "missing"), (MINE, "ok"))


def test_switching_leaves_nothing_stale_and_undo_goes_back_to_the_beginning() -> None:
    text = '{\n  "env": {\n    "REGION": "theirs"\n  }\n}\n'
    vertex = apply(text, patch(VERTEX="1", PROJECT="p", REGION="eu", TOKEN="t"))
    bedrock = apply(vertex.text, patch(BEDROCK="1", VERTEX="", REGION="us", TOKEN="t"), vertex)
    unified = apply(bedrock.text, patch(URL="http://gw", TOKEN="t", VERTEX="", BEDROCK=""), bedrock)
    assert parse(unified.text).value == {
        "env": {"REGION": "theirs", "VERTEX": "", "TOKEN": "t", "BEDROCK": "", "URL": "http://gw"}
    }
    assert undo(unified.text, unified.record, digest).text == text


def test_switching_keeps_what_was_edited_meanwhile() -> None:
    first = apply('{"a":1}', patch(URL="x", OLD="o"))
    edited = set_value(set_value(first.text, ("b",), 2), ("env", "OLD"), "theirs")
    second = apply(edited, patch(URL="y"), first)
    assert parse(second.text).value == {"a": 1, "env": {"URL": "y", "OLD": "theirs"}, "b": 2}
    assert parse(undo(second.text, second.record, digest).text).value == {"a": 1, "env": {"OLD": "theirs"}, "b": 2}


@pytest.mark.parametrize("text", ['{"env": "x"}', "[]", '{"env": [1]}'])
def test_something_else_in_the_way_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        apply(text, patch(URL="x"))


names = st.sampled_from(["URL", "TOKEN", "MINE", "VERTEX", "a\u00e9/~"])
patches = st.dictionaries(names, st.text(max_size=4), min_size=1).map(lambda env: patch(**env))
documents = st.fixed_dictionaries(
    {},
    optional={
        "env": st.dictionaries(names, st.text(max_size=3) | st.integers() | st.none()),
        "theme": st.text(max_size=3),
        "deep": st.recursive(st.integers(), lambda inner: st.lists(inner, max_size=2), max_leaves=4),
    },
)
layouts = st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}])


@given(documents, layouts, st.lists(patches, min_size=1, max_size=4))
def test_any_number_of_switches_is_taken_back_exactly(
    value: dict[str, Any], layout: dict[str, Any], wanted: list[Patch]
) -> None:
    text = json.dumps(value, **layout)
    state: Merged | None = None
    for item in wanted:
        state = apply(state.text if state else text, item, state)
        assert not state.conflicts
        document = parse(state.text)
        for entry in item.entries:
            assert document.get(entry.pointer) == entry.value
    assert state is not None
    assert undo(state.text, state.record, digest).text == text


@given(documents, layouts, patches, patches, st.text(max_size=3))
def test_an_edit_between_two_profiles_is_never_lost(
    value: dict[str, Any], layout: dict[str, Any], one: Patch, two: Patch, theirs: str
) -> None:
    pointer: Pointer = ("env", "THEIRS")
    first = apply(json.dumps(value, **layout), one)
    edited = set_value(first.text, pointer, theirs)
    second = apply(edited, two, first)
    assert parse(second.text).get(pointer) == theirs
    expected = {**value, "env": {**value.get("env", {}), "THEIRS": theirs}}
    assert parse(undo(second.text, second.record, digest).text).value == expected
