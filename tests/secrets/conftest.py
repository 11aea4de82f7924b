"""A fake Vault server that can be made to answer anything; the friendly cases run against a real OpenBao."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

MOUNTS = "/v1/sys/internal/ui/mounts/secret/llm"
KV2 = {"data": {"path": "secret/", "type": "kv", "options": {"version": "2"}}}


class Fake(ThreadingHTTPServer):
    """Answers from a table: path -> (status, body, headers); records which path was asked with which token, and what
    was posted to it. ``clock`` is what its ``Date`` says, seconds since 1970."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any, dict[str, str]]] = {MOUNTS: (200, KV2, {})}
        self.seen: list[tuple[str, str | None]] = []
        self.posted: dict[str, Any] = {}
        self.delay = 0.0
        self.clock: float | None = None
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path: str, status: int, body: Any, **headers: str) -> None:
        self.answers[path] = (status, body, headers)


class Handler(BaseHTTPRequestHandler):
    server: Fake

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["X-Vault-Token"]))
        time.sleep(self.server.delay)
        status, body, headers = self.server.answers.get(self.path, (404, {"errors": []}, {}))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            pass  # the caller went away

    def do_POST(self) -> None:
        self.server.posted[self.path] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.server.clock if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        pass


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
