"""A real LiteLLM proxy on loopback, and the clouds behind it as loopback fakes. Imported by the tests beside it.

Nothing leaves the machine: upstream addresses are overridden where LiteLLM allows it; for Vertex, where it does not,
a loopback proxy ends the TLS of ``*-aiplatform.googleapis.com`` with a certificate that only this LiteLLM trusts.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from claude_gw_cli.world.loopback import wire

MASTER = "sk-cgw-lab-master-7731"
ANSWER = "answered by the loopback cloud"
START = 180
"""Seconds: 9 on an idle machine, 26 were seen on a busy one, and this is a test's patience."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Cloud:
    """Anthropic, Bedrock and Vertex in one loopback server: answers, validates, or refuses its credential."""

    def __init__(self, *, rejects: bool = False, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[tuple[str, str, dict[str, str], dict[str, object]]] = []
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                # Google's token requests are forms.
                body = json.loads(raw) if raw.startswith(b"{") else {}
                headers = {name.lower(): value for name, value in self.headers.items()}
                cloud.seen.append((self.command, self.path, headers, body))
                status, kind, data = cloud.answer(self.path, body, rejects=rejects)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_CONNECT(self) -> None:
                """LiteLLM takes this server for its HTTPS proxy: every name leads here, with our certificate."""
                self.send_response(200)
                self.end_headers()
                if context is None:
                    return
                try:
                    inner = context.wrap_socket(self.connection, server_side=True)
                except OSError:
                    self.close_connection = True
                    return
                self.connection = inner
                self.rfile, self.wfile = inner.makefile("rb"), cast("BufferedIOBase", inner.makefile("wb", 0))

            def finish(self) -> None:
                super().finish()
                if isinstance(self.connection, ssl.SSLSocket):
                    self.connection.close()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str, body: dict[str, object], *, rejects: bool) -> tuple[int, str, bytes]:
        """What the clouds say: free for questions, whole for messages."""

        def problem(status: int, kind: str, message: str) -> tuple[int, str, bytes]:
            return (
                status,
                wire.JSON,
                json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode(),
            )

        if path.endswith("/token"):
            return 200, wire.JSON, b'{"access_token": "ya29.lab", "expires_in": 3600, "token_type": "Bearer"}'
        if rejects:
            return problem(401, "authentication_error", "invalid x-api-key")
        if "count-tokens" in path or "count_tokens" in path:
            return 200, wire.JSON, b'{"input_tokens": 7, "inputTokens": 7}'
        if not body.get("messages"):
            return problem(400, "invalid_request_error", "messages: at least one message is required")
        model = str(body.get("model", "claude"))
        if path.endswith("/invoke-with-response-stream"):
            return 200, wire.EVENT_STREAM, wire.event_stream(model, ANSWER)
        if body.get("stream") or path.endswith(":streamRawPredict"):
            return 200, wire.SSE, wire.server_sent_events(model, ANSWER)
        return 200, wire.JSON, json.dumps(wire.message(model, ANSWER)).encode()

    @property
    def answered(self) -> list[str]:
        """Paths of the requests that were real, billable messages."""
        return [path for _, path, _, body in self.seen if body.get("messages") and "count" not in path]


@contextmanager
def running(cloud: Cloud) -> Iterator[Cloud]:
    """Serve a cloud."""
    thread = threading.Thread(target=cloud.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.server.shutdown()
        cloud.server.server_close()


def config(good: str, bad: str, settings: dict[str, object], models: Sequence[str] = ()) -> dict[str, object]:
    """LiteLLM's configuration: a model for every state of the cloud behind it. (JSON is YAML.)"""
    dead = f"http://127.0.0.1:{free_port()}"
    aws = {"aws_access_key_id": "AKIALAB", "aws_secret_access_key": "lab", "aws_region_name": "us-east-1"}

    def anthropic(name: str, base: str, **more: str) -> dict[str, object]:
        return {
            "model_name": name,
            "litellm_params": {"model": "anthropic/claude-opus-5-5", "api_base": base, **more},
        }

    def bedrock(name: str, base: str, **more: str) -> dict[str, object]:
        params = {"model": "bedrock/us.anthropic.claude-opus-5-5", "aws_bedrock_runtime_endpoint": base, **more}
        return {"model_name": name, "litellm_params": params}

    listed = [
        *(anthropic(name, good, api_key="upstream-key") for name in ("claude-opus-5-5", *models)),
        anthropic("m-rejected", bad, api_key="upstream-key"),
        anthropic("m-dead", dead, api_key="upstream-key"),
        anthropic("m-bare", good),
        *(bedrock(name, good, **aws) for name in ("us.anthropic.claude-opus-5-5", *models)),
        bedrock("b-rejected", bad, **aws),
        bedrock("b-dead", dead, **aws),
        bedrock("b-bare", good, aws_region_name="us-east-1"),
    ]
    return {"model_list": listed, "general_settings": {"master_key": MASTER, **settings}}


@contextmanager
def litellm_proxy(
    program: Path, folder: Path, document: dict[str, object], env: dict[str, str] | None = None
) -> Iterator[str]:
    """Run LiteLLM until the end of the block; yields its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(json.dumps(document))
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(program), "--config", str(file), "--host", "127.0.0.1", "--port", str(port)],
            env={
                "PATH": f"{program.parent}{os.pathsep}{os.defpath}",
                "HOME": str(folder),
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "AWS_EC2_METADATA_DISABLED": "true",
                "NO_PROXY": "127.0.0.1",
                **(env or {}),
            },
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, url, folder / "log")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            with opener.open(f"{url}/health/liveliness", timeout=5) as answer:
                if answer.status == 200:
                    _warm_up(opener, url)
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"LiteLLM did not start: {log.read_text(errors='replace')[-2000:]}")


def _warm_up(opener: urllib.request.OpenerDirector, url: str) -> None:
    """Ask each route once: LiteLLM loads much of itself then, which takes seconds on a busy machine."""
    for path in ("/v1/messages", "/anthropic/v1/messages", "/bedrock/ping", "/vertex_ai/v1/x"):
        for headers in ({}, {"Authorization": f"Bearer {MASTER}", "Proxy-Authorization": f"Bearer {MASTER}"}):
            request = urllib.request.Request(f"{url}{path}", b'{"model": "m-rejected", "messages": []}', headers)
            try:
                opener.open(request, timeout=START).close()
            except urllib.error.HTTPError as refusal:
                refusal.close()


def google_certificates(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A TLS context for Google's names, and the CA file that makes somebody trust it."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cgw lab")])
    now = dt.datetime.now(dt.UTC)
    hosts = ["*.googleapis.com", *(f"{region}-aiplatform.googleapis.com" for region in ("us-east5", "us-central1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "google.pem"
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(pem)
    (folder / "google.key").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, folder / "google.key")
    return context, file


def service_account(folder: Path, token_url: str) -> Path:
    """A Google service account of nobody, whose tokens a loopback server makes."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "service-account.json"
    account = {
        "type": "service_account",
        "project_id": "lab-project",
        "private_key_id": "1",
        "private_key": secret.decode(),
        "client_email": "lab@lab-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": f"{token_url}/token",
    }
    file.write_text(json.dumps(account))
    return file
