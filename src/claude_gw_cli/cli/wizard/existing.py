"""A set-up that is here already: taken over as a profile, if the person wants it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.adopt import current
from claude_gw_cli.cli.wizard.asking import Option
from claude_gw_cli.cli.wizard.terminal import say
from claude_gw_cli.cli.wizard.walk import answered
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.plan import key_header
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.record import replace
from claude_gw_cli.world import config
from claude_gw_cli.world.paths import with_tilde

if TYPE_CHECKING:
    from claude_gw_cli.cli.adopt import Current
    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.look import Look
    from claude_gw_cli.cli.wizard.walk import Draft

_DECIDED = frozenset(
    ("gateway_url", "provider", "credentials", "key_header", "project_id", "region", "workspace_id", "base_path")
)


def existing(draft: Draft, asker: Asker, found: Look) -> Draft | None:
    """Change the profile that is applied here, take over what is here, or make something new."""
    if not found.address or draft.given & {"gateway_url", "provider"}:
        return None
    if found.applied in found.profiles:
        return None if "name" in draft.given else _changed(draft, asker, found)
    try:
        here = current(None, None)
    except CgwError as error:
        say(f"The set-up that is here cannot be taken over: {masked_text(error.message)}.")
        return None
    options = (
        Option("take", "Take it over", "as a profile that cgw can check, switch and undo"),
        Option("new", "Another gateway", "answer the questions for it"),
    )
    why = f"Claude Code is set up for {masked_text(found.address)} by {found.address_place}."
    if asker.choose("What shall cgw do with the set-up that is here?", options, "take", why) == "new":
        answered("Set-up", "another gateway")
        return draft
    answered("Set-up", f"taken over, {masked_text(found.address)}")
    profile = replace(here.profile, name=draft.profile.name or here.profile.name)
    given = draft.given | _DECIDED
    if profile.auth == "helper" and profile.secret:
        return replace(draft, profile=profile, given=given | {"auth", "secret"})
    key = _literal_key(here)
    profile = replace(profile, secret=None)
    where = with_tilde(here.literal.place, os.environ) if here.literal else ""
    return replace(draft, profile=profile, given=given, key=key or draft.key, key_from=where)


def _literal_key(here: Current) -> Secret | None:
    """The key that is written out in the settings; it goes into a store, and the settings lose it."""
    found = here.start.prediction.headers.get(key_header(here.profile)) if here.literal else None
    if found is None or not found.present or found.value is None:
        return None
    return Secret(found.value.reveal().removeprefix("Bearer ").strip())


def _changed(draft: Draft, asker: Asker, found: Look) -> Draft:
    """The profile that cgw has applied here, with its own values as proposals; or another one."""
    options = (
        Option("change", "Change it", "its values are proposed"),
        Option("new", "Another profile", "answer the questions for it"),
    )
    why = f"It sends Claude Code to {masked_text(found.address)}. To change to another profile: cgw switch NAME"
    if asker.choose(f"The profile {found.applied} is applied here. What now?", options, "change", why) == "new":
        answered("Profile", "another one")
        return draft
    answered("Profile", found.applied)
    path = config.profile_path(found.applied, os.environ)
    profile = config.read(config.ProfileFile(found.applied, path, "option"), os.environ).profile
    return replace(draft, profile=profile, given=draft.given | {"name"}, changes=True)
