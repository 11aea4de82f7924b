"""The texts inside a POSIX shell's quotes, and without quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Piece, Unknown

_ANSI = lazy(
    r"\\(?:([abefnrtv\\'\"?E])|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(c.))",
    re.DOTALL,
)
_PRINTF = lazy(r"\\(?:([abefnrtv\\])|0([0-7]{1,3})|([0-7]{1,3}))")
_LETTERS = {
    "a": 7, "b": 8, "e": 27, "E": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, "'": 39, '"': 34, "?": 63,
}  # fmt: skip


def ansi(text: str) -> str:
    r"""The inside of ``$'…'``: ``\n``, ``\x41``, ``\101``, ``\u00e9``."""
    return _bytes(text, _ANSI, _ansi).decode("utf-8", "replace")


def printf_b(text: str) -> str:
    r"""What `printf %b` prints: ``\n``, ``\0101``."""
    return _bytes(text, _PRINTF, _printf).decode("utf-8", "replace")


def _bytes(text: str, escape: re.Pattern[str], one: Callable[[re.Match[str]], bytes]) -> bytes:
    found, at = b"", 0
    for item in escape.finditer(text):
        found += text[at : item.start()].encode("utf-8", "surrogateescape") + one(item)
        at = item.end()
    return found + text[at:].encode("utf-8", "surrogateescape")


def _ansi(item: re.Match[str]) -> bytes:
    letter, small, short, long, octal, _ = item.groups()
    if letter:
        return bytes([_LETTERS[letter]])
    if small:
        return bytes([int(small, 16)])
    if octal:
        return bytes([int(octal, 8) & 255])
    if short or long:
        return chr(min(int(short or long, 16), 0x10FFFF)).encode("utf-8", "replace")
    return item[0].encode()


def _printf(item: re.Match[str]) -> bytes:
    return bytes([_LETTERS[item[1]] if item[1] else int(item[2] or item[3], 8) & 255])


def bare(text: str) -> Iterable[Piece]:
    """A word without quotes: a backslash protects the next character; ``~`` is the home directory."""
    if text == "~" or text.startswith("~/"):
        yield Unknown("~")
        text = text[1:]
    yield re.sub(r"\\(\n|.)", lambda item: "" if item[1] == "\n" else item[1], text)


def double_quoted(text: str) -> Iterable[Piece]:
    """Text between double quotes."""
    yield re.sub(r"\\([\"\\$`\n])", lambda item: "" if item[1] == "\n" else item[1], text)


def here(text: str) -> Iterable[Piece]:
    """Text in a here-document whose end is not quoted."""
    yield re.sub(r"\\([\\$`\n])", lambda item: "" if item[1] == "\n" else item[1], text)
