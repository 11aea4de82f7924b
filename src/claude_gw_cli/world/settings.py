"""A settings file on disk and what cgw does to it: read, apply, undo, status.

Joins the pure merge with the writer and the ownership records. Decides nothing about what is wanted (a Patch comes
in) and prints nothing.
"""

from __future__ import annotations

import os
import stat

from claude_gw_cli.core.errors import TryAgainError, UsageError
from claude_gw_cli.core.jsontext import JsonError, Pointer, decode, encode, parse, pointer_text
from claude_gw_cli.core.merge import Merged, Patch, Record, drift, merge
from claude_gw_cli.core.merge import undo as undo_merge
from claude_gw_cli.core.model import SettingsScope
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world import audit, files, paths
from claude_gw_cli.world.ownership import Ledger, Source, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeVar

    from claude_gw_cli.core.merge import Digest

    T = TypeVar("T")

_ATTEMPTS = 5
"""How often to merge again when another program keeps changing the file."""


NO_SOURCE = Source()


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
    """Which profile a file was written from, and the state of each member that cgw set.

    ``left`` is what was changed since and undo therefore kept; the file has no profile any more.
    """

    profile: str
    members: tuple[tuple[Pointer, Literal["ok", "changed", "missing", "left"]], ...]
    source: Source = NO_SOURCE
    is_as_written: bool = False
    """The whole file is as cgw left it."""


def place(
    scope: SettingsScope, env: Mapping[str, str], cwd: str, managed: str | None = None, *, drop_in: bool = False
) -> Place:
    """Where a scope's file is; see ``paths.settings_path``."""
    path = paths.settings_path(scope, env, cwd, managed, drop_in=drop_in)
    return Place(scope, path, files.target(path))


def read(path: str) -> Current:
    """The file's content, decoded so that every byte can be restored.

    Raises:
        FileError, RefusedError: it exists and cannot be read.
    """
    data = files.read_bytes(path)
    if data is None:
        return Current(None)
    text, encoding = decode(data)
    return Current(data, text, encoding, stat.S_IMODE(os.stat(path).st_mode))


def preview(where: Place, patch: Patch, state: str) -> Outcome:
    """What ``apply`` with ``force`` would do; touches nothing. Without ``force`` its conflicts would stop it.

    Raises:
        UsageError: the file is not JSON, or has something else where an object must be.
    """
    store = Store(state, where.target)
    current = read(where.target)
    ledger = store.load(_text(current))
    # What is not written needs no keyed digest, whose library takes a third of an interpreter's start.
    digest = (lambda _: "") if ledger is None else store.digest
    merged = _merged(where, current, patch, ledger, digest, force=True)
    return Outcome(current.text, merged.text, merged)


def check(where: Place, state: str) -> None:
    """Refuse a file that no patch can be merged into; errors as ``preview``."""
    preview(where, Patch(()), state)


def apply(
    where: Place, patch: Patch, profile: str, state: str, *, force: bool = False, source: Source = NO_SOURCE
) -> Outcome:
    """Merge the patch into the file and record what cgw set. Nothing is written when there is nothing to do.

    With conflicts and without ``force`` nothing is written either. ``source`` is the profile's file.

    Raises:
        UsageError: the file is not JSON, or has something else where an object must be.
        TryAgainError: another program keeps changing the file, or the lock is held.
        FileError, RefusedError: it cannot be written; it still holds its old bytes.
    """
    store = Store(state, where.target)
    outcome = _tried(store, lambda: _apply_once(where, patch, profile, store, source, force=force))
    if outcome.written:
        _note(state, "settings apply", where, outcome, profile, source=source.profile, sha256=source.sha256)
    return outcome


def undo(where: Place, state: str, *, profile: str | None = None, force: bool = False) -> Outcome | None:
    """Undo what cgw put into the file; ``None`` when nothing is recorded for it.

    Byte-exact when the file was not changed since; otherwise only cgw's own members are removed. Members that were
    changed since stay recorded: a later call with ``force`` undoes them too.

    Raises:
        UsageError: also when the file was written from another profile than ``profile``.
        TryAgainError, FileError, RefusedError: as ``apply``.
    """
    store = Store(state, where.target)
    outcome = _tried(store, lambda: _undo_once(where, store, profile, force=force))
    if outcome is not None:
        _note(state, "settings undo", where, outcome, profile or "", kept=len(outcome.merged.conflicts))
    return outcome


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
        members = drift(current.text, ledger.record, store.digest)
    except JsonError as error:
        raise _not_json(where, error) from None
    if not ledger.is_undone:
        return Status(ledger.profile, members, ledger.source, ledger.record.written == store.digest(current.text))
    left = [pointer for pointer, kind in members if kind != "missing"]
    return Status(ledger.profile, tuple((pointer, "left") for pointer in left)) if left else None


