r"""Nushell: ``$env.A = "b"``, ``load-env {A: "b"}``, ``with-env {A: "b"} { claude }``, ``A=b command``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, joined, mistaken, places

_SET = lazy(
    r"""(?:\$env\.(?P<name>\w+)[ \t]*=[ \t]*|(?P<key>["']?\b[A-Z][A-Z0-9_]+["']?)[ \t]*:[ \t]*
      |(?<![\w.$])(?P<before>[A-Z][A-Z0-9_]+)=)
    (?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|`(?P<tick>[^`]*)`|(?P<unknown>\$?["'(][^\n]*|\$[^\s;]+)
      |(?P<bare>[^\s;,}]+))
    |(?P<hide>hide-env)(?P<hidden>(?:[ \t]+[\w-]+)+)|(?P<comment>\#[^\n]*)""",
    re.VERBOSE,
)
_ESCAPE = lazy(r"\\(?:u\{(?P<code>[0-9a-fA-F]{1,6})\}|(?P<letter>.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "0": "\0"}


def read(text: str) -> Iterator[Start]:
    """The one set of variables of the script."""
    place = places(text)
    found: list[Assignment] = []
    for item in _SET.finditer(text):
        limits.check()
        if item["hide"]:
            names = (name for name in item["hidden"].split() if not name.startswith("-"))
            found += (Assignment(name, None, *place(item.start())) for name in names)
        elif not item["comment"]:
            group = "name" if item["name"] else "key" if item["key"] else "before"
            found.append(Assignment(item[group].strip("\"'"), _value(item), *place(item.start(group))))
    yield Start((*found, *mistaken(text, found)))


def _value(item: re.Match[str]) -> Text:
    if item["double"] is not None:
        return joined([_ESCAPE.sub(_escape, item["double"])])
    if item["unknown"]:
        return (Unknown(item["unknown"]),)
    return joined([next(item[name] for name in ("single", "tick", "bare") if item[name] is not None)])


def _escape(item: re.Match[str]) -> str:
    return chr(min(int(item["code"], 16), 0x10FFFF)) if item["code"] else _LETTERS.get(item["letter"], item["letter"])
