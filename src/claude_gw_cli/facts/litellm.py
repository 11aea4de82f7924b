"""What a LiteLLM proxy needs, per provider mode. Measured on LiteLLM 1.106.2 with client 2.1.330."""

from __future__ import annotations

READ_BY_DEFAULT = frozenset({"authorization", "x-litellm-api-key", "x-api-key", "api-key", "x-goog-api-key"})
"""Headers that LiteLLM takes its key from when ``litellm_key_header_name`` is not set."""
NOT_ON_VERTEX = frozenset({"x-api-key", "api-key", "x-goog-api-key"})
"""Of these, the ones that its Vertex route refuses (401, "Ensure Key has Bearer prefix")."""

# provider -> (model_name, litellm_params.model, further litellm_params) of the wildcard that routes what the client
# asks for. Vertex and the Anthropic pass-through route by path and need no model list.
MODELS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "unified": ("claude-*", "anthropic/claude-*", (("api_key", "os.environ/ANTHROPIC_API_KEY"),)),
    "bedrock": (
        "us.anthropic.*",
        "bedrock/us.anthropic.*",
        (("aws_region_name", "os.environ/AWS_REGION_NAME"),),
    ),
    "foundry": ("claude-*", "anthropic/claude-*", (("api_key", "os.environ/ANTHROPIC_API_KEY"),)),
    "mantle": (
        "anthropic.claude-*",
        "bedrock/anthropic.claude-*",
        (("aws_region_name", "os.environ/AWS_REGION_NAME"),),
    ),
    "anthropic-aws": ("claude-*", "anthropic/claude-*", (("api_key", "os.environ/ANTHROPIC_API_KEY"),)),
}

# (provider, credentials) -> the proxy's own environment for its pass-through routes, with what each is.
ENVIRONMENT: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("anthropic", "proxy"): (("ANTHROPIC_API_KEY", "the provider's key"),),
    ("vertex", "proxy"): (
        ("DEFAULT_VERTEXAI_PROJECT", "the project"),
        ("DEFAULT_VERTEXAI_LOCATION", "the region"),
        ("DEFAULT_GOOGLE_APPLICATION_CREDENTIALS", "the credential file"),
    ),
    ("bedrock", "proxy"): (
        ("AWS_REGION_NAME", "the region"),
        ("AWS_ACCESS_KEY_ID", "or any other source of the AWS chain"),
        ("AWS_SECRET_ACCESS_KEY", ""),
    ),
}

CONFIG_NAMES = ("config", "proxy_config", "proxy_server_config")
"""Names (before .yaml) that LiteLLM's documentation gives its configuration; ``litellm`` in a name will do."""
SECRETS = frozenset({
    "api_key", "aws_secret_access_key", "aws_session_token", "azure_ad_token", "client_secret", "master_key",
    "password", "redis_password", "salt_key",
})  # fmt: skip
"""Members that hold a key, whatever its form."""
GENERAL_ONLY = ("litellm_key_header_name", "master_key", "database_url", "enable_jwt_auth")
"""Members that the proxy reads from ``general_settings`` and nowhere else (read in LiteLLM 1.106.2)."""
