"""POSIX shell, bash, zsh and ksh: rc files, launchers, ``.envrc``; from the syntax tree of a real parser.

What is known is what a reader of the script knows without running it: literal text, and variables that the script
itself sets. All else (the environment, the output of commands, conditions) is unknown. Here-documents are text for
another program and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import (
    Assignment,
    NotReadableError,
    Piece,
    Start,
    Text,
    Unknown,
    is_name,
    joined,
    known,
)
from claude_gw_cli.readers.scopes import Scopes
from claude_gw_cli.readers.shelltext import ansi, bare, double_quoted, printf_b

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_DECLARE = frozenset({"declare", "typeset", "local", "readonly", "export"})
_BRANCHES = frozenset(
    {"if_statement", "elif_clause", "else_clause", "case_item", "while_statement", "for_statement", "subshell",
     "c_style_for_statement", "command_substitution", "process_substitution"}
)  # fmt: skip
_PLAIN_EXPANSION = lazy(r"\$\{(\w+)(?:(%%?|##?)([^\w\s*?\[\]{}$]*))?\}")
_STARTERS = frozenset({"exec", "command", "nohup", "sudo", "time", "builtin"})
_NO_STATEMENTS = frozenset({"heredoc_redirect", "heredoc_body", "comment", "string", "raw_string"})
_NESTED = 3
"""Scripts inside the text of a script (an alias, ``sh -c``) are read this deep."""


def read(text: str, path: str) -> Iterator[Start]:
    """Every process that the script starts, or that is started after it was sourced.

    Raises:
        NotReadableError: the parser does not understand where the variables are.
    """
    _ = path
    script = _Script(Scopes(), (1, 1))
    try:
        script.read(text)
        found = script.scopes.finish()
    except RecursionError:
        raise NotReadableError("nested too deeply") from None
    if script.broken and not any("ANTHROPIC_" in item.name for start in found for item in start.assignments):
        raise NotReadableError("the syntax is not understood", script.broken)
    yield from found


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


class _Script:
    def __init__(self, scopes: Scopes, origin: tuple[int, int], depth: int = 0) -> None:
        self.scopes = scopes
        self.broken: int | None = None
        self._origin = origin
        self._depth = depth
        self._data = b""
        self._lines: list[bytes] = []
        self._all = False

    def read(self, text: str) -> None:
        self._data = text.encode("utf-8", "surrogateescape")
        self._lines = self._data.split(b"\n")
        tree = _parser().parse(self._data)
        self._walk(tree.root_node)

    def _walk(self, node: Node) -> None:
        if node.is_error or node.is_missing:
            self.broken = self.broken or node.start_point[0] + self._origin[0]
            for child in node.named_children:
                # Around syntax of zsh alone. What encloses a statement is not known, so each is read by itself.
                with self.scopes.inner():
                    self._walk(child)
        elif node.type == "list" and node.named_child_count == 2 and node.named_children[0].type == "test_command":
            self._walk(node.named_children[0])
            with self.scopes.inner():  # [[ -n $A ]] && export B=c
                self._walk(node.named_children[1])
        elif node.type in _BRANCHES:
            with self.scopes.inner():
                self._children(node)
        elif (one := _STATEMENTS.get(node.type)) is not None:
            one(self, node)
        elif node.type not in _NO_STATEMENTS:
            self._children(node)

    def _children(self, node: Node) -> None:
        for child in node.named_children:
            self._walk(child)

    def unset_(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "variable_name":
                self.scopes.export(Assignment(self._text(child), None, *self._place(child)))

    def function_(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self.scopes.later(lambda: self._walk(body))

    def declare_(self, node: Node) -> None:
        """``export A=b``, ``typeset -x A``, ``local A=b``."""
        word = self._text(node.children[0])
        options = [self._text(child) for child in node.children[1:] if self._text(child)[:1] in {"-", "+"}]
        exports = (word == "export" and not any("n" in item or "f" in item for item in options)) or any(
            item[:1] == "-" and "x" in item for item in options
        )
        if word not in _DECLARE:
            return
        for child in node.named_children:
            if child.type == "variable_assignment":
                self.assign_(child, export=exports)
            elif child.type == "variable_name" and exports:
                name = self._text(child)
                self.scopes.export(Assignment(name, self.scopes.value(name, f"${name}"), *self._place(child)))
            elif child.type in {"string", "raw_string", "concatenation"}:
                self._pair(child, export=exports)

    def assign_(self, node: Node, *, export: bool = False) -> None:
        name_node = node.child_by_field_name("name")
        if name_node is None or name_node.type != "variable_name":
            return  # an item of an array
        name = self._text(name_node)
        value_node = node.child_by_field_name("value")
        value = self._value(value_node) if value_node is not None else ()
        if any(child.type == "+=" for child in node.children):
            value = joined([*self.scopes.value(name, f"${name}"), *value])
        if export or self._all or self.scopes.is_exported(name):
            self.scopes.export(Assignment(name, value, *self._place(name_node)))
        else:
            self.scopes.remember(name, value)

    def _pair(self, node: Node, *, export: bool) -> None:
        """``"A=b"`` as one argument."""
        value = self._value(node)
        if value and isinstance(value[0], str) and "=" in value[0]:
            name, _, rest = value[0].partition("=")
            if is_name(name) and export:
                self.scopes.export(Assignment(name, joined([rest, *value[1:]]), *self._place(node)))

    def command_(self, node: Node) -> None:
        name_node = node.child_by_field_name("name")
        before = [child for child in node.named_children if child.type == "variable_assignment"]
        arguments = node.children_by_field_name("argument")
        name = known(self._value(name_node)) if name_node is not None else ""
        with self.scopes.inner() if before else nullcontext():
            for child in before:
                self.assign_(child, export=True)
            self._named(name or "", arguments)
            for child in arguments:
                self._substitutions(child)

    def _substitutions(self, node: Node) -> None:
        for child in node.named_children:
            if child.type in {"command_substitution", "process_substitution"}:
                self._walk(child)
            else:
                self._substitutions(child)

    def _named(self, name: str, arguments: list[Node]) -> None:
        """The commands that set variables: ``env``, ``set -a``, ``alias``, ``docker run -e`` and others."""
        texts = [known(self._value(item)) for item in arguments]
        program = name.rpartition("/")[2]
        if program in _STARTERS and texts and texts[0]:
            self._named(texts[0], arguments[1:])
        elif (one := _COMMANDS.get(program)) is not None:
            one(self, arguments, texts)

    def set_(self, _arguments: list[Node], texts: list[str | None]) -> None:
        if texts[:1] in (["-a"], ["+a"]) or texts[1:2] == ["allexport"]:
            self._all = (texts[0] or "").startswith("-")

    def env_(self, arguments: list[Node], _texts: list[str | None]) -> None:
        with self.scopes.inner():
            for item in arguments:
                if not self._env_argument(item):
                    break

    def launchctl_(self, arguments: list[Node], texts: list[str | None]) -> None:
        if texts[:1] == ["setenv"] and len(arguments) == 3 and texts[1]:
            self.scopes.export(Assignment(texts[1], self._value(arguments[2]), *self._place(arguments[1])))

    def aliases_(self, arguments: list[Node], _texts: list[str | None]) -> None:
        for item in arguments:
            self._alias(item)

    def shell_(self, arguments: list[Node], texts: list[str | None]) -> None:
        """``sh -c 'script'``."""
        at = texts.index("-c") + 1 if "-c" in texts[:3] else len(texts)
        if at < len(arguments):
            self._nested(arguments[at], texts[at])

    def eval_(self, arguments: list[Node], texts: list[str | None]) -> None:
        if len(arguments) == 1:
            self._nested(arguments[0], texts[0])

    def _env_argument(self, node: Node) -> bool:
        """One argument of ``env``; false at the command."""
        value = self._value(node)
        first = value[0] if value else ""
        if not isinstance(first, str):
            return False
        name, sign, rest = first.partition("=")
        if sign and is_name(name):
            self.scopes.export(Assignment(name, joined([rest, *value[1:]]), *self._place(node)))
            return True
        return first.startswith("-")

    def container_(self, arguments: list[Node], texts: list[str | None]) -> None:
        """``-e A=b``, ``--env A=b``, ``--env=A=b``."""
        with self.scopes.inner():
            self._container_arguments(arguments, texts)

    def _container_arguments(self, arguments: list[Node], texts: list[str | None]) -> None:
        for index, item in enumerate(arguments):
            value = self._value(item)
            first = value[0] if value and isinstance(value[0], str) else ""
            if first.startswith(("--env=", "-e=")):
                value = joined([first.partition("=")[2], *value[1:]])
            elif not (index and texts[index - 1] in {"-e", "--env"}):
                continue
            first = value[0] if value and isinstance(value[0], str) else ""
            name, sign, rest = first.partition("=")
            if sign and is_name(name):
                self.scopes.export(Assignment(name, joined([rest, *value[1:]]), *self._place(item)))

    def _alias(self, node: Node) -> None:
        value = known(self._value(node))
        inner = next((item for item in node.named_children if item.type in {"raw_string", "string"}), None)
        if value and "=" in value and inner is not None:
            self._nested(inner, value.partition("=")[2])

    def _nested(self, node: Node, text: str | None) -> None:
        """A script in a quoted text; its first character comes after the quote."""
        if text and self._depth < _NESTED:
            with self.scopes.inner():
                script = _Script(self.scopes, self._place(node, after_quote=True), self._depth + 1)
                script.read(text)

    def _text(self, node: Node) -> str:
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")

    def _place(self, node: Node, *, after_quote: bool = False) -> tuple[int, int]:
        row, offset = node.start_point[0], node.start_point[1]
        column = len(self._lines[row][:offset].decode("utf-8", "replace")) + 1 + after_quote
        line, first = self._origin
        return row + line, column + (first - 1 if row == 0 else 0)

    def _value(self, node: Node) -> Text:
        return joined(self._pieces(node))

    def _pieces(self, node: Node) -> Iterable[Piece]:
        text = self._text(node)
        match node.type:
            case "word" | "number" | "extglob_pattern" | "regex" | "command_name":
                return self._inside(node, bare) if node.type == "command_name" and node.named_children else bare(text)
            case "raw_string":
                return (text[1:-1],)
            case "ansi_c_string":
                return (ansi(text[2:-1]),)
            case "string":
                return self._inside(node, double_quoted, quote=True)
            case "concatenation":
                return self._inside(node, bare)
            case "string_content":
                return double_quoted(text)
            case "simple_expansion":
                return self.scopes.value(text[1:], text) if is_name(text[1:]) else (Unknown(text),)
            case "expansion":
                return self._expanded(text)
            case "command_substitution":
                return self._printed(node, text)
            case _:
                return (Unknown(text),)

    def _inside(self, node: Node, plain: Callable[[str], Iterable[Piece]], *, quote: bool = False) -> Iterable[Piece]:
        """The pieces of a node's children, with the text between them, which the parser drops."""
        at, end = node.start_byte + quote, node.end_byte - quote
        for child in node.children:
            if child.start_byte < at or not child.is_named:
                continue
            yield from plain(self._data[at : child.start_byte].decode("utf-8", "surrogateescape"))
            yield from self._pieces(child)
            at = child.end_byte
        yield from plain(self._data[at:end].decode("utf-8", "surrogateescape"))

    def _expanded(self, text: str) -> Iterable[Piece]:
        """``${A}``, and ``${A%.}`` of a known text."""
        found = _PLAIN_EXPANSION.fullmatch(text)
        if not found or not self.scopes.is_known(found[1]):
            return (Unknown(text),)
        value = self.scopes.value(found[1], text)
        plain = known(value)
        if not found[2]:
            return value
        if plain is None:
            return (Unknown(text),)
        return (plain.removesuffix(found[3]) if found[2][0] == "%" else plain.removeprefix(found[3]),)

    def _printed(self, node: Node, text: str) -> Iterable[Piece]:
        """What ``$(printf %b 'text')`` prints, as ``cgw env --shell sh`` writes it; all other output is unknown."""
        commands = node.named_children
        if len(commands) == 1 and commands[0].type == "command":
            words = [known(self._value(item)) for item in commands[0].named_children]
            if len(words) == 3 and words[0] == "printf" and words[1] in {"%b", "%b."} and words[2] is not None:
                printed = printf_b(words[2])
                return (printed + "." if words[1] == "%b." else printed.rstrip("\n"),)
        return (Unknown(text),)


_STATEMENTS: Mapping[str, Callable[[_Script, Node], None]] = {
    "declaration_command": _Script.declare_,
    "variable_assignment": _Script.assign_,
    "unset_command": _Script.unset_,
    "command": _Script.command_,
    "function_definition": _Script.function_,
}
_COMMANDS: Mapping[str, Callable[[_Script, list[Node], list[str | None]], None]] = {
    "set": _Script.set_,
    "env": _Script.env_,
    "launchctl": _Script.launchctl_,
    "alias": _Script.aliases_,
    "eval": _Script.eval_,
    **dict.fromkeys(("docker", "podman", "nerdctl"), _Script.container_),
    **dict.fromkeys(("bash", "sh", "zsh", "dash", "ksh"), _Script.shell_),
}
