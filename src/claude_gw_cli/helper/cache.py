"""The helper's cache: one private directory, a value file that a shell script can read, marks, and a lock.

``value`` has three lines: a header of fields without whitespace, the value, ``end``. A reader that does not
understand it treats it as a miss. Times are seconds of the clock that does not step: since boot and with the boot's
id on Linux, else the wall clock. The script in ``script.py`` reads the same file; the two must be changed together.
"""

from __future__ import annotations

import os
import time

from claude_gw_cli.core.errors import CgwError, FileError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.world.files import private_dir, read_private, write_private
from claude_gw_cli.world.locks import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from claude_gw_cli.hints import Any
    from claude_gw_cli.secrets import Context

SCHEMA = "cgw2"
"""Scripts from before the guard looked at proxies read ``cgw1``: they leave the answer to the run time."""

_ONE_ANSWER = 4.0
"""Seconds for one question to the OS keyring; its first answer after a start may take two."""
_ALL_ANSWERS = 8.5
"""Seconds for all of them: a helper answers within nine, whatever hangs."""
_ERRORS = {kind.__name__: kind for kind in (UnavailableError, RefusedError, UsageError, FileError)}


class Entry:
    """A cached value.

    Attributes:
        value: the key.
        generation: changes with the value; part of the marks' names.
        fresh: until when it is answered without a thought.
        advisory: until when it may still be handed out when a renewal fails.
        quiet: until when repeated questions are not taken as a refusal.
    """

    __slots__ = ("advisory", "fresh", "generation", "quiet", "value")

    def __init__(self, value: Secret, generation: str, fresh: int, advisory: int, quiet: int) -> None:
        self.value = value
        self.generation = generation
        self.fresh = fresh
        self.advisory = advisory
        self.quiet = quiet


def now() -> int:
    """Seconds on the clock of the cache."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME)) if _boot_id() != "wall" else int(time.time())


def fingerprint(names: Sequence[str], env: Mapping[str, str]) -> str:
    """Which credentials the environment holds: length and last eight characters of each, as in the script.

    Where one is too short for that to tell two values apart: a digest, which is never equal in the script.
    """
    values = [env.get(name, "") for name in names]
    if any(value and (len(value) < 24 or not _printable(value)) for value in values):
        from claude_gw_cli.core.digest import sha256_hex

        return sha256_hex("\0".join(values).encode("utf-8", "surrogateescape"))
    return "|".join(f"{len(value)}:{value[-8:]}" for value in values) or "none"


class Cache:
    """One helper's cache directory.

    Args:
        folder: the directory; created private when something is stored.
        key: the spec's digest.
        identity: ``fingerprint`` of the environment, or a stronger one where that is ``-``.
        watch: files whose change makes the value stale.
    """

    def __init__(self, folder: str, key: str, identity: str, watch: Sequence[str]) -> None:
        self.folder = folder
        self.key = key
        self.identity = identity
        self.watch = watch

    def load(self) -> Entry | None:
        """The cached value, fresh or not; ``None`` for a miss. Never raises: a broken cache is a miss."""
        try:
            header, value, end = self._get().split("\n")[:3]
            schema, key, identity, boot, fresh, advisory, quiet, generation, length, state = header.split(" ")
            entry = Entry(Secret(value), generation, int(fresh), int(advisory), int(quiet))
        except (OSError, ValueError, CgwError):
            return None
        mine = (SCHEMA, self.key, self.identity, _boot_id(), str(len(value)), _state(self.watch), "end")
        if (schema, key, identity, boot, length, state, end) != mine or not value or not generation.isdigit():
            return None
        if not _printable(value):
            return None
        if self.watch:
            try:  # the files are the same ones: let the script's cheaper comparison succeed again
                own = os.path.join(self.folder, "value")
                if os.stat(own).st_mtime_ns <= max(os.stat(path).st_mtime_ns for path in self.watch):
                    os.utime(own)  # only then: the time is also the one at which the key was fetched
            except OSError:
                pass  # the script asks the run time again, nothing else
        return entry

    def store(self, value: Secret, fresh: int, advisory: int, quiet: int, before: Entry | None) -> Entry:
        """Keep a value. The same value keeps its generation, so that its marks still hold."""
        same = before is not None and before.value == value
        generation = before.generation if before is not None and same else str(time.time_ns() // 1000 % 10**10)
        entry = Entry(value, generation, fresh, advisory, quiet)
        header = " ".join(
            (
                *(SCHEMA, self.key, self.identity, _boot_id(), str(fresh), str(advisory), str(quiet)),
                *(generation, str(len(value)), _state(self.watch)),
            )
        )
        self._put(f"{header}\n{value.reveal()}\nend\n")
        self._sweep(keep=f"asked.{generation}.")
        self._remove("failed")
        return entry

    def mark(self, entry: Entry, asker: int) -> None:
        """Note that a process was given this value now."""
        try:
            os.close(os.open(self._mark(entry, asker), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        except OSError:
            pass

    def asked_before(self, entry: Entry, asker: int) -> float | None:
        """Seconds since the process was last given this value, or ``None``."""
        try:
            return time.time() - os.stat(self._mark(entry, asker)).st_mtime
        except OSError:
            return None

    def forget(self, asker: int) -> None:
        """Drop a process's marks and a remembered failure: a person tries again on purpose."""
        for name in self._names():
            if name == "failed" or (name.startswith("asked.") and name.endswith(f".{asker}")):
                self._remove(name)

    def clear(self) -> None:
        """Remove everything, the directory included."""
        for name in self._names():
            self._remove(name)
        try:
            os.rmdir(self.folder)
        except OSError:
            pass

    def remember_failure(self, error: CgwError, seconds: int) -> None:
        """Keep a source's refusal, so that waiting processes do not repeat it one by one."""
        if type(error).__name__ in _ERRORS:
            lines = [str(now() + seconds), _boot_id(), self.key, self.identity, type(error).__name__, str(seconds)]
            lines += [" ".join(error.message.split()), *error.hint.splitlines()]
            try:
                self._write("failed", "\n".join(lines))
            except CgwError:
                pass  # a full or read-only directory: the next process asks again

    def failure(self) -> tuple[CgwError, int, int] | None:
        """The remembered failure of this helper, the seconds until the next try, and the pause that was taken."""
        try:
            text = _read(os.path.join(self.folder, "failed"))
            until, boot, key, identity, kind, pause, message, *hint = text.split("\n")
            if (boot, key, identity) != (_boot_id(), self.key, self.identity):
                return None
            return _ERRORS[kind](message, hint="\n".join(hint)), int(until) - now(), int(pause)
        except (OSError, ValueError, KeyError, CgwError):
            return None

    def lock(self, seconds: float) -> Lock:
        """The lock of single flight; wait at most so long (0: do not wait)."""
        return Lock(os.path.join(self.folder, "lock"), seconds)

    def _get(self) -> str:
        return _read(os.path.join(self.folder, "value"))

    def _put(self, text: str) -> None:
        self._write("value", text)

    def _mark(self, entry: Entry, asker: int) -> str:
        return os.path.join(self.folder, f"asked.{entry.generation}.{asker}")

    def _names(self) -> Iterator[str]:
        try:
            names = os.listdir(self.folder)
        except OSError:
            return
        yield from (name for name in names if name != "lock")
        if "lock" in names:
            yield "lock"

    def _sweep(self, keep: str) -> None:
        """Remove marks of older values, and what a killed process left behind."""
        for name in self._names():
            path = os.path.join(self.folder, name)
            try:
                old = time.time() - os.lstat(path).st_mtime
            except OSError:
                continue
            if (name.startswith("asked.") and (not name.startswith(keep) or old > 86_400)) or (
                ".cgw-" in name and old > 600
            ):
                self._remove(name)

    def _remove(self, name: str) -> None:
        try:
            os.unlink(os.path.join(self.folder, name))
        except OSError:
            pass

    def _write(self, name: str, text: str) -> None:
        write_private(os.path.join(private_dir(self.folder), name), text.encode())


