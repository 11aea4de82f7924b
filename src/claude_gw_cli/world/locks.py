"""One lock per thing that several cgw processes may touch at once; it dies with its holder.

The lock is a dedicated file in a private directory, never the data file (Windows cannot rename a locked file) and
never in /tmp (other users). Claude Code takes no lock at all, so writers also compare before they replace.
"""

from __future__ import annotations

import errno
import os
import sys
import time

from claude_gw_cli.core.errors import TryAgainError
from claude_gw_cli.world import files
from claude_gw_cli.world.regular import close

TYPE_CHECKING = False  # typing's own costs 6 ms to import; type checkers know the name
if TYPE_CHECKING:
    from typing import Self

_POLL_SECONDS = 0.02
_HELD = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
"""Another process has it (Windows says EACCES or EDEADLK); all else means that there are no locks here."""


class Lock:
    """A context manager that holds the lock file; ``held`` is false where the file system has no locks.

    Args:
        path: the lock file; its directory is made private.
        timeout: seconds to wait for another holder.

    Raises:
        TryAgainError: another process still holds it after ``timeout``.
    """

    def __init__(self, path: str, timeout: float = 8.0) -> None:
        self.path = path
        self.timeout = timeout
        self.held = False
        self._handle = -1

    def __enter__(self) -> Self:
        files.private_dir(os.path.dirname(self.path))
        deadline = time.monotonic() + self.timeout
        try:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
            self._handle = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise files.failure("lock", self.path, error) from None
        while True:
            try:
                _take(self._handle)
            except OSError as error:
                if error.errno not in _HELD:
                    return self
                if time.monotonic() >= deadline:
                    close(self._handle)
                    raise TryAgainError(
                        f"another cgw has been busy for {self.timeout:g} seconds (lock {self.path})",
                        hint="Run the command again.",
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                self.held = True
                return self

    def __exit__(self, *_: object) -> None:
        close(self._handle)


def _take(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
