"""Every situation that `cgw doctor` knows: which probe fails, what it means, and what to type next.

The texts are in situations.toml. The probes are in the order in which they run, from the network to the cloud: if a
later probe fails, the earlier ones have passed. Braces are filled in from the profile and the request (see
``diagnosis.About``). Failures while a key is fetched are in ``core.failures``.
"""

from __future__ import annotations

import re

from claude_gw_cli.core.failures import failures
from claude_gw_cli.facts import packaged
from claude_gw_cli.record import dataclass

PROBES = (
    *("dns", "proxy", "tcp", "tls", "gateway.alive", "redirect", "gateway.route", "gateway.key", "gateway.model"),
    *("gateway.upstream", "gateway.body", "gateway.stream"),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """One row: the probe that fails, what is wrong, and what to do, with a profile and (``plain``) without one."""

    probe: str
    cause: str
    help: str
    plain: str


_ROWS = packaged("core/situations.toml")
_SHARED = {**_ROWS.pop("shared"), "untrusted": failures()["CGW466"].what}
_STEPS = (_SHARED | _ROWS.pop("profile"), _SHARED | _ROWS.pop("plain"))
KEY_FINE: str = _SHARED["key_fine"]
"""How a cause begins that only a key that was accepted can have."""


def step(name: str, *, plain: bool) -> str:
    """A text of the table by its name, as it is with a profile or without one; its braces are not filled in."""
    return str(_STEPS[plain][name])


def _whole(text: str, *, plain: bool = False) -> str:
    return re.sub(r"<(\w+)>", lambda found: step(found[1], plain=plain), text)


SITUATIONS: dict[str, Situation] = {
    name: Situation(row["probe"], _whole(row["cause"]), _whole(row["help"]), _whole(row["help"], plain=True))
    for name, row in _ROWS.items()
}
