"""An object for the option ``env`` of the Agent SDK, as ``cgw env --shell sdk-ts`` writes it.

Programs are not read: what they do with their environment is not to be seen from one file.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, is_name, places
from claude_gw_cli.readers.literals import Token, tokens

_ENDS = frozenset({",", "}", ";", "\n", ")"})
_NOTHING = frozenset({"undefined", "null"})


def read(text: str) -> Iterator[Start]:
    """The variables of the object."""
    place = places(text)
    found = list(tokens(text, filled="`"))
    yield Start(
        tuple(
            Assignment(name, _value(found[at + 2 : at + 4]), *place(token.offset))
            for at, token in enumerate(found[:-2])
            if is_name(name := token.source.strip("\"'")) and found[at + 1].source == ":"
        )
    )


def _value(found: list[Token]) -> Text | None:
    first = found[0]
    if len(found) > 1 and found[1].source not in _ENDS:
        return (Unknown(first.source + "…"),)
    if first.value is not None:
        return first.value
    return None if first.source in _NOTHING else (Unknown(first.source),)
