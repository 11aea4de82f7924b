"""The only writer: after any failure a file holds either its old bytes or its new ones, and a link stays a link.

A write goes to a temporary file beside the *final* target of the whole symlink chain, is flushed, and takes the
target's name in one step. Knows nothing about what is in a file. On the helper's hot path: imports only what the
interpreter has loaded anyway.
"""

from __future__ import annotations

import os
import stat

from claude_gw_cli.core.errors import FileError, RefusedError, UsageError
from claude_gw_cli.world.regular import LARGEST, POSIX, close, head, opened

__all__ = [
    "LARGEST", "failure", "is_below", "make_dirs", "missing_dirs", "private_dir", "read_bytes", "read_owned",
    "read_private", "remove", "remove_dirs", "replace", "target", "write_private",
]  # fmt: skip

TYPE_CHECKING = False  # typing's own costs 6 ms to import; type checkers know the name
if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.core.errors import CgwError
    from claude_gw_cli.world.atomic import Folder


def _folder(path: str) -> Folder:
    """The directory to write in; most commands write nothing."""
    from claude_gw_cli.world.atomic import Folder

    return Folder(path)


def failure(action: str, path: str, error: OSError) -> CgwError:
    """The error for a person: 77 where permission is missing, else 74."""
    from claude_gw_cli.world.atomic import failure

    return failure(action, path, error)


def target(path: str) -> str:
    """The file that a path means in the end, through every symbolic link; it need not exist.

    Raises:
        FileError: the links form a loop.
    """
    real = os.path.realpath(path)
    if os.path.islink(real):
        raise FileError(f"{path} is a symbolic link that leads back to itself", hint=f"ls -l {path}")
    return real


def check_names_a_file(path: str) -> None:
    """Refuse a path for one file that names a directory, there or not.

    Raises:
        UsageError: it ends with a separator, or a directory is there.
    """
    if path.endswith(("/", os.sep)) or os.path.isdir(path):
        raise UsageError(f"{path} is a directory", hint=f"Name the file in it: {os.path.join(path, 'NAME')}")


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a directory's or something in it, by its letters; links are not looked at."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def read_bytes(path: str) -> bytes | None:
    """The content of a regular file, or ``None`` when there is none (also for a dangling link).

    Raises:
        FileError, RefusedError: it cannot be read, or is a directory, pipe or device.
    """
    return _read(path, lambda _: None)


def read_private(path: str) -> bytes | None:
    """As ``read_bytes``, for keys, tokens and records: refuses what others may read or what others own.

    Raises:
        RefusedError: the file is open to group or others, or belongs to another user.
    """

    def check(status: os.stat_result) -> None:
        if status.st_uid != os.geteuid():
            raise _foreign(path, status.st_uid)
        if status.st_mode & 0o077:
            raise RefusedError(
                f"{path} is open to other users (mode {stat.S_IMODE(status.st_mode):04o})", hint=f"chmod 600 {path}"
            )

    return _read(path, check if POSIX else lambda _: None)


def read_owned(path: str, owner: int, limit: int) -> bytes | None:
    """As ``read_bytes``, for another user's files: refuses one that does not belong to them, or is larger.

    Without this check, a link in that user's home would put the content of any file into a report about it.
    """

    def check(status: os.stat_result) -> None:
        if POSIX and status.st_uid != owner:
            raise RefusedError(f"{path} belongs to another user (uid {status.st_uid})")

    return _read(path, check, limit)


