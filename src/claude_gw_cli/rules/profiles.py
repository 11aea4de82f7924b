"""Codes of several ranges: what a profile can get wrong by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from claude_gw_cli.core.client_options import too_new
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.fronts import dropped
from claude_gw_cli.core.model import Location, Profile
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.plan import key_header, make_plan
from claude_gw_cli.core.words import counted
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import Any
from claude_gw_cli.rules.context import RuleContext, version_of
from claude_gw_cli.rules.literals import leaves
from claude_gw_cli.rules.rule import RawFinding, rule

_IN_A_HOME = lazy(r"(?<![\w~.])(?:/home/|/Users/|[A-Za-z]:[\\/]Users[\\/])[^/\\\s]+|(?<![\w~.])/root(?=/)")


def _at(ctx: RuleContext, item: Profile, pointer: str | None = None) -> Location:
    return Location(ctx.profile_files.get(item.name), pointer=pointer)


@rule("CGW530 profile-impossible error")
def profile_impossible(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile combines a key header, provider or version that do not work together."""
    for item in ctx.snapshot.profiles:
        try:
            make_plan(item)
        except UsageError as error:
            text = ctx.texts.get(ctx.profile_files.get(item.name, ""), "")
            said = (
                name for name in (error.member, "provider") if re.search(rf"(?m)^\s*[\"']?{re.escape(name)}\b", text)
            )
            pointer = next((f"/{name}" for name in said), None)
            yield RawFinding(f"profile {item.name}: {error.message}", _at(ctx, item, pointer), error.hint)


@rule("CGW151 front-removes-key-header warning")
def front_removes_key_header(ctx: RuleContext) -> Iterator[RawFinding]:
    """The reverse proxy that a profile names removes the header with its key."""
    for item in ctx.snapshot.profiles:
        try:
            problem = dropped(item.front, key_header(item)) if item.front else None
        except UsageError:
            continue
        if problem:
            yield RawFinding(f"profile {item.name}: {problem[0]}", _at(ctx, item, "/key_header"), problem[1])


@rule("CGW531 profile-incomplete info")
def profile_incomplete(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile lacks a value that its provider needs."""
    for item in ctx.snapshot.profiles:
        try:
            missing = make_plan(item).missing
        except UsageError:
            continue
        if missing:
            yield RawFinding(
                f"profile {item.name} lacks {', '.join(missing)}",
                _at(ctx, item),
                f"set it in the profile's file; in your own profile: cgw profile set {item.name} {missing[0]} …",
            )


@rule("CGW416 ttl-outlives-token warning")
def ttl_outlives_token(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile lets the client keep a token for longer than the token is valid."""
    for item in ctx.snapshot.profiles:
        scheme, _, name = (item.secret or "").partition("://")
        table: Any = item.tables.get("jwt", {}).get(name) if scheme == "jwt" else None
        lifetime = table.get("lifetime") if isinstance(table, Mapping) else None
        ttl = item.tables.get("helper", {}).get("ttl_seconds")
        if isinstance(lifetime, int | float) and isinstance(ttl, int | float) and ttl >= lifetime:
            yield RawFinding(
                f"profile {item.name} keeps a token of {counted(lifetime, 'second')} for {counted(ttl, 'second')}",
                _at(ctx, item, "/ttl_seconds"),
                f"set [helper] ttl_seconds below {lifetime:g}, or remove it: cgw then chooses one that fits",
            )


@rule("CGW419 personal-path warning")
def personal_path(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile that git tracks names a file in one person's home directory."""
    for item in ctx.snapshot.profiles:
        file = ctx.profile_files.get(item.name, "")
        for path, problem, advice in personal(item) if ctx.shared.get(file) == "git tracks" else ():
            yield RawFinding(problem, Location(file, pointer="/" + "/".join(path)), advice)


def personal(profile: Profile) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What of a profile only one person has: the place of each member, a sentence and the advice."""
    members: dict[str, Any] = {"secret": profile.secret, "front_auth": profile.front_auth, "env": profile.env}
    for path, name, text in leaves(members | dict(profile.tables), ()):
        if found := _IN_A_HOME.search(text):
            yield (
                path,
                f"{name} of profile {profile.name} is in the home directory of one person ({found[0]})",
                "write file://~/… for each person's own file, or name a place that everyone has",
            )


@rule("CGW612 newer-than-minimum warning")
def newer_than_minimum(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile sets a variable that is newer than the oldest client it must support."""
    for item in ctx.snapshot.profiles:
        oldest = version_of(item.min_client_version)
        said = {name: VARIABLES[name].since for name in item.env if name in VARIABLES}
        said |= {row.name: row.since for row in too_new(item, item.min_client_version or "")} if oldest else {}
        for name, since in said.items():
            if oldest and since and oldest < version_key(since):
                yield RawFinding(
                    f"profile {item.name}: {name} needs client {since}; it must support {item.min_client_version}",
                    _at(ctx, item, f"/{name}"),
                    "raise min_client_version, or remove it",
                )
