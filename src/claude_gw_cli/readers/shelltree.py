"""The syntax tree of a shell script, by tree-sitter's grammar for bash."""

from __future__ import annotations

from functools import cache

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import NotReadableError

if TYPE_CHECKING:
    from tree_sitter import Parser, Tree

_CHUNK = 1 << 16
_MOST = 512 << 10
"""Bytes of the longest script: a tree takes up to 340 times the memory of its text."""
_BEYOND = lazy(r"[\u0100-\ud7ff\ue000-\U0010ffff]")
_AS_LONG = {2: "é", 3: "éx", 4: "éé"}
"""Bytes of a character -> letters of as many bytes."""


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def parsable(text: str) -> bytes:
    """A script of the same length in bytes, in which each character beyond Latin-1 is another letter.

    The parser's scanner looks characters up in C's table of 256 (tree-sitter-bash 0.25.1): what it takes others for
    is an accident, and some end the process.
    """
    alike = text if text.isascii() else _BEYOND.sub(lambda found: _AS_LONG[len(found[0].encode())], text)
    return alike.encode("utf-8", "surrogateescape")


def parsed(text: str) -> Tree:
    """The syntax tree of a script. The parser is slow where it does not understand much.

    Raises:
        NotReadableError: the script is too long, or the time that a file may take is over.
    """
    data = parsable(text)
    if len(data) > _MOST:
        raise NotReadableError(f"a script of more than {_MOST >> 10} KB")
    parser = _parser()
    try:
        return parser.parse(
            lambda offset, _: data[offset : offset + _CHUNK],
            progress_callback=lambda _offset, _error: limits.is_over(),
        )
    except ValueError:
        parser.reset()
        limits.check()
        raise
