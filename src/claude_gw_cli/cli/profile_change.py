"""``cgw profile set|edit|rename``: change a profile, keep its file's comments, name what depends on it."""

from __future__ import annotations

import json
import os
import re
import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

from claude_gw_cli.cli.applied import applied, helper_of
from claude_gw_cli.cli.key_here import say_what_it_needs
from claude_gw_cli.cli.member_values import given_members, parsed_pair, place, value_of
from claude_gw_cli.cli.new_profile import refuse_keys, table_name, validated
from claude_gw_cli.cli.next_steps import say_missing
from claude_gw_cli.cli.out import can_ask, error_line, info, report_error
from claude_gw_cli.core.errors import EXIT_OK, CgwError, FileError, TryAgainError, UsageError
from claude_gw_cli.core.masking import masked_value
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.profile_members import MEMBERS
from claude_gw_cli.rules.literals import shown_reference
from claude_gw_cli.world import audit, chosen, config, files, origins, paths, removal, trust
from claude_gw_cli.world.ownership import Store
from claude_gw_cli.world.profile_layout import members, rewritten
from claude_gw_cli.world.profile_text import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REFERENCES = ("secret", "front_auth")


def set_members(
    *, name: str | None = None, pairs: tuple[str, ...] = (), unset: str | None = None, **fields: str | None
) -> int:
    """Change members of a profile's file.

    Raises:
        UsageError: a key or value is not valid, or the profile would not be; nothing was changed.
    """
    if name is not None and "=" in name:
        pairs, name = (name, *pairs), None
    file = _file(name)
    text = config.text_of(file.path) or ""
    before = members(text, str(file.path))
    data = members(text, str(file.path))

    def named(table: str) -> str:
        secret, tables = data.get("secret"), {table: data.get(table, {})}
        return table_name(
            table, Profile(file.name, "", secret=secret if isinstance(secret, str) else None, tables=tables)
        )

    # Where the key is says which [jwt.NAME] an option means.
    for pair in sorted(pairs, key=lambda pair: not pair.startswith("secret=")):
        _put(data, *parsed_pair(pair, named))
    for member, given in sorted(given_members(fields), key=lambda item: item[0].path != "secret"):
        path = place(member.keyword, named)[0]
        _put(data, path, value_of(member, given))
        if member.table in {"jwt", "oauth"} and "secret" not in data:
            data["secret"] = f"{member.table}://{path[1]}"
    for key in filter(None, (unset or "").split(",")):
        _remove(data, place(key.strip(), named)[0], key)
    if not pairs and unset is None and not any(item is not None for item in fields.values()):
        raise UsageError("nothing to set", hint=f"As in: cgw profile set {file.name} region=us-east5")
    changed = rewritten(text, data, str(file.path))
    _replace(file, text, changed, _valid(changed, file))
    for line in _differences(before, data):
        info(line)
    say_what_follows(file, before != data)
    return EXIT_OK


def edit(*, name: str | None = None, yes: bool = False) -> int:
    """Open a profile's file in the person's editor; what is valid afterwards replaces it, and nothing is lost.

    Raises:
        UsageError: the text is not valid; the file is as it was, and the text is kept.
        TryAgainError: the file was changed in the meantime; so too.
    """
    from claude_gw_cli.world.editor import edited

    file = _file(name)
    text = config.text_of(file.path) or ""
    content = text.encode()
    while True:
        content = edited(content, f"{file.name}.toml", os.environ, partial(_keep, file))
        try:
            changed = _decoded(content)
            if changed == text:
                info("Nothing was changed.")
                return EXIT_OK
            _replace(file, text, changed, _valid(changed, file))
            break
        except CgwError as error:
            if not yes and isinstance(error, UsageError) and can_ask():
                from claude_gw_cli.cli.typed import confirm

                report_error(error)
                try:
                    if confirm("Edit it again?", default=True):
                        continue
                except KeyboardInterrupt:
                    _keep(file, content)
                    raise
            raise _kept(error, file, content) from None
    say_what_follows(file, changed=True)
    return EXIT_OK


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"what was written is not UTF-8 text (byte {error.start})") from None


def _kept(error: CgwError, file: config.ProfileFile, content: bytes) -> CgwError:
    """The error, after the text that it is about was kept in a private file."""
    hint = f"{error.hint}\n{_saved(file, content)}".strip()
    kind = TryAgainError if isinstance(error, TryAgainError) else UsageError
    return kind(error.message, hint=hint)


def _keep(file: config.ProfileFile, content: bytes) -> None:
    error_line(_saved(file, content))


def _saved(file: config.ProfileFile, content: bytes) -> str:
    """Where a text is now that did not replace the profile, as a sentence."""
    path = os.path.join(files.private_dir(os.path.join(paths.state_dir(os.environ), "edited")), f"{file.name}.toml")
    files.write_private(path, content)
    return f"The profile is as it was. What you wrote is in {path}"


