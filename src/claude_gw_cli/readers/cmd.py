"""Cmd: ``set "A=b"``, ``set A=b``, ``setx A b`` in batch files.

Without quotes the value goes up to the end of the line or an operator, whitespace included, and a caret protects the
next character. ``%A%`` and ``!A!`` are known where the file itself sets A.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, is_name, joined, mistaken, places
from claude_gw_cli.readers.scopes import Scopes
from claude_gw_cli.readers.written import Written

# One command of a line: up to an operator outside of quotes.
_COMMAND = lazy(r'(?:"[^"\n]*(?:"|$)|\^.|[^"&|\n^])+', re.MULTILINE)
_START = lazy(r"(?<![^\s@(])(?P<word>setx?)(?:\.exe)?\s+", 2)
_BEFORE = ("if ", "for ", "else", "do ", "call ")
_ECHO = lazy(r"[\s@(]*echo[ .](?P<text>[^>]*)", 2)
_SET = lazy(r'"(?P<quoted>[^=\n"]+)=(?P<value>[^\n]*)"|(?P<bare>[^=\n"/\s]+)=(?P<rest>[^\n]*)')
_SETX = lazy(r'(?P<name>\w+)\s+(?:"(?P<quoted>(?:\\"|[^"\n])*)"|(?P<bare>\S+))')
_VARIABLE = lazy(r"%(\w+)%|!(\w+)!|%%|%[*\d]|%~[^\s\"]+|%\w+:[^%\n]*%")


def read(text: str) -> Iterator[Start]:
    """Every process that the file starts, or that is started after it was called."""
    starts, _ = run(text)
    yield from starts
    yield Start(tuple(mistaken(text, (item for start in starts for item in start.assignments))))


def run(text: str, given: Mapping[str, Text] | None = None, *, ends: str = "") -> tuple[list[Start], list[Written]]:
    """The processes, and what the file prints to the log or to files from which later scripts get variables.

    Args:
        text: the script.
        given: variables that it has from outside.
        ends: as in ``Scopes.finish``.
    """
    place, scopes = places(text), Scopes(given)
    for command in _COMMAND.finditer(text.replace("\r", " ")):
        limits.check()
        line = command[0]
        first = line.lstrip(" \t@(").lower()
        found = None if first.startswith(("rem ", "::", ":")) else _START.search(line)
        before = line[: found.start()].strip(" \t@()").lower() if found else ""
        if before and not f"{before} ".startswith(_BEFORE):
            found = None
        if printed := _ECHO.match(line):
            target = "GITHUB_ENV" if "%github_env%" in line.lower() else ""
            at = command.start() + printed.start("text")
            scopes.write(target, [(_value(printed["text"].rstrip(), scopes), *place(at))])
        elif found is None and line.strip(" \t@()"):
            scopes.runs()
        if found is None:
            continue
        rest = line[found.end() :]
        options = len(rest) - len(rest.lstrip())
        if found["word"].lower() == "setx":
            parts = _SETX.match(rest)
            if parts:
                quoted = parts["quoted"].replace('\\"', '"') if parts["quoted"] is not None else parts["bare"]
                at = command.start() + found.end() + parts.start("name")
                scopes.export(Assignment(parts["name"], _value(quoted, scopes), *place(at)))
            continue
        parts = _SET.match(rest, options)
        name = (parts["quoted"] or parts["bare"] or "") if parts else ""
        if parts and is_name(name):
            value = parts["value"] if parts["quoted"] else _unescaped(parts["rest"])
            at = command.start() + found.end() + parts.start("quoted" if parts["quoted"] else "bare")
            scopes.export(Assignment(name, _value(value, scopes) or None, *place(at)))
    return scopes.finish(text, ends=ends), scopes.written


def _unescaped(text: str) -> str:
    """Without carets; a closing parenthesis belongs to a block, and the space before an operator is dropped."""
    return re.sub(r"\^(.)", r"\1", text.rstrip("\r\n ")).rstrip()


def _value(text: str, scopes: Scopes) -> Text:
    found: list[Piece] = []
    at = 0
    for item in _VARIABLE.finditer(text):
        found.append(text[at : item.start()])
        name = item[1] or item[2]
        found += scopes.value(name, item[0]) if name else ["%" if item[0] == "%%" else Unknown(item[0])]
        at = item.end()
    return joined([*found, text[at:]])
