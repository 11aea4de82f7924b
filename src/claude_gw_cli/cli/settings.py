"""``cgw settings``: what a profile means as settings.json, shown, written, taken back and watched.

Gathers (profile, plan, key, helper), asks ``world.settings`` to do it, and says what happened. The files
themselves are never printed here unmasked, except by ``render``, whose product they are.
"""

from __future__ import annotations

import difflib
import os

from claude_gw_cli.cli.out import product, talk
from claude_gw_cli.cli.prepare import check_repository_profile
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, UsageError
from claude_gw_cli.core.jsontext import parse, pointer_text
from claude_gw_cli.core.merge import Patch, merge
from claude_gw_cli.core.model import Plan, Profile, SettingsScope
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.redact import redact
from claude_gw_cli.helper import install as helpers
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import config, exposed, files, paths, settings

SCOPES: tuple[SettingsScope, ...] = ("user", "project", "local", "managed")
_KEY_SECONDS = 30.0
"""How long a secret source may take for a person who waits."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which settings file: the scope, and for the managed scope the directory and the kind of file."""

    scope: str = "user"
    managed_dir: str | None = None
    drop_in: bool = False

    def place(self) -> settings.Place:
        """The file on this machine."""
        if self.scope not in SCOPES:
            raise UsageError(f"there is no scope {self.scope!r}", hint=f"Use one of: {', '.join(SCOPES)}.")
        return settings.place(self.scope, os.environ, os.getcwd(), self.managed_dir, drop_in=self.drop_in)


@dataclass(frozen=True, slots=True)
class _Wanted:
    profile: Profile
    plan: Plan
    patch: Patch


def render(target: Target, profile: str | None = None, *, out: str | None = None, write_secret: bool = False) -> int:
    """Print a complete settings file, or write it to ``out``; existing settings play no part in it."""
    where = target.place()
    if out is not None:
        where = _chosen_file(out, where)
    wanted = _wanted(profile, where, write_secret=write_secret, install=False)
    text = merge("", wanted.patch, None, lambda _: "").text
    if out is None:
        product(text)
    else:
        mode = 0o600 if wanted.patch.has_secret else None
        files.replace(where.target, text.encode(), expected=files.read_bytes(where.target), mode=mode)
        talk(f"Wrote {where.path}")
    _say_where_the_key_is(wanted, text, where)
    if wanted.plan.helper:
        talk(f"The helper must be there too: cgw helper install {wanted.profile.name}")
    return EXIT_OK


def diff(target: Target, profile: str | None = None, *, write_secret: bool = False, force: bool = False) -> int:
    """Print what ``apply`` would change as a unified diff, secrets masked; exit 1 when there is something."""
    where = target.place()
    wanted = _wanted(profile, where, write_secret=write_secret, install=False)
    outcome = settings.preview(where, wanted.patch, paths.state_dir(os.environ))
    lines = difflib.unified_diff(
        redact(outcome.before).splitlines(),
        redact(outcome.after).splitlines(),
        fromfile=where.path,
        tofile=f"{where.path} (profile {wanted.profile.name})",
        lineterm="",
    )
    product("".join(line + "\n" for line in lines))
    if outcome.merged.changes and redact(outcome.before) == redact(outcome.after):
        names = ", ".join(pointer_text(change.pointer) for change in outcome.merged.changes)
        talk(f"{names}: another value, which looks the same when masked")
    _say_duplicates(where, outcome)
    if outcome.merged.conflicts and not force:
        talk("This is what --force would do; without it apply does nothing:")
        return _say_conflicts(where, outcome)
    return EXIT_FINDINGS if outcome.merged.changes else EXIT_OK


def apply(target: Target, profile: str | None = None, *, write_secret: bool = False, force: bool = False) -> int:
    """Merge the profile into the settings file; exit 1 and no change where somebody changed what cgw had set."""
    where = target.place()
    wanted = _wanted(profile, where, write_secret=write_secret, install=True)
    outcome = settings.apply(where, wanted.patch, wanted.profile.name, paths.state_dir(os.environ), force=force)
    if outcome.merged.conflicts and not force:
        talk("Nothing was done.")
        return _say_conflicts(where, outcome)
    for note in outcome.notes:
        talk(note)
    if outcome.written:
        talk(f"Applied profile {wanted.profile.name} to {where.path}: {_counted(outcome)}.")
        talk("Running Claude Code sessions keep removed variables: restart them.")
        talk(f"Take it back: cgw settings undo --scope {where.scope}")
    else:
        talk(f"{where.path} already says what profile {wanted.profile.name} means; nothing was written.")
    _say_duplicates(where, outcome)
    _say_where_the_key_is(wanted, outcome.after, where)
    return EXIT_OK


