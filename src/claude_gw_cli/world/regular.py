"""The one door to files that others may have put there: regular files of a limited size.

A pipe or a device would never end, and a repository could hold a file that fills the memory. On the hot path.
"""

from __future__ import annotations

import os
import stat

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.world import paths

POSIX = os.name == "posix"
LARGEST = 64 << 20
"""Bytes of a file that is read whole."""
_HEAD = 1 << 20
"""Bytes of a file that is too large, enough to see what it is."""
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer must not hang us
    | getattr(os, "O_NOCTTY", 0)
)


class TooLargeError(FileError):
    """The file is larger than asked for; with its first bytes."""

    def __init__(self, path: str, limit: int, head: bytes) -> None:
        super().__init__(f"{path} is larger than {_size(limit)}")
        self.reason = f"larger than {_size(limit)}"
        self.head = head


def opened(path: str) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file, and its status; links are followed.

    Raises:
        OSError: it cannot be opened.
        FileError: it is not a regular file, or no file can have this name.
    """
    try:
        handle = os.open(path, _FLAGS)
    except ValueError:  # a NUL in the name
        raise FileError(f"{path!r} cannot be a file's name") from None
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        close(handle)
        raise FileError(f"{path} is not a regular file")
    return handle, status


def check(path: str) -> None:
    """Refuse what a library should not open by its name: it would wait for the writer of a pipe, without an end.

    Raises:
        OSError: it cannot be opened.
        FileError: it is neither a regular file nor a directory.
    """
    if not os.path.isdir(path):
        close(opened(path)[0])


def fill_standard_streams() -> None:
    """Give the numbers 0 to 2 to nothing where the parent process closed them.

    The next file or connection would get the number, and the key, or a library's complaint, would be written there.
    A write fails, as with a closed one.
    """
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # takes the lowest free number


def close(handle: int) -> None:
    """Close what was read or locked; an error, as a network file system may report it, loses nothing there."""
    try:
        os.close(handle)
    except OSError:
        pass


def head(handle: int, limit: int, size: int) -> bytes:
    """The first bytes from a descriptor's position, ``limit`` at most; also of a file that grows meanwhile.

    Args:
        handle: a regular file's.
        limit: the most bytes to read.
        size: the file's, as far as it is known: one that has it is read without a second call that finds the end.
    """
    parts, left, most = [], limit, max(size + 1, 1 << 16)
    while left > 0 and (part := os.read(handle, min(left, most))):
        parts.append(part)
        left -= len(part)
        if limit - left == size:
            break
    return b"".join(parts)


def content(path: str, limit: int = LARGEST) -> tuple[bytes, int]:
    """The bytes of a file, and its permission bits as far as they concern other people.

    Args:
        path: the file; links are followed.
        limit: the most bytes that it may have.

    Raises:
        FileError: it cannot be read or is not a regular file.
        TooLargeError: it is larger.
    """
    try:
        handle, status = opened(path)
        try:
            data = head(handle, limit + 1 if status.st_size <= limit else _HEAD, status.st_size)
        finally:
            close(handle)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror or error}") from None
    if status.st_size > limit or len(data) > limit:
        raise TooLargeError(path, limit, data[:_HEAD])
    return data, paths.open_to(status)


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} KB"
