"""A client start with some of its variables changed, each in the place where it wins today, every other byte kept.

How the client reads its documents is part of what a trace observes, so nothing else is rewritten.
Pure: a ``Snapshot`` goes in and one comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from claude_gw_cli.core.jsontext import parse_pointer, set_value
from claude_gw_cli.core.layers import WHITESPACE, document, effective
from claude_gw_cli.core.snapshot import SettingsFile, Snapshot
from claude_gw_cli.record import replace


def redirected(snapshot: Snapshot, values: Mapping[str, str]) -> tuple[Snapshot, tuple[str, ...]]:
    """The start with these variables set to these values, and the names that managed settings pin otherwise.

    Args:
        snapshot: the start as it is.
        values: variable -> value; set in the environment, and in the document where another value would win.
    """
    layers = effective(snapshot)
    process = {**snapshot.process, **values}
    files = list(snapshot.files)
    pinned: list[str] = []
    for name, value in values.items():
        origin = layers.variables[name].winner.origin if name in layers.variables else None
        if origin is None or origin.pointer is None or layers.text(name) == value:
            continue
        at = next((n for n, item in enumerate(files) if (item.scope, item.file) == (origin.scope, origin.file)), None)
        if at is None or origin.scope == "managed":
            pinned.append(name)
        else:
            files[at] = _edited(files[at], origin.pointer, value, snapshot)
    return replace(snapshot, process=process, files=tuple(files)), tuple(pinned)


def _edited(file: SettingsFile, pointer: str, value: str, snapshot: Snapshot) -> SettingsFile:
    text = set_value(file.text or "", parse_pointer(pointer), value)
    version = snapshot.client_version
    return document(file.scope, file.file, text, snapshot.arguments, kind=file.kind, mode=file.mode, version=version)


def on_recorder(base: str, recorder: str) -> str | None:
    """The base URL with the recorder's scheme and host instead; ``None`` if it is not an HTTP URL."""
    if not re.match(r"https?://[^/\s]", base.strip(WHITESPACE), re.IGNORECASE):
        return None
    parts, target = urlsplit(base.strip(WHITESPACE)), urlsplit(recorder)
    user, at, _ = parts.netloc.rpartition("@")
    return urlunsplit((target.scheme, user + at + target.netloc, parts.path, parts.query, parts.fragment))


def origin_of(url: str) -> str:
    """Scheme and host of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
