"""What servers and programs say, made fit for a terminal and a log: one line, clipped, no control characters."""

from __future__ import annotations

_LONGEST = 200


def shown(text: str) -> str:
    """At most 200 characters of foreign text on one line; control and invisible characters become blanks.

    The slice comes first: the text may have megabytes.
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:4096]).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
