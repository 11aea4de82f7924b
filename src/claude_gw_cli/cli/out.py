"""The only way to stdout and stderr: results on the first, messages on the second. Light: on the hot path.

Names, values and answers from outside can contain escape sequences, so every text is escaped here.
"""

from __future__ import annotations

import os
import sys

from claude_gw_cli.core.errors import CgwError, DeclinedError, FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


class _Verbosity:
    """How much is printed on stderr; set once from the global options."""

    quiet = False
    verbose = False


verbosity = _Verbosity()


def can_ask() -> bool:
    """Whether a person can be asked: questions are on stderr, answers come from stdin."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def use_color(stream: TextIO) -> bool:
    """Whether colour, bold and a moving cursor are welcome: on a capable terminal, unless ``NO_COLOR`` is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_stdout(text: str) -> None:
    """Write text for people or programs to stdout, escaped; on a terminal with cgw's own colours.

    Raises:
        FileError: as ``write_raw``.
    """
    write_raw(_harmless(text, sys.stdout))


def _harmless(text: str, stream: TextIO) -> str:
    from claude_gw_cli.core.terminal import escaped, styled

    return styled(text) if use_color(stream) else escaped(text)


def write_lines(text: str) -> None:
    """Write lines for people to stdout; on a terminal those that are too long go on in further lines.

    Not for what is copied into a file or read by a program.

    Raises:
        FileError: as ``write_raw``.
    """
    write_stdout(_fitting(text, sys.stdout))


def _fitting(text: str, stream: TextIO) -> str:
    """The text in lines that fit a terminal."""
    columns = width(stream)
    if columns is None:
        return text
    from claude_gw_cli.core.wrap import wrapped

    return wrapped(text, columns)


def write_raw(text: str) -> None:
    """Write exactly this text to stdout, whole or not at all as far as the system allows: UTF-8, LF only, flushed.

    Only for what a shell or another program evaluates; everything else goes through ``write_stdout``.

    Raises:
        FileError: stdout is full, closed or a broken pipe (exit 74, the last with an empty message).
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
        # A closed pipe (| head) has shown enough: that ends quietly.
        gone = isinstance(error, BrokenPipeError)
        raise FileError("" if gone else f"cannot write to standard output: {reason}") from None


def write_json(document: Mapping[str, object]) -> None:
    """Write one JSON document to stdout, for programs and people."""
    import json

    write_stdout(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def width(stream: TextIO) -> int | None:
    """The columns of a terminal; ``None`` where lines are not to be broken: in a pipe or a file."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None if stream.isatty() else None
    except (OSError, ValueError):
        return None


def for_person(text: str, stream: TextIO) -> str:
    """On a terminal with ``~`` for the home directory and commands of its shell; as it is for a program."""
    if not width(stream):
        return text
    from claude_gw_cli.world.paths import with_tilde

    if any(word in text for word in ("export ", "unset ", "eval ")):
        from claude_gw_cli import emit
        from claude_gw_cli.emit.next_step import in_shell
        from claude_gw_cli.world.process import parent_name

        text = in_shell(emit.detect(os.environ, parent_name()), text)
    return with_tilde(text, os.environ)


def info(text: str) -> None:
    """Write a line to stderr, unless ``--quiet``. Never fails: a message must not break the result."""
    if not verbosity.quiet:
        from claude_gw_cli.core.key_forms import masked_keys

        error_line(masked_keys(text))


def error_line(text: str) -> None:
    """Write a line to stderr even under ``--quiet`` (errors)."""
    if sys.stderr is None:
        return
    try:
        text = _fitting(for_person(text, sys.stderr), sys.stderr)
        text = _harmless(text, sys.stderr)
        sys.stderr.write(text if text.endswith("\n") else text + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        _abandon(2)


def status_line(text: str) -> None:
    """Put a text in place of the terminal's last line on stderr; an empty one removes it. Never fails."""
    from claude_gw_cli.core.terminal import escaped

    try:
        sys.stderr.write(f"\r\x1b[K{escaped(text)}")
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
    """One error as a person reads it: what is wrong, then what to do next; nothing if the reader is gone."""
    if not error.message:
        return
    from claude_gw_cli.core.key_forms import masked_keys

    if isinstance(error, DeclinedError):
        info(error.message)
        return
    code = f"[{error.code}]" if error.code else ""
    # A message quotes what was typed, and people paste a key into the wrong option.
    error_line(f"cgw: error{code}: {masked_keys(error.message)}")
    hint = masked_keys(error.hint)
    if "keyring:" in hint:
        from claude_gw_cli.cli.key_store import advised

        hint = advised(hint)
    for line in hint.splitlines():
        error_line(f"  {line}")


def report_unexpected(error: BaseException) -> int:
    """An error that no command expects, in two lines; returns the exit code.

    A limit of this machine that is reached (75) is not a bug (70). A bug is its type and place, without any value:
    values may be secret.
    """
    import errno

    from claude_gw_cli.core.errors import EXIT_BUG, TryAgainError

    lacks = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE}
    if (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno in lacks)
        or (isinstance(error, RuntimeError) and str(error) == "can't start new thread")
    ):
        limit = TryAgainError(
            "this machine allows no more processes, threads, open files or memory",
            hint="Look at the limits of the shell and the container (ulimit -a), then try again.",
        )
        report_error(limit)
        return limit.exit_code
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f"{os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    error_line(f"cgw: internal error: {type(error).__name__} at {place}")
    error_line("  This is a bug in cgw. Please report this line with the output of: cgw --version")
    return EXIT_BUG
