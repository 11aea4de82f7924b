"""Every situation that `cgw doctor` knows: which probe fails, what it means, and what to type next.

The texts are in situations.toml. The probes are in the order in which they run, from the network to the cloud: if a
later probe fails, the earlier ones have passed. Braces are filled in from the profile and the request (see
``diagnosis.About``). Failures while a key is fetched are in ``core.failures``. Read when it is asked for.
"""

from __future__ import annotations

import re

from claude_gw_cli.core.failures import failures
from claude_gw_cli.facts import packaged
from claude_gw_cli.hints import Any
from claude_gw_cli.record import dataclass, lru_cache

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


@lru_cache(maxsize=1)
def _texts() -> tuple[dict[str, Any], tuple[dict[str, Any], dict[str, Any]]]:
    """The situations' rows, and the texts that they share: with a profile, and without one."""
    rows = packaged("core/situations.toml")
    shared = {**rows.pop("shared"), "untrusted": failures()["CGW466"].what}
    return rows, (shared | rows.pop("profile"), shared | rows.pop("plain"))


def step(name: str, *, plain: bool) -> str:
    """A text of the table by its name, as it is with a profile or without one; its braces are not filled in."""
    return str(_texts()[1][plain][name])


def key_fine() -> str:
    """How a cause begins that only a key that was accepted can have."""
    return step("key_fine", plain=False)


def _whole(text: str, *, plain: bool = False) -> str:
    return re.sub(r"<(\w+)>", lambda found: step(found[1], plain=plain), text)


@lru_cache(maxsize=1)
def situations() -> dict[str, Situation]:
    """Every situation by its name."""
    return {
        name: Situation(row["probe"], _whole(row["cause"]), _whole(row["help"]), _whole(row["help"], plain=True))
        for name, row in _texts()[0].items()
    }
