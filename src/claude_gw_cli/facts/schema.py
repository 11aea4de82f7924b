"""The types of settings.json that the client insists on: one wrong value, and it drops the whole file.

Read from client 2.1.330 itself (``claude doctor`` over a file that has every known key in every JSON type). Only
messages that cost the whole file are here; keys whose bad value is skipped alone (``hooks``, single permission
rules, marketplaces, everything that only managed settings may say) are not. Older clients know fewer keys; for
those they know, the recordings (l4.invalid.*) and spot measurements agree.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import version_key

_TYPES: dict[str, str] = {
    "string": """
    advisorModel agent apiKeyHelper attributionProject autoMemoryDirectory awsAuthRefresh awsCredentialExport
    claudeMd gcpAuthRefresh language minimumVersion model otelHeadersHelper outputStyle plansDirectory
    pluginTrustMessage prUrlTemplate processWrapper proxyAuthHelper requiredMaximumVersion
    requiredMinimumVersion timeZone
    """,
    "boolean": """
    agentPushNotifEnabled allowAllClaudeAiMcps allowClaudeInChromeWithManagedMcp
    allowNestedModelAccessUnderForceLogin alwaysThinkingEnabled autoCompactEnabled autoDreamEnabled
    autoMemoryEnabled autoScrollEnabled awaySummaryEnabled bashEditDiffEnabled clawdFileProgressEnabled
    disableAllHooks disableReplyCheck doneMeansMerged emojiCompletionEnabled fastMode fileCheckpointingEnabled
    forceRemoteSettingsRefresh idleCompaction includeCoAuthoredBy includeGitInstructions
    inputNeededNotifEnabled precomputeCompactionEnabled prefersReducedMotion promptSuggestionEnabled
    respectGitignore respondToBashCommands showClearContextOnPlanAccept showMessageTimestamps
    showThinkingSummaries showTurnDuration spinnerTipsEnabled switchModelsOnFlag syntaxHighlightingDisabled
    terminalProgressBarEnabled terminalTitleFromRename todoFeatureEnabled totalTokensReminderAfterUserTurn
    verbose wheelScrollAccelerationEnabled workflowKeywordTriggerEnabled wslInheritsWindowsSettings
    """,
    "boolean or null": """
    allowManagedHooksOnly allowManagedMcpServersOnly allowManagedPermissionRulesOnly autoContinueAtUsageLimit
    autoUploadSessions channelsEnabled disableAgentView disableArtifact disableBundledSkills
    disableClaudeAiConnectors disableCommandPluginSources disableRemoteControl disableSideloadFlags
    disableSkillShellExecution disableWindowsBashCommandSplit disableWorkflows enableAllProjectMcpServers
    enableArtifact enableWorkflows enforceAvailableModels fastModePerSessionOptIn isolatePeerMachines
    remoteControlAtStartup responseComparisonEnabled skipDangerousModePermissionPrompt skipWebFetchPreflight
    skipWorkflowUsageWarning syncClaudeAiPlugins syncClaudeAiSkills
    """,
    "number": """
    cleanupPeriodDays desktopSessionCleanupPeriodDays feedbackSurveyRate skillListingBudgetFraction
    skillListingMaxDescChars totalTokensReminderBudget
    """,
    "object": """
    breakReminder enabledPlugins env fileSuggestion modelOverrides permissions pluginConfigs quietHours remote
    remoteTools sandbox skillOverrides spinnerVerbs statusLine voice worktree
    """,
    "array": """
    allowedChannelPlugins allowedHttpHookUrls availableModels claudeMdExcludes companyAnnouncements
    fallbackModel httpHookAllowedEnvVars pluginSuggestionMarketplaces sshConfigs
    """,
    "array or null": """
    blockedMarketplaces strictKnownMarketplaces
    """,
}

TYPES: dict[str, str] = {key: kind for kind, keys in _TYPES.items() for key in keys.split()}
"""Settings key -> the JSON type it must have."""

NESTED: dict[str, dict[str, str]] = {
    "permissions": {"allow": "array", "ask": "array", "deny": "array", "additionalDirectories": "array"},
}
"""Key -> the types of its members that cost the whole file as well (measured: permissions.allow "x")."""

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
