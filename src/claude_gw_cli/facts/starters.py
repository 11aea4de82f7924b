"""Every program that starts the client: which client, with which settings, and what it does to the environment.

Measured through the real packages against a recorder, with the releases named in each row, unless ``evidence`` begins
with ``documented:``. A starter never changes a credential or a base URL, except where a row says so.
"""

from __future__ import annotations

from claude_gw_cli.facts.unheard import EDITOR
from claude_gw_cli.facts.versions import Span
from claude_gw_cli.record import dataclass


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the GitHub action that fills a variable of its step."""

    variable: str
    name: str
    is_flag: bool = False
    """Only the text ``true`` switches it on; it becomes ``1``."""
    inherits: bool = False
    """Without the input the job's own variable counts; otherwise the action empties it."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition on the environment that is checked before the client starts."""

    flag: str | None
    """The variable that makes it apply when it is ``1``; ``None``: none of the flags is on."""
    one_of: tuple[tuple[str, ...], ...]
    """Variables: all of one group must be set."""
    said: str
    """The error, in the starter's words."""


@dataclass(frozen=True, slots=True)
class Starter:
    """One way to start the client."""

    name: str
    title: str
    entrypoint: str
    """CLAUDE_CODE_ENTRYPOINT of the client, which the user agent names."""
    evidence: str
    package: str = ""
    releases: tuple[tuple[str, str], ...] = ()
    """``(release of the package, client inside)``, newest first; empty where the installed client is started."""
    numbered_alike: bool = False
    """Releases ``0.2.N`` and ``0.3.N`` have client ``2.1.N`` inside."""
    numbered_as_client: bool = False
    """A release has the client of the same number inside."""
    sdk: str = ""
    """The release of the Agent SDK in it, where ``package`` is not that SDK."""
    keeps_entrypoint: bool = False
    """A CLAUDE_CODE_ENTRYPOINT of the environment stays."""
    reads_no_settings: tuple[Span, ...] = ()
    """Releases of the package that pass an empty ``--setting-sources`` unless the program names sources."""
    ignores_empty: tuple[Span, ...] = ()
    """Releases in which an empty list of sources counts as no list: all are read."""
    inputs: tuple[Input, ...] = ()
    demands: tuple[Demand, ...] = ()
    model_variable_is_option: bool = False
    """ANTHROPIC_MODEL is passed as the option ``model``, which beats the settings."""
    editor_variables: bool = False
    """claudeCode.environmentVariables of the editor's user settings is added to its environment."""
    no_login: str = ""
    """What it says where the client would ask for ``/login``."""
    notes: tuple[str, ...] = ()
    """What a person should know about it, one sentence each."""


_PATH_NOTE = "It runs the client inside the package, not the `claude` on PATH."
_FLAGS = ("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY")

