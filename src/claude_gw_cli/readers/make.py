"""Makefiles: variables that are exported, for all rules or for one, and what the lines of recipes set.

make reads the whole file before it runs a recipe, so the last value of a variable counts everywhere. ``$(A)`` is
known where the file says so, ``$$`` is the shell's dollar sign. Both sides of a condition are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, joined, known, places
from claude_gw_cli.readers.embedded import Excerpt
from claude_gw_cli.record import replace

_LINE = lazy(r"(?:[^\\\n]+|\\(?:\n|.)|\\\Z)*")
_ASSIGN = lazy(
    r"(?P<words>(?:[ \t]*+(?:export|override|private)[ \t]++)*)[ \t]*+(?P<name>[A-Za-z_][\w.-]*+)"
    r"[ \t]*+(?P<sign>[:?+!]{0,3}=)[ \t]*+(?P<value>.*)",
    16,
)
_EXPORT = lazy(r"[ \t]*(?P<word>export|unexport)(?P<names>(?:[ \t]++[\w.-]++)*)[ \t]*+(?:#.*)?$")
_RULE = lazy(r"(?P<targets>[^\s:=#][^:=#\n]*)::?(?!=)(?P<rest>.*)", 16)
_ELSE = lazy(r"[ \t]*(?:else|endif)\b")
_DEFINE = lazy(r"[ \t]*(?:(?:export|override)[ \t]+)*define[ \t]")
_COMMENT = lazy(r"(?<!\\)#.*", 16)
_JOIN = lazy(r"[ \t]*\\\n[ \t]*")
_REFERENCE = lazy(r"\$(?:(?P<dollar>\$)|\((?P<name>[\w.-]+)\)|\{(?P<braced>[\w.-]+)\}|(?P<open>[({])|(?P<one>.))")
_ONE_LETTER = lazy(r"\$[A-Za-z_]")
_WORD = lazy(r"\w+")
_COMMAND = lazy(r"\$\{([\w./-]+)[ \t]+[^}]")
_NAMES = """
subst patsubst strip findstring filter filter-out sort word words wordlist firstword lastword dir notdir suffix
basename addsuffix addprefix join wildcard realpath abspath if or and intcmp foreach file call value eval origin
flavor shell guile error warning info let
"""
_FUNCTIONS = frozenset(_NAMES.split())
_CLOSING = {"(": ")", "{": "}"}


def read(text: str) -> Iterator[Start]:
    """What all recipes get, and what their lines set."""
    for start in _Make(text).starts():
        yield replace(start, assignments=tuple(map(_without_dollar, start.assignments)))


def _without_dollar(item: Assignment) -> Assignment:
    """The assignment; ``$URL`` in it is make's variable ``U`` and the letters behind it."""
    pieces = item.value or ()
    for piece in pieces:
        if isinstance(piece, Unknown) and (command := _COMMAND.match(piece.source)) and command[1] not in _FUNCTIONS:
            why = f"make reads $({command[1]} …) as a variable, which is empty"
            return replace(
                item, lost=why, instead=f"write $$({command[1]} …) in a recipe, $(shell {command[1]} …) elsewhere"
            )
    for piece, rest in pairwise(pieces):
        is_letter = isinstance(piece, Unknown) and _ONE_LETTER.fullmatch(piece.source)
        if is_letter and isinstance(rest, str) and (word := _WORD.match(rest)):
            source = piece.source if isinstance(piece, Unknown) else ""
            return replace(item, lost=f"make reads {source} as a variable", instead=f"write ${source}{word[0]}")
    return item


