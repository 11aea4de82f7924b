"""Which credential reaches which header, for each provider of facts/providers.txt.

A provider is in one *situation*: how it gets its own credential. For each situation a row lists, per header, the
sources that may fill it, first one present wins. A row with ``fact`` counts only in client versions where that
fact (facts/versions.txt) holds, and the first row that counts is taken; so an older behaviour is below the
newer one. Read from recordings in tests/atlas and header-atlas sections 1, 2, 3 and 11.

Sources: ``token`` ANTHROPIC_AUTH_TOKEN, ``key`` ANTHROPIC_API_KEY, ``helper`` apiKeyHelper's output, ``custom`` the
line of that name in ANTHROPIC_CUSTOM_HEADERS, ``login`` a claude.ai session that ``/login`` stored, ``login-key`` the
key that a Console login stored, ``authorization`` what that header carries without its Bearer, the others as in
``VARIABLES`` below.
"""

from __future__ import annotations

from claude_gw_cli.facts.overlay import InForce
from claude_gw_cli.record import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The sources that may fill one header in one situation, strongest first. ``*`` is any situation."""

    provider: str
    situation: str
    header: str
    sources: tuple[str, ...]
    fact: str | None = None


# The empty token counts only while ``empty-token-is-sent`` holds.
_TOKEN = ("token", "helper", "custom")
_TOKEN_EVEN_EMPTY = (*_TOKEN, "empty-token")

ROWS: tuple[Row, ...] = (
    Row("*", "*", "proxy-authorization", _TOKEN, "token-in-proxy-authorization"),
    Row("*", "*", "proxy-authorization", ("custom",)),
    # Anthropic Messages, unified or pass-through (atlas section 1)
    Row(
        "anthropic",
        "plain",
        "authorization",
        ("token", "helper", "claude-json-helper", "custom", "oauth", "login", "empty-token"),
        "claude-json-helper-beside-key",
    ),
    Row("anthropic", "plain", "authorization", (*_TOKEN, "oauth", "login", "empty-token")),
    Row("anthropic", "plain", "x-api-key", ("custom", "key", "helper", "login-key")),
    # The gateway provider: only the token
    Row("gateway", "plain", "authorization", _TOKEN),
    # Claude on Google Cloud
    Row("google-cloud", "skip", "authorization", _TOKEN),
    Row("google-cloud", "google", "authorization", ("google",)),
    # Bedrock (sections 2 and 3)
    Row("bedrock", "skip", "authorization", (), "bedrock-authorization-lost"),
    Row("bedrock", "aws-bearer", "authorization", (), "bedrock-authorization-lost"),
    Row("bedrock", "skip", "authorization", ("aws-bearer", *_TOKEN), "skipped-bedrock-drops-empty-token"),
    Row("bedrock", "skip", "authorization", ("aws-bearer", *_TOKEN_EVEN_EMPTY)),
    Row("bedrock", "skip", "x-api-key", ("custom", "key-beside"), "skipped-bedrock-key-needs-authorization"),
    Row("bedrock", "skip", "x-api-key", ("custom", "key")),
    Row("bedrock", "aws-bearer", "authorization", ("aws-bearer",)),
    Row("bedrock", "aws-keys", "authorization", ("sigv4",), "sigv4-beats-token"),
    Row("bedrock", "aws-keys", "authorization", (*_TOKEN_EVEN_EMPTY, "sigv4")),
    Row("bedrock", "*", "x-api-key", ("custom",), "signed-bedrock-drops-key"),
    Row("bedrock", "*", "x-api-key", ("custom", "key")),
    # Vertex (sections 2 and 3)
    Row("vertex", "skip", "authorization", _TOKEN_EVEN_EMPTY),
    Row("vertex", "skip", "x-api-key", ("custom", "key"), "vertex-sends-key"),
    Row("vertex", "google", "authorization", ("google",)),
    Row("vertex", "google", "x-api-key", ("custom",), "google-token-drops-key"),
    Row("vertex", "google", "x-api-key", ("custom", "key"), "vertex-sends-key"),
    # Foundry (sections 2 and 3)
    Row("foundry", "foundry-token", "authorization", ("foundry-token",)),
    Row("foundry", "foundry-key", "authorization", (), "foundry-key-drops-token"),
    Row("foundry", "foundry-key", "authorization", _TOKEN),
    Row("foundry", "foundry-key", "x-api-key", ("custom", "foundry-key")),
    Row("foundry", "skip", "authorization", (*_TOKEN, "placeholder")),
    Row("foundry", "azure", "authorization", ("azure",)),
    # Mantle and Claude Platform on AWS (section 11)
    Row("mantle", "skip", "authorization", (*_TOKEN, "aws-bearer"), "mantle-bearer"),
    Row("mantle", "skip", "authorization", _TOKEN),
    Row("mantle", "skip", "x-api-key", ("custom", "authorization"), "mantle-token-twice"),
    Row("mantle", "aws-bearer", "authorization", ("aws-bearer",), "mantle-bearer"),
    Row("mantle", "aws-bearer", "authorization", (), "mantle-bearer-alone"),
    Row("mantle", "aws-bearer", "authorization", ("token",), "aws-platforms-settled"),
    Row("mantle", "aws-bearer", "authorization", _TOKEN),
    Row("mantle", "aws-bearer", "x-api-key", ("custom",), "mantle-bearer"),
    Row("mantle", "aws-bearer", "x-api-key", ("custom", "aws-bearer")),
    Row("mantle", "aws-keys", "authorization", ("sigv4",), "aws-platforms-settled"),
    Row("mantle", "aws-keys", "authorization", (*_TOKEN, "sigv4")),
    Row("anthropic-aws", "skip", "authorization", _TOKEN),
    Row("anthropic-aws", "skip", "x-api-key", ("custom", "authorization"), "aws-platforms-settled"),
    Row("anthropic-aws", "aws-api-key", "authorization", (), "aws-platforms-settled"),
    Row("anthropic-aws", "aws-api-key", "authorization", _TOKEN),
    Row("anthropic-aws", "aws-api-key", "x-api-key", ("custom", "aws-api-key")),
    Row("anthropic-aws", "empty-aws-api-key", "authorization", _TOKEN),
    Row("anthropic-aws", "empty-aws-api-key", "x-api-key", ("custom", "empty-aws-api-key")),
    Row("anthropic-aws", "aws-keys", "authorization", ("sigv4",), "aws-platforms-settled"),
    Row("anthropic-aws", "aws-keys", "authorization", (*_TOKEN, "sigv4")),
    Row("anthropic-aws", "*", "anthropic-workspace-id", ("workspace",)),
    Row("*", "*", "*", ("custom",)),
)

_ANYWHERE = frozenset({"token", "key", "helper", "custom", "oauth", "login", "login-key", "empty-token"})


def is_possible(row: Row) -> bool:
    """Whether the evaluator knows what the row's sources are there: the cloud's own depend on the situation."""
    here = {
        source
        for item in ROWS
        if (item.provider, item.situation, item.header) == (row.provider, row.situation, row.header)
        for source in item.sources
    }
    return set(row.sources) <= _ANYWHERE | VARIABLES.keys() | here


def rows() -> tuple[Row, ...]:
    """The rows that count, in the order in which they are asked."""
    return InForce.rows.headers + ROWS


VARIABLES: dict[str, str] = {
    "token": "ANTHROPIC_AUTH_TOKEN",
    "key": "ANTHROPIC_API_KEY",
    "oauth": "CLAUDE_CODE_OAUTH_TOKEN",
    "aws-bearer": "AWS_BEARER_TOKEN_BEDROCK",
    "foundry-key": "ANTHROPIC_FOUNDRY_API_KEY",
    "foundry-token": "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    "aws-api-key": "ANTHROPIC_AWS_API_KEY",
    "workspace": "ANTHROPIC_AWS_WORKSPACE_ID",
}
"""Source -> the variable that holds it."""

PROTOCOL_HEADERS = frozenset({"anthropic-beta", "content-length", "content-type", "transfer-encoding", "__proto__"})
"""Names that a custom line does not set; the last one is special in JavaScript objects (measured, 2.1.332)."""

CONNECTION_HEADERS = frozenset({"content-length", "expect", "keep-alive", "transfer-encoding", "upgrade"})
"""Custom lines with which Node's HTTP client sends nothing (fact ``connection-lines-refused``)."""

CLIENTS_SPELLINGS: dict[str, str] = {
    "user-agent": "User-Agent",
    "x-app": "x-app",
    "x-claude-code-session-id": "X-Claude-Code-Session-Id",
}
"""Header of the client's own -> the one spelling with which a custom line replaces it (measured, 2.1.332)."""

OWN_HEADERS = PROTOCOL_HEADERS | set(CLIENTS_SPELLINGS)
"""Names that the client sends whatever a custom line says."""

FIRST_PARTY = frozenset({"anthropic", "gateway"})
"""Providers that speak to ANTHROPIC_BASE_URL with the credentials of Anthropic's own API."""

CUSTOM_ENDPOINT = "customEndpoint"
"""The name in ``allowedProviders`` of every base URL that is not the provider's own."""

FORCING = frozenset({"claudeai", "console", "gateway"})
"""What ``forceLoginMethod`` can say; anything else is ignored."""