class KeyringCache(Cache):
    """A cache whose value is in the OS keyring; marks and lock stay in the directory. It has no warm path in sh.

    Args:
        folder, key, identity, watch: as for ``Cache``.
        reference: where in the keyring.
        env: the environment, for the session bus.
    """

    def __init__(
        self, folder: str, key: str, identity: str, watch: Sequence[str], reference: str, env: Mapping[str, str]
    ) -> None:
        super().__init__(folder, key, identity, watch)
        from claude_gw_cli.core.reference import parse
        from claude_gw_cli.secrets import keyring

        self._keyring, self._reference, self._env = keyring, parse(reference), env
        self._end = time.monotonic() + _ALL_ANSWERS

    def _ask(self, what: Callable[[Context], Any]) -> Any:
        """Ask, with the time for one answer. What hangs takes it once, and leaves some for the source of the key."""
        from claude_gw_cli.core.grant import Grant
        from claude_gw_cli.secrets import Context

        if time.monotonic() > self._end:
            raise UnavailableError("the OS keyring did not answer in time before")
        context = Context(Grant("helper"), self._env, min(time.monotonic() + _ONE_ANSWER, self._end))
        try:
            return what(context)
        except CgwError:
            if time.monotonic() >= context.deadline:
                self._end = 0
            raise

    def _get(self) -> str:
        found = self._ask(lambda context: self._keyring.fetch(self._reference, context.for_material("key")))
        return str(found.value.reveal())

    def _put(self, text: str) -> None:
        self._ask(lambda context: self._keyring.store(self._reference, Secret(text), context))

    def clear(self) -> None:
        """Remove the value from the keyring too.

        Raises:
            CgwError: the keyring is out of reach, and the value stays there.
        """
        super().clear()
        self._ask(lambda context: self._keyring.forget(self._reference, context))


def _read(path: str) -> str:
    """A file's text; a file that others could have seen or written is refused (``RefusedError``)."""
    data = read_private(path)
    if data is None:
        raise FileNotFoundError(path)
    return data.decode("utf-8", "strict")


def _printable(value: str) -> bool:
    return all("!" <= char <= "~" for char in value)


def _state(paths: Sequence[str]) -> str:
    """Inode, time and size of the watched files: a key file that is replaced by an older one is noticed too."""
    parts = []
    for path in paths:
        try:
            facts = os.stat(path)
            parts.append(f"{facts.st_ino}:{facts.st_mtime_ns}:{facts.st_size}")
        except OSError:
            parts.append("gone")
    return "|".join(parts) or "none"


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip().partition("-")[0]  # a shell reads byte by byte: 32 bits are enough
    except OSError:
        return "wall"
