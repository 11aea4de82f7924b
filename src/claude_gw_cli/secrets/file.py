"""``file:///path``: the key is the content of a private file. On the hot path."""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import UnavailableError, UsageError
from claude_gw_cli.secrets import FetchedSecret
from claude_gw_cli.world.files import read_private

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
    data = read_private(path)
    if data is None:
        raise UnavailableError(f"there is no key file {path}", hint=f"Create it: cgw secret set 'file://{path}'")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from None


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The absolute path; a change of the file ends a cached value."""
    from claude_gw_cli.secrets.pin import PinnedReference

    path = expand(reference.path, context)
    return PinnedReference(f"file://{path}", watch=(path,))
