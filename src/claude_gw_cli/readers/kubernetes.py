"""Kubernetes manifests: ``env`` of containers, ConfigMaps' ``data`` and Secrets' ``stringData`` and ``data``.

``$(NAME)`` in a value is another variable; ``$$(NAME)`` is the text itself. A value that comes from another object,
or that a program fills in before the cluster gets it (``{{ … }}``, ``${NAME}``), is unknown.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import yamlmaps, yamltree
from claude_gw_cli.readers.common import Assignment, Start, Unknown
from claude_gw_cli.record import replace

_UNKNOWN = lazy(r"(?<!\$)\$\([A-Za-z_]\w*\)|\$\{[^}]{0,999}\}|\{\{.{0,300}?\}\}")
_FILLED_IN = lazy(r"\A\$\{[^}]{0,999}\}\Z|\{\{.{0,300}?\}\}")
_BRACES = lazy(r"(?<!\$)\$\{([A-Za-z_]\w*)\}")
_PARENTHESES = lazy(r"(?<!\$)\$\(([A-Za-z_]\w*)\)")
_FILLED_IN_BEFORE = ("{", "<", "$", "ENC[", ":")
"""What the value of a Secret has that another program replaces before the cluster gets it."""
_KINDS = {
    f"tag:yaml.org,2002:{tag}": kind
    for tag, kind in (("int", "a number"), ("float", "a number"), ("bool", "a boolean"))
}
_DEPTH = 12
"""A CronJob's containers are eight levels deep."""


Maps = dict[tuple[str, str], list[Assignment]]
"""The kind and name of a ConfigMap or Secret of the file -> its members."""


def read(text: str) -> Iterator[Start]:
    """What each container gets, also from maps of the same file; a ConfigMap or a Secret is a set of variables, too.

    Raises:
        NotReadableError: it is not YAML (a chart's template, for example).
    """
    yield from (replace(start, in_cluster=True) for start in _starts(text))


def _starts(text: str) -> Iterator[Start]:
    objects = [found for root in yamltree.documents(text) for found in _objects(root)]
    lines = text.split("\n")
    maps: Maps = {}
    for kind, root in objects:
        if kind in {"ConfigMap", "Secret"}:
            found = _members(root, kind)
            maps[kind, yamltree.text_of(yamltree.get(root, "metadata", "name"))] = found
            yield Start(tuple(found))
        yield from yamlmaps.inside(root, lines)
    for kind, root in objects:
        if kind not in {"ConfigMap", "Secret"}:
            own = list(_containers(root, maps))
            # a kustomization, a release of a chart and others have variables elsewhere
            yield from own or yamlmaps.below(root, lines)


def _objects(root: yamltree.Node) -> Iterator[tuple[str, yamltree.Node]]:
    kind = yamltree.text_of(yamltree.get(root, "kind"))
    if kind == "List":
        for item in yamltree.items(yamltree.get(root, "items")):
            yield from _objects(item)
    else:
        yield kind, root


def _members(root: yamltree.Node, kind: str) -> list[Assignment]:
    plain = yamltree.get(root, "stringData" if kind == "Secret" else "data")
    values = {key.value: value for key, value in yamltree.pairs(plain)}
    found = [_checked(item, values.get(item.name)) for item in yamltree.mapping(plain, _FILLED_IN)]
    return found + list(_decoded(yamltree.get(root, "data"))) if kind == "Secret" else found


def _listens(container: yamltree.Node) -> frozenset[str]:
    ports = yamltree.items(yamltree.get(container, "ports"))
    return frozenset(yamltree.text_of(yamltree.get(port, "containerPort")) for port in ports)


def _decoded(node: yamltree.Node | None) -> Iterator[Assignment]:
    for key, item in yamltree.pairs(node):
        try:
            text = b64decode(yamltree.text_of(item), validate=True).decode()
        except (binascii.Error, ValueError):
            given = yamltree.text_of(item)
            why = "" if any(mark in given for mark in _FILLED_IN_BEFORE) else "Kubernetes takes only base64 in data"
            yield Assignment(
                key.value, (Unknown(given),), *yamltree.place(key), why, "write it under stringData" * bool(why)
            )
        else:
            yield Assignment(key.value, (text,) if text else (), *yamltree.place(key))


def _containers(node: yamltree.Node, maps: Maps, depth: int = 0) -> Iterator[Start]:
    if depth > _DEPTH:
        return
    for key, item in yamltree.pairs(node):
        if key.value in {"containers", "initContainers"}:
            containers = list(yamltree.items(item))
            # The containers of a pod share one network.
            alone = len(containers) == 1 and not any(
                yamltree.get(node, name) is not None for name in ("initContainers", "hostNetwork")
            )
            for container in containers:
                own = tuple(_own(yamltree.get(container, "env")))
                if found := (*_from_maps(container, maps), *own):
                    yield Start(found, listens=_listens(container) if alone else None)
        elif item.id == "mapping":
            yield from _containers(item, maps, depth + 1)


def _own(node: yamltree.Node | None) -> Iterator[Assignment]:
    """A container's ``env``."""
    found = tuple(yamltree.named(node, _UNKNOWN))
    names = {item.name for item in found}
    above = set[str]()
    for item, given in zip(found, _values(node), strict=True):
        below = [name for name in _PARENTHESES.findall(yamltree.text_of(given)) if name in names - above]
        above.add(item.name)
        if below:
            why = f"Kubernetes expands $({below[0]}) only if it is set above"
            yield replace(item, lost=why, instead=f"write {below[0]} above it")
            continue
        taken = _BRACES.search(yamltree.text_of(given))
        if taken and taken[1] in names:
            yield replace(item, lost=f"Kubernetes does not expand {taken[0]}", instead=f"write $({taken[1]})")
        else:
            yield _checked(item, given)


def _values(node: yamltree.Node | None) -> Iterator[yamltree.Node | None]:
    for item in yamltree.items(node):
        if (yamltree.get(item, "name") or yamltree.get(item, "key")) is not None:
            yield yamltree.get(item, "value")


def _checked(item: Assignment, given: yamltree.Node | None) -> Assignment:
    """The variable; lost if its value is not a text: the cluster refuses the object."""
    kind = _KINDS.get(given.tag) if given is not None else None
    if not kind:
        return item
    why = f"its value is {kind}, and Kubernetes refuses all but strings"
    return replace(item, lost=why, instead=f'write it in quotes: "{yamltree.text_of(given)}"')


def _from_maps(container: yamltree.Node, maps: Maps) -> Iterator[Assignment]:
    """What ``envFrom`` takes from maps of the same file."""
    for source in yamltree.items(yamltree.get(container, "envFrom")):
        prefix = yamltree.text_of(yamltree.get(source, "prefix"))
        for kind, reference in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            for item in maps.get((kind, yamltree.text_of(yamltree.get(source, reference, "name"))), ()):
                yield replace(item, name=prefix + item.name)