def rename(*, old: str, new: str) -> int:
    """Rename one of the person's own profiles, with what is recorded under its name.

    Raises:
        UsageError: there is no such profile of the person's own, or there is one of the new name.
        FileError: the file cannot be renamed; nothing was changed.
    """
    source, target = config.profile_path(old, os.environ), config.profile_path(new, os.environ)
    if not os.path.isfile(source):
        config.select(old, os.environ, paths.working_dir())
    if os.path.lexists(target):
        raise UsageError(f"there is a profile {new!r} already", hint=f"Remove it first: cgw profile rm {new}")
    real = os.path.realpath(source)
    try:
        os.rename(source, target)
        if os.path.exists(f"{source}.bak"):
            os.rename(f"{source}.bak", f"{target}.bak")
    except OSError as error:
        raise FileError(f"cannot rename {source}: {error.strerror}") from None
    origins.rename(old, new, os.environ)
    audit.note(paths.state_dir(os.environ), "profile rename", profile=new, file=str(target), renamed_from=old)
    info(f"cgw: profile {old} is now {new}")
    if chosen.name(os.environ) == old:
        chosen.choose(new, os.environ)
    from claude_gw_cli.helper.install import rename_profile

    now = os.path.realpath(target)
    if helper := rename_profile(real, now, os.environ):
        info(f"  its helper keeps the name {helper.name} and its path, so that running clients find it")
    for path in removal.recorded_settings(os.environ):
        store = Store(paths.state_dir(os.environ), path)
        with store.lock():
            if store.rename((old, real), (new, now)):
                info(f"  {path} is recorded as written from {new}")
    _say_who_names_it(old, new)
    return EXIT_OK


def _say_who_names_it(old: str, new: str) -> None:
    """What is the person's own and still has the old name."""
    if os.environ.get("CGW_PROFILE") == old:
        info(f"CGW_PROFILE still has the old name here: export CGW_PROFILE={new}")
    for line in removal.startup_lines(os.environ):
        if re.search(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])", line.text):
            info(f"{line.file}:{line.number} still has the old name: {line.text}")


def _file(name: str | None) -> config.ProfileFile:
    """The profile's file; one of a repository must not be a link out of it."""
    file = config.select(name, os.environ, paths.working_dir())
    if trust.is_repositorys(file.path, os.environ):
        trust.check_stays_inside(file.path)
    return file


def _put(data: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for part in path[:-1]:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise UsageError(f"{part} is not a table in this profile", hint="Correct it: cgw profile edit")
    data[path[-1]] = value


def _remove(data: dict[str, Any], path: tuple[str, ...], key: str) -> None:
    """Remove a member, and the tables that are empty then."""
    tables = [data]
    for part in path[:-1]:
        inner = tables[-1].get(part)
        if not isinstance(inner, dict):
            raise UsageError(f"{key} is not set in this profile")
        tables.append(inner)
    if tables[-1].pop(path[-1], None) is None:
        raise UsageError(f"{key} is not set in this profile")
    for part, table in zip(reversed(path[:-1]), reversed(tables[:-1]), strict=True):
        if not table[part]:
            del table[part]


def _valid(text: str, file: config.ProfileFile) -> Profile:
    """The profile that a new text is.

    Raises:
        UsageError: it is not one, or no client can do what it says, or it newly holds a literal key.
    """
    profile = validated(parse(text, file.name, f"{file.name}.toml"))
    make_plan(profile)
    refuse_keys(profile, config.text_of(file.path))
    return profile


def _replace(file: config.ProfileFile, old: str, new: str, profile: Profile) -> None:
    if old == new:
        return
    config.save(file.path, new, before=old)
    place = paths.with_tilde(file.path, os.environ)
    info(f"cgw: changed {place} (the previous version: {os.path.basename(file.path)}.bak)")
    say_missing(profile, make_plan(profile))
    say_what_it_needs(profile)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Each member that differs, one a line, masked."""
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) or isinstance(new, dict):
            yield from _differences(old or {}, new or {}, f"{above}{key}.")
        elif old != new:
            yield f"  {above}{key}: {shown_member(key, old)} -> {shown_member(key, new)}"


def shown_member(key: str, value: object) -> str:
    """A member's value for people, masked; ``None`` is one that is not set."""
    if value is None:
        return "not set"
    if not isinstance(value, str):
        return masked_value(key, json.dumps(value, ensure_ascii=False, default=str))  # true and lists as in TOML
    if any(
        member.name == key and isinstance(member.choices, tuple) and value in member.choices for member in MEMBERS
    ):
        return value
    return shown_reference(value) if key in _REFERENCES else masked_value(key, value)


def say_what_follows(file: config.ProfileFile, changed: bool) -> None:
    """Name what was made from the profile and still is as it was."""
    if not changed:
        info("Nothing was changed: it says that already.")
        return
    if trust.is_repositorys(file.path, os.environ):
        info(f"To use it as it is now: cgw profile trust {shlex.quote(str(file.path))}")
        return
    own = [item for item in applied() if item.profile == file.name and item.state != "left"]
    for item in own:
        place = paths.with_tilde(item.path, os.environ)
        info(f"{place} still has what was applied: cgw settings apply {item.options} --profile {file.name}")
    if not own and (helper := helper_of(file.path)):
        info(f"Its helper {helper.name} is still as it was: cgw helper install {file.name}")
