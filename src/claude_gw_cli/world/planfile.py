"""The compiled plan: what ``cgw env`` needs, kept in a file until anything it was made from changes.

Reading and validating a profile costs ten times what printing its variables costs, and shells start often. The file
holds no secret: a plan has slots. It is one answer of ``cli.prepare``, never a second way to compute it, together
with the signature of every file that was looked at, also of those that were not there. Light: on the hot path.
"""

from __future__ import annotations

import os
import time
from binascii import crc32

from claude_gw_cli import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FORMAT = f"cgw plan 1 {__version__}"
_END = "end"
# A file that changed this recently could change again within one tick of the file system's clock, unseen.
_SETTLED_SECONDS = 1.0
# The variables that decide which profile and which settings files are looked at.
_VARIABLES = ("CGW_PROFILE", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "CLAUDE_CONFIG_DIR")


def signature(path: str) -> str:
    """What changes when a file does: identity, size, both times. ``-`` when it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return "-"
    if path.endswith("/.git"):
        return "there"  # only whether there is a repository counts; its contents change with every git command
    return f"{found.st_dev}:{found.st_ino}:{found.st_mode}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def question(name: str | None, env: Mapping[str, str], cwd: str, *options: str) -> str:
    """Everything besides files that decides the answer, as one line."""
    return _joined([name or "", cwd, *(env.get(variable, "\0") for variable in _VARIABLES), *options])


def load(folder: str, asked: str) -> dict[str, list[list[str]]] | None:
    """The kept answer to a question as its rows by kind, or ``None`` when there is none or it may be stale."""
    try:
        with open(_path(folder, asked), encoding="utf-8", newline="\n") as file:
            lines = file.read().split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if len(lines) < 4 or lines[0] != _FORMAT or lines[1] != asked or lines[-2:] != [_END, ""]:
        return None
    rows: dict[str, list[list[str]]] = {}
    for line in lines[2:-2]:
        kind, *fields = _split(line)
        if kind == "dep" and signature(fields[1]) != fields[0]:
            return None
        rows.setdefault(kind, []).append(fields)
    return rows


def store(
    folder: str, asked: str, rows: Iterable[tuple[str, Sequence[str]]], depends: Iterable[str], started: float
) -> bool:
    """Keep an answer; returns False when it is not safe to keep.

    Args:
        folder: cgw's cache directory.
        asked: the ``question``.
        rows: (kind, fields) as ``load`` gives them back.
        depends: every path that was looked at, there or not.
        started: when the look began, seconds since the epoch.
    """
    from claude_gw_cli.core.errors import CgwError
    from claude_gw_cli.world import files

    lines = [_FORMAT, asked]
    for path in dict.fromkeys(depends):
        try:
            if os.stat(path).st_ctime > started - _SETTLED_SECONDS:
                return False
        except OSError:
            pass
        lines.append(_joined(["dep", signature(path), path]))
    lines += [_joined([kind, *fields]) for kind, fields in rows]
    text = "\n".join([*lines, _END, ""])
    try:
        files.private_dir(os.path.join(folder, "plans"))
        files.write_private(_path(folder, asked), text.encode("utf-8", "surrogateescape"))
    except (CgwError, OSError, UnicodeEncodeError):
        return False  # a cache that cannot be written costs time, nothing else
    return True


def now() -> float:
    """Seconds since the epoch."""
    return time.time()


def _path(folder: str, asked: str) -> str:
    return os.path.join(folder, "plans", f"{crc32(asked.encode('utf-8', 'surrogateescape')):08x}")


def _joined(fields: Sequence[str]) -> str:
    return "\t".join(
        field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\0", "\\0") for field in fields
    )


def _split(line: str) -> list[str]:
    if "\\" not in line:
        return line.split("\t")
    return [_plain(field) for field in line.split("\t")]


def _plain(field: str) -> str:
    if "\\" not in field:
        return field
    parts = field.split("\\\\")
    return "\\".join(part.replace("\\t", "\t").replace("\\n", "\n").replace("\\0", "\0") for part in parts)
