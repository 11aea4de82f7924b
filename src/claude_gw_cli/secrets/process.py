"""Running a program with a time limit and an output limit, so that nothing of it is left behind."""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

from claude_gw_cli.world import children

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_OUTPUT = 1_000_000
"""Bytes that are read of a program's output; a key has at most 16,384."""

_GRACE = 0.2
"""Seconds for output after the program has ended: a background child may hold its pipes open."""


class Outcome(NamedTuple):
    """How a program ended: ``code`` is ``None`` when it was stopped, at the deadline or (``full``) for its stdout."""

    code: int | None
    output: bytes
    complaint: bytes
    full: bool = False


def run(command: Sequence[str], env: Mapping[str, str], seconds: float, stdin: bytes | None = None) -> Outcome:
    """Run a program in a new session, at ``/``, and read what it prints.

    Args:
        command: the words; the first is an absolute path.
        env: its whole environment.
        seconds: the time limit; then its process group is killed.
        stdin: what it reads; ``None`` closes its standard input.

    Raises:
        OSError: it cannot be started.
    """
    deadline = time.monotonic() + seconds
    process = children.start(
        command,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        cwd="/" if os.name == "posix" else None,
    )
    output, complaint = (children.Reader(pipe, MAX_OUTPUT) for pipe in (process.stdout, process.stderr))
    code = None
    try:
        if stdin is not None:
            children.feed(process.stdin, stdin)
        if _wait(process, (output, complaint), deadline):
            code = process.wait(max(deadline - time.monotonic(), 0.01))
    except subprocess.TimeoutExpired:
        pass  # it closed its pipes and goes on: too slow
    finally:
        children.end(process)
        process.wait()
        for reader in (output, complaint):
            reader.close()
    return Outcome(code, bytes(output.data), bytes(complaint.data), output.full)


def _wait(
    process: subprocess.Popen[bytes], readers: tuple[children.Reader, children.Reader], deadline: float
) -> bool:
    """Wait for the end of the output; ``False`` at the deadline or when there is too much."""
    ended: float | None = None
    while True:
        if readers[0].full:  # what is too much on stderr is dropped: the key may be on stdout
            return False
        waiting = [reader for reader in readers if reader.is_alive()]
        now = time.monotonic()
        if not waiting or (ended is not None and now > ended + _GRACE):
            return True
        if now >= deadline:
            return False
        if ended is None and process.poll() is not None:
            ended = now
        waiting[0].join(min(0.05, deadline - now))
