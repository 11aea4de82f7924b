"""Completion scripts for five shells: the grammar as data of the shell, and the part that reads it, ``cgw.SHELL``.

nushell has declarations of external commands instead, and needs no such part.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from claude_gw_cli import __version__
from claude_gw_cli.cli.completion.grammar import grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from claude_gw_cli.cli.completion.grammar import Described, Grammar, Node, Option


def script(shell: str, platform: str = sys.platform) -> str:
    """The whole script; its first line says what made it.

    Args:
        shell: a key of ``RENDERERS``.
        platform: as ``sys.platform``; it decides where profiles are.
    """
    made = f"# Completion of cgw {__version__} for {shell}. To renew it: cgw --install-completion {shell}\n\n"
    return made + RENDERERS[shell](grammar(), platform)


def _bash(known: Grammar, platform: str) -> str:
    def row(node: Node) -> str:
        kinds = [f"{kind or 'none'}{'*' if repeats else ''}" for _, kind, repeats in _arguments(node)]
        return (
            f"next={_posix(' '.join(word for word, _ in node.words))} "
            f"options={_posix(' '.join(map(_entry, node.options)))} arguments={_posix(' '.join(kinds))}"
        )

    table = _cases("_cgw_table", known.nodes, row)
    lists = _cases(
        "_cgw_list", known.lists, lambda words: f"candidates+=({_all(_posix, (word for word, _ in words))})"
    )
    return table + lists + _reader("bash", platform)


def _zsh(known: Grammar, platform: str) -> str:
    def row(node: Node) -> str:
        return (
            f"next=({_all(_posix, _with_meaning(node.words))}) options=({_all(_posix, _explained(node.options))}) "
            f"arguments=({_all(_posix, (kind for _, kind in node.arguments))}) "
            f"repeats={'yes' if node.repeats else ''}"
        )

    table = _cases("_cgw_table", known.nodes, row)
    lists = _cases("_cgw_list", known.lists, lambda words: f"entries+=({_all(_posix, _with_meaning(words))})")
    return table + lists + _reader("zsh", platform)


def _fish(known: Grammar, platform: str) -> str:
    def switch(function: str, rows: dict[str, str]) -> str:
        cases = "".join(f"        case {_fish_quoted(words)}\n            {row}\n" for words, row in rows.items())
        return f'function {function} --no-scope-shadowing\n    switch "$argv[1]"\n{cases}    end\nend\n\n'

    def row(node: Node) -> str:
        return (
            f"set next {_all(_fish_quoted, _with_meaning(node.words))}; "
            f"set options {_all(_fish_quoted, _explained(node.options))}; "
            f"set arguments {_all(_fish_quoted, (kind for _, kind in node.arguments))}; "
            f"set repeats {'yes' if node.repeats else _fish_quoted('')}"
        )

    table = switch("__cgw_table", {words: row(node) for words, node in known.nodes.items()})
    lists = {
        name: f"printf '%s\\n' {_all(_fish_quoted, _with_meaning(words))}" for name, words in known.lists.items()
    }
    return table + switch("__cgw_list", lists) + _reader("fish", platform)


def _powershell(known: Grammar, platform: str) -> str:
    def rows(items: Iterable[tuple[str | None, ...]]) -> str:
        return "@(" + ", ".join(f"@({', '.join(map(_powershell_quoted, item))})" for item in items) + ")"

    def described(words: Iterable[Described]) -> str:
        return rows((word, meaning or word) for word, meaning in words)

    table = [
        f"        {_powershell_quoted(words)} = @{{ next = {described(node.words)}; options = "
        f"{rows((item.spelling, item.help, item.kind) for item in node.options)}; arguments = "
        f"@({_all(_powershell_quoted, (kind for _, kind in node.arguments), ', ')}); "
        f"repeats = ${str(node.repeats).lower()} }}\n"
        for words, node in known.nodes.items()
    ]
    lists = [f"        {_powershell_quoted(name)} = {described(words)}\n" for name, words in known.lists.items()]
    return _reader("ps1", platform).replace("@TABLE@\n", "".join(table)).replace("@LISTS@\n", "".join(lists))


def _nu(known: Grammar, platform: str) -> str:
    def values(words: Iterable[Described]) -> str:
        return ", ".join(
            f"{{value: {_nu_quoted(word)}, description: {_nu_quoted(meaning)}}}" for word, meaning in words
        )

    def completer(kind: str | None) -> str:
        return "" if kind is None else f": string@{kind}" if kind in named else f": {_NU_TYPES.get(kind, 'any')}"

    def declared(words: str, node: Node) -> Iterator[str]:
        yield f"    # {node.help}\n    export extern {_nu_quoted(f'cgw {words}'.strip())} ["
        for option in node.options:
            short = f"({option.short})" if option.short else ""
            yield f"        {option.spelling}{short}{completer(option.kind)} # {option.help}"
        for name, kind, repeats in _arguments(node):
            rest = repeats or kind == "program"
            yield f"        {'...' if rest else ''}{name}{'' if rest else '?'}{completer(kind)}"
        yield "    ]"

    named = {"profile", "helper", *known.lists}
    lists = [f"    def {name} [] {{ [{values(words)}] }}\n" for name, words in known.lists.items()]
    externs = ["\n".join(declared(words, node)) for words, node in known.nodes.items()]
    return _reader("nu", platform).replace("@LISTS@\n", "".join(lists)).replace("@EXTERNS@", "\n\n".join(externs))


_NU_TYPES = {"file": "path", "directory": "directory"}


def _arguments(node: Node) -> Iterator[tuple[str, str, bool]]:
    """Name and kind of each argument, and whether more words of it can follow, which only the last one's can."""
    for place, (name, kind) in enumerate(node.arguments, 1):
        yield name, kind, node.repeats and place == len(node.arguments)


def _cases(function: str, rows: dict[str, Node] | dict[str, tuple[Described, ...]], row: Callable[..., str]) -> str:
    """A POSIX function that sets what belongs to its first argument."""
    lines = "".join(f"        {_posix(words)}) {row(node)} ;;\n" for words, node in rows.items())
    return f'{function}() {{\n    case "$1" in\n{lines}    esac\n}}\n\n'


def _reader(ending: str, platform: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), f"cgw.{ending}"), encoding="utf-8") as file:
        below_home = "Library/Application Support" if platform == "darwin" else ".config"
        return file.read().replace("@BELOW_HOME@", below_home)


def _entry(option: Option) -> str:
    return option.spelling if option.kind is None else f"{option.spelling}={option.kind}"


def _explained(options: Iterable[Option]) -> Iterator[str]:
    return (f"{_entry(option)}\t{option.help}" for option in options)


def _with_meaning(words: Iterable[Described]) -> Iterator[str]:
    return (f"{word}\t{meaning}" if meaning else word for word, meaning in words)


def _all(quoted: Callable[[str], str], words: Iterable[str], between: str = " ") -> str:
    return between.join(map(quoted, words))


def _posix(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _powershell_quoted(text: str | None) -> str:
    return "$null" if text is None else "'" + text.replace("'", "''") + "'"


def _nu_quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


RENDERERS = {"bash": _bash, "zsh": _zsh, "fish": _fish, "nu": _nu, "powershell": _powershell}
