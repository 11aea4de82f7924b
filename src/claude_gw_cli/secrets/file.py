"""``file:///path``: the key is the content of a private file. On the hot path."""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import FileError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.reference import quoted
from claude_gw_cli.core.secret import checked
from claude_gw_cli.secrets import FetchedSecret
from claude_gw_cli.world import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.core.reference import Reference
    from claude_gw_cli.secrets import Context
    from claude_gw_cli.secrets.pin import PinnedReference


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """The file's content, without surrounding whitespace."""
    path = expand(reference.path, context)
    return FetchedSecret(
        context.accept(read_key_file(path), reference.text), facts={"source": "file", "path": path}, watch=(path,)
    )


def expand(path: str, context: Context) -> str:
    """An absolute path: ``~/`` by the context's HOME; nothing else is expanded.

    Raises:
        UsageError: it is relative. A helper runs in every directory, and a project must not choose the file.
    """
    if path.startswith("~/"):
        return context.env.get("HOME", "").rstrip("/") + path[1:]
    if not os.path.isabs(path):
        raise UsageError(f"{path!r} is a relative path", hint="Write it from the root, or begin it with ~/")
    return path


def read_key_file(path: str) -> str:
    """The text of a key or token file that only its owner can read.

    Raises:
        UnavailableError: there is no such file.
        RefusedError: its mode or owner lets other users read or replace it.
        FileError: it is not a regular file or cannot be read.
        UsageError: it is not text.
    """
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", hint="Name the file in it that holds the key.")
    try:
        data = files.read_private(path)
    except FileError as error:
        error.hint = error.hint or (
            "A key file is a regular file: cgw secret set file:///path. To read a pipe use exec: and its command."
        )
        raise
    if data is None:
        raise UnavailableError(
            f"there is no key file {path}", hint=f"Create it: cgw secret set {quoted(f'file://{path}')}"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text (byte {error.start})", hint="A key is one line of text: store it as text."
        ) from None


def remove_key_file(path: str) -> None:
    """Remove a file that holds a key and nothing else, whatever its mode: a file that others can read, above all.

    Raises:
        UnavailableError: there is no such file.
        RefusedError: it belongs to another user.
        UsageError: it holds something else.
        FileError: it is not a regular file, or cannot be removed.
    """
    real = files.target(path)
    if not os.path.lexists(path):
        raise UnavailableError(
            f"there is no key file {path}, so nothing was removed", hint="Where a profile's key is: cgw profile show"
        )
    try:
        text = read_key_file(path)
    except RefusedError:
        if os.name != "posix" or os.stat(real).st_uid != os.geteuid():
            raise
        text = (files.read_bytes(path) or b"").decode("utf-8", "replace")
    checked(text, path)
    for name in dict.fromkeys((real, path)):  # the key, then the link to it
        try:
            os.unlink(name)
        except OSError as error:
            raise files.failure("remove", name, error) from None


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The absolute path; a change of the file ends a cached value."""
    from claude_gw_cli.secrets.pin import PinnedReference

    path = expand(reference.path, context)
    return PinnedReference(f"file://{path}", watch=(path,))
