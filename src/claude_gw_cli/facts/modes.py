"""The provider modes: provider x credentials -> variables, required fields, what must not be there.

One row per mode. A new provider is a new row (and its test); nothing else in the code names one.
Sources: reference documentation of Claude Code's gateway and provider pages (2026-10), and recordings
of the real client 0.2.35 .. 2.1.330 (tests/atlas). Only documented variable names are used.
"""

from __future__ import annotations

from claude_gw_cli.record import dataclass

# Headers that carry the bare key; every other header carries "Bearer KEY".
BARE_HEADERS = frozenset({"x-api-key", "api-key", "x-goog-api-key"})

# What stands in ANTHROPIC_AUTH_TOKEN when the key itself travels in another header: without any credential
# the client refuses to start in first-party mode ("Not logged in", recorded for custom x-litellm-api-key).
PLACEHOLDER_TOKEN = "key-is-in-ANTHROPIC_CUSTOM_HEADERS"

# Up to 1.0.35 a token or helper value also went out as Proxy-Authorization and beat the custom header there
# (recorded, 1.0.35 -> 1.0.37): a placeholder would then be what the gateway reads.
TOKEN_FILLS_PROXY_AUTHORIZATION_BEFORE = "1.0.37"

# From this version a custom Authorization header counts as a login (recorded, 2.0.44 -> 2.0.45).
CUSTOM_AUTHORIZATION_LOGS_IN_SINCE = "2.0.45"


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one header can be filled from the client: by a variable, and/or by apiKeyHelper."""

    variable: str | None
    """The variable whose value becomes this header; ``None`` when only ANTHROPIC_CUSTOM_HEADERS can."""
    helper: bool
    """apiKeyHelper's output reaches this header."""
    without_skip: bool = False
    """The skip-auth flag must be absent for this carrier (Foundry's own key)."""
    since: str | None = None
    """First client version in which this works, where it is not the mode's own."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One provider with one holder of the cloud credential."""

    provider: str
    credentials: str
    title: str
    base_variable: str
    base_path: str
    """Appended to the gateway's root at LiteLLM."""
    flags: tuple[tuple[str, str], ...]
    """Variables with a fixed value (provider switch, skip-auth)."""
    carriers: tuple[tuple[str, Carrier], ...]
    """Headers that the client fills by itself; every other header goes through ANTHROPIC_CUSTOM_HEADERS."""
    default_header: str
    placeholder: bool = False
    """The client refuses to start without a credential of its own."""
    fields: tuple[tuple[str, str, str | None], ...] = ()
    """(profile field, variable, default or ``None`` when it must be filled in)."""
    since: str | None = None
    """First client version that has this mode (with skip-auth where it is used)."""
    cloud_credentials: tuple[str, ...] = ()
    """Variables that hold this machine's cloud credential: left alone when the client holds it."""
    skip_variable: str | None = None
    custom_since: str | None = None
    """First client version that sends a key in ANTHROPIC_CUSTOM_HEADERS here, where later than ``since``."""
    taken: tuple[str, ...] = ()
    """Headers that carry this machine's cloud credential: the gateway's key would lose there, or destroy it."""


_FIRST_PARTY = (
    ("authorization", Carrier("ANTHROPIC_AUTH_TOKEN", helper=True)),
    ("x-api-key", Carrier("ANTHROPIC_API_KEY", helper=True)),
)
_TOKEN_ONLY = (("authorization", Carrier("ANTHROPIC_AUTH_TOKEN", helper=True)),)
_AWS = ("AWS_BEARER_TOKEN_BEDROCK",)

