"""Betas, thinking and effort are predicted as the real clients sent them (``fields.jsonl.gz``)."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import laboratory  # noqa: E402 - this folder is no package

with gzip.open(HERE / "fields.jsonl.gz", "rt", encoding="utf-8") as _lines:
    ROWS: list[dict[str, Any]] = [json.loads(line) for line in _lines]
VERSIONS = sorted({row["version"] for row in ROWS})


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_request_says_about_its_answer_is_predicted(version: str) -> None:
    for row in ROWS:
        if row["version"] != version:
            continue
        found = {item.name: item.value for item in laboratory.predicted(version, row["config"]).fields}
        thinking = row["thinking"] and (f"enabled, {row['budget']} tokens" if row["budget"] else row["thinking"])
        assert sorted((found["anthropic-beta"] or "").split(",")) == row["betas"], row["case"]
        assert (found["thinking"], found["output_config.effort"]) == (thinking, row["effort"]), row["case"]


def test_the_recordings_cover_releases_providers_and_variables() -> None:
    text = json.dumps(ROWS)
    assert len(ROWS) > 200
    assert len(VERSIONS) >= 14
    for name in ("MAX_THINKING_TOKENS", "effortLevel", "ANTHROPIC_BETAS", "USE_BEDROCK", "USE_VERTEX", "USE_FOUNDRY"):
        assert text.count(name) >= 3, name


def test_the_variable_that_decides_is_named() -> None:
    env = {"ANTHROPIC_BASE_URL": "{U}", "ANTHROPIC_AUTH_TOKEN": "t", "CLAUDE_CODE_EFFORT_LEVEL": "low"}
    fields = {item.name: item for item in laboratory.predicted("2.1.200", {"env": env}).fields}
    assert fields["output_config.effort"].source == "CLAUDE_CODE_EFFORT_LEVEL"
    assert "MAX_THINKING_TOKENS" in fields["thinking"].changed_by
    assert fields["thinking"].source is None
