r"""Text for nushell. It cannot evaluate text at run time: a file is sourced, or JSON is loaded with `load-env`."""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line


def _char(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if " " <= char <= "~":
        return char
    return "\\n" if char == "\n" else f"\\u{{{ord(char):x}}}"


def assign(name: str, value: str) -> str:
    """An assignment to ``$env``."""
    return f'$env.{name} = "{"".join(map(_char, value))}";'


def unset(name: str) -> str:
    """``-i`` ignores what is not set."""
    return f"hide-env -i {name};"


RENDERERS = {"nu": by_line(assign, unset)}
