"""The user's model in clients that drop it at their first start (measured with 2.0.45)."""

from __future__ import annotations

import json

import pytest

from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import SettingsFile, Snapshot
from claude_gw_cli.facts.models import MODEL_RESET

ENV = {"ANTHROPIC_BASE_URL": "https://gw.example", "ANTHROPIC_AUTH_TOKEN": "sk-t"}
OWN = "claude-sonnet-4-5-20250929"


@pytest.mark.parametrize(
    ("version", "scope", "noted", "sent"),
    [
        ("2.0.45", "user", {}, OWN),
        ("2.0.45", "user", {"numStartups": 3, "hasCompletedOnboarding": True}, OWN),
        ("2.0.45", "user", {MODEL_RESET: False}, OWN),
        ("2.0.45", "user", {MODEL_RESET: True}, "claude-sonnet-5"),
        ("2.0.45", "project", {}, "claude-sonnet-5"),
        ("2.1.100", "user", {}, "claude-sonnet-5"),
    ],
)
def test_the_model_of_the_user_counts_after_the_start_that_drops_it(
    version: str, scope: str, noted: dict[str, object], sent: str
) -> None:
    text = json.dumps({"model": "claude-sonnet-5"})
    file = SettingsFile(scope, "/h/.claude/settings.json", "loaded", text, json.loads(text))  # type: ignore[arg-type]
    request = predict(Snapshot(ENV, (file,), "/w", "/h", "/h/.claude", version, claude_json=noted)).request
    assert request is not None
    assert request.model == sent