STARTERS: tuple[Starter, ...] = (
    Starter("cli", "claude -p", "sdk-cli", "client 2.1.332"),
    Starter("interactive", "claude", "cli", "client 2.1.332"),
    Starter(
        "sdk-ts",
        "Agent SDK for TypeScript",
        "sdk-ts",
        "@anthropic-ai/claude-agent-sdk 0.2.44, 0.2.83, 0.2.88, 0.2.89, 0.3.226, 0.3.318, 0.3.332",
        package="@anthropic-ai/claude-agent-sdk",
        releases=(("0.3.332", "2.1.332"),),
        numbered_alike=True,
        keeps_entrypoint=True,
        reads_no_settings=(Span(until="0.2.88"),),
        notes=(
            _PATH_NOTE,
            "options.env replaces the environment: pass {...process.env, NAME: value}, or PATH and HOME are missing.",
        ),
    ),
    Starter(
        "sdk-python",
        "Agent SDK for Python",
        "sdk-py",
        "claude-agent-sdk 0.1.58, 0.1.61, 0.2.189; read in 0.1.52, 0.1.55",
        package="claude-agent-sdk",
        releases=(
            ("0.2.189", "2.1.332"),
            ("0.1.61", "2.1.112"),
            ("0.1.58", "2.1.97"),
            ("0.1.55", "2.1.91"),
            ("0.1.52", "2.1.87"),
        ),
        # 0.1.53 and 0.1.54, 0.1.59 and 0.1.60 were not measured.
        reads_no_settings=(Span(until="0.1.52"),),
        ignores_empty=(Span("0.1.55", "0.1.58"),),
        notes=(_PATH_NOTE, "env= adds to the environment; it cannot unset a variable."),
    ),
    Starter(
        "acp",
        "Agent Client Protocol adapter",
        "sdk-ts",
        "@agentclientprotocol/claude-agent-acp 0.101.0",
        package="@agentclientprotocol/claude-agent-acp",
        releases=(("0.101.0", "2.1.318"),),
        sdk="0.3.318",
        keeps_entrypoint=True,
        no_login="Authentication required",
        notes=(
            "It runs the client inside the package, not the `claude` on PATH; CLAUDE_CODE_EXECUTABLE replaces it.",
            "It has the environment in which the editor was started; an editor from the desktop has no shell's.",
        ),
    ),
    Starter(
        "action",
        "GitHub action anthropics/claude-code-action",
        "claude-code-github-action",
        "anthropics/claude-code-action 24dcd50 (2026-08-22), its base action with the environment of its action.yml",
        package="anthropics/claude-code-action",
        releases=(("24dcd50", "2.1.240"),),
        sdk="0.3.240",
        inputs=(
            Input("ANTHROPIC_API_KEY", "anthropic_api_key", inherits=True),
            Input("CLAUDE_CODE_OAUTH_TOKEN", "claude_code_oauth_token", inherits=True),
            Input("CLAUDE_CODE_USE_BEDROCK", "use_bedrock", is_flag=True),
            Input("CLAUDE_CODE_USE_VERTEX", "use_vertex", is_flag=True),
            Input("CLAUDE_CODE_USE_FOUNDRY", "use_foundry", is_flag=True),
            Input("ANTHROPIC_FEDERATION_RULE_ID", "anthropic_federation_rule_id"),
            Input("ANTHROPIC_ORGANIZATION_ID", "anthropic_organization_id"),
            Input("ANTHROPIC_SERVICE_ACCOUNT_ID", "anthropic_service_account_id"),
            Input("ANTHROPIC_WORKSPACE_ID", "anthropic_workspace_id"),
            Input("ANTHROPIC_OIDC_AUDIENCE", "anthropic_oidc_audience"),
        ),
        demands=(
            Demand(
                None,
                (
                    ("ANTHROPIC_API_KEY",),
                    ("CLAUDE_CODE_OAUTH_TOKEN",),
                    ("ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID"),
                ),
                "Either ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN, or workload identity federation "
                "(ANTHROPIC_FEDERATION_RULE_ID and ANTHROPIC_ORGANIZATION_ID) is required when using direct "
                "Anthropic API.",
            ),
            Demand(_FLAGS[0], (("AWS_REGION",),), "AWS_REGION is required when using AWS Bedrock."),
            Demand(
                _FLAGS[0],
                (("AWS_BEARER_TOKEN_BEDROCK",), ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
                "Either AWS_BEARER_TOKEN_BEDROCK or both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are required "
                "when using AWS Bedrock.",
            ),
            Demand(
                _FLAGS[1],
                (("ANTHROPIC_VERTEX_PROJECT_ID",),),
                "ANTHROPIC_VERTEX_PROJECT_ID is required when using Google Vertex AI.",
            ),
            Demand(_FLAGS[1], (("CLOUD_ML_REGION",),), "CLOUD_ML_REGION is required when using Google Vertex AI."),
            Demand(
                _FLAGS[2],
                (("ANTHROPIC_FOUNDRY_RESOURCE",), ("ANTHROPIC_FOUNDRY_BASE_URL",)),
                "Either ANTHROPIC_FOUNDRY_RESOURCE or ANTHROPIC_FOUNDRY_BASE_URL is required when using Microsoft "
                "Foundry.",
            ),
        ),
        model_variable_is_option=True,
        notes=(
            "It has the job's environment, not this machine's.",
            "Inputs are read here from variables INPUT_NAME, such as INPUT_USE_VERTEX=true.",
            "It prints an existing ~/.claude/settings.json to the job's log, keys included.",
        ),
    ),
    Starter(
        "vscode",
        "VS Code extension",
        EDITOR,
        "the Agent SDK 0.3.332 with the environment and options that the extension's bundles 2.1.156, 2.1.252 and "
        "2.1.257 pass to theirs (tests/real/starters/vscode.mjs; the extension itself was not run); reported: "
        "Nemo-Illusionist/claude-code-account-switcher issue 99 and pull request 100, anthropics/claude-code issue "
        "38314; documented: https://code.claude.com/docs/en/vs-code",
        package="anthropic.claude-code",
        releases=(("2.1.332", "2.1.332"),),
        numbered_as_client=True,
        sdk="0.3.332",
        editor_variables=True,
        notes=(
            "It runs the client inside the extension, not the `claude` on PATH, or claudeCode.claudeProcessWrapper.",
            "An editor started from the desktop does not have this shell's environment: cgw env --shell vscode",
            "Its chat uses ANTHROPIC_API_KEY only after it was approved in a session of `claude` in a terminal.",
            "The extension's login check does not look into settings.json; claudeCode.disableLoginPrompt ends it.",
        ),
    ),
)

BY_NAME: dict[str, Starter] = {row.name: row for row in STARTERS}
NAMES = tuple(BY_NAME)
_BASE_INPUTS = """
anthropic_api_key anthropic_federation_rule_id anthropic_oidc_audience anthropic_organization_id
anthropic_service_account_id anthropic_workspace_id claude_args claude_code_oauth_token path_to_bun_executable
path_to_claude_code_executable plugin_marketplaces plugins prompt prompt_file settings show_full_output use_bedrock
use_foundry use_node_cache use_vertex
"""
_OWN_INPUTS = """
additional_permissions allowed_bots allowed_non_write_users assignee_trigger base_branch bot_id bot_name
branch_name_template branch_prefix classify_inline_comments display_report exclude_comments_by_actor
experimental_allowed_domains github_token include_comments_by_actor include_fix_links label_trigger ssh_signing_key
track_progress trigger_phrase use_commit_signing use_sticky_comment
"""
_OLD_INPUTS = """
additional_permissions allowed_bots allowed_tools anthropic_api_key anthropic_model append_system_prompt
assignee_trigger base_branch branch_prefix claude_code_oauth_token claude_env custom_instructions direct_prompt
disallowed_tools experimental_allowed_domains experimental_slash_commands_dir fallback_model github_token
label_trigger max_turns mcp_config mode model override_prompt prompt prompt_file settings system_prompt
timeout_minutes trigger_phrase use_bedrock use_commit_signing use_node_cache use_sticky_comment use_vertex
"""
ACTION_INPUTS: dict[str, frozenset[str]] = {
    "beta": frozenset(_OLD_INPUTS.split()),
    "v0": frozenset(_OLD_INPUTS.split()),
    "v1": frozenset((_BASE_INPUTS + _OWN_INPUTS).split()),
    "main": frozenset((_BASE_INPUTS + _OWN_INPUTS).split()),
}
"""The inputs that any release of a major of the action has (read: the tags up to 24dcd50)."""
REPLACED_INPUTS = {
    "allowed_tools": "claude_args: --allowedTools",
    "anthropic_model": "claude_args: --model",
    "append_system_prompt": "claude_args: --append-system-prompt",
    "claude_env": "settings, with env in it",
    "custom_instructions": "claude_args: --append-system-prompt",
    "direct_prompt": "prompt",
    "disallowed_tools": "claude_args: --disallowedTools",
    "fallback_model": "claude_args: --fallback-model",
    "max_turns": "claude_args: --max-turns",
    "mcp_config": "claude_args: --mcp-config",
    "mode": "no input: the action chooses by the event",
    "model": "claude_args: --model",
    "override_prompt": "prompt",
    "system_prompt": "claude_args: --system-prompt",
    "timeout_minutes": "timeout-minutes of the job",
}
"""Inputs of v0 that v1 ignores -> what v1 has in their place (read: the action's docs/migration-guide.md)."""
PROVIDER_FLAGS = _FLAGS
"""The providers of the GitHub action; more than one stops it."""
TOO_MANY_PROVIDERS = (
    "Cannot use multiple providers simultaneously. Please set only one of: CLAUDE_CODE_USE_BEDROCK, "
    "CLAUDE_CODE_USE_VERTEX, or CLAUDE_CODE_USE_FOUNDRY."
)
LOGIN_ENVIRONMENT = frozenset(
    {"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER", "USERPROFILE", "SYSTEMROOT", "XDG_CONFIG_HOME"}
)
"""Of the variables of a shell, those that a program started from the desktop or by a timer has too."""
ACTION_KEYS = ("ANTHROPIC_API_KEY", "AWS_BEARER_TOKEN_BEDROCK")
"""Variables that satisfy the action's check when they have the gateway's key, where a profile puts it elsewhere."""
ACTION_SKIPS = "CLAUDE_CODE_SKIP_BEDROCK_AUTH"
"""With this one the client signs nothing, so the key may replace the credential that the action asks for."""
