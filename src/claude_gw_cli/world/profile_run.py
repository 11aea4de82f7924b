"""One profile, one client start, in a temporary home against a loopback gateway that requires the key.

The client gets what `cgw run` exports or what `cgw settings apply` writes: the same Plan, the same Patch.
The client sees nothing of this machine: a fresh HOME, a fake key, fake cloud credentials, no network.
"""

from __future__ import annotations

import base64
import os
import secrets
import shlex
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from claude_gw_cli.core.merge import merge
from claude_gw_cli.core.model import Plan, Profile
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import key_header, make_plan, mode_of
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world.client import Run, enclosed
from claude_gw_cli.world.loopback.clouds import fake_credentials
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway, Request

_BASIC = base64.b64encode(b"user:password").decode()
"""What a front would want; the loopback gateway does not look at it."""
Way = Literal["environment", "settings"]
Send = Callable[[Mapping[str, str], Path], Run]
"""Starts a client with this whole environment in this folder and waits for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one client start."""

    answered: bool
    """The gateway found its key, and the client got the answer."""
    reason: str
    """Why not: the client's own words, one line."""
    seconds: float
    key_header: str
    request: Request | None
    """The last request that asked a model for an answer."""


def run_profile(profile: Profile, way: Way, send: Send) -> Outcome:
    """Send one prompt under a profile.

    Args:
        profile: its gateway URL and secret are replaced by the loopback gateway and a random fake key.
        way: the plan as the process environment, or in ~/.claude/settings.json with a bare environment.
        send: the client.

    Raises:
        UsageError: the profile cannot be planned.
    """
    key = f"sk-cgw-{secrets.token_hex(8)}"
    header = key_header(profile)
    with tempfile.TemporaryDirectory(prefix="cgw-") as name, Gateway(key, header) as gateway:
        folder = Path(name)
        plan = make_plan(replace(profile, gateway_url=gateway.url, secret=None))
        env = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "CLAUDE_CODE_MAX_RETRIES": "0",  # a refused key should fail in a second, not in three minutes
            **enclosed(gateway.url),
            **_cloud(profile, folder, gateway),
        }
        helper = _helper(folder, key) if plan.helper else None
        if way == "environment":
            env |= {item.name: item.fill(key, _BASIC) for item in plan.sets}
        _write_settings(folder, plan, key if way == "settings" else None, helper, whole=way == "settings")
        work = folder / "work"
        work.mkdir()
        started = time.monotonic()
        run = send(env, work)
        seconds = time.monotonic() - started
        asked = gateway.model_requests
    request = asked[-1] if asked else None
    answered = run.exit == 0 and ANSWER in run.stdout and request is not None and request.status == 200
    return Outcome(answered, "" if answered else _reason(run, request), seconds, header, request)


def _cloud(profile: Profile, folder: Path, gateway: Gateway) -> dict[str, str]:
    """The credential that the profile expects on this machine, as a fake."""
    if profile.credentials != "client":
        return {}
    return fake_credentials(
        BY_NAME[mode_of(profile).client].situations, gateway.url, folder, profile.project_id or ""
    )


def _helper(folder: Path, key: str) -> str:
    file = folder / "key"
    file.touch(mode=0o600)
    file.write_text(key, encoding="utf-8")
    return f"cat {shlex.quote(str(file))}"


def _write_settings(folder: Path, plan: Plan, key: str | None, helper: str | None, *, whole: bool) -> None:
    """~/.claude/settings.json: the whole plan, or only the helper (which has no variable)."""
    patch = settings_patch(plan, key=key, basic=_BASIC, helper_command=helper)
    if not whole:
        patch = replace(patch, entries=tuple(entry for entry in patch.entries if entry.pointer[0] != "env"))
    home = folder / ".claude"
    home.mkdir(mode=0o700)
    (home / "settings.json").write_text(merge("", patch, None, str).text, encoding="utf-8")


def _reason(run: Run, request: Request | None) -> str:
    if run.exit is None:
        return "stopped: no answer in time"
    if request is None:
        return run.reason or f"no request reached the gateway (exit {run.exit})"
    return run.reason or f"the gateway answered {request.status} (exit {run.exit})"
