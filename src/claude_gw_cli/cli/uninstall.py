"""``cgw uninstall``: takes back everything that cgw wrote for this user, and says what remains."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import for_person, info, write_lines
from claude_gw_cli.cli.secret import STORED
from claude_gw_cli.cli.typed import declined
from claude_gw_cli.cli.use import own_profiles
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, CgwError, UnavailableError
from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.words import counted
from claude_gw_cli.helper import installed as helpers
from claude_gw_cli.world import audit, completion, config, files, paths, removal, settings

if TYPE_CHECKING:
    from collections.abc import Iterator


_LEFT = {
    "helper install": "a helper for all users, whose settings may name it",
    "settings render": "settings that cgw wrote for others",
    "profile export": "a profile that cgw wrote for others",
    "trace --record": "a client's start that cgw recorded",
}
"""Action of the record of changes -> what it wrote at a path that the user named; it may be in use, so it stays."""
_KEPT = frozenset({"changed", "left"})
"""States of a member that undo keeps."""


def uninstall(*, dry_run: bool = False, force: bool = False, yes: bool = False) -> int:
    """Undo settings, then remove helpers, profiles, caches and records; exit 1 where something of cgw remains."""
    lines, remains = list(_planned(force=force)), list(_remains())
    listed = "".join(f"{for_person(line, sys.stdout)}\n" for line in lines)
    write_lines(listed or "Nothing of cgw was found in this home directory.\n")
    if dry_run or not lines:
        _say_what_remains(remains)
        return EXIT_OK
    if declined("Do this?", yes=yes, must="Add --yes to do this."):
        return EXIT_OK
    kept = [*_undo_settings(force=force), *_remove_completion()]
    for helper in helpers.installed(os.environ):
        try:
            helpers.uninstall(helper.name, os.environ)
        except UnavailableError as error:
            kept.append(f"{error.message}; {error.hint}")
        except CgwError:
            pass  # what is left of it goes with its directory
    for folder in removal.own_directories(os.environ):
        if kept and folder == paths.state_dir(os.environ):
            continue
        try:
            removal.remove_directory(folder, os.environ)
        except CgwError as error:
            kept.append(f"{folder}: {error.message}")
    info("Done: all of this is gone." if not kept else "Done, except for what is named below.")
    record = audit.path(paths.state_dir(os.environ))
    _say_what_remains(
        [*kept, *([f"{record}: the record of what cgw changed"] if os.path.exists(record) else []), *remains]
    )
    return EXIT_FINDINGS if kept else EXIT_OK


def _planned(*, force: bool) -> Iterator[str]:
    for file in removal.recorded_settings(os.environ):
        yield f"undo    {file}"
        try:
            state = settings.status(settings.Place("user", file, file), paths.state_dir(os.environ))
        except CgwError as error:
            yield f"        not possible: {error.message}"
            continue
        changed = [pointer_text(pointer) for pointer, kind in state.members if kind in _KEPT] if state else []
        if changed and not force:
            yield f"        except {', '.join(changed)}: changed since cgw set it"
            yield "        undo that too: cgw uninstall --force"
    for item in completion.recorded(os.environ):
        yield f"remove  {item.script} (completion for {item.shell})"
        if item.added:
            yield f"undo    {item.startup}: {item.added.strip()}"
    for helper in helpers.installed(os.environ):
        yield f"remove  {helper.path} and its cached key"
    for profile in config.list_profiles(os.environ):
        yield f"remove  {profile.path}"
    for file in filter(os.path.exists, _key_files()):
        yield f"remove  {file}, which holds a key; to keep it, copy it first"
    for folder in removal.own_directories(os.environ):
        yield f"remove  {folder}"
        if folder == paths.state_dir(os.environ):
            yield from _record()


def _record() -> Iterator[str]:
    """The record of changes, which goes too."""
    try:
        count = sum(1 for _ in audit.entries(paths.state_dir(os.environ)))
    except CgwError:
        return
    if count:
        yield f"        with the record of {counted(count, 'change')}; to keep it:"
        yield "        cgw settings history --limit 0 --format json"


def _undo_settings(*, force: bool) -> list[str]:
    """Undo every recorded file; returns what could not be undone."""
    kept = []
    for file in removal.recorded_settings(os.environ):
        place = settings.Place("user", file, file)
        try:
            outcome = settings.undo(place, paths.state_dir(os.environ), force=force)
        except CgwError as error:
            kept.append(f"{file}: {error.message}")
            continue
        changed = ", ".join(map(pointer_text, outcome.merged.conflicts)) if outcome else ""
        if changed and not force:
            kept.append(f"{file}: {changed} was changed since cgw set it (cgw uninstall --force undoes that too)")
    return kept


def _remove_completion() -> list[str]:
    """Remove what was installed for every shell; returns what could not be removed."""
    kept = []
    for item in completion.recorded(os.environ):
        try:
            completion.uninstall(item, os.environ)
        except CgwError as error:
            kept.append(f"completion for {item.shell}: {error.message}")
    return kept


def _remains() -> Iterator[str]:
    """What is not cgw's to remove, each with its reason and the command or place; nothing is changed or asked."""
    going = set(_key_files())
    places = {paths.key_file(secret, os.environ) or secret: secret for secret in (*_stored(), *_secrets())}
    for secret in places.values():
        file = paths.key_file(secret, os.environ)
        if secret.partition("://")[0] in STORED and file not in going and (not file or os.path.exists(file)):
            yield f"the key in its store; to remove it, before cgw is gone: cgw secret rm {secret}"
    for file, what in _named_by_the_user():
        yield f"{file}: {what}; to remove it: rm {shlex.quote(file)}"
    for line in removal.startup_lines(os.environ):
        yield f"{line.file}:{line.number}: {line.text}    (your own line; without cgw it fails)"
    program = os.path.realpath(paths.absolute(sys.argv[0]))
    yield f"the program itself, {program}: pipx uninstall claude-gw-cli, or as you installed it"


