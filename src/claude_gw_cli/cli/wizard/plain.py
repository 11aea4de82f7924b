"""Questions as plain lines, for dumb terminals, screen readers and people who want no colours.

The terminal does not echo while the wizard asks: it would show a key that is pasted into the wrong question. What is
typed is written here instead, as far as it may be shown.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from claude_gw_cli.cli.typed import wait_for_input
from claude_gw_cli.cli.wizard.asking import Back, KeyPasted
from claude_gw_cli.cli.wizard.terminal import say
from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.pasted import key_in, shown_while_typed
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.core.terminal import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_gw_cli.cli.wizard.asking import Option

_HELP = "Enter takes the answer in [brackets]; < goes back; Ctrl-C stops."


class Plain:
    """Asks line by line; a choice has numbers."""

    def __init__(self) -> None:
        say(_HELP)

    def choose(self, question: str, options: Sequence[Option], default: str, why: str = "") -> str:
        """One of the options, by its number or its name."""
        say("")
        say(question)
        for number, option in enumerate(options, 1):
            about = f": {option.about}" if option.about else ""
            say(f"{option.title}{about}", indent="     ", first=f"  {number}  ")
        if why:
            proposed = next(option.title for option in options if option.name == default)
            say(f"Proposed: {proposed}. {why}")
        names = [option.name for option in options]
        while True:
            answer = _line(f"Number [{names.index(default) + 1}]: ").strip()
            if answer == "<":
                raise Back
            if key := key_in(answer):
                raise KeyPasted(Secret(key), answer)
            if not answer:
                return default
            if answer in names:
                return answer
            if (place := natural(answer)) and place <= len(names):
                return names[place - 1]
            say(f"Type a number from 1 to {len(names)}.")

    def line(self, question: str, default: str, why: str, problem: str, typed: str) -> str:  # noqa: ARG002
        """One line; nothing can be corrected here, so it is typed again."""
        if problem:
            say(problem)
        else:
            say("")
            say(question)
            if why:
                say(f"Proposed: {default}. {why}" if default else why)
        return _line(f"[{default}]: " if default else ": ") or default

    def hidden(self, question: str, why: str, problem: str) -> str:
        """One line of which only stars are shown."""
        if problem:
            say(problem)
        else:
            say("")
            say(question)
            say(why)
        return _line(": ", hidden=True)


def _line(prompt: str, *, hidden: bool = False) -> str:
    """One line, shown as far as it may be.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        EOFError: Ctrl-D, or the terminal is gone.
    """
    _show(escaped(prompt))
    if os.name != "posix":  # only Windows' own functions read without an echo there
        import getpass

        return getpass.getpass("")
    return _edited(sys.stdin.fileno(), hidden=hidden)


_rest = bytearray()
"""What was typed after the end of a line: the answers to the next questions."""


def _edited(number: int, *, hidden: bool) -> str:
    typed, on_screen = bytearray(), ""
    while True:
        if not _rest:
            wait_for_input()
            arrived = os.read(number, 1024)
            if not arrived:
                raise EOFError
            _rest.extend(arrived)
        while _rest:
            key = _rest.pop(0)
            if key in b"\r\n":
                _show("\n")
                return typed.decode("utf-8", "replace")
            _apply(key, typed)
        text = typed.decode("utf-8", "ignore")
        wanted = "*" * len(text) if hidden else escaped(shown_while_typed(text)).replace("\n", "")
        kept = next(
            (place for place, pair in enumerate(zip(wanted, on_screen, strict=False)) if pair[0] != pair[1]),
            min(len(wanted), len(on_screen)),
        )
        _show("\b \b" * (len(on_screen) - kept) + wanted[kept:])
        on_screen = wanted


def _apply(key: int, typed: bytearray) -> None:
    if key == 0x03:  # Ctrl-C
        raise KeyboardInterrupt
    if key == 0x04 and not typed:
        raise EOFError
    if key in (0x08, 0x7F):
        while typed and typed.pop() & 0xC0 == 0x80:  # the bytes of one letter
            pass
    elif key == 0x15:  # Ctrl-U
        typed.clear()
    elif key == 0x1B:  # an arrow key or a function key: it would edit a line, which is not done here
        if _rest.startswith((b"[", b"O")):
            del _rest[:1]
            while _rest and not 0x40 <= _rest.pop(0) <= 0x7E:
                pass
    elif key >= 0x20:
        typed.append(key)


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
