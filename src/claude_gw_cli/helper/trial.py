"""Running an installed helper as Claude Code does, and saying what the client would make of it.

The client runs ``/bin/sh -c COMMAND`` with its own environment, reads both pipes to their end, trims stdout and takes
the rest as the key if it is one printable token of at most 16384 characters (measured, 2.1.330).
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.secret import Secret, checked, doubt, sendable
from claude_gw_cli.helper.runtime import load, open_cache
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world.client import run_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.helper.installed import InstalledHelper

_PATIENCE = 30.0
STOPPED = -1
"""The exit code of a run that was stopped."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the helper.

    Attributes:
        exit_code: the shell's.
        seconds: until both pipes ended.
        key: what the client would send, if it would accept it.
        problem: why it would not; empty if it would.
        doubt: what it sends although it is not a key, such as a value in quotation marks; empty for a key.
        complaint: stderr, of which the client shows about 500 characters when the helper fails.
    """

    exit_code: int
    seconds: float
    key: Secret | None
    problem: str
    complaint: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A fetch from the source and an answer from the cache."""

    cold: Run
    warm: Run
    expires_in: int | None
    """Seconds until the value is renewed; ``None`` without a cache."""


def client_variables(variables: Mapping[str, str], version: str) -> dict[str, str]:
    """What a client of this version, which sees these variables, passes to a helper (measured, 2.1.330)."""
    agent = f"claude-code_{version.replace('.', '-')}_harness"
    return {"CLAUDE_CODE_ENTRYPOINT": "sdk-cli", "AI_AGENT": agent, **variables}


def run_as_client(command: str, env: Mapping[str, str], cwd: str, seconds: float = _PATIENCE) -> Run:
    """Run a helper command once; it and everything that it started is stopped after so many seconds."""
    run = run_client("/bin/sh", env, cwd, ("-c", command), timeout=max(seconds, 0.01))
    said = run.stderr.strip()
    if run.exit is None:
        return Run(STOPPED, run.seconds, None, f"it did not end within {seconds:.0f} seconds", said)
    if run.exit != 0:
        return Run(run.exit, run.seconds, None, f"it exited {run.exit}", said)
    try:
        return Run(0, run.seconds, checked(run.stdout, "the helper"), "", said)
    except CgwError as error:
        problem = error.message
    try:
        key = sendable(run.stdout, "the helper")
    except CgwError:
        return Run(0, run.seconds, None, problem, said)
    return Run(0, run.seconds, key, "", said, doubt(key.reveal()))


def attempt(helper: InstalledHelper, env: Mapping[str, str], cwd: str) -> Trial:
    """Run a helper twice: with a new fetch (without losing the cached value), then from the cache."""
    spec = load(helper.name, env)
    # what the client's environment would say; the guard must pass for the profile's own gateway
    mine = {**env, spec.variable: env.get(spec.variable) or spec.origin}
    mine.update({pair.split(" ")[0]: "1" for pair in spec.route if pair.split(" ")[1] == spec.variable})
    cache = open_cache(spec, env)
    if cache:
        cache.forget(os.getpid())
        if entry := cache.load():  # a second question of the same process makes the helper fetch
            cache.mark(cache.store(entry.value, entry.fresh, entry.advisory, 0, entry), os.getpid())
    cold = run_as_client(helper.command, mine, cwd)
    if cache:
        cache.forget(os.getpid())
    warm = run_as_client(helper.command, mine, cwd) if cold.key else cold
    from claude_gw_cli.helper.cache import now

    entry = cache.load() if cache else None
    return Trial(cold, warm, entry.fresh - now() if entry else None)
