"""Every environment variable that matters behind a gateway: what it holds, since which client, and its traps.

One row per variable; a new one is a new row. Types and minimum versions come from Claude Code's documentation
(environment variables, gateway and provider pages, changelog, 2026-10); names were compared with those that
client 2.1.330 itself contains. A ``since`` is given only where the changelog names the release, or where the released
clients were compared.
"""

from __future__ import annotations

from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.facts.transport import NO_PROXY, PROXIES
from claude_gw_cli.facts.versions import first_version
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.facts.providers import Provider

Kind = Literal[
    "secret", "url", "flag", "presence", "headers", "path", "millis", "model", "text", "json", "proxy", "location"
]
"""``flag``: 1/true/yes/on is on, anything else off. ``presence``: any text at all is on, even ``0``.
``location``: says where files are; ignored in project and local settings."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable of the client."""

    name: str
    kind: Kind
    since: str | None = None
    gone: str | None = None
    """First version in which it does nothing any more."""
    instead: str | None = None
    """What replaces a deprecated name."""


def _rows(kind: Kind, names: str) -> tuple[Variable, ...]:
    """Rows of one kind; ``NAME@VERSION`` gives the first client version."""
    words = (word.partition("@") for word in names.split())
    return tuple(Variable(name, kind, since or None) for name, _, since in words)


def _providers(
    kind: Kind,
    name: Callable[[Provider], str | None],
    fact: Callable[[Provider], str | None] = lambda row: row.fact,
) -> tuple[Variable, ...]:
    """Rows of one variable of every provider that a profile can use."""
    found = ((variable, fact(row)) for row in TABLE if row.modes and (variable := name(row)))
    return tuple(
        Variable(variable, kind, first_version(since) if since else None)
        for variable, since in sorted(found, key=lambda pair: pair[0])
    )


_TIERS = ("OPUS", "SONNET", "HAIKU", "FABLE")

