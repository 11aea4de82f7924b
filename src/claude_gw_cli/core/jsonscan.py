"""Reading strict JSON as the client reads it, with the position of every member and every error.

The library that reads a usual text (``jsontext.read``) limits the nesting and does not say where a member is repeated
or a mistake is in the words of settings files: then one loop over patterns reads the text again, any nesting, in
linear time. Both give the same value. Knows nothing about settings.
Measured on client 2.1.330: a BOM and an empty file are fine; comments, trailing commas, single quotes and NaN
make it drop the whole file.
"""

from __future__ import annotations

from claude_gw_cli.core.documents import JsonError, JsonValue, Pointer, content_start, from_json
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.hints import TYPE_CHECKING, NoReturn
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

# Only single characters repeat possessively: up to Python 3.11.4 a possessive group that fails half-way keeps what it
# had consumed ("1." was a number). Each group begins with a different character, so they backtrack in linear time.
_SPACE = r"[ \t\n\r]*+"
_STRING = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_VALUE = lazy(
    rf"{_SPACE}(?:(?:({_STRING})|({_NUMBER})|(true|false|null)){_SPACE}([,\]}}])?|(\{{|\[){_SPACE}([\]}}])?)"
)
_NAME = lazy(rf"{_SPACE}({_STRING}){_SPACE}:")
_NEXT = lazy(rf"{_SPACE}([,\]}}])")
_WHITESPACE = lazy(_SPACE)
_LINE_END = lazy("\n")
_TEXT = lazy(_STRING)
_GOOD_START = lazy(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*')
_SCALAR = lazy(r"[^ \t\n\r,\]}]++")
_TO_BRACKET = lazy(r'(?s)[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*"[^"\[\]{}]*+)*')
_CLOSER = {"{": "}", "[": "]"}
_LITERAL: dict[str, bool | None] = {"true": True, "false": False, "null": None}
# Python refuses to convert more than 4,300 digits; the client reads every number as a double anyway.
_MAX_INT_DIGITS = 4300
_KEPT = 8
_lines: dict[str, list[int]] = {}
_containers: dict[tuple[str, int], dict[str, Member]] = {}


@dataclass(frozen=True, slots=True)
class Member:
    """The place of one member of an object or array; offsets into the text, ends exclusive.

    ``name`` is the index for arrays, and then ``key_start == key_end == start``.
    """

    name: str
    key_start: int
    key_end: int
    start: int
    end: int


def position(text: str, offset: int) -> tuple[int, int]:
    """The 1-based line and column (in characters) of an offset; a BOM takes no column."""
    from bisect import bisect_right

    starts = _line_starts(text)
    line = bisect_right(starts, offset)
    mark = 1 if line == 1 and text.startswith("\ufeff") else 0
    return line, max(offset - starts[line - 1] - mark, 0) + 1


def _line_starts(text: str) -> list[int]:
    if text not in _lines:  # a hundred thousand findings in one file are looked up one by one
        _lines.clear()
        _lines[text] = [0, *(found.end() for found in _LINE_END.finditer(text))]
    return _lines[text]


def scan(text: str) -> tuple[JsonValue, list[tuple[Pointer, int]]]:
    """As ``jsontext.read``, for every text."""
    reader = _Reader(text)
    while True:
        after = reader.read_value()
        if after is not None and reader.close(after):
            return reader.root, reader.duplicates
        if isinstance(reader.here, dict):
            reader.read_name()


class _Reader:
    """One pass over the text with its own stack: ``here`` is the open container, ``name`` its current member."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = content_start(text)
        self.root: JsonValue = None
        self.here: dict[str, JsonValue] | list[JsonValue] | None = None
        self.name = ""
        self.outer: list[tuple[dict[str, JsonValue] | list[JsonValue] | None, str]] = []
        self.duplicates: list[tuple[Pointer, int]] = []

    def read_value(self) -> str | None:
        """Read one scalar or empty container, or open a container (``None``); returns what follows it."""
        found = _VALUE.match(self.text, self.offset)
        if found is None:
            _fail(self.text, self.offset, "a value")
        self.offset = found.end()
        string, number, literal, after, opener, empty = found.groups()
        if string is not None:
            self.attach(_string(string))
        elif number is not None:
            self.attach(_number(number))
        elif literal is not None:
            self.attach(_LITERAL[literal])
        else:
            fresh: dict[str, JsonValue] | list[JsonValue] = {} if opener == "{" else []
            self.attach(fresh)
            if empty is None:
                self.outer.append((self.here, self.name))
                self.here = fresh
                return None
            if empty != _CLOSER[opener]:
                _fail(self.text, self.offset - 1, f"'{_CLOSER[opener]}'")
        return after or ""

    def attach(self, value: JsonValue) -> None:
        if isinstance(self.here, dict):
            self.here[self.name] = value
        elif self.here is not None:
            self.here.append(value)
        else:
            self.root = value

    def close(self, after: str) -> bool:
        """Close what ends here, up to a comma (``False``) or to the end of the document (``True``)."""
        while self.here is not None:
            closer = "}" if isinstance(self.here, dict) else "]"
            if not after:
                found = _NEXT.match(self.text, self.offset)
                if found is None:
                    _fail(self.text, self.offset, f"',' or '{closer}'")
                after, self.offset = found[1], found.end()
            if after == ",":
                return False
            if after != closer:
                _fail(self.text, self.offset - 1, f"',' or '{closer}'")
            after = ""
            self.here, self.name = self.outer.pop()
        end = self.offset - 1 if after else _skip_whitespace(self.text, self.offset)
        if end != len(self.text):
            _fail(self.text, end, "the end of the file")
        return True

    def read_name(self) -> None:
        found = _NAME.match(self.text, self.offset)
        if found is None:
            start = _skip_whitespace(self.text, self.offset)
            named = _TEXT.match(self.text, start)
            _fail(self.text, named.end() if named else start, "':'" if named else "a name in double quotes")
        self.offset = found.end()
        self.name = _string(found[1])
        if isinstance(self.here, dict) and self.name in self.here:
            path = [
                name if isinstance(node, dict) else str(len(node) - 1)
                for node, name in self.outer
                if node is not None
            ]
            self.duplicates.append(((*path, self.name), found.start(1)))


def skip(text: str, offset: int) -> int:
    """The end of the value that starts at ``offset``, in text that is known to be valid."""
    if text[offset] == '"':
        return _end(_TEXT, text, offset)
    if text[offset] not in "{[":
        return _end(_SCALAR, text, offset)
    depth = 0
    while True:
        offset = _end(_TO_BRACKET, text, offset) + 1
        depth += 1 if text[offset - 1] in "{[" else -1
        if depth == 0:
            return offset


def members(text: str, offset: int) -> Iterator[Member]:
    """The members of the object or array that starts at ``offset``, in text that is known to be valid."""
    is_object = text[offset] == "{"
    offset = _skip_whitespace(text, offset + 1)
    index = 0
    while text[offset] not in "}]":
        key_start = key_end = offset
        name = str(index)
        if is_object:
            key_end = skip(text, key_start)
            name = _string(text[key_start:key_end])
            offset = _skip_whitespace(text, _skip_whitespace(text, key_end) + 1)
        end = skip(text, offset)
        yield Member(name, key_start, key_end, offset, end)
        offset = _skip_whitespace(text, end)
        if text[offset] == ",":
            offset = _skip_whitespace(text, offset + 1)
        index += 1


def named(text: str, offset: int) -> dict[str, Member]:
    """The members of the object or array that starts at ``offset`` by name; the last one of a repeated name."""
    key = text, offset
    found = _containers.pop(key, None)  # every look-up of a pointer asks for the same few, the outermost always
    if found is None:
        found = {member.name: member for member in members(text, offset)}
        if len(_containers) >= _KEPT:
            del _containers[next(iter(_containers))]
    _containers[key] = found
    return found


def _end(pattern: re.Pattern[str], text: str, offset: int) -> int:
    found = pattern.match(text, offset)
    return found.end() if found else offset


def _skip_whitespace(text: str, offset: int) -> int:
    return _end(_WHITESPACE, text, offset)


def _string(raw: str) -> str:
    return str(from_json(raw)) if "\\" in raw else raw[1:-1]


def _number(raw: str) -> int | float:
    if len(raw) <= _MAX_INT_DIGITS and raw.lstrip("-").isdigit():
        return int(raw)
    return float(raw)


def _fail(text: str, offset: int, expected: str) -> NoReturn:
    offset = _skip_whitespace(text, offset)
    rest = text[offset : offset + 12]
    reason = f"expected {expected}, found '{rest[:1]}'"
    if text.startswith("\udcfe\udcff"):
        reason = "the file is UTF-16 with the high byte first, which the client does not read"
    elif "\ud800" <= rest[:1] <= "\udfff":  # a byte that is not UTF-8, or half a character
        reason = f"expected {expected}, found the byte 0x{ord(rest[0]) & 0xFF:02X}"
    elif not rest:
        reason = "the file ends in the middle of a value"
    elif rest.startswith(("//", "/*", "#")):
        reason = "comments are not allowed in settings files"
    elif rest[0] in "}]" and text[:offset].rstrip(" \t\r\n").endswith(","):
        reason = "trailing comma"
        offset = text.rindex(",", 0, offset)
    elif rest[0] in "'\u2018\u2019\u201c\u201d":
        reason = 'strings and names need plain double quotes (")'
    elif rest.startswith(("NaN", "Infinity", "-Infinity")):
        reason = "NaN and Infinity are not JSON"
    elif rest[0] == '"' and not _TEXT.match(text, offset):
        offset = _end(_GOOD_START, text, offset)
        bad = text[offset : offset + 1]
        reason = "invalid escape in a string" if bad == "\\" else "unescaped control character in a string"
        if bad in {"", "\n", "\r"}:
            reason = "the string is not closed on its line"
    elif rest[0] < " " or rest[0] == "\x7f":
        reason = f"expected {expected}, found a control character (U+{ord(rest[0]):04X})"
    raise JsonError(*position(text, offset), reason)
