"""A settings file on disk and what cgw does to it: read, apply, undo, status.

Joins the pure merge with the writer and the ownership records. Decides nothing about what is wanted (a Patch comes
in) and prints nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from functools import partial
from typing import Literal

from claude_gw_cli.core.errors import RefusedError, TryAgainError, UsageError
from claude_gw_cli.core.jsontext import JsonError, Pointer, decode, encode, parse
from claude_gw_cli.core.merge import Merged, Patch, Record, drift, merge
from claude_gw_cli.core.merge import undo as undo_merge
from claude_gw_cli.core.model import SettingsScope
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import files, git, paths
from claude_gw_cli.world.ownership import Ledger, Store

_ATTEMPTS = 5
"""How often to merge anew when another program keeps changing the file."""


@dataclass(frozen=True, slots=True)
class Place:
    """One scope's settings file: ``path`` as a person names it, ``target`` where its links end."""

    scope: SettingsScope
    path: str
    target: str

    @property
    def is_shared(self) -> bool:
        """Others are meant to read it: the repository's, and the administrator's."""
        return self.scope in {"project", "managed"}


@dataclass(frozen=True, slots=True)
class Current:
    """What a settings file holds now; ``data`` is ``None`` when there is no file."""

    data: bytes | None
    text: str = ""
    encoding: str = "utf-8"
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, or would. ``before`` and ``after`` are whole texts and may hold secrets."""

    before: str
    after: str
    merged: Merged
    written: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """Which profile a file carries, and the state of each member that cgw set."""

    profile: str
    members: tuple[tuple[Pointer, Literal["ok", "changed", "missing"]], ...]


def place(
    scope: SettingsScope, env: Mapping[str, str], cwd: str, managed: str | None = None, *, drop_in: bool = False
) -> Place:
    """Where a scope's file is; see ``paths.settings_path``."""
    path = paths.settings_path(scope, env, cwd, managed, drop_in=drop_in)
    return Place(scope, path, files.target(path))


def read(path: str) -> Current:
    """The file's content, decoded so that every byte can be given back.

    Raises:
        FileError, RefusedError: it exists and cannot be read.
    """
    data = files.read_bytes(path)
    if data is None:
        return Current(None)
    text, encoding = decode(data)
    return Current(data, text, encoding, stat.S_IMODE(os.stat(path).st_mode))


def check_secret_may_be_written(where: Place, env: Mapping[str, str]) -> None:
    """Refuse a place from which a literal key would travel.

    The managed scope is the administrator's own decision: every user of the machine reads that file.

    Raises:
        RefusedError: project scope; a file that git tracks; a local file that git does not ignore.
    """
    hint = "Let a helper fetch the key (--auth helper), or keep it in the environment: cgw env"
    if where.scope == "project":
        raise RefusedError("a key is never written into project settings: others read that file", hint=hint)
    for path in dict.fromkeys((where.path, where.target)):
        if git.tracked(path, env):
            raise RefusedError(f"a key is never written into a file that git tracks: {path}", hint=hint)
    if where.scope == "local" and git.exposed(where.path, env):
        raise RefusedError(
            f"git does not ignore {where.path}, so a key in it could be committed",
            hint=f"Ignore it first: echo {os.path.basename(where.path)} >> .gitignore",
        )


def preview(where: Place, patch: Patch, state: str, *, force: bool = False) -> Outcome:
    """What ``apply`` would do; touches nothing.

    Raises:
        UsageError: the file is not JSON, or has something else where an object must be.
    """
    store = Store(state, where.target)
    current = read(where.target)
    ledger = store.load(_text(current))
    merged = _merged(where, current, patch, ledger, store, force=force)
    return Outcome(current.text, merged.text, merged)


def apply(where: Place, patch: Patch, profile: str, state: str, *, force: bool = False) -> Outcome:
    """Merge the patch into the file and record what is ours. Nothing is written when there is nothing to do.

    With conflicts and without ``force`` nothing is written either.

    Raises:
        UsageError: the file is not JSON, or has something else where an object must be.
        TryAgainError: another program keeps changing the file, or the lock is held.
        FileError, RefusedError: it cannot be written; it still holds its old bytes.
    """
    store = Store(state, where.target)
    with store.lock():
        for _ in range(_ATTEMPTS):
            try:
                return _apply_once(where, patch, profile, store, force=force)
            except TryAgainError as error:
                last = error
        raise last


