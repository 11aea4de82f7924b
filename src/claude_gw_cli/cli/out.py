"""The two voices of the command line: the product on stdout, the talk on stderr. Light: on the hot path."""

from __future__ import annotations

import os
import sys

from claude_gw_cli.core.errors import CgwError, FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class _Verbosity:
    """How loud the talk is; set once from the global options."""

    quiet = False
    verbose = False


verbosity = _Verbosity()


def use_color(stream: TextIO) -> bool:
    """Whether colour, bold and a moving cursor are welcome: on a capable terminal, unless ``NO_COLOR`` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_stdout(text: str) -> None:
    """Write text to stdout, whole or not at all as far as the system allows: UTF-8, LF only, flushed.

    Raises:
        FileError: stdout is full, closed or a broken pipe (exit 74, the last without a word).
    """
    data = text.encode("utf-8", "surrogateescape")
    try:
        sys.stdout.flush()
        view = memoryview(data)
        while view:
            view = view[os.write(sys.stdout.fileno(), view) :]
    except (OSError, ValueError) as error:
        _abandon(1)
        reason = error.strerror if isinstance(error, OSError) else "it is closed"
        # Whoever closed the pipe has seen enough (| head): that ends quietly.
        gone = isinstance(error, BrokenPipeError)
        raise FileError("" if gone else f"cannot write to standard output: {reason}") from None


def write_plain(text: str) -> None:
    """Write text for people to stdout: a name or value in it that a terminal would obey is spelled out."""
    from claude_gw_cli.core.controls import inert

    write_stdout(inert(text))


def escaped(text: str) -> str:
    r"""Text as valid UTF-8 that no terminal obeys, also valid in JSON.

    A byte that is not UTF-8 becomes ``\udcXX``; DEL, C1 and bidirectional controls become ``\uXXXX``. C0 stays: JSON
    has none, and a report's own colours need it.
    """
    from claude_gw_cli.core.controls import HIDDEN

    return text.translate(HIDDEN).encode("utf-8", "backslashreplace").decode("utf-8")


def width(stream: TextIO) -> int | None:
    """The columns of a terminal; ``None`` where lines are not to be broken: in a pipe or a file."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None
    except (OSError, ValueError):
        return None


def info(text: str) -> None:
    """Write a line to stderr, unless ``--quiet``. Never fails: the talk must not break the product."""
    if not verbosity.quiet:
        error_line(text)


def error_line(text: str) -> None:
    """Write a line to stderr even under ``--quiet`` (errors)."""
    if sys.stderr is None:
        return
    from claude_gw_cli.core.controls import CONTROLS

    try:
        text = text.translate(CONTROLS)
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        _abandon(2)


def _abandon(stream: int) -> None:
    """Point a stream at /dev/null, so that the interpreter's own flush at exit does not fail a second time."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream)
        os.close(null)
    except OSError:
        pass


def report_error(error: CgwError) -> None:
    """One error as a person reads it: what is wrong, then what to do next; nothing where nobody reads any more."""
    if not error.message:
        return
    code = f"[{error.code}]" if error.code else ""
    error_line(f"cgw: error{code}: {error.message}")
    for line in error.hint.splitlines():
        error_line(f"  {line}")


def report_bug(error: BaseException) -> None:
    """A bug as one line: its type and place, without any value (values may be secret)."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    error_line(f"cgw: internal error: {type(error).__name__} at {place}")
    error_line("  This is a bug in cgw. Please report this line with the output of: cgw --version")
