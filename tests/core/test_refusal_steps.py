"""Every reason for which a prediction says that the client does not start has its next step."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.refusal_steps import next_step
from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.facts.refusals import STEPS
from claude_gw_cli.facts.starters import STARTERS, TOO_MANY_PROVIDERS

TESTS = Path(__file__).parent.parent
SRC = TESTS.parent / "src" / "claude_gw_cli"


def written() -> set[str]:
    """The reasons as they are written in the code: what begins as the client's words do."""
    begins = re.compile(
        r"API Error:|error: |Error: |Error processing|Invalid |Claude Code |Claude configuration|Your organization"
        r"|This machine's|Failed to|X (?:older|newer) than|X: Managed settings"
    )
    found = set()
    for name in ("gates", "prediction", "target", "custom", "winners", "proxy"):
        found |= texts(SRC / "core" / "predict" / f"{name}.py")
    found |= texts(SRC / "world" / "snapshot.py") | texts(SRC / "core" / "arguments.py")
    found |= texts(SRC / "cli" / "explain.py")
    return {text for text in found if begins.match(text)}


def texts(path: Path) -> set[str]:
    found: set[str] = set()
    left: list[ast.AST] = [ast.parse(path.read_text())]
    while left:
        node = left.pop()
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
            found.add("".join(map(str, parts)))
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        left += ast.iter_child_nodes(node)
    return found


def tables() -> set[str]:
    """The reasons that are data."""
    found = {row.refusal for row in TABLE} | {row.skip_refusal for row in TABLE}
    found |= {row.resource_refusal[1] for row in TABLE} | {said for row in TABLE for _, said in row.required}
    found |= {demand.said for starter in STARTERS for demand in starter.demands} | {TOO_MANY_PROVIDERS}
    return found - {""}


# Pieces of a reason that another text completes, and texts that are no reason.
PIECES = {"Invalid API key", "Not logged in", "Claude Code X is", "Invalid X · Invalid X header value from X: X"}
COMPLETE = {
    "Not logged in · Please run /login",
    "Invalid API key · Fix external API key",
    "Invalid auth token · Fix external auth token · Invalid Authorization header value from X: X",
    "--agent 'X' not found",
}


@pytest.mark.parametrize("reason", sorted((written() | tables() | COMPLETE) - PIECES))
def test_every_reason_in_the_code_has_a_step(reason: str) -> None:
    assert next_step(reason, "work"), reason
    assert next_step(reason, None)


def test_every_recorded_refusal_has_a_step() -> None:
    spec = importlib.util.spec_from_file_location("recording", TESTS / "atlas" / "recording.py")
    assert spec is not None
    assert spec.loader is not None
    recording = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recording)
    reasons = set()
    for row in recording.recordings()[::3]:
        shot = recording.snapshot(row)
        prediction = predict(shot, helper_run=recording.helper_run(row, shot))
        if prediction.reason:
            reasons.add(prediction.reason)
    assert len(reasons) >= 10
    assert {reason for reason in reasons if not next_step(reason, "work")} == set()


@pytest.mark.parametrize("words", [["--settings"], ["--setting-sources", "x"]])
def test_a_stop_at_the_arguments_has_a_step(words: list[str]) -> None:
    _, stops = parse_arguments(words, "2.1.332")
    assert stops
    assert all(next_step(stop, "work") for stop in stops)


def test_every_row_is_used_and_fills_in_what_it_found() -> None:
    reasons = written() | tables() | COMPLETE
    for pattern, _ in STEPS:
        assert any(re.search(pattern, reason) for reason in reasons), pattern
    assert next_step("Invalid proxy URL in HTTPS_PROXY: it cannot be parsed as a URL.", None).startswith(
        "unset HTTPS_PROXY"
    )
    newer = "Claude Code 2.1.332 is newer than the maximum version allowed by your organization (2.1.290)."
    assert next_step(newer, None) == "npm install -g @anthropic-ai/claude-code@2.1.290"
    assert next_step("Not logged in · Please run /login", "work") == (
        "cgw settings apply --profile work, or cgw run --profile work -- claude"
    )
    assert next_step("Not logged in · Please run /login", None) == "cgw init"
    assert next_step("Not logged in · Please run /login", "work", auth="login") == "claude auth login"
    assert next_step("Not logged in · Please run /login", "work", auth="static").startswith(
        'eval "$(cgw env --profile work)"'
    )
