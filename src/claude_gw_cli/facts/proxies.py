"""Which proxy the client takes: its variables, and what reads NO_PROXY in which releases.

Measured with tests/atlas/proxies.py: every row there is a start of the real client in a separate network.
"""

from __future__ import annotations

from claude_gw_cli.facts.transport import ALL_PROXY, NO_PROXY, PROXIES
from claude_gw_cli.facts.versions import Span
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

MEASURED = "recordings in tests/atlas/proxies.jsonl"

NETWORK = frozenset(
    {
        *PROXIES,
        *ALL_PROXY,
        *NO_PROXY,
        "NODE_EXTRA_CA_CERTS",
        "SSL_CERT_FILE",
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "CLAUDE_CODE_CLIENT_CERT",
        "CLAUDE_CODE_CLIENT_KEY",
        "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    }
)
"""The variables that decide how a client reaches a host."""
SOCKET = "ANTHROPIC_UNIX_SOCKET"
"""A socket to which the client sends its first-party requests instead of a host."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads NO_PROXY in the client of some releases."""

    id: Literal["undici", "bun", "bun-ranges"]
    """How it compares: as undici (Node's HTTP client) or as the Bun runtime, before and since it knows ranges."""
    span: Span
    order: tuple[str, ...]
    """The variables it reads; the first one that is not empty counts."""
    checks_kind_first: bool = False
    """Whether it fails with a proxy of another kind before it asks for exemptions."""
    client_reads_both: bool = False
    """Whether the client itself reads the second variable, too."""
    source: str = MEASURED


READERS: tuple[Reader, ...] = (
    Reader("undici", Span("1.0.93", "2.1.112"), ("NO_PROXY", "no_proxy"), checks_kind_first=True),
    Reader("bun", Span("2.1.113", "2.1.278"), ("no_proxy", "NO_PROXY")),
    Reader("bun-ranges", Span("2.1.280"), ("no_proxy", "NO_PROXY"), client_reads_both=True),
)
"""Since 1.0.93 there is one; before, NO_PROXY keeps no request off the proxy (fact ``no-proxy``)."""
