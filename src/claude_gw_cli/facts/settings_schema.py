"""The client's own schema of settings.json: what each member accepts, and what a wrong value costs.

Measured, not read: a running client re-reads its settings files on the control request ``get_settings`` and lists
what it dropped. ``tests/atlas/settings_schema.py VERSION`` asks it about every row, in every JSON type, at every
bound and with every word, and about every name that its package contains; it prints what differs from here.

A path is written with dots: ``*`` is any member, ``[]`` any item of an array, and ``!`` marks a member that must be
there. ``@NAME`` is a structure that several members share, and ``@NAME=WORD`` the variant of it that one member
selects. ``PATH>2.1.228`` is known to releases after that one, ``PATH<2.1.281`` to those before. From 2.1.228 on the
two releases around each change are neighbours in npm's list; between 2.1.113 and 2.1.228 no release was measured. A
member without a row takes any value.
"""

from __future__ import annotations

from claude_gw_cli.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Kind:
    """What a member accepts. The client drops the whole file for anything else, unless ``alone``."""

    types: tuple[str, ...] = ()
    """JSON types: ``string``, ``boolean``, ``number``, ``integer``, ``array``, ``object``, ``null``."""
    words: tuple[str, ...] = ()
    """The only texts, where there is a list of them."""
    low: float | None = None
    high: float | None = None
    above: bool = False
    """The number must be more than ``low``."""
    pattern: str = ""
    """A regular expression that a text must match, and, after a line break, how to say it."""
    shared: str = ""
    """The shared structure ``@NAME`` that the value has."""
    by: str = ""
    """The member whose text selects the variant of a shared structure."""
    alone: bool = False
    """The client ignores only this member, and all that is inside a shared structure."""
    always: bool = False
    """A text that is none of ``words`` costs the file even there."""
    null_since: str = ""
    """First release that takes ``null`` for absent, where ``null`` is accepted."""


def _types(text: str, **more: object) -> Kind:
    return Kind(types=tuple(text.split(" or ")), **more)  # type: ignore[arg-type]


def _words(text: str, types: str = "", **more: object) -> Kind:
    return Kind(types=tuple(types.split()), words=tuple(text.split()), **more)  # type: ignore[arg-type]


_FILLED = r"(?s).+" + "\na text that is not empty"
_PLAIN = r"(?!\.$)(?!.*\.\.)[^\s/\\]+" + "\na name without whitespace and slashes"
_HOUR = r"([01]?\d|2[0-3]):[0-5]\d" + '\na time like "22:00"'
_NAME = r"[A-Za-z_]\w*" + "\nthe name of a variable"
_URL = r"[A-Za-z][A-Za-z0-9+.-]*:.+" + "\na URL"

