"""Codes of several ranges: what a profile can get wrong by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.fronts import dropped
from claude_gw_cli.core.model import Location, Profile
from claude_gw_cli.core.plan import key_header, make_plan
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.rules.context import RuleContext, version_of
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import profile


def _bedrock(auth: str) -> Example:
    return Example(
        profile=profile(provider="bedrock", credentials="client", auth=auth, key_header="x-litellm-api-key")
    )


def _minted(ttl_seconds: int) -> Example:
    tables = {"jwt": {"gw": {"lifetime": 600}}, "helper": {"ttl_seconds": ttl_seconds}}
    return Example(profile=profile(auth="helper", secret="jwt://gw", tables=tables))


def _needs(version: str) -> Example:
    return Example(profile=profile(min_client_version=version, env={"CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1"}))


def _at(ctx: RuleContext, item: Profile, pointer: str | None = None) -> Location:
    return Location(ctx.profile_files.get(item.name), pointer=pointer)


@rule(
    "CGW530 profile-impossible error",
    why="""The profile asks for something that the client cannot do; every command that uses it stops.""",
    bad=_bedrock("helper"),
    good=_bedrock("static"),
    evidence="2.1.330: bed.noskip.aws+help bed.noskip.aws+ch.xlit",
)
def profile_impossible(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile combines a key header, provider or version that do not work together."""
    for item in ctx.snapshot.profiles:
        try:
            make_plan(item)
        except UsageError as error:
            yield RawFinding(f"profile {item.name}: {error.message}", _at(ctx, item), error.hint)


@rule(
    "CGW151 front-removes-key-header warning",
    why="""A reverse proxy before the gateway removes some request headers by default: Caddy, Traefik, Traffic Server
    and Squid the header Proxy-Authorization, Squid also Authorization, nginx and Caddy every name with an underscore.
    The gateway then answers as if no key was sent.""",
    bad=Example(profile=profile(key_header="proxy-authorization", front="caddy")),
    good=Example(profile=profile(key_header="x-litellm-api-key", front="caddy")),
    evidence="measured: 2.1.330 behind seven fronts, four headers, three providers (tests/real/test_fronts.py)",
)
def front_removes_key_header(ctx: RuleContext) -> Iterator[RawFinding]:
    """The reverse proxy that a profile names removes the header with its key."""
    for item in ctx.snapshot.profiles:
        try:
            problem = dropped(item.front, key_header(item)) if item.front else None
        except UsageError:
            continue
        if problem:
            yield RawFinding(f"profile {item.name}: {problem[0]}", _at(ctx, item, "/key_header"), problem[1])


@rule(
    "CGW531 profile-incomplete info",
    why="""A value that only you know is still missing.""",
    bad=Example(profile=profile(provider="vertex")),
    good=Example(profile=profile(provider="vertex", project_id="team-llm")),
    evidence="2.1.330: vtx.noproject",
)
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
                f"set it in the profile's file; in your own profile: cgw init {item.name} {missing[0]} …",
            )


@rule(
    "CGW416 ttl-outlives-token warning",
    why="""The client keeps the helper's value for the TTL and does not check its expiry: it sends a token that
    expires earlier until the gateway refuses it.""",
    bad=_minted(ttl_seconds=900),
    good=_minted(ttl_seconds=300),
    evidence="""measured: 2.1.330 sends an expired JWT unchanged
    reported: anthropics/claude-code#43436""",
)
def ttl_outlives_token(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile lets the client keep a token for longer than the token is valid."""
    for item in ctx.snapshot.profiles:
        scheme, _, name = (item.secret or "").partition("://")
        table: Any = item.tables.get("jwt", {}).get(name) if scheme == "jwt" else None
        lifetime = table.get("lifetime") if isinstance(table, Mapping) else None
        ttl = item.tables.get("helper", {}).get("ttl_seconds")
        if isinstance(lifetime, int | float) and isinstance(ttl, int | float) and ttl >= lifetime:
            yield RawFinding(
                f"profile {item.name} keeps a token of {lifetime:g} seconds for {ttl:g} seconds",
                _at(ctx, item, "/ttl_seconds"),
                f"set [helper] ttl_seconds below {lifetime:g}, or remove it: cgw then chooses one that fits",
            )


@rule(
    "CGW612 newer-than-minimum warning",
    why="""The oldest client that the profile must support ignores a variable that was added later.""",
    bad=_needs("2.1.200"),
    good=_needs("2.1.280"),
    evidence="""2.1.228: claim.model.default
    2.1.330: claim.model.default
    changelog: 2.1.273""",
)
def newer_than_minimum(ctx: RuleContext) -> Iterator[RawFinding]:
    """A profile sets a variable that is newer than the oldest client it must support."""
    for item in ctx.snapshot.profiles:
        oldest = version_of(item.min_client_version)
        for name in item.env if oldest else ():
            since = VARIABLES[name].since if name in VARIABLES else None
            if oldest and since and oldest < version_key(since):
                yield RawFinding(
                    f"profile {item.name}: {name} needs client {since}; it must support {item.min_client_version}",
                    _at(ctx, item, f"/{name}"),
                    "raise min_client_version, or remove the variable",
                )
