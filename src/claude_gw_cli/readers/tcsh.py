r"""Tcsh: ``setenv A b``, ``unsetenv A``, ``env A=b command``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, joined, mistaken, places
from claude_gw_cli.readers.shelltext import ansi

_SET = lazy(
    r"""(?:^|[;&|(]|\bthen\b|\belse\b)[ \t]*(?:(?P<unset>unsetenv)[ \t]+(?P<gone>\w+)
    |setenv[ \t]+(?P<name>\w+)(?:[ \t]+(?P<value>(?:\$?'[^']*'|"[^"]*"|`[^`]*`|\\.|[^\s;&|'"`\\])+))?)""",
    re.VERBOSE | re.MULTILINE,
)
_PART = lazy(
    r"""\$'(?P<ansi>[^']*)'|'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<unknown>`[^`]*`|\$[\w{}:]+)
    |\\(?P<escape>.)|(?P<plain>[^$'"`\\]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_VARIABLE = lazy(r"(`[^`]*`|\$[\w{}:]+)")


def read(text: str) -> Iterator[Start]:
    """The one set of variables of the script."""
    place = places(text)
    found = []
    for item in _SET.finditer(text):
        if item["unset"]:
            found.append(Assignment(item["gone"], None, *place(item.start("gone"))))
        else:
            found.append(Assignment(item["name"], _value(item["value"] or ""), *place(item.start("name"))))
    yield Start((*found, *mistaken(text, found)))


def _value(text: str) -> Text:
    found: list[Piece] = []
    for part in _PART.finditer(text):
        if part["ansi"] is not None:
            found.append(ansi(part["ansi"]))
        elif part["double"] is not None:
            pieces = _VARIABLE.split(part["double"])
            found += [Unknown(piece) if index % 2 else piece for index, piece in enumerate(pieces)]
        elif part["unknown"]:
            found.append(Unknown(part["unknown"]))
        else:
            found.append(part["single"] or part["escape"] or part["plain"] or "")
    return joined(found)
