"""What the answers mean: shown as an exact diff, asked about once, written, and proved with the plain `claude`."""

from __future__ import annotations

import os
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from claude_gw_cli.cli import new_profile, settings
from claude_gw_cli.cli.key_store import file_place
from claude_gw_cli.cli.out import error_line, write_stdout
from claude_gw_cli.cli.wizard.asking import Option, choose_only, said
from claude_gw_cli.cli.wizard.prove import end, fetch_again, prove
from claude_gw_cli.cli.wizard.terminal import columns, is_plain, read_by_key, say
from claude_gw_cli.core import reference
from claude_gw_cli.core.errors import EXIT_OK, CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.merge import Patch
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.words import counted
from claude_gw_cli.helper.install import planned
from claude_gw_cli.helper.installed import helpers_folder
from claude_gw_cli.record import replace
from claude_gw_cli.world import config, paths
from claude_gw_cli.world import settings as files
from claude_gw_cli.world.paths import with_tilde

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.cli.wizard.asking import Asker
    from claude_gw_cli.cli.wizard.walk import Draft
    from claude_gw_cli.core.model import Profile, SettingsScope

_BESIDE = 30
"""Columns that a description needs beside a path; else it goes on below it."""
_EMPTIED = lazy(r'\+\s+"[A-Z0-9_]+": "",?')
_FEW = 3
_HIDDEN_KEY = "the-key-itself"
"""In the diff in place of a key that is not known yet; every key is masked there."""


class NotWanted(Exception):  # noqa: N818 - an answer, not an error
    """The person looked at it and wants nothing of it."""


def check_writable(scope: SettingsScope) -> None:
    """Refuse a settings file that is not valid JSON before anything is asked.

    Raises:
        UsageError: it is not.
    """
    files.preview(settings.Target(scope).place(), Patch(()), paths.state_dir(os.environ))


def preview(draft: Draft, asker: Asker, scope: SettingsScope | None) -> Draft:
    """Show what would be changed and written, and ask once.

    Args:
        draft: everything that was answered.
        asker: puts the question.
        scope: the settings that the profile is applied to; ``None``: only the profile is written.

    Raises:
        NotWanted: nothing is to be changed.
    """
    profile = new_profile.validated(draft.profile)
    lines = _diff(profile, scope, draft) if scope is not None else []
    short = _shortened(lines)
    say("")
    _show(short)
    say("Written besides:" if scope else "Written:")
    written = [(_short(path), what) for path, what in _written(draft, profile, applies=scope is not None)]
    widest = max(len(path) for path, _ in written)
    beside = widest + _BESIDE <= columns()
    for path, what in written:
        say(f"{path:<{widest}}  {what}", indent=" " * (widest + 4 if beside else 6), first="  ")
    say("")
    options = [Option("yes", "Yes", "then check that it works"), Option("save", "Only the profile", "settings stay")]
    if scope is None:
        options = [Option("yes", "Yes")]
    if len(short) < len(lines):
        options.append(Option("all", "Show every line", "of the change of settings"))
    options.append(Option("no", "No", "change nothing"))
    why = "" if scope is None else "cgw settings undo takes back the settings, cgw uninstall everything."
    while (answer := asker.choose("Do this?", options, "yes", why)) == "all":
        _show(lines)
        options = [option for option in options if option.name != "all"]
    if answer == "no":
        raise NotWanted
    return replace(draft, profile=profile, save_only=answer == "save")


def carry_out(draft: Draft, asker: Asker, scope: SettingsScope | None) -> int:
    """Store the key, write the profile, apply it and prove it. Returns the exit code."""
    draft = _stored(draft, asker)
    path = new_profile.save(draft.profile)
    if not sys.stdout.isatty():
        write_stdout(f"{path}\n")
    name = draft.profile.name
    if scope is None or draft.save_only:
        command = f"cgw switch {name}" if draft.save_only else f"cgw run --profile {name} -- claude"
        return end(f"The profile {name} is saved in {_short(str(path))}; no settings were changed.", command)
    code = settings.apply(scope=scope, profile=name, write_secret=draft.write_secret, force=True)
    if code != EXIT_OK:
        return code
    if draft.changes and draft.key is not None:
        fetch_again(name)
    new_profile.choose_one_of_several(name)
    return prove(draft, asker, scope)


def _diff(profile: Profile, scope: SettingsScope, draft: Draft) -> list[str]:
    where = settings.Target(scope).place()
    outcome = files.preview(where, _patch(profile, draft), paths.state_dir(os.environ))
    return settings.masked_diff(where, outcome, profile.name) or [f"{_short(where.path)} stays as it is."]


def _shortened(lines: list[str]) -> list[str]:
    """The diff with one line for its heading, and one for the variables that are emptied in a row: for one screen."""
    short = lines[:1]
    for empties, group in groupby(lines[3:], lambda line: _EMPTIED.fullmatch(line) is not None):
        run = list(group)
        if empties and len(run) > _FEW:
            count = counted(len(run), "variable")
            run = [f"+    ... {count} emptied, so that none of another set-up counts"]
        short += run
    return short


def _show(lines: list[str]) -> None:
    for line in lines:
        style = "32" if line.startswith("+") else "31" if line.startswith("-") else ""
        error_line(f"\x1b[{style}m{line}\x1b[0m" if style and not is_plain() else line)
    say("")


def _patch(profile: Profile, draft: Draft) -> Patch:
    plan = make_plan(profile)
    if plan.helper:
        grant = Grant("own", str(config.profile_path(profile.name, os.environ)))
        helper = planned(profile, os.environ, grant)
        return settings_patch(plan, helper_command=helper.command, ttl_ms=helper.ttl_ms)
    key = draft.key.reveal() if draft.key else _HIDDEN_KEY
    return settings_patch(plan, key=key if draft.write_secret else None)


def _written(draft: Draft, profile: Profile, *, applies: bool) -> Iterator[tuple[str, str]]:
    """``(place, what is in it)`` of everything that is written beside the settings."""
    path = config.profile_path(profile.name, os.environ)
    yield str(path), "the profile, without the key" + ("; replaces the one there" if os.path.isfile(path) else "")
    if draft.key is not None and profile.secret:
        source = f", copied from {draft.key_from}" if draft.key_from else ""
        yield profile.secret.removeprefix("file://"), f"the key ({draft.key.masked()}){source}"
    if applies and profile.auth == "helper":
        yield helpers_folder(os.environ), "the helper, which gives out the key"
    if applies:
        yield paths.state_dir(os.environ), "what was there before, for undo"


def _stored(draft: Draft, asker: Asker) -> Draft:
    """Put the key into its place; where the keyring refuses it, into a private file if the person agrees."""
    from claude_gw_cli.cli import secret

    if draft.key is None or draft.profile.secret is None:
        return draft
    place = draft.profile.secret
    try:
        secret.store(reference.parse(place), draft.key)
    except CgwError as error:
        if not place.startswith("keyring:"):
            raise
        file = file_place(draft.profile.name)
        options = (Option("yes", "Yes", _short(file)), Option("no", "No", "change nothing"))
        with read_by_key():
            answer = choose_only(asker, "Store the key in a private file instead?", options, "yes", said(error))
        if answer == "no":
            raise NotWanted from None
        secret.store(reference.parse(file), draft.key)
        return replace(draft, profile=replace(draft.profile, secret=file))
    return draft


def _short(path: str) -> str:
    return with_tilde(path.removeprefix("file://"), os.environ)
