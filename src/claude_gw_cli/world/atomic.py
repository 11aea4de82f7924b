"""One step of the writer: a new inode takes a name inside a directory that is held open.

Only for ``world.files``, which is the public interface; on the helper's hot path, so it imports nothing heavy.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from claude_gw_cli.core.errors import CgwError, FileError, RefusedError, TryAgainError
from claude_gw_cli.world import paths
from claude_gw_cli.world.regular import POSIX, close, head

TYPE_CHECKING = False  # typing's own costs 6 ms to import; type checkers know the name
if TYPE_CHECKING:
    from typing import Self

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_MARK = ".cgw-"
_STALE_SECONDS = 600
_ELSEWHERE = (
    "choose another place: XDG_CONFIG_HOME, XDG_STATE_HOME and XDG_CACHE_HOME say where cgw's own files are, "
    "CLAUDE_CONFIG_DIR where Claude Code's are; --out and --managed-dir name one file"
)
# A bind-mounted file (docker's single-file mounts) cannot be renamed over: EBUSY, or EXDEV on some file systems.
_NOT_REPLACEABLE = (errno.EBUSY, errno.EXDEV)
_NO_DIRECTORY_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


class MustKeepInodeError(Exception):
    """The target cannot be replaced without losing something of it; the text says what."""


def failure(action: str, path: str, error: OSError) -> CgwError:
    """The error for a person: 77 where permission is missing, else 74."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    kind = RefusedError if error.errno in {errno.EACCES, errno.EPERM} else FileError
    return kind(f"cannot {action} {path}: {reason}", hint=_advice(path, error.errno or 0))


def _advice(path: str, code: int) -> str:
    """What to do about a file that cannot be used, by the system's reason and by whom the place belongs to."""
    folder = os.path.dirname(paths.absolute(path))
    place = path if os.path.lexists(path) else folder
    while not os.path.lexists(place) and place != os.path.dirname(place):
        place = os.path.dirname(place)
    if code in {errno.EACCES, errno.EPERM} and POSIX:
        try:
            owner = os.lstat(place).st_uid
        except OSError:
            owner = os.geteuid()
        if owner == os.geteuid():
            return f"chmod u+rwX {place}"
        who = "Only an administrator may do that there" if owner == 0 else f"{place} belongs to user {owner}"
        return f"{who}: sudo with the same command, or {_ELSEWHERE}"
    if code == errno.ENOSPC or code == getattr(errno, "EDQUOT", None):
        return f"Free some space: df -h {place}"
    if code == errno.EROFS:
        return f"That file system cannot be written: {_ELSEWHERE}"
    return f"ls -ld {folder} {path}"