MODES: tuple[Mode, ...] = (
    Mode(
        "unified",
        "proxy",
        "Anthropic Messages at the gateway's root",
        "ANTHROPIC_BASE_URL",
        "",
        (),
        _FIRST_PARTY,
        "authorization",
        placeholder=True,
    ),
    Mode(
        "anthropic",
        "proxy",
        "Anthropic pass-through",
        "ANTHROPIC_BASE_URL",
        "/anthropic",
        (),
        _FIRST_PARTY,
        "authorization",
        placeholder=True,
    ),
    Mode(
        "bedrock",
        "proxy",
        "Amazon Bedrock, the gateway holds the AWS credential",
        "ANTHROPIC_BEDROCK_BASE_URL",
        "/bedrock",
        (("CLAUDE_CODE_USE_BEDROCK", "1"), ("CLAUDE_CODE_SKIP_BEDROCK_AUTH", "1")),
        _TOKEN_ONLY,
        "authorization",
        fields=(("region", "AWS_REGION", "us-east-1"),),
        since="0.2.125",
        skip_variable="CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    ),
    Mode(
        "bedrock",
        "client",
        "Amazon Bedrock, this machine holds the AWS credential",
        "ANTHROPIC_BEDROCK_BASE_URL",
        "/bedrock",
        (("CLAUDE_CODE_USE_BEDROCK", "1"),),
        (),
        "x-litellm-api-key",
        fields=(("region", "AWS_REGION", "us-east-1"),),
        cloud_credentials=_AWS,
        skip_variable="CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        # SigV4 wins over a custom Authorization; up to 2.1.100 the key replaced the signature (measured: 1.0.60,
        # 2.0.45, 2.1.330).
        taken=("authorization",),
    ),
    Mode(
        "vertex",
        "proxy",
        "Google Vertex AI, the gateway holds the Google credential",
        "ANTHROPIC_VERTEX_BASE_URL",
        "/vertex_ai/v1",
        (("CLAUDE_CODE_USE_VERTEX", "1"), ("CLAUDE_CODE_SKIP_VERTEX_AUTH", "1")),
        _TOKEN_ONLY,
        "authorization",
        fields=(
            ("project_id", "ANTHROPIC_VERTEX_PROJECT_ID", None),
            ("region", "CLOUD_ML_REGION", "us-east5"),
        ),
        since="0.2.109",
        skip_variable="CLAUDE_CODE_SKIP_VERTEX_AUTH",
    ),
    Mode(
        "vertex",
        "client",
        "Google Vertex AI, this machine holds the Google credential",
        "ANTHROPIC_VERTEX_BASE_URL",
        "/vertex_ai/v1",
        (("CLAUDE_CODE_USE_VERTEX", "1"),),
        (),
        "x-litellm-api-key",
        fields=(
            ("project_id", "ANTHROPIC_VERTEX_PROJECT_ID", None),
            ("region", "CLOUD_ML_REGION", "us-east5"),
        ),
        skip_variable="CLAUDE_CODE_SKIP_VERTEX_AUTH",
        # The Google token overwrites a custom Authorization (measured: 1.0.60, 2.0.45, 2.1.330).
        taken=("authorization",),
    ),
    Mode(
        "foundry",
        "proxy",
        "Microsoft Foundry, the gateway holds the Azure credential",
        "ANTHROPIC_FOUNDRY_BASE_URL",
        "",
        (("CLAUDE_CODE_USE_FOUNDRY", "1"), ("CLAUDE_CODE_SKIP_FOUNDRY_AUTH", "1")),
        (
            ("authorization", Carrier("ANTHROPIC_AUTH_TOKEN", helper=True, since="2.1.203")),
            ("x-api-key", Carrier("ANTHROPIC_FOUNDRY_API_KEY", helper=False, without_skip=True)),
        ),
        "authorization",
        since="2.0.45",
        skip_variable="CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
        # Before, the client asked Azure for a token and stopped (measured: 2.0.45 stops, 2.1.203 is answered).
        custom_since="2.1.203",
    ),
    Mode(
        "foundry",
        "client",
        "Microsoft Foundry, this machine holds the Azure credential",
        "ANTHROPIC_FOUNDRY_BASE_URL",
        "",
        (("CLAUDE_CODE_USE_FOUNDRY", "1"),),
        (),
        "x-litellm-api-key",
        since="2.0.45",
        cloud_credentials=("ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_FOUNDRY_AUTH_TOKEN"),
        skip_variable="CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
        # A custom x-api-key replaces the Azure key, a custom Authorization is dropped (measured: 2.1.330).
        taken=("authorization", "x-api-key"),
    ),
    Mode(
        "mantle",
        "proxy",
        "Bedrock Mantle, the gateway holds the AWS credential",
        "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
        "",
        (("CLAUDE_CODE_USE_MANTLE", "1"), ("CLAUDE_CODE_SKIP_MANTLE_AUTH", "1")),
        _TOKEN_ONLY,
        "authorization",
        fields=(("region", "AWS_REGION", "us-east-1"),),
        skip_variable="CLAUDE_CODE_SKIP_MANTLE_AUTH",
        since="2.1.94",  # measured: answered there; the variables are not in the package of 2.1.92
    ),
    Mode(
        "anthropic-aws",
        "proxy",
        "Claude Platform on AWS, the gateway holds the AWS credential",
        "ANTHROPIC_AWS_BASE_URL",
        "",
        (("CLAUDE_CODE_USE_ANTHROPIC_AWS", "1"), ("CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH", "1")),
        (
            ("authorization", Carrier("ANTHROPIC_AUTH_TOKEN", helper=True)),
            # measured: 2.1.100 sends Authorization only, 2.1.101 both
            ("x-api-key", Carrier("ANTHROPIC_AUTH_TOKEN", helper=True, since="2.1.101")),
        ),
        "authorization",
        fields=(
            ("workspace_id", "ANTHROPIC_AWS_WORKSPACE_ID", None),
            ("region", "AWS_REGION", "us-east-1"),
        ),
        skip_variable="CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
        since="2.1.90",  # measured: answered there; the variables are not in the package of 2.1.89
    ),
)

PROVIDERS: tuple[str, ...] = tuple(dict.fromkeys(mode.provider for mode in MODES))

# Every variable that selects a provider, says where requests go, or carries a credential: whatever a plan does
# not set, it clears, so that nothing stale can win (a leftover CLAUDE_CODE_USE_* beats a base URL; recorded).
ROUTING_VARIABLES: tuple[str, ...] = tuple(
    dict.fromkeys(
        name
        for mode in MODES
        for name in (
            *(flag for flag, _ in mode.flags),
            mode.base_variable,
        )
    )
)
CREDENTIAL_VARIABLES: tuple[str, ...] = (
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_CUSTOM_HEADERS",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    "ANTHROPIC_FOUNDRY_RESOURCE",
    "ANTHROPIC_AWS_API_KEY",
)
"""ANTHROPIC_FOUNDRY_RESOURCE is here because together with the base URL the client refuses to start."""


def find_mode(provider: str, credentials: str) -> Mode | None:
    """The row for a provider and the holder of its cloud credential, if there is one."""
    for mode in MODES:
        if mode.provider == provider and mode.credentials == credentials:
            return mode
    return None