_ALL = (
    *_rows(
        "secret",
        """
        ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_AWS_API_KEY@2.1.90 ANTHROPIC_FOUNDRY_API_KEY
        ANTHROPIC_FOUNDRY_AUTH_TOKEN@2.1.203 ANTHROPIC_IDENTITY_TOKEN AWS_ACCESS_KEY_ID
        AWS_BEARER_TOKEN_BEDROCK@1.0.50 AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
        CLAUDE_CODE_CLIENT_KEY_PASSPHRASE CLAUDE_CODE_OAUTH_REFRESH_TOKEN CLAUDE_CODE_OAUTH_TOKEN
        """,
    ),
    *_rows("headers", "ANTHROPIC_CUSTOM_HEADERS"),
    *_providers("url", lambda row: row.base),
    *_rows("proxy", " ".join(PROXIES)),
    *_rows(
        "flag",
        """
        CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING CLAUDE_CODE_DISABLE_ADVISOR_TOOL
        CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS CLAUDE_CODE_DISABLE_STRUCTURED_OUTPUTS@2.1.288
        CLAUDE_CODE_DISABLE_THINKING CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY@2.1.129
        CLAUDE_CODE_GATEWAY_HINT_HEADERS@2.1.273 CLAUDE_CODE_PROPAGATE_TRACEPARENT@2.1.152
        CLAUDE_CODE_RETRY_WATCHDOG@2.1.186 CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST@2.1.83
        CLAUDE_CODE_RESTRICTED@2.1.318 CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH@2.1.213
        CLAUDE_CODE_SUBPROCESS_ENV_SCRUB@2.1.98 CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD@2.1.213
        CLAUDE_CODE_USE_GATEWAY@2.1.195
        """,
    ),
    *_rows("url", "ANTHROPIC_GOOGLE_CLOUD_BASE_URL@2.1.213"),
    *_providers("flag", lambda row: row.skip, lambda row: row.fact or row.skip_fact),
    *_providers("flag", lambda row: row.flag),
    *_rows(
        "presence",
        """
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC DISABLE_ERROR_REPORTING DISABLE_TELEMETRY
        FALLBACK_FOR_ALL_PRIMARY_MODELS
        """,
    ),
    *_rows(
        "millis",
        """
        API_TIMEOUT_MS CLAUDE_CODE_API_KEY_HELPER_TTL_MS
        CLAUDE_CODE_GATEWAY_MODEL_DISCOVERY_TIMEOUT_MS@2.1.269 CLAUDE_CODE_OTEL_HEADERS_HELPER_DEBOUNCE_MS
        CLAUDE_CODE_OVERLOADED_RETRY_BASE_DELAY_MS@2.1.292 CLAUDE_CODE_OVERLOADED_RETRY_MAX_DELAY_MS@2.1.296
        CLAUDE_CODE_RETRY_WATCHDOG_MAX_WAIT_MS@2.1.295
        """,
    ),
    *_rows(
        "path",
        """
        AWS_CA_BUNDLE CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY GOOGLE_APPLICATION_CREDENTIALS
        NODE_EXTRA_CA_CERTS
        """,
    ),
    *_rows("location", "CLAUDE_CONFIG_DIR HOME TMPDIR XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME"),
    *_rows("model", "ANTHROPIC_MODEL ANTHROPIC_DEFAULT_MODEL@2.1.236 CLAUDE_CODE_SUBAGENT_MODEL"),
    *_rows("model", " ".join(f"ANTHROPIC_DEFAULT_{tier}_MODEL" for tier in _TIERS)),
    *_rows("text", " ".join(f"ANTHROPIC_DEFAULT_{tier}_MODEL_SUPPORTED_CAPABILITIES" for tier in _TIERS)),
    *_rows("json", "CLAUDE_CODE_EXTRA_BODY"),
    *_rows(
        "text",
        """
        ANTHROPIC_AWS_WORKSPACE_ID@2.1.90 ANTHROPIC_BEDROCK_REGION_PREFIX@2.1.224
        ANTHROPIC_BEDROCK_SERVICE_TIER ANTHROPIC_BETAS ANTHROPIC_FOUNDRY_RESOURCE@2.0.45
        ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID@2.1.213 ANTHROPIC_VERTEX_PROJECT_ID AWS_PROFILE AWS_REGION
        CLAUDE_CODE_CERT_STORE CLAUDE_CODE_EFFORT_LEVEL@2.1.70 CLAUDE_CODE_MAX_RETRIES CLOUD_ML_REGION
        ENABLE_PROMPT_CACHING_1H ENABLE_TOOL_SEARCH MAX_THINKING_TOKENS
        """,
    ),
    *_rows("text", " ".join(NO_PROXY)),
    Variable("ANTHROPIC_SMALL_FAST_MODEL", "model", instead="ANTHROPIC_DEFAULT_HAIKU_MODEL"),
    Variable("ENABLE_PROMPT_CACHING_1H_BEDROCK", "flag", instead="ENABLE_PROMPT_CACHING_1H"),
    Variable("CLAUDE_CODE_CONNECT_TIMEOUT_MS", "millis", gone="2.1.186"),
)

VARIABLES: dict[str, Variable] = {row.name: row for row in _ALL}

TRUTHY = frozenset({"1", "true", "yes", "on"})
"""Case and whitespace aside, the only texts that switch a flag on (recorded: flag.bed=*, 2.1.330)."""
FALSY = frozenset({"", "0", "false", "no", "off"})
"""Texts that plainly mean off; everything in neither set is off too, but rarely meant."""

SECRET_NAMES = frozenset(row.name for row in _ALL if row.kind == "secret")
BASE_URLS = tuple(row.name for row in _ALL if row.kind == "url")
LOCATIONS = frozenset(row.name for row in _ALL if row.kind == "location")
"""Not taken from project and local settings (recorded: claim.project.configdir, claim.project.home)."""

