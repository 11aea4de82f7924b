"""P53: a key in hand, fresh or still valid, is printed whatever the cache's directory does.

Every call of the helper that touches its cache fails here, one at a time or all from one on, with each error.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.core.errors import UnavailableError
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.helper import cache, runtime

from .conftest import Bench

Make = Callable[..., Bench]
CALLS = (
    *((os, name) for name in ("open", "stat", "lstat", "utime", "unlink", "rename", "listdir", "mkdir", "rmdir")),
    *((os, name) for name in ("chmod", "fchmod", "fstat", "fsync", "read", "write", "close", "readlink")),
    (fcntl, "flock"),
    (builtins, "open"),
)
ERRORS = (errno.EIO, errno.EROFS, errno.ENOSPC, errno.EPERM, errno.ENOENT, errno.ESTALE, errno.EMFILE, errno.ENOSYS)
STATES = ("cold", "fresh", "old", "old, and the source fails", "refused")


class Faults:
    """Counts the calls that touch a directory; fails those that it is told to."""

    def __init__(self, folder: str) -> None:
        self.folder, self.count, self.names = folder, 0, list[str]()
        self.fails: Callable[[int], bool] = lambda _: False
        self.code = errno.EIO

    def touches(self, value: object) -> bool:
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                value = _readlink(f"/proc/self/fd/{value}")
            except OSError:
                return False
        return isinstance(value, str) and value.startswith(self.folder)

    @contextmanager
    def injected(self) -> Iterator[None]:
        self.count, self.names = 0, []
        with pytest.MonkeyPatch.context() as patch:
            for module, name in CALLS:
                patch.setattr(module, name, self.wrapped(name, getattr(module, name)))
            yield

    def wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def either(*args: Any, **kwargs: Any) -> Any:
            if not any(map(self.touches, (args[0], *kwargs.values()))):
                return call(*args, **kwargs)
            self.count += 1
            self.names.append(name)
            if not self.fails(self.count):
                return call(*args, **kwargs)
            if name == "close":  # it is closed all the same
                call(*args, **kwargs)
            raise OSError(self.code, os.strerror(self.code), args[0])

        return either


_readlink = os.readlink


def source(bench: Bench) -> tuple[Secret, float | None]:
    """What the program would print: starting it takes longer than all the rest."""
    text = (bench.source.folder / "source").read_text()
    if "exit 1" in text:
        raise UnavailableError("the source fails")
    return Secret("sk-second-0123456789" if "second" in text else "sk-first-0123456789"), None


def prepared(bench: Bench, state: str, folder: Path) -> None:
    """The cache in the state, before the question."""
    shutil.rmtree(folder, ignore_errors=True)
    bench.source.set("sk-first-0123456789")
    if state == "cold":
        return
    runtime.answer(bench.spec, bench.env, bench.cwd, 1 if state == "refused" else 2)
    if state.startswith("old"):
        entry = bench.cache.load()
        assert entry is not None
        bench.cache.store(entry.value, cache.now() - 1, cache.now() + 60, 0, entry)
    bench.source.set("sk-second-0123456789", status=1 if "fails" in state else 0)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("watched", [False, True], ids=["", "watches a file"])
def test_the_key_is_printed_whatever_the_cache_does(
    state: str, watched: bool, bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = bench()
    spec = b.spec
    spec.watch = (os.path.join(b.cwd, "watched"),) if watched else ()
    monkeypatch.setattr(Bench, "spec", spec)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # hundreds of times: not what is tested
    monkeypatch.setattr(runtime, "_fetch", lambda *_: source(b))
    loaded: list[cache.Entry | None] = []
    load = cache.Cache.load

    def watched_load(self: cache.Cache) -> cache.Entry | None:
        loaded.append(load(self))
        return loaded[-1]

    monkeypatch.setattr(cache.Cache, "load", watched_load)
    folder = Path(b.cache.folder)
    faults = Faults(str(folder.parent) if state == "cold" else str(folder))
    prepared(b, state, folder)
    with faults.injected():
        whole = runtime.answer(b.spec, b.env, b.cwd, 1)[0].reveal()
    names = faults.names
    assert len(names) > 3
    for number in range(1, len(names) + 1):
        for turn, single in enumerate((True, False)):
            faults.code = ERRORS[(number + turn * 3) % len(ERRORS)]
            faults.fails = number.__eq__ if single else number.__le__
            prepared(b, state, folder)
            loaded.clear()
            with faults.injected():
                try:
                    value = runtime.answer(b.spec, b.env, b.cwd, 1)[0].reveal()
                except UnavailableError:
                    assert not any(loaded), "the old key was in hand"
                    assert "fails" in state
                    continue
                except Exception as error:
                    raise AssertionError((names[number - 1], number, single, errno.errorcode[faults.code])) from error
            assert value in {whole, "sk-first-0123456789", "sk-second-0123456789"}
