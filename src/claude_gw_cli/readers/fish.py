r"""Fish: ``set -gx NAME value``, ``NAME=value command``, ``env``, in functions and blocks.

Inside single quotes only ``\'`` and ``\\`` are escapes, inside double quotes ``\" \$ \\`` and a line break (fish's
documentation, "Quotes"). ``$NAME``, ``(command)``, ``{a,b}`` and wildcards are unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Piece, Start, Text, Unknown, is_name, joined, places
from claude_gw_cli.readers.scopes import Scopes

_TOKEN = lazy(
    r"""(?P<space>[ \t]+|\\\n)|(?P<end>[\n;|&]+)|(?P<comment>\#[^\n]*)
    |(?P<word>(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\((?:[^()]|\([^()]*\))*\)|\\.|[^\s;|&'"\\()])+)|(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_PART = lazy(
    r"""'(?P<single>(?:\\.|[^'\\])*)'|"(?P<double>(?:\\.|[^"\\])*)"
    |(?P<unknown>\$?\((?:[^()]|\([^()]*\))*\)|\$[\w\[\]]+|[*?]|\{[^}]{0,999}\})
    |\\(?:(?P<byte>[xX][0-9a-fA-F]{1,2})|(?P<code>[uU][0-9a-fA-F]{1,8})|(?P<octal>[0-7]{1,3})|(?P<escape>.))
    |(?P<plain>[^'"\\$*?{(]+|.)""",
    re.VERBOSE | re.DOTALL,
)
_EXPANDED = lazy(
    r"\\(?P<escape>[\"\\$\n])|(?P<unknown>\$\w+|\$?\((?:[^()]|\([^()]*\))*\))|(?P<plain>[^\\$(]+|.)", re.DOTALL
)
_QUOTE = lazy(r"['\"]")
_OPENS = frozenset({"function", "if", "for", "while", "switch", "begin"})
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
Word = tuple[str, int]
"""A word as it is written, and its offset."""
Place = Callable[[int], tuple[int, int]]


def read(text: str) -> Iterator[Start]:
    """Every process that the script starts, or that is started after it was sourced."""
    place, scopes = places(text), Scopes()
    blocks: list[ExitStack] = []
    for statement in _statements(text):
        words, first = statement, statement[0][0]
        if first in _OPENS:
            blocks.append(ExitStack())
            blocks[-1].enter_context(scopes.inner())
            words = words[1:] if first in {"if", "while", "begin"} else []
        elif first == "end":
            if blocks:
                blocks.pop().close()
            continue
        elif first in {"and", "or", "not", "else", "command", "builtin"}:
            words = words[1:]
        if words:
            _statement(words, scopes, place)
    while blocks:
        blocks.pop().close()
    yield from scopes.finish(text)


def _statements(text: str) -> Iterator[list[Word]]:
    words: list[Word] = []
    for token in _TOKEN.finditer(text):
        limits.check()
        if token.lastgroup in {"word", "other"}:
            words.append((token[0], token.start()))
        elif token.lastgroup == "end" and words:
            yield words
            words = []
    if words:
        yield words


def _statement(words: list[Word], scopes: Scopes, place: Place) -> None:
    first = words[0][0]
    if first == "set":
        _set(words[1:], scopes, place)
    elif first == "export":
        for word, at in words[1:]:
            _pair(word, at, scopes, place)
    elif first == "alias" and (quote := _QUOTE.search(words[-1][0])):
        start = words[-1][1] + quote.end()
        with scopes.inner():
            for inner in _statements(words[-1][0][quote.end() : -1]):
                _statement(inner, scopes, lambda offset: place(start + offset))
    else:
        rest = words[1:] if first.rpartition("/")[2] == "env" else words
        is_alone = rest is words and all("=" in word for word, _ in words)
        with scopes.inner():
            for word, at in rest:
                why = "fish takes `NAME=value` only before a command" if is_alone else ""
                if not _pair(word, at, scopes, place, why) and not word.startswith("-"):
                    break


def _set(words: list[Word], scopes: Scopes, place: Place) -> None:
    options = ""
    while words and words[0][0].startswith("-"):
        option = words.pop(0)[0]
        options += {"--export": "x", "--erase": "e", "--unexport": "u", "--query": "q"}.get(
            option, "" if option.startswith("--") else option[1:]
        )
    if not words or "q" in options:
        return
    if not is_name(words[0][0]):
        _pair(*words[0], scopes, place, "`set` takes no equals sign")
        return
    (name, at), values = words[0], [_value(word, scopes) for word, _ in words[1:]]
    value = joined(piece for index, item in enumerate(values) for piece in ((" ", *item) if index else item))
    if "e" in options:
        scopes.export(Assignment(name, None, *place(at)))
    elif "x" in options or (scopes.is_exported(name) and "u" not in options):
        scopes.export(Assignment(name, value, *place(at)))
    else:
        scopes.lose(Assignment(name, value, *place(at)))


def _pair(word: str, at: int, scopes: Scopes, place: Place, why: str = "") -> bool:
    """``NAME=value`` before a command, or why no process gets it."""
    name, sign, rest = word.partition("=")
    if not sign or not is_name(name):
        return False
    item = Assignment(name, _value(rest, scopes), *place(at))
    if why:
        scopes.lose(item, why)
    else:
        scopes.export(item)
    return True


def _value(word: str, scopes: Scopes) -> Text:
    found: list[Piece] = []
    raw = b""
    for part in _PART.finditer(word):
        if part["byte"] or part["octal"]:  # bytes of one character come one after the other
            raw += bytes([int(part["byte"][1:], 16) if part["byte"] else int(part["octal"], 8) & 255])
            continue
        if part["single"] == "":
            continue
        found.append(raw.decode("utf-8", "replace"))
        raw = b""
        if part["single"] is not None:
            found.append(re.sub(r"\\([\\'])", r"\1", part["single"]))
        elif part["double"] is not None:
            found += _expanded(part["double"], scopes)
        elif part["unknown"]:
            found += _variable(part["unknown"], scopes)
        elif part["code"]:
            found.append(chr(min(int(part["code"][1:], 16), 0x10FFFF)))
        elif part["escape"]:
            found.append(_LETTERS.get(part["escape"], part["escape"]))
        elif part["plain"].startswith("~") and not found[:-1]:
            found += [Unknown("~"), part["plain"][1:]]
        else:
            found.append(part["plain"])
    return joined([*found, raw.decode("utf-8", "replace")])


def _expanded(text: str, scopes: Scopes) -> Iterator[Piece]:
    for part in _EXPANDED.finditer(text):
        if part["unknown"]:
            yield from _variable(part["unknown"], scopes) if part["unknown"][0] == "$" else (part["unknown"],)
        elif part["escape"]:
            yield "" if part["escape"] == "\n" else part["escape"]
        else:
            yield part["plain"]


def _variable(text: str, scopes: Scopes) -> Text:
    return scopes.value(text[1:], text) if text[0] == "$" and is_name(text[1:]) else (Unknown(text),)
