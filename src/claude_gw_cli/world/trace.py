"""One start of the real client against the loopback recorder: what it sent, in the form of a recording.

It only runs and records. What should have been sent, and whether that is what came, is decided in ``core``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.observation import Observation
from claude_gw_cli.world.client import run_client
from claude_gw_cli.world.loopback.gateway import Gateway, Request

PROMPT = ("-p", "hi")


def observe(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | str,
    args: Sequence[str],
    gateway: Gateway,
    *,
    timeout: float = 60.0,
    whole: bool = True,
) -> Observation:
    """Start the client once and say what it sent.

    Args:
        command: the client's program, after whatever starts it.
        env: its whole environment.
        cwd: where it starts.
        args: its own arguments, without the prompt.
        gateway: a running one, with nothing recorded yet; its proxy keeps the client on this machine.
        timeout: seconds until it is stopped.
        whole: False stops it as soon as the prompt has arrived; its exit code is not known then.

    Raises:
        UnavailableError: it cannot be started.
    """

    def arrived() -> bool:
        return any(carries_prompt(request) for request in gateway.requests)

    run = run_client(
        command[0], env, cwd, (*command[1:], *args, *PROMPT), timeout=timeout, until=None if whole else arrived
    )
    asked = [request for request in gateway.requests if carries_prompt(request)]
    if not asked:
        return Observation(0, exit=run.exit, says=run.reason)
    first = asked[0]
    return Observation(len(asked), first.path, _joined(first), _named_model(first), run.exit)


def carries_prompt(request: Request) -> bool:
    """True for the request that the user started the client for.

    The client also asks on its own behalf: probes of one token, token counts, a title from its small model. Only
    the prompt comes with the tools that a model may use (measured: every client from 1.0.35 on).
    """
    if request.method != "POST":
        return False
    try:
        body = from_json(request.body)
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get("messages")) and bool(body.get("tools")) and "max_tokens" in body


def _named_model(request: Request) -> str | None:
    model = from_json(request.body).get("model")
    return model if isinstance(model, str) else None


def _joined(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.headers:
        low, text = name.lower(), as_text(value)
        found[low] = f"{found[low]}, {text}" if low in found else text
    return found


def as_text(value: str) -> str:
    """Headers are bytes: some clients write Latin-1, some UTF-8; http.server reads all as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
