"""A tree as lines of text, with the few terminal styles it needs. Pure; importing rich for this costs 50 ms."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.terminal import escaped

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

    def lines(self) -> Iterator[str]:
        """The whole tree, top first."""
        yield self._text
        for branch in self._below:
            first, rest = ("└── ", "    ") if branch is self._below[-1] else ("├── ", "│   ")
            for number, line in enumerate(branch.lines()):
                yield f"{DIM}{rest if number else first}{PLAIN}{line}"


def painted(text: str, *, color: bool) -> str:
    """The text for a terminal, or the same without styles; control characters in it are escaped."""
    text = escaped(text)
    for style, code in _CODES.items():
        text = text.replace(style, f"\033[{code}m" if color else "")
    return text
