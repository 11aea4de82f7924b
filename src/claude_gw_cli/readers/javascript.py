"""Names and texts of an object: the option ``env`` of an Agent SDK, Bicep's ``env``, ``vim.env`` and tables of Lua.

Programs are not followed: only ``NAME: "text"``, ``NAME = "text"`` and ``name: 'NAME'`` with ``value: 'text'`` count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, is_name, known, places
from claude_gw_cli.readers.literals import Token, tokens

_ENDS = frozenset({",", "}", ";", "\n", ")"})
_NOTHING = frozenset({"undefined", "null", "nil"})


def read_named(text: str, path: str) -> Iterator[Start]:
    """The variables of the file; in Bicep, those of each list ``env``."""
    place, bicep = places(text), path.endswith(".bicep")
    if path.endswith(".lua"):
        text = re.sub(r"(?m)^[ \t]*--[^\n]*", lambda line: " " * len(line[0]), text)
    found = list(tokens(text, filled="'" if bicep else "`"))
    own: list[Assignment] = []
    for at, token in enumerate(found[:-2]):
        name, sign, following = token.source.strip("\"'"), found[at + 1].source, found[at + 2]
        if sign not in {":", "="} or following.source == "=":
            continue
        if bicep and name == "env":
            yield Start(tuple(own))
            own = []
        elif name == "name" and following.value and is_name(pair := known(following.value) or ""):
            ahead = [item.source for item in found[at + 3 : at + 7]]
            if "value" in ahead:
                first = at + 5 + ahead.index("value")
                own.append(Assignment(pair, _value(found[first : first + 2]), *place(following.offset + 1)))
        elif is_name(name):
            own.append(Assignment(name, _value(found[at + 2 : at + 4]), *place(token.offset)))
    yield Start(tuple(own))


def _value(found: list[Token]) -> Text | None:
    if not found or (len(found) > 1 and found[1].source not in _ENDS):
        return (Unknown(found[0].source + "…" if found else "…"),)
    if found[0].value is not None:
        return found[0].value
    return None if found[0].source in _NOTHING else (Unknown(found[0].source),)
