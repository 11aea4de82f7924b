"""Which findings of `cgw check` are the cause where a probe of `cgw doctor` fails, whatever that probe says."""

from __future__ import annotations

from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claude_gw_cli.core.model import Finding

_KEY = ("helper", "start", "gateway.key")
_WAY = ("proxy", "dns", "tcp", "tls", "gateway.alive", "redirect", "gateway.route")

_ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The key that is sent, or none: two of them, a damaged one, one of another kind.
    ("101 102 103 105 106 107 108 111 112 113 114 115 116 117 118 120 121 127 128 130 131 133 134 135", _KEY),
    ("137 138 139 140 143 144 145 147 205 206 207 213 401 402 403 405 411 532 601 607", _KEY),
    # Where the requests go, or that the client does not start.
    ("104 119 150 201 202 203 219 220 311 312 313 504 508 509 510 511 513 517 611", ("start",)),
    ("118 125 207 309 310 501 502 503 506 507 512", (*_WAY, "start", "gateway.key")),
    # The way there.
    ("303 304 308", (*_WAY, "start")),
    ("305 314", ("tls", "start")),
    ("533", ("gateway.model",)),
)


WITHOUT_KEY = frozenset({"CGW119", "CGW137"})
"""Findings that a start sends no key. `cgw run` gives one."""


SEVERAL_KEYS = frozenset({"CGW101", "CGW102", "CGW103", "CGW130", "CGW131"})
"""Findings that several keys are set, of which one wins."""


def cause_of(probe: str, findings: Iterable[Finding]) -> Finding | None:
    """The first of the findings that is the cause if this probe fails."""
    codes = {f"CGW{code}" for row, probes in _ROWS if probe in probes for code in row.split()}
    return next((finding for finding in findings if finding.code in codes), None)