def _read(path: str, check: Callable[[os.stat_result], None], limit: int = LARGEST) -> bytes | None:
    """What ``check`` looked at is what is read: both go through one open file."""
    try:
        handle, status = opened(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure("read", path, error) from None
    try:
        check(status)
        data = head(handle, limit + 1, status.st_size) if status.st_size <= limit else b""
        if len(data) > limit or status.st_size > limit:
            raise FileError(f"{path} is larger than {limit >> 20} MB")
        return data
    except OSError as error:
        raise failure("read", path, error) from None
    finally:
        close(handle)


def private_dir(path: str) -> str:
    """The directory, made 0700 (with its missing parents) and checked to be ours.

    Raises:
        RefusedError: it belongs to another user.
    """
    if POSIX and os.geteuid() == 0 and (missing := missing_dirs(path)):
        _check_home(os.path.dirname(missing[-1]) or os.curdir)
    make_dirs(path, 0o700)
    if POSIX:
        try:
            status = os.stat(path)
            if status.st_uid == os.geteuid() and status.st_mode & 0o077:
                os.chmod(path, 0o700)
        except OSError as error:
            raise failure("use", path, error) from None
        if status.st_uid != os.geteuid():
            raise _foreign(path, status.st_uid)
    return path


def _check_home(path: str) -> None:
    """Root makes no directory in another user's home, where that user could not use it any more."""
    try:
        owner = os.stat(path).st_uid
    except OSError as error:
        raise failure("use", path, error) from None
    if owner:
        raise _foreign(path, owner)


def _foreign(path: str, owner: int) -> RefusedError:
    """What is another user's stays theirs: root is told to become that user, and others to ask for the file."""
    hint = f"chown {os.geteuid()} {path}    (as root)"
    if os.geteuid() == 0:
        hint = "You are root: run cgw as that user, without sudo. For root's own home directory: sudo -H cgw"
    return RefusedError(f"{path} belongs to another user (uid {owner})", hint=hint)


def missing_dirs(path: str) -> list[str]:
    """The directory and its parents that do not exist, innermost first."""
    missing = []
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    return missing


def make_dirs(path: str, mode: int) -> None:
    """Create a directory and its missing parents, each with exactly this mode; existing ones are left as they are."""
    for directory in reversed(missing_dirs(path)):
        try:
            os.mkdir(directory, 0o700)
            if mode != 0o700:
                os.chmod(directory, mode)
        except FileExistsError:
            if not os.path.isdir(directory):
                raise FileError(f"{directory} is in the way: not a directory") from None
        except OSError as error:
            raise failure("create", directory, error) from None


def write_private(path: str, data: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Write cgw's own file. Always a new inode: an existing looser file is never open to others for a moment.

    Args:
        path: the file.
        data: its content.
        mode: its permission bits.
        durable: wait for the disk; a cache that is checked when it is read need not, and there may be thousands.

    Raises:
        FileError, RefusedError: it cannot be written; the old file is untouched.
    """
    with _folder(path) as folder:
        folder.put(data, mode, durable=durable)


def replace(
    path: str,
    data: bytes,
    *,
    expected: bytes | None,
    mode: int | None = None,
    backup: Callable[[], str] | None = None,
) -> str:
    """Replace the content of a user's file; links, mode, owner and extended attributes stay.

    Where the inode itself must stay (hard links, bind mounts, a foreign owner), the file is written in place
    after ``backup`` saved the old bytes.

    Args:
        path: the file, possibly through links.
        data: the new content.
        expected: what the caller read, ``None`` for no file. Anything else there now means a lost update.
        mode: permission bits to give; ``None`` keeps the file's own (0600 for a new file).
        backup: saves the old content and returns where; needed only for the in-place case.

    Returns:
        A sentence when the file was written in place, else ``""``.

    Raises:
        TryAgainError: the content is not ``expected`` any more; nothing was written.
        FileError, RefusedError: nothing was written; names the final target.
    """
    from claude_gw_cli.world.atomic import MustKeepInodeError

    with _folder(target(path)) as folder:
        folder.sweep()
        try:
            folder.put(data, mode, expected=(expected,))
        except MustKeepInodeError as reason:
            if expected is None or backup is None:
                raise FileError(f"cannot replace {folder.path}: {reason}") from None
            saved = backup()
            folder.write_in_place(data, expected, mode, saved)
            return f"{folder.path} was written in place, because {reason}; its old content is in {saved}"
    return ""


def remove(path: str, *, expected: bytes) -> None:
    """Remove the file that a path means in the end, if it still has this content; a link to it stays.

    Raises:
        TryAgainError: the content is not ``expected`` any more.
        FileError, RefusedError: it cannot be removed.
    """
    with _folder(target(path)) as folder:
        folder.check((expected,))
        folder.unlink()


def remove_dirs(path: str, count: int) -> None:
    """Remove a directory and its parents, ``count`` at most, as long as each is empty."""
    for _ in range(count):
        try:
            os.rmdir(path)
        except OSError:
            return
        path = os.path.dirname(path)
