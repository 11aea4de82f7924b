"""Lossless JSON: text in, text out, every byte that is not part of an edit stays as it was.

Key order, indentation, line ends, number spellings, escapes, duplicate keys and a BOM are kept by never being
looked at (``jsonedit``). The one door to JSON text for the other rooms; knows nothing about settings.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import (
    JsonError,
    JsonValue,
    Pointer,
    content_start,
    from_plain_json,
    natural,
    pointer_text,
)
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claude_gw_cli.core.jsonedit import Edit, Raw
    from claude_gw_cli.core.jsonscan import Member

__all__ = [
    "Document", "JsonError", "JsonValue", "Pointer", "content_start", "decode", "delete", "edit", "encode", "parse",
    "parse_pointer", "pointer_text", "read", "set_value",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A valid JSON text and what it says."""

    text: str
    value: JsonValue
    duplicates: tuple[tuple[Pointer, int, int], ...] = ()
    """Repeated members as (pointer, line, column) of each repetition; the last one wins, as for the client."""

    def locate(self, pointer: Pointer, *, of: Literal["key", "value"] = "value") -> tuple[int, int] | None:
        """The 1-based line and column of a member's name or value, or ``None`` when there is no such member.

        An array item has no name; its value is located instead. The empty pointer is the document.
        """
        found = self._find(pointer)
        if found is None:
            return None
        from claude_gw_cli.core.jsonscan import position

        return position(self.text, found.key_start if of == "key" else found.start)

    def offset(self, pointer: Pointer) -> int | None:
        """Where a member's value starts in the text, or ``None`` when there is no such member."""
        found = self._find(pointer)
        return None if found is None else found.start

    def raw(self, pointer: Pointer) -> str | None:
        """The member's value as it is written in the text, or ``None`` when there is no such member."""
        found = self._find(pointer)
        return None if found is None else self.text[found.start : found.end]

    def get(self, pointer: Pointer, default: object = None) -> object:
        """The member's value, or ``default`` when there is no such member."""
        value: JsonValue = self.value
        for name in pointer:
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and (place := natural(name)) is not None and place < len(value):
                value = value[place]
            else:
                return default
        return value

    def _find(self, pointer: Pointer) -> Member | None:
        from claude_gw_cli.core.jsonscan import Member, named

        start = content_start(self.text)
        found = Member("", start, start, start, len(self.text.rstrip(" \t\r\n")))
        for name in pointer:
            if found.start >= len(self.text) or self.text[found.start] not in "{[":
                return None
            inner = named(self.text, found.start).get(name)
            if inner is None:
                return None
            found = inner
        return found


def parse(text: str) -> Document:
    """The document in a settings file's text; whitespace only, or no text, is an empty object, as for the client.

    Raises:
        JsonError: with line, column and reason.
    """
    if content_start(text) == len(text):
        return Document(text, {})
    value, duplicates = read(text)
    if not duplicates:
        return Document(text, value)
    from claude_gw_cli.core.jsonscan import position

    return Document(text, value, tuple((pointer, *position(text, offset)) for pointer, offset in duplicates))


def read(text: str) -> tuple[JsonValue, list[tuple[Pointer, int]]]:
    """The value of the document, and each repeated member as (pointer, offset of the repetition); the last wins.

    Raises:
        JsonError: at the first character that is not valid there.
    """
    try:
        return from_plain_json(text[text.startswith("\ufeff") :]), []
    except ValueError:
        from claude_gw_cli.core.jsonscan import scan

        return scan(text)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a settings file and the name of its encoding; ``encode`` gives the same bytes back.

    The client accepts UTF-8 with and without BOM, stray bytes in it, and UTF-16LE with BOM (measured, 2.1.330).
    """
    encoding = "utf-16-le" if data.startswith(b"\xff\xfe") and len(data) % 2 == 0 else "utf-8"
    return data.decode(encoding, "surrogatepass" if encoding == "utf-16-le" else "surrogateescape"), encoding


def encode(text: str, encoding: str = "utf-8") -> bytes:
    """The bytes of a text that ``decode`` returned, or of an edit of it."""
    return text.encode(encoding, "surrogatepass" if encoding == "utf-16-le" else "surrogateescape")


def parse_pointer(text: str) -> Pointer:
    """The inverse of ``pointer_text``."""
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in text.split("/")[1:])


def set_value(text: str, pointer: Pointer, value: JsonValue | Raw) -> str:
    """The text with one member set, its containers created where they are missing.

    Raises:
        JsonError: the text is not JSON.
        UsageError: a container on the way is something other than an object.
    """
    return edit(text, [(pointer, value)])


def delete(text: str, pointer: Pointer) -> str:
    """The text without one member; unchanged when there is none."""
    from claude_gw_cli.core.jsonedit import Remove

    return edit(text, [(pointer, Remove())])


def edit(text: str | Document, edits: Iterable[Edit]) -> str:
    """The text with all edits made in order. A ``Document`` is not checked again.

    Raises:
        JsonError: the text is not JSON.
        UsageError: a container on the way is something other than an object (arrays only take existing indexes).
    """
    from claude_gw_cli.core.jsonedit import edit_valid

    return edit_valid((parse(text) if isinstance(text, str) else text).text, edits)
