"""What is still to do after a profile was written from options, and the two steps that a terminal is offered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.key_here import say_key_that_is_missing
from claude_gw_cli.cli.key_store import file_place, is_keyring, key_place, keyring_works, told
from claude_gw_cli.cli.out import info, report_error
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.model import DEFAULT_GATEWAY_URL
from claude_gw_cli.core.plan import can_use_helper, unused
from claude_gw_cli.core.refusal_steps import next_step
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.world.detect import cloud_logins
from claude_gw_cli.world.paths import key_file

if TYPE_CHECKING:
    from claude_gw_cli.core.model import Plan, Profile


def say_missing(profile: Profile, plan: Plan) -> None:
    """Name the options that are not used or still to be filled in, and the command that does that."""
    words = {
        "--secret": "where the gateway key is: a reference",
        "--project-id": "the Google Cloud project",
        "--workspace-id": "the workspace of Claude Platform on AWS",
    }
    if profile.gateway_url == DEFAULT_GATEWAY_URL:
        info(f"still to check:   --gateway-url   it is {DEFAULT_GATEWAY_URL}, LiteLLM's default address")
    for option in unused(profile):
        info(f"not used:         {option}   nothing is set for it with provider {profile.provider}")
    for option in plan.missing:
        info(f"still to fill in: {option}   {words.get(option, '')}".rstrip())
    if plan.missing:
        place = key_place(profile.name)
        if "--secret" in plan.missing:
            info(f"store the key:    cgw secret set {place}")
        options = " ".join(f"{option} {place if option == '--secret' else '…'}" for option in plan.missing)
        info(f"then run:         cgw init {profile.name} --provider {profile.provider} {options} --yes")


def say_next(profile: Profile, plan: Plan, *, stored: bool = False) -> None:
    """Name every way to use a complete profile; ``stored``: its key is in its place already."""
    if plan.missing:
        return
    if _is_to_be_stored(profile.secret) and not stored:
        is_lost = is_keyring(profile.secret) and not keyring_works()
        place = file_place(profile.name) if is_lost else profile.secret
        info(f"store the key:    cgw secret set {place}")
        if is_lost:
            info(f"    and name it:  cgw profile set {profile.name} --secret {place}")
    else:
        say_key_that_is_missing(profile)
    if is_keyring(profile.front_auth):
        info(f"USER:PASSWORD:    cgw secret set {profile.front_auth}")
    provider = BY_NAME.get(profile.provider)
    if provider and profile.credentials == "client" and (command := next_step(provider.refusal, profile.name)):
        if provider.login in cloud_logins(os.environ):
            command = "is on this machine already"
        info(f"the cloud's login: {command}    (once; the client uses it itself)")
    if profile.auth == "helper":
        info(f"use it always:    cgw settings apply --scope user --profile {profile.name}")
    resolve = " --resolve" if profile.auth == "helper" else ""
    info(
        f'use it here:      eval "$(cgw env --profile {profile.name}{resolve})"\n'
        f"                  or: cgw run --profile {profile.name} -- claude"
    )
    if profile.auth == "static" and can_use_helper(profile):
        # Settings without the key would leave the client logged out: a static key is only written on request.
        info(f"use it always:    cgw init {profile.name} --auth helper --scope user --yes")
        info("                  (Claude Code then gets the key from a helper; settings.json does not contain it)")
    elif profile.auth != "helper":
        info(f"use it always:    cgw settings apply --scope user --profile {profile.name} --write-secret")
        info("                  (writes the key into your settings.json; without it the key must be exported)")
    info(f"see what it does: cgw explain --profile {profile.name}")


def offer_store(profile: Profile) -> bool:
    """On a terminal: offer to put the key into its place now, because nothing works without it."""
    if profile.secret is None or not _is_to_be_stored(profile.secret):
        return False
    from claude_gw_cli.cli.typed import confirm

    if not confirm(f"Store the key in {told(profile.secret)} now?", default=True):
        return False
    from claude_gw_cli.cli import secret

    try:
        return secret.set_key(ref=profile.secret) == 0
    except CgwError as error:
        report_error(error)
        return False


def _is_to_be_stored(secret: str | None) -> bool:
    """Whether the key's place is one of cgw's in which there may be none."""
    file = key_file(secret, os.environ) if secret else ""
    return is_keyring(secret) or (bool(file) and not os.path.exists(file))


def offer_doctor(profile: Profile) -> None:
    """On a terminal: offer to check the live set-up."""
    from claude_gw_cli.cli.typed import confirm

    if confirm("Check the live set-up now (cgw doctor)?", default=True):
        from claude_gw_cli.cli import doctor

        doctor.doctor(profile=profile.name)
