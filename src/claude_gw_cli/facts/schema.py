"""Releases that drop a settings file for an unknown key; what a value costs is in ``facts.settings_schema``."""

from __future__ import annotations

from claude_gw_cli.facts.versions import version_key

STRICT: dict[str, str] = {
    **dict.fromkeys(
        (
            "apiKeyHelper",
            "cleanupPeriodDays",
            "disabledMcpjsonServers",
            "enableAllProjectMcpServers",
            "enabledMcpjsonServers",
            "env",
            "forceLoginMethod",
            "hooks",
            "includeCoAuthoredBy",
            "learnMode",
            "model",
            "permissions",
        ),
        "1.0.50",
    ),
    "awsAuthRefresh": "1.0.53",
    "awsCredentialExport": "1.0.53",
    "otelHeadersHelper": "1.0.53",
    "outputMode": "1.0.63",
    "statusLine": "1.0.64",
    "$schema": "1.0.65",
}
"""Key -> the first release that knows it, of those that drop a file with any other key (fact ``strict-settings``).

Read from the schemas inside those releases."""


def is_known_key(key: str, version: str) -> bool:
    """Whether a release with strict settings knows a top-level key."""
    return key in STRICT and version_key(STRICT[key]) <= version_key(version)
