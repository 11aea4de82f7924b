"""The small configurations that the rules' examples are made of. Keys and hosts are invented."""

from __future__ import annotations

from typing import Any

GW = "https://llm.example.com"
TOKEN = "gw-4f1c9a7e22b0"
OTHER = "gw-99d0c3b1a4e8"
USER: dict[str, Any] = {"env": {"ANTHROPIC_BASE_URL": GW, "ANTHROPIC_AUTH_TOKEN": TOKEN}}
BEDROCK: dict[str, Any] = {
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
    "ANTHROPIC_BEDROCK_BASE_URL": f"{GW}/bedrock",
    "AWS_REGION": "us-east-1",
}
VERTEX: dict[str, Any] = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
    "ANTHROPIC_VERTEX_BASE_URL": f"{GW}/vertex_ai/v1",
    "ANTHROPIC_VERTEX_PROJECT_ID": "team-llm",
    "CLOUD_ML_REGION": "us-east5",
}
SCRIPT = "#!/bin/sh\nexec vault kv get -field=key secret/llm\n"
"""A helper script that does its job."""


def gateway_env(**values: object) -> dict[str, Any]:
    """A settings document whose ``env`` points at the gateway, with further variables."""
    return {"env": {"ANTHROPIC_BASE_URL": GW, **values}}


def working(**values: object) -> dict[str, Any]:
    """A settings document that works, with further variables."""
    return gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, **values)
