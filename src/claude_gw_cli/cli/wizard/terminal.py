"""The wizard's terminal: how it reads keys, whether it may move the cursor, and how wide its lines are."""

from __future__ import annotations

import os
import sys
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import error_line, use_color, width

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDEST = 100


@contextmanager
def read_by_key() -> Iterator[None]:
    """Until it is left, keys are neither echoed nor interpreted by the terminal.

    An echo would show a key that is pasted before its question. And a Ctrl-C or Ctrl-D that is pressed between two
    questions is read by the next one: the terminal would turn it into a signal that finds the program anywhere, or
    into an end of file that a change of mode loses (the line discipline leaves a NUL in its place).
    """
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    by_key = termios.tcgetattr(number)
    by_key[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    by_key[6][termios.VMIN], by_key[6][termios.VTIME] = 1, 0
    termios.tcsetattr(number, termios.TCSADRAIN, by_key)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def is_plain() -> bool:
    """Whether questions are plain lines: no colours wanted, a dumb terminal, or a screen reader (``ACCESSIBLE``)."""
    return not use_color(sys.stderr) or bool(os.environ.get("ACCESSIBLE"))


def columns() -> int:
    """The width to which texts are broken."""
    return min(width(sys.stderr) or 80, _WIDEST)


def wrapped(line: str, indent: str = "", first: str | None = None) -> list[str]:
    """A text in lines that fit; ``first`` begins the first line, if it begins otherwise."""
    start = indent if first is None else first
    room = columns() - 1
    lines = textwrap.wrap(
        line,
        room,
        initial_indent=start,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
    # A word that no line has room for, as a long path, is broken; one that fits into one line is not.
    return [piece for item in lines or [start] for piece in _pieces(item, room, indent)]


def _pieces(line: str, room: int, indent: str) -> list[str]:
    if len(line) <= room:
        return [line]
    return [line[:room], *_pieces(indent + line[room:], room, indent)]


def say(line: str, style: str = "", indent: str = "", first: str | None = None) -> None:
    """Lines on stderr, whatever ``--quiet`` says: a conversation needs them."""
    for part in wrapped(line, indent, first):
        error_line(f"\x1b[{style}m{part}\x1b[0m" if style and not is_plain() else part)
