"""Where a rule says what the client does and no recording shows it, the real client shows it here.

Each case is a small world; the client runs in it once, enclosed to this machine, and what arrived is compared with
the rule's claim. ``test_rules_fire_on_these_worlds`` ties the worlds to the rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world.client import Run, enclosed, run_client
from claude_gw_cli.world.loopback.gateway import Gateway, Request

pytestmark = pytest.mark.real

NEWEST = "2.1.330"
TOKEN = "gw-real-0123456789"
EXPIRED = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln"
SCRIPT = "#!/bin/sh\necho gw-from-helper\n"


@dataclass(frozen=True)
class World:
    """Settings by scope with ``{U}`` for the gateway and ``{H}`` for HOME, and what the rule claims."""

    claim: Callable[[list[Request], Run, Path], bool]
    env: dict[str, str] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    parent: dict[str, Any] | None = None
    mode: int = 0o600
    script: str | None = None
    """Where a helper script is put, relative to HOME or the working directory."""


def with_token(**more: object) -> dict[str, Any]:
    return {"env": {"ANTHROPIC_BASE_URL": "{U}", "ANTHROPIC_AUTH_TOKEN": TOKEN, **more}}


def with_helper(command: str) -> dict[str, Any]:
    return {"env": {"ANTHROPIC_BASE_URL": "{U}"}, "apiKeyHelper": command}


def sent(requests: list[Request], name: str) -> str | None:
    return requests[0].header(name) if requests else None


def empty_key(requests: list[Request], _run: Run, _home: Path) -> bool:
    return (sent(requests, "authorization") or "").strip() == "Bearer"


def refused(requests: list[Request], run: Run, _home: Path) -> bool:
    return not requests and run.exit != 0


WORLDS: dict[str, World] = {
    "CGW121": World(
        lambda seen, _run, _home: sent(seen, "authorization") == f"Bearer {EXPIRED}",
        user={"env": {"ANTHROPIC_BASE_URL": "{U}", "ANTHROPIC_AUTH_TOKEN": EXPIRED}},
    ),
    "CGW136": World(
        lambda seen, _run, _home: [v for n, v in seen[0].headers if n.lower() == "x-team"] == ["data"],
        user=with_token(ANTHROPIC_CUSTOM_HEADERS="x-team: llm\nX-Team: data"),
    ),
    "CGW206": World(
        lambda seen, _run, _home: sent(seen, "x-team") == "[object Object]",
        user=with_token(ANTHROPIC_CUSTOM_HEADERS={"x": 1}, CGW="x")
        | {"env": {**with_token()["env"], "ANTHROPIC_CUSTOM_HEADERS": ["x-team: [object Object]"]}},
    ),
    "CGW214": World(
        lambda seen, _run, _home: sent(seen, "authorization") == f"Bearer {TOKEN}", user=with_token(), mode=0o666
    ),
    "CGW215": World(
        lambda seen, _run, _home: sent(seen, "x-parent") is None and len(seen) == 1,
        user=with_token(),
        parent={"env": {"ANTHROPIC_CUSTOM_HEADERS": "x-parent: yes"}},
    ),
    "CGW313": World(
        lambda seen, _run, home: (home / "work" / "~").is_dir() and not seen,
        env={"CLAUDE_CONFIG_DIR": "~/.claude"},
        user=with_token(),
    ),
    "CGW403": World(empty_key, user=with_helper("{H}/our tools/key.sh"), script="our tools/key.sh"),
    "CGW410": World(empty_key, user=with_helper("./bin/key.sh"), script="bin/key.sh"),
    "CGW411": World(empty_key, user=with_helper("   ")),
    "CGW507": World(
        lambda seen, run, _home: not seen or not seen[0].path.startswith("/v1/messages"),
        user={"env": {"ANTHROPIC_BASE_URL": "{U}?team=llm", "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    "CGW509": World(refused, user={"env": {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": TOKEN}}),
    "CGW512": World(
        lambda seen, _run, _home: seen[0].path.startswith("/bedrock/v1/messages"),
        user={"env": {"ANTHROPIC_BASE_URL": "{U}/bedrock", "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
}


@pytest.mark.parametrize("code", WORLDS)
def test_the_client_does_what_the_rule_says(code: str, client: Callable[[str], Path], tmp_path: Path) -> None:
    world = WORLDS[code]
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / ".git").mkdir()
    with Gateway(any_path=True) as gateway:

        def filled(value: object) -> str:
            return json.dumps(value).replace("{U}", gateway.url).replace("{H}", str(tmp_path))

        settings = tmp_path / ".claude" / "settings.json"
        settings.parent.mkdir()
        settings.write_text(filled(world.user))
        settings.chmod(world.mode)
        if world.parent is not None:
            # The parent of the working directory is a repository's root, and not HOME.
            work = tmp_path / "repo" / "work"
            work.mkdir(parents=True)
            (tmp_path / "repo" / ".claude").mkdir()
            (tmp_path / "repo" / ".claude" / "settings.json").write_text(filled(world.parent))
        if world.script is not None:
            script = tmp_path / world.script
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text(SCRIPT)
            script.chmod(0o700)
        env = {
            **enclosed(gateway.url),
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "CLAUDE_CODE_MAX_RETRIES": "0",
            **world.env,
        }
        run = run_client(client(NEWEST), env, work, timeout=150)
        seen = [request for request in gateway.requests if request.method == "POST"]
        assert world.claim(seen, run, tmp_path), ([(r.path, r.header("authorization")) for r in seen], run.stderr)