# A repository's profile may set these in [env], once it is trusted: variables of the client that say how it talks to
# its gateway. None of them runs a program, names a file, an address, a proxy or a certificate, picks another account
# or switches a protection off. CLAUDE_CODE_EXTRA_BODY is not among them: a gateway may take an address from a body.
REPOSITORY_MAY_SET = frozenset(
    row.name for row in _ALL if row.kind in {"flag", "presence", "millis", "model", "text"}
) - {
    "ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID", "AWS_PROFILE", "AWS_REGION",
    "CLAUDE_CODE_CERT_STORE", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "CLAUDE_CODE_RESTRICTED",
    "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH", "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "CLAUDE_CODE_USE_GATEWAY", "CLOUD_ML_REGION", *NO_PROXY,
}  # fmt: skip

OWN_NAMES = (
    *("ANTHROPIC_AWS_WORKSPACE_ID", "ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID"),
    *("ANTHROPIC_VERTEX_PROJECT_ID", "AWS_PROFILE", "AWS_REGION", "CLOUD_ML_REGION"),
)
"""Variables whose value is a name that the user has at a provider."""

# Names with a prefix of the client's that only other programs read (read in the packages named).
OTHERS: dict[str, str] = {
    **dict.fromkeys(
        (
            "ANTHROPIC_API_BASE",
            "ANTHROPIC_AWS_API_BASE",
            "ANTHROPIC_MESSAGES_MAX_DETACHED_STREAM_DRAINS",
            "ANTHROPIC_MESSAGES_STREAM_RELAY_QUEUE_MAXSIZE",
            "ANTHROPIC_TOKEN_COUNTING_BETA_VERSION",
        ),
        "LiteLLM",
    ),
    **dict.fromkeys(("ANTHROPIC_API_URL", "ANTHROPIC_PROXY"), "LangChain"),
    **dict.fromkeys(
        ("CLAUDE_AGENT_SDK_SKIP_VERSION_CHECK", "CLAUDE_CODE_STREAM_CLOSE_TIMEOUT"), "the Agent SDK for Python"
    ),
    **dict.fromkeys(
        ("CLAUDE_AGENT_ACP_IDLE_COMPACT_DELAY_MS", "CLAUDE_AGENT_ACP_PROTOCOL", "CLAUDE_CODE_EXECUTABLE"),
        "the ACP adapter",
    ),
}

# Names that appear in public configurations and that no client ever read (survey of public settings files).
INVENTED: dict[str, str] = {
    "ANTHROPIC_API_BASE": "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_BASE_URL": "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_TOKEN": "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_API_URL": "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BASE": "ANTHROPIC_BASE_URL",
    "ANTHROPIC_ENDPOINT": "ANTHROPIC_BASE_URL",
    "ANTHROPIC_MANTLE_BASE_URL": "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
    "ANTHROPIC_TOKEN": "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_URL": "ANTHROPIC_BASE_URL",
    "BEDROCK_BASE_URL": "ANTHROPIC_BEDROCK_BASE_URL",
    "CLAUDE_API_BASE_URL": "ANTHROPIC_BASE_URL",
    "CLAUDE_API_KEY": "ANTHROPIC_API_KEY",
    "CLAUDE_BASE_URL": "ANTHROPIC_BASE_URL",
    "CLAUDE_CODE_API_KEY_HELPER_TTL": "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    "CLAUDE_CODE_BASE_URL": "ANTHROPIC_BASE_URL",
    "CLAUDE_CODE_SKIP_AUTH": "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "FOUNDRY_BASE_URL": "ANTHROPIC_FOUNDRY_BASE_URL",
    "VERTEX_BASE_URL": "ANTHROPIC_VERTEX_BASE_URL",
    "VERTEX_PROJECT_ID": "ANTHROPIC_VERTEX_PROJECT_ID",
    "VERTEX_REGION": "CLOUD_ML_REGION",
}
