"""Three-way merge of cgw's values into a settings document that belongs to the user.

The three sides: what the file says now, what cgw put there last time (``Record``), what cgw wants (``Patch``).
Values that cgw put there are recognised by a digest, so a record never holds a secret. Pure: text in, text out.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import quoted
from claude_gw_cli.core.jsonedit import Edit, Raw, Remove
from claude_gw_cli.core.jsontext import Document, JsonValue, Pointer, edit, parse
from claude_gw_cli.hints import TYPE_CHECKING, Literal, MappingProxyType
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Digest = Callable[[str], str]
    """Keyed digest of a text; equal texts give equal digests, and nothing else can be learnt from it."""

ABSENT = object()
"""In the place of the value of a member that is not there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value to set. ``secret`` marks a literal key: masked in every display."""

    pointer: Pointer
    value: JsonValue
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """Everything that a profile puts into a settings document, in the order in which new members appear."""

    entries: tuple[Entry, ...]

    @property
    def has_secret(self) -> bool:
        """True when a literal key would be written."""
        return any(entry.secret for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Record:
    """What cgw changed in a document.

    ``base`` is the text without cgw's part; ``written`` the digest of the text as cgw left it;
    ``owned`` maps each member that cgw set to the digest of its value.
    """

    base: str
    written: str = ""
    owned: Mapping[Pointer, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Change:
    """One member that changes. ``restore`` gives back what was there before cgw."""

    pointer: Pointer
    kind: Literal["add", "replace", "remove", "restore"]


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome. ``conflicts`` are members that were changed since cgw set them; they are left unchanged."""

    text: str
    record: Record
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Pointer, ...] = ()
    duplicates: tuple[tuple[Pointer, int, int], ...] = ()
    """Members that the text repeats, as in ``Document.duplicates``; kept as they are."""


def merge(text: str, patch: Patch, record: Record | None, digest: Digest, *, force: bool = False) -> Merged:
    """The document with the patch applied, and with what an earlier patch set and this one does not taken back.

    Nothing is applied when there is a conflict, unless ``force`` is set: half a configuration could leave two
    credentials. A member that was deleted is set again.

    Raises:
        JsonError: the text is not JSON.
        UsageError: the document is not an object, or something that is not an object is in the way.
    """
    document, before = parse(text), parse(record.base if record else "")
    owned = record.owned if record else {}
    wanted = {entry.pointer: entry for entry in patch.entries}
    conflicts = tuple(
        pointer
        for pointer, entry in wanted.items()
        if _changed(document, pointer, owned, digest)
        and not same(document.get(pointer, ABSENT), entry.value)
        # Back to what it was before cgw: an undo that was interrupted, not a new change.
        and not same(document.get(pointer, ABSENT), before.get(pointer, ABSENT))
    )
    if conflicts and not force:
        return Merged(text, record or Record(text), (), conflicts, document.duplicates)

    edits: list[Edit] = []
    changes: list[Change] = []
    base = text
    if record:
        base = _undone(document, before, record, digest).text
        stale = [pointer for pointer in owned if pointer not in wanted]
        edits, changes, _ = _taken_back(document, before, record, stale, digest)
    for pointer, entry in wanted.items():
        current = document.get(pointer, ABSENT)
        if not same(current, entry.value):
            edits.append((pointer, entry.value))
            changes.append(Change(pointer, "add" if current is ABSENT else "replace"))
    merged = edit(document, edits) if edits else text
    fresh = {pointer: digest(canonical(entry.value)) for pointer, entry in wanted.items()}
    return Merged(merged, Record(base, digest(merged), fresh), tuple(changes), conflicts, document.duplicates)


def undo(text: str, record: Record, digest: Digest, *, force: bool = False) -> Merged:
    """The document without cgw's part: ``record.base`` if it was not changed since, else without our members.

    ``conflicts`` are our members that were changed: they stay, unless ``force`` is set.

    Raises:
        JsonError: the text is not JSON any more.
    """
    return _undone(parse(text), parse(record.base), record, digest, force=force)


def drift(
    text: str, record: Record, digest: Digest
) -> tuple[tuple[Pointer, Literal["ok", "changed", "missing"]], ...]:
    """The state of each member that cgw set.

    Raises:
        JsonError: the text is not JSON any more.
    """
    document = parse(text)
    return tuple(
        (
            pointer,
            "missing"
            if document.get(pointer, ABSENT) is ABSENT
            else ("changed" if _changed(document, pointer, record.owned, digest) else "ok"),
        )
        for pointer in record.owned
    )


def _undone(document: Document, before: Document, record: Record, digest: Digest, *, force: bool = False) -> Merged:
    edits, changes, kept = _taken_back(document, before, record, list(record.owned), digest, force=force)
    untouched = digest(document.text) == record.written
    text = record.base if untouched else edit(document, edits)
    return Merged(text, Record(record.base), tuple(changes), tuple(kept))


def _taken_back(
    document: Document,
    before: Document,
    record: Record,
    pointers: list[Pointer],
    digest: Digest,
    *,
    force: bool = False,
) -> tuple[list[Edit], list[Change], list[Pointer]]:
    """Edits that restore each member's value in ``record.base``; members that were changed since are only named."""
    edits: list[Edit] = []
    changes: list[Change] = []
    kept: list[Pointer] = []
    for pointer in pointers:
        current, earlier = document.get(pointer, ABSENT), before.get(pointer, ABSENT)
        if current is ABSENT or same(current, earlier):
            continue
        if _changed(document, pointer, record.owned, digest) and not force:
            kept.append(pointer)
        elif earlier is ABSENT:
            edits.append((pointer, Remove(_missing_containers(before, pointer))))
            changes.append(Change(pointer, "remove"))
        else:
            edits.append((pointer, Raw(before.raw(pointer) or "")))
            changes.append(Change(pointer, "restore"))
    return edits, changes, kept


def _missing_containers(before: Document, pointer: Pointer) -> int:
    """How many of a member's containers were not there before cgw."""
    return sum(before.get(pointer[:depth], ABSENT) is ABSENT for depth in range(1, len(pointer)))


def _changed(document: Document, pointer: Pointer, owned: Mapping[Pointer, str], digest: Digest) -> bool:
    """True when cgw set the member and it has another value now (a member that is gone has none)."""
    current = document.get(pointer, ABSENT)
    return pointer in owned and current is not ABSENT and digest(canonical(current)) != owned[pointer]


def same(one: object, other: object) -> bool:
    """Whether two members have equal values, or neither is there (``ABSENT``)."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return canonical(one) == canonical(other)


def canonical(value: object) -> str:
    """One text for equal JSON values."""
    # Text, not ==: Python thinks that 1, 1.0 and True are equal.
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return quoted(value)
    import json

    return json.dumps(value, sort_keys=True, separators=(",", ":"))
