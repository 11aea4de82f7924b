"""The keys of settings.json: those the client knows, where they count, since when, and what people write instead.

``KNOWN`` are the top-level names that client 2.1.332 knows (asked for every name in its package, see
``facts.settings_schema``); it ignores every other key silently (recorded: l4.invalid.unknown-field).
"""

from __future__ import annotations

# ``NAME@VERSION``: the first release that reads the key.
_TEXT = """
$schema additionalDirectoryConfigRoots additionalMarketplaces advisorModel agent agentPushNotifEnabled
allowAllClaudeAiMcps allowClaudeInChromeWithManagedMcp allowManagedHooksOnly allowManagedMcpServersOnly
allowManagedPermissionRulesOnly allowNestedModelAccessUnderForceLogin allowedChannelPlugins allowedHttpHookUrls
allowedMarketplaces allowedMcpServers allowedProviders@2.1.285 alwaysThinkingEnabled apiKeyHelper appendPlugins
askUserQuestionTimeout attribution attributionProject attributionProjectPolicy autoCompactEnabled
autoCompactOfferAnswer autoCompactRaisedForLoad autoCompactWindow autoContinueAtUsageLimit autoDreamEnabled
autoMemoryDirectory autoMemoryEnabled autoScrollEnabled autoUpdatesChannel autoUploadSessions availableModels
availableModelsMatch@2.1.283 awaySummaryEnabled awsAuthRefresh@1.0.53 awsCredentialExport@1.0.53
bashEditDiffEnabled bashOutputMaxChars blockedMarketplaces breakReminder channelsEnabled claudeMd
claudeMdExcludes clawdFileProgressEnabled cleanupPeriodDays companyAnnouncements crossSessionInbound
daemonColdStart defaultShell deniedMcpServers deniedModels@2.1.283 desktopMcpServersListScope
desktopSessionCleanupPeriodDays dialogExpiry disableAgentView disableAllHooks disableArtifact disableAutoMode
disableBundledSkills disableClaudeAiConnectors disableCommandPluginSources disableRemoteControl
disableReplyCheck disableSideloadFlags disableSkillShellExecution disableWindowsBashCommandSplit
disableWorkflows disabledMcpjsonServers doneMeansMerged editorMode effortLevel emojiCompletionEnabled
enableAllProjectMcpServers enableArtifact enableWorkflows enabledMcpjsonServers enabledPlugins
enforceAvailableModels@2.1.175 env extraKnownMarketplaces fallbackModel fastMode fastModePerSessionOptIn
feedbackDrafts feedbackSurveyRate fileCheckpointingEnabled fileSuggestion footerLinksRegexes
forceLoginGatewayUrl@2.1.195 forceLoginMethod forceLoginOrgUUID forceRemoteSettingsRefresh
gatewayInternalNetworks@2.1.268 gcpAuthRefresh hooks httpHookAllowedEnvVars idleCompaction includeCoAuthoredBy
includeGitInstructions inputNeededNotifEnabled isolatePeerMachines keybindingFlavor language managedMcpServers
managedSourcesBehavior@2.1.242 maxEffortLevel@2.1.267 maxProseWidth minimumVersion model modelOverrides
modelPicker@2.1.243 modelPricing@2.1.243 modelProposedGoals modelSettings otelHeadersHelper outputStyle
parentSettingsBehavior permissions plansDirectory pluginConfigs pluginSuggestionMarketplaces pluginTrustMessage
policyHelper policyHelpers precomputeArmTokens precomputeCompactionEnabled preferredNotifChannel
prefersReducedMotion prependPlugins processWrapper promptCacheTtl@2.1.243 promptSuggestionEnabled
proxyAuthHelper prUrlTemplate quietHours remote remoteControl remoteControlAtStartup remoteMessageReceipts
remoteTools requiredMaximumVersion@2.1.163 requiredMinimumVersion@2.1.163 respectGitignore respondToBashCommands
responseComparisonEnabled sandbox showClearContextOnPlanAccept showMessageTimestamps showThinkingSummaries
showTurnDuration skillListingBudgetFraction skillListingMaxDescChars skillOverrides
skipDangerousModePermissionPrompt skipWebFetchPreflight skipWorkflowUsageWarning spellcheck spinnerTipsEnabled
spinnerTipsOverride spinnerVerbs sshConfigs sshHostCommands statusLine strictKnownMarketplaces
strictPluginOnlyCustomization subagentPromptCacheTtl subagentStatusLine switchModelsOnFlag syncClaudeAiPlugins
syncClaudeAiSkills syntaxHighlightingDisabled taskOutputMaxChars teammateMode terminalProgressBarEnabled
terminalTitleFromRename theme timeFormat timeZone todoFeatureEnabled totalTokensReminder
totalTokensReminderAfterUserTurn totalTokensReminderBudget tui ultracode verbose viewMode vimInsertModeRemaps
voice wheelScrollAccelerationEnabled workflowKeywordTriggerEnabled workflowSizeGuideline worktree
wslInheritsWindowsSettings autoMode axScreenReader defaultView disableDeepLinkRegistration
disableDirectMcpSkills downloadsMirrorUrl isolation modelCatalogPublicKey modelCatalogUrl
skipAutoPermissionPrompt useAutoModeDuringPlan voiceEnabled
"""
_ROWS = tuple(word.partition("@") for word in _TEXT.split())
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
    **dict.fromkeys(("apiKey", "api_key", "anthropicApiKey", "anthropic_api_key"), "env.ANTHROPIC_API_KEY"),
    "apiKeyHelperTtl": "env.CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    "apiKeyHelperTtlMs": "env.CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    **dict.fromkeys(("authToken", "auth_token", "anthropicAuthToken"), "env.ANTHROPIC_AUTH_TOKEN"),
    **dict.fromkeys(
        (
            "baseURL",
            "baseUrl",
            "base_url",
            "apiBaseUrl",
            "apiUrl",
            "anthropicBaseUrl",
            "anthropicBaseURL",
            "anthropic_base_url",
            "gatewayUrl",
        ),
        "env.ANTHROPIC_BASE_URL",
    ),
    "customHeaders": "env.ANTHROPIC_CUSTOM_HEADERS",
    "defaultModel": "model",
    "environment": "env",
    "primaryModel": "model",
    "provider": "env.CLAUDE_CODE_USE_BEDROCK (or _VERTEX, _FOUNDRY)",
}
"""Keys found in public configurations that no client ever read -> what their authors meant."""
