"""A tree as lines of text, with the few terminal styles it needs. Pure; importing rich for this costs 50 ms."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.terminal import escaped
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Styles are noncharacters until the end, so that an escape sequence in a settings file is not mistaken for one.
BOLD, DIM, GREEN, YELLOW, ALARM, PLAIN = map(chr, range(0xFDD0, 0xFDD6))
_USUAL = 70
"""Columns of a line in a tree on a terminal of 80."""
_ADDRESS = lazy("[^/?&]*(?://|[/?&])|[^/?&]+")
_CODES = dict(zip((BOLD, DIM, GREEN, YELLOW, ALARM, PLAIN), ("1", "2", "32", "33", "1;31", "0"), strict=True))


class Branch:
    """A line and what hangs below it. The text may carry styles, each ended by ``PLAIN``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._below: list[Branch] = []

    def add(self, text: str) -> Branch:
        """Hang a line below this one; returns it."""
        branch = Branch(text)
        self._below.append(branch)
        return branch

    def lines(self, width: int | None = None) -> Iterator[str]:
        """The whole tree, top first, in lines of that many columns where words allow it."""
        first, *more = broken(self._text, width)
        yield first
        for line in more:
            yield f"{DIM}{'│   ' if self._below else '  '}{PLAIN}{line}"
        for branch in self._below:
            start, rest = ("└── ", "    ") if branch is self._below[-1] else ("├── ", "│   ")
            for number, line in enumerate(branch.lines(width and width - 4)):
                yield f"{DIM}{rest if number else start}{PLAIN}{line}"


def broken(text: str, width: int | None, indent: int = 4) -> list[str]:
    """The text in lines of that many columns, further ones shorter by ``indent``; a word stays whole.

    A word that is too long for any line has one alone. An address that is too long for a usual line is broken behind
    a slash: a terminal would begin its rest at the left edge.
    """
    if width is None:
        return [text]
    lines = [""]
    for word in text.split(" "):
        space, most = " " if lines[-1] else "", width - indent
        is_long = width >= _USUAL and "://" in word and _columns(word) > most
        for piece in _ADDRESS.findall(word) if is_long else [word]:
            room = width - (indent if len(lines) > 1 else 0)
            if not lines[-1] or _columns(lines[-1] + space + piece) <= room:
                lines[-1] += space + piece
            else:
                lines.append(piece)
            space = ""
    return lines


def _columns(text: str) -> int:
    return sum(char not in _CODES for char in text)


def painted(text: str, *, color: bool) -> str:
    """The text for a terminal, or the same without styles; control characters in it are escaped."""
    text = escaped(text)
    for style, code in _CODES.items():
        text = text.replace(style, f"\033[{code}m" if color else "")
    return text
