"""Says on a terminal what takes longer than a second: on stderr, and not with ``--quiet`` or in a pipe."""

from __future__ import annotations

import sys

from claude_gw_cli.cli.out import info, status_line, use_color, verbosity, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_PATIENCE = 1.0
_STEP = 0.5


class Working:
    """While this is entered, a line on the terminal says what is being done; it goes when it is done.

    Args:
        what: ``Fetching the key``.
        may_ask: something else may write to the terminal meanwhile, such as a store's own question: the line is
            written once, and stays.
    """

    __slots__ = ("_done", "_may_ask", "_thread", "_what")

    def __init__(self, what: str, *, may_ask: bool = False) -> None:
        self._what = what
        self._may_ask = may_ask

    def __enter__(self) -> Self:
        self._thread = None
        if verbosity.quiet or sys.stderr is None or not sys.stderr.isatty():
            return self
        from threading import Event, Thread

        self._done = Event()
        self._thread = Thread(target=self._show, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._done.set()
            self._thread.join()

    def _show(self) -> None:
        if self._done.wait(_PATIENCE):
            return
        if self._may_ask or not use_color(sys.stderr):
            info(f"{self._what} …")
            return
        seconds, room = _PATIENCE, (width(sys.stderr) or 80) - 1
        while True:
            status_line(f"{self._what} … {seconds:.0f} s"[:room])
            if self._done.wait(_STEP):
                break
            seconds += _STEP
        status_line("")
