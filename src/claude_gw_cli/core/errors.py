"""Every error a person can meet, with its exit code and the next command to type.

This module is on the hot path of `cgw env` and of the helper: it imports nothing.
The exit codes are a contract; they follow sysexits.h where it has a code for the case.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 69
EXIT_BUG = 70
EXIT_IO = 74
EXIT_TRY_AGAIN = 75
EXIT_REFUSED = 77


class CgwError(Exception):
    """Base of all errors that cgw raises on purpose.

    Args:
        message: one line, what is wrong here. Never contains a secret.
        hint: what to do next, ideally a command to paste; may have several lines.
        code: the rule or failure code (``CGW412``) where there is one.
        member: the member of a profile that is wrong, where there is one.
    """

    exit_code = EXIT_BUG
    retry_after = 0
    """Seconds to wait before the next request, as the server asked; 0 if it did not."""

    def __init__(self, message: str, *, hint: str = "", code: str = "", member: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.member = member


class UsageError(CgwError):
    """The command line, a profile or a settings file is not valid (exit 2)."""

    exit_code = EXIT_USAGE


class FaultsError(UsageError):
    """A file with faults; as an error it is the first of them."""

    def __init__(self, faults: Sequence[CgwError]) -> None:
        super().__init__(faults[0].message, hint=faults[0].hint)
        self.faults = tuple(faults)


class EmptyKeyError(UsageError):
    """A source gave nothing where a key was expected."""


class DeclinedError(CgwError):
    """The person answered no: nothing was done, and nothing is wrong (exit 0)."""

    exit_code = EXIT_OK


def unknown_choice(what: str, value: str, choices: Collection[str]) -> UsageError:
    """The error for a value that is not one of a closed list; names the nearest one and all of them.

    Args:
        what: what the value would be: ``format``, ``scope``.
        value: what was given.
        choices: everything that is allowed.
    """
    return UsageError(f"unknown {what} {value!r}", hint=f"{guess(value, choices)}It is one of: {', '.join(choices)}")


def nearest(value: str, choices: Collection[str], likeness: float = 0.6) -> str:
    """The choice that a misspelled value is most like; empty where it is like none (``difflib``'s ratio, 0 to 1)."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(value, choices, 1, likeness)), "")


def guess(value: str, choices: Collection[str], likeness: float = 0.6) -> str:
    """The same as the beginning of an advice: ``Did you mean …? ``, or nothing."""
    found = nearest(value, choices, likeness)
    return f"Did you mean {found}? " if found else ""


class UnavailableError(CgwError):
    """A secret source or a gateway does not answer (exit 69)."""

    exit_code = EXIT_UNAVAILABLE


class FileError(CgwError):
    """Reading or writing failed (exit 74)."""

    exit_code = EXIT_IO


class TryAgainError(CgwError):
    """A lock is held, or a file changed at the same time (exit 75)."""

    exit_code = EXIT_TRY_AGAIN


class RefusedError(CgwError):
    """Permission or credential refused, by a file mode, a store or cgw's own safety rule (exit 77)."""

    exit_code = EXIT_REFUSED


_CTRL_C = 130


class Stopped(KeyboardInterrupt):
    """The process was asked to end. What handles Ctrl-C handles this; ``code`` is the exit code, 128 + the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def code_of(stop: KeyboardInterrupt) -> int:
    """The exit code after Ctrl-C, or after the signal that the process was asked to end by."""
    return stop.code if isinstance(stop, Stopped) else _CTRL_C
