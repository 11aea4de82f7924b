"""The server: one thread per connection, standard library only, bound to 127.0.0.1 on a free port.

Records every request exactly as sent, then answers it, refuses its key as LiteLLM does, or misbehaves on
demand. It never forwards anything: as an HTTP proxy it leads to itself and refuses every other host, so a
client that is given it as its proxy cannot leave the machine.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.model import KeyFormat
from claude_gw_cli.record import dataclass
from claude_gw_cli.world.loopback import wire
from claude_gw_cli.world.loopback.clouds import google_token
from claude_gw_cli.world.loopback.keys import check_key
from claude_gw_cli.world.loopback.routes import Route, find_route

ANSWER = "answered by the loopback gateway"
_PUBLIC = frozenset({"hello", "health", "google-token"})
_MODEL_ASKS = frozenset({"message", "event-stream"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    """The request target as sent, with its query."""
    headers: tuple[tuple[str, str], ...]
    """Name and value in the order and spelling in which they were sent."""
    body: bytes
    model: str | None
    """From the body, or from the path where the provider has it there."""
    is_model_request: bool
    """Asks a model for an answer (a probe or a token count does not)."""
    status: int
    """What the gateway answered."""
    time: float
    """Seconds since the epoch."""

    def header(self, name: str) -> str | None:
        """The last value of a header, or ``None``."""
        found = [value for sent, value in self.headers if sent.lower() == name.lower()]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: bytes
    content_type: str = wire.JSON


class Gateway:
    """A context manager around the running server.

    Args:
        key: the key to insist on; ``None`` accepts every request.
        key_header: where the key has to be.
        key_format: ``bearer`` or ``bare``; by default what is usual in that header.
        any_path: answer below any path prefix instead of LiteLLM's own.
        status: answer model requests with this status instead of 200.
        delay: seconds to wait before each answer to a model request.

    ``status`` and ``delay`` are attributes too and may be changed while it runs, as may the keys (``accept``).
    """

    def __init__(
        self,
        key: str | None = None,
        key_header: str = "authorization",
        *,
        key_format: KeyFormat | None = None,
        any_path: bool = False,
        status: int = 200,
        delay: float = 0.0,
    ) -> None:
        self.status = status
        self.delay = delay
        self.key_header = key_header
        self.key_format = key_format
        self.any_path = any_path
        self._keys = None if key is None else frozenset({key})
        self._seen: list[Request] = []
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything that has arrived so far, oldest first."""
        return tuple(self._seen)

    @property
    def model_requests(self) -> tuple[Request, ...]:
        """Those that asked a model for an answer."""
        return tuple(request for request in self._seen if request.is_model_request)

    def accept(self, *keys: str) -> None:
        """From now on insist on one of these keys: a rotation."""
        self._keys = frozenset(keys)

    def forget(self) -> None:
        """Start the record afresh."""
        self._seen.clear()

    def handle(self, method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> _Reply:
        """Record one request and decide its answer."""
        sent = _object(body)
        route = None
        if f"{method} http://{target}" == f"CONNECT {self.url}":
            reply = _Reply(200, b"")
        elif method == "CONNECT" or not target.startswith(("/", self.url)):
            reply = _json(403, {"detail": f"cgw lets nothing leave this machine: {target}"})
        else:
            route = find_route(method, target.removeprefix(self.url), any_path=self.any_path)
            reply = self._reply(route, headers, sent)
        model = _model(route, sent)
        asks_model = route is not None and route.ask in _MODEL_ASKS
        self._seen.append(Request(method, target, headers, body, model, asks_model, reply.status, time.time()))
        if asks_model and self.delay:
            time.sleep(self.delay)
        return reply

    def _reply(self, route: Route | None, headers: tuple[tuple[str, str], ...], sent: dict[str, object]) -> _Reply:
        if route is None:
            return _json(404, {"detail": "Not Found"})
        if self._keys is not None and route.ask not in _PUBLIC:
            refusal = check_key(headers, self._keys, self.key_header, self.key_format)
            if refusal:
                return _json(refusal.status, refusal.body)
        if self.status != 200 and route.ask in _MODEL_ASKS:
            problem = {"message": f"cgw was told to answer {self.status}", "type": "api_error"}
            return _json(self.status, {"type": "error", "error": problem})
        return _answer(route, sent)


def _answer(route: Route, sent: dict[str, object]) -> _Reply:
    model = _model(route, sent) or "unknown"
    match route.ask:
        case "event-stream":
            return _Reply(200, wire.event_stream(model, ANSWER), wire.EVENT_STREAM)
        case "message" if sent.get("stream"):
            return _Reply(200, wire.server_sent_events(model, ANSWER), wire.SSE)
        case "message":
            return _json(200, wire.message(model, ANSWER))
        case "count-tokens":
            return _json(200, {"input_tokens": 1})
        case "models":
            return _json(200, {"data": [], "has_more": False, "first_id": None, "last_id": None})
        case "profiles":
            return _json(200, {"inferenceProfileSummaries": []})
        case "google-token":
            return _json(200, google_token())
        case "hello" | "health":
            return _json(200, "I'm alive!")


def _model(route: Route | None, sent: dict[str, object]) -> str | None:
    named = sent.get("model")
    return named if isinstance(named, str) else route.model if route else None


def _json(status: int, value: object) -> _Reply:
    return _Reply(status, json.dumps(value).encode())


def _object(body: bytes) -> dict[str, object]:
    try:
        value = from_json(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for this machine's full name, which can hang without a network.
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        # A client that hangs up in mid-answer is its own affair; anything else is a bug and is shown.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # typeshed narrows to sockets


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        target = self.requestline.split()[1]  # self.path has its leading slashes joined; the record must not
        reply = self.server.gateway.handle(self.command, target, tuple(self.headers.items()), body)
        self.send_response_only(reply.status)
        if self.command == "CONNECT" and reply.status == 200:
            self.end_headers()  # what follows on this connection is the tunnelled, plain conversation
            self.close_connection = False
            return
        self.send_header("content-type", reply.content_type)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_CONNECT = _serve  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Stay silent: the record is the log."""
