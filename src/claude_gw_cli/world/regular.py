"""The one way to read a whole file that others may have put there: a regular file of a limited size.

A pipe or a device would never end, and a repository could hold a file that fills the memory.
"""

from __future__ import annotations

import os
import stat

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.world import paths

_HEAD = 1 << 20
"""Bytes of a file that is too large, enough to see what it is."""


class TooLargeError(FileError):
    """The file is larger than asked for; with its first bytes."""

    def __init__(self, path: str, limit: int, head: bytes) -> None:
        super().__init__(f"{path} is larger than {_size(limit)}")
        self.reason = f"larger than {_size(limit)}"
        self.head = head


def content(path: str, limit: int) -> tuple[bytes, int]:
    """The bytes of a file, and its permission bits as far as they concern other people.

    Args:
        path: the file; links are followed.
        limit: the most bytes that it may have.

    Raises:
        FileError: it cannot be read or is not a regular file.
        TooLargeError: it is larger.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise FileError(f"{path} is not a regular file")
            data = stream.read(status.st_size + 1 if status.st_size <= limit else _HEAD)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if status.st_size > limit:
        raise TooLargeError(path, limit, data)
    return data, paths.open_to(status)


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
