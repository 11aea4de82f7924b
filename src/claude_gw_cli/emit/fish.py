r"""Text for fish: `cgw env --shell fish | source`, or `eval (cgw env --shell fish)`, which splits at line breaks.

Inside single quotes fish knows only `\'` and `\\`; everything else that is not printable ASCII is written between
them as `\n` or `\XHH`, a raw byte in every locale (`\u…` is not: it becomes `?` under LC_ALL=C).
"""

from __future__ import annotations

from claude_gw_cli.emit.common import by_line, is_plain


def _char(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    if " " <= char <= "~":
        return char
    return "'\\n'" if char == "\n" else "'" + "".join(f"\\X{byte:02x}" for byte in char.encode()) + "'"


def assign(name: str, value: str) -> str:
    """A global export; it shadows a universal variable of the same name and does not touch it."""
    text = value if is_plain(value) else "'" + "".join(map(_char, value)) + "'"
    return f"set -gx {name} {text};"


def unset(name: str) -> str:
    """Erases the global variable.

    A universal one belongs to all sessions and survives them, so it is not ours to erase. fish 3.6 exports it even
    when an unexported global shadows it (measured); an empty global hides it, which Claude Code takes as unset.
    """
    return f"set -eg {name}; if set -qU {name}; set -gx {name} ''; end;"


RENDERERS = {"fish": by_line(assign, unset)}
