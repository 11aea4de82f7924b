"""What servers and programs say, made fit for a terminal and a log: one line, clipped, no controls, no keys."""

from __future__ import annotations

from claude_gw_cli.core.redact import masked_words

_LONGEST = 200


def shown(text: str) -> str:
    """At most 200 characters of foreign text on one line; control and invisible characters become blanks.

    Words that may be keys are masked: a tool in trouble prints its token, a server repeats what it was sent.
    The slice comes first: the text may have megabytes.
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:4096]).split())
    line = masked_words(line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
