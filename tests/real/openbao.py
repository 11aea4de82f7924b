"""A real OpenBao server for a test: in development mode, or sealed or behind TLS by a configuration of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = "root-token-0123456789abcdef"
KEY = "sk-bao-0123456789abcdef"


@dataclass
class Bao:
    """A running server and its command line."""

    program: Path
    url: str
    home: Path
    token: str = ""
    ca: str = ""

    @property
    def env(self) -> dict[str, str]:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "VAULT_ADDR": self.url, "BAO_ADDR": self.url}
        env |= {"VAULT_TOKEN": self.token, "BAO_TOKEN": self.token} if self.token else {}
        return env | ({"BAO_CACERT": self.ca, "VAULT_CACERT": self.ca} if self.ca else {})

    def __call__(self, *words: str, stdin: str = "") -> str:
        done = subprocess.run(
            [self.program, *words], input=stdin, capture_output=True, text=True, env=self.env, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "-format=json"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def development(program: Path, home: Path) -> Iterator[Bao]:
    """An unsealed server with KV version 2 at ``secret/`` and the key in ``secret/llm``."""
    port = free_port()
    bao = Bao(program, f"http://127.0.0.1:{port}", home, ROOT)
    words = ["server", "-dev", f"-dev-root-token-id={ROOT}", f"-dev-listen-address=127.0.0.1:{port}"]
    with _running(bao, words, ready=("status",)):
        bao("kv", "put", "secret/llm", f"key={KEY}", "other=x")
        yield bao


@contextmanager
def configured(program: Path, home: Path, tls: tuple[Path, Path] | None = None) -> Iterator[Bao]:
    """A server that is initialised by nobody yet; with a certificate and key it speaks TLS."""
    port = free_port()
    listener = f'address = "127.0.0.1:{port}"\n' + (
        f'tls_cert_file = "{tls[0]}"\ntls_key_file = "{tls[1]}"' if tls else "tls_disable = true"
    )
    config = home / "bao.hcl"
    config.write_text(f'storage "inmem" {{}}\nlistener "tcp" {{\n{listener}\n}}\n')
    bao = Bao(program, f"{'https' if tls else 'http'}://127.0.0.1:{port}", home, ca=str(tls[0]) if tls else "")
    with _running(bao, ["server", f"-config={config}"], ready=None):
        yield bao


@contextmanager
def _running(bao: Bao, words: list[str], ready: tuple[str, ...] | None) -> Iterator[None]:
    log = (bao.home / "bao.log").open("w")
    server = subprocess.Popen([bao.program, *words], stdout=log, stderr=log, env=bao.env)
    try:
        host, port = bao.url.rpartition("/")[2].split(":")
        for _ in range(300):
            try:
                socket.create_connection((host, int(port)), 1).close()
                if (
                    ready is None
                    or subprocess.run([bao.program, *ready], capture_output=True, env=bao.env, check=False).returncode
                    == 0
                ):
                    break
            except OSError:
                pass
            assert server.poll() is None, (bao.home / "bao.log").read_text()
            time.sleep(0.1)
        else:
            raise AssertionError("OpenBao did not start: " + (bao.home / "bao.log").read_text())
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()
