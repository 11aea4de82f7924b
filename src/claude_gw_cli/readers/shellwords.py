"""The words of a shell script: their values and places, from the nodes of the syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Piece, Place, Text, Unknown, is_name, joined, known
from claude_gw_cli.readers.scopes import Scopes
from claude_gw_cli.readers.shelltext import ansi, bare, double_quoted, here, printf_b

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN_EXPANSION = lazy(r"\$\{(\w+)(?:(%%?|##?)([^\w\s*?\[\]{}$]*))?\}")


class Words:
    """One script's text, and what its variables are at the place that is read."""

    def __init__(self, text: str, scopes: Scopes, origin: Place) -> None:
        self.scopes = scopes
        self.data = text.encode("utf-8", "surrogateescape")
        self._lines = self.data.split(b"\n")
        self._origin = origin

    def text(self, node: Node) -> str:
        """A node as it is written."""
        return self._between(node.start_byte, node.end_byte)

    def place(self, node: Node, *, after_quote: bool = False) -> Place:
        """Line and column where a node starts; its text may start after a quote."""
        row, offset = node.start_point[0], node.start_point[1]
        column = len(self._lines[row][:offset].decode("utf-8", "replace")) + 1 + after_quote
        line, first = self._origin
        return row + line, column + (first - 1 if row == 0 else 0)

    def line(self, node: Node) -> int:
        """The line on which a node starts."""
        return self.place(node)[0]

    def value(self, node: Node) -> Text:
        """A word's value."""
        return joined(self._pieces(node))

    def values(self, nodes: Iterable[Node]) -> list[str | None]:
        """The words that are known as a whole."""
        return [known(self.value(node)) for node in nodes]

    def here_document(self, body: Node, *, is_quoted: bool) -> Text:
        """The text of a here-document."""
        return joined((self.text(body),) if is_quoted else self._inside(body, here))

    def _between(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "surrogateescape")

    def _pieces(self, node: Node) -> Iterable[Piece]:
        text = self.text(node)
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
            case "heredoc_content":
                return here(text)
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
            yield from plain(self._between(at, child.start_byte))
            yield from self._pieces(child)
            at = child.end_byte
        yield from plain(self._between(at, end))

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
            words = self.values(commands[0].named_children)
            if len(words) == 3 and words[0] == "printf" and words[1] in {"%b", "%b."} and words[2] is not None:
                printed = printf_b(words[2])
                return (printed + "." if words[1] == "%b." else printed.rstrip("\n"),)
        return (Unknown(text),)