_ROWS: tuple[tuple[Kind, str], ...] = (
    (
        _types("string"),
        """
        $schema advisorModel agent allowedChannelPlugins[].marketplace! allowedChannelPlugins[].plugin!
        allowedHttpHookUrls[] apiKeyHelper attribution.commit attribution.pr attributionProject>2.1.304
        autoMemoryDirectory autoMode.allow[] autoMode.environment[] autoMode.hard_deny[] autoMode.soft_deny[]
        availableModels[] awsAuthRefresh awsCredentialExport breakReminder.message>2.1.113 claudeMd>2.1.113
        claudeMdExcludes[] companyAnnouncements[] disabledMcpjsonServers[] downloadsMirrorUrl>2.1.330
        enabledMcpjsonServers[] enabledPlugins.*[] fallbackModel[]>2.1.113 fileSuggestion.command!
        forceLoginOrgUUID[] gcpAuthRefresh httpHookAllowedEnvVars[] language minimumVersion model
        modelCatalogPublicKey>2.1.330 modelCatalogUrl>2.1.330 modelOverrides.* otelHeadersHelper outputStyle
        permissions.additionalDirectories[] plansDirectory pluginConfigs.*.mcpServers.*.*[]
        pluginConfigs.*.options.*[] pluginSuggestionMarketplaces[]>2.1.113 pluginTrustMessage
        prUrlTemplate>2.1.113 processWrapper>2.1.113 proxyAuthHelper remote.defaultEnvironmentId
        requiredMaximumVersion>2.1.113 requiredMinimumVersion>2.1.113 sandbox.excludedCommands[]
        sandbox.filesystem.allowRead[] sandbox.filesystem.allowWrite[] sandbox.filesystem.denyRead[]
        sandbox.filesystem.denyWrite[] sandbox.ignoreViolations.*[] sandbox.network.allowMachLookup[]
        sandbox.network.allowUnixSockets[] sandbox.network.allowedDomains[] sandbox.network.deniedDomains[]
        sandbox.ripgrep.args[] sandbox.ripgrep.command! spinnerVerbs.verbs[] sshConfigs[].id! sshConfigs[].name!
        sshConfigs[].sshHost! sshConfigs[].sshIdentityFile sshConfigs[].startDirectory statusLine.command!
        timeFormat>2.1.252 timeZone>2.1.252 worktree.sparsePaths[] worktree.symlinkDirectories[]
        @source=url.headers.* @source=url.headersHelper>2.1.237 @source=github.repo! @source=github.ref
        @source=github.path @source=github.sparsePaths[] @source=git.url! @source=git.ref @source=git.path
        @source=git.sparsePaths[]  @source=npm.version>2.1.274 @source=file.path!
        @source=directory.path! @source=hostPattern.hostPattern! @source=pathPattern.pathPattern!
        @hooks[].matcher @hook.if @hook.statusMessage @hook=command.command! @hook=command.args[]
        @hook=prompt.prompt! @hook=prompt.model
        @hook=agent.prompt! @hook=agent.model @hook=http.headers.* @hook=http.allowedEnvVars[]
        @hook=mcp_tool.server! @hook=mcp_tool.tool!
        """,
    ),
    (
        _types("boolean"),
        """
        agentPushNotifEnabled>2.1.113 allowAllClaudeAiMcps>2.1.113 allowClaudeInChromeWithManagedMcp>2.1.281
        allowNestedModelAccessUnderForceLogin>2.1.326 alwaysThinkingEnabled attribution.sessionUrl
        autoCompactEnabled>2.1.113 autoDreamEnabled autoMemoryEnabled autoMode.classifyAllShell
        autoScrollEnabled>2.1.113 awaySummaryEnabled axScreenReader>2.1.113 bashEditDiffEnabled>2.1.268
        breakReminder.enabled>2.1.113 clawdFileProgressEnabled>2.1.322 disableAllHooks disableReplyCheck>2.1.317
        doneMeansMerged>2.1.113 emojiCompletionEnabled>2.1.113 fastMode forceRemoteSettingsRefresh
        idleCompaction>2.1.289 includeCoAuthoredBy includeGitInstructions inputNeededNotifEnabled>2.1.113
        permissions.blockFileToolReadsOutsideWorkingDirectories>2.1.322
        permissions.blockReadsOutsideWorkingDirectories>2.1.252
        permissions.blockWritesOutsideWorkingDirectories>2.1.312 permissions.denyInsteadOfPrompting>2.1.318
        precomputeCompactionEnabled>2.1.113 prefersReducedMotion promptSuggestionEnabled
        quietHours.enabled>2.1.113 remoteTools.allowUnattendedServing>2.1.258 respectGitignore
        respondToBashCommands>2.1.113 sandbox.allowAppleEvents sandbox.allowNestedUserNamespaces>2.1.304
        sandbox.allowUnsandboxedCommands sandbox.autoAllowBashIfSandboxed
        sandbox.credentials.allowPlaintextInject sandbox.enableWeakerNestedSandbox
        sandbox.enableWeakerNetworkIsolation sandbox.enabled sandbox.failIfUnavailable
        sandbox.filesystem.allowManagedReadPathsOnly sandbox.filesystem.disabled
        sandbox.network.allowAllUnixSockets sandbox.network.allowLocalBinding
        sandbox.network.allowManagedDomainsOnly sandbox.network.strictAllowlist showClearContextOnPlanAccept
        showMessageTimestamps>2.1.113 showThinkingSummaries showTurnDuration>2.1.113 spinnerTipsEnabled
        statusLine.hideVimModeIndicator switchModelsOnFlag>2.1.113 syntaxHighlightingDisabled
        terminalProgressBarEnabled>2.1.113 terminalTitleFromRename todoFeatureEnabled>2.1.113
        totalTokensReminderAfterUserTurn>2.1.113 verbose>2.1.113 voice.autoSubmit voice.enabled voiceEnabled
        wheelScrollAccelerationEnabled>2.1.113 workflowKeywordTriggerEnabled>2.1.113
        wslInheritsWindowsSettings>2.1.113 @source=github.skipLfs @source=git.skipLfs @hook.once
        @hook=command.async @hook=command.asyncRewake @hook=prompt.continueOnBlock
        """,
    ),
    (
        _types("boolean or null", null_since="2.1.282"),
        """
        allowManagedHooksOnly allowManagedMcpServersOnly allowManagedPermissionRulesOnly
        autoContinueAtUsageLimit>2.1.233 autoUploadSessions>2.1.113 channelsEnabled disableAgentView>2.1.113
        disableArtifact>2.1.113 disableBundledSkills>2.1.113 disableClaudeAiConnectors>2.1.113
        disableCommandPluginSources>2.1.228 disableDirectMcpSkills>2.1.329 disableRemoteControl>2.1.113
        disableSkillShellExecution disableWindowsBashCommandSplit>2.1.318 disableWorkflows>2.1.113
        enableAllProjectMcpServers enableArtifact>2.1.113 enableWorkflows>2.1.113 enforceAvailableModels>2.1.113
        fastModePerSessionOptIn isolatePeerMachines>2.1.113 remoteControlAtStartup>2.1.113
        responseComparisonEnabled>2.1.312
        skipAutoPermissionPrompt skipDangerousModePermissionPrompt skipWebFetchPreflight
        skipWorkflowUsageWarning>2.1.113 syncClaudeAiPlugins>2.1.245 syncClaudeAiSkills>2.1.233
        useAutoModeDuringPlan
        """,
    ),
    (
        _types("array"),
        """
        allowedChannelPlugins allowedHttpHookUrls autoMode.allow autoMode.environment autoMode.hard_deny
        autoMode.soft_deny availableModels claudeMdExcludes companyAnnouncements fallbackModel>2.1.113
        httpHookAllowedEnvVars permissions.additionalDirectories permissions.allow permissions.ask
        permissions.deny pluginSuggestionMarketplaces>2.1.113 sandbox.credentials.awsPairs
        sandbox.credentials.envVars sandbox.credentials.files sandbox.excludedCommands
        sandbox.filesystem.allowRead sandbox.filesystem.allowWrite sandbox.filesystem.denyRead
        sandbox.filesystem.denyWrite sandbox.ignoreViolations.* sandbox.network.allowMachLookup
        sandbox.network.allowUnixSockets sandbox.network.allowedDomains sandbox.network.deniedDomains
        sandbox.ripgrep.args spinnerVerbs.verbs! sshConfigs worktree.sparsePaths worktree.symlinkDirectories
        @source=github.sparsePaths @source=git.sparsePaths @source=settings.plugins! @hooks @hooks[].hooks!
        @hook=command.args @hook=http.allowedEnvVars
        """,
    ),
    (_types("boolean or null", null_since="2.1.277"), "disableSideloadFlags>2.1.113"),
    (_types("boolean or null", null_since="2.1.331"), "fileCheckpointingEnabled>2.1.113"),
    (_types("array or null", null_since="2.1.277"), "blockedMarketplaces strictKnownMarketplaces"),
    (_types("array or null", null_since="2.1.232"), "allowedMarketplaces>2.1.231"),
    (
        _types("object"),
        """
        allowedChannelPlugins[] autoMode breakReminder>2.1.113 enabledPlugins env fileSuggestion modelOverrides
        permissions pluginConfigs pluginConfigs.* pluginConfigs.*.mcpServers pluginConfigs.*.mcpServers.*
        pluginConfigs.*.options quietHours>2.1.113 remote remoteTools>2.1.258 sandbox sandbox.credentials
        sandbox.credentials.awsPairs[] sandbox.credentials.envVars[] sandbox.credentials.files[]
        sandbox.credentials.sigv4 sandbox.filesystem sandbox.ignoreViolations sandbox.network
        sandbox.network.tlsTerminate sandbox.ripgrep sandbox.windows>2.1.325 skillOverrides spinnerVerbs
        sshConfigs[] statusLine voice worktree @source=url.headers @source=settings.plugins[] @hooks[]
        @hook=http.headers @hook=mcp_tool.input
        """,
    ),
    (_types("boolean or object"), "attribution>2.1.280"),
    (_types("object"), "attribution<2.1.281 extraKnownMarketplaces<2.1.228 extraKnownMarketplaces.*<2.1.228"),
    (_types("boolean"), "extraKnownMarketplaces.*.autoUpdate<2.1.228"),
    (
        _types("object"),
        "policyHelper<2.1.232 policyHelpers<2.1.232 spinnerTipsOverride<2.1.247 subagentStatusLine<2.1.323",
    ),
    (_types("array"), "spinnerTipsOverride.tips!<2.1.247"),
    (
        _types("string"),
        "policyHelper.path!<2.1.232 spinnerTipsOverride.tips[]<2.1.247 subagentStatusLine.command!<2.1.323",
    ),
    (_types("boolean"), "spinnerTipsOverride.excludeDefault<2.1.247"),
    (_words("command"), "subagentStatusLine.type!<2.1.323"),
    (_types("boolean or array"), "enabledPlugins.*"),
    (_types("array"), "disabledMcpjsonServers<2.1.299 enabledMcpjsonServers<2.1.299"),
    (_types("string or array"), "forceLoginOrgUUID"),
    (
        _types("string or array", pattern=_FILLED),
        "disabledMcpjsonServers>2.1.296 enabledMcpjsonServers>2.1.296",
    ),
    (
        _types("string or number or boolean or array"),
        "pluginConfigs.*.mcpServers.*.* pluginConfigs.*.options.*",
    ),
    (
        _types("integer", low=0, above=True),
        """
        breakReminder.breakThresholdMinutes>2.1.113 breakReminder.intervalMinutes>2.1.113 cleanupPeriodDays
        skillListingMaxDescChars totalTokensReminderBudget>2.1.113
        """,
    ),
    (_types("integer", low=0), "desktopSessionCleanupPeriodDays>2.1.247"),
    (_types("integer"), "sshConfigs[].sshPort"),
    (_types("number"), "sandbox.network.httpProxyPort sandbox.network.socksProxyPort statusLine.padding"),
    (_types("number", low=0, high=1), "feedbackSurveyRate"),
    (_types("number", low=0, high=1, above=True), "skillListingBudgetFraction"),
    (_types("number", low=0, above=True), "@hook.timeout"),
    (
        _types("string", pattern=_FILLED),
        """
        sandbox.credentials.files[].path! sandbox.network.tlsTerminate.caCertPath
        sandbox.network.tlsTerminate.caKeyPath @source=settings.plugins[].name! @source=npm.package!
        @hook=command.rewakeMessage
        @hook=command.rewakeSummary
        """,
    ),
    (_types("string", pattern=_PLAIN), "@source=settings.name!"),
    (_types("string", pattern=_HOUR), "quietHours.end>2.1.113 quietHours.start>2.1.113"),
    (
        _types("string", pattern=_NAME),
        """
        sandbox.credentials.envVars[].name! sandbox.credentials.awsPairs[].accessKeyIdVar!
        sandbox.credentials.awsPairs[].secretAccessKeyVar! sandbox.credentials.awsPairs[].sessionTokenVar
        """,
    ),
    (_types("string", pattern=_URL), "@source=url.url! @source=npm.registry>2.1.274 @hook=http.url!"),
    (_words("disable"), "permissions.disableAutoMode permissions.disableBypassPermissionsMode"),
    (_words("disable", "null", null_since="2.1.282"), "disableAutoMode disableDeepLinkRegistration"),
    (_words("command"), "fileSuggestion.type! statusLine.type!"),
    (_words("first-wins merge"), "managedSourcesBehavior>2.1.241 parentSettingsBehavior>2.1.113"),
    (_words("latest stable rc"), "autoUpdatesChannel"),
    (_words("transient ask"), "daemonColdStart>2.1.113"),
    (_words("bash powershell"), "defaultShell @hook=command.shell"),
    (_words("chat transcript"), "defaultView"),
    (_words("notify quiet off", "null", null_since="2.1.282"), "feedbackDrafts>2.1.113"),
    (_words("acceptEdits auto bypassPermissions default dontAsk manual plan"), "permissions.defaultMode"),
    (_words("deny mask"), "sandbox.credentials.envVars[].mode! sandbox.credentials.files[].mode!"),
    (
        _words("deny passthrough"),
        """
        sandbox.credentials.sigv4.presigned sandbox.credentials.sigv4.sigv4a sandbox.credentials.sigv4.streaming
        """,
    ),
    (_words("sandboxuser mxc"), "sandbox.windows.backend>2.1.325"),
    (_words("on name-only user-invocable-only off"), "skillOverrides.*"),
    (_words("append replace"), "spinnerVerbs.mode!"),
    (_words("off infinite fixed countdown padded-countdown"), "totalTokensReminder>2.1.113"),
    (_words("default fullscreen"), "tui"),
    (_words("hold tap"), "voice.mode"),
    (_words("unrestricted small medium large"), "workflowSizeGuideline>2.1.113"),
    (_words("fresh head"), "worktree.baseRef"),
    (_words("continue block"), "@hook=command.onFailure>2.1.294 @hook=http.onFailure>2.1.294"),
    # -- structures that several members share ------------------------------------------------------------------
    (
        Kind(shared="@source"),
        """
        strictKnownMarketplaces[] allowedMarketplaces[]>2.1.231 blockedMarketplaces[]
        extraKnownMarketplaces.*.source!<2.1.228
        """,
    ),
    (Kind(shared="@source", alone=True), "extraKnownMarketplaces.*.source!>2.1.227"),
    (_types("object", by="source"), "@source"),
    (
        _words("url github git npm file directory skills-dir hostPattern pathPattern settings", always=True),
        "@source.source!",
    ),
    (Kind(shared="@plugin"), "@source=settings.plugins[].source!"),
    (_types("object", by="source"), "@plugin"),
    (_words("archive command git-subdir github npm url", always=True), "@plugin.source!>2.1.231"),
    (_words("archive git-subdir github npm url", always=True), "@plugin.source!<2.1.232"),
    (
        _types("string"),
        "@plugin=git-subdir.url! @plugin=github.repo! @plugin=npm.package! @plugin=url.url!",
    ),
    (_types("string", pattern=_URL), "@plugin=archive.url!"),
    (_types("string", pattern=_FILLED), "@plugin=command.command!>2.1.228 @plugin=git-subdir.path!"),
    (Kind(shared="@hooks"), "hooks.*"),
    (Kind(shared="@hook"), "@hooks[].hooks[]"),
    (_types("object", by="type"), "@hook"),
    (_words("command prompt agent http mcp_tool"), "@hook.type!"),
    # -- ignored alone ------------------------------------------------------------------------------------------
    (
        _types("string", alone=True),
        """
        appendPlugins[]>2.1.267 prependPlugins[]>2.1.267 permissions.allow[] permissions.ask[]
        permissions.deny[] spellcheck.checker>2.1.234 spellcheck.color>2.1.234 spellcheck.language>2.1.234
        spinnerTipsOverride.label>2.1.228 spinnerTipsOverride.tipsFile>2.1.228 worktree.location>2.1.228
        """,
    ),
    (
        _types("boolean", alone=True),
        "spellcheck.enabled>2.1.234 spinnerTipsOverride.excludeDefault>2.1.246 ultracode>2.1.113",
    ),
    (
        _types("array", alone=True),
        """
        appendPlugins>2.1.267 footerLinksRegexes>2.1.113 permissions.blockReadsExemptPaths>2.1.314
        permissions.workingDirectoriesAsGiven>2.1.316 permissions.workingDirectoriesExclude>2.1.328
        prependPlugins>2.1.267 spinnerTipsOverride.tips>2.1.246
        """,
    ),
    (
        _types("object", alone=True),
        """
        additionalDirectoryConfigRoots>2.1.328 extraKnownMarketplaces>2.1.227 extraKnownMarketplaces.*>2.1.227
        modelPricing>2.1.241 modelSettings>2.1.238 remoteControl>2.1.259 spellcheck>2.1.234
        spinnerTipsOverride>2.1.246
        vimInsertModeRemaps>2.1.113
        """,
    ),
    (_types("object or null", alone=True), "hooks"),
    (_words("continue block", alone=True), "@hook=mcp_tool.onFailure"),
    (_types("boolean or array", alone=True), "strictPluginOnlyCustomization"),
    (
        _types("integer", low=0, above=True, alone=True),
        "bashOutputMaxChars>2.1.260 precomputeArmTokens>2.1.322 taskOutputMaxChars>2.1.260",
    ),
    (_types("integer", low=40, alone=True), "maxProseWidth>2.1.281"),
    (_types("integer", low=100000, alone=True), "autoCompactWindow"),
    (_types("number", low=0, high=10, above=True, alone=True), "modelPricing.multiplier>2.1.241"),
    (_types("number", low=1, alone=True), "statusLine.refreshInterval"),
    (_words("60s 5m 10m never", alone=True), "askUserQuestionTimeout>2.1.113 dialogExpiry>2.1.113"),
    (_words("5m 1h", alone=True), "promptCacheTtl>2.1.241 subagentPromptCacheTtl>2.1.241"),
    (_words("accept hold refuse", alone=True), "crossSessionInbound>2.1.113"),
    (_words("normal vim", alone=True), "editorMode>2.1.113"),
    (_words("low medium high xhigh", alone=True), "effortLevel"),
    (_words("classic readline", alone=True), "keybindingFlavor>2.1.237"),
    (_words("low medium high xhigh max", alone=True), "maxEffortLevel>2.1.266"),
    (
        _words("auto iterm2 terminal_bell iterm2_with_bell kitty ghostty notifications_disabled", alone=True),
        "preferredNotifChannel>2.1.113",
    ),
    (_words("auto tmux iterm2 in-process", alone=True), "teammateMode>2.1.113"),
    (_words("default verbose focus", alone=True), "viewMode"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one path accepts in a span of releases."""

    kind: Kind
    after: str = ""
    """Known to releases after this one."""
    before: str = ""
    needed: bool = False
    """The object around it is faulty without it."""


def _path(mark: str) -> str:
    """The path in a mark such as ``policyHelper.path!<2.1.232``."""
    return mark.partition("<")[0].partition(">")[0].rstrip("!")


def _marks() -> tuple[Mapping[str, Sequence[tuple[Kind, str]]], Mapping[str, Sequence[str]]]:
    marks: dict[str, list[tuple[Kind, str]]] = {}
    needed: dict[str, list[str]] = {}
    for kind, text in _ROWS:
        for mark in text.split():
            path = _path(mark) if "!" in mark or "<" in mark or ">" in mark else mark
            marks.setdefault(path, []).append((kind, mark))
            if "!" in mark:
                parent, _, member = path.rpartition(".")
                needed.setdefault(parent, []).append(member)
    return marks, needed


def rows_of(path: str) -> tuple[Row, ...]:
    """What a path accepts, in each span of releases."""
    return tuple(_row(kind, mark) for kind, mark in MARKS.get(path, ()))


def _row(kind: Kind, mark: str) -> Row:
    start, _, before = mark.partition("<")
    name, _, after = start.partition(">")
    return Row(kind, after, before, name.endswith("!"))


_EVENT_NAMES = """
PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion
SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch
PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation
ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged
DirectoryAdded MessageDisplay PreSkillShellCommand
"""
EVENTS = frozenset(_EVENT_NAMES.split())
"""The events of ``hooks`` in 2.1.332; a client ignores every other name."""

GUARDS = frozenset({"PreToolUse", "PermissionRequest"})
"""Events whose hooks may stop a tool: one that cannot be loaded costs the whole file."""

MARKS, NEEDED = _marks()
"""Path -> its kinds and marks (``rows_of``); path of an object -> the members that it must have in some release."""
