"""Reads what the user types at a question, so that Ctrl-C always works; the question that has two answers.

``input()`` loses a Ctrl-C that arrives between Python's last look for signals and its read: the flag is set, and
nothing looks at it before the next line is typed. On a busy machine that was one start in a hundred, pressed when the
question appears. Here the wait is for the line or for a signal, whichever is first.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, cast

from claude_gw_cli.cli.out import can_ask, error_line, for_person, info, use_color
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.world.signals import end_in_order

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
            wait_for_input()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.removesuffix("\n")


TYPED = cast("TextIO", _Typed())


def confirm(question: str, *, default: bool = False) -> bool:
    """A yes-or-no question on the terminal.

    Raises:
        KeyboardInterrupt: the user stopped (Ctrl-C or Ctrl-D); a message was printed.
    """
    from rich.prompt import Confirm
    from rich.text import Text

    from claude_gw_cli.cli.screen import Screen

    # With NO_COLOR alone Rich would still print bold and dim.
    end_in_order()
    console = Screen(stderr=True, highlight=False, color_system="auto" if use_color(sys.stderr) else None)
    try:
        return Confirm.ask(Text(for_person(question, sys.stderr)), console=console, default=default, stream=TYPED)
    except (KeyboardInterrupt, EOFError):
        error_line("\nStopped.")  # what was done before the question is done
        raise KeyboardInterrupt from None


def declined(question: str, *, yes: bool, default: bool = False, must: str = "") -> bool:
    """Whether the person says no, which is then said back; no question with ``--yes``, nor without a terminal.

    Args:
        question: what is asked.
        yes: the option.
        default: the answer of an empty line.
        must: what to do where a question is needed and there is no terminal; empty: it is not needed there.

    Raises:
        UsageError: there is no terminal, and ``must``.
    """
    if yes or not can_ask():
        if must and not yes:
            raise UsageError("nothing was changed: there is no terminal to ask on", hint=must)
        return False
    if confirm(question, default=default):
        return False
    info("Nothing was changed.")
    return True


def wait_for_input() -> None:
    """Wait until there is something to read on standard input, or a signal."""
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
