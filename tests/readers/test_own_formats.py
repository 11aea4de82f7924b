"""`cgw env` for every kind of profile in every format, then `cgw check`: what cgw writes has no mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli.__main__ import run
from claude_gw_cli.emit import DIALECTS

MODES = {
    "unified": ["--provider", "unified"],
    "anthropic": ["--provider", "anthropic"],
    "bedrock": ["--provider", "bedrock"],
    "bedrock-client": ["--provider", "bedrock", "--credentials", "client"],
    "vertex": ["--provider", "vertex", "--project-id", "p-1"],
    "vertex-client": ["--provider", "vertex", "--project-id", "p-1", "--credentials", "client"],
    "foundry": ["--provider", "foundry"],
    "headers": ["--provider", "unified", "--key-header", "x-litellm-api-key"],
}


@pytest.mark.parametrize("mode", MODES)
def test_what_is_written_is_right(
    isolated: Path, tmp_path: Path, mode: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "sk-9f8e7d6c5b4a39281706")
    given = ["--gateway-url", "https://gw.example.com", "--secret", "env://GATEWAY_KEY", "--yes"]
    assert run(["init", "p", *MODES[mode], *given]) == 0
    for dialect in DIALECTS:
        capfd.readouterr()
        assert run(["env", "--profile", "p", "--shell", dialect]) == 0, dialect
        path = tmp_path / f"written-{dialect}"
        path.write_text(capfd.readouterr().out)
        path.chmod(0o600)
        assert run(["check", str(path), "--format", "json"]) == 0, dialect
        found = json.loads(capfd.readouterr().out)
        assert found["checked"] == [str(path)], dialect
        assert [item for item in found["findings"] if item["severity"] != "info"] == [], dialect
