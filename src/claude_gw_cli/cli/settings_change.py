"""What a profile means for one settings file: plan, helper or key, and what the user must be told about both.

Writes no settings file: ``cli.settings`` does that with what is gathered here.
"""

from __future__ import annotations

import os

from claude_gw_cli.cli.out import info
from claude_gw_cli.cli.progress import Working
from claude_gw_cli.cli.use import check_complete, use_profile
from claude_gw_cli.core.errors import RefusedError, UsageError
from claude_gw_cli.core.jsontext import parse
from claude_gw_cli.core.merge import Patch, merge
from claude_gw_cli.core.model import Plan, Profile
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import can_use_helper, make_plan
from claude_gw_cli.core.reference import quoted
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import config, paths, settings, trust
from claude_gw_cli.world.ownership import Source

if TYPE_CHECKING:
    from claude_gw_cli.core.grant import Grant

_KEY_SECONDS = 30.0
"""How long a secret source may take for a person who waits."""


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A profile, and what it puts into the file. ``option`` names the profile on a command line."""

    profile: Profile
    plan: Plan
    patch: Patch
    option: str
    source: Source


def gather(
    name: str | None, where: settings.Place, *, write_secret: bool, applying: bool, platform: str | None = None
) -> SettingsChange:
    """Select and plan a profile for one file; ``applying`` installs its helper.

    Args:
        name: the profile; ``None``: the one in use.
        where: the file.
        write_secret: whether the key itself may be written.
        applying: whether the file will be written.
        platform: that of the machines for which it is written, as ``sys.platform``; ``None``: this machine.

    Raises:
        UsageError: no profile, an invalid one, or one that is not complete.
        RefusedError: a repository's profile beyond the repository; a key where others would read it.
    """
    loaded, grant = use_profile(name)
    profile = loaded.profile
    option = f"--profile {_spelled(loaded.file)}"
    if loaded.trust != "own":
        _check_stays_in_the_repository(loaded.file, where, option, applying=applying)
    plan = make_plan(profile)
    check_complete(plan, key_needed=plan.helper or write_secret)
    _check_no_literal_key(profile, where, write_secret=write_secret)
    if applying:
        settings.check(where, paths.state_dir(os.environ))
    if plan.helper:
        from claude_gw_cli.helper.install import install, planned
        from claude_gw_cli.helper.shared import common_command

        common = common_command(profile, platform) if where.scope == "managed" else None
        helper = (install if applying and common is None else planned)(profile, os.environ, grant)
        if where.is_shared and common is None:
            _warn_of_a_private_helper(helper.path, where)
        patch = settings_patch(plan, helper_command=common or helper.command, ttl_ms=helper.ttl_ms)
    elif write_secret and plan.needs_secret:
        from claude_gw_cli.world import secret_placement

        secret_placement.check_secret_may_be_written(where, os.environ)
        if where.scope == "managed":
            info(f"cgw: warning: every user of this machine can read the key in {where.path}")
        patch = _with_secrets(plan, grant)
    else:
        patch = settings_patch(plan)
    if where.scope == "managed":
        from claude_gw_cli.core import managed

        patch = managed.completed(patch, profile)
        _check_managed(profile, patch)
    file, home = os.path.realpath(loaded.file.path), os.path.realpath(paths.home(os.environ))
    source = Source(where.scope, file, repositorys=loaded.trust != "own", home=home, sha256=loaded.digest)
    return SettingsChange(profile, plan, patch, option, source)


def _check_managed(profile: Profile, patch: Patch) -> None:
    """Refuse what a client would drop, ignore or stop for: every machine gets it."""
    from claude_gw_cli.core import managed

    document = parse(merge("", patch, None, lambda _: "").text).value
    if not isinstance(document, dict):
        raise TypeError("a merge gives an object")
    if found := list(managed.problems(document, profile)):
        raise UsageError(
            "these managed settings would not work on every machine:\n" + "\n".join(f"  {line}" for line in found),
            hint=f"Correct the profile {profile.name}, or raise its min_client_version.",
        )


def say_where_the_key_is(change: SettingsChange, text: str, where: settings.Place, command: str) -> None:
    """If the key is not in the file, say which variables are missing, and every way to supply them.

    Args:
        change: what was gathered.
        text: the settings file as it is now.
        where: the file.
        command: the command that would write it again, without ``--profile``.
    """
    names = [item.name for item in change.plan.sets if item.slot]
    if change.patch.has_secret or not names:
        return
    document = parse(text)
    for name in names:
        if document.get(("env", name)) is not None:
            info(f"cgw: warning: {where.path} also sets {name}, which overrides the environment; remove it there")
    option, profile = change.option, change.profile
    effect = "sends no key of the gateway" if profile.auth == "login" else "is not logged in"
    info(f"The key is not in the file: without {', '.join(names)} in its environment Claude Code {effect}.")
    if profile.secret is None:
        info(f"  first set where it is: cgw profile set {profile.name} --secret REF")
    info(f'  export it:             eval "$(cgw env {option})"')
    info(f"  or for one start:      cgw run {option} -- claude")
    if can_use_helper(profile):
        init = f"cgw profile set {profile.name} --auth helper && "
        init = init if option == f"--profile {profile.name}" else 'put auth = "helper" into the profile, then: '
        info(f"  or use a helper:       {init}{command} {option}")
    if where.scope != "project":
        info(f"  or write it there:     {command} {option} --write-secret")


def _spelled(file: config.ProfileFile) -> str:
    """The profile as the user would name it from here, as a word of a command line."""
    folder, base = os.path.split(file.path)
    name = os.path.join(os.curdir, base) if folder == paths.working_dir() else file.path
    if folder == config.profiles_dir(os.environ):
        name = file.name
    return quoted(name)


def _check_stays_in_the_repository(
    file: config.ProfileFile, where: settings.Place, option: str, *, applying: bool
) -> None:
    """Refuse to apply a repository's profile outside of its repository.

    A profile that was found, not named, must not stay in effect after the user has left the repository; and a link
    in the repository must not redirect a write out of it, whether the profile was named or not.
    """
    if where.scope in {"project", "local"} and trust.leaves_by_link(where.path, where.target):
        raise RefusedError(
            f"{where.path} is a link out of the repository, to {where.target}",
            hint="Remove the link, or write elsewhere: --out FILE",
        )
    everywhere = settings.place("user", os.environ, paths.working_dir()).target
    if applying and file.origin == "repository" and (where.scope == "managed" or where.target == everywhere):
        raise RefusedError(
            f"{file.path} comes from a repository, but {where.path} applies outside of it too",
            hint=f"Keep it in the repository: --scope local. To use it everywhere, name the profile: {option}",
        )


def _check_no_literal_key(profile: Profile, where: settings.Place, *, write_secret: bool) -> None:
    """A key that is in the profile itself would be written with its headers and variables."""
    if not (profile.headers or profile.env):
        return
    from claude_gw_cli.rules.literals import keys_in

    found = [".".join(path) for path in keys_in(profile) if path[0] in {"headers", "env"}]
    if not found:
        return
    if not write_secret:
        raise RefusedError(
            f"profile {profile.name!r} holds a literal key ({', '.join(found)}), which would be written to the file",
            hint="Put the key in a store and name it with secret = and key_header =, or add --write-secret",
        )
    from claude_gw_cli.world import secret_placement

    secret_placement.check_secret_may_be_written(where, os.environ)


def _warn_of_a_private_helper(path: str, where: settings.Place) -> None:
    info(
        f"cgw: warning: {where.path} is shared with other users, but it points to a helper that only you can run: "
        f"{path}\n"
        "  Every other user needs their own helper at that path. For you alone: --scope user or --scope local.\n"
        "  For a fleet: cgw helper install --out PATH on every machine, and PATH as [managed] helper_path."
    )


def _with_secrets(plan: Plan, grant: Grant) -> Patch:
    from claude_gw_cli import secrets

    profile = plan.profile
    context = secrets.Context.make(grant, os.environ, _KEY_SECONDS, profile.tables)
    with Working("Fetching the key", may_ask=True):
        key = secrets.resolve(profile.secret or "", context).value.reveal()
    basic = secrets.resolve_basic(profile.front_auth, context).reveal() if profile.front_auth else None
    return settings_patch(plan, key=key, basic=basic)
