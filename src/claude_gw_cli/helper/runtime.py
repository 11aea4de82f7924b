"""``cgw helper run``: what the script runs when the cache alone cannot answer.

Prints the key and nothing else to stdout, or nothing at all and one line to stderr. The client waits for the end of
both pipes, shows about 500 characters of stderr on failure, and sends the request without a key when the helper
fails (measured). Everything together ends within nine seconds, whatever hangs. On the hot path: the sources' room is
imported only for a fetch.
"""

from __future__ import annotations

import os
import time

from claude_gw_cli.core import expiry
from claude_gw_cli.core.errors import (
    EXIT_BUG,
    EXIT_OK,
    EXIT_UNAVAILABLE,
    CgwError,
    FileError,
    RefusedError,
    TryAgainError,
    UnavailableError,
    UsageError,
    code_of,
)
from claude_gw_cli.core.terminal import escaped
from claude_gw_cli.helper import guard
from claude_gw_cli.helper import spec as specs
from claude_gw_cli.helper.cache import Cache, Entry, fingerprint, now
from claude_gw_cli.world.files import read_private
from claude_gw_cli.world.paths import config_dir, working_dir
from claude_gw_cli.world.regular import fill_standard_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from claude_gw_cli.core.secret import Secret
    from claude_gw_cli.helper.spec import Spec

_BUDGET = 8.5
"""Seconds for everything; the client says "taking a while" after ten (measured)."""
_WAIT = 8.0
_RENEWAL = 4.0
"""Seconds for a renewal while the old value still holds: no client should wait for it."""
_QUIET = 60
"""Seconds after a forced fetch in which a repeated question is answered from the cache again."""
_PAUSES = (5, 60)
"""First and longest pause after a source's refusal, in seconds."""


def main(argv: list[str]) -> int:
    """Answer one question of the client; ``argv`` is the spec's path or the helper's name. Returns the exit code."""
    try:
        fill_standard_streams()
        spec = load(argv[0] if argv else "", os.environ)
        value, note = answer(spec, os.environ, working_dir(), client_process())
    except CgwError as error:
        lines = [f"cgw: {error.message}", *(f"  {line}" for line in error.hint.splitlines())]
        _say("\n".join(lines))
        return error.exit_code
    except KeyboardInterrupt as stop:
        return code_of(stop)
    except Exception as error:  # noqa: BLE001  # the last wall: a bug is a line and a code; values may be secret
        _say(f"cgw: internal error in the helper: {type(error).__name__}")
        return EXIT_BUG
    return _print(value, note)


def refresh(name: str, env: Mapping[str, str]) -> tuple[Secret, int]:
    """Fetch a new key and keep it; returns it and the seconds until it is renewed.

    Raises:
        UsageError: there is no such helper, or it keeps no key.
        CgwError: no key can be fetched, or it cannot be kept; the old one stays.
    """
    spec = load(name, env)
    cache = open_cache(spec, env)
    if cache is None:
        raise UsageError(
            f"helper {spec.name} keeps no key: it is fetched each time", hint=f"Try it: cgw helper test {spec.name}"
        )
    start = time.monotonic()
    with cache.lock(_WAIT):
        value, end = _fetch(spec, env, start + _BUDGET)
        fresh, advisory = _windows(spec, end, expiry.ttl_from(env.get("CLAUDE_CODE_API_KEY_HELPER_TTL_MS")))
        cache.store(value, fresh, advisory, 0, cache.load())
    return value, fresh - now()


def load(name: str, env: Mapping[str, str]) -> Spec:
    """The compiled helper of a name, or of a spec's path.

    Raises:
        UsageError: there is no such helper.
    """
    path = name
    if os.sep not in name:
        path = os.path.join(config_dir(env), "helpers", f"{name}.spec")
    data = read_private(path)
    if data is None:
        raise UsageError(f"there is no helper {os.path.basename(name)!r}", hint="Install it: cgw helper install")
    return specs.loads(data.decode("utf-8", "replace"), path)


def client_process() -> int:
    """The process that asks: our parent, or the one behind the ``sh -c`` with which the client starts a helper.

    Debian's dash stays in between, bash and newer shells do not (measured); the script decides in the same way.
    """
    parent = os.getppid()
    try:
        with open(f"/proc/{parent}/stat", encoding="utf-8", errors="replace") as file:
            _, name, _, grandparent, *_ = file.read().split(" ")
    except (OSError, ValueError):
        return parent
    return int(grandparent) if name == "(sh)" else parent


