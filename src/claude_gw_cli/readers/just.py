"""Justfiles: variables and parameters that are exported, and what the lines of recipes set.

A value is known if it is texts and variables of the file, joined with ``+``. ``{{ … }}`` in a recipe is filled in
before a shell reads the line; each line has a shell to itself, unless the recipe begins with ``#!``.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, is_name, joined, places
from claude_gw_cli.readers.embedded import Excerpt

_STRING = r"""(?:\"\"\"(?:[^"]|"(?!""))*\"\"\"|'''(?:[^']|'(?!''))*'''|"(?!"")(?:[^"\\]|\\.)*"|'(?!'')[^']*')"""
_SET = lazy(
    rf"""^(?P<export>export[ \t]+)?(?P<name>[A-Za-z_][\w-]*)[ \t]*:=[ \t]*(?P<value>(?:{_STRING}|[^\n\#"'])*)""", 8
)
_OPTION = lazy(r"^set[ \t]+(?P<name>export|positional-arguments)[ \t]*(?::=[ \t]*(?P<value>\w+))?", 8)
_HEADER = lazy(rf"@?[A-Za-z_][\w-]*+(?P<parameters>(?:{_STRING}|[^:\n\"'])*):(?!=)")
_PARAMETER = lazy(rf"[*+]?\$(?P<name>\w+)(?:=(?P<value>{_STRING}|[^\s]+))?")
_PART = lazy(rf"\s*(?:(?P<string>{_STRING})|(?P<name>[A-Za-z_][\w-]*)(?!\s*\()|(?P<other>[^\s+]+))\s*(?:\+|\Z)")
_ESCAPE = lazy(r"\\(?:u\{(?P<code>[0-9a-fA-F]{1,6})\}|(?P<letter>\n|.))")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_LINE = lazy(r"^[^\\\n]*(?:\\(?:\n|.|\Z)[^\\\n]*)*", 8)
_FILLED = lazy(r"\{\{(?!\{)(?P<inside>[^}]{0,999})\}\}")


def read(text: str) -> Iterator[Start]:
    """What all recipes get, and what their lines set."""
    yield from _Just(text).starts()


class _Just:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = places(text)
        self._values: dict[str, Text] = {}
        self._everywhere: list[Assignment] = []
        exports = any(item["name"] == "export" and item["value"] != "false" for item in _OPTION.finditer(text))
        for item in _SET.finditer(text):
            value = self._value(item["value"])
            self._values[item["name"]] = value
            if (exports or item["export"]) and is_name(item["name"]):
                self._everywhere.append(Assignment(item["name"], value, *self._place(item.start("name"))))

    def starts(self) -> Iterator[Start]:
        yield Start(tuple(self._everywhere))
        own: tuple[Assignment, ...] = ()
        whole: Excerpt | None = None
        for found in _LINE.finditer(self._text):
            limits.check()
            line, at = found[0], found.start()
            if line[:1] in {" ", "\t"}:
                excerpt = whole or Excerpt(self._place)
                body = line.lstrip() if whole else line.lstrip(" \t@-")
                if body.startswith("#!"):
                    whole = excerpt
                self._fill(excerpt, body + "\n" * (whole is not None), at + len(line) - len(body))
                if whole is None:
                    ends = "each line of a recipe has a shell to itself"
                    yield from excerpt.starts((*self._everywhere, *own), ends=ends)
            elif line.strip():
                yield from whole.starts((*self._everywhere, *own)) if whole else ()
                whole = None
                if header := _HEADER.match(line):
                    own = tuple(self._parameters(header["parameters"], at + header.start("parameters")))
                    yield Start((*self._everywhere, *own))
        yield from whole.starts((*self._everywhere, *own)) if whole else ()

    def _parameters(self, text: str, offset: int) -> Iterator[Assignment]:
        for item in _PARAMETER.finditer(text):
            value = self._value(item["value"]) if item["value"] else (Unknown(f"${item['name']}"),)
            yield Assignment(item["name"], value, *self._place(offset + item.start("name")))

    def _fill(self, excerpt: Excerpt, line: str, offset: int) -> None:
        at = 0
        for item in _FILLED.finditer(line):
            excerpt.add(line[at : item.start()], offset + at)
            excerpt.fill(self._value(item["inside"]), offset + item.start())
            at = item.end()
        excerpt.add(line[at:], offset + at)

    def _value(self, text: str) -> Text:
        """An expression; unknown as a whole where it is more than texts and variables."""
        found: list[Text] = []
        at = 0
        text = text.strip()
        while at < len(text):
            part = _PART.match(text, at)
            if part is None or part["other"]:
                return (Unknown(text),)
            found.append(
                (_string(part["string"]),)
                if part["string"]
                else self._values.get(part["name"], (Unknown(part["name"]),))
            )
            at = part.end()
        return joined(piece for value in found for piece in value)


def _string(text: str) -> str:
    quote = text[:3] if text[:3] in {'"""', "'''"} else text[:1]
    inside = text[len(quote) : -len(quote)]
    if quote[0] == "'":
        return inside
    return _ESCAPE.sub(
        lambda item: (
            chr(min(int(item["code"], 16), 0x10FFFF))
            if item["code"]
            else _LETTERS.get(item["letter"], item["letter"])
        ),
        inside,
    )
