"""NODE_TLS_REJECT_UNAUTHORIZED=0 on the real client: a gateway that nobody vouches for is given the key."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.trace import observe

sys.path.insert(0, str(Path(__file__).parent.parent / "atlas"))
import laboratory

pytestmark = pytest.mark.real

VERSIONS = ("1.0.60", "2.1.101", "2.1.227", "2.1.330")
SWITCH = {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that is signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stranger"]
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(["openssl", *words, *files], check=True, capture_output=True)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "cert", folder / "key")
    return made


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("where", ["nowhere", "env", "user", "project"])
def test_a_stranger_gets_the_key(
    where: str, version: str, context: ssl.SSLContext, client: Callable[[str], Path]
) -> None:
    with Gateway(any_path=True) as proxy, Gateway(any_path=True) as stranger:
        stranger._server.socket = context.wrap_socket(stranger._server.socket, server_side=True)
        address = stranger.url.replace("http:", "https:")
        gateway = {"ANTHROPIC_BASE_URL": address, "ANTHROPIC_AUTH_TOKEN": "t"}
        user = {"env": gateway | (SWITCH if where == "user" else {})}
        config = {"env": SWITCH if where == "env" else {}, "user": user}
        if where == "project":
            config["project"] = {"env": SWITCH}
        with laboratory.staged(config, proxy.url, version) as stage:
            # Clients that do not know NO_PROXY would meet the proxy; there is no other host in this configuration.
            seen = observe([str(client(version))], stage.env, stage.work, stage.args, stranger, timeout=30)
        assert (seen.headers.get("authorization") == "Bearer t") == (where != "nowhere")
