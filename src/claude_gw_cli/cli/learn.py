"""``cgw trace --learn``: measures the installed client with the matrix, and keeps what it does otherwise as facts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.facts import described
from claude_gw_cli.cli.out import can_ask, info, write_lines
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, UnavailableError, UsageError
from claude_gw_cli.core.words import counted
from claude_gw_cli.record import replace
from claude_gw_cli.world import facts, paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from claude_gw_cli.world.laboratory import Row

_EVERY = 25
"""Starts between two lines of progress."""


def measure(program: str, version: str, *, yes: bool) -> int:
    """Measure, explain, keep and show; 1 when a difference is left that no fact explains.

    Args:
        program: the client.
        version: its release.
        yes: start without a question.

    Raises:
        UnavailableError: managed settings would be in every start.
    """
    from claude_gw_cli.core.learn import Learned, explain
    from claude_gw_cli.world import laboratory

    if os.path.exists(paths.managed_dir()):
        raise UnavailableError(
            f"{paths.managed_dir()} exists: managed settings would count in every start",
            hint="Measure it on a machine without managed settings. One start as it is here: cgw trace",
        )
    starts = laboratory.matrix()
    if not laboratory.can_have_own_etc():
        every, starts = starts, [item for item in starts if not laboratory.needs_own_etc(item[1])]
        skipped = counted(len(every) - len(starts), "start")
        info(f"cgw: {skipped} left out: this system does not allow the separate /etc that they need")
    _confirm(f"{program} {version}", len(starts), yes=yes)
    rows = list(_shown(laboratory.measured(version, program, starts), len(starts)))
    known = facts.load(os.environ, learned=False)
    with laboratory.compared(rows) as cases:
        found, changes, left = explain(version, cases)
    learned = Learned(
        version,
        replace(found, learned=(version,)),
        tuple(change.text for change in changes),
        left,
        len(rows),
        known.label,
    )
    facts.keep_learned(learned, os.environ)
    write_lines("".join(f"{line}\n" for line in described(learned)))
    return EXIT_FINDINGS if left else EXIT_OK


def _confirm(client: str, count: int, *, yes: bool) -> None:
    info(f"cgw: {client} is started {counted(count, 'time')} against a recorder on this machine, with made-up keys")
    if yes or not can_ask():
        return
    from claude_gw_cli.cli.typed import confirm

    if not confirm("This takes some minutes. Start?", default=True):
        raise UsageError("nothing was started")


def _shown(rows: Iterable[Row], count: int) -> Iterator[Row]:
    """The rows, and now and then a line on stderr."""
    for number, row in enumerate(rows, 1):
        yield row
        if number % _EVERY == 0:
            info(f"cgw: {number} of {count}")
