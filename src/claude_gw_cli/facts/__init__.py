"""What Claude Code and the gateways do, as data with a source. No decisions; it reads its own tables only."""

from __future__ import annotations

import os


def table(name: str) -> list[tuple[str, str]]:
    """The rows of a text table of this package: the line at the margin, and what is indented below it as one line.

    Lines that begin with ``#`` are comments.
    """
    path = os.path.join(os.path.dirname(__file__), f"{name}.txt")
    text: str = __loader__.get_data(path).decode()  # type: ignore[name-defined]  # also where the package is in a zip
    lines = "\n".join(line for line in text.split("\n") if not line.startswith("#")).replace("\n  ", "\0")
    rows = (row.partition("\0") for row in lines.split("\n") if row)
    return [(head, below.replace("\0", " ")) for head, _, below in rows]
