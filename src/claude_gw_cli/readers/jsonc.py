"""JSON with comments and trailing commas, as editors write it, with the place of each member.

Comments and extra commas become spaces, so that every offset stays; the rest is the strict reader's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claude_gw_cli.core import jsonscan
from claude_gw_cli.core.jsontext import Document, JsonError, JsonValue, Pointer, parse
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import NotReadableError, Place, places
from claude_gw_cli.record import dataclass

_STRING = r'"(?:[^"\\\n]|\\.)*(?:"|\\?(?=\n|\Z))'
"""One that does not end is taken too, so that no search begins inside of it."""
_PARTS = lazy(rf"{_STRING}|//[^\n]*|/\*(?s:.*?)(?:\*/|\Z)")
_COMMA = lazy(rf"{_STRING}|,(?=\s*[}}\]])")
_DEPTH = 12
_NOT_BREAK = lazy(r"[^\n]")


def document(text: str) -> Document:
    """The document.

    Raises:
        NotReadableError: it is not JSON even without its comments.
    """
    plain = _PARTS.sub(lambda part: part[0] if part[0][0] == '"' else _NOT_BREAK.sub(" ", part[0]), text)
    plain = _COMMA.sub(lambda part: part[0] if part[0][0] == '"' else " ", plain)
    try:
        return parse(plain)
    except JsonError as error:
        raise NotReadableError(f"not JSON: {error.reason}", error.line) from None


@dataclass(frozen=True, slots=True)
class Container:
    """An object or a list."""

    keys: Pointer
    """What leads to it."""
    value: dict[str, JsonValue] | list[JsonValue]
    places: Mapping[str, tuple[Place, Place]]
    """Name, or index, of a member -> the places of its name and of its value."""


def walk(found: Document) -> Iterator[Container]:
    """Each object and list, down to some depth."""
    place = places(found.text)
    left: list[tuple[Pointer, JsonValue, int]] = [((), found.value, found.offset(()) or 0)]
    while left:
        keys, value, offset = left.pop()
        if not isinstance(value, dict | list) or len(keys) > _DEPTH or not value:
            continue
        members = {item.name: item for item in jsonscan.members(found.text, offset)}
        yield Container(
            keys, value, {name: (place(item.key_start), place(item.start)) for name, item in members.items()}
        )
        inner = value.items() if isinstance(value, dict) else ((str(at), item) for at, item in enumerate(value))
        left += reversed([((*keys, name), item, members[name].start) for name, item in inner])
