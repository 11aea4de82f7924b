"""The table of lines has every command; this needs no strace, so it is in `make test`."""

from __future__ import annotations

from tests.faults.lines import LINES

from claude_gw_cli.cli.commands import COMMANDS


def test_every_command_has_a_line() -> None:
    assert LINES.keys() == COMMANDS.keys(), "give the command a line in tests/faults/lines.py"
