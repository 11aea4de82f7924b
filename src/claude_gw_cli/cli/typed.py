"""Reads what the user types at a question, so that Ctrl-C always works.

``input()`` loses a Ctrl-C that arrives between Python's last look for signals and its read: the flag is set, and
nothing looks at it before the next line is typed. On a busy machine that was one start in a hundred, pressed when the
question appears. Here the wait is for the line or for a signal, whichever is first.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typing import TextIO


class _Typed:
    """As much of a text stream as Rich's prompts use."""

    def readline(self) -> str:
        """One line without its line break, as `input()` gives it: Rich uses the default only for an empty text.

        Raises:
            EOFError: Ctrl-D.
            KeyboardInterrupt: Ctrl-C.
        """
        if os.name == "posix":  # elsewhere a terminal and a pipe cannot be waited for together
            _wait_for_a_line()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.removesuffix("\n")


TYPED = cast("TextIO", _Typed())


def _wait_for_a_line() -> None:
    import select

    arrived, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    before = signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
    try:
        while sys.stdin not in select.select([sys.stdin, arrived], [], [])[0]:
            os.read(arrived, 512)
    finally:
        signal.set_wakeup_fd(before)
        os.close(arrived)
        os.close(wakeup)
