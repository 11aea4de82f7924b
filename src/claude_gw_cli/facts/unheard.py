"""Variables that a settings document cannot set although it names them: the client takes them from elsewhere only.

Measured with client 2.1.332; the names of ``HOST_OWNED`` are those that it lists itself.
"""

from __future__ import annotations

SOCKET_VARIABLE = "ANTHROPIC_UNIX_SOCKET"
"""In the process environment: requests go to this unix socket, and its owner gives the credential."""

SOCKET_OWNED = frozenset({"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"})
"""What settings cannot set then (fact ``unix-socket-hides-settings``)."""

HOST_VARIABLE = "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"
"""On in the process environment: the program that starts the client decides about provider and credential."""

HOST_OWNED = frozenset({
    "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_AWS_API_KEY", "ANTHROPIC_AWS_BASE_URL",
    "ANTHROPIC_BASE_URL", "ANTHROPIC_AWS_WORKSPACE_ID", "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "ANTHROPIC_BEDROCK_REGION_PREFIX", "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_DEFAULT_FABLE_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_DEFAULT_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN", "ANTHROPIC_FOUNDRY_BASE_URL", "ANTHROPIC_FOUNDRY_RESOURCE",
    "ANTHROPIC_GOOGLE_CLOUD_BASE_URL", "ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_UNIX_SOCKET",
    "ANTHROPIC_VERTEX_BASE_URL", "ANTHROPIC_VERTEX_PROJECT_ID", "AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONFIG_FILE", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_REGION", "AWS_ROLE_ARN",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
    "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH", "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH", "CLAUDE_CODE_SKIP_MANTLE_AUTH", "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_GATEWAY", "CLAUDE_CODE_USE_MANTLE", "CLAUDE_CODE_USE_VERTEX",
    "CLOUD_ML_REGION", "GCE_METADATA_HOST", "GCLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
})  # fmt: skip
"""What settings cannot set then, beside everything that begins with ``HOST_PREFIX``."""

HOST_PREFIX = "VERTEX_REGION_CLAUDE_"

MANAGED_BY_PROGRAM = ("availableModels", "enforceAvailableModels")
"""Of ``--managed-settings`` only what restricts counts: no env, helper, model or agent (measured: 2.1.332)."""

RESTRICTED_VARIABLE = "CLAUDE_CODE_RESTRICTED"
"""On in the process environment: as with ``--restricted`` (fact ``restricted-variable``)."""

SCRUB_VARIABLE = "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB"
"""On: the client starts only where bubblewrap is installed (fact ``scrub-needs-bubblewrap``)."""

ENTRYPOINT = "CLAUDE_CODE_ENTRYPOINT"
"""The variable that tells the client who started it."""

EDITOR = "claude-vscode"
"""What the VS Code extension puts there, whatever its environment says."""
