"""Who changed what, and when: an append-only record of cgw's own changes on this machine, one JSON object a line.

It says which file, profile and members were changed, never a value. It is a record and not a control: its owner can
remove it. A record that cannot be written does not fail the command, whose own files are the result.
"""

from __future__ import annotations

import os
import time

from claude_gw_cli import __version__
from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.world import files
from claude_gw_cli.world.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 512 << 10
"""Bytes of one file; the file before it is kept, so there are at most twice as many."""
_LOCK_SECONDS = 2.0
_NAMES = ("audit.1.jsonl", "audit.jsonl")
"""The files, the older one first."""


def path(state: str) -> str:
    """The file that is written now, in cgw's state directory."""
    return os.path.join(state, _NAMES[1])


def note(state: str, action: str, **facts: object) -> None:
    """Append one entry; facts that are empty are left out.

    Args:
        state: cgw's state directory.
        action: the command's words, such as ``settings apply``.
        facts: names, paths and digests; no value of a setting.
    """
    import json

    entry = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **who(), "cgw": __version__}
    entry |= {"action": action, **{name: value for name, value in facts.items() if value}}
    line = json.dumps(entry, ensure_ascii=True).encode() + b"\n"
    try:
        with Lock(os.path.join(state, ".audit.lock"), _LOCK_SECONDS):
            _append(state, line)
    except (CgwError, OSError):
        pass


def entries(state: str) -> Iterator[dict[str, Any]]:
    """Every entry, the oldest first; a line that a killed process left half is passed over.

    Raises:
        FileError, RefusedError: a file of it cannot be read.
    """
    for name in _NAMES:
        for line in (files.read_private(os.path.join(state, name)) or b"").splitlines():
            try:
                entry = from_json(line)
            except ValueError:
                continue
            if (
                isinstance(entry, dict)
                and isinstance(entry.get("time"), str)
                and isinstance(entry.get("action"), str)
            ):
                yield entry


def _append(state: str, line: bytes) -> None:
    older, newer = (os.path.join(state, name) for name in _NAMES)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(newer, flags, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size + len(line) > LARGEST:
            os.close(handle)
            os.replace(newer, older)
            handle, size = os.open(newer, flags, 0o600), 0
        if size:
            os.lseek(handle, size - 1, os.SEEK_SET)
            line = line if os.read(handle, 1) == b"\n" else b"\n" + line
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


def who() -> Mapping[str, object]:
    """The user of this process, and who became it with sudo."""
    if not hasattr(os, "getuid"):
        return {"user": os.environ.get("USERNAME", "")}
    import pwd

    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may have no name for it
        name = str(uid)
    sudo = os.environ.get("SUDO_USER", "")
    return {"user": name, "uid": uid, **({"sudo_user": sudo} if sudo else {})}
