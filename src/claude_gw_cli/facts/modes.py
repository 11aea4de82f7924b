"""The provider modes of profiles, made from facts/providers.txt."""

from __future__ import annotations

from claude_gw_cli.facts.providers import TABLE, Carrier, Mode
from claude_gw_cli.record import replace

__all__ = ["Carrier", "Mode"]

# Headers that carry the bare key; every other header carries "Bearer KEY".
BARE_HEADERS = frozenset({"x-api-key", "api-key", "x-goog-api-key"})

PROJECT = "ANTHROPIC_VERTEX_PROJECT_ID"
# The value of ANTHROPIC_AUTH_TOKEN when the key itself travels in another header: without any credential the client
# refuses to start in first-party mode ("Not logged in", recorded for custom x-litellm-api-key).
PLACEHOLDER_TOKEN = "key-is-in-ANTHROPIC_CUSTOM_HEADERS"

MODES: tuple[Mode, ...] = tuple(
    replace(
        mode,
        client=provider.name,
        base_variable=provider.base,
        flags=tuple(
            (name, "1")
            for name in (provider.flag, provider.skip if mode.credentials == "proxy" else None)
            if name is not None
        ),
        skip_variable=provider.skip,
        fields=provider.fields,
        fact=mode.fact or provider.fact,
        placeholder=provider.flag is None,
        wire=provider.wire,
    )
    for provider in TABLE
    for mode in provider.modes
)

LABELS: dict[str, str] = {
    mode.provider: f"{provider.label} ({mode.base_path or 'at the root'})"
    for provider in TABLE
    for mode in provider.modes
}
"""Provider of a profile -> what it is, for a question to a person."""

PROVIDERS: tuple[str, ...] = tuple(LABELS)

ALSO_CALLED: dict[str, str] = {
    **dict.fromkeys(("aws", "amazon", "amazon-bedrock", "aws-bedrock"), "bedrock"),
    **dict.fromkeys(("google", "gcp", "vertexai", "vertex-ai", "google-vertex"), "vertex"),
    **dict.fromkeys(("azure", "microsoft", "azure-foundry", "microsoft-foundry"), "foundry"),
    **dict.fromkeys(("claude", "direct"), "anthropic"),
    **dict.fromkeys(("openai", "gateway", "proxy", "custom", "messages"), "unified"),
}
"""What people write for a provider -> the provider."""

# Every variable that selects a provider, says where requests go, or carries a credential: whatever a plan does
# not set, it clears, so that nothing stale can win (a leftover CLAUDE_CODE_USE_* beats a base URL; recorded).
ROUTING_VARIABLES: tuple[str, ...] = tuple(
    dict.fromkeys(name for mode in MODES for name in (*(flag for flag, _ in mode.flags), mode.base_variable))
)
CREDENTIAL_VARIABLES: tuple[str, ...] = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_CUSTOM_HEADERS",
    "CLAUDE_CODE_OAUTH_TOKEN",
    *(name for provider in TABLE for name in provider.clears),
)


def find_mode(provider: str, credentials: str) -> Mode | None:
    """The row for a provider and the holder of its cloud credential, if there is one."""
    for mode in MODES:
        if mode.provider == provider and mode.credentials == credentials:
            return mode
    return None
