"""JSON with comments and trailing commas, as editors write it, with the place of each member.

Comments and extra commas become spaces, so that every offset stays; the rest is the strict reader's.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import Document, JsonError, parse
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import NotReadableError

_PARTS = lazy(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*(?s:.*?)\*/')
_COMMA = lazy(r'"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])')
_NOT_BREAK = lazy(r"[^\n]")


def document(text: str) -> Document:
    """The document.

    Raises:
        NotReadableError: it is not JSON even without its comments.
    """
    plain = _PARTS.sub(lambda part: part[0] if part[0][0] == '"' else _NOT_BREAK.sub(" ", part[0]), text)
    plain = _COMMA.sub(lambda part: part[0] if part[0][0] == '"' else " ", plain)
    try:
        return parse(plain)
    except JsonError as error:
        raise NotReadableError(f"not JSON: {error.reason}", error.line) from None
