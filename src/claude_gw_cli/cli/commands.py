"""The command line, declared once, in commands.txt.

``command_line`` parses and runs a line from this table alone; ``help_page`` makes help pages of it, ``completion``
scripts for shells. A test holds the table against the functions' signatures. Imported at every start: a line is read
where it is asked for.
"""

from __future__ import annotations

from claude_gw_cli.cli.declare import Command, parameter
from claude_gw_cli.tables import packaged_text

COMMANDS: dict[str, Command]
"""Words -> command, in the order of help pages."""


def _lines(paragraph: str) -> list[str]:
    return paragraph.replace("\n  ", " ").split("\n")[1:]


_, _EVERY, _GROUPS, _SHARED, *_ROWS = packaged_text("cli/commands.txt").rstrip().split("\n\n")
_BY_WORDS = {row[len("command ") : row.index("\n")]: row for row in _ROWS}

GLOBAL_FLAGS = tuple(map(parameter, _lines(_EVERY)))
"""Accepted by every command, at any place of its line."""

GROUPS = dict(line.split(": ", 1) for line in _lines(_GROUPS))
"""First words that have commands below them -> what the group is for."""

_SHARED_LINES = dict(line.split(" ", 1) for line in _lines(_SHARED))


def __getattr__(name: str) -> dict[str, Command]:
    if name != "COMMANDS":
        raise AttributeError(name)
    found = globals()[name] = {words: _command(words) for words in _BY_WORDS}
    return found


def _command(words: str) -> Command:
    return Command(words, _lines(_BY_WORDS[words]), _SHARED_LINES)


def find(words: list[str]) -> tuple[Command | None, list[str]]:
    """The command that a line begins with, and the rest of the line."""
    for count in (1, 2):
        if (first := " ".join(words[:count])) in _BY_WORDS:
            return _command(first), words[count:]
    return None, words
