"""The options for the members of a profile, made from their table: for ``cgw init`` and ``cgw profile set``."""

from __future__ import annotations

from claude_gw_cli.cli.commands import Parameter
from claude_gw_cli.core.profile_members import MEMBERS, SECTIONS

OPTIONS = tuple(
    Parameter(
        item.keyword,
        "option",
        (item.option,),
        item.help,
        choices=item.choices,
        completes=item.completes,
        metavar=item.metavar,
        section=SECTIONS.get(item.table, ""),
    )
    for item in MEMBERS
)
