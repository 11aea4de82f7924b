"""``cgw switch``: chooses a profile and applies it, together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli import profile, settings
from claude_gw_cli.cli.out import info
from claude_gw_cli.cli.settings_change import gather
from claude_gw_cli.cli.typed import declined
from claude_gw_cli.core.errors import EXIT_OK
from claude_gw_cli.core.jsontext import parse, pointer_text
from claude_gw_cli.core.masking import masked_value
from claude_gw_cli.core.words import counted
from claude_gw_cli.world import paths
from claude_gw_cli.world import settings as files

if TYPE_CHECKING:
    from claude_gw_cli.core.model import SettingsScope


def switch(
    *,
    name: str,
    scope: SettingsScope = "user",
    write_secret: bool = False,
    force: bool = False,
    yes: bool = False,
) -> int:
    """Show what the profile changes in the settings, ask on a terminal, apply it, and choose it."""
    target = settings.Target(scope)
    place = target.place()
    wanted = gather(name, place, write_secret=write_secret, applying=False)
    outcome = files.preview(place, wanted.patch, paths.state_dir(os.environ))
    if outcome.merged.conflicts and not force:
        info("Nothing was changed.")
        return settings.say_conflicts(place, outcome)
    for line in _changes(outcome):
        info(line)
    if outcome.merged.changes and declined(f"Change {place.path}?", yes=yes, default=True):
        return EXIT_OK
    code = settings.apply(scope=scope, profile=name, write_secret=write_secret, force=force)
    if code == EXIT_OK:
        profile.use(name=name)
        _say_what_overrides(target, wanted.profile.name)
    return code


def _changes(outcome: files.Outcome) -> list[str]:
    """The values that differ, one a line and masked; those that are only cleared as a number."""
    before, after = parse(outcome.before or "{}"), parse(outcome.after or "{}")
    lines, cleared = [], 0
    for change in outcome.merged.changes:
        old, new = before.get(change.pointer), after.get(change.pointer)
        if not old and not new:
            cleared += 1
            continue
        name = change.pointer[-1]
        lines.append(f"  {pointer_text(change.pointer)}: {_shown(name, old)} -> {_shown(name, new)}")
    if cleared:
        lines.append(f"  {counted(cleared, 'variable')} cleared that would conflict")
    return lines


def _shown(name: str, value: object) -> str:
    if value is None or value == "":
        return "not set" if value is None else "cleared"
    return masked_value(name, value) if isinstance(value, str) else str(value)


def _say_what_overrides(target: settings.Target, name: str) -> None:
    """A more specific file here that still has another profile wins over what was applied."""
    mine = target.place().target
    for other in settings.everywhere():
        place = other.place()
        if place.target == mine or place.scope == "managed":
            continue
        state = files.status(place, paths.state_dir(os.environ))
        if state and state.profile != name and any(kind != "left" for _, kind in state.members):
            info(f"cgw: warning: {place.path} has the profile {state.profile}, which wins in this directory")
            info(f"  switch there too: cgw switch {name} {other.options}")
            info(f"  or undo it:       cgw settings undo {other.options}")
