"""A helper that keeps its key in the OS keyring, and a keyring that hangs: it takes its time once."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from claude_gw_cli.core.errors import CgwError, UnavailableError
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.helper import cache
from claude_gw_cli.secrets import Context


@pytest.mark.parametrize(
    "calls", [("load",), ("load", "load"), ("load", "load", "store"), ("store", "load", "clear")]
)
def test_a_keyring_that_hangs_takes_its_time_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: tuple[str, ...]
) -> None:
    asked: list[str] = []

    def hang(_reference: object, *more: object) -> None:
        context = next(item for item in more if isinstance(item, Context))
        asked.append("")
        time.sleep(max(context.deadline - time.monotonic(), 0))
        raise UnavailableError("the OS keyring did not answer in time")

    monkeypatch.setattr(cache, "_ONE_ANSWER", 0.3)
    monkeypatch.setattr(cache, "_ALL_ANSWERS", 0.8)
    kept = cache.KeyringCache(str(tmp_path), "key", "none", (), "keyring://cgw-cache/work", {})
    monkeypatch.setattr(kept, "_keyring", SimpleNamespace(fetch=hang, store=hang, forget=hang))
    start = time.monotonic()
    for call in calls:
        if call == "load":
            assert kept.load() is None
        elif call == "clear":
            with pytest.raises(CgwError):
                kept.clear()
        else:
            with pytest.raises(CgwError):
                kept.store(Secret("sk-fake-0123456789"), 1, 1, 0, None)
    assert time.monotonic() - start < 0.6
    assert len(asked) == 1


def test_a_slow_keyring_is_not_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that answers, also with an error, is asked again."""
    asked: list[str] = []

    def missing(*_: object) -> None:
        asked.append("")
        raise UnavailableError("the keyring holds nothing")

    kept = cache.KeyringCache(str(tmp_path), "key", "none", (), "keyring://cgw-cache/work", {})
    monkeypatch.setattr(kept, "_keyring", SimpleNamespace(fetch=missing))
    assert kept.load() is None
    assert kept.load() is None
    assert len(asked) == 2
