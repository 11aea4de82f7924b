"""The proof: `cgw doctor` on the start of the plain client; a key that the gateway refuses can be typed again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli import secret, settings
from claude_gw_cli.cli.wizard import asking
from claude_gw_cli.cli.wizard.terminal import read_by_key, say
from claude_gw_cli.core import reference
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK
from claude_gw_cli.helper.installed import installed
from claude_gw_cli.record import replace
from claude_gw_cli.world import config

if TYPE_CHECKING:
    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.walk import Draft
    from claude_gw_cli.core.model import SettingsScope
    from claude_gw_cli.core.secret import Secret

_KEY_PROBE = "gateway.key"
_REFUSED = "The gateway did not accept the key. What now?"


def prove(draft: Draft, asker: Asker, scope: SettingsScope) -> int:
    """Examine what was applied until it works or the person has enough. Returns the exit code."""
    from claude_gw_cli.cli import doctor

    profile = draft.profile
    while True:
        verdicts = [(row, row.verdict) for row in doctor.examined(profile.name) if row.verdict is not None]
        failed = next(((row, verdict) for row, verdict in verdicts if verdict.status == "fail"), None)
        if failed is None:
            break
        row, verdict = failed
        is_wrong_key = row.id == _KEY_PROBE and draft.key is not None and "cgw secret" in verdict.help
        key = _another_key(asker, verdict.cause) if is_wrong_key else None
        if key is None:
            advice = f"cgw secret set {profile.secret}" if is_wrong_key else verdict.help.partition("\n")[0]
            end(f"The set-up is in place, but “{row.title}” failed: {verdict.cause}", advice or "cgw doctor")
            return EXIT_FINDINGS
        draft = replace(draft, key=key)
        _use(draft, key, scope)
    client = next((verdict for row, verdict in verdicts if row.id == "client" and verdict.status != "ok"), None)
    if client is not None:
        return end(f"The set-up works with {profile.gateway_url}. {client.cause}", client.help)
    return end(f"claude now uses {profile.gateway_url}, with profile {profile.name}.", "claude")


def end(sentence: str, command: str) -> int:
    """One sentence and one command; returns the exit code of success."""
    say("")
    say(sentence, "1")
    say(f"Next: {command}", "36")
    return EXIT_OK


def _another_key(asker: Asker, cause: str) -> Secret | None:
    """The key, typed again; ``None`` where the person does not want to."""
    options = (asking.Option("yes", "Type it again"), asking.Option("no", "Leave it", "the set-up stays as it is"))
    say("")
    with read_by_key():
        while True:
            try:
                if asking.choose_only(asker, _REFUSED, options, "yes", cause) == "no":
                    return None
                return asking.secret(
                    asker, "The gateway's key", "It is not shown, and replaces the one that was stored."
                )
            except asking.Back:
                continue


def _use(draft: Draft, key: Secret, scope: SettingsScope) -> None:
    """Store a key in place of the one before, everywhere that one went."""
    profile = draft.profile
    secret.store(reference.parse(profile.secret or ""), key)
    if draft.write_secret:
        settings.apply(scope=scope, profile=profile.name, write_secret=True, force=True)
    fetch_again(profile.name)


def fetch_again(profile: str) -> None:
    """Let the profile's helper fetch its key, so that it does not give out one that it kept from before."""
    file = os.path.realpath(config.profile_path(profile, os.environ))
    for helper in installed(os.environ):
        if helper.profile == file:
            from claude_gw_cli.helper.runtime import refresh

            refresh(helper.name, os.environ)
