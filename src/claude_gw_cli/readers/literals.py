r"""The texts, names and signs of Groovy and JavaScript, as far as ``NAME: "text"`` and ``NAME = "text"`` need it.

Both have ``//`` and ``/*`` comments and C's escapes. What a text takes from elsewhere (``${…}``) is unknown. An
escape ``\uD83D`` of half a character belongs to the one behind it. A text without an end goes up to the file's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Piece, Text, Unknown, joined
from claude_gw_cli.record import dataclass

_TOKEN = lazy(
    r"""//[^\n]*|/\*(?:[^*]+|\*(?!/))*(?:\*/|\Z)|(?P<break>\n)
    |(?P<long>'''|\"\"\"|`)(?P<lines>[^\\'"`]*(?:(?:\\.|(?!(?P=long)).)[^\\'"`]*)*)(?:(?P=long)|\Z)
    |(?P<short>['"])(?P<line>[^\\'"\n]*(?:(?:\\.|(?!(?P=short))[^\n])[^\\'"\n]*)*)(?:(?P=short)|$)
    |(?P<name>[A-Za-z_$][\w$]*)|(?P<sign>[^\s])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_PART = lazy(
    r"\\(?:u(?P<unit>[0-9a-fA-F]{4})|u\{(?P<point>[0-9a-fA-F]{1,6})\}|x(?P<byte>[0-9a-fA-F]{2})|(?P<letter>.))"
    r"|(?P<taken>\$\{[^}]{0,999}\}|\$[A-Za-z_]\w*)|(?P<plain>[^\\$]+|.)",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}


@dataclass(frozen=True, slots=True)
class Token:
    """One text, name, sign or line break."""

    source: str
    """As it is written; a name or a sign is this."""
    offset: int
    value: Text | None = None
    """The value of a text."""


def tokens(text: str, *, filled: str) -> Iterator[Token]:
    """The tokens, without comments and whitespace.

    Args:
        text: the source.
        filled: the quotes between which ``${…}`` and ``$name`` come from elsewhere.
    """
    for item in _TOKEN.finditer(text):
        limits.check()
        if quote := item["long"] or item["short"]:
            inside = item["lines"] if item["long"] else item["line"]
            yield Token(item[0], item.start(), _value(inside, has_parts=quote in filled.split()))
        elif item["name"] or item["sign"] or item["break"]:
            yield Token(item[0], item.start())


def _value(text: str, *, has_parts: bool) -> Text:
    found: list[Piece] = []
    for part in _PART.finditer(text):
        if part["taken"]:
            found.append(Unknown(part["taken"]) if has_parts else part["taken"])
        elif code := part["unit"] or part["point"] or part["byte"]:
            found.append(chr(min(int(code, 16), 0x10FFFF)))
        elif part["letter"]:
            found.append(_LETTERS.get(part["letter"], part["letter"]))
        else:
            found.append(part["plain"])
    return joined(
        # two halves are one character
        piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if isinstance(piece, str) else piece
        for piece in joined(found)
    )
