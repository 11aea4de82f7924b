"""POSIX shell, bash, zsh and ksh: rc files, launchers, ``.envrc``; from the syntax tree of a real parser.

What is known is what a reader of the script knows without running it: literal text, and variables that the script
itself sets. All else (the environment, the output of commands, conditions) is unknown. Here-documents are text for
another program and left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, NotReadableError, Place, Start, Text, Unknown, joined, known
from claude_gw_cli.readers.embedded import sourced
from claude_gw_cli.readers.quotes import lost_behind, unclosed
from claude_gw_cli.readers.scopes import Scopes
from claude_gw_cli.readers.shellcommands import COMMANDS, STARTERS, pair
from claude_gw_cli.readers.shelltree import parsed
from claude_gw_cli.readers.shellwords import Words
from claude_gw_cli.readers.written import FILE, START_FILE, Line, Written, lines_of

if TYPE_CHECKING:
    from tree_sitter import Node

_DECLARE = frozenset({"declare", "typeset", "local", "readonly", "export"})
_BRANCHES = frozenset(
    {"if_statement", "elif_clause", "else_clause", "case_item", "while_statement", "for_statement", "subshell",
     "c_style_for_statement", "command_substitution", "process_substitution"}
)  # fmt: skip
_NO_STATEMENTS = frozenset({"heredoc_redirect", "heredoc_body", "comment", "string", "raw_string"})
_PIPE = "|"
"""Where a command prints that nothing later gets variables from: another command, a file."""
_QUIET = frozenset({"[", ":", "cd", "echo", "printf", "set", "test", "true"})
"""Commands to which variables do not matter."""
_STARTUP = lazy(
    r"(?:^|[/\\])(?:[\w-]*\.|dot_|_)?(?:bash_?(?:rc|profile|login|env)|profile|kshrc|z(?:shrc|shenv|profile|login)|envrc)$"
)
"""Names of files that a shell reads for itself when it starts."""
_ESCAPE = lazy(r"\\([\"$`\\])")
_NOT_SET = lazy(r"(?:\$\{?(?P<dollar>(?:ANTHROPIC|CLAUDE)_\w+)\}?=|(?P<colon>\w+):\s)[\"']?(?P<value>[^\s\"']*)")
_NESTED = 3
"""Scripts inside the text of a script (an alias, ``sh -c``) are read this deep."""


def read_named(text: str, path: str) -> Iterator[Start]:
    """Every process that the script starts, or that is started after it was sourced.

    Raises:
        NotReadableError: the parser does not understand where the variables are.
    """
    yield from run(text, is_sourced=bool(_STARTUP.search(path)))[0]


def run(
    text: str, given: Mapping[str, Text] | None = None, *, ends: str = "", is_sourced: bool = False
) -> tuple[list[Start], list[Written]]:
    """The processes, and what the script prints or writes to files from which later scripts get variables.

    Args:
        text: the script.
        given: variables that it has from outside.
        ends: as in ``Scopes.finish``.
        is_sourced: whether a shell reads it for what comes later.

    Raises:
        NotReadableError: the parser does not understand where the variables are.
    """
    script = _followed(text, given)
    line, quote = unclosed(script.root) or (0, "")
    if line:  # what comes behind the mistake is read as it is meant
        lines = text.split("\n")
        lines[line - 1] += quote
        script = _followed("\n".join(lines), given)
    try:
        found = script.scopes.finish(text, ends=ends, keeps=is_sourced or script.runs_client)
    except RecursionError:
        raise NotReadableError("nested too deeply") from None
    if script.broken and not any("ANTHROPIC_" in item.name for start in found for item in start.assignments):
        raise NotReadableError("the syntax is not understood", script.broken)
    if later := sourced(script.scopes.written, START_FILE):
        found.append(Start(later))
    return lost_behind(found, line, quote) if line else found, script.scopes.written


def _followed(text: str, given: Mapping[str, Text] | None) -> Script:
    script = Script(text, Scopes(given), (1, 1))
    try:
        script.walk()
    except RecursionError:
        raise NotReadableError("nested too deeply") from None
    return script


class Script(Words):
    """A script that is followed from its first statement to its last."""

    def __init__(self, text: str, scopes: Scopes, origin: Place, *, depth: int = 0, into: str = "") -> None:
        super().__init__(text, scopes, origin)
        self.broken: int | None = None
        """The first line that is not understood."""
        self.exports_all = self.runs_client = False
        self.root = parsed(text).root_node
        self.has_setenv = any(f"{start}setenv" in text for start in ("function ", "alias ")) or "setenv()" in text
        """Whether it defines what is a command of tcsh elsewhere."""
        self._depth, self._into = depth, into
        self._here: list[Line] | None = None

    def walk(self) -> None:
        """Follow the whole script."""
        self._walk(self.root)

    def nested(self, node: Node, text: str | None) -> None:
        """Follow a script in a quoted text, which may have variables in it; its first character follows the quote."""
        if text is None and node.type == "string":
            text = _ESCAPE.sub(r"\1", self.text(node)[1:-1])
        if text and self._depth < _NESTED:
            with self.scopes.inner():
                origin = self.place(node, after_quote=True)
                Script(text, self.scopes, origin, depth=self._depth + 1, into=self._into).walk()

    def prints(self, value: Text, node: Node) -> None:
        """A command prints a text that starts at the node."""
        line, column = self.place(node, after_quote=node.type in {"string", "raw_string"})
        self._write([(part, line + index, 1 if index else column) for index, part in enumerate(lines_of(value))])

    def _write(self, lines: list[Line] | None) -> None:
        if self._into != _PIPE:
            self.scopes.write(self._into, lines)

    def _walk(self, node: Node) -> None:
        if node.is_error or node.is_missing:
            self.broken = self.broken or self.line(node)
            for child in node.named_children:
                # Around syntax of zsh alone. What encloses a statement is not known, so each is read by itself.
                with self.scopes.inner():
                    self._walk(child)
        elif node.type == "list" and node.named_child_count == 2 and node.named_children[0].type == "test_command":
            self._walk(node.named_children[0])
            with self.scopes.inner():  # [[ -n $A ]] && export B=c
                self._walk(node.named_children[1])
        elif node.type in _BRANCHES:
            with self.scopes.inner(), self._printing(_PIPE if node.type.endswith("substitution") else self._into):
                self._children(node)
        else:
            self._statement(node)

    def _statement(self, node: Node) -> None:
        match node.type:
            case "declaration_command":
                self._declare(node)
            case "variable_assignment":
                self._assign(node)
            case "unset_command":
                self._unset(node)
            case "command":
                self._command(node)
            case "function_definition":
                self._function(node)
            case "redirected_statement":
                self._redirected(node)
            case "pipeline":
                self._pipeline(node)
            case _:
                if node.type not in _NO_STATEMENTS:
                    self._children(node)

    def _children(self, node: Node) -> None:
        for child in node.named_children:
            self._walk(child)

    def _unset(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "variable_name":
                self.scopes.export(Assignment(self.text(child), None, *self.place(child)))

    def _function(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self.scopes.later(lambda: self._walk(body))

    def _declare(self, node: Node) -> None:
        """``export A=b``, ``typeset -x A``, ``local A=b``."""
        word, children = self.text(node.children[0]), node.named_children
        options = [self.text(child) for child in node.children[1:] if self.text(child)[:1] in {"-", "+"}]
        exports = (word == "export" and not any("n" in item or "f" in item for item in options)) or any(
            item[:1] == "-" and "x" in item for item in options
        )
        if word not in _DECLARE:
            return
        at = next((index for index, child in enumerate(children) if self.text(child)[:1] == "="), 0)
        if at:  # `export A = b`: the shell sets nothing
            self._lose(children[at - 1])
            children = children[: at - 1]
        for child in children:
            if child.type == "variable_assignment":
                self._assign(child, export=exports)
            elif child.type == "variable_name" and exports:
                name = self.text(child)
                self.scopes.export(Assignment(name, self.scopes.value(name, f"${name}"), *self.place(child)))
            elif exports and (found := _NOT_SET.match(self.text(child))):
                value = (Unknown(found["value"]),) if "$" in found["value"] else joined([found["value"]])
                item = Assignment(found["dollar"] or found["colon"], value, *self.place(child))
                self.scopes.lose(item, "the shell sets it with NAME=VALUE only")
            elif child.type in {"string", "raw_string", "concatenation"} and exports:
                pair(self, child)

    def _assign(self, node: Node, *, export: bool = False) -> None:
        name_node = node.child_by_field_name("name")
        if name_node is None or name_node.type != "variable_name":
            return  # an item of an array
        name = self.text(name_node)
        value_node = node.child_by_field_name("value")
        value = self.value(value_node) if value_node is not None else ()
        if any(child.type == "+=" for child in node.children):
            value = joined([*self.scopes.value(name, f"${name}"), *value])
        if export or self.exports_all or self.scopes.is_exported(name):
            self.scopes.export(Assignment(name, value, *self.place(name_node)))
        elif self._depth:
            self.scopes.remember(name, value)
        else:
            self.scopes.lose(Assignment(name, value, *self.place(name_node)))

    def _lose(self, name: Node) -> None:
        """A name, and behind it an equals sign and a value that the shell does not take for an assignment."""
        rest = self.data[name.end_byte :].decode("utf-8", "surrogateescape").partition("\n")[0]
        value = rest.lstrip(" \t=").rstrip().strip("'\"")
        found = (Unknown(value),) if "$" in value or "`" in value else (value,)
        why = "no whitespace may be around the equals sign"
        self.scopes.lose(Assignment(self.text(name).rpartition(":")[2], found, *self.place(name)), why)

    def _command(self, node: Node) -> None:
        name_node = node.child_by_field_name("name")
        before = [child for child in node.named_children if child.type == "variable_assignment"]
        arguments = node.children_by_field_name("argument")
        name = known(self.value(name_node)) if name_node is not None else ""
        with self.scopes.inner() if before else nullcontext():
            for child in before:
                self._assign(child, export=True)
            if name_node is not None and arguments and self.text(arguments[0])[:1] == "=":
                self._lose(name_node)  # `A = b`: a command's name
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
        texts = self.values(arguments)
        program = name.rpartition("/")[2]
        self.runs_client |= program == "claude"
        if program not in _QUIET:
            self.scopes.runs()
        if program in STARTERS and texts and texts[0]:
            self._named(texts[0], arguments[1:])
        elif (one := COMMANDS.get(program)) is not None:
            one(self, arguments, texts)
        elif self._into and program != "tee":
            self._write(self._here if program == "cat" else None)

    def _redirected(self, node: Node) -> None:
        """``echo "A=b" >> "$GITHUB_ENV"``; a here-document is what ``cat`` prints."""
        before, into = self._here, self._into
        for child in node.named_children:
            if child.type == "heredoc_redirect":
                self._here = self._here_lines(child)
            for redirect in (child, *child.named_children) if child.type.endswith("_redirect") else ():
                if redirect.type == "file_redirect" and any(">" in sign.type for sign in redirect.children):
                    into = self._target(redirect) or _PIPE
        with self._printing(into):
            self._children(node)
        self._here = before

    def _pipeline(self, node: Node) -> None:
        """``echo "A=b" | tee -a "$GITHUB_ENV"``: each part but the last prints for the next one."""
        *parts, last = node.named_children
        tee = last.type == "command" and self.text(last).startswith("tee")
        target = next(filter(None, map(self._target, last.named_children)), "") if tee else ""
        with self._printing(target if tee and target else self._into if tee else _PIPE):
            for part in parts:
                self._walk(part)
        self._walk(last)

    @contextmanager
    def _printing(self, into: str) -> Iterator[None]:
        """Read what prints to this file."""
        self._into, before = into, self._into
        try:
            yield
        finally:
            self._into = before

    def _target(self, node: Node) -> str:
        """The file of variables that a word names: ``"$GITHUB_ENV"``."""
        found = FILE.search(self.text(node))
        return (found["name"] or START_FILE) if found else ""

    def _here_lines(self, node: Node) -> list[Line] | None:
        start, body = (
            next((child for child in node.named_children if child.type == kind), None)
            for kind in ("heredoc_start", "heredoc_body")
        )
        if start is None or body is None:
            return None
        value = self.here_document(body, is_quoted=self.text(start)[:1] in {"'", '"', "\\"})
        top = self.line(body)
        return [(part, top + index, 1) for index, part in enumerate(lines_of(value))]
