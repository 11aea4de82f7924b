"""What LiteLLM's own configuration file says. Read in LiteLLM 1.106.2."""

from __future__ import annotations

CONFIG_NAMES = ("config", "proxy_config", "proxy_server_config")
"""Names (before .yaml) that LiteLLM's documentation gives its configuration; ``litellm`` in a name will do."""
SECRETS = frozenset({
    "anthropic_identity_token", "api_key", "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
    "azure_ad_token", "azure_password", "client_secret", "master_key", "password", "redis_password",
    "s3_secret_access_key", "salt_key", "valkey_password",
})  # fmt: skip
"""Members that hold a key, whatever its form."""
PLACES = frozenset({"api_base", "aws_region_name", "base_url", "vertex_location", "vertex_project"})
"""Members that say where a model is."""
SECTIONS = frozenset({
    "agent_list", "assistant_settings", "callback_settings", "credential_list", "default_vertex_config",
    "environment_variables", "files_settings", "finetune_settings", "general_settings", "guardrails", "include",
    "litellm_settings", "mcp_servers", "mcp_tools", "model_list", "pass_through_endpoints", "policies", "prompts",
    "router_settings", "sandbox_tools", "search_tools", "vector_store_registry", "worker_registry",
})  # fmt: skip
"""The members of the file itself."""
ENTRY = frozenset({"model_name", "litellm_params", "model_info", "blocked"})
"""The members of an entry of ``model_list``."""
GENERAL = frozenset({"custom_auth", "database_url", "litellm_key_header_name", "master_key", "store_model_in_db"})
"""Members of ``general_settings`` that decide who may use the gateway; there are many more."""
PARAMS = frozenset({
    "api_base", "api_key", "api_version", "aws_access_key_id", "aws_bedrock_runtime_endpoint", "aws_external_id",
    "aws_profile_name", "aws_region_name", "aws_role_name", "aws_secret_access_key", "aws_session_name",
    "aws_session_tags", "aws_session_token", "aws_sts_endpoint", "aws_web_identity_token", "base_url",
    "custom_llm_provider", "max_retries", "model", "region_name", "s3_access_key_id", "s3_region_name",
    "s3_secret_access_key", "stream_timeout", "timeout", "vertex_ai_credentials", "vertex_ai_location",
    "vertex_ai_project", "vertex_credentials", "vertex_location", "vertex_project", "watsonx_region_name",
})  # fmt: skip
"""Members of ``litellm_params`` that say where a model is and with which key; there are many more."""
PREFIXES = {"anthropic": "anthropic", "bedrock": "bedrock", "vertex_ai": "vertex", "azure_ai": "foundry"}
"""Beginning of a model's name, before the slash -> the provider that it is asked of."""
GENERAL_ONLY = ("litellm_key_header_name", "master_key", "database_url", "enable_jwt_auth")
"""Members that the proxy reads from ``general_settings`` and nowhere else (read in LiteLLM 1.106.2)."""
GUESSED = frozenset({"sk-1234", "sk-12345", "sk-123456", "sk-litellm", "sk-master", "sk-test", "1234", "litellm"})
"""Master keys, in lower case, of documentation and examples."""
