"""Editors' JSON with comments: devcontainer.json, and the settings of VS Code and editors based on it.

``${localEnv:NAME}``, ``${env:NAME}`` and the like are unknown and have no escape.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.jsontext import Document
from claude_gw_cli.core.layers import js_text
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, Start, is_name, split_unknown
from claude_gw_cli.readers.jsonc import document

_UNKNOWN = lazy(r"\$\{(?:\w+:[^}]{0,999}|[a-z]\w*)\}")
_CUT = lazy(r"\$\{(?:local|container)Env:\w+:[^:}]*:")
"""Measured with @devcontainers/cli 0.89.0, which gives no warning."""
_LIST = "claudeCode.environmentVariables"
_ENV = frozenset({"-e", "--env"})
_TERMINAL = "terminal.integrated.env."


def read(text: str) -> Iterator[Start]:
    """What the container, the extension and the terminal get.

    Raises:
        NotReadableError: it is not JSON, even without comments.
    """
    found = document(text)
    container = (*_run_arguments(found), *_mapping(found, ("containerEnv",)), *_mapping(found, ("remoteEnv",)))
    yield Start(container, listens=_listens(found))
    editor = ((), ("settings",), ("customizations", "vscode", "settings"))  # a workspace's file, a devcontainer's
    for place in editor:
        settings = found.get(place)
        for name in settings if isinstance(settings, dict) else ():
            if name == _LIST:
                yield Start((*container, *_list(found, (*place, name))))
            elif name.startswith(_TERMINAL):
                yield Start((*container, *_mapping(found, (*place, name))))


def _run_arguments(found: Document) -> Iterator[Assignment]:
    """``"runArgs": ["-e", "NAME=value", "--env=NAME=value"]``."""
    given = found.get(("runArgs",))
    before = ""
    for index, item in enumerate(given if isinstance(given, list) else ()):
        text = js_text(item)
        option, _, rest = text.partition("=")
        name, has_value, value = (rest if option in _ENV else text if before in _ENV else "").partition("=")
        if has_value and is_name(name):
            yield Assignment(
                name, split_unknown(value, _UNKNOWN), *(found.locate(("runArgs", str(index)), of="value") or (1, 1))
            )
        before = text


def _listens(found: Document) -> frozenset[str] | None:
    """The ports that a container forwards; ``None`` where its network is the host's, or a Compose file says which."""
    if found.get(("dockerComposeFile",)) is not None or "--net" in js_text(found.get(("runArgs",)) or ""):
        return None
    members = (found.get((name,)) for name in ("forwardPorts", "appPort"))
    return frozenset(
        js_text(port).rpartition(":")[2]
        for ports in members
        for port in (ports if isinstance(ports, list) else (ports,))
    )


def _mapping(found: Document, pointer: tuple[str, ...]) -> Iterator[Assignment]:
    members = found.get(pointer)
    for name, value in members.items() if isinstance(members, dict) else ():
        at = found.locate((*pointer, name), of="key") or (1, 1)
        text = js_text(value)
        cut = ("where the variable is not set, the default is cut at its colon", "write the value itself")
        why, instead = cut if _CUT.search(text) else ("", "")
        yield Assignment(name, None if value is None else split_unknown(text, _UNKNOWN), *at, why, instead)


def _list(found: Document, pointer: tuple[str, ...]) -> Iterator[Assignment]:
    members = found.get(pointer)
    if isinstance(members, dict):
        yield from _mapping(found, pointer)
    for index, item in enumerate(members if isinstance(members, list) else ()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(item, dict) and isinstance(name, str):
            at = found.locate((*pointer, str(index), "name"), of="key") or (1, 1)
            yield Assignment(name, split_unknown(js_text(item.get("value", "")), _UNKNOWN), *at)
