"""Where a key can be stored here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from claude_gw_cli.cli.key_store import advised, keyring_may_work


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms always have a keyring")
def test_a_keyring_is_asked_only_with_a_session_bus(tmp_path: Path) -> None:
    assert keyring_may_work({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"})
    assert not keyring_may_work({"HOME": "/home/me", "XDG_RUNTIME_DIR": "/nowhere"})
    (tmp_path / "bus").touch()
    assert keyring_may_work({"XDG_RUNTIME_DIR": str(tmp_path)})


def test_an_offline_check_asks_no_keyring(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked() -> bool:
        raise AssertionError("a process was started")

    monkeypatch.setattr("claude_gw_cli.cli.key_store.keyring_works", asked)
    said = advised("store it: cgw secret set keyring://cgw/NAME", offline=True)
    assert said == "store it: cgw secret set file://~/.config/cgw/keys/NAME"
