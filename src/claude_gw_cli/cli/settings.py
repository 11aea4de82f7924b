"""``cgw settings``: what a profile means as settings.json, printed, written, undone and checked.

Gathers (profile, plan, key, helper), asks ``world.settings`` to do it, and says what happened. The files
themselves are never printed here unmasked, except by ``render``, whose product they are.
"""

from __future__ import annotations

import os

from claude_gw_cli.cli.out import info, write_lines
from claude_gw_cli.cli.settings_change import SettingsChange, gather, say_where_the_key_is
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK
from claude_gw_cli.core.jsontext import parse, pointer_text
from claude_gw_cli.core.masking import masked_json
from claude_gw_cli.core.merge import Patch
from claude_gw_cli.core.model import SETTINGS_SCOPES, SettingsScope
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import config, files, paths, settings

CHANGES = {"add": "set", "clear": "cleared", "replace": "replaced", "remove": "removed", "restore": "restored"}
"""Kind of a change -> the word for it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which settings file: a scope, for the managed one its directory and kind of file, or a file by name."""

    scope: SettingsScope = "user"
    managed_dir: str | None = None
    drop_in: bool = False
    out: str | None = None

    def place(self) -> settings.Place:
        """The file on this machine."""
        where = settings.place(self.scope, os.environ, paths.working_dir(), self.managed_dir, drop_in=self.drop_in)
        return where if self.out is None else _chosen_file(self.out, where)

    @property
    def options(self) -> str:
        """The options that select this file again."""
        import shlex

        words = ["--scope", self.scope]
        if self.out is not None:
            words += ["--out", self.out]
        elif self.scope == "managed":
            words += ["--managed-dir", self.managed_dir] if self.managed_dir else []
            words += ["--drop-in"] if self.drop_in else []
        return shlex.join(words)


def everywhere(managed_dir: str | None = None) -> list[Target]:
    """Every scope's file, each file once: in the home directory the project's file is the user's."""
    targets = [
        *(Target(scope, managed_dir) for scope in SETTINGS_SCOPES),
        Target("managed", managed_dir, drop_in=True),
    ]
    found: dict[str, Target] = {}
    for target in targets:
        found.setdefault(target.place().target, target)
    return list(found.values())


def diff(
    *,
    scope: SettingsScope = "user",
    profile: str | None = None,
    out: str | None = None,
    write_secret: bool = False,
    force: bool = False,
    managed_dir: str | None = None,
    drop_in: bool = False,
) -> int:
    """Print what ``apply`` would change as a unified diff, secrets masked; exit 1 when there is something."""
    where = Target(scope, managed_dir, drop_in, out).place()
    wanted = gather(profile, where, write_secret=write_secret, applying=False)
    outcome = settings.preview(where, wanted.patch, paths.state_dir(os.environ))
    lines = masked_diff(where, outcome, wanted.profile.name)
    write_lines("".join(line + "\n" for line in lines))
    if outcome.merged.changes and not lines:
        names = ", ".join(pointer_text(change.pointer) for change in outcome.merged.changes)
        info(f"{names}: the new value looks the same when masked")
    _say_duplicates(where, outcome)
    if outcome.merged.conflicts and not force:
        info("This is what --force would do; without it apply does nothing:")
        return say_conflicts(where, outcome)
    return EXIT_FINDINGS if outcome.merged.changes else EXIT_OK


def masked_diff(where: settings.Place, outcome: settings.Outcome, profile: str) -> list[str]:
    """The lines of a unified diff of what would change, secrets masked; none where nothing would."""
    if outcome.before == outcome.after:
        return []
    import difflib

    return list(
        difflib.unified_diff(
            masked_json(outcome.before).splitlines(),
            masked_json(outcome.after).splitlines(),
            fromfile=where.path,
            tofile=f"{where.path} (profile {profile})",
            lineterm="",
        )
    )


def apply(
    *,
    scope: SettingsScope = "user",
    profile: str | None = None,
    out: str | None = None,
    write_secret: bool = False,
    force: bool = False,
    managed_dir: str | None = None,
    drop_in: bool = False,
) -> int:
    """Merge the profile into the settings file; exit 1 and no change where a value was changed since cgw set it."""
    target = Target(scope, managed_dir, drop_in, out)
    where = target.place()
    wanted = gather(profile, where, write_secret=write_secret, applying=True)
    outcome = settings.apply(
        where, wanted.patch, wanted.profile.name, paths.state_dir(os.environ), force=force, source=wanted.source
    )
    if outcome.merged.conflicts and not force:
        info("Nothing was changed.")
        return say_conflicts(where, outcome)
    for note in outcome.notes:
        info(note)
    if outcome.written:
        info(f"{_effect(wanted, where, target)}: {_counted(outcome, wanted.patch)}.")
        _say_restart(outcome)
        info(f"Undo it: cgw settings undo {target.options}")
    else:
        info(f"{where.path} already matches profile {wanted.profile.name}; nothing was written.")
    _say_duplicates(where, outcome)
    say_where_the_key_is(wanted, outcome.after, where, f"cgw settings apply {target.options}")
    if not wanted.patch.has_secret:  # the key itself was fetched
        from claude_gw_cli.cli.key_here import say_what_it_needs

        say_what_it_needs(wanted.profile, wanted.profile.name if wanted.profile.auth == "helper" else "")
    return EXIT_OK


