"""How a settings file differs from what its profile means now, and what others changed in it since. Pure.

Three sides, as in ``merge``: the file, what cgw put there last time, and what the profile wants today. A record holds
digests only, so the key itself is compared with the record, never with the store.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import Document, JsonValue, Pointer, parse
from claude_gw_cli.core.merge import ABSENT, Patch, Record, canonical, same
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.core.merge import Digest

MemberState = Literal["ok", "changed", "missing", "outdated"]
Kind = Literal[
    "undone",
    "in-sync",
    "foreign-edit",
    "outdated-profile",
    "changed-by-user",
    "helper-changed",
    "trust-changed",
    "unreadable",
]
KINDS: dict[Kind, str] = {
    "undone": "undone, except what was changed",
    "in-sync": "in sync",
    "foreign-edit": "foreign edit",
    "outdated-profile": "outdated profile",
    "changed-by-user": "changed by the user",
    "helper-changed": "helper changed",
    "trust-changed": "trust changed",
    "unreadable": "unreadable",
}
"""Each kind as people read it, the least severe first: a file that has several is counted under the last one."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member that cgw set or the profile wants.

    ``changed`` and ``missing``: it was changed or removed since; ``outdated``: it is as cgw left it, and the
    profile means something else today.
    """

    pointer: Pointer
    state: MemberState


def compare(text: str, record: Record, wanted: Patch, keys: frozenset[Pointer], digest: Digest) -> tuple[Member, ...]:
    """The state of each member that cgw set or the profile wants.

    Args:
        text: the file as it is.
        record: what cgw set in it; an empty one for a file that was deployed by others.
        wanted: what the profile means today, without the key.
        keys: members that carry the key; they are compared with the record only.
        digest: as in ``merge``.

    Raises:
        JsonError: the file or the record's text is not JSON.
    """
    document, before = parse(text), parse(record.base)
    values = {entry.pointer: entry.value for entry in wanted.entries}
    names = dict.fromkeys([*record.owned, *values])
    return tuple(Member(name, _state(name, document, before, record, values, keys, digest)) for name in names)


def _state(
    pointer: Pointer,
    document: Document,
    before: Document,
    record: Record,
    values: dict[Pointer, JsonValue],
    keys: frozenset[Pointer],
    digest: Digest,
) -> MemberState:
    current = document.get(pointer, ABSENT)
    as_left = (
        pointer in record.owned and current is not ABSENT and digest(canonical(current)) == record.owned[pointer]
    )
    if pointer in values:
        if same(current, values[pointer]):
            return "ok"
        if as_left:
            return "outdated"
        if pointer in record.owned:
            return "missing" if current is ABSENT else "changed"
        untouched = record.owned and same(current, before.get(pointer, ABSENT))
        return "outdated" if untouched else "missing" if current is ABSENT else "changed"
    if pointer not in keys:
        gone = current is ABSENT or same(current, before.get(pointer, ABSENT))
        return "ok" if gone else "outdated" if as_left else "changed"
    return "ok" if as_left else "missing" if current is ABSENT else "changed"


def others(text: str, record: Record) -> tuple[Pointer, ...]:
    """The members beside cgw's that were added, changed or removed since cgw wrote the file.

    Raises:
        JsonError: the file or the record's text is not JSON.
    """
    return tuple(_others(parse(text).value, parse(record.base).value, (), frozenset(record.owned)))


def _others(now: object, before: object, place: Pointer, owned: frozenset[Pointer]) -> Iterator[Pointer]:
    if place in owned:
        return
    if any(pointer[: len(place)] == place for pointer in owned):
        ours, theirs = (side if isinstance(side, dict) else {} for side in (now, before))
        for name in {**theirs, **ours}:
            yield from _others(ours.get(name, ABSENT), theirs.get(name, ABSENT), (*place, name), owned)
    elif _differ(now, before):
        yield place


def _differ(now: object, before: object) -> bool:
    try:
        return not same(now, before)
    except RecursionError:  # nested too deeply to be compared: said, rather than passed over
        return True


def decides_requests(pointer: Pointer) -> bool:
    """Whether the member changes where requests go, with which credential or model; others are a person's own."""
    from claude_gw_cli.facts.settings_keys import DECIDES_REQUESTS
    from claude_gw_cli.facts.transport import NO_PROXY, WATCHED
    from claude_gw_cli.facts.variables import VARIABLES

    if len(pointer) == 2 and pointer[0] == "env":
        return pointer[1] in VARIABLES or pointer[1] in (*WATCHED, *NO_PROXY)
    return bool(pointer) and pointer[0] in {"env", *DECIDES_REQUESTS}
