r"""Text for bash, zsh and every POSIX shell that survives `eval "$(cgw env)"` and also `eval $(cgw env)`.

Without the quotes the shell splits our text at whitespace, expands globs in it, and `eval` joins the words again with
one space. So the text holds no tab, no line break inside a statement, no two spaces in a row and no glob character:
all of those are octal escapes, and each statement ends with `;`. Octal, because `\xNN` eats further digits in
ksh93 and is unknown to `printf %b`. Bytes above 127 are escaped too: the text then means the same in every locale.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import PLAIN, by_line, is_plain

# Means itself between quotes even where splitting there makes it the first character of a word: zsh with GLOB_SUBST
# expands `=name` and `~name` at that moment, before the quotes mean anything.
_LITERAL = PLAIN | frozenset(" %")


def escaped(value: str, octal: str, *, keep_non_ascii: bool = False) -> str:
    r"""The value with everything that splitting or globbing could touch as escapes; ``octal`` is ``\`` or ``\0``."""

    def one(char: str) -> str:
        if char in _LITERAL or (keep_non_ascii and not char.isascii()):
            return char
        return r"\n" if char == "\n" else "".join(f"{octal}{byte:03o}" for byte in char.encode())

    return "".join(map(one, value)).replace("  ", f" {octal}040")


def quoted_ansi(value: str) -> str:
    """A word for bash and zsh, which know ``$'…'``."""
    if is_plain(value):
        return value
    text = escaped(value, "\\")
    return f"'{text}'" if text == value else f"$'{text}'"


def assign_ansi(name: str, value: str) -> str:
    """An export for bash and zsh."""
    return f"export {name}={quoted_ansi(value)};"


def assign_posix(name: str, value: str) -> str:
    """An export for any POSIX shell.

    POSIX has no ``$'…'`` before its 2024 edition; dash, ksh88 and OpenBSD's ksh do without. What needs escapes goes
    through ``printf %b``, one command substitution each, whose trimming of line breaks the final dot prevents.
    """
    if is_plain(value):
        return f"export {name}={value};"
    text = escaped(value, "\\0")
    if text == value:
        return f"export {name}='{text}';"
    return f"""export {name}="$(printf %b. '{text}')"; {name}="${{{name}%.}}";"""


def unset(name: str) -> str:
    """Unsetting what is not set succeeds in every POSIX shell, also under ``set -eu``."""
    return f"unset {name};"


_ANSI = by_line(assign_ansi, unset)
_POSIX = by_line(assign_posix, unset)
# OpenBSD's ksh, pdksh and ksh88 have no $'…', and ksh93 runs `$(printf …)` without a fork.
RENDERERS = {"bash": _ANSI, "zsh": _ANSI, "sh": _POSIX, "ksh": _POSIX}
