"""``cgw helper install|show|list|run|test|uninstall``: the apiKeyHelper scripts of profiles."""

from __future__ import annotations

import os
import sys

from claude_gw_cli.cli.out import for_person, info, width, write_json, write_lines, write_stdout
from claude_gw_cli.cli.progress import Working
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, UsageError
from claude_gw_cli.core.grant import without_permission
from claude_gw_cli.core.words import counted
from claude_gw_cli.world.paths import config_dir, with_tilde, working_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.helper.installed import InstalledHelper


def install(
    *,
    name: str | None = None,
    profile: str | None = None,
    cache: str | None = None,
    out: str | None = None,
    standalone: bool = False,
    force: bool = False,
) -> int:
    """Write the helper of a profile; prints the command for ``apiKeyHelper``."""
    from claude_gw_cli.cli.key_here import say_what_it_needs
    from claude_gw_cli.cli.use import use_profile
    from claude_gw_cli.helper import shared
    from claude_gw_cli.helper.script import quote
    from claude_gw_cli.rules.literals import shown_reference

    if out:
        shared.check_shared(out, os.environ, anywhere=force)
    loaded, grant = use_profile(name or profile)
    if standalone:
        from claude_gw_cli.helper import standalone as alone

        helper = alone.install(loaded.profile, os.environ, grant, out=out)
    else:
        from claude_gw_cli.helper.install import install as write

        helper = write(loaded.profile, os.environ, grant, cache=cache)
        if out:
            shared.share(helper, out, os.environ)
    info(f"Installed the helper {helper.name} of {helper.profile} for {shown_reference(helper.reference)}.")
    say_what_it_needs(loaded.profile, helper.name)
    if not standalone:
        info(f"  try it:  cgw helper test {helper.name}")
    if out:
        if problem := shared.open_to_change(out):
            info(f"cgw: warning: users could change what everyone runs: {problem}; install it as root (chown, chmod)")
        info(f'  use it:  [managed] helper_path = "{out}" in the profile, then: cgw settings render --scope managed')
        write_lines(f"{quote(out)}\n")
        return EXIT_OK
    used = name or profile or loaded.profile.name
    info(f'  use it:  cgw settings apply --scope user --profile {used}    (profile with auth = "helper")')
    write_stdout(f"{helper.command}\n")
    return EXIT_OK


def show(*, name: str | None = None) -> int:
    """Show what a helper does, where it is and what its cache holds; never a value."""
    from claude_gw_cli.helper.cache import now
    from claude_gw_cli.helper.runtime import load, open_cache
    from claude_gw_cli.rules.literals import shown_reference

    helper = _find(name)
    spec = load(helper.name, os.environ)
    cache = open_cache(spec, os.environ)
    entry = cache.load() if cache else None
    state = f"fresh for {max(entry.fresh - now(), 0)} s" if entry else "empty"
    rows = [
        ("helper", helper.name),
        ("script", helper.path),
        ("apiKeyHelper", helper.command),
        ("profile", spec.profile or "(unknown: an older version of cgw wrote this helper)"),
        ("reference", shown_reference(spec.reference)),
        ("gateway", f"{spec.origin} (the key is released only for this origin)"),
        ("client's TTL", f"{float(spec.ttl):g} s"),
        ("cache", f"{cache.folder} ({state})" if cache else "none"),
    ]
    # The setting is shown as it is written; the rest is for a person.
    shown = [(title, text if title == "apiKeyHelper" else for_person(text, sys.stdout)) for title, text in rows]
    write_lines("".join(f"{title:<13} {text}\n" for title, text in shown))
    return EXIT_OK


def list_helpers(*, format_: str = "human") -> int:
    """The installed helpers as a table, or as JSON."""
    from claude_gw_cli.core.wrap import table
    from claude_gw_cli.helper.installed import installed
    from claude_gw_cli.rules.literals import shown_reference

    helpers = installed(os.environ)
    if format_ == "json":
        keys = ("name", "script", "profile", "gateway", "reference", "problem")
        values = [
            (item.name, item.path, item.profile, item.origin, shown_reference(item.reference), item.problem)
            for item in helpers
        ]
        found = [dict(zip(keys, row, strict=True)) for row in values]
        write_json({"schema_version": 1, "helpers": found})
        return EXIT_OK
    if not helpers:
        info("No helper is installed. Install one: cgw helper install PROFILE")
    for item in helpers:
        if item.problem:
            info(
                f"cgw: warning: {item.problem}\n"
                f"  Write it again: cgw helper install    or remove it: cgw helper uninstall {item.name}"
            )
    rows = [
        (item.name, item.origin, shown_reference(item.reference), with_tilde(item.profile, os.environ))
        for item in helpers
    ]
    rows = [(*row[:2], for_person(row[2], sys.stdout), row[3]) for row in rows]
    if rows:
        write_stdout(table(("NAME", "GATEWAY", "KEY", "PROFILE"), rows, width(sys.stdout)))
    return EXIT_OK