def undo(
    *,
    scope: SettingsScope = "user",
    profile: str | None = None,
    out: str | None = None,
    force: bool = False,
    managed_dir: str | None = None,
    drop_in: bool = False,
) -> int:
    """Undo what cgw (or only this profile) put into one settings file."""
    return undo_in(Target(scope, managed_dir, drop_in, out), profile, force=force)


def undo_in(target: Target, profile: str | None = None, *, force: bool = False) -> int:
    """Undo what cgw (or only this profile) put into the file; what was changed since stays, unless forced."""
    where = target.place()
    name = recorded_name(profile)
    outcome = settings.undo(where, paths.state_dir(os.environ), profile=name, force=force)
    if outcome is None:
        info(f"cgw has no record of changes to {where.path}; nothing was changed.")
        return _say_what_remains(where)
    for note in outcome.notes:
        info(note)
    for pointer in outcome.merged.conflicts:
        info(f"kept, because it was changed since: {pointer_text(pointer)}")
    if outcome.merged.conflicts:
        info(f"To undo that too: cgw settings undo {target.options} --force")
    info(f"Reverted cgw's changes to {where.path}: {_counted(outcome)}.")
    _say_restart(outcome)
    return EXIT_OK


def _say_what_remains(where: settings.Place) -> int:
    """Without a record nothing is undone; what looks like cgw's is named (exit 1)."""
    from claude_gw_cli.cli.remains import remains

    left = remains(where.target)
    if not left:
        return EXIT_OK
    info("These members look as if cgw had set them; there may have been others before, so remove them by hand:")
    info(f"  {', '.join(map(pointer_text, left))}")
    return EXIT_FINDINGS


def _chosen_file(out: str, where: settings.Place) -> settings.Place:
    """A file that the user chose: treated as a local one, except the project's own file."""
    path = os.path.join(paths.working_dir(), out)
    files.check_names_a_file(path)
    real = files.target(path)
    if where.is_shared:
        return settings.Place(where.scope, path, real)
    return settings.Place("project" if real == Target("project").place().target else "local", path, real)


def recorded_name(profile: str | None) -> str | None:
    """The name under which a profile is recorded. A profile given by name need not exist any more."""
    if profile is None or not (os.sep in profile or profile.endswith(".toml")):
        return profile
    return config.select(profile, os.environ, paths.working_dir()).name


def say_conflicts(where: settings.Place, outcome: settings.Outcome) -> int:
    """Name the members that were changed since cgw set them; returns the exit code."""
    info(f"{where.path} was changed since cgw wrote it. These values differ from what cgw set:")
    for pointer in outcome.merged.conflicts:
        info(f"  {pointer_text(pointer)}")
    info("To overwrite them, add --force; undo restores the current values.")
    return EXIT_FINDINGS


def _say_duplicates(where: settings.Place, outcome: settings.Outcome) -> None:
    for pointer, line, column in outcome.merged.duplicates:
        info(
            f"{where.path}:{line}:{column}: {pointer_text(pointer)} is there more than once; only the last one counts"
        )


def _effect(wanted: SettingsChange, where: settings.Place, target: Target) -> str:
    """What the client does from now on; for a file that it reads elsewhere, or not here, where the profile is."""
    profile = wanted.profile
    place = paths.with_tilde(where.path, os.environ)
    if target.out is not None or where.scope == "managed":
        return f"Profile {profile.name} is in {place}"
    key = "the key in that file" if wanted.patch.has_secret else "the key in its environment"
    ways = {"helper": f"the helper of profile {profile.name}", "login": "your claude.ai login"}
    here = "" if where.scope == "user" else " in this directory"
    return f"Claude Code now uses {wanted.plan.base_url}{here} with {ways.get(profile.auth, key)} ({place})"


def _say_restart(outcome: settings.Outcome) -> None:
    """A running client picks up added settings, but keeps removed variables (measured)."""
    changed = [change.pointer for change in outcome.merged.changes if change.kind != "add"]
    if not changed:
        return
    before, after = parse(outcome.before), parse(outcome.after)
    if any(before.get(pointer) and not after.get(pointer) for pointer in changed):
        info("Running Claude Code sessions keep removed variables: restart them.")


def _counted(outcome: settings.Outcome, patch: Patch | None = None) -> str:
    """How many members were set, cleared (an empty variable that no environment overrides), replaced and so on."""
    empty = {entry.pointer for entry in patch.entries if entry.value == ""} if patch else set()
    counts = dict.fromkeys(("set", "cleared", *CHANGES.values()), 0)
    for change in outcome.merged.changes:
        counts["cleared" if change.pointer in empty else CHANGES[change.kind]] += 1
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing left to change"