class Folder:
    """The directory of one target, held open, so that what happens to the path meanwhile cannot redirect a write."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.name = os.path.basename(path)
        self.at: dict[str, int] = {}

    def __enter__(self) -> Self:
        from claude_gw_cli.world.signals import end_in_order

        end_in_order()
        if POSIX:
            try:
                directory = os.path.dirname(self.path) or "."
                self.at = {"dir_fd": os.open(directory, os.O_RDONLY | os.O_DIRECTORY | FLAGS)}
            except OSError as error:
                raise failure("write", self.path, error) from None
        else:
            self.name = self.path
        return self

    def __exit__(self, *_: object) -> None:
        if self.at:
            close(self.at["dir_fd"])

    def unlink(self) -> None:
        """Remove the target, durably."""
        try:
            os.unlink(self.name, **self.at)
        except OSError as error:
            raise failure("remove", self.path, error) from None
        self.sync()

    def put(
        self, data: bytes, mode: int | None, expected: tuple[bytes | None] | None = None, *, durable: bool = True
    ) -> None:
        """A new inode with these bytes takes the name; ``expected`` also asks to keep the old one's attributes."""
        old = self._status() if expected else None
        if old and old.st_nlink > 1:
            raise MustKeepInodeError("it has more than one hard link")
        temporary = f"{self.name}{_MARK}{os.urandom(8).hex()}"
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | FLAGS, 0o600, **self.at)
            try:
                if old:
                    self._copy_attributes(handle, old)
                _write_all(handle, data)
                if POSIX:
                    os.fchmod(handle, mode if mode is not None else stat.S_IMODE(old.st_mode) if old else 0o600)
                if durable:
                    os.fsync(handle)
            finally:
                os.close(handle)
            if expected:
                self.check(expected)
            if POSIX:
                os.rename(temporary, self.name, src_dir_fd=self.at["dir_fd"], dst_dir_fd=self.at["dir_fd"])
            else:
                os.replace(temporary, self.name)
        except OSError as error:
            self._discard(temporary)
            if error.errno in _NOT_REPLACEABLE and old:
                raise MustKeepInodeError("it is a separate mount point") from None
            raise failure("write", self.path, error) from None
        except BaseException:
            self._discard(temporary)
            raise
        if durable:
            self.sync()

    def _status(self) -> os.stat_result | None:
        try:
            status = os.stat(self.name, follow_symlinks=False, **self.at)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failure("write", self.path, error) from None
        if not stat.S_ISREG(status.st_mode):
            raise FileError(f"{self.path} is not a regular file")
        return status

    def _copy_attributes(self, handle: int, old: os.stat_result) -> None:
        if not POSIX:
            return
        new = os.fstat(handle)
        try:
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                os.fchown(handle, old.st_uid, old.st_gid)
            self._copy_extended(handle)
        except PermissionError:
            raise MustKeepInodeError("its owner or attributes cannot be given to a new file") from None

    def _copy_extended(self, handle: int) -> None:
        if not hasattr(os, "listxattr"):
            return
        source = os.open(self.name, os.O_RDONLY | _NOFOLLOW | FLAGS, **self.at)
        try:
            for name in os.listxattr(source):
                # Labels of a security module are set by that module: it has labelled the new file already.
                if not name.startswith("security."):
                    os.setxattr(handle, name, os.getxattr(source, name))
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
        finally:
            close(source)

    def check(self, expected: tuple[bytes | None]) -> None:
        """Raise TryAgainError unless the target's content is what the caller read."""
        current = None
        if self._status():
            handle = os.open(self.name, os.O_RDONLY | _NOFOLLOW | FLAGS, **self.at)
            try:
                length = len(expected[0] or b"")
                current = head(handle, length + 1, length)
            finally:
                close(handle)
        if current != expected[0]:
            raise TryAgainError(
                f"{self.path} was changed by another program meanwhile", hint="Run the command again."
            )

    def write_in_place(self, data: bytes, old: bytes, mode: int | None, saved: str) -> None:
        """Overwrite the target's own inode; on failure its old bytes are written back. ``saved`` names a copy."""
        self.check((old,))
        try:
            handle = os.open(self.name, os.O_WRONLY | _NOFOLLOW | FLAGS, **self.at)
            try:
                if mode is not None and POSIX:
                    os.fchmod(handle, mode)
                _overwrite(handle, data)
            except BaseException:  # Ctrl-C too
                _overwrite(handle, old)
                raise
            finally:
                os.close(handle)
        except OSError as error:
            problem = failure("write", self.path, error)
            problem.hint = f"Its old content is in {saved}"
            raise problem from None

    def _discard(self, temporary: str) -> None:
        try:
            os.unlink(temporary, **self.at)
        except OSError:
            pass  # never created, or swept later

    def sync(self) -> None:
        """Make the new name durable, where the file system knows how."""
        if not self.at:
            return
        try:
            os.fsync(self.at["dir_fd"])
        except OSError as error:
            if error.errno not in _NO_DIRECTORY_SYNC:
                raise failure("flush the directory of", self.path, error) from None

    def sweep(self) -> None:
        """Remove what a killed run of ours left beside this target."""
        where = self.at.get("dir_fd", os.path.dirname(self.path) or ".")
        prefix = os.path.basename(self.path) + _MARK
        try:
            found = [name for name in os.listdir(where) if name.startswith(prefix)]
        except OSError:
            return  # a directory that may be entered but not listed
        for name in found:
            full = name if self.at else os.path.join(os.path.dirname(self.path), name)
            try:
                status = os.stat(full, follow_symlinks=False, **self.at)
            except OSError:
                continue
            ours = not POSIX or status.st_uid == os.geteuid()
            if ours and time.time() - status.st_mtime > _STALE_SECONDS:
                self._discard(full)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _overwrite(handle: int, data: bytes) -> None:
    # Truncating last keeps the blocks that the old content needs, should it have to come back.
    os.lseek(handle, 0, os.SEEK_SET)
    _write_all(handle, data)
    os.ftruncate(handle, len(data))
    os.fsync(handle)
