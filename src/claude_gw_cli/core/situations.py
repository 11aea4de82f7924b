"""Every situation that `cgw doctor` knows: which probe fails, what it means, and what to type next.

The texts are in situations.toml. The probes are in the order in which they run, from the network to the cloud: if a
later probe fails, the earlier ones have passed. Braces are filled in from the profile and the request (see
``diagnosis.About``). Failures while a key is fetched are in ``core.failures``.
"""

from __future__ import annotations

import re
import tomllib
from pkgutil import get_data

from claude_gw_cli.core.failures import FAILURES
from claude_gw_cli.record import dataclass

PROBES = (
    *("dns", "proxy", "tcp", "tls", "gateway.alive", "redirect", "gateway.route", "gateway.key", "gateway.model"),
    *("gateway.upstream", "gateway.body", "gateway.stream"),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """One row: the probe that fails, what is wrong, and what to do."""

    probe: str
    cause: str
    help: str


_ROWS = tomllib.loads((get_data("claude_gw_cli.core", "situations.toml") or b"").decode())
_SHARED = {**_ROWS.pop("shared"), "untrusted": FAILURES["CGW466"].what}
KEY_FINE: str = _SHARED["key_fine"]
"""How a cause begins that only a key that was accepted can have."""


def _whole(text: str) -> str:
    return re.sub(r"<(\w+)>", lambda found: _SHARED.get(found[1], found[0]), text)


SITUATIONS: dict[str, Situation] = {
    name: Situation(row["probe"], _whole(row["cause"]), _whole(row["help"])) for name, row in _ROWS.items()
}
