"""Every situation that `cgw doctor` knows: which probe fails, what it means, and what to type next.

Data only. The probes are in the order in which they run, from the network to the cloud: if a later probe fails, the
earlier ones have passed. Braces are filled in from the profile and the request (see ``diagnosis.About``). Failures
while a key is fetched are in ``core.failures``.
"""

from __future__ import annotations

from claude_gw_cli.core.situations import cloud, key, way
from claude_gw_cli.core.situations.row import KEY_FINE, Situation

__all__ = ["KEY_FINE", "PROBES", "SITUATIONS", "Situation"]

PROBES = (
    "dns",
    "proxy",
    "tcp",
    "tls",
    "gateway.alive",
    "redirect",
    "gateway.route",
    "gateway.key",
    "gateway.model",
    "gateway.upstream",
    "gateway.body",
    "gateway.stream",
)

SITUATIONS: dict[str, Situation] = {**way.SITUATIONS, **key.SITUATIONS, **cloud.SITUATIONS}
