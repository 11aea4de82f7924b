"""A sample of starts through the real Agent SDKs and the adapter for editors (all: tests/atlas/starters.py).

What `cgw env --shell sdk-ts` and `sdk-python` print is given to the real option ``env``, with every hostile value.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claude_gw_cli import emit
from claude_gw_cli.world.loopback.gateway import Gateway
from claude_gw_cli.world.trace import carries_prompt, observe

sys.path.insert(0, str(Path(__file__).parent.parent / "atlas"))
import laboratory
import starters

pytestmark = pytest.mark.real

HOSTILE = json.loads((Path(__file__).parent.parent / "vectors" / "hostile.json").read_text(encoding="utf-8"))
SAMPLE = (
    ("sdk-ts", "sources-none-managed"),
    ("sdk-ts", "bare-helper"),
    ("sdk-ts", "env-alone"),
    ("sdk-python", "user-helper"),
    ("sdk-python", "sources-none"),
    ("sdk-python", "env-spread"),
    ("acp", "project-over-user"),
    ("acp", "vertex"),
    ("acp", "nothing"),
    ("vscode", "editor-over-environment"),
    ("vscode", "key-not-approved"),
)


@pytest.fixture(autouse=True)
def packages(part: Callable[..., Path]) -> None:
    part("sdk-ts", "node_modules/@anthropic-ai/claude-agent-sdk/sdk.mjs", "starters")
    part("sdk-python", "bin/python", "starters")
    part("acp", "node_modules/.bin/claude-agent-acp", "starters")


def test_starts_through_the_real_packages_are_predicted() -> None:
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda start: starters.measured(*start), SAMPLE))
    wrong = [line for row in rows for line in starters.disagreements(row)]
    assert not wrong, "\n".join(wrong)
    assert [row["observed"]["requests"] > 0 for row in rows].count(False) == 3


@pytest.mark.parametrize("starter", ["sdk-ts", "sdk-python"])
def test_the_option_env_takes_what_cgw_prints(starter: str) -> None:
    """The client's helper writes down its environment: what arrived in the client, byte for byte."""
    config = {"env": {"ANTHROPIC_API_KEY": "sk-stale"}, "user": {"apiKeyHelper": "env -0 >~/seen; echo sk-helper"}}
    with Gateway(any_path=True) as gateway, laboratory.staged(config, gateway.url, "2.1.332") as stage:
        sets = [
            ("ANTHROPIC_BASE_URL", gateway.url),
            *((f"T{at}", value) for at, value in enumerate(HOSTILE.values())),
        ]
        options = stage.root / "options.env"
        options.write_text(emit.render(starter, sets, ["ANTHROPIC_API_KEY"]), encoding="utf-8")
        command = [*starters.command(starter), "--env", str(options)]
        seen = observe(command, stage.env, stage.work, (), gateway, timeout=120, whole=False)
        assert seen.requests, seen.says
        assert seen.headers["authorization"] == "Bearer sk-helper"
        assert seen.headers["x-api-key"] == "sk-helper"
        lines = (stage.root / "home" / "seen").read_bytes().decode("utf-8").split("\0")
        arrived = dict(line.split("=", 1) for line in lines if line)
        assert {name: arrived.get(name) for name, _ in sets} == dict(sets)
        assert not arrived.get("ANTHROPIC_API_KEY")
        assert arrived["HOME"] == str(stage.root / "home")
        assert [request.path for request in gateway.requests if carries_prompt(request)]
