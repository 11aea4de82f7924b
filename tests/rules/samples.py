"""The small configurations that the tests of the rules are made of. Keys and hosts are invented."""

from __future__ import annotations

from typing import Any

from claude_gw_cli.core.model import Profile
from claude_gw_cli.rules.pages import Example

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
FOUNDRY: dict[str, Any] = {
    "CLAUDE_CODE_USE_FOUNDRY": "1",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1",
    "ANTHROPIC_FOUNDRY_BASE_URL": GW,
}
SCRIPT = "#!/bin/sh\nexec vault kv get -field=key secret/llm\n"
"""A helper script that works."""
HELPER = {"apiKeyHelper": "~/bin/key.sh"}


def gateway_env(**values: object) -> dict[str, Any]:
    """A settings document whose ``env`` points at the gateway, with further variables."""
    return {"env": {"ANTHROPIC_BASE_URL": GW, **values}}


def working(**values: object) -> dict[str, Any]:
    """A settings document that works, with further variables."""
    return gateway_env(**{"ANTHROPIC_AUTH_TOKEN": TOKEN, **values})


def with_env(base: dict[str, Any], *, client: str | None = None, **more: str) -> Example:
    """User settings with these variables and the gateway's key."""
    return Example(user={"env": {**base, "ANTHROPIC_AUTH_TOKEN": TOKEN, **more}}, client=client)


def with_base(url: str) -> Example:
    """User settings with this base URL and the gateway's key."""
    return Example(user={"env": {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": TOKEN}})


def with_helper(script: str = SCRIPT, *, client: str | None = None, mode: int = 0o700, **more: str) -> Example:
    """User settings that get the gateway's key from a helper script, with further variables."""
    return Example(user=gateway_env(**more) | HELPER, helper=script, helper_mode=mode, client=client)


def profile(**more: Any) -> Profile:
    """A profile for the gateway, with other fields."""
    fields = {"name": "work", "provider": "unified", "gateway_url": GW, "secret": "keyring://cgw/work"}
    return Profile(**fields | more)
