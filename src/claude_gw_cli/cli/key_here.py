"""What a profile's key still needs on this machine before the client can get it: told when cgw writes something."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli import vault_here
from claude_gw_cli.cli.key_store import file_place, is_keyring, keyring_may_work
from claude_gw_cli.cli.out import info
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.reference import quoted
from claude_gw_cli.core.secret import checked
from claude_gw_cli.secrets.file import read_key_file
from claude_gw_cli.world.paths import key_file

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Profile


def say_what_it_needs(profile: Profile, helper: str = "") -> None:
    """Name what is not here yet, and the command for it; no process is started and no server is asked.

    Args:
        profile: one that may be used.
        helper: the name of its helper that was just written; empty: none was.
    """
    vault_here.say_what_it_needs(profile, helper)
    say_key_that_is_missing(profile)


def say_key_that_is_missing(profile: Profile) -> None:
    """Name a key that a look at files and variables of this machine does not find, or that cannot be used."""
    problem, steps = "", ""
    if is_keyring(profile.secret) and not keyring_may_work(os.environ):
        place = file_place(profile.name)
        problem = "no keyring works here; a private file does"
        steps = f"cgw secret set {place} && cgw profile set {profile.name} --secret {place}"
    elif profile.secret and (file := key_file(profile.secret, os.environ)):
        try:
            checked(read_key_file(file), profile.secret)
        except CgwError as error:
            problem, steps = error.message, error.hint
            if isinstance(error, UsageError):
                steps += f"\nStore it again: cgw secret set {quoted(profile.secret)}"
    elif profile.secret and profile.secret.startswith("env://"):
        name = profile.secret.removeprefix("env://").partition("#")[0]
        if name not in os.environ:
            problem = f"the variable {name} is not set in this shell"
            steps = f"It has to be set wherever Claude Code starts: read -rs {name} && export {name}"
    if problem:
        info(f"cgw: warning: Claude Code gets no key yet: {problem}")
        for line in steps.splitlines():
            info(f"  {line}")
