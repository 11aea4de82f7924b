"""Records of what cgw set in each settings file, with backups and the digest key, in cgw's state directory.

Outside the settings file, because that file belongs to the user. A record holds no value, only keyed digests; a
backup holds what the *user* had, so that undo can restore it. Everything here is 0600 below a 0700 directory.
"""

from __future__ import annotations

import os
import time

from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, FileError
from claude_gw_cli.core.jsontext import JsonError, decode, parse_pointer, pointer_text
from claude_gw_cli.core.merge import Record, drift
from claude_gw_cli.facts.variables import SECRET_NAMES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import files
from claude_gw_cli.world.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Callable

_SCHEMA = 1
_KEPT_BACKUPS = 20
_LOCK_SECONDS = 30.0
"""Longer than any holder needs: a person waits for this, not a client."""


# Members of a record that each version has written, with their types.
_MEMBERS: dict[str, type | tuple[type, ...]] = {
    "file": str, "profile": str, "base": str, "existed": bool, "mode": (int, type(None)),
    "before": (str, type(None)), "written": str, "owned": dict,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where what cgw set comes from; empty in records of older versions.

    Attributes:
        scope: of the settings file.
        profile: the profile's file, links resolved.
        repositorys: whether a repository's authors decide what is in it, so that it counts only while it is trusted.
        sha256: of the profile's file, in hexadecimal.
        home: the home directory of who wrote the file; in a copy of it, all of these paths are others.
    """

    scope: str = ""
    profile: str = ""
    repositorys: bool = False
    home: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The record of one settings file, as kept on disk."""

    profile: str
    record: Record
    existed: bool
    """False when there was no file before cgw."""
    mode: int | None
    """Permission bits to restore, where cgw tightened them."""
    folders: int = 0
    """How many directories above the file were made for it."""
    source: Source = Source()

    @property
    def is_undone(self) -> bool:
        """Nothing that cgw set is left in the file; ``owned`` are changed members that undo kept."""
        return not self.record.written


class Store:
    """The records and backups of one settings file.

    Args:
        state: cgw's state directory.
        target: the settings file, links resolved.
        name: of its record, where the file had another path when it was written: in a copy of a home directory.
        read: how cgw's own files are read.
    """

    def __init__(
        self,
        state: str,
        target: str,
        *,
        name: str = "",
        read: Callable[[str], bytes | None] = files.read_private,
    ) -> None:
        self._root = os.path.join(state, "settings")
        name = name or sha256_hex(os.fsencode(target))[:16]
        self._place(os.path.join(self._root, name))
        self._target = target
        self._read_private = read
        self._key: bytes | None = None

    def lock(self) -> Lock:
        """One writer at a time, whatever the file."""
        return Lock(os.path.join(self._root, ".lock"), _LOCK_SECONDS)

    def digest(self, text: str) -> str:
        """Keyed with a local random key: a short or guessable value cannot be found by trying."""
        if self._key is None:
            # Without a stored key there is no record either, and any key will do until one is written.
            self._key = self._read_private(self._key_path) or os.urandom(32)
        import hmac

        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:32]

    def load(self, text: str | None) -> Ledger | None:
        """The record that holds for a file whose text is ``text`` now (``None``: there is no file).

        A run that was killed between announcing a write and confirming it leaves both records; the text tells
        whether the write took place, also when it was edited since.

        Raises:
            FileError, RefusedError: the record or its backup is unreadable.
        """
        announced, confirmed = self._read(self._next), self._read(self._record)
        if announced is confirmed is None and text and self._adopt(text):
            confirmed = self._read(self._record)
        if announced is None or announced["before"] == (None if text is None else self.digest(text)):
            return None if confirmed is None else self._ledger(confirmed, text)
        fresh, found = self._ledger(announced, text), 0
        stale = None if confirmed is None else self._ledger(confirmed, text)
        if stale is not None:
            found = self._found(text or "", stale.record)
        return fresh if self._found(text or "", fresh.record) >= max(found, 1) else stale

    def _adopt(self, text: str) -> bool:
        """Take the record of a file that is gone and whose members this one has: its home or directory was moved."""
        mine = self._folder
        try:
            names = sorted(os.listdir(self._root))
        except OSError:
            return False
        for name in names:
            self._place(os.path.join(self._root, name))
            try:
                data = self._read(self._record)
                file = str(data["file"]) if data else ""
                gone = file and os.path.basename(file) == os.path.basename(self._target) and not os.path.lexists(file)
                if data and (file == self._target or (gone and self._found(text, self._ledger(data, text).record))):
                    return True
            except CgwError:
                continue
        self._place(mine)
        return False

    def _place(self, folder: str) -> None:
        self._folder = folder
        self._record = os.path.join(folder, "record.json")
        self._next = os.path.join(folder, "next.json")

    def _found(self, text: str, record: Record) -> int:
        """How many of a record's members the text has as cgw set them."""
        try:
            return sum(state == "ok" for _, state in drift(text, record, self.digest))
        except JsonError:
            return 0

    def _has_its_key(self, record: Record, text: str) -> bool:
        """Whether the digests of a record were made with the key that is here: another one fits nothing."""
        return record.written == self.digest(text) or self._found(text, record) > 0

    def _mark(self, data: bytes) -> str:
        """What the name of a backup says about its content."""
        return self.digest(data.decode("latin-1"))[:16]

    def announce(self, ledger: Ledger, *, before: str | None, base: bytes) -> None:
        """Write down what is about to be done to the text ``before``; ``confirm`` makes it the record."""
        files.private_dir(self._folder)
        if files.read_private(self._key_path) is None:
            self.digest("")  # chooses the key
            files.write_private(self._key_path, self._key or b"")
        data = {
            "schema": _SCHEMA,
            "file": self._target,
            "profile": ledger.profile,
            "base": os.path.basename(self.keep(base)),
            "existed": ledger.existed,
            "mode": ledger.mode,
            "folders": ledger.folders,
            "scope": ledger.source.scope,
            "source": ledger.source.profile,
            "repositorys": ledger.source.repositorys,
            "home": ledger.source.home,
            "sha256": ledger.source.sha256,
            "before": None if before is None else self.digest(before),
            "written": ledger.record.written,
            "owned": {pointer_text(pointer): mark for pointer, mark in ledger.record.owned.items()},
        }
        files.write_private(self._next, _written(data))

    def rename(self, old: tuple[str, str], new: tuple[str, str]) -> bool:
        """Record another name and file of the profile, each ``(name, file)``; false where it is not of the old one.

        Raises:
            FileError, RefusedError: the record cannot be read or written.
        """
        found = False
        for path in (self._record, self._next):
            record = self._read(path)
            if record is not None and record["profile"] == old[0] and record.get("source") in {None, "", old[1]}:
                renamed = {**record, "profile": new[0], "source": new[1]}
                files.write_private(path, _written(renamed))
                found = True
        return found

    def confirm(self) -> None:
        """The announced write took place."""
        try:
            os.replace(self._next, self._record)
        except OSError as error:
            raise files.failure("write", self._record, error) from None
        self._prune()

    def withdraw(self) -> None:
        """The announced write did not take place."""
        self._unlink(self._next)

    def forget(self) -> None:
        """Nothing that cgw set is left in the file. Backups stay, except those that hold a credential."""
        self._unlink(self._record)
        self._unlink(self._next)
        for name in self._backups() if os.path.isdir(self._folder) else ():
            text = decode(self._backup(name) or b"")[0]
            if any(secret in text for secret in (*SECRET_NAMES, "ANTHROPIC_CUSTOM_HEADERS")):
                self._unlink(os.path.join(self._folder, name))

    def keep(self, data: bytes) -> str:
        """A dated copy of a file's content, once per content; returns its path."""
        files.private_dir(self._folder)
        mark = self._mark(data)
        for name in self._backups():
            if name.endswith(f"-{mark}.json") and self._backup(name) == data:
                return os.path.join(self._folder, name)
        path = os.path.join(self._folder, f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{mark}.json")
        files.write_private(path, data)
        return path

    @property
    def _key_path(self) -> str:
        return os.path.join(self._root, "digest.key")

    def _backups(self) -> list[str]:
        return sorted(name for name in os.listdir(self._folder) if name[:1].isdigit() and name.endswith(".json"))

    def _backup(self, name: str) -> bytes | None:
        """A backup's content; ``None`` also for one that cannot be read, because it is not needed here."""
        try:
            return files.read_bytes(os.path.join(self._folder, name))
        except CgwError:
            return None

    def _prune(self) -> None:
        current = self._read(self._record)
        for name in self._backups()[:-_KEPT_BACKUPS]:
            if current is not None and name != current["base"]:
                self._unlink(os.path.join(self._folder, name))

    def _read(self, path: str) -> dict[str, object] | None:
        data = self._read_private(path)
        if data is None:
            return None
        try:
            record = from_json(data)
        except ValueError:
            record = None
        if not _is_record(record):
            raise FileError(
                f"{path} is not a record that this version of cgw can read",
                hint=f"To give up undo for {self._target}: rm {path}",
            )
        return dict(record)

    def _ledger(self, data: dict[str, object], text: str | None) -> Ledger:
        """A record with its backup, for the file's text now."""
        backup = os.path.join(self._folder, str(data["base"]))
        base = self._read_private(backup)
        if base is None:
            raise FileError(
                f"the backup {backup} is missing, so the changes to {self._target} cannot be undone",
                hint=f"To give up undo for it: rm {self._record}",
            )
        owned, mode, folders = data["owned"], data["mode"], data.get("folders")
        marks = {parse_pointer(key): str(mark) for key, mark in owned.items()} if isinstance(owned, dict) else {}
        record = Record(decode(base)[0], str(data["written"]), marks)
        if not backup.endswith(f"-{self._mark(base)}.json") and self._has_its_key(record, text or ""):
            raise FileError(
                f"the backup {backup} is not what cgw saved, so the changes to {self._target} cannot be undone",
                hint=f"To give up undo for it: rm {self._record}",
            )
        return Ledger(
            profile=str(data["profile"]),
            record=record,
            existed=bool(data["existed"]),
            mode=mode if isinstance(mode, int) else None,
            folders=folders if isinstance(folders, int) else 0,
            source=Source(
                str(data.get("scope", "")),
                str(data.get("source", "")),
                repositorys=bool(data.get("repositorys")),
                home=str(data.get("home", "")),
                sha256=str(data.get("sha256", "")),
            ),
        )

    def _unlink(self, path: str) -> None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise files.failure("remove", path, error) from None


def _written(record: dict[str, object]) -> bytes:
    import json  # most commands write none

    return json.dumps(record, indent=1).encode()


def _is_record(record: object) -> bool:
    """Whether every member is there and of its type; a base is a file in the record's own directory."""
    return (
        isinstance(record, dict)
        and record.get("schema") == _SCHEMA
        and all(isinstance(record.get(name, ...), kind) for name, kind in _MEMBERS.items())
        and os.path.basename(record["base"]) == record["base"]
        and "\0" not in record["base"]
    )
