r"""Text for tcsh: eval "`cgw env --shell tcsh`", without those quotes too, and as a file for `source`.

The rules of splitting and globbing are those of `posix`. Whitespace and special characters are octal inside `$'…'`; a
csh that is too old for it stops with "Illegal variable name" instead of setting something wrong. Characters beyond
ASCII stay as they are: tcsh 6.24 reads an octal byte above 127 as a character in a UTF-8 locale (measured).
Known limit: under LC_ALL=C it loses bytes above 127 at each 4096th byte of the text between backticks; `source`
of a file has no such limit, nor has a UTF-8 locale.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, is_plain
from claude_gw_cli.emit.posix import escaped


def assign(name: str, value: str) -> str:
    """A setenv."""
    if is_plain(value):
        return f"setenv {name} {value};"
    text = escaped(value, "\\", keep_non_ascii=True)
    return f"setenv {name} '{text}';" if text == value else f"setenv {name} $'{text}';"


def unset(name: str) -> str:
    """Succeeds also for what is not set."""
    return f"unsetenv {name};"


RENDERERS = {"tcsh": by_line(assign, unset)}
