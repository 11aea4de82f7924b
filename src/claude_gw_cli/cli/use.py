"""The profile that a command is for: loaded, permitted and announced. Commands that act for a profile start here."""

from __future__ import annotations

import os

from claude_gw_cli.cli.key_store import completing
from claude_gw_cli.cli.out import info
from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import chosen, config
from claude_gw_cli.world.paths import working_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.grant import Grant
    from claude_gw_cli.core.model import Plan, Profile

_WORDS = {
    "trusted": "a repository's profile that you trust",
    "allowed": "a repository's profile, trusted for this call",
}


def use_profile(name: str | None) -> tuple[config.LoadedProfile, Grant]:
    """The selected profile and the permission to act for it; a repository's is announced on stderr.

    Raises:
        RefusedError: a repository's profile that is not trusted; nothing was done (exit 77).
        UsageError: no profile, or an invalid one.
    """
    loaded = config.load(name, os.environ, working_dir())
    grant = loaded.grant()
    if line := announcement(loaded, os.environ):
        info(line)
    return loaded, grant


def read_profile(name: str | None) -> config.LoadedProfile:
    """The selected profile as data: nothing may be done for it. A repository's is announced on stderr."""
    loaded = config.load(name, os.environ, working_dir())
    if line := announcement(loaded, os.environ):
        info(line)
    return loaded


def own_profiles() -> Iterator[Profile]:
    """The profiles of the user's own that can be read."""
    try:
        known = config.list_profiles(os.environ)
    except CgwError:
        return
    for item in known:
        try:
            profile = config.read(item, os.environ).profile
        except CgwError:
            continue
        yield profile


def announcement(loaded: config.LoadedProfile, env: Mapping[str, str]) -> str:
    """Which repository's profile is used, and that it is used instead of the chosen one; empty for a user's own."""
    if loaded.trust == "own":
        return ""
    file = loaded.file
    words = _WORDS.get(loaded.trust, "a repository's profile that is not trusted: read as data only")
    line = f"cgw: using {file.path} (gateway {masked_keys(loaded.profile.gateway_url)}), {words}"
    other = chosen.name(env) if file.origin == "repository" else None
    return f"{line}\n  It is used instead of {other}, which you chose with cgw profile use." if other else line


def check_complete(plan: Plan, *, key_needed: bool) -> None:
    """Refuse a profile that is not complete.

    Args:
        plan: the profile's plan.
        key_needed: whether what is about to happen needs to know where the key is.

    Raises:
        UsageError: names the missing options.
    """
    missing = [item for item in plan.missing if item != "--secret" or key_needed]
    if missing:
        name = plan.profile.name
        raise UsageError(
            f"profile {name!r} is not complete: {', '.join(missing)} is missing",
            hint=f"Fill it in: {completing(name, missing)}",
        )
