"""The door. Nothing heavy is imported before it is known which command runs."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Entry point of the ``cgw`` console script."""
    # Nearly all objects live until the end: looking for garbage among them is a tenth of a short command, most of it
    # when the interpreter ends, and taking the interpreter apart is another twentieth. A long one still collects.
    gc.set_threshold(20_000)
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while the first modules are read
        code = 130
    gc.freeze()
    if _is_done():
        os._exit(code)
    sys.exit(code)


def _is_done() -> bool:
    """Whether nothing is left to do at the end: no registered call, no thread to wait for, no text to write."""
    threads = sys.modules.get("threading")
    if "atexit" in sys.modules or "concurrent.futures.thread" in sys.modules:
        return False
    if threads and any(not thread.daemon for thread in threads.enumerate() if thread is not threads.main_thread()):
        return False
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True


def run(argv: list[str]) -> int:
    """Run one command line and return its exit code. Every deliberate error ends here as one or two lines."""
    from claude_gw_cli.cli import command_line
    from claude_gw_cli.core.errors import EXIT_IO, CgwError, code_of

    if None in {sys.stdin, sys.stdout, sys.stderr}:  # the parent process closed it
        from claude_gw_cli.world.regular import fill_standard_streams

        fill_standard_streams()
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stderr.write("cgw: error: standard output is closed\n")
        return EXIT_IO
    try:
        return command_line.run(argv)
    except CgwError as error:
        from claude_gw_cli.cli.out import report_error

        report_error(error)
        return error.exit_code
    except KeyboardInterrupt as stop:
        return code_of(stop)
    except OSError as error:
        from claude_gw_cli.cli.out import report_error, report_unexpected
        from claude_gw_cli.world.atomic import failure

        if error.filename is None or isinstance(error.filename, int):
            return report_unexpected(error)
        failed = failure("use", os.fsdecode(error.filename), error)
        report_error(failed)
        return failed.exit_code
    except Exception as error:  # noqa: BLE001 - the last wall: a bug is a line and a code, never a traceback
        from claude_gw_cli.cli.out import report_unexpected

        return report_unexpected(error)


if __name__ == "__main__":
    main()
