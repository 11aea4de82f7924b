"""`cgw doctor --live` before real gateways other than LiteLLM, with the real client beside it where that is cheap.

Each gateway runs once per upstream: one that answers, and one that nothing listens on. What was measured with
gateways that are too large to install here (MLflow, any-llm) or no longer install (nullplatform) is played in
``tests/world/test_gateway_kinds.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.world.test_probe_gateway import Fake, Reply, reply

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Models, Plan, Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.world.loopback.gateway import ANSWER
from claude_gw_cli.world.loopback.wire import server_sent_events
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

pytestmark = pytest.mark.real

CLIENT = "2.1.330"
MODEL = "claude-opus-5-5"
OWN = "sk-gateway-0123456789abcdef"
CLOUD = "sk-ant-cloud-0123456789abcdef"
WRONG = "sk-wrong-0123456789abcdef"
NOWHERE = "http://127.0.0.1:59"
Env = Callable[[Path], dict[str, str]]
Start = Callable[[str, str], contextlib.AbstractContextManager[str]]


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def error(status: int, kind: str, message: str) -> Reply:
    return reply(status, {"type": "error", "error": {"type": kind, "message": message}})


def cloud(path: str, headers: dict[str, str], body: dict[str, object]) -> Reply:
    """The vendor's API, in its own words."""
    if headers.get("x-api-key") != CLOUD:
        return error(401, "authentication_error", "invalid x-api-key")
    if body.get("model") != MODEL:
        return error(404, "not_found_error", f"model: {body.get('model')}")
    if not body.get("messages"):
        return error(400, "invalid_request_error", "messages: Field required")
    if "count_tokens" in path:
        return reply(200, {"input_tokens": 3})
    return reply(200, server_sent_events(MODEL, ANSWER), content_type="text/event-stream")


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    server = Fake()
    server.answer = cloud  # type: ignore[method-assign]
    thread = threading.Thread(target=server.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.url
    server.server.shutdown()
    server.server.server_close()
    thread.join()


@contextlib.contextmanager
def running(command: list[str], port: int, home: Path) -> Iterator[str]:
    """A gateway's address, once it answers there."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "TRUSTED_CUSTOM_HOSTS": "127.0.0.1"}
    process = subprocess.Popen(command, env=env, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, end = f"http://127.0.0.1:{port}", time.monotonic() + 30
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < end, command
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def plan_of(url: str, headers: dict[str, str], **changes: Any) -> Plan:
    given: dict[str, Any] = {"models": Models(default=MODEL), "secret": "env://K", "headers": headers} | changes
    return make_plan(Profile("p", "unified", url, **given))


def ask_client(program: Path, env: dict[str, str], plan: Plan, key: str, home: Path) -> str:
    home.mkdir(parents=True)
    started = {**env, **{item.name: item.fill(key, "") for item in plan.sets}, "HOME": str(home)}
    done = subprocess.run(
        [program, "-p"], env=started, cwd=home, input="hi", capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def ask_doctor(plan: Plan, key: str) -> tuple[str, dict[str, Verdict]]:
    gateway = Gateway(Grant("typed"), plan, {}, (), CLIENT)
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(key)))
    rows = Schedule([secret, *gateway.probes(live=True)], 40.0).run()
    return gateway.identity.kind, {row.id: row.verdict for row in rows if row.verdict}


# case: (key, its header, model, added to the address, cloud, failing probe, words of its cause; none: nothing fails)
Case = tuple[str, str | None, str, str, bool, str, str]
PORTKEY: dict[str, Case] = {
    "right": (CLOUD, "x-api-key", MODEL, "", True, "", ""),
    "wrong": (WRONG, "x-api-key", MODEL, "", True, "gateway.key", "passes yours on, and the cloud behind it refuses"),
    "unread": (CLOUD, "x-portkey-api-key", MODEL, "", True, "gateway.key", "does not read its key from the header"),
    "model": (CLOUD, "x-api-key", "claude-none-9", "", True, "gateway.model", "does not offer the model"),
    "path": (CLOUD, "x-api-key", MODEL, "/llm", True, "gateway.route", "but /v1/messages is answered"),
    "dead": (CLOUD, "x-api-key", MODEL, "", False, "gateway.upstream", "cannot reach the cloud"),
}
ROUTER: dict[str, Case] = {
    "right": (OWN, None, MODEL, "", True, "", ""),
    "wrong": (WRONG, None, MODEL, "", True, "gateway.key", "The gateway refuses the key"),
    "unread": (OWN, "x-litellm-api-key", MODEL, "", True, "gateway.key", "does not read its key from the header"),
    "model": (OWN, None, "claude-none-9", "", True, "", ""),  # it answers with its default
    "path": (OWN, None, MODEL, "/llm", True, "gateway.key", "but /v1/messages is answered"),
    "dead": (OWN, None, MODEL, "", False, "gateway.upstream", "Your key is fine. The gateway cannot reach the cloud"),
}


def examine(
    kind: str,
    cases: dict[str, Case],
    start: Start,
    headers: Callable[[str], dict[str, str]],
    upstream: str,
    ask: Callable[[Plan, str, Path], str],
    folder: Path,
) -> None:
    """Every case by the doctor; the client for those with the right and the wrong key."""

    def run(name: str) -> tuple[str, dict[str, Verdict], str]:
        key, header, model, path, lives, _, _ = cases[name]
        plan = plan_of(
            (alive if lives else dead) + path,
            headers(upstream if lives else NOWHERE),
            key_header=header,
            models=Models(default=model),
        )
        said = ask(plan, key, folder / name) if name in {"right", "wrong"} else ""
        return *ask_doctor(plan, key), said

    with start(upstream, "alive") as alive, start(NOWHERE, "dead") as dead, ThreadPoolExecutor(3) as pool:
        found = dict(zip(cases, pool.map(run, cases), strict=True))
    for name, (seen, verdicts, said) in found.items():
        *_, probe, words = cases[name]
        failed = {id_: verdict.cause for id_, verdict in verdicts.items() if verdict.status == "fail"}
        assert seen == ("other" if name == "path" and kind == "claude-code-router" else kind), name
        assert list(failed) == ([probe] if probe else []), (name, failed)
        assert words in failed.get(probe, ""), (name, failed)
        if said:
            assert (ANSWER in said) is (name == "right"), (name, said)


@pytest.fixture
def ask(client: Callable[[str], Path], clean_env: Env, tmp_path: Path) -> Callable[[Plan, str, Path], str]:
    program, env = client(CLIENT), clean_env(tmp_path)
    return lambda plan, key, home: ask_client(program, env, plan, key, home)


def test_portkey(
    part: Callable[..., Path], upstream: str, ask: Callable[[Plan, str, Path], str], tmp_path: Path
) -> None:
    program = part("portkey", "node_modules/@portkey-ai/gateway/build/start-server.js", "gateways")
    port = free_port()

    @contextlib.contextmanager
    def start(_: str, name: str) -> Iterator[str]:
        """One program serves both: the upstream is in a header of each request."""
        if name == "alive":
            with running(["node", str(program), f"--port={port}", "--headless"], port, tmp_path) as url:
                yield url
        else:
            yield f"http://127.0.0.1:{port}"

    def headers(cloud: str) -> dict[str, str]:
        return {"x-portkey-provider": "anthropic", "x-portkey-custom-host": f"{cloud}/v1"}

    examine("portkey", PORTKEY, start, headers, upstream, ask, tmp_path)


def test_claude_code_router(
    part: Callable[..., Path], upstream: str, ask: Callable[[Plan, str, Path], str], tmp_path: Path
) -> None:
    program = part("claude-code-router", "node_modules/.bin/ccr", "gateways")

    def start(cloud: str, name: str) -> contextlib.AbstractContextManager[str]:
        home, port = tmp_path / f"gateway-{name}", free_port()
        provider = {
            "name": "cloud", "api_base_url": f"{cloud}/v1/messages", "api_key": CLOUD, "models": [MODEL],
            "transformer": {"use": ["Anthropic"]},
        }  # fmt: skip
        config = {
            "HOST": "127.0.0.1", "PORT": port, "APIKEY": OWN, "LOG": False, "NON_INTERACTIVE_MODE": True,
            "Providers": [provider], "Router": {"default": f"cloud,{MODEL}"},
        }  # fmt: skip
        (home / ".claude-code-router").mkdir(parents=True)
        (home / ".claude-code-router" / "config.json").write_text(json.dumps(config))
        return running([str(program), "start"], port, home)

    examine("claude-code-router", ROUTER, start, lambda _: {}, upstream, ask, tmp_path)
