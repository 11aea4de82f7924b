"""What Claude Code and the gateways do, as data with a source. No decisions; it reads its own tables only."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def table(name: str) -> list[tuple[str, str]]:
    """The rows of a text table of this package: the line at the margin, and what is indented below it as one line.

    Lines that begin with ``#`` are comments.
    """
    path = os.path.join(os.path.dirname(__file__), f"{name}.txt")
    text: str = __loader__.get_data(path).decode()  # type: ignore[name-defined]  # also where the package is in a zip
    lines = "\n".join(line for line in text.split("\n") if not line.startswith("#")).replace("\n  ", "\0")
    rows = (row.partition("\0") for row in lines.split("\n") if row)
    return [(head, below.replace("\0", " ")) for head, _, below in rows]


def packaged(path: str) -> dict[str, Any]:
    """A TOML file of the package, by its path in there."""
    import tomllib
    from pkgutil import get_data

    return tomllib.loads((get_data("claude_gw_cli", path) or b"").decode())
