"""Bitbucket Pipelines: the scripts of steps, ``variables`` of pipes and of pipelines that a person starts."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.readers.ci import Reading, System
from claude_gw_cli.readers.common import Start

_SYSTEM = System(frozenset({"variables", "environment"}), {"script": "shell", "after-script": "shell"})


def read(text: str, path: str) -> Iterator[Start]:
    """What each step gets.

    Raises:
        NotReadableError: it is not YAML.
    """
    _ = path
    yield from Reading(_SYSTEM, text).starts()
