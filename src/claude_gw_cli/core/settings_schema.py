"""What the client's own schema says against a member of a settings file, and what that costs."""

from __future__ import annotations

from claude_gw_cli.core.jsontext import JsonValue, Pointer
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.settings_schema import EVENTS, GUARDS, MARKS, NEEDED, Kind, Row, rows_of
from claude_gw_cli.facts.versions import holds, version_key
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAFE = 2**53 - 1
"""The largest integer that the client takes for one."""
_rows: dict[tuple[str, str], Row | None] = {}
"""Path and release -> the row, once it was asked for."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that the client does not accept."""

    pointer: Pointer
    text: str
    alone: bool
    """The client ignores only this value; otherwise it drops the whole file."""
    always: bool = False
    """It costs the file although the structure around it is ignored alone."""

    @property
    def path(self) -> str:
        """The member as the client names it: ``permissions.defaultMode``."""
        return ".".join(self.pointer)


def faults(key: str, value: JsonValue, version: str) -> Iterator[Fault]:
    """Every fault of a top-level member, for a released client; none in members that the client does not know."""
    for fault in _walk(key, (key,), value, version):
        if key == "hooks" and (len(fault.pointer) == 1 or not fault.alone):
            yield Fault(fault.pointer, fault.text, _is_skipped(fault.pointer, value, version))
        else:
            yield fault


def type_name(value: JsonValue) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _walk(path: str, pointer: Pointer, value: JsonValue, version: str) -> Iterator[Fault]:
    row = _row(path, version)
    if row is None:
        return
    kind = row.kind
    if kind.shared:
        for fault in _walk(kind.shared, pointer, value, version):
            yield Fault(fault.pointer, fault.text, fault.alone or (kind.alone and not fault.always), fault.always)
    elif not _accepts(kind, value, version):
        text = f"expected {_wanted(kind)}, but received {_received(kind, value)}"
        yield Fault(pointer, text, kind.alone, kind.always and isinstance(value, str))
    elif isinstance(value, dict):
        yield from _members(path, pointer, value, version, kind.by)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(f"{path}[]", (*pointer, str(index)), item, version)


def _members(path: str, pointer: Pointer, value: dict[str, JsonValue], version: str, by: str) -> Iterator[Fault]:
    variant = f"{path}={value.get(by)}" if by else path
    for parent in {path: None, variant: None}:
        for name in NEEDED.get(parent, ()):
            row = _row(f"{parent}.{name}", version)
            if row and row.needed and name not in value:
                yield Fault((*pointer, name), f"expected {_wanted(row.kind)}, but it is missing", row.kind.alone)
    for name, member in value.items():
        places = (f"{variant}.{name}", f"{path}.{name}", f"{path}.*")
        place = next((place for place in places if place in MARKS), None)
        if place:
            yield from _walk(place, (*pointer, name), member, version)


def _row(path: str, version: str) -> Row | None:
    """The row of a path that is true in a release; ``None``: the client does not know the member."""
    if path not in MARKS:
        return None
    if (path, version) in _rows:
        return _rows[path, version]
    key, found = version_key(version), None
    for row in rows_of(path):
        if (not row.after or version_key(row.after) < key) and (not row.before or key < version_key(row.before)):
            found = row
            break
    _rows[path, version] = found
    return found


def _accepts(kind: Kind, value: JsonValue, version: str) -> bool:
    name = type_name(value)
    if isinstance(value, str) and kind.words:
        return value in kind.words
    if value is None and kind.null_since:
        return version_key(version) >= version_key(kind.null_since)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _is_in_range(kind, value)
    return name in kind.types and not (isinstance(value, str) and kind.pattern and not _matches(kind, value))


def _is_in_range(kind: Kind, value: float) -> bool:
    if "integer" in kind.types:
        if not -_SAFE <= value <= _SAFE or value != int(value):  # neither infinite nor not a number
            return False
    elif "number" not in kind.types:
        return False
    too_low = kind.low is not None and (value <= kind.low if kind.above else value < kind.low)
    return not too_low and (kind.high is None or value <= kind.high)


def _matches(kind: Kind, value: str) -> bool:
    return lazy(kind.pattern.partition("\n")[0]).fullmatch(value) is not None


def _wanted(kind: Kind) -> str:
    if kind.shared:
        return "object"
    if kind.words:
        return ("one of " if len(kind.words) > 1 else "") + ", ".join(f'"{word}"' for word in kind.words)
    if kind.pattern:
        return kind.pattern.partition("\n")[2]
    text = " or ".join(kind.types)
    if kind.low is not None:
        text += f" of {'more than' if kind.above else 'at least'} {kind.low}"
    return text + (
        f"{' and' if kind.low is not None else ' of'} at most {kind.high}" if kind.high is not None else ""
    )


def _received(kind: Kind, value: JsonValue) -> str:
    """The type, or what is wrong where the type is right; never the value, which may be a secret."""
    if isinstance(value, str) and (kind.words or kind.pattern):
        return "another text" if value else "an empty text"
    if isinstance(value, int | float) and not isinstance(value, bool) and {"integer", "number"} & set(kind.types):
        return str(value)
    return type_name(value)


def _is_skipped(pointer: Pointer, value: JsonValue, version: str) -> bool:
    """Whether a fault inside ``hooks`` costs only its event or entry.

    A hook that cannot be loaded may be what guards the permissions beside it: in some releases and events the
    client then drops the whole file.
    """
    if len(pointer) == 1:
        entries = isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
        faults_alone = holds("hook-faults-alone", version)
        return (faults_alone or holds("hook-event-alone", version)) and not (entries and faults_alone)
    event = pointer[1]
    whole_event = len(pointer) == 2
    if event not in EVENTS or (whole_event and isinstance(value, dict) and value.get(event) is None):
        return True
    if holds("hook-faults-alone", version):
        return event not in GUARDS
    return whole_event and holds("hook-event-alone", version)
