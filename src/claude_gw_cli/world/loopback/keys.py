"""Does a request carry the gateway's key where the gateway looks for it? If not: what LiteLLM answers.

Refusals as measured on LiteLLM 1.106 without a database (reference: litellm, section 2). One thing is stricter:
only the configured header counts, so that an answer proves that the key travelled in that header.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from claude_gw_cli.core.model import KeyFormat
from claude_gw_cli.facts.gateways import LITELLM
from claude_gw_cli.facts.modes import BARE_HEADERS
from claude_gw_cli.record import dataclass

# Any other header has to be configured there.
_BUILT_IN = frozenset(item.name for item in LITELLM.key_headers)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is turned away: the HTTP status and LiteLLM's error object."""

    status: int
    message: str
    type: str
    param: str | None

    @property
    def body(self) -> dict[str, object]:
        """The JSON body."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": str(self.status)}}


NO_KEY = Refusal(401, "Authentication Error, No api key passed in.", "auth_error", "None")
UNKNOWN_KEY = Refusal(400, "No connected db.", "no_db_connection", None)
MALFORMED = Refusal(
    401,
    "Authentication Error, Malformed API Key passed in. Ensure Key has `Bearer ` prefix.",
    "auth_error",
    "None",
)


def check_key(
    headers: Sequence[tuple[str, str]], keys: Collection[str], header: str, key_format: KeyFormat | None = None
) -> Refusal | None:
    """``None`` when ``header`` carries one of ``keys``, else the refusal.

    Args:
        headers: as sent, in order.
        keys: the keys that are accepted now.
        header: the header's name, any letter case.
        key_format: ``Bearer KEY`` or the bare key; by default what the header's convention is.
    """
    name = header.lower()
    sent = [value for sent_name, value in headers if sent_name.lower() == name]
    if (key_format or ("bare" if name in BARE_HEADERS else "bearer")) == "bearer":
        found = [value[7:] for value in sent if value.lower().startswith("bearer ")]
    else:
        found = sent
    if any(value.strip() in keys for value in found):
        return None
    if name not in _BUILT_IN:
        return MALFORMED
    return UNKNOWN_KEY if any(value.strip() for value in found) else NO_KEY
