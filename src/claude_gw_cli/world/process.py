"""What can be known about the process that started us. Light: on the hot path."""

from __future__ import annotations

import os


def parent_name() -> str | None:
    """The parent process's short name (``bash``, ``zsh`` ...), or ``None`` where it cannot be told cheaply."""
    try:
        with open(f"/proc/{os.getppid()}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return None
