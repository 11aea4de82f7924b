"""What LiteLLM's own configuration file says. Read in LiteLLM 1.106.2."""

from __future__ import annotations

CONFIG_NAMES = ("config", "proxy_config", "proxy_server_config")
"""Names (before .yaml) that LiteLLM's documentation gives its configuration; ``litellm`` in a name will do."""
SECRETS = frozenset({
    "api_key", "aws_secret_access_key", "aws_session_token", "azure_ad_token", "client_secret", "master_key",
    "password", "redis_password", "salt_key",
})  # fmt: skip
"""Members that hold a key, whatever its form."""
PLACES = frozenset({"api_base", "aws_region_name", "base_url", "vertex_location", "vertex_project"})
"""Members that say where a model is."""
GENERAL_ONLY = ("litellm_key_header_name", "master_key", "database_url", "enable_jwt_auth")
"""Members that the proxy reads from ``general_settings`` and nowhere else (read in LiteLLM 1.106.2)."""
GUESSED = frozenset({"sk-1234", "sk-12345", "sk-123456", "sk-litellm", "sk-master", "sk-test", "1234", "litellm"})
"""Master keys, in lower case, of documentation and examples."""
