"""``file:///path``: the key is the content of a private file. On the hot path."""

from __future__ import annotations

from claude_gw_cli.core.secret import checked
from claude_gw_cli.secrets import Material

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context


def fetch(reference: Reference, context: Context) -> Material:
    """The file's content, without surrounding blanks."""
    path = expand(reference.path, context)
    return Material(
        checked(read_key_file(path), reference.text), facts={"source": "file", "path": path}, watch=(path,)
    )


def expand(path: str, context: Context) -> str:
    """``~/`` by the context's HOME; nothing else is expanded."""
    return context.env.get("HOME", "").rstrip("/") + path[1:] if path.startswith("~/") else path


def read_key_file(path: str) -> str:
    """The text of a key or token file that only its owner can read.

    Raises:
        UnavailableError: there is no such file.
        RefusedError: its mode or owner lets somebody else read or replace it.
        UsageError: it is not text, or too large to be a key.
    """
    import os
    import stat

    from claude_gw_cli.core.errors import FileError, RefusedError, UnavailableError, UsageError

    try:
        # O_NONBLOCK: a FIFO in place of the file must not hang the helper
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise UnavailableError(
            f"there is no key file {path}",
            hint=f"Create it: umask 077; cat > '{path}'   (then paste the key, Ctrl-D)",
        ) from None
    except PermissionError:
        raise RefusedError(f"{path} cannot be read: permission denied", hint=f"See: ls -l '{path}'") from None
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(f"{path} is not a regular file")
        if hasattr(os, "getuid") and facts.st_uid not in {os.getuid(), 0}:
            raise RefusedError(
                f"the key file {path} belongs to another user (uid {facts.st_uid})",
                hint=f"Take it over: sudo chown $(id -u) '{path}'",
            )
        if os.name == "posix" and facts.st_mode & 0o077:
            raise RefusedError(
                f"the key file {path} is open to other users (mode {facts.st_mode & 0o777:04o})",
                hint=f"Close it: chmod 600 '{path}'",
            )
        if facts.st_size > 1_000_000:
            raise UsageError(f"{path} has {facts.st_size} bytes: not a key file")
        data = os.read(handle, 1_000_001)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    finally:
        os.close(handle)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from None
