"""Docker Compose: ``environment`` of each service and its build's ``args``, as a mapping or a list.

``$$`` is a dollar sign; ``$NAME`` and ``${NAME}`` come from outside, as a name without a value does. Files that
``env_file`` names are read as what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamltree
from claude_gw_cli.readers.common import Assignment, Start, passed_to_build
from claude_gw_cli.record import replace

_UNKNOWN = lazy(r"(?<!\$)\$(?:\{[^}]{0,999}\}|[A-Za-z_]\w*)|\{\{.{0,300}?\}\}")


def read(text: str) -> Iterator[Start]:
    """What each service gets.

    Raises:
        NotReadableError: it is not YAML.
    """
    for root in yamltree.documents(text):
        for _name, service in yamltree.pairs(yamltree.get(root, "services")):
            for node, plain in (
                (yamltree.get(service, "environment"), _plain),
                (yamltree.get(service, "build", "args"), lambda item: passed_to_build(_plain(item))),
            ):
                found = (*yamltree.mapping(node, _UNKNOWN), *yamltree.lines(node, _UNKNOWN), *_misplaced(node))
                if found:
                    yield Start(tuple(map(plain, found)), listens=_listens(service))


def named_files(text: str) -> Iterator[tuple[str, str]]:
    """The env files that services take variables from; none where another program fills in the name.

    Raises:
        NotReadableError: it is not YAML.
    """
    for root in yamltree.documents(text):
        for _name, service in yamltree.pairs(yamltree.get(root, "services")):
            node = yamltree.get(service, "env_file")
            for item in (node, *yamltree.items(node)):
                name = yamltree.text_of(item) or yamltree.text_of(yamltree.get(item, "path"))
                if name and not _UNKNOWN.search(name):
                    yield name, "env file"


def _listens(service: yamltree.Node) -> frozenset[str] | None:
    """The ports that a service publishes; ``None`` where it has the network of the host or of another service."""
    if yamltree.get(service, "network_mode") is not None:
        return None
    ports = (*yamltree.items(yamltree.get(service, "ports")), *yamltree.items(yamltree.get(service, "expose")))
    texts = (yamltree.text_of(item) or yamltree.text_of(yamltree.get(item, "target")) for item in ports)
    return frozenset(text.partition("/")[0].rpartition(":")[2] for text in texts)


def _misplaced(node: yamltree.Node | None) -> Iterator[Assignment]:
    """``- NAME: value``, for which Compose refuses the file (measured, Compose 2)."""
    for item in yamltree.items(node):
        for one in yamltree.mapping(item, _UNKNOWN):
            yield replace(one, lost="Compose takes no mapping inside a list", instead=f"write - {one.name}=VALUE")


def _plain(item: Assignment) -> Assignment:
    return replace(item, value=yamltree.undoubled(item.value or ()))
