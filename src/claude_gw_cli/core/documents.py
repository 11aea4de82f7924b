"""Parsing what others wrote: whatever a parser meets, the error is a ``ValueError``. Light: the parsers on demand.

With the words in which the rooms speak of JSON (``jsontext`` is their door to its texts).

The standard parsers also raise ``RecursionError`` on deep nesting, and ``ValueError`` without a place on a number of
more than 4,300 digits. For YAML see ``readers.yamltree`` and ``world.tree``.

JSON is read by jiter, because the import of ``json`` takes 0.8 of an interpreter's start and that of jiter nothing.
What it refuses is given to ``json``, which takes more: half of a surrogate pair, deep nesting, UTF-16.
TOML (1.1) is read by tomledit for the same reason: 0.3 starts, where ``tomllib`` takes 1.9.
"""

from __future__ import annotations

from claude_gw_cli.core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Pointer = tuple[str, ...]
"""A path of member names and array indexes from the top: ``("env", "ANTHROPIC_BASE_URL")``."""


class JsonError(UsageError):
    """The text is not JSON. ``line`` and ``column`` are 1-based, ``reason`` says what is wrong there."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(f"not valid JSON at line {line}, column {column}: {reason}")
        self.line = line
        self.column = column
        self.reason = reason


def pointer_text(pointer: Pointer) -> str:
    """The pointer in RFC 6901 notation: ``/env/ANTHROPIC_BASE_URL``."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in pointer)


def content_start(text: str) -> int:
    """The offset of the first character after a BOM and whitespace."""
    rest = text.removeprefix("\ufeff")
    return len(text) - len(rest.lstrip(" \t\n\r"))


def from_json(text: str | bytes) -> Any:
    """What a JSON text means; a byte order mark, which some editors write, is not part of it.

    Raises:
        ValueError: it is not JSON, or cannot be read.
    """
    import jiter

    try:
        return jiter.from_json(text.encode() if isinstance(text, str) else text)
    except ValueError:
        import json
    try:
        return json.loads(text.removeprefix("\ufeff") if isinstance(text, str) else text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def from_plain_json(text: str) -> Any:
    """The same for a text without repeated members, NaN and infinity; others are a ``ValueError`` here."""
    import jiter

    return jiter.from_json(text.encode(), allow_inf_nan=False, catch_duplicate_keys=True)


def quoted(text: str) -> str:
    """A text as a JSON string. One that JSON writes as it is does without the import of ``json``."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text, ensure_ascii=False)


def from_toml(text: str) -> dict[str, Any]:
    """The members of a TOML text.

    Raises:
        ValueError: it is not TOML, or cannot be read.
    """
    import tomledit

    try:
        return tomledit.Document.parse(text.replace("\r\n", "\n")).value
    except ValueError as error:
        lines = str(error).strip().split("\n")  # the place, the line itself, which may hold a key, and the reason
        place = f" ({lines[0].removeprefix('TOML parse error ')})" if len(lines) > 1 else ""
        raise ValueError(lines[-1] + place) from None


def natural(text: str) -> int | None:
    """The number that decimal digits write, ``None`` for anything else; more than 18 digits count as 10**18.

    For texts from outside: ``int`` takes no more than 4,300 digits.
    """
    digits = text.lstrip("0")[:19] or "0"
    return min(int(digits), 10**18) if text.isascii() and text.isdigit() else None


def number(value: object) -> float | None:
    """A JSON number, which may have any number of digits; ``None`` for anything else, NaN and infinity included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) < 1e300 else None  # also NaN
