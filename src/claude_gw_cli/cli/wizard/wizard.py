"""The course of ``cgw init`` on a terminal, from the first look to the proof."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import error_line, info
from claude_gw_cli.cli.wizard import finish, key, questions
from claude_gw_cli.cli.wizard.existing import existing
from claude_gw_cli.cli.wizard.look import look
from claude_gw_cli.cli.wizard.terminal import is_plain, read_by_key, say
from claude_gw_cli.cli.wizard.walk import Draft, walk
from claude_gw_cli.core.errors import EXIT_OK
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.signals import end_in_order

if TYPE_CHECKING:
    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.look import Look
    from claude_gw_cli.core.model import Profile, SettingsScope

_STEPS = (
    existing,
    questions.address,
    questions.provider,
    questions.credentials,
    questions.project_id,
    questions.region,
    questions.workspace_id,
    questions.header,
    questions.profile_name,
    key.way,
    key.place,
)


def wizard(profile: Profile, given: frozenset[str], scope: SettingsScope | None, *, writes: bool) -> Profile | int:
    """Ask, show, write and prove.

    Args:
        profile: what is known already.
        given: its fields that are not asked for, and ``name``.
        scope: the settings to apply it to; ``None``: the user's, if the profile works from there.
        writes: false: only ask, and return the profile.

    Returns:
        The exit code, or the profile.

    Raises:
        UsageError: the settings file is not valid JSON, so nothing could be written into it.
        KeyboardInterrupt: the person stopped (Ctrl-C or Ctrl-D); a message was printed.
    """
    asked = False
    end_in_order()
    try:
        with read_by_key():
            draft, asker, target = _asked(Draft(profile, given), scope, writes=writes)
        asked = True
        return finish.carry_out(draft, asker, target) if writes else draft.profile
    except finish.NotWanted:
        info("Nothing was changed.")
        return EXIT_OK
    except (KeyboardInterrupt, EOFError):
        error_line("\nStopped." if asked else "\nStopped; nothing was changed.")
        raise KeyboardInterrupt from None


def _asked(draft: Draft, scope: SettingsScope | None, *, writes: bool) -> tuple[Draft, Asker, SettingsScope | None]:
    if writes:
        finish.check_writable(scope or "user")
    say("cgw init: Claude Code behind a gateway", "1")
    say("Looking at what is here …", "2")
    found = look(os.environ, working_dir())
    given = draft.profile.gateway_url if "gateway_url" in draft.given else ""
    for what, words in found.lines(given):
        say(words, indent=" " * 14, first=f"  {what:<12}")
    asker = _make_asker()
    target: SettingsScope | None = None

    def last(draft: Draft, asker: Asker, found: Look) -> Draft:  # noqa: ARG001
        nonlocal target
        works = draft.profile.auth == "helper" or draft.write_secret
        target = scope or ("user" if works else None)
        return finish.preview(draft, asker, target)

    return walk((*_STEPS, last) if writes else _STEPS, draft, asker, found), asker, target


def _make_asker() -> Asker:
    """The way to ask on this terminal."""
    if is_plain():
        from claude_gw_cli.cli.wizard.plain import Plain

        return Plain()
    from claude_gw_cli.cli.wizard.screen import Live

    return Live()
