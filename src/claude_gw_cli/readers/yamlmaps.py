"""Other YAML files with variables: values of Helm charts, kustomizations, playbooks, functions, profiles by name.

Every mapping or list with a variable of the client counts, wherever it is: ``NAME: value``, ``name`` and ``value``,
or ``NAME=value``. What templates and other programs fill in is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from claude_gw_cli import readers
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import is_own
from claude_gw_cli.readers import embedded, yamltree
from claude_gw_cli.readers.common import Assignment, NotReadableError, Start, known
from claude_gw_cli.record import replace

_NAMES = ("ANTHROPIC_", "CLAUDE_")
_SETS = lazy(r"(?:^|[\s;&|])export[ \t]+(?:ANTHROPIC|CLAUDE)_\w+")
"""A line of a shell script, in a text of which nothing else says that it is one."""
_WORDS = 2
"""The most that a value has: ``Bearer KEY``, if by mistake."""


def read_named(text: str, path: str) -> Iterator[Start]:
    """The variables of each mapping and list.

    Raises:
        NotReadableError: it is not YAML.
    """
    of_chart = path.replace("\\", "/").rpartition("/")[2].startswith("values")
    for root in yamltree.documents(text):
        yield from (replace(start, in_cluster=of_chart) for start in below(root, text.split("\n")))


def below(root: yamltree.Node, lines: Sequence[str]) -> Iterator[Start]:
    """The same for a part of a document of these lines."""
    yield from inside(root, lines)
    for node in yamltree.walk(root):
        found = yamltree.variables(node, yamltree.TEMPLATE)
        if any(is_own(item.name) for item in found) and not has_prose(found):
            yield Start(found)


def inside(root: yamltree.Node, lines: Sequence[str]) -> Iterator[Start]:
    """What scripts and files set that are texts of the document: of a playbook, a ConfigMap, a cloud-init."""
    for node in yamltree.walk(root):
        given = {key.value: yamltree.text_of(item) for key, item in yamltree.pairs(node)}
        for key, item in yamltree.pairs(node):
            text = given[key.value]
            if _SETS.search(text) if "\n" not in text else any(mark in text for mark in _NAMES):
                name = given.get("path") or given.get("dest") or "" if key.value == "content" else key.value
                yield from _of_text(name, *yamltree.script(item, lines))
        for item in yamltree.items(node):
            if _SETS.search(yamltree.text_of(item)):
                yield from _of_text("", *yamltree.script(item, lines))


def _of_text(name: str, text: str, at: yamltree.At) -> Iterator[Start]:
    folder, _, last = name.rpartition("/")
    fitting = readers.by_content(readers.by_name(last, folder), text) if "." in last else ()
    if not fitting or fitting[0].module == "shell":
        yield from embedded.run(text, at, filled=yamltree.TEMPLATE)[0] if _SETS.search(text) else ()
        return
    module = __import__(f"claude_gw_cli.readers.{fitting[0].module}", fromlist=["read"])
    with suppress(NotReadableError, AttributeError):
        for start in module.read_named(text, name) if hasattr(module, "read_named") else module.read(text):
            moved = (
                replace(one, line=row, column=column)
                for one in start.assignments
                for row, column in (at(one.line, one.column),)
            )
            yield replace(start, assignments=tuple(moved))


def has_prose(found: Iterable[Assignment]) -> bool:
    """Whether these are texts for people, such as translations and descriptions, under names of variables."""
    return any(
        len((known(item.value or ()) or "").split(" ")) > _WORDS and is_own(item.name) and "HEADERS" not in item.name
        for item in found
    )