def undo(where: Place, state: str, *, force: bool = False) -> Outcome | None:
    """Take back what cgw put into the file; ``None`` when nothing is recorded for it.

    Byte-exact when nobody else changed the file since; otherwise only cgw's own members go.

    Raises:
        UsageError, TryAgainError, FileError, RefusedError: as ``apply``.
    """
    store = Store(state, where.target)
    with store.lock():
        for _ in range(_ATTEMPTS):
            try:
                return _undo_once(where, store, force=force)
            except TryAgainError as error:
                last = error
        raise last


def status(where: Place, state: str) -> Status | None:
    """The state of what cgw put into the file, or ``None`` when nothing is recorded for it.

    Raises:
        UsageError: the file is not JSON.
    """
    store = Store(state, where.target)
    current = read(where.target)
    ledger = store.load(_text(current))
    if ledger is None:
        return None
    try:
        return Status(ledger.profile, drift(current.text, ledger.record, store.digest))
    except JsonError as error:
        raise _not_json(where, error) from None


def _apply_once(where: Place, patch: Patch, profile: str, store: Store, *, force: bool) -> Outcome:
    current = read(where.target)
    ledger = store.load(_text(current))
    merged = _merged(where, current, patch, ledger, store, force=force)
    outcome = Outcome(current.text, merged.text, merged)
    if merged.conflicts and not force:
        return outcome
    private = patch.has_secret and where.scope != "managed"
    loose = private and current.mode is not None and bool(current.mode & 0o077)
    fresh = Ledger(
        profile=profile,
        record=merged.record,
        existed=ledger.existed if ledger else current.data is not None,
        mode=current.mode if loose else ledger.mode if ledger else None,
    )
    writes = current.data is None or merged.text != current.text or loose
    if not writes and fresh == ledger:
        return outcome
    if current.data is not None and not (ledger and ledger.record.written == store.digest(current.text)):
        store.keep(current.data)
    store.announce(fresh, before=_text(current), base=encode(merged.record.base, current.encoding))
    if not writes:
        store.confirm()
        return outcome
    mode = 0o600 if loose else None
    if current.data is None:
        mode = 0o644 if where.is_shared else 0o600
        files.make_dirs(os.path.dirname(where.target), 0o755 if where.is_shared else 0o700)
    try:
        note = files.replace(
            where.target,
            encode(merged.text, current.encoding),
            expected=current.data,
            mode=mode,
            backup=partial(store.keep, current.data or b""),
        )
    except TryAgainError:
        store.withdraw()
        raise
    # After any other error the file's own text tells the next run whether the write took place.
    store.confirm()
    notes = [note] if note else []
    if loose:
        notes.append(f"{where.target} is now readable by you alone, because it holds a key")
    return replace(outcome, written=True, notes=tuple(notes))


def _undo_once(where: Place, store: Store, *, force: bool) -> Outcome | None:
    current = read(where.target)
    ledger = store.load(_text(current))
    if ledger is None:
        store.forget()
        return None
    try:
        merged = undo_merge(current.text, ledger.record, store.digest, force=force)
        empty = not ledger.existed and parse(merged.text).value == {}
    except JsonError as error:
        raise _not_json(where, error) from None
    written, note = False, ""
    if current.data is not None:
        if store.digest(current.text) != ledger.record.written:
            store.keep(current.data)
        if empty:
            files.remove(where.target, expected=current.data)
            written = True
        elif merged.text != current.text or ledger.mode is not None:
            data = encode(merged.text, current.encoding)
            note = files.replace(
                where.target, data, expected=current.data, mode=ledger.mode, backup=partial(store.keep, current.data)
            )
            written = True
    store.forget()
    return Outcome(current.text, "" if empty else merged.text, merged, written, (note,) if note else ())


def _merged(
    where: Place, current: Current, patch: Patch, ledger: Ledger | None, store: Store, *, force: bool
) -> Merged:
    record: Record | None = ledger.record if ledger else None
    try:
        return merge(current.text, patch, record, store.digest, force=force)
    except JsonError as error:
        raise _not_json(where, error) from None
    except UsageError as error:
        raise UsageError(f"{where.path}: {error.message}", hint=f"Look at it: {where.target}") from None


def _not_json(where: Place, error: JsonError) -> UsageError:
    return UsageError(
        f"{where.path}:{error.line}:{error.column}: not valid JSON: {error.reason}",
        hint="Nothing was changed. Claude Code ignores the whole file until this is fixed.",
    )


def _text(current: Current) -> str | None:
    return None if current.data is None else current.text
