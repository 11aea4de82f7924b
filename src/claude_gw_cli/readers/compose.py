"""Docker Compose: ``environment`` of each service and its build's ``args``, as a mapping or a list.

``$$`` is a dollar sign; ``$NAME`` and ``${NAME}`` come from outside, as a name without a value does. Files that
``env_file`` names are read as what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.common import Assignment, Start
from claude_gw_cli.record import replace

_UNKNOWN = lazy(r"(?<!\$)\$(?:\{[^}]*\}|[A-Za-z_]\w*)")


def read(text: str, path: str) -> Iterator[Start]:
    """What each service gets.

    Raises:
        NotReadableError: it is not YAML.
    """
    _ = path
    for root in yamltree.documents(text):
        for _name, service in yamltree.pairs(yamltree.get(root, "services")):
            for node in (yamltree.get(service, "environment"), yamltree.get(service, "build", "args")):
                found = (*yamltree.mapping(node, _UNKNOWN), *yamltree.lines(node, _UNKNOWN))
                if found:
                    yield Start(tuple(map(_plain, found)))


def _plain(item: Assignment) -> Assignment:
    return replace(item, value=yamltree.undoubled(item.value or ()))
