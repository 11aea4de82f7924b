"""Programs that are started in a new session. None of them is left behind, however this process ends.

A Ctrl-C on the terminal does not reach another session, and a thread that waits for a program may be left waiting.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

from claude_gw_cli.hints import TYPE_CHECKING, Any, Iterator
from claude_gw_cli.world.signals import Held, end_in_order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor
    from typing import IO

_PATIENCE = 0.3
"""Seconds that the end waits for a program that is just being started, and for the threads of killed ones."""
_GRACE = 3.0
"""Seconds for a program that is asked to end: a busy machine may need one until a helper has ended its source."""

_running: set[subprocess.Popen[Any]] = set()
_door = threading.Lock()
_stopped = False
"""Whether the threads of `workers` are to start nothing more."""


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a program in a new session. The caller calls `end` or `release` whatever happens.

    Args:
        command: the words.
        options: of `subprocess.Popen`.

    Raises:
        OSError: it cannot be started.
    """
    end_in_order()
    with _door, Held():  # a signal could come between the start of the program and the note of it
        if _stopped:
            raise InterruptedError(command[0])
        process = subprocess.Popen(command, start_new_session=True, **options)
        _running.add(process)
    return process


def end(process: subprocess.Popen[Any], *, asked: bool = False) -> None:
    """Kill what is left of a program and of everything that it started in its session; it is not waited for.

    Args:
        process: the program.
        asked: let it end by itself first: a helper has to end what it started in yet another session.
    """
    _running.discard(process)
    try:
        if asked and process.poll() is None:
            os.killpg(process.pid, 15)
            last = time.monotonic() + _GRACE
            while time.monotonic() < last:
                process.poll()
                os.killpg(process.pid, 0)  # raises once nothing is left: a shell ends before what it waits for
                time.sleep(0.01)
        os.killpg(process.pid, 9)
    except (ProcessLookupError, PermissionError):
        pass  # nothing is left
    except AttributeError:  # a system without process groups
        process.kill()


def release(process: subprocess.Popen[Any]) -> None:
    """Leave alone what a program that has ended may have started."""
    _running.discard(process)


@contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that start programs. When the block is left by an exception, as Ctrl-C, the programs end first.

    Python waits for these threads before it calls what is registered for its end, and they wait for the programs.

    Args:
        count: the most threads at a time.
    """
    global _stopped  # noqa: PLW0603 - one for the process, as the programs are
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        with _door:
            _stopped = True
        _end_running()
        raise
    finally:
        pool.shutdown()
        _stopped = False


class Reader(threading.Thread):
    """Reads one pipe to its end, and keeps ``limit`` bytes; ``full`` says that there were more.

    A thread works on every system and cannot block the end of the process.
    """

    def __init__(self, stream: IO[bytes] | None, limit: int) -> None:
        super().__init__(daemon=True)
        self.stream = stream
        self.limit = limit
        self.data = bytearray()
        self.full = False
        self.start()

    def run(self) -> None:
        """Read until the other side has closed the pipe, then close it; never while it is being read."""
        if not self.stream:
            return
        with self.stream:
            while chunk := os.read(self.stream.fileno(), 65_536):
                room = self.limit - len(self.data)
                self.data += chunk[:room]
                self.full = self.full or len(chunk) > room

    def close(self) -> None:
        """Wait a little for the end of the pipe; a program outside the group may still hold it open."""
        self.join(0.1)


def feed(pipe: IO[bytes] | None, data: bytes) -> None:
    """Write a program's input and close it."""
    if pipe is None:
        return
    with suppress(OSError):  # the program did not want it; its exit code says why
        pipe.write(data)
    with suppress(OSError):
        pipe.close()


def _end_running() -> bool:
    """End every program that is known; returns whether there was one."""
    running = tuple(_running)
    for process in running:
        end(process, asked=True)
    return bool(running)


@atexit.register
def _end_all() -> None:
    _door.acquire(timeout=_PATIENCE)  # never released: nothing more is started
    ended = _end_running()
    # A thread whose pipe is closed by that must not end while the interpreter is taken apart: Python 3.11 may crash.
    left = time.monotonic() + _PATIENCE
    for thread in threading.enumerate() if ended else ():
        if thread.daemon:
            thread.join(max(left - time.monotonic(), 0.0))
