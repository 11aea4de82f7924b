"""SIGTERM and SIGHUP end a command as Ctrl-C does: programs that it started end too, and nothing is left half done.

By default they leave everything as it is: a program in another session that waits, files in ``$TMPDIR``, a terminal
without echo. So what makes such a thing calls ``end_in_order`` first; a command that only prints does without.
"""

from __future__ import annotations

import signal
import threading

from claude_gw_cli.core.errors import Stopped
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


_held: list[int] | None = None
"""Signals that came while they were held; ``None``: they are not."""


def end_in_order() -> None:
    """From now on the signals raise ``Stopped`` in the main thread; one that is ignored (nohup) stays so."""
    if not _is_main():
        return  # only the main thread can say so
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # not every system has all
        if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _stop)


class Held:
    """Lets a signal wait for the end of a block in which the main thread does what must not be cut in two."""

    def __enter__(self) -> None:
        global _held  # noqa: PLW0603 - one for the process, as the signals' handlers are
        if _is_main():
            _held = []

    def __exit__(self, *_: object) -> None:
        global _held
        if _is_main():
            came, _held = _held, None
            if came:
                _stop(came[0], None)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _stop(number: int, _frame: FrameType | None) -> None:
    if _held is not None:
        _held.append(number)
        return
    if number != signal.SIGINT:
        signal.signal(number, signal.SIG_DFL)  # who asks twice does not want to wait
    raise Stopped(number)
