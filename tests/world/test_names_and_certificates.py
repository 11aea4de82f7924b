"""The name of a gateway on the way: this machine's, one that is not served there; and the client's certificate."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.world.test_front_limits import served
from tests.world.test_fronts import Front, examine, failure, front
from tests.world.test_probe_gateway import Listener, certificates, http_404, only_failure, profile, server_context
from tests.world.test_probe_gateway import examine as examined

from claude_gw_cli.core.endpoint import exposure
from claude_gw_cli.world.probe.connection import find_place, look_up, open_channel
from claude_gw_cli.world.probe.tls import tls_trouble

__all__ = ["certificates", "front"]
SETTINGS = b"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64"


def rejects(says_so: bytes) -> Callable[[socket.socket], None]:
    """HTTP/2 is answered, a request of HTTP/1.1 is not; what is no request is answered with ``says_so``."""

    def treat(channel: socket.socket) -> None:
        first = channel.recv(4096)
        if first.startswith(b"PRI * HTTP/2.0"):
            channel.sendall(SETTINGS)
        elif not first.startswith((b"GET", b"POST")):
            channel.sendall(says_so)

    return treat


@pytest.mark.parametrize(
    ("says_so", "words"),
    [
        (b"HTTP/1.1 400 Bad request\r\n\r\n", "closes it without an answer"),
        (b"HTTP/1.0 400 Bad request\r\n\r\n", "closes it without an answer"),
        (b"", "speaks HTTP/2 only"),
        (SETTINGS, "speaks HTTP/2 only"),
    ],
)
def test_a_server_that_rejects_a_request_may_still_speak_http1(front: Front, says_so: bytes, words: str) -> None:
    with served(rejects(says_so)) as url:
        front.url = url
        assert words in failure(examine(front), "gateway.alive").cause


def test_http2_only_behind_tls(certificates: Path) -> None:
    context = server_context(certificates, "good")
    context.set_alpn_protocols(["h2"])  # as Caddy and Envoy: no common protocol is no fault of the handshake there
    env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
    with Listener(rejects(b""), context) as server:
        _, verdict = only_failure(examined(profile(f"https://127.0.0.1:{server.port}"), env)[0])
    assert verdict.situation == "http2-only"


@pytest.mark.parametrize(
    ("host", "version", "is_local"),
    [
        ("localhost", "2.1.332", True),
        ("LOCALHOST", "2.1.330", True),
        ("llm.localhost", "2.1.332", True),
        ("localhost.", "2.1.332", True),
        ("localhost", "2.1.228", False),
        ("llm.localhost", "1.0.60", False),
        ("notlocalhost", "2.1.332", False),
        ("localhost.example.com", "2.1.332", False),
    ],
)
def test_names_of_this_machine(monkeypatch: pytest.MonkeyPatch, host: str, version: str, is_local: bool) -> None:
    place = find_place(f"http://{host}:4000", {}, version)
    assert place.is_local is is_local
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 4000))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    expected = ["127.0.0.1", "::1"] if is_local else ["10.0.0.7"]
    assert look_up(place.host, place.port, is_local=place.is_local) == expected


@pytest.mark.parametrize("address", ["::1", "127.0.0.1"])
def test_a_gateway_that_listens_on_one_loopback_address_alone(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        place = find_place(f"http://localhost:{server.getsockname()[1]}", {}, "2.1.332")
        with open_channel(place, time.monotonic() + 5) as channel:
            assert channel.getpeername()[0] == address


@pytest.mark.parametrize(("host", "who"), [("localhost.", "none"), ("localhost", "none"), ("example.com.", "public")])
def test_a_name_with_the_root_behind_it(host: str, who: str) -> None:
    assert exposure(host) == who


@pytest.mark.parametrize("body", [b"", b"<html>421 Misdirected Request</html>", b'{"error": "x"}'])
def test_a_name_that_is_not_served_there(front: Front, body: bytes) -> None:
    front.guard = lambda _path, _headers: (421, body, "text/html" if b"<" in body else "text/plain")
    verdict = failure(examine(front), "gateway.alive")
    assert "serves other names, and not 127.0.0.1" in verdict.cause
    assert "cgw profile set p --gateway-url URL" in verdict.help


def test_a_name_that_the_handshake_does_not_know(certificates: Path) -> None:
    context = server_context(certificates, "good")
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    env = {"NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem")}
    with Listener(http_404, context) as server:
        probe, verdict = only_failure(examined(profile(f"https://localhost:{server.port}"), env)[0])
    assert (probe, verdict.situation) == ("tls", "misdirected")


@pytest.mark.parametrize(
    ("certificate", "versions"),
    [
        ("self-signed", ssl.TLSVersion.TLSv1_3),
        ("expired", ssl.TLSVersion.TLSv1_3),
        ("self-signed", ssl.TLSVersion.TLSv1_2),
        ("expired", ssl.TLSVersion.TLSv1_2),
    ],
)
def test_a_client_certificate_that_the_server_refuses(
    certificates: Path, certificate: str, versions: ssl.TLSVersion
) -> None:
    context = server_context(certificates, "good", client=True)
    context.maximum_version = versions
    env = {
        "NODE_EXTRA_CA_CERTS": str(certificates / "ca.pem"),
        "CLAUDE_CODE_CLIENT_CERT": str(certificates / f"{certificate}.pem"),
        "CLAUDE_CODE_CLIENT_KEY": str(certificates / f"{certificate}.key"),
    }
    with Listener(http_404, context) as server:
        probe, verdict = only_failure(examined(profile(f"https://127.0.0.1:{server.port}"), env)[0])
    assert (probe, verdict.situation) == ("tls", "tls-client-certificate-refused")
    assert f"openssl x509 -noout -issuer -dates -in {certificates / certificate}.pem" in verdict.help


@pytest.mark.parametrize(
    ("page", "situation"),
    [
        (b"<html>400 The SSL certificate error</html>", "tls-client-certificate-refused"),
        (b"<html>400 No required SSL certificate was sent</html>", "tls-client-certificate"),
    ],
)
def test_nginx_says_it_in_a_page(front: Front, page: bytes, situation: str) -> None:
    front.guard = lambda _path, _headers: (400, page, "text/html")
    assert failure(examine(front), "gateway.alive").situation == situation


@pytest.mark.parametrize(
    "reason", ["SSLV3_ALERT_CERTIFICATE_REVOKED", "TLSV1_ALERT_UNKNOWN_CA", "TLSV1_ALERT_ACCESS_DENIED"]
)
def test_alerts_about_the_clients_certificate(reason: str) -> None:
    error: Any = ssl.SSLError(1, reason)
    error.reason = reason
    assert tls_trouble(error).situation == "tls-client-certificate-refused"
