"""Buildkite: ``env`` of the pipeline and of steps, commands, and variables of plugins that start containers.

``$A`` and ``${A}`` are filled in when the pipeline is uploaded; ``$$A`` is the job's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.readers.ci import Reading, System
from claude_gw_cli.readers.common import Start

_SYSTEM = System(frozenset({"env", "environment"}), {"command": "shell", "commands": "shell"})


def read(text: str, path: str) -> Iterator[Start]:
    """What each step gets.

    Raises:
        NotReadableError: it is not YAML.
    """
    _ = path
    yield from Reading(_SYSTEM, text).starts()
