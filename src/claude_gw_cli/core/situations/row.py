"""What a row about a situation holds, and the words that several rows share."""

from __future__ import annotations

from claude_gw_cli.record import dataclass


@dataclass(frozen=True, slots=True)
class Situation:
    """One row: the probe that fails, what is wrong, and what to do."""

    probe: str
    cause: str
    help: str


KEY_FINE = "Your key is fine. "
"""How a cause begins that only a key that was accepted can have."""
NEW_URL = "correct the URL: cgw profile set {profile} --gateway-url URL"
OTHER_URL = "cgw profile set {profile} --gateway-url {other_url}"
NEW_KEY = "ask for a new key, store it, then try it: cgw secret test {reference}"
HEADER = (
    "use the same header on both sides, such as: cgw profile set {profile} --key-header {try_header}\n"
    "or let the gateway read this header: {snippet}"
)
CA = "export NODE_EXTRA_CA_CERTS=/path/to/ca.pem (permanently: [env] of the profile), then: cgw doctor"
BYPASS = "or bypass the proxy: export NO_PROXY={host}"
ADMIN = "tell the gateway's administrator, and pass on the evidence"
