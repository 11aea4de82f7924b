"""The first words of a command as ``/bin/sh`` would expand them, as far as that needs no shell."""

from __future__ import annotations

from claude_gw_cli.core.patterns import DOTALL, lazy
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIECE = lazy(
    r"""(?P<space>[ \t]+)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\$`]|\\.|\$HOME\b|\$\{HOME\})*)"|\\(?P<escaped>.)|"""
    r"""(?P<home>\$HOME\b|\$\{HOME\})|(?P<plain>[^\s'"\\$`|&;<>()*?\[]+)""",
    DOTALL,
)
_IN_QUOTES = lazy(r"\$HOME\b|\$\{HOME\}|\\([\"\\$`])")
_END = frozenset("|&;<>()\n")
_HARMLESS = lazy(r"&&|>&|#.*")
_FOLLOWED = lazy(r"\|\||[;&\n]")
_ASSIGNMENT = lazy(r"[A-Za-z_]\w*=")
_PATH = lazy(r"\bPATH=", needs=("path=",))
_SET = "\0"  # marks an assignment before the command
# What a shell answers itself: whether such a command works, only a shell could tell.
BUILTINS = frozenset({
    ".", ":", "[", "alias", "bg", "break", "builtin", "case", "cd", "command", "continue", "declare", "do", "echo",
    "eval", "exec", "exit", "export", "false", "fg", "for", "function", "getopts", "hash", "if", "jobs", "kill",
    "let", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "times",
    "trap", "true", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while", "{", "!", "[[",
})  # fmt: skip


def first_words(command: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """The words of the first simple command, expanded; none where it takes a shell, or other commands count.

    ``~/`` means something only without quotes, ``$HOME`` not in single ones; assignments before it are left out.
    """
    text, home = command.strip(), env.get("HOME", "")
    if _PATH.search(text) or (not home and not {"~", "$"}.isdisjoint(text)):
        return ()
    words: list[str] = []
    word: str | None = None
    place = 0
    while found := _PIECE.match(text, place):
        kind, piece = found.lastgroup, found[found.lastgroup or 0]
        if kind == "plain" and word is None and piece.startswith("#"):
            break
        place = found.end()
        if kind == "space":
            words += [word] if word is not None else []
            word = None
            continue
        if kind == "home":
            piece = home
        elif kind == "double":
            piece = _IN_QUOTES.sub(lambda inner: inner[1] or home, piece)
        elif kind == "plain" and word is None and (piece == "~" or piece.startswith("~/")):
            piece = home + piece[1:]
        elif kind == "plain" and word is None and set(words) <= {_SET} and _ASSIGNMENT.match(piece):
            piece = _SET
        word = piece if word is None else _SET if word == _SET else word + piece
    stop = text[place : place + 1]
    if stop and stop not in _END and stop != "#":
        return ()
    if word is not None and not (stop in {"<", ">"} and word.isdigit()):  # the number of a redirected descriptor
        words.append(word)
    # Where another command replaces it or follows it, this one may fail without harm.
    if _FOLLOWED.search(_HARMLESS.sub("", text[place:])):
        return ()
    return tuple(item for item in words if item != _SET)
