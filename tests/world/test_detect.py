from __future__ import annotations

import socket
import sys

import pytest

from claude_gw_cli.world import detect


def test_the_gateway_of_this_shell_comes_first() -> None:
    found = detect.gateway({"ANTHROPIC_BASE_URL": "https://gw"})
    assert (found.answer, "ANTHROPIC_BASE_URL" in found.why) == ("https://gw", True)


def test_a_listening_port_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(detect, "DEFAULT_GATEWAY_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        assert "listens" in detect.gateway({}).why
    assert "nothing listens" in detect.gateway({}).why


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms always have a keyring")
def test_a_keyring_is_proposed_only_with_a_session_bus() -> None:
    assert detect.reference("work", {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}).answer == "keyring://cgw/work"
    found = detect.reference("work", {"HOME": "/home/me", "XDG_RUNTIME_DIR": "/nowhere"})
    assert found.answer == "file:///home/me/.config/cgw/keys/work"
    assert "Vault" in detect.reference("work", {"HOME": "/h", "VAULT_ADDR": "https://v"}).why


def test_a_key_of_this_shell_is_named() -> None:
    assert detect.reference("work", {"LITELLM_API_KEY": "sk-fake"}).answer == "env://LITELLM_API_KEY"
