"""The keys of settings.json: those the client knows, where they count, since when, and what people write instead.

``KNOWN`` are the top-level names that client 2.1.332 knows (asked for every name in its package, see
``facts.settings_schema``); it ignores every other key silently (recorded: l4.invalid.unknown-field).
"""

from __future__ import annotations

from claude_gw_cli.tables import table

_TABLE = dict(table("settings_keys"))
_ROWS = tuple(word.partition("@") for word in _TABLE.pop("known").split(" "))
KNOWN = frozenset(name for name, _, _ in _ROWS)
FORMER = frozenset({"feedbackSurveyState"})
"""Keys that earlier clients wrote into settings.json themselves (seen in public files)."""

HELPERS = ("apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "gcpAuthRefresh", "otelHeadersHelper")
"""Keys whose value is a shell command that the client runs."""

DECIDES_REQUESTS = frozenset({
    *HELPERS, "allowedProviders", "availableModels", "deniedModels", "enforceAvailableModels", "fallbackModel",
    "forceLoginGatewayUrl", "forceLoginMethod", "forceLoginOrgUUID", "model", "modelOverrides", "proxyAuthHelper",
    "requiredMaximumVersion", "requiredMinimumVersion",
})  # fmt: skip
"""Keys beside ``env`` that change where a request goes, with which credential and model, or whether it is sent."""

MODEL_KEYS = ("model", "advisorModel", "fallbackModel", "modelOverrides", "hooks")
"""Keys that name a model: a text, a list, an object by the model that is replaced; a member ``model`` of a hook."""

STARTERS = (
    *HELPERS, "enabledPlugins", "extraKnownMarketplaces", "fileSuggestion", "hooks", "processWrapper",
    "proxyAuthHelper", "sshHostCommands", "statusLine", "subagentStatusLine",
)  # fmt: skip
"""Keys that make the client start a program, or fetch one and start it."""

SINCE: dict[str, str] = {name: since for name, _, since in _ROWS if since}
"""First client version that reads the key (changelog and managed-settings pages)."""

MANAGED_ONLY = frozenset({
    "allowedProviders", "deniedModels", "availableModelsMatch", "gatewayInternalNetworks",
    "managedSourcesBehavior", "parentSettingsBehavior", "policyHelper", "forceRemoteSettingsRefresh",
    "wslInheritsWindowsSettings", "disableSideloadFlags", "requiredMinimumVersion", "requiredMaximumVersion",
})  # fmt: skip

PROVIDERS = frozenset(
    {"anthropic", "bedrock", "vertex", "foundry", "anthropicAws", "mantle", "customEndpoint", "gateway"}
)
"""What ``allowedProviders`` may list."""

INVENTED: dict[str, str] = {
    name: head.removeprefix("meant ") for head, names in _TABLE.items() for name in names.split(" ")
}
"""Keys found in public configurations that no client ever read -> what their authors meant."""
