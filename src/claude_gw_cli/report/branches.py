"""A tree as lines of text, with the few terminal styles it needs. Pure; importing rich for this costs 50 ms."""

from __future__ import annotations

from claude_gw_cli.core.terminal import escaped
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Styles are noncharacters until the end, so that an escape sequence in a settings file is not mistaken for one.
BOLD, DIM, GREEN, YELLOW, ALARM, PLAIN = map(chr, range(0xFDD0, 0xFDD6))
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

    A word that is too long for any line has one alone.
    """
    if width is None:
        return [text]
    lines: list[str] = []
    for word in text.split(" "):
        room = width - (indent if len(lines) > 1 else 0)
        if lines and _columns(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _columns(text: str) -> int:
    return sum(char not in _CODES for char in text)


def painted(text: str, *, color: bool) -> str:
    """The text for a terminal, or the same without styles; control characters in it are escaped."""
    text = escaped(text)
    for style, code in _CODES.items():
        text = text.replace(style, f"\033[{code}m" if color else "")
    return text
