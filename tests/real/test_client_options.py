"""``[client]`` with the real client: what a request has with each option, and which models its subagents ask for."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback.gateway import Gateway

pytestmark = pytest.mark.real
PROFILE = """
provider = "unified"
gateway_url = "{url}"
secret = "env://K"
[models]
default = "{model}"
[client]
{options}
"""
OPTIONS = """
betas = false
effort = "low"
prompt_caching = false
max_output_tokens = 4321
timeout = 123
context_window = 64_000
"""


@pytest.fixture
def started(tmp_path: Path, cgw: Path, client: Callable[[str], Path]) -> Callable[..., tuple[str, dict[str, Any]]]:
    """What a client with this profile prints, and the last model request: its body, and ``headers``."""

    def start(prompt: str, model: str, options: str) -> tuple[str, dict[str, Any]]:
        with Gateway() as gateway:
            profile = tmp_path / "p.toml"
            profile.write_text(PROFILE.format(url=gateway.url, model=model, options=options))
            env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "K": "sk-0123456789", **enclosed(gateway.url)}
            words: list[str | Path] = [cgw, "run", "--profile", profile, "--", client("2.1.332"), "-p", prompt]
            done = subprocess.run(
                words, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            asked = [request for request in gateway.requests if request.is_model_request]
        sent: dict[str, Any] = json.loads(asked[-1].body) if asked else {}
        if asked:
            sent["headers"] = {name.lower(): value for name, value in asked[-1].headers}
        return done.stdout, sent

    return start


def test_a_request_is_as_the_options_say(started: Callable[..., tuple[str, dict[str, Any]]]) -> None:
    _, sent = started("hi", "claude-sonnet-5-5", OPTIONS)
    assert sent["max_tokens"] == 4321
    assert sent["output_config"]["effort"] == "low"
    assert "context_management" not in sent
    assert "cache_control" not in json.dumps(sent)
    assert sent["headers"]["x-stainless-timeout"] == "123"
    _, plain = started("hi", "claude-sonnet-5-5", "")
    assert plain["max_tokens"] != 4321
    assert "context_management" in plain
    assert "cache_control" in json.dumps(plain)


def test_the_context_of_a_model_that_only_the_gateway_knows(
    started: Callable[..., tuple[str, dict[str, Any]]],
) -> None:
    said, _ = started("/context", "my-model", OPTIONS)
    assert "/ 64k" in said
