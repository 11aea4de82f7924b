"""Locks where there are none: some network file systems refuse them."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import TryAgainError
from claude_gw_cli.helper.cache import Cache
from claude_gw_cli.world.locks import Lock
from claude_gw_cli.world.ownership import Store


@pytest.mark.parametrize(
    "code",
    [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.EIO, errno.EROFS, errno.ENOSYS, errno.ESTALE, errno.EPERM],
)
def test_a_file_system_without_locks_stops_nothing(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "no locks")

    monkeypatch.setattr(fcntl, "flock", refuse)
    for lock in (
        Lock(str(tmp_path / "a" / ".lock"), 8.0),
        Cache(str(tmp_path / "b"), "k", "i", ()).lock(8.0),
        Store(str(tmp_path / "c"), "/h/settings.json").lock(),
    ):
        with lock as taken:
            assert not taken.held


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EACCES])
def test_a_lock_that_another_holds_is_waited_for(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def refuse(*_: object) -> None:
        tries.append(1)
        raise OSError(code, "held")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(TryAgainError), Lock(str(tmp_path / "a" / ".lock"), 0.1):
        pass
    assert len(tries) > 1
