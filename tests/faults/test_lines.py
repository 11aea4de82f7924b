"""The table of lines has every command; this needs no strace, so it is in `make test`."""

from __future__ import annotations

import pytest
from tests.faults.homes import took_place
from tests.faults.lines import LINES

from claude_gw_cli.cli.commands import COMMANDS


def test_every_command_has_a_line() -> None:
    assert LINES.keys() == COMMANDS.keys(), "give the command a line in tests/faults/lines.py"


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ('7 mkdir("/h/a") = -1 EIO (INJECTED)', True),
        ('7 mkdir("/other") = -1 EIO (INJECTED)', False),
        ('7 mkdir("/h/a" <unfinished ...>\n8 close(3</h>) = 0\n7 <... mkdir resumed>) = -1 EIO (INJECTED)', True),
        ('7 mkdir("/other" <unfinished ...>\n8 close(3</h>) = 0\n7 <... mkdir resumed>) = -1 (INJECTED)', False),
        ('7 mkdir("/h/a") = -1 EEXIST', False),
    ],
)
def test_a_fault_is_seen_in_one_part_or_in_two(log: str, found: bool) -> None:
    assert took_place(log, "/h") is found
