"""Profile selection -> everything ``cgw env`` and ``cgw run`` need, before any secret is fetched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from claude_gw_cli.core.errors import RefusedError, UsageError
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.world import config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.model import Plan, Profile
    from claude_gw_cli.core.secret import Secret

_SECONDS = 30.0
"""How long a secret source may take for a person who waits at a prompt."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan in the plainest types: it can be kept in a file and read back without the rooms that made it."""

    profile: str
    sets: tuple[tuple[str, str, bool, str], ...]
    """(name, before, has the key in it, after)."""
    clears: tuple[str, ...]
    reference: str | None
    """Where the key is, when a variable carries it."""
    tables: Mapping[str, Mapping[str, object]]
    warnings: tuple[str, ...]

    def key(self, env: Mapping[str, str]) -> Secret | None:
        """Fetch the key, if a variable carries it."""
        if not any(item[2] for item in self.sets):
            return None
        from claude_gw_cli import secrets

        if self.reference is None:
            raise _incomplete(self.profile, ("--secret",))
        return secrets.resolve(self.reference, secrets.Context.make(env, _SECONDS, self.tables)).value


def prepare(name: str | None, env: Mapping[str, str], cwd: str, *, resolve: bool = False) -> Prepared:
    """Select, read and plan a profile.

    Args:
        name: profile name or file; ``None`` selects.
        env: the ambient environment.
        cwd: the working directory.
        resolve: put the key into a variable even where the profile uses a helper.
    """
    file = config.select(name, env, cwd)
    profile = config.read(file)
    warnings = []
    if file.origin == "repository":
        _check_repository_profile(profile, str(file.path))
        warnings.append(f"cgw: using {file.path} (gateway {profile.gateway_url})")
    plan = make_plan(replace(profile, auth="static") if resolve else profile)
    missing = tuple(item for item in plan.missing if item != "--secret" or plan.needs_secret)
    if missing:
        raise _incomplete(file.name, missing)
    warnings += _settings_warnings(plan, env, cwd)
    return Prepared(
        profile=file.name,
        sets=tuple((item.name, item.before, item.slot, item.after) for item in plan.sets),
        clears=plan.clears,
        reference=profile.secret,
        tables=profile.tables,
        warnings=tuple(warnings),
    )


def _incomplete(name: str, missing: tuple[str, ...]) -> UsageError:
    return UsageError(
        f"profile {name!r} is not complete: {', '.join(missing)} is missing",
        hint=f"Fill it in: cgw init {name} {' '.join(f'{item} …' for item in missing)}",
    )


def _check_repository_profile(profile: Profile, path: str) -> None:
    """A cloned repository must not be able to start programs: its profile may name a store, not a command."""
    from claude_gw_cli.core import reference

    if profile.secret and reference.parse(profile.secret).runs_program:
        raise RefusedError(
            f"{path} wants to run a program to get the key ({profile.secret.split(':', 1)[0]}:); "
            "a repository's profile may not do that by itself",
            hint=f"Read the file. If you trust it, name it yourself: cgw env --profile {path}",
        )


def _settings_warnings(plan: Plan, env: Mapping[str, str], cwd: str) -> list[str]:
    """What a settings file would do to the exported variables: it beats them (measured in every version)."""
    return []
