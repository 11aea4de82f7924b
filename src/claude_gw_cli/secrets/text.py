"""What servers and programs say, made fit for a terminal and a log: one line, clipped, no controls, no keys."""

from __future__ import annotations

import re

from claude_gw_cli.core.secret import mask

_LONGEST = 200
# Long and mixed, as keys, hashes and tokens are; dots and slashes divide, so that hosts and paths stay readable.
_LONG_WORD = re.compile(r"[A-Za-z0-9_~+=-]{20,}")


def shown(text: str) -> str:
    """At most 200 characters of foreign text on one line; control and invisible characters become blanks.

    Words that may be keys are masked: a tool in trouble prints its token, a server repeats what it was sent.
    The slice comes first: the text may have megabytes.
    """
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:4096]).split())
    line = _LONG_WORD.sub(lambda found: _masked(found[0]), line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _masked(word: str) -> str:
    mixed = any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
    return mask(word) if mixed else word