def _note(state: str, action: str, where: Place, outcome: Outcome, profile: str, **facts: object) -> None:
    changes: dict[str, list[str]] = {}
    after = parse(outcome.after or "{}")
    for change in outcome.merged.changes:
        kind = "clear" if change.kind in {"add", "replace"} and after.get(change.pointer) == "" else change.kind
        changes.setdefault(kind, []).append(pointer_text(change.pointer))
    audit.note(state, action, scope=where.scope, file=where.target, profile=profile, changes=changes, **facts)


def _tried(store: Store, once: Callable[[], T]) -> T:
    """What a step gives under the lock; again where another program changed the file meanwhile."""
    with store.lock():
        for _ in range(_ATTEMPTS - 1):
            try:
                return once()
            except TryAgainError:
                continue
        return once()


def _apply_once(where: Place, patch: Patch, profile: str, store: Store, source: Source, *, force: bool) -> Outcome:
    current = read(where.target)
    ledger = store.load(_text(current))
    merged = _merged(where, current, patch, ledger, store.digest, force=force)
    outcome = Outcome(current.text, merged.text, merged)
    if merged.conflicts and not force:
        return outcome
    private = patch.has_secret and where.scope != "managed"
    folder = os.path.dirname(where.target)
    loose = private and current.mode is not None and bool(current.mode & 0o077)
    fresh = Ledger(
        profile=profile,
        record=merged.record,
        existed=ledger.existed if ledger else current.data is not None,
        mode=current.mode if loose else ledger.mode if ledger else None,
        folders=max(len(files.missing_dirs(folder)), ledger.folders if ledger else 0),
        source=source,
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
        files.make_dirs(folder, 0o755 if where.is_shared else 0o700)
    try:
        note = files.replace(
            where.target,
            encode(merged.text, current.encoding),
            expected=current.data,
            mode=mode,
            backup=lambda: store.keep(current.data or b""),
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


def _undo_once(where: Place, store: Store, profile: str | None, *, force: bool) -> Outcome | None:
    current = read(where.target)
    ledger = store.load(_text(current))
    if ledger is None:
        store.forget()
        return None
    if profile not in {None, ledger.profile}:
        raise UsageError(
            f"{where.path} was written from profile {ledger.profile!r}, not {profile!r}; nothing was undone",
            hint=f"Name that profile, or leave the option out: --profile {ledger.profile}",
        )
    try:
        merged = undo_merge(current.text, ledger.record, store.digest, force=force)
        empty = not ledger.existed and parse(merged.text).value == {}
    except JsonError as error:
        raise _not_json(where, error) from None
    except UsageError:
        _check_shape(where, current.text, ledger.record.owned)
        raise
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
                where.target,
                data,
                expected=current.data,
                mode=ledger.mode,
                backup=lambda: store.keep(current.data or b""),
            )
            written = True
    if empty:
        files.remove_dirs(os.path.dirname(where.target), ledger.folders)
    if merged.conflicts:
        owned = {pointer: ledger.record.owned[pointer] for pointer in merged.conflicts}
        left = replace(ledger, mode=None, record=replace(ledger.record, written="", owned=owned))
        store.announce(left, before=merged.text, base=encode(left.record.base, current.encoding))
        store.confirm()
    else:
        store.forget()
    return Outcome(current.text, "" if empty else merged.text, merged, written, (note,) if note else ())


def _merged(
    where: Place, current: Current, patch: Patch, ledger: Ledger | None, digest: Digest, *, force: bool
) -> Merged:
    record: Record | None = None if ledger is None or ledger.is_undone else ledger.record
    try:
        return merge(current.text, patch, record, digest, force=force)
    except JsonError as error:
        raise _not_json(where, error) from None
    except UsageError:
        _check_shape(where, current.text, [entry.pointer for entry in patch.entries])
        raise


def _check_shape(where: Place, text: str, pointers: Iterable[Pointer]) -> None:
    """Name the place where something other than an object is in the way of our members."""
    document = parse(text)
    for container in (pointer[:depth] for pointer in pointers for depth in range(len(pointer))):
        value = document.get(container, {})
        if not isinstance(value, dict):
            line, column = document.locate(container) or (1, 1)
            name = pointer_text(container) or "the top level of a settings file"
            found = "an array" if isinstance(value, list) else "a plain value"
            raise UsageError(
                f"{where.path}:{line}:{column}: {name} must be an object, not {found}",
                hint="Nothing was changed. Write an object there; an empty one is {}.",
            )


def _not_json(where: Place, error: JsonError) -> UsageError:
    return UsageError(
        f"{where.path}:{error.line}:{error.column}: not valid JSON: {error.reason}",
        hint="Nothing was changed. Claude Code ignores the whole file until this is fixed.",
    )


def _text(current: Current) -> str | None:
    return None if current.data is None else current.text
