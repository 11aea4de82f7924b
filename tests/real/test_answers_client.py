"""The real client and `cgw doctor` side by side before gateways that read another header first, or answer oddly."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.world.test_damaged_bodies import Server, by_chunk, by_length, only, packed, server, whole

from claude_gw_cli.cli.plain_plan import plan_of
from claude_gw_cli.cli.plain_start import PlainStart
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

pytestmark = pytest.mark.real
__all__ = ["server"]
CLIENT = "2.1.332"
KEY = "sk-canary-3f9a-7c21-zq7x"
Env = Callable[[Path], dict[str, str]]


@pytest.fixture
def beside(
    client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> Callable[[dict[str, str]], tuple[str, dict[str, str]]]:
    """Starts the client with these variables, and the doctor: what the one prints, and what fails for the other."""
    program = client(CLIENT)

    def run(variables: dict[str, str]) -> tuple[str, dict[str, str]]:
        env = clean_env(tmp_path) | variables | {"CLAUDE_CODE_MAX_RETRIES": "0", "HOME": str(tmp_path)}
        done = subprocess.run(
            [program, "-p"],
            env=env,
            cwd=tmp_path,
            input="hi",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        start = PlainStart(env, str(tmp_path), CLIENT, trusted=False)
        plan = plan_of(start)
        assert plan is not None
        begin = Probe("start", "start", lambda _: start.examine(plan, None, has_profile=False))
        gateway = Gateway(Grant("typed"), plan, start.variables, (), CLIENT, start.places)
        rows = Schedule([begin, *gateway.probes(live=True)], 40.0).run()
        failed = {row.id: row.verdict.situation for row in rows if row.verdict and row.verdict.status == "fail"}
        return done.stdout + done.stderr, failed

    return run


CUSTOM = f"x-litellm-api-key: Bearer {KEY}"
AWS = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIALAB", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize(
    "variables",
    [
        {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "{url}", **AWS},
        {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": "{url}",
            "ANTHROPIC_FOUNDRY_AUTH_TOKEN": "a" * 24,
        },
        {
            "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1", "ANTHROPIC_AWS_BASE_URL": "{url}",
            "ANTHROPIC_AWS_WORKSPACE_ID": "w", **AWS,
        },
    ],
)  # fmt: skip
def test_the_clouds_credential_before_the_key(server: Server, beside: Any, variables: dict[str, str]) -> None:
    def send(handler: Any, what: str, status: int, body: bytes) -> None:
        refused = "authorization" in handler.headers and KEY not in handler.headers["authorization"]
        if refused and handler.command == "POST":
            what, status, body = "keyless", 401, b'{"error": "who is this?"}'
        whole(handler, what, status, body)

    env = {name: value.format(url=server.url) for name, value in variables.items()}
    env["ANTHROPIC_CUSTOM_HEADERS"] = CUSTOM
    server.send = send
    said, failed = beside(env)
    assert "401" in said
    assert failed == {"gateway.key": "cloud-read-first"}


def says(value: object) -> Callable[[Any, str, int, bytes], None]:
    return lambda handler, what, _, __: whole(handler, what, 200, json.dumps(value).encode())


ODD: dict[str, tuple[str, Callable[[Any, str, int, bytes], None], str, str]] = {
    "an error with status 200": ("key count live", says({"error": "x"}), "malformed", "error-as-success"),
    "another API": ("key count live", says({"object": "chat.completion", "choices": []}), "malformed", "another-api"),
    "a label alone": ("key count live", packed("gzip"), "could not be read (ZlibError)", "encoding-wrong"),
    "another label": ("key count live", packed("br"), "could not be read (Brotli", "encoding-wrong"),
    "no label": ("live", packed("", gzip.compress), "malformed", "encoding-wrong"),
    "cut by length": ("key count live", by_length, "Connection to the API was lost", "cut-short"),
    "cut by chunk": ("key count live", by_chunk, "Connection to the API was lost", "cut-short"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_a_body_that_the_client_cannot_use(server: Server, beside: Any, name: str) -> None:
    kinds, how, words, situation = ODD[name]
    server.send = only(kinds, how)
    said, failed = beside({"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_AUTH_TOKEN": KEY})
    assert words in said
    assert list(failed.values()) == [situation]
