r"""Dockerfile and Containerfile: ``ENV A=b C="d"``, ``ENV A b`` and ``ARG A=b``, by build stage.

``$NAME`` and ``${NAME}`` are known where an earlier ENV or ARG of the stage says so; a backslash escapes. An ARG is
set while the image is built, not in it, but its text stays in the image's history.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, is_name, joined, places
from claude_gw_cli.readers.scopes import Scopes
from claude_gw_cli.record import replace

_INSTRUCTION = lazy(
    r"^[ \t]*(?P<word>ENV|ARG|FROM|EXPOSE)[ \t]+(?P<rest>(?:[^\\\n]|\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*|\\.)*)", 2 | 8
)
_PAIR = lazy(r"""(?P<name>[\w.-]+)(?:=(?P<value>(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*))?""", re.DOTALL)
_PART = lazy(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|\\(?P<escape>.)|(?P<unknown>\$\{[^}]{0,999}\}|\$\w+)
    |(?P<plain>[^'"\\$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_INNER = lazy(r"""\\(?P<escape>["\\$\n])|(?P<unknown>\$\{[^}]{0,999}\}|\$\w+)|(?P<plain>[^\\$]+|.)""", re.DOTALL)


def read(text: str) -> Iterator[Start]:
    """What a container of each stage gets."""
    place, scopes, exposed = places(text), Scopes(), set[str]()
    for item in _INSTRUCTION.finditer(text):
        word = item["word"].upper()
        if word == "FROM":
            yield from _stage(scopes, exposed)
            scopes = Scopes()
            continue
        if word == "EXPOSE":
            exposed |= {port.partition("/")[0] for port in item["rest"].split()}
            continue
        at, rest = item.start("rest"), item["rest"]
        first = _PAIR.match(rest)
        if word == "ENV" and first and first["value"] is None and first.end() < len(rest):
            value = _value(rest[first.end() :].strip(), scopes)
            scopes.export(Assignment(first["name"], value, *place(at)))
            continue
        for pair in _PAIR.finditer(rest):
            if pair["value"] is not None and is_name(pair["name"]):
                value = _value(pair["value"], scopes)
                scopes.export(Assignment(pair["name"], value, *place(at + pair.start())))
    yield from _stage(scopes, exposed)


def _stage(scopes: Scopes, exposed: set[str]) -> Iterator[Start]:
    for start in scopes.finish():
        yield replace(start, listens=frozenset(exposed))


def _value(text: str, scopes: Scopes) -> Text:
    found: list[Piece] = []
    for part in _PART.finditer(text):
        if part["double"] is not None:
            for inner in _INNER.finditer(part["double"]):
                found += _piece(inner, scopes)
        elif part["single"] is not None:
            found.append(part["single"])
        else:
            found += _piece(part, scopes)
    return joined(found)


def _piece(part: re.Match[str], scopes: Scopes) -> Text:
    if part["unknown"]:
        name = part["unknown"].strip("${}")
        return scopes.value(name, part["unknown"]) if is_name(name) else (Unknown(part["unknown"]),)
    escape = part["escape"]
    return ("" if escape == "\n" else escape,) if escape else (part["plain"],)
