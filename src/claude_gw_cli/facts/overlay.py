"""Rows that count before the packaged ones: those of a signed bundle, and those learned on this machine.

``world.facts`` reads them and hands them to ``versions.use``. Without any, only the packaged
tables count.
"""

from __future__ import annotations

from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.facts.headers import Row
    from claude_gw_cli.facts.models import Model, Rows
    from claude_gw_cli.facts.versions import Fact


@dataclass(frozen=True, slots=True)
class Overlay:
    """Rows by table; an empty table changes nothing."""

    newest: str = ""
    """The newest release that they cover; empty where they only add to what is known."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """By id: each takes the place of the packaged row, or is new and named by a row of ``headers``."""
    headers: tuple[Row, ...] = ()
    """Asked before the packaged rows."""
    catalog: tuple[Model, ...] = ()
    """Takes the place of the whole packaged catalog: its order has a meaning."""
    means: Mapping[tuple[str, str], Rows] = field(default_factory=dict)
    defaults: Mapping[str, Rows] = field(default_factory=dict)
    learned: tuple[str, ...] = ()
    """The releases that were measured on this machine."""


def merged(below: Overlay, above: Overlay) -> Overlay:
    """Both; ``above`` wins row by row."""
    return Overlay(
        above.newest or below.newest,
        {**below.facts, **above.facts},
        above.headers + below.headers,
        above.catalog or below.catalog,
        {**below.means, **above.means},
        {**below.defaults, **above.defaults},
        below.learned + above.learned,
    )


class InForce:
    """The rows that count in this process."""

    rows = Overlay()