class _Make:
    def __init__(self, text: str) -> None:
        self._place = places(text)
        self._ends = "" if ".ONESHELL:" in text else "each line of a recipe has a shell to itself"
        self._values: dict[str, Text] = {}
        self._set: list[Assignment] = []
        self._exported: set[str] = set()
        self._all = False
        self._sides: list[int] = []
        """How many assignments come before each end of a side of a condition."""
        self._recipes: list[tuple[int, str, str]] = []
        """Offset, text and target of each line of a recipe."""
        self._own: dict[str, list[Assignment]] = {}
        """What is exported to the recipes of one target."""
        self._read(text)

    def starts(self) -> Iterator[Start]:
        for count in (*self._sides, len(self._set)):
            yield Start(self._reach(self._set[:count]))
        everywhere = self._reach(self._set)
        for own in self._own.values():
            yield Start((*everywhere, *own))
        for offset, line, target in self._recipes:
            own = self._own.get(target, [])
            excerpt = Excerpt(self._place)
            self._fill(excerpt, line, offset)
            yield from excerpt.starts((*everywhere, *own), ends=self._ends)

    def _reach(self, found: list[Assignment]) -> tuple[Assignment, ...]:
        return tuple(item for item in found if self._all or item.name in self._exported)

    def _read(self, text: str) -> None:
        at, target, defines = 0, "", False
        while at < len(text):
            limits.check()
            found = _LINE.match(text, at)
            line, start = (found[0] if found else ""), at
            at += len(line) + 1
            if defines or _DEFINE.match(line):
                defines = not line.lstrip(" ").startswith("endef")
            elif line.startswith("\t") and target:
                body = line.lstrip("\t @+-")
                self._recipes.append((start + len(line) - len(body), body, target))
            elif exported := _EXPORT.match(line):
                self._export(exported["word"], exported["names"].split())
            elif _ELSE.match(line):
                self._sides.append(len(self._set))
            elif assigned := _ASSIGN.match(line):
                name = assigned["name"]
                value = self._assigned(name, assigned["sign"], assigned["value"])
                self._values[name] = value
                self._set.append(Assignment(name, value, *self._place(start + assigned.start("name"))))
                self._exported |= {name} if "export" in assigned["words"] else set()
            elif rule := _RULE.match(line):
                target = rule["targets"].strip()
                self._rule(target, rule["rest"], start + rule.start("rest"))

    def _rule(self, target: str, rest: str, offset: int) -> None:
        """A rule, with a recipe behind ``;`` or not, or a variable for one: ``run: export A = b``."""
        self._all |= target == ".EXPORT_ALL_VARIABLES"
        if assigned := _ASSIGN.match(rest, len(rest) - len(rest.lstrip())):
            if "export" in assigned["words"]:
                value = self._assigned(assigned["name"], assigned["sign"], assigned["value"])
                place = self._place(offset + assigned.start("name"))
                self._own.setdefault(target, []).append(Assignment(assigned["name"], value, *place))
            return
        _, sign, recipe = rest.partition(";")
        if sign:
            self._recipes.append((offset + len(rest) - len(recipe), recipe, target))

    def _export(self, word: str, names: list[str]) -> None:
        if word == "unexport":
            self._exported -= set(names)
        elif names:
            self._exported |= set(names)
        else:
            self._all = True

    def _assigned(self, name: str, sign: str, text: str) -> Text:
        plain = _JOIN.sub(" ", _COMMENT.sub("", text)).rstrip()
        if sign == "!=":
            return (Unknown(plain),)
        value = joined(piece for part in self._parts(plain) for piece in part[0])
        return joined([*self._values[name], " ", *value]) if sign == "+=" and name in self._values else value

    def _fill(self, excerpt: Excerpt, line: str, offset: int) -> None:
        for value, at, is_text in self._parts(line):
            if is_text:
                excerpt.add(known(value) or "", offset + at)
            else:
                excerpt.fill(value, offset + at)

    def _parts(self, text: str) -> Iterator[tuple[Text, int, bool]]:
        """Value, offset, and whether it is the text itself."""
        at = 0
        while found := _REFERENCE.search(text, at):
            yield (text[at : found.start()],), at, True
            at = found.end()
            if found["dollar"]:
                yield ("$",), found.start(), True
            elif name := found["name"] or found["braced"]:
                yield self._values.get(name, (Unknown(found[0]),)), found.start(), False
            else:
                at = _end(text, found.end(), found["open"]) if found["open"] else at
                source = text[found.start() : at]
                # make has braces for it, too, and a shell has not: so it stays apart from the shell's $(...)
                piece: Piece = Unknown(f"${{{source[2:-1]}}}" if found["open"] else source)
                yield (piece,), found.start(), False
        yield (text[at:],), at, True


def _end(text: str, at: int, opening: str) -> int:
    """Where a function such as ``$(shell …)`` ends."""
    depth = 1
    while at < len(text) and depth:
        depth += (text[at] == opening) - (text[at] == _CLOSING[opening])
        at += 1
    return at
