"""The compiled plan: what ``cgw env`` needs, kept in a file until anything it was made from changes.

Reading and validating a profile costs ten times what printing its variables costs, and shells start often. The file
holds no secret: a plan has slots. It is one answer of ``cli.prepare``, never a second way to compute it, together
with the signature of every file that was looked at, also of those that were not there. Light: on the hot path.
"""

from __future__ import annotations

import os
import time

from claude_gw_cli import __version__
from claude_gw_cli.core.errors import FileError
from claude_gw_cli.world import regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FORMAT = f"cgw plan 5 {__version__}"
# A file that changed this recently could change again within one tick of the file system's clock, unseen.
_SETTLED_SECONDS = 1.0
# The variables that decide which profile and which settings files are looked at, and what is trusted.
_VARIABLES = (
    "CGW_PROFILE", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "CLAUDE_CONFIG_DIR", "APPDATA", "LOCALAPPDATA",
    "CGW_TRUST_REPOSITORY",
)  # fmt: skip
# The client rewrites .claude.json at every start. Only these members of it count; `\\u` could spell their names.
_COUNTING = (b'"env"', b'"apiKeyHelper"', b"\\u")


def signature(path: str) -> str:
    """What changes when a file does: identity, size, both times. A word where less than that decides."""
    try:
        if path.endswith("/.claude.json"):
            data, _ = regular.content(path)
            if not any(word in data for word in _COUNTING):
                return "indifferent"
        found = os.stat(path)
    except (OSError, FileError):
        return "absent"
    if path.endswith("/.git"):
        return "there"  # only whether there is a repository counts; its contents change with every git command
    return f"{found.st_dev}:{found.st_ino}:{found.st_mode}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def signatures(looked_at: Iterable[str]) -> dict[str, str]:
    """The signature of each path, there or not."""
    return {path: signature(path) for path in looked_at}


def question(name: str | None, env: Mapping[str, str], cwd: str, *options: str) -> str:
    """Everything besides files that decides the answer, as one line."""
    return _joined([name or "", cwd, *(env.get(variable, "\0") for variable in _VARIABLES), *options])


def load(folder: str, asked: str) -> dict[str, list[list[str]]] | None:
    """The kept answer to a question as its rows by kind, or ``None`` when there is none or it may be stale."""
    try:
        head, check, body = _read(_path(folder, asked)).split("\n", 2)
    except (OSError, ValueError, FileError):  # none, not ours, cut short, or not UTF-8
        return None
    if head != _FORMAT or check != _sum(body):
        return None
    question_line, *lines = body.split("\n")
    if question_line != asked:
        return None
    rows: dict[str, list[list[str]]] = {}
    for line in lines:
        kind, *fields = _split(line)
        if kind == "dep" and signature(fields[1]) != fields[0]:
            return None
        rows.setdefault(kind, []).append(fields)
    return rows


def store(
    folder: str, asked: str, rows: Iterable[tuple[str, Sequence[str]]], before: Mapping[str, str], started: float
) -> bool:
    """Keep an answer; returns False when it is not safe to keep.

    Args:
        folder: cgw's cache directory.
        asked: the ``question``.
        rows: (kind, fields) as ``load`` gives them back.
        before: the ``signatures`` of every path that was looked at, taken before the answer was computed.
        started: when they were taken, seconds since the epoch.
    """
    from claude_gw_cli.core.errors import CgwError
    from claude_gw_cli.world import files

    dependencies = [("dep", [mark, path]) for path, mark in before.items()]
    body = "\n".join([asked, *(_joined([kind, *fields]) for kind, fields in (*dependencies, *rows))])
    text = f"{_FORMAT}\n{_sum(body)}\n{body}"
    try:
        for path, mark in before.items():
            if signature(path) != mark or (":" in mark and os.stat(path).st_ctime > started - _SETTLED_SECONDS):
                return False
        files.private_dir(os.path.join(folder, "plans"))
        files.write_private(_path(folder, asked), text.encode(), durable=False)
    except (CgwError, OSError, UnicodeEncodeError):
        return False  # a cache that cannot be written costs time, nothing else
    return True


def now() -> float:
    """Seconds since the epoch."""
    return time.time()


def _read(path: str) -> str:
    """The file's text if it is ours alone.

    Raises:
        OSError, ValueError, FileError: it is not, or cannot be read.
    """
    handle, found = regular.opened(path)
    try:
        if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
            raise PermissionError(path)
        return regular.head(handle, regular.LARGEST, found.st_size).decode()
    finally:
        regular.close(handle)


def _sum(body: str) -> str:
    """What changes when a text does: its bytes as one number, modulo the largest prime below 2**64.

    ``binascii`` and ``zlib``, which have checksums, take as long to load as two modules of cgw.
    """
    return f"{int.from_bytes(b'cgw' + body.encode('utf-8', 'surrogateescape')) % (2**64 - 59):016x}"


def _path(folder: str, asked: str) -> str:
    return os.path.join(folder, "plans", _sum(asked))


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
