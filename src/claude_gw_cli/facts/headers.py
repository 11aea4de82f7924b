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
from claude_gw_cli.tables import rows as rows_of


@dataclass(frozen=True, slots=True)
class Row:
    """The sources that may fill one header in one situation, strongest first. ``*`` is any situation."""

    provider: str
    situation: str
    header: str
    sources: tuple[str, ...]
    fact: str | None = None


def _row(text: str) -> Row:
    head, _, sources = text.partition(":")
    provider, situation, header, *fact = head.split(" ")
    return Row(provider, situation, header, tuple(sources.split()), *fact)


ROWS: tuple[Row, ...] = tuple(map(_row, rows_of("facts/headers.txt")))

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
