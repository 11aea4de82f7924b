from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from claude_gw_cli.secrets.vault_auth import lacks_token
from claude_gw_cli.world import detect


class Alive(BaseHTTPRequestHandler):
    """LiteLLM's public page."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'"I\'m alive!"')


def test_a_gateway_is_recognized_by_its_public_page(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Alive) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port, other = server.server_address[1], silent.getsockname()[1]
        monkeypatch.setattr(detect, "PORTS", (other, port))
        found = detect.local_gateways()
        assert [(item.url, item.kind.name) for item in found] == [(f"http://127.0.0.1:{port}", "litellm")]
        assert detect.listens(f"http://127.0.0.1:{other}")
        server.shutdown()
    assert not detect.listens(f"http://127.0.0.1:{other}")
    assert detect.local_gateways() == ()


def test_looks_are_together_within_their_time_and_one_that_fails_is_left_out() -> None:
    def raises() -> None:
        raise OSError

    def waits() -> str:
        time.sleep(30)
        return "too late"

    looks: dict[str, Callable[[], object]] = {
        "quick": lambda: "found",
        "fails": raises,
        "slow": waits,
        "slow2": waits,
    }
    began = time.monotonic()
    assert detect.together(looks, 0.3) == {"quick": "found"}
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("name", "token"), [("VAULT_ADDR", "VAULT_TOKEN"), ("BAO_ADDR", "BAO_TOKEN")])
def test_a_vault_is_what_the_environment_names(tmp_path: Path, name: str, token: str) -> None:
    env = {"HOME": str(tmp_path), name: "http://127.0.0.1:8200"}
    assert detect.vault({"HOME": str(tmp_path)}) is None
    assert detect.vault(env) == detect.Vault(name, "http://127.0.0.1:8200")
    assert lacks_token({}, env)
    assert not lacks_token({}, env | {token: "t"})
    (tmp_path / ".vault-token").touch(mode=0)
    assert not lacks_token({}, env)
    assert lacks_token({"token_file": "~/other"}, env)
    assert not lacks_token({"token_file": "~/other", "auth": "approle"}, env)
    assert not lacks_token({"token": "env://T"}, {"HOME": "/nowhere"})


def test_cloud_logins_are_files_that_exist_and_are_not_opened(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert detect.cloud_logins(env) == ()
    google = tmp_path / ".config/gcloud/application_default_credentials.json"
    google.parent.mkdir(parents=True)
    google.touch(mode=0)
    assert detect.cloud_logins(env) == ("Google",)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").touch(mode=0)
    assert detect.cloud_logins(env) == ("Google", "AWS")
    assert detect.cloud_logins({"HOME": "/nowhere", "AWS_PROFILE": "dev"}) == ("AWS",)


def test_the_variables_of_keys_are_those_that_are_set() -> None:
    assert detect.key_variables({"LITELLM_API_KEY": "sk-fake", "ANTHROPIC_API_KEY": " "}) == ("LITELLM_API_KEY",)
