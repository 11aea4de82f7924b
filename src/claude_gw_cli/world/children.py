"""Programs that are started in a new session. None of them is left behind, however this process ends.

A Ctrl-C on the terminal does not reach another session, and a thread that waits for a program may be left waiting.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import threading

from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE = 0.3
"""Seconds that the end waits for a program that is just being started."""

_running: set[subprocess.Popen[Any]] = set()
_door = threading.Lock()


def start(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a program in a new session. The caller calls `end` or `release` whatever happens.

    Args:
        command: the words.
        options: of `subprocess.Popen`.

    Raises:
        OSError: it cannot be started.
    """
    with _door:
        process = subprocess.Popen(command, start_new_session=True, **options)
        _running.add(process)
    return process


def end(process: subprocess.Popen[Any]) -> None:
    """Kill what is left of a program and of everything that it started in its session; it is not waited for."""
    _running.discard(process)
    try:
        os.killpg(process.pid, 9)
    except (ProcessLookupError, PermissionError):
        pass  # nothing is left
    except AttributeError:  # a system without process groups
        process.kill()


def release(process: subprocess.Popen[Any]) -> None:
    """Leave alone what a program that has ended may have started."""
    _running.discard(process)


@atexit.register
def _end_all() -> None:
    _door.acquire(timeout=_PATIENCE)  # never released: nothing more is started
    for process in tuple(_running):
        end(process)