def undo(target: Target, *, force: bool = False) -> int:
    """Take back what cgw put into the settings file; members that somebody changed since stay, unless forced."""
    where = target.place()
    outcome = settings.undo(where, paths.state_dir(os.environ), force=force)
    if outcome is None:
        talk(f"Nothing of cgw's is recorded for {where.path}; nothing was done.")
        return EXIT_OK
    for note in outcome.notes:
        talk(note)
    for pointer in () if force else outcome.merged.conflicts:
        talk(f"left alone, because it was changed since: {pointer_text(pointer)}")
    talk(f"Took back what cgw had put into {where.path}: {_counted(outcome)}.")
    return EXIT_OK


def status(target: Target | None = None) -> int:
    """Print the state of every member that cgw set, for one scope or all; exit 1 when one drifted."""
    found = drifted = False
    for chosen in [target] if target else [Target(scope) for scope in SCOPES]:
        where = chosen.place()
        state = settings.status(where, paths.state_dir(os.environ))
        if state is None:
            if target:
                talk(f"Nothing of cgw's is recorded for {where.path}.")
            continue
        found = True
        lines = [f"{where.scope}: {where.path} (profile {state.profile})\n"]
        lines += [f"  {kind:<8} {pointer_text(pointer)}\n" for pointer, kind in state.members]
        product("".join(lines))
        if any(kind != "ok" for _, kind in state.members):
            drifted = True
            talk(f"Put it right: cgw settings apply --scope {where.scope} --profile {state.profile} --force")
    if not found and not target:
        talk("cgw has put nothing into any settings file here. Start with: cgw settings apply")
    return EXIT_FINDINGS if drifted else EXIT_OK


def _chosen_file(out: str, where: settings.Place) -> settings.Place:
    """A file of the user's own choice: as careful as a local one, and the project's own file stays that."""
    path = os.path.join(os.getcwd(), out)
    real = files.target(path)
    if where.is_shared:
        return settings.Place(where.scope, path, real)
    return settings.Place("project" if real == Target("project").place().target else "local", path, real)


def _wanted(name: str | None, where: settings.Place, *, write_secret: bool, install: bool) -> _Wanted:
    file = config.select(name, os.environ, os.getcwd())
    profile = config.read(file, os.environ)
    if file.origin == "repository":
        check_repository_profile(profile, file, os.environ)
        talk(f"using {file.path} (gateway {profile.gateway_url})")
    plan = make_plan(profile)
    missing = [item for item in plan.missing if item != "--secret" or plan.helper or write_secret]
    if missing:
        raise UsageError(
            f"profile {profile.name!r} is not complete: {', '.join(missing)} is missing",
            hint=f"Fill it in: cgw init {profile.name} {' '.join(f'{item} …' for item in missing)} --yes",
        )
    if plan.helper:
        helper = (helpers.install if install else helpers.planned)(profile, os.environ)
        patch = settings_patch(plan, helper_command=helper.command, ttl_ms=helper.ttl_ms)
    elif write_secret and plan.needs_secret:
        exposed.check_secret_may_be_written(where, os.environ)
        if where.scope == "managed":
            talk(f"warning: every user of this machine can read the key in {where.path}")
        patch = settings_patch(plan, key=_key(profile))
    else:
        patch = settings_patch(plan)
    return _Wanted(profile, plan, patch)


def _key(profile: Profile) -> str | None:
    from claude_gw_cli import secrets

    context = secrets.Context.make(os.environ, _KEY_SECONDS, profile.tables)
    return secrets.resolve(profile.secret or "", context).value.reveal()


def _say_conflicts(where: settings.Place, outcome: settings.Outcome) -> int:
    talk(f"{where.path} was changed since cgw wrote it. Changed by somebody else:")
    for pointer in outcome.merged.conflicts:
        talk(f"  {pointer_text(pointer)}")
    talk("To overwrite these values, add --force; what they are now is kept for undo.")
    return EXIT_FINDINGS


def _say_duplicates(where: settings.Place, outcome: settings.Outcome) -> None:
    for pointer, line, column in outcome.merged.duplicates:
        talk(
            f"{where.path}:{line}:{column}: {pointer_text(pointer)} is there more than once; only the last one counts"
        )


def _say_where_the_key_is(wanted: _Wanted, text: str, where: settings.Place) -> None:
    """A plan whose key is not in the file depends on the environment; say so, and what would stand in its way."""
    if wanted.patch.has_secret:
        return
    names = [item.name for item in wanted.plan.sets if item.slot]
    document = parse(text if names else "")
    for name in names:
        if document.get(("env", name)) is not None:
            talk(f"warning: {where.path} has its own {name}, which beats the environment; remove it there")
    if names:
        talk(f"The key is not in the file: {', '.join(names)} must come from the environment (cgw run, cgw env).")
        talk("Other ways: --auth helper in the profile, or --write-secret.")


def _counted(outcome: settings.Outcome) -> str:
    words = {"add": "added", "replace": "replaced", "remove": "removed", "restore": "restored"}
    counts = {kind: sum(change.kind == kind for change in outcome.merged.changes) for kind in words}
    return ", ".join(f"{count} {words[kind]}" for kind, count in counts.items() if count) or "nothing left to change"
