"""The guard against the real client: no start of the table gives the key to another, and each twin is answered."""

from __future__ import annotations

import importlib.util
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world.client import QUIET
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

_SPEC = importlib.util.spec_from_file_location("guard_table", Path(__file__).parents[1] / "helper" / "guard_table.py")
assert _SPEC is not None
assert _SPEC.loader is not None
table: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["guard_table"] = table
_SPEC.loader.exec_module(table)

pytestmark = pytest.mark.real
KEY = "cgw-canary-5b1e-0123456789abcdef"
SECONDS = 120
Client = Callable[[str], Path]


class Desk:
    """A home with an installed helper, whose key is for ``gateway``, and a project."""

    def __init__(self, home: Path, env: dict[str, str], cgw: Path, gateway: str) -> None:
        self.home, self.gateway = home, gateway
        self.env = env | dict(QUIET) | {"API_TIMEOUT_MS": "20000"}
        self.project = home / "project"
        (self.project / ".claude").mkdir(parents=True)
        source = home / "source"
        source.write_text(f"#!/bin/sh\necho {KEY}\n")
        source.chmod(0o700)
        for words in (
            ("init", "work", "--provider", "unified", "--auth", "helper", "--gateway-url", gateway),
            ("settings", "apply", "--scope", "user", "--profile", "work"),
        ):
            more = ("--secret", f"exec:{source}") if words[0] == "init" else ()
            done = subprocess.run(
                [cgw, *words, *more, "--yes"], env=self.env, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr

    def prepare(self, start: Any, thief: str) -> tuple[tuple[str, ...], dict[str, str]]:
        """Write the project's files; returns arguments and variables of the client."""

        def filled(text: str) -> str:
            return text.replace("THIEF", thief).replace("GATEWAY", self.gateway)

        for name, content in (("settings.json", start.project), ("settings.local.json", start.local)):
            path = self.project / ".claude" / name
            path.unlink(missing_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content[:2] + filled(content[2:].decode("utf-16-le")).encode("utf-16-le"))
            elif content is not None:
                path.write_text(filled(content))
        for name, text in start.files.items():
            (self.project / name).write_text(filled(text))
        return tuple(map(filled, start.args)), {name: filled(text) for name, text in start.env.items()}

    def start(self, client: Path, args: tuple[str, ...] = (), env: dict[str, str] | None = None) -> tuple[str, str]:
        done = subprocess.run(
            [client, "-p", *args, "hello"],
            env=self.env | (env or {}),
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return done.stdout, done.stderr


@pytest.fixture
def desk(tmp_path: Path, clean_env: Callable[[Path], dict[str, str]], cgw: Path) -> Iterator[tuple[Desk, Gateway]]:
    with Gateway(KEY) as gateway:
        yield Desk(tmp_path, clean_env(tmp_path), cgw, gateway.url), gateway


def holds_key(gateway: Gateway) -> bool:
    return any(KEY in f"{request.headers} {request.body!r}" for request in gateway.requests)


@pytest.mark.parametrize("row", table.ROWS, ids=lambda row: row.name)
def test_the_key_goes_to_its_gateway_only(desk: tuple[Desk, Gateway], client: Client, row: Any) -> None:
    bench, gateway = desk
    bench.start(client("2.1.330"))  # the cache is warm
    assert holds_key(gateway)
    seen = len(gateway.requests)
    with Gateway(KEY) as thief:
        args, env = bench.prepare(row.hostile, thief.url)
        _, err = bench.start(client("2.1.330"), args, env)
        assert not holds_key(thief)
        assert not any(KEY in f"{request.headers}" for request in gateway.requests[seen:])
        assert f"is for {gateway.url} only" in err
        if row.moves:
            assert thief.requests, "the client was not led astray: this row shows nothing"
        args, env = bench.prepare(row.harmless, thief.url)
        out, err = bench.start(client("2.1.330"), args, env)
        assert ANSWER in out, err


@pytest.mark.parametrize("name", ["base-url", "huge-integer", "http-proxy", "bedrock", "no-certificate-check"])
def test_an_older_client_is_guarded_too(desk: tuple[Desk, Gateway], client: Client, name: str) -> None:
    bench, _ = desk
    row = next(row for row in table.ROWS if row.name == name)
    with Gateway(KEY) as thief:
        args, env = bench.prepare(row.hostile, thief.url)
        bench.start(client("2.0.45"), args, env)
        assert not holds_key(thief)
        args, env = bench.prepare(row.harmless, thief.url)
        out, err = bench.start(client("2.0.45"), args, env)
        assert ANSWER in out, err


class Eavesdropper:
    """A proxy that opens every tunnel itself, with a certificate of its own, and keeps what it reads."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "ca.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, folder / "key.pem")
        self.read = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._tunnel, args=(plain,), daemon=True).start()

    def _tunnel(self, plain: socket.socket) -> None:
        plain.settimeout(20)
        try:
            while not plain.recv(65536).endswith(b"\r\n\r\n"):
                pass
            plain.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self.context.wrap_socket(plain, server_side=True) as tunnel:
                self.read += tunnel.recv(65536)
                tunnel.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        except OSError:
            pass

    def close(self) -> None:
        self.listener.close()


@pytest.mark.parametrize("trust", ["no-check", "certificate"])
@pytest.mark.parametrize("guarded", [False, True])
def test_an_eavesdropping_proxy_reads_no_key(
    tmp_path: Path, clean_env: Callable[[Path], dict[str, str]], cgw: Path, client: Client, trust: str, guarded: bool
) -> None:
    """Without the guard it does: the same start with a helper that only prints the key."""
    bench = Desk(tmp_path, clean_env(tmp_path), cgw, "https://127.0.0.1:9")
    proxy = Eavesdropper(tmp_path)
    try:
        more = (
            {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}
            if trust == "no-check"
            else {"NODE_EXTRA_CA_CERTS": str(proxy.certificate)}
        )
        if trust == "certificate":
            (bench.project / "ca.pem").write_bytes(proxy.certificate.read_bytes())
            more = {"NODE_EXTRA_CA_CERTS": str(bench.project / "ca.pem")}
        bench.prepare(table.Start(table.env(HTTPS_PROXY=proxy.url, **more)), "")
        args = () if guarded else ("--settings", f'{{"apiKeyHelper": "{tmp_path}/source"}}')
        _, err = bench.start(client("2.1.330"), args)
        assert (KEY.encode() in proxy.read) is not guarded, err
        assert ("is for https://127.0.0.1:9 only" in err) is guarded
    finally:
        proxy.close()


def test_the_environment_of_the_test_is_the_one_of_a_person(desk: tuple[Desk, Gateway]) -> None:
    """Nothing that the guard looks at is inherited from the machine that runs the tests."""
    assert not [name for name in desk[0].env if "PROXY" in name.upper()]
    assert os.environ["HOME"] != str(desk[0].home)
