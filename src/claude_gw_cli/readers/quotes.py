"""A quote, ``$(`` or ``${`` of a shell script that is not closed: where it opens, and what is lost with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Start
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from tree_sitter import Node

_QUOTES = frozenset({'"', "'", "`"})
_LONGEST = 300
"""Bytes of a line that are looked at."""
_OPENS = {")": "$(", "}": "${", '")"': "$(", ')"': "$("}
"""What closes an opened bracket at the end of its line -> the bracket."""
_COUNTED = (b"(", b")", b'"')
_OPEN = lazy(r"\$\{\w+(?=[\s\"']|\Z)|\$\([^\n)]*\n[ \t]*(?:export|unset|alias|source)\s")
_STATEMENT = lazy(r"\n[ \t]*(?:(?:export|unset|alias|source)\s|\w+=)")


def unclosed(root: Node) -> tuple[int, str] | None:
    """The line of a quote or bracket that is not closed, and what closes it; ``None`` if all are.

    Where quotes of several lines come before it, the first one that has a statement in it is the mistake.
    """
    first: Node | None = None
    left = [root] if root.has_error else []
    # A node's text is a copy, and nodes are within each other: only what is looked at is copied.
    text = root.text or b"" if left else b""
    while left:
        limits.check()
        node = left.pop()
        if (
            first is None
            and node.type in {"string", "raw_string"}
            and _STATEMENT.search((node.text or b"").decode("utf-8", "replace"))
        ):
            first = node
        at = node.start_byte - root.start_byte
        opens = text[at : at + 1].decode("latin-1")
        if (node.is_missing and node.type in _QUOTES) or (node.is_error and opens in _QUOTES):
            start = first or (node.parent if node.is_missing else None) or node
            return start.start_point[0] + 1, (start.text or b"")[:1].decode()
        if node.is_missing and node.type in _OPENS and node.parent is not None:
            begin = node.parent.start_byte - root.start_byte
            opened = text[begin : begin + _LONGEST]
            if _OPEN.match(opened.decode("utf-8", "replace")):
                return node.parent.start_point[0] + 1, node.type
        if node.is_error and (found := _in_quotes(node)):
            return found
        left += reversed(node.children)
    return None


def _in_quotes(error: Node) -> tuple[int, str] | None:
    """The same for a ``$(`` in double quotes: behind it the parser mixes up which quotes belong together."""
    text, is_open = error.text or b"", False
    end, seen, left = -1, 0, [0, 0, 0]
    for node in error.children:
        is_open ^= node.type == '"'
        if not is_open or node.type != "$(":
            continue
        at = node.end_byte - error.start_byte
        if at > end:  # of the marks in the rest of the line, which is counted once
            end = len(text) if (found := text.find(b"\n", at)) < 0 else found
            left = [text.count(mark, at, end) for mark in _COUNTED]
        else:
            left = [count - text.count(mark, seen, at) for count, mark in zip(left, _COUNTED, strict=True)]
        seen = at
        if left[0] >= left[1]:
            if left[2] % 2:
                return node.start_point[0] + 1, '")"'
            if _STATEMENT.match("\n" + text[end + 1 : end + _LONGEST].decode("utf-8", "replace")):
                return node.start_point[0] + 1, ')"'
    return None


def lost_behind(starts: Iterable[Start], line: int, quote: str) -> list[Start]:
    """The processes, with the first variable from this line on as lost: it is where a person looks for the quote."""
    found = list(starts)
    first = min((item.line for one in found for item in one.assignments if item.line >= line), default=0)
    what = _OPENS.get(quote, "quote")
    why = f"the {what} in line {line} is not closed"
    return [
        replace(
            one,
            assignments=tuple(
                replace(item, lost=why, instead=f"close the {what}") if item.line == first else item
                for item in one.assignments
            ),
        )
        for one in found
    ]