def answer(spec: Spec, env: Mapping[str, str], cwd: str, asker: int) -> tuple[Secret, str]:
    """The key for a client process, and a note for stderr (empty if there is nothing to say).

    Raises:
        CgwError: no key can be handed out.
    """
    start = time.monotonic()
    guard.check(spec, env, cwd, asker)
    cache = open_cache(spec, env)
    if cache is None:
        return _fetch(spec, env, start + _BUDGET)[0], ""
    entry = cache.load()
    ttl = expiry.ttl_from(env.get("CLAUDE_CODE_API_KEY_HELPER_TTL_MS"))
    refused = entry is not None and _is_refused(cache, entry, asker, ttl)
    if entry is not None and not refused and now() < entry.fresh:
        cache.mark(entry, asker)
        return entry.value, ""
    usable = entry is not None and now() < entry.advisory
    # while the old value holds, one process renews it and the others do not wait for that one
    lock = cache.lock(0 if usable and not refused else _WAIT - (time.monotonic() - start))
    try:
        lock.__enter__()
    except TryAgainError:
        if entry is None or not usable:
            raise
        cache.mark(entry, asker)
        return entry.value, ""
    except (FileError, RefusedError):
        # The directory cannot be written: no single flight, and nothing will be kept, but there can be a key.
        entry, note = _renew(spec, env, cache, asker, start, entry)
    else:
        try:
            entry, note = _renew(spec, env, cache, asker, start, entry)
        finally:
            lock.__exit__()
    cache.mark(entry, asker)
    return entry.value, note


def open_cache(spec: Spec, env: Mapping[str, str]) -> Cache | None:
    """The helper's cache; ``None`` when it has none."""
    if not spec.cache:
        return None
    folder = spec.cache
    if spec.fallback and not os.path.isdir(os.path.dirname(os.path.dirname(folder))):
        folder = spec.fallback
    identity = fingerprint(spec.ambient, env)
    if not spec.keep:
        return Cache(folder, spec.key, identity, spec.watch)
    from claude_gw_cli import secrets
    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.helper.cache import KeyringCache

    # the session bus is the one of the installation, not the one that a project names
    context = secrets.Context(Grant("helper"), env, tables=specs.tables(spec))
    return KeyringCache(folder, spec.key, identity, spec.watch, spec.keep, context.env)


def _is_refused(cache: Cache, entry: Entry, asker: int, ttl: float) -> bool:
    """True when the client comes back for a value that it should still have: the gateway refused it.

    The client gives no other signal; it keeps a value for its TTL unless it gets a 401 or 403 (measured).
    """
    if now() < entry.quiet:
        return False
    seconds = cache.asked_before(entry, asker)
    return seconds is not None and seconds < ttl - 1


def _renew(
    spec: Spec, env: Mapping[str, str], cache: Cache, asker: int, start: float, before: Entry | None
) -> tuple[Entry, str]:
    """With the lock held: look again, then fetch once and keep the result. The old value goes last."""
    entry = cache.load() or before  # what was read before is in hand, should the cache be out of reach now
    ttl = expiry.ttl_from(env.get("CLAUDE_CODE_API_KEY_HELPER_TTL_MS"))
    refused = entry is not None and _is_refused(cache, entry, asker, ttl)
    if entry is not None and not refused and now() < entry.fresh:
        return entry, ""
    old = entry if entry is not None and now() < entry.advisory else None
    failed = cache.failure()
    try:
        if failed and failed[1] > 0:
            failed[0].message += f" (remembered; tried again in {failed[1]} s)"
            raise failed[0]
        deadline = start + _BUDGET
        if old is not None and not refused:
            deadline = min(deadline, time.monotonic() + _RENEWAL)
        value, end = _fetch(spec, env, deadline, lambda: _give_up(cache, old, failed[2] if failed else 0))
    except CgwError as error:
        if not (failed and failed[1] > 0):
            cache.remember_failure(error, _pause(error, failed[2] if failed else 0))
        if old is None:
            raise
        if refused:  # one forced try is enough for now
            old = _keep(cache, old.value, old.fresh, old.advisory, now() + _QUIET, old)[0]
        return old, f"kept the old key: {error.message}"
    fresh, advisory = _windows(spec, end, ttl)
    return _keep(cache, value, fresh, advisory, now() + _QUIET if refused else 0, entry)