def refresh(*, name: str | None = None) -> int:
    """Fetch a new key and keep it; never a value."""
    from claude_gw_cli.helper.runtime import refresh as fetch

    helper = _find(name)
    with Working("Fetching the key", may_ask=True):
        value, seconds = fetch(helper.name, os.environ)
    info(
        f"Fetched a key of {counted(len(value), 'character')} for helper {helper.name}; it is renewed in {seconds} s."
    )
    return EXIT_OK


def run(*, name: str | None = None) -> int:
    """Print the key, as the script does."""
    from claude_gw_cli.helper.runtime import main

    if name is None or not os.path.exists(os.path.join(config_dir(os.environ), "helpers", f"{name}.spec")):
        name = _find(name).name
    return main([name])


def run_test(*, name: str | None = None) -> int:
    """Run a helper as the client does and report; exit 1 when the client would not get a key."""
    from claude_gw_cli.helper.trial import attempt
    from claude_gw_cli.secrets.text import shown

    helper = _find(name)
    with Working("Running the helper as Claude Code does"):
        trial = attempt(helper, without_permission(os.environ), working_dir())
    good = trial.warm
    rows = [("command", f"/bin/sh -c {helper.command}"), ("exit code", str(good.exit_code))]
    if good.doubt:
        rows.append(("problem", f"it prints {good.doubt}, and the client sends that"))
    elif good.key:
        rows += [
            ("key", f"one printable token of {counted(len(good.key), 'character')}"),
            ("fetched", f"in {trial.cold.seconds * 1000:.0f} ms"),
            ("from cache", f"in {good.seconds * 1000:.0f} ms" if trial.expires_in is not None else "no cache"),
        ]
        if trial.expires_in is not None:
            rows.append(
                ("renewed", f"in {trial.expires_in} s; the client keeps a key for {helper.ttl_ms / 1000:g} s")
            )
        if trial.cold.seconds > 9:
            rows.append(("too slow", "after 10 s Claude Code reports that the helper is taking a while"))
    else:
        rows.append(("problem", good.problem))
    if good.complaint:
        said = [shown(line) for line in good.complaint.splitlines()[:12]]
        rows += [("" if index else "stderr", line) for index, line in enumerate(said)]
    write_lines("".join(f"{title:<11} {text}\n" for title, text in rows))
    return EXIT_OK if good.key and not good.doubt else EXIT_FINDINGS


def uninstall(*, name: str | None = None) -> int:
    """Remove a helper's script, spec and cache, and the settings that name it."""
    from claude_gw_cli.helper.installed import uninstall as remove

    helper = _find(name)
    code = _undo_settings(helper)
    for path in remove(helper.name, os.environ):
        info(f"Removed {path}")
    return code


def _undo_settings(helper: InstalledHelper) -> int:
    """Undo cgw's changes in the settings files that name the helper: no client may look for a missing script."""
    from claude_gw_cli.cli.settings import everywhere, undo_in
    from claude_gw_cli.core.jsontext import parse
    from claude_gw_cli.world import paths, settings

    code = EXIT_OK
    for target in everywhere():
        place = target.place()
        state = settings.status(place, paths.state_dir(os.environ))
        if state is None or all(pointer != ("apiKeyHelper",) for pointer, _ in state.members):
            continue
        if parse(settings.read(place.target).text).get(("apiKeyHelper",)) == helper.command:
            code = undo_in(target) or code
    return code


def _find(name: str | None) -> InstalledHelper:
    from claude_gw_cli.helper.installed import find, installed

    if name:
        return find(name, os.environ)
    helpers = installed(os.environ)
    if len(helpers) == 1:
        return helpers[0]
    from claude_gw_cli.cli.applied import helper_of, in_use, profile_file

    if mine := helper_of(profile_file(in_use() or "")):
        return mine
    names = ", ".join(item.name for item in helpers)
    raise UsageError(
        f"there are {len(helpers)} helpers: {names}" if helpers else "no helper is installed",
        hint="Add one of these names to the line." if helpers else "Install one: cgw helper install PROFILE",
    )
