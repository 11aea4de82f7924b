"""A profile that is about to be written: validated, saved with the old one kept, or taken from a file or a URL."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import info
from claude_gw_cli.core import reference
from claude_gw_cli.core.endpoint import gateway_root
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import DEFAULT_GATEWAY_URL, Profile
from claude_gw_cli.core.plan import key_header
from claude_gw_cli.core.profile_members import NAMED, SECTIONS, check_names
from claude_gw_cli.record import replace
from claude_gw_cli.rules.literals import keys_in
from claude_gw_cli.world import chosen, config
from claude_gw_cli.world.profile_layout import text_for
from claude_gw_cli.world.profile_text import ascii_host, dumps, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 10.0


def validated(profile: Profile) -> Profile:
    """The profile with its defaults, every value validated.

    The text form is parsed again, so that what is written is what can be read.
    """
    profile = replace(profile, gateway_url=gateway_root(ascii_host(profile.gateway_url or DEFAULT_GATEWAY_URL)))
    if profile.key_header is not None:
        profile = replace(profile, key_header=profile.key_header.strip().lower())
    profile = parse(dumps(profile), profile.name, f"profile {profile.name}")
    check_tables(profile)
    for text in filter(None, (profile.secret, profile.front_auth)):
        check_reference(profile, text)
    key_header(profile)
    return profile


def with_tables(profile: Profile, given: Mapping[str, Mapping[str, object]]) -> Profile:
    """The profile with further members of tables; where the key is follows from a ``jwt`` or ``oauth`` table.

    Args:
        profile: the profile, with its name.
        given: table -> member's name -> its value.
    """
    tables: dict[str, Mapping[str, object]] = dict(profile.tables)
    for table, content in given.items():
        if table in NAMED:
            name = table_name(table, profile)
            known = dict(tables.get(table, {}))
            inner = known.get(name)
            tables[table] = known | {name: {**(inner if isinstance(inner, dict) else {}), **content}}
            profile = replace(profile, secret=profile.secret or f"{table}://{name}")
        else:
            tables[table] = {**tables.get(table, {}), **content}
    return replace(profile, tables=tables)


def table_name(table: str, profile: Profile) -> str:
    """The name of the ``jwt`` or ``oauth`` table that an option means: that of the key, else the only one."""
    scheme, _, name = (profile.secret or "").partition("://")
    known = profile.tables.get(table, {})
    if scheme == table and name:
        return name
    return next(iter(known)) if len(known) == 1 else re.sub(r"[^A-Za-z0-9_-]", "-", profile.name)


def choose_one_of_several(name: str) -> None:
    """Make a profile that was just applied the one of every command; where it is the only one, it is that already."""
    if len(config.list_profiles(os.environ)) > 1 and chosen.name(os.environ) != name:
        chosen.choose(name, os.environ)
        info(f"cgw: {name} is now the profile in use")


def check_tables(profile: Profile) -> None:
    """Refuse a table for a secret source that has a name which is not known.

    Raises:
        UsageError: names the table and the nearest name.
    """
    for table, content in profile.tables.items():
        if table in NAMED:
            for name, inner in content.items():
                if not isinstance(inner, dict):
                    raise UsageError(f"[{table}] {name} must be a table", hint=f"[{table}.{profile.name}]")
                check_names(table, inner, f"[{table}.{name}]")
        elif table in SECTIONS:
            check_names(table, content, f"[{table}]")


def check_reference(profile: Profile, text: str) -> None:
    """Whether the reference names a source that exists; nothing is fetched.

    Raises:
        UsageError: it does not.
    """
    from claude_gw_cli import secrets

    parsed = reference.parse(text)
    secrets.source(parsed.scheme, parsed, secrets.Context.make(Grant("typed"), os.environ, _SECONDS, profile.tables))
    if parsed.scheme == "exec":
        from claude_gw_cli.secrets.command import argv

        argv(parsed)


def refuse_keys(profile: Profile, before: str | None) -> None:
    """Refuse a literal key in a profile, unless its file's text before held one in the same place.

    Raises:
        UsageError: names the member.
    """
    new = set(keys_in(profile))
    if new and before is not None:
        with suppress(UsageError):  # what was not valid is replaced
            new -= set(keys_in(parse(before, profile.name, "")))
    if new:
        raise UsageError(
            f"{', '.join(sorted(map('.'.join, new)))} would hold a literal key, and a profile only says where it is",
            hint="Store the key: cgw secret set keyring://cgw/NAME\n"
            f"then name its place: cgw profile set {profile.name} secret=keyring://cgw/NAME    and key_header=HEADER",
        )


def save(profile: Profile) -> str:
    """Write the profile; the previous text of its file is kept beside it. Returns the file."""
    path = config.profile_path(profile.name, os.environ)
    old = config.text_of(path)
    text = text_for(profile, old, str(path))
    if old != text:
        config.save(path, text, before=old)
        if old is not None:
            info(f"cgw: the previous version is in {path}.bak")
    return path