def _keep(
    cache: Cache, value: Secret, fresh: int, advisory: int, quiet: int, before: Entry | None
) -> tuple[Entry, str]:
    """Store a value if that is possible; a key in hand is printed in any case."""
    try:
        return cache.store(value, fresh, advisory, quiet, before), ""
    except CgwError as error:
        return Entry(value, "0", fresh, advisory, quiet), f"the key cannot be kept: {error.message}"


def _pause(error: CgwError, before: int) -> int:
    """Seconds to leave a source alone after a failure: doubled each time, with jitter, longer if it asks."""
    import random

    pause = max(min(before * 2, _PAUSES[1]), _PAUSES[0], min(error.retry_after, _PAUSES[1]))
    return int(pause * random.uniform(1, 1.5)) + 1  # noqa: S311  # jitter, not a key


def _windows(spec: Spec, end: float | None, ttl: float) -> tuple[int, int]:
    """Until when a value is fresh, and until when it may be kept if the source fails, on the cache's clock."""
    at = now()
    if end is None:
        hold = float(spec.hold or expiry.HOLD)
        return at + int(hold), at + int(hold * 4)
    lifetime = end - time.time()
    margin = expiry.skew(lifetime)
    return at + int(lifetime - expiry.advisory(lifetime, ttl)), at + int(lifetime - margin)


def _fetch(
    spec: Spec, env: Mapping[str, str], deadline: float, give_up: Callable[[], None] | None = None
) -> tuple[Secret, float | None]:
    """Ask the source. A thread ends the process should anything hang where Python cannot interrupt it (DNS).

    Raises:
        CgwError: whatever goes wrong, errors of libraries included.
    """
    import threading

    from claude_gw_cli import secrets
    from claude_gw_cli.core.grant import Grant

    watchdog = threading.Timer(max(deadline + 0.4 - time.monotonic(), 0.1), give_up or _give_up)
    watchdog.daemon = True
    try:
        watchdog.start()
        plugins = dict(pair.split(" ", 1) for pair in spec.plugin)
        tables = specs.tables(spec)
        context = secrets.Context(Grant("helper"), env, deadline, tables, plugins=plugins)
        fetched = secrets.resolve(spec.reference, context)
    except CgwError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  # any library may be below, and one may call exit
        # A truncated body, an answer of another form: for the client and the cache it is a failure like all others.
        # The error's text may hold a secret.
        raise UnavailableError(
            f"the secret source of helper {spec.name} failed with {type(error).__name__}",
            hint=f"Try it: cgw helper test {spec.name}",
        ) from None
    finally:
        watchdog.cancel()
    end = fetched.expires_at
    if end is None:
        end = expiry.token_end(fetched.value.reveal(), time.time())
    if end is not None and end <= time.time() + 1:
        raise UsageError(
            f"{spec.reference} returned a token that ended {time.time() - end:.0f} s ago by this machine's clock",
            hint="Renew it at its source, or set this machine's clock.",
        )
    return fetched.value, end


def _give_up(cache: Cache | None = None, old: Entry | None = None, pause: int = 0) -> None:
    """End the process: with the old key if there is one that holds, else with the failure, which is remembered."""
    error = UnavailableError(
        "the secret source did not answer within the time that Claude Code waits", hint="Try it: cgw helper test"
    )
    if cache is not None:
        cache.remember_failure(error, _pause(error, pause))
    if old is not None:
        os._exit(_print(old.value, f"kept the old key: {error.message}"))
    _say(f"cgw: {error.message}\n  {error.hint}")
    os._exit(EXIT_UNAVAILABLE)


def _print(value: Secret, note: str) -> int:
    """The key first: whatever becomes of the note, it is in hand."""
    left = (value.reveal() + "\n").encode()
    try:
        while left:
            left = left[os.write(1, left) :]
    except OSError as error:
        _say(f"cgw: cannot write the key: {error.strerror}")
        return FileError.exit_code
    if note:
        _say(f"cgw: {note}")
    return EXIT_OK


def _say(text: str) -> None:
    try:
        os.write(2, (escaped(text) + "\n").encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # closed, or a full disk
