"""YAML with the place of every text: mappings and lists of nodes, merge keys followed, aliases shared.

PyYAML's parser in C where it is there: the one in Python reads 50 KB in a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import (
    Assignment,
    NotReadableError,
    Place,
    Text,
    Unknown,
    is_name,
    joined,
    split_unknown,
)

GITHUB = lazy(r"\$\{\{.{0,300}?\}\}", re.DOTALL)
DOLLAR = lazy(r"\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*")
TEMPLATE = lazy(
    # Jinja and Go, ERB, GitHub, shells, LiteLLM, and an expression of Azure's Resource Manager
    r"\{\{.{0,300}?\}\}|\{%.{0,300}?%\}|<%.{0,300}?%>|\$\{\{.{0,300}?\}\}|\$\{[^}]{0,999}\}|\$\([^)]{0,999}\)|\$[A-Za-z_]\w*|os\.environ/\w+|\A\[\w+\(.*\)\]\Z",
    re.DOTALL,
)
Node = Any
"""A node of PyYAML: its types say nothing of ``id`` and ``value``."""
Pair = tuple[Node, Node]
At = Callable[[int, int], Place]
"""Line and column in a text -> line and column in the file."""


def documents(text: str) -> Iterator[Node]:
    """The root of each document.

    Raises:
        NotReadableError: it is not YAML.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from (root for root in yaml.compose_all(text, Loader=loader) if root is not None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NotReadableError("not YAML", mark.line + 1 if mark else None) from None
    except (RecursionError, ValueError):
        raise NotReadableError("not YAML that can be read") from None


def pairs(node: Node | None) -> Iterator[Pair]:
    """The members of a mapping, those of its merge keys first; nothing of another node."""
    if node is not None and node.id == "mapping":
        yield from _merged(node, set())


def _merged(node: Node, seen: set[int]) -> Iterator[Pair]:
    seen.add(id(node))
    for key, value in node.value:
        if key.value == "<<":
            for merged in value.value if value.id == "sequence" else (value,):
                if merged.id == "mapping" and id(merged) not in seen:
                    yield from _merged(merged, seen)
    yield from ((key, value) for key, value in node.value if key.id == "scalar" and key.value != "<<")


def items(node: Node | None) -> Iterator[Node]:
    """The items of a list; nothing of another node."""
    for item in node.value if node is not None and node.id == "sequence" else ():
        limits.check()
        yield item


def get(node: Node | None, *names: str) -> Node | None:
    """The member that this path leads to."""
    for name in names:
        node = next((value for key, value in reversed(list(pairs(node))) if key.value == name), None)
    return node


def text_of(node: Node | None) -> str:
    """A scalar's text; empty for another node."""
    return str(node.value) if node is not None and node.id == "scalar" else ""


def place(node: Node) -> Place:
    """Line and column, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


@lru_cache(maxsize=4)
def _root(text: str) -> tuple[Node | None, dict[int, dict[str, Pair]]]:
    """The first document, and the members of each of its nodes by name that were looked up: findings are many."""
    return next(documents(text), None), {}


def _named(node: Node, known: dict[int, dict[str, Pair]]) -> dict[str, Pair]:
    """The members of a mapping by name, the first of those with the same name; the items of a list by number."""
    if id(node) not in known:
        if node.id == "mapping":
            known[id(node)] = {text_of(key): (key, value) for key, value in reversed(list(pairs(node)))}
        else:
            known[id(node)] = {str(index): (item, item) for index, item in enumerate(node.value)}
    return known[id(node)]


def locate(text: str, pointer: Sequence[str]) -> Place:
    """Line and column of the member or item, as far as the pointer leads.

    Raises:
        NotReadableError: it is not YAML.
    """
    (node, known), at = _root(text), (1, 1)
    for part in pointer:
        if node is None or node.id == "scalar":
            break
        key, node = _named(node, known).get(part, (None, None))
        at = place(key) if key is not None else at
    return at


def script(node: Node, lines: Sequence[str]) -> tuple[str, At]:
    """A script, which is one text or a list of lines; and its lines and columns -> those of the file.

    Args:
        node: the text or the list.
        lines: the lines of the file.
    """
    parts = list(_texts(node))
    firsts = [1]
    for part in parts:
        firsts.append(firsts[-1] + part.value.count("\n") + 1)
    ats = [_inside(part, lines) for part in parts]

    def at(line: int, column: int) -> Place:
        index = max(first for first in range(len(ats)) if firsts[first] <= line)
        return ats[index](line - firsts[index] + 1, column)

    return "\n".join(part.value for part in parts), at


def _texts(node: Node) -> Iterator[Node]:
    if node.id == "scalar" and not is_null(node):
        yield node
    elif node.id == "sequence" and node.tag != "!reference":  # GitLab's: lines of another job
        yield from (item for inner in node.value for item in ((inner,) if inner.id == "scalar" else _texts(inner)))


def _inside(node: Node, lines: Sequence[str]) -> At:
    top, left = place(node)
    if getattr(node, "style", None) not in {"|", ">"}:
        left += getattr(node, "style", None) in {"'", '"'}
        return lambda line, column: (top + line - 1, left + column - 1 if line == 1 else column)
    own = node.value.split("\n")

    def at(line: int, column: int) -> Place:
        row = top + line
        source = lines[row - 1].rstrip("\r") if row <= len(lines) else ""
        is_whole = line <= len(own) and source.endswith(own[line - 1])
        indent = len(source) - len(own[line - 1] if is_whole else source.lstrip(" "))
        return row, indent + column

    return at


def is_null(node: Node) -> bool:
    """Whether a value is left out."""
    return bool(node.tag == "tag:yaml.org,2002:null")


def walk(root: Node) -> Iterator[Node]:
    """Each mapping and list of a document, once."""
    seen, left = set[int](), [root]
    while left:
        limits.check()
        node = left.pop()
        if node.id == "scalar" or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        inner = [value for _, value in node.value] if node.id == "mapping" else node.value
        left += reversed(inner)


def mapping(node: Node | None, unknown: re.Pattern[str]) -> Iterator[Assignment]:
    """``NAME: value`` members; a value that is left out comes from outside."""
    for key, item in pairs(node):
        if item.id == "scalar" or _is_filled_in(item):
            yield Assignment(key.value, _given(item, unknown, f"${key.value}"), *place(key))
        elif (inner := get(item, "value")) is not None:  # GitLab's long form
            yield Assignment(key.value, _given(inner, unknown, f"${key.value}"), *place(key))


def named(node: Node | None, unknown: re.Pattern[str]) -> Iterator[Assignment]:
    """``- name: NAME`` and ``value: text`` items; without a value it comes from a secret or another object."""
    for item in items(node):
        name, found = get(item, "name") or get(item, "key"), get(item, "value")
        if name is not None and name.id == "scalar":
            yield Assignment(name.value, _given(found, unknown, "valueFrom"), *place(name))


def _is_filled_in(node: Node) -> bool:
    """Whether it is ``{{ name }}`` without quotes: for YAML, a mapping in the place of a key."""
    return node.id == "mapping" and any(key.id == "mapping" for key, _ in node.value)


def _given(node: Node | None, unknown: re.Pattern[str], source: str) -> Text:
    """A value; unknown where it is left out, and where a tag such as ``!Ref`` or ``!vault`` changes it."""
    if node is None or node.id != "scalar" or is_null(node):
        return (Unknown(source),)
    return (Unknown(text_of(node)),) if node.tag[:1] == "!" else split_unknown(text_of(node), unknown)


def lines(node: Node | None, unknown: re.Pattern[str]) -> Iterator[Assignment]:
    """``- NAME=value`` items; without a sign the value comes from outside."""
    for item in items(node):
        name, sign, rest = text_of(item).partition("=")
        if sign and not is_name(name) and is_name(name.rstrip()):
            found = split_unknown(rest.lstrip(), unknown)
            yield Assignment(name.rstrip(), found, *place(item), "no whitespace may be around the equals sign")
        elif is_name(name):
            yield Assignment(name, split_unknown(rest, unknown) if sign else (Unknown(f"${name}"),), *place(item))


def variables(node: Node | None, unknown: re.Pattern[str]) -> tuple[Assignment, ...]:
    """Variables in any of the three forms, and as a list of mappings."""
    each = (pair for item in items(node) if get(item, "name") is None for pair in mapping(item, unknown))
    return (*mapping(node, unknown), *named(node, unknown), *lines(node, unknown), *each)


def undoubled(found: Text) -> Text:
    """The value with each ``$$`` as ``$``."""
    return joined(piece.replace("$$", "$") if isinstance(piece, str) else piece for piece in found)
