r"""Dockerfile and Containerfile: ``ENV A=b C="d"``, ``ENV A b``, ``ARG A=b``, scripts of ``RUN``, by build stage.

``$NAME`` and ``${NAME}`` are known where an earlier ENV or ARG of the stage says so, or an ENV of the stage that it
is built on, and empty where none does; a backslash escapes. An ARG is set while the image is built, not in it, but
its text stays in the image's history.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import SECRET_NAMES
from claude_gw_cli.readers import embedded
from claude_gw_cli.readers.common import (
    PASSED,
    Assignment,
    Piece,
    Place,
    Start,
    Text,
    Unknown,
    is_name,
    joined,
    moved,
    passed_to_build,
    places,
)
from claude_gw_cli.record import replace

_INSTRUCTION = lazy(
    r"^[ \t]*(?P<word>ENV|ARG|FROM|EXPOSE|RUN|SHELL|COPY|ADD)[ \t]+"
    r"(?P<rest>[^\n]*<<-?[\"']?(?P<end>\w+)[\"']?[^\n]*\n(?s:.*?)\n(?P=end)$"
    r"|(?:[^\\\n]|\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*|\\.)*)",
    2 | 8,
)
_PAIR = lazy(r"""(?P<name>[\w.-]+)(?:=(?P<value>(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*))?""", re.DOTALL)
_PART = lazy(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:\\.|[^"\\])*)"|\\(?P<escape>.)|(?P<unknown>\$\{[^}]{0,999}\}|\$\w+)
    |(?P<plain>[^'"\\$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_INNER = lazy(r"""\\(?P<escape>["\\$\n])|(?P<unknown>\$\{[^}]{0,999}\}|\$\w+)|(?P<plain>[^\\$]+|.)""", re.DOTALL)
_FROM = lazy(r"(?:--\S+\s+)*(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)
_FLAG = lazy(r"\s*(?:--[\w-]+(?:=\S+)?\s+)+")
_HERE = lazy(r"\s*<<-?[\"']?\w+[\"']?[ \t]*\n(?s:(?P<script>.*)\n).*")
_SECRET = lazy(r"type=secret\S*?\benv=(?P<name>\w+)")
_COMMENT = lazy(r"^[ \t]*#[^\n]*$", re.MULTILINE)
_OTHER_SHELL = lazy(r"cmd|powershell|pwsh", re.IGNORECASE)
_IS_OVER = "it ends with its RUN, and the container starts without it"
_STAYS = "its value stays in the image"
_NONE = "no ARG or ENV above sets {0} in this stage, so it is empty"


class _Stage:
    """What is set from ``FROM`` to the next one."""

    def __init__(self, inherited: tuple[Assignment, ...]) -> None:
        self.known: dict[str, Text] = {item.name: item.value or () for item in inherited}
        self.items: list[Assignment] = [*inherited]
        self.scripts: list[Start] = []
        self.language = "shell"

    def set(self, name: str, value: Text, place: Place, *, is_arg: bool = False) -> None:
        """One variable; a base image may set what the file does not, but hardly a key or the variable itself."""
        is_key, item = name in SECRET_NAMES, Assignment(name, value, *place)
        none = _reference(value) if not is_arg else ""
        is_given = none in self.known or none.upper().endswith("_PROXY")  # Docker gives those to every build
        if none and not is_given and (is_key or none == name):
            instead = f"write ARG {none} above it, or let `docker run -e {name}` pass it on"
            item = replace(item, lost=_NONE.format(none), instead=instead)
        elif is_arg:
            item = passed_to_build(item)
        elif is_key and any(isinstance(piece, Unknown) for piece in value):
            item = replace(item, seen=_STAYS)
        self.items.append(item)
        self.known[name] = value

    def run(self, rest: str, at: Callable[[int, int], Place]) -> None:
        flags = _FLAG.match(rest)
        given = [replace(item, seen="") for item in self.items]
        given += [
            Assignment(item["name"], (Unknown(f"${item['name']}"),), *at(1, item.start("name") + 1))
            for item in (_SECRET.finditer(flags[0]) if flags else ())
        ]
        text = " " * flags.end() + rest[flags.end() :] if flags else rest
        if here := _HERE.fullmatch(text):
            text = f"\n{here['script']}"
        elif "<<" not in text:
            text = _COMMENT.sub(lambda comment: "\\".rjust(len(comment[0])), text)
        found, _ = embedded.run(text, at, given, None, self.language, ends=_IS_OVER)
        mounted = [Start(tuple(given))] if len(given) > len(self.items) else []
        self.scripts += [*mounted, *(one for one in found if len(one.assignments) > len(given))]


def read(text: str) -> Iterator[Start]:
    """What a container of each stage, and each script of it, gets."""
    place, exposed = places(text), set[str]()
    stages, by_name = [_Stage(())], dict[str, _Stage]()
    for item in _INSTRUCTION.finditer(text):
        word, rest, stage, begin = item["word"].upper(), item["rest"], stages[-1], item.start("rest")
        if word == "FROM" and (found := _FROM.match(rest)):
            base = by_name.get(found["base"].lower())
            stages.append(_Stage(tuple(one for one in base.items if one.seen != PASSED) if base else ()))
            by_name[(found["name"] or "").lower()] = stages[-1]
        elif word == "EXPOSE":
            exposed |= {port.partition("/")[0] for port in rest.split()}
        elif word == "SHELL":
            stage.language = "" if _OTHER_SHELL.search(rest) else "shell"
        elif word == "RUN":
            stage.run(rest, moved(place(begin)))
        elif word in {"ENV", "ARG"}:
            for name, value, offset in _pairs(rest, stage.known, is_arg=word == "ARG"):
                stage.set(name, value, place(begin + offset), is_arg=word == "ARG")
    for stage in stages:
        unseen = Start(tuple(replace(item, seen="") for item in stage.items), listens=frozenset(exposed))
        if stage.items:
            yield replace(unseen, assignments=tuple(stage.items)) if stage is stages[-1] else unseen
        yield from stage.scripts


def _reference(value: Text) -> str:
    """The variable that is the whole value; empty where there is more."""
    name = value[0].source.strip("${}") if len(value) == 1 and isinstance(value[0], Unknown) else ""
    return name if is_name(name) else ""


def _pairs(rest: str, known: dict[str, Text], *, is_arg: bool) -> Iterator[tuple[str, Text, int]]:
    """What an ``ENV`` or ``ARG`` sets: name, value and offset."""
    first = _PAIR.match(rest)
    if not is_arg and first and first["value"] is None and first.end() < len(rest):
        yield first["name"], _value(rest[first.end() :].strip(), known), 0
        return
    for pair in _PAIR.finditer(rest):
        name, given = pair["name"], pair["value"]
        if is_name(name) and (is_arg or given is not None):
            yield name, (Unknown(f"${name}"),) if given is None else _value(given, known), pair.start()


def _value(text: str, known: dict[str, Text]) -> Text:
    found: list[Piece] = []
    for part in _PART.finditer(text):
        if part["double"] is not None:
            for inner in _INNER.finditer(part["double"]):
                found += _piece(inner, known)
        elif part["single"] is not None:
            found.append(part["single"])
        else:
            found += _piece(part, known)
    return joined(found)


def _piece(part: re.Match[str], known: dict[str, Text]) -> Text:
    if part["unknown"]:
        return known.get(part["unknown"].strip("${}"), (Unknown(part["unknown"]),))
    escape = part["escape"]
    return ("" if escape == "\n" else escape,) if escape else (part["plain"],)
