"""``record`` promises to be the standard ``dataclasses``, only cheaper: the two are held against each other."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pickle
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pytest

from claude_gw_cli import record


def pair(kind: Any) -> tuple[Any, Any]:
    """The same class made by the standard decorator and by ours."""
    return kind(dataclasses.dataclass, dataclasses.field), kind(record.dataclass, record.field)


def frozen_slots(dataclass: Any, field: Any) -> Any:
    @dataclass(frozen=True, slots=True)
    class Point:
        """A point."""

        x: int
        y: str = "why"
        hidden: str = field(default="h", repr=False)
        table: Mapping[str, int] = field(default_factory=dict)

        @property
        def double(self) -> int:
            return self.x * 2

    return Point


def frozen_open(dataclass: Any, field: Any) -> Any:
    @dataclass(frozen=True)
    class Open:
        """With a cached question."""

        x: int
        y: tuple[int, ...] = ()

        @cached_property
        def total(self) -> int:
            return self.x + sum(self.y)

    return Open


def mutable(dataclass: Any, field: Any) -> Any:
    @dataclass(slots=True)
    class Mutable:
        """May change."""

        x: int
        items: list[int] = field(default_factory=list)

    return Mutable


KINDS = [frozen_slots, frozen_open, mutable]


@pytest.mark.parametrize("kind", KINDS)
def test_instances_look_and_compare_as_the_standard_ones(kind: Any) -> None:
    standard, ours = pair(kind)
    assert standard.__qualname__ == ours.__qualname__
    assert standard.__doc__ == ours.__doc__
    assert standard.__match_args__ == ours.__match_args__
    assert repr(standard(1)) == repr(ours(1))
    assert (ours(1) == ours(x=1), ours(1) == ours(2), ours(1) == standard(1)) == (True, False, False)
    assert (ours.__hash__ is None) == (standard.__hash__ is None)
    assert hasattr(ours(1), "__dict__") == hasattr(standard(1), "__dict__")


def test_defaults_are_made_anew_for_each_instance() -> None:
    ours = mutable(record.dataclass, record.field)
    first, second = ours(1), ours(1)
    first.items.append(3)
    assert (first.items, second.items) == ([3], [])


def test_a_hash_follows_the_values() -> None:
    ours = frozen_open(record.dataclass, record.field)
    assert hash(ours(1, (2,))) == hash(ours(1, (2,))) != hash(ours(1, (3,)))
    assert len({ours(1), ours(1), ours(2)}) == 2


@pytest.mark.parametrize("arguments", [(), (1, 2, 3, 4, 5)])
def test_wrong_arguments_are_type_errors(arguments: tuple[int, ...]) -> None:
    for made in pair(frozen_slots):
        with pytest.raises(TypeError):
            made(*arguments)
        with pytest.raises(TypeError):
            made(1, other=2)


@pytest.mark.parametrize("kind", [frozen_slots, frozen_open])
def test_a_frozen_record_refuses_changes(kind: Any) -> None:
    for made in pair(kind):
        item = made(1)
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'x'"):
            item.x = 2
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'x'"):
            del item.x
        assert item.x == 1


def test_a_mutable_record_changes() -> None:
    item = mutable(record.dataclass, record.field)(1)
    item.x = 2
    assert item.x == 2


def test_methods_properties_and_patterns_work() -> None:
    assert frozen_slots(record.dataclass, record.field)(4).double == 8
    item = frozen_open(record.dataclass, record.field)(1, (2, 3))
    assert (item.total, item.total) == (6, 6)
    match item:
        case object(x=1, y=rest):
            assert rest == (2, 3)
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize("replace", [record.replace, dataclasses.replace])
@pytest.mark.parametrize("kind", KINDS)
def test_replace_gives_a_changed_copy(replace: Any, kind: Any) -> None:
    ours = kind(record.dataclass, record.field)
    item = ours(1)
    assert replace(item, x=5) == ours(5)
    assert item == ours(1)
    with pytest.raises(TypeError):
        replace(item, nothing=1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_standard_functions_know_a_record(kind: Any) -> None:
    standard, ours = pair(kind)
    assert dataclasses.is_dataclass(ours)
    made: Any = ours  # is_dataclass narrows the type to one that cannot be called
    assert dataclasses.asdict(made(1)) == dataclasses.asdict(standard(1))
    for one, other in zip(dataclasses.fields(standard), dataclasses.fields(ours), strict=True):
        for name in ("name", "type", "default", "default_factory", "repr", "init"):
            assert getattr(one, name) == getattr(other, name)


def test_records_are_copied_and_pickled() -> None:
    from claude_gw_cli.core.model import Models

    item = Models(default="a", opus="b")
    assert copy.copy(item) == copy.deepcopy(item) == pickle.loads(pickle.dumps(item)) == item


def test_making_and_using_a_record_imports_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "from claude_gw_cli.record import dataclass, field, replace\n"
        "@dataclass(frozen=True, slots=True)\n"
        "class A:\n"
        "    x: int\n"
        "    y: list = field(default_factory=list)\n"
        "assert replace(A(1), x=2) == A(2) and repr(A(1)) and hash(A(1, ()))\n"
        "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('claude_gw_cli')))\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() in ([], ["__future__"])


def test_answers_are_kept_as_functools_keeps_them() -> None:
    asked: list[object] = []

    def ask(*given: object, **named: object) -> int:
        asked.append((given, named))
        return len(asked)

    for keep in (functools.lru_cache(maxsize=8), record.lru_cache(maxsize=8)):
        asked.clear()
        kept = keep(ask)
        calls = [kept(), kept(1), kept(1), kept(1, 2), kept(1, end=2), kept(1, end=2), kept(end=2), kept()]
        assert calls == [1, 2, 2, 3, 4, 4, 5, 1]
        kept.cache_clear()
        assert kept(1) == 6


def test_what_is_full_forgets() -> None:
    kept = record.lru_cache(maxsize=2)(lambda number: object())
    first = kept(1)
    assert kept(1) is first
    assert kept(2) is not kept(3)
    assert kept(1) is not first


def test_a_property_is_computed_once_for_each_record() -> None:
    @record.dataclass(frozen=True)
    class Item:
        value: int

        @record.cached_property
        def twice(self) -> list[int]:
            """Two of it."""
            return [self.value, self.value]

    one, other = Item(1), Item(2)
    assert (one.twice, other.twice) == ([1, 1], [2, 2])
    assert one.twice is one.twice
    assert Item.twice.__doc__ == "Two of it."
    assert record.replace(one, value=3).twice == [3, 3], "a copy computes its own"
