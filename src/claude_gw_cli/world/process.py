"""What can be known about this process and the one that started it. Light: on the hot path."""

from __future__ import annotations

import os
import time

_YOUNG = 5.0
"""Seconds; a process that is older did something else before."""


def began() -> float:
    """When this process was started, on the monotonic clock; now, where that is long ago or cannot be told."""
    now = time.monotonic()
    try:
        with open("/proc/self/stat", encoding="utf-8", errors="replace") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return now
    return now - age if 0 <= age < _YOUNG else now


def parent_name() -> str | None:
    """The parent process's short name (``bash``, ``zsh`` ...), or ``None`` where it cannot be told cheaply."""
    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None


def which(name: str, search: str) -> str | None:
    """The program of that name on a search path, as ``shutil.which`` finds it but without what that imports.

    Args:
        name: a name, or a path that is taken as it is.
        search: directories as in ``PATH``.
    """
    if os.name == "nt":  # names have endings there
        import shutil

        return shutil.which(name, path=search)
    folders = search.split(os.pathsep) if os.sep not in name else [""]
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None
