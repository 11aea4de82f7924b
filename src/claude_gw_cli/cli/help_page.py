"""Help pages, made from the command table alone: ``--help`` imports no command line library."""

from __future__ import annotations

import os
import sys
from textwrap import wrap

from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS, find
from claude_gw_cli.cli.out import use_color, width, write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from claude_gw_cli.cli.commands import Command, Parameter

_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""
_NARROW = 60
"""Below this width a term and what it means do not fit side by side."""


def print_help(*, words: tuple[str, ...] = ()) -> int:
    """Print the help page of a command or of a group of commands; without words, of cgw.

    Raises:
        UsageError: there is no such command.
    """
    command, _ = find(list(words))
    if command:
        lines = _command(command, _columns())
    elif words and words[0] in GROUPS and len(words) == 1:
        lines = _group(words[0], _columns())
    elif words:
        from claude_gw_cli.cli.usage_errors import unknown_command

        raise unknown_command(list(words))
    else:
        lines = _overview(_columns())
    write_stdout("\n".join(lines) + "\n")
    return 0


def _overview(columns: int) -> Iterator[str]:
    yield from _usage("cgw [OPTIONS] COMMAND [ARG]...", columns)
    yield from _paragraphs("Configure Claude Code for an LLM gateway, and prove what the client sends.", columns)
    yield from _table("Commands", _listed(""), columns)
    yield from _table("Options, for every command", _explained(GLOBAL_FLAGS), columns)
    completion = [row for row in COMMANDS.values() if row.words.startswith("--")]
    yield from _table(
        "Shell completion", [(row.usage().removeprefix("cgw "), row.help) for row in completion], columns
    )
    yield ""
    yield from wrap("Start here: cgw init   or, to look around: cgw demo", columns)


def _group(name: str, columns: int) -> Iterator[str]:
    yield from _usage(f"cgw {name} COMMAND [OPTIONS] [ARG]...", columns)
    yield from _paragraphs(GROUPS[name], columns)
    yield from _table("Commands", _listed(name), columns)
    yield ""
    yield from wrap(f"More: cgw {name} COMMAND --help", columns)


def _command(command: Command, columns: int) -> Iterator[str]:
    yield from _usage(command.usage(), columns)
    yield from _paragraphs(command.help, columns)
    arguments = [item for item in command.parameters if not item.spellings and item.help]
    yield from _table("Arguments", _explained(arguments), columns)
    options = [item for item in command.parameters if item.spellings]
    for section in dict.fromkeys(item.section for item in options):
        yield from _table(
            section or "Options", _explained(item for item in options if item.section == section), columns
        )
    yield ""
    everywhere = ", ".join(spelling for item in GLOBAL_FLAGS for spelling in item.spellings)
    yield from wrap(f"Every command also accepts: {everywhere}", columns)


def _usage(line: str, columns: int) -> Iterator[str]:
    first, *others = wrap(line, columns - len("Usage: "), break_on_hyphens=False)
    yield f"{_bold('Usage:')} {first}"
    yield from (f"       {other}" for other in others)


def _paragraphs(text: str, columns: int) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ""
        yield from wrap(paragraph, columns)


def _listed(group: str) -> list[tuple[str, str]]:
    """The commands of a group, or the first words, each with its sentence, in the order of the table."""
    found: dict[str, str] = {}
    for command in COMMANDS.values():
        first, _, second = command.words.partition(" ")
        if command.hidden or (group and group != first):
            continue
        found[second if group else first] = command.help.partition("\n")[0] if group or not second else GROUPS[first]
    return list(found.items())


def _explained(parameters: Iterable[Parameter]) -> list[tuple[str, str]]:
    rows = []
    for item in parameters:
        default = f" [default: {item.default}]" if item.default is not None else ""
        rows.append((item.term(), f"{item.help_text()}{default}"))
    return rows


def _table(title: str, rows: list[tuple[str, str]], columns: int) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield _bold(f"{title}:")
    left = max(len(term) for term, _ in rows) + 4
    for term, text in rows:
        if columns < _NARROW:
            yield f"  {term.strip()}"
            yield from wrap(text, columns, initial_indent=" " * 6, subsequent_indent=" " * 6, break_on_hyphens=False)
        else:
            first, *others = wrap(text, columns - left, break_on_hyphens=False) or [""]
            yield f"  {term}".ljust(left) + first
            yield from (" " * left + line for line in others)


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if use_color(sys.stdout) else text


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    found = int(given[:9]) if given.isdecimal() and given.isascii() else width(sys.stdout)
    return max(20, min(found or 80, _WIDEST))
