"""Shell scripts inside of other files: what they set, at its place in the file."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, NotReadableError, Piece, Place, Start, Text, Unknown, joined
from claude_gw_cli.readers.written import Line, Written
from claude_gw_cli.readers.yamltree import At
from claude_gw_cli.record import replace

_MARKS = ("ANTHROPIC_", "CLAUDE_", "GITHUB_ENV", "BASH_ENV", "##vso[")
_FIRST = 0xF0000
_HIDDEN = lazy(r"([\U000f0000-\U000ffffd])\1*")


class Hidden:
    """Parts of a script that another program fills in, as private characters that mean nothing to a shell."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}

    def hide(self, source: str) -> str:
        """As many characters in the place of the part."""
        char = chr(_FIRST + min(len(self._sources), 0xFFFD))
        self._sources[char] = source
        return char * (len(source) or 1)

    def hidden(self, text: str, filled: re.Pattern[str]) -> str:
        """The text with each match hidden."""
        return filled.sub(lambda part: self.hide(part[0]), text)

    def shown(self, value: Text) -> Text:
        """The value with the parts as unknown."""
        if not self._sources:
            return value
        return joined(piece for item in value for piece in (self._parts(item) if isinstance(item, str) else (item,)))

    def _parts(self, text: str) -> Iterator[Piece]:
        at = 0
        for item in _HIDDEN.finditer(text):
            yield text[at : item.start()]
            yield Unknown(self._sources[item[1]]) if item[1] in self._sources else item[0]
            at = item.end()
        yield text[at:]


class Excerpt:
    """A script that is put together from parts of a file, and what another program fills in between them."""

    def __init__(self, place: Callable[[int], Place]) -> None:
        self.text = ""
        self._place = place
        self._hidden = Hidden()
        self._parts: list[tuple[int, int]] = []

    def add(self, text: str, offset: int) -> None:
        """A part, and its offset in the file."""
        self._parts.append((len(self.text), offset))
        self.text += text

    def fill(self, value: Text, offset: int, *, is_written_there: bool = False) -> None:
        """A value, at the offset where it is referred to or where it is written."""
        for piece in value:
            text = piece if isinstance(piece, str) else self._hidden.hide(piece.source)
            self.add(text, offset)
            offset += len(text) * is_written_there

    def starts(self, given: Sequence[Assignment], *, ends: str = "") -> list[Start]:
        """The processes of the script; ``ends`` as in ``Scopes.finish``."""
        if not given and not _is_marked(self.text):
            return []
        lines = [0, *(item.end() for item in re.finditer("\n", self.text))]

        def at(line: int, column: int) -> Place:
            offset = lines[line - 1] + column - 1
            first, start = self._parts[bisect_right(self._parts, (offset, sys.maxsize)) - 1]
            return self._place(start + offset - first)

        names = {item.name for item in given}
        return [
            replace(start, given=start.given | (names - {item.name for item in start.assignments[len(given) :]}))
            for start in _follow(self.text, at, given, self._hidden, ends=ends)[0]
        ]


def _is_marked(text: str) -> bool:
    return any(mark in text for mark in _MARKS)


def run(
    text: str,
    at: At,
    given: Sequence[Assignment] = (),
    filled: re.Pattern[str] | None = None,
    language: str = "shell",
    *,
    ends: str = "",
) -> tuple[list[Start], list[Written]]:
    """The processes of a script, with what it is given, and what it writes for later scripts.

    Args:
        text: the script.
        at: where its places are in the file.
        given: variables that it has from outside.
        filled: what another program fills in before the shell reads the script.
        language: the module of its reader; empty for a language that has none.
        ends: as in ``Scopes.finish``.
    """
    if not language or not (given or _is_marked(text)):
        return [], []
    hidden = Hidden()
    return _follow(hidden.hidden(text, filled) if filled else text, at, given, hidden, language, ends)


def sourced(written: Iterable[Written], target: str) -> tuple[Assignment, ...]:
    """What later scripts get that run the lines which were written as shell text, as CircleCI's do."""
    hidden = Hidden()
    lines = [line for item in written if item.target == target for line in item.lines or ()]
    text = "\n".join(
        "".join(piece if isinstance(piece, str) else hidden.hide(piece.source) for piece in value)
        for value, _, _ in lines
    )
    if not lines:
        return ()
    starts, _ = _follow(text, lambda line, column: (lines[line - 1][1], lines[line - 1][2] + column - 1), (), hidden)
    return starts[-1].assignments if starts else ()


def _follow(
    text: str, at: At, given: Sequence[Assignment], hidden: Hidden, language: str = "shell", ends: str = ""
) -> tuple[list[Start], list[Written]]:
    module = __import__(f"claude_gw_cli.readers.{language}", fromlist=["run"])
    try:
        known = {item.name: item.value for item in given if item.value is not None}
        starts, written = module.run(text, known, ends=ends)
    except NotReadableError:
        return [], []  # another language

    def moved(item: Assignment) -> Assignment:
        line, column = at(item.line, item.column)
        return replace(item, value=item.value and hidden.shown(item.value), line=line, column=column)

    def moved_line(item: Line) -> Line:
        return (hidden.shown(item[0]), *at(item[1], item[2]))

    return (
        [replace(one, assignments=(*given, *map(moved, one.assignments))) for one in starts],
        [replace(one, lines=one.lines and list(map(moved_line, one.lines))) for one in written],
    )