def _named_by_the_user() -> Iterator[tuple[str, str]]:
    """Files that cgw wrote where `--out` said and that are still as they were, by the record of changes; and what.

    There is no digest of a file with a key, so that one is named as long as it exists.
    """
    own = (helpers.helpers_folder(os.environ) + os.sep,)
    written: dict[str, tuple[str, str]] = {}
    with suppress(CgwError):
        for entry in audit.entries(paths.state_dir(os.environ)):
            file = str(entry.get("file", ""))
            if entry["action"] in _LEFT and file and not file.startswith(own):
                written[file] = str(entry.get("sha256", "")), _LEFT[entry["action"]]
    for file, (digest, what) in written.items():
        with suppress(CgwError):
            data = files.read_bytes(file)
            if data is not None and digest in ("", sha256_hex(data)):
                yield file, what


def _secrets() -> list[str]:
    """The references of the profiles that can be read."""
    found: list[str | None] = []
    for profile in own_profiles():
        found += [profile.secret, profile.front_auth]
    return list(dict.fromkeys(filter(None, found)))


def _stored() -> list[str]:
    """The references under which cgw stored a key, and did not remove it, by the record of changes."""
    found: dict[str, None] = {}
    with suppress(CgwError):
        for entry in audit.entries(paths.state_dir(os.environ)):
            place = str(entry.get("origin") or f"file://{entry.get('file')}")
            if entry["action"] == "secret set":
                found[place] = None
            elif entry["action"] == "secret rm":
                found.pop(place, None)
    return list(found)


def _key_files() -> list[str]:
    """Files with a key that are in directories of cgw, and are removed with them; also of a profile that is gone."""
    found = {paths.key_file(secret, os.environ) for secret in (*_secrets(), *_stored())}
    for folder, _, names in os.walk(paths.keys_dir(os.environ)):
        found |= {os.path.join(folder, name) for name in names}
    own = tuple(folder + os.sep for folder in removal.own_directories(os.environ))
    return sorted(file for file in found if file.startswith(own))


def _say_what_remains(remains: list[str]) -> None:
    if remains:
        info("Remains:")
    for line in remains:
        info(f"  {line}")
