"""Other YAML files with variables: values of Helm charts, kustomizations, playbooks, functions, profiles by name.

Every mapping or list with a variable of the client counts, wherever it is: ``NAME: value``, ``name`` and ``value``,
or ``NAME=value``. What templates and other programs fill in is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from claude_gw_cli.readers import is_own, yamltree
from claude_gw_cli.readers.common import Assignment, Start, known
from claude_gw_cli.record import replace

_WORDS = 2
"""The most that a value has: ``Bearer KEY``, if by mistake."""


def read_named(text: str, path: str) -> Iterator[Start]:
    """The variables of each mapping and list.

    Raises:
        NotReadableError: it is not YAML.
    """
    of_chart = path.replace("\\", "/").rpartition("/")[2].startswith("values")
    for root in yamltree.documents(text):
        yield from (replace(start, in_cluster=of_chart) for start in below(root))


def below(root: yamltree.Node) -> Iterator[Start]:
    """The same for a part of a document."""
    for node in yamltree.walk(root):
        found = yamltree.variables(node, yamltree.TEMPLATE)
        if any(is_own(item.name) for item in found) and not has_prose(found):
            yield Start(found)


def has_prose(found: Iterable[Assignment]) -> bool:
    """Whether these are texts for people, such as translations and descriptions, under names of variables."""
    return any(
        len((known(item.value or ()) or "").split(" ")) > _WORDS and is_own(item.name) and "HEADERS" not in item.name
        for item in found
    )
