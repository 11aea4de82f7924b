"""What a start of the real client sent, as a recorder saw it: the format of the recordings in tests/atlas."""

from __future__ import annotations

from collections.abc import Mapping

from claude_gw_cli.hints import MappingProxyType
from claude_gw_cli.record import dataclass, field

CREDENTIAL_HEADERS = ("authorization", "proxy-authorization", "x-api-key")

# What clients add by themselves, lower case; all that begin so where it ends with a dash (measured: all of them,
# 1.0.35 .. 2.1.330, every provider).
_OWN_BEGINNINGS = ("x-stainless-", "x-claude-code-", "x-claude-1p-", "x-amz-", "sec-fetch-", "amz-sdk-")
_OWN_NAMES = frozenset(
    {"accept", "accept-encoding", "accept-language", "anthropic-beta", "anthropic-dangerous-direct-browser-access",
     "anthropic-version", "connection", "content-length", "content-type", "host", "proxy-connection",
     "transfer-encoding", "x-app", "x-client-request-id", "x-goog-api-client"}
)  # fmt: skip
_OWN_AGENTS = ("claude-cli/",)


@dataclass(frozen=True, slots=True)
class Observation:
    """The first request that carried the prompt, or what the client said instead."""

    requests: int
    """How many requests asked a model to answer the prompt; 0 when the client refused."""
    url: str | None = None
    """The request target: path and query."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Every header by lower-case name; one that came twice is joined with a comma."""
    model: str | None = None
    """From the body; ``None`` where the path names it."""
    exit: int | None = None
    says: str = ""
    """The client's first line of output that is not a notice, if there was no request."""

    @property
    def others(self) -> Mapping[str, str]:
        """The headers that the client does not add by itself, credentials aside."""
        return MappingProxyType(
            {
                name: value
                for name, value in self.headers.items()
                if name not in CREDENTIAL_HEADERS
                and name not in _OWN_NAMES
                and not name.startswith(_OWN_BEGINNINGS)
                and not (name == "user-agent" and value.startswith(_OWN_AGENTS))
            }
        )
