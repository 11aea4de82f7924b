"""Bash text for programs that run it before a job or in a folder: direnv, CircleCI, Buildkite. It unsets for real.

An expression for the key (a variable, a command of the program) is between double quotes, next to the quoted text.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, referring
from claude_gw_cli.emit.posix import quoted_ansi, unset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets


def assign(name: str, value: str) -> str:
    """An export."""
    parts = referring(value)
    if not parts:
        return f"export {name}={quoted_ansi(value)};"
    before, after = (quoted_ansi(text) if text else "" for text in (parts.before, parts.after))
    return f'export {name}={before}"{parts.key}"{after};'


_LINES = by_line(assign, unset)


def hook(sets: Sets, unsets: Unsets) -> str:
    """The same for a file that is run by its first line."""
    text = _LINES(sets, unsets)
    return f"#!/usr/bin/env bash\n{text}" if text else ""


RENDERERS = {"direnv": _LINES, "circleci": _LINES, "buildkite": hook}
