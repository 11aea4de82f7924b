"""What a team changed in its profile and what a person changed in theirs, put together member by member. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Merged:
    """What an update takes, and what it leaves.

    Attributes:
        changed: (place, value before, value after); ``ABSENT`` for a member that is not there.
        kept: places that the person changed and that therefore stay, and whether the team changed them too.
    """

    changed: tuple[tuple[Path, object, object], ...]
    kept: tuple[tuple[Path, bool], ...]


def merge(base: Mapping[str, Any], own: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """Take what the team changed since ``base``; what the person changed stays.

    Args:
        base: the team's members when they were accepted last.
        own: the person's.
        theirs: the team's now.
    """
    was, mine, now = (dict(leaves(side)) for side in (base, own, theirs))
    changed, kept = [], []
    for place in dict.fromkeys([*mine, *was, *now]):
        old, ours, new = (side.get(place, ABSENT) for side in (was, mine, now))
        if _same(ours, new):
            continue
        if not _same(ours, old):
            kept.append((place, not _same(new, old)))
            continue
        changed.append((place, ours, new))
    return Merged(tuple(changed), tuple(kept))


def take(data: dict[str, Any], merged: Merged) -> None:
    """Change a profile's members as the team did."""
    for place, _, new in merged.changed:
        _put(data, place, new)


def leaves(value: Mapping[str, Any], place: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every member that is not a table with members, with its place."""
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            yield from leaves(item, (*place, name))
        else:
            yield (*place, name), item


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _put(data: dict[str, Any], place: Path, value: object) -> None:
    tables = [data]
    for name in place[:-1]:
        inner = tables[-1].get(name)
        if not isinstance(inner, dict):
            inner = tables[-1][name] = {}
        tables.append(inner)
    if value is not ABSENT:
        tables[-1][place[-1]] = deepcopy(value)
        return
    tables[-1].pop(place[-1], None)
    for name, table in zip(reversed(place[:-1]), reversed(tables[:-1]), strict=True):
        if not table[name]:
            del table[name]
