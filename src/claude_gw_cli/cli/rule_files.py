"""Files that ``cgw check`` was given, each with what the rules see of it: one by one, or those below a directory."""

from __future__ import annotations

import os
import time

from claude_gw_cli.cli.applied import plain_member
from claude_gw_cli.cli.out import info
from claude_gw_cli.cli.rule_contexts import faults, not_understood, open_to_others, text_of
from claude_gw_cli.core.errors import CgwError, FileError, UsageError
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding, Profile
from claude_gw_cli.core.snapshot import Agent, ClientArguments, SettingsFile, Snapshot
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import cached_property, dataclass, replace
from claude_gw_cli.rules.context import Gateway, RuleContext
from claude_gw_cli.world import tree
from claude_gw_cli.world.paths import absolute, config_dir, working_dir
from claude_gw_cli.world.tree import PassedOver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_Profiles = dict[str, dict[str, tuple["Profile", str]]]
"""The profiles that were met: directory -> file -> profile and file."""
_FEW = 2
"""Directories with profiles of which none is above a gateway's configuration, and which count all the same."""


@dataclass(frozen=True)
class OneFile:
    """A file that is checked without regard to others; its context is made only where it is asked for.

    When several processes share the files of a tree, each finds all of them, and parses those of its share.
    """

    found: tree.Found
    version: str
    env: Mapping[str, str]
    own: tuple[str, ...]

    @cached_property
    def context(self) -> RuleContext:
        """What the rules see."""
        return _subject(self.found, self.version, self.env, {}, self.own)


def from_paths(
    paths: Sequence[str], client_version: str | None
) -> Iterator[RuleContext | OneFile | Finding | PassedOver | CgwError]:
    """Each file that the paths mean, checked on its own; a file that cannot be parsed is a finding.

    A path that does not exist or cannot be read is an error among the others.
    """
    env = dict(os.environ)
    version = client_version or newest()
    profiles: _Profiles = {}
    # Profiles first: a gateway's configuration is checked against them.
    seen: set[str] = set()
    own = _own_gateways(env)
    for path in sorted(paths, key=lambda path: not path.endswith(".toml")):
        nothing = True
        for found in _met(path, env):
            nothing = False
            if isinstance(found, PassedOver | CgwError):
                yield found
                continue
            if isinstance(found, tree.Unread):
                yield not_understood(found.path, found.error, "CGW201" if found.kind == "settings" else "CGW530")
                continue
            if len(paths) > 1:
                place = os.path.realpath(found.path)
                if place in seen:
                    continue
                seen.add(place)
            if found.kind in ("settings", "variables"):
                yield OneFile(found, version, env, own)
                continue
            try:
                subject = _subject(found, version, env, profiles, own)
                yield subject
                if found.kind == "profile":
                    yield from _not_allowed(found, subject.snapshot.profiles[0], env)
            except UsageError as error:
                yield from faults(found.path, error)
        if nothing:
            info(f"cgw: {path}: no file here that Claude Code or a gateway reads")


def _not_allowed(found: tree.Found, profile: Profile, env: Mapping[str, str]) -> Iterator[Finding]:
    """What a repository's profile says and may not."""
    from claude_gw_cli.core.documents import from_toml
    from claude_gw_cli.core.values import repository_problems
    from claude_gw_cli.world import trust
    from claude_gw_cli.world.profile_text import at

    if trust.is_repositorys(found.path, env):
        for key, why in repository_problems(profile, from_toml(found.text)):
            yield not_understood(found.path, UsageError(f"{at(found.path, found.text, key)}: {why}", member=key))


def _own_gateways(env: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses in the user's own profiles, to compare with."""
    folder = os.path.join(config_dir(env), "profiles")
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".toml")]
    except OSError:
        return ()
    found = (plain_member(text_of(os.path.join(folder, name)), "gateway_url") for name in names)
    return tuple(filter(None, found))


def _met(path: str, env: Mapping[str, str]) -> Iterator[tree.Item | CgwError]:
    """What a path means, or why it means nothing: the other paths are checked all the same."""
    try:
        yield from tree.find(path, env)
    except (UsageError, FileError) as error:
        yield error


def _subject(
    found: tree.Found, version: str, env: Mapping[str, str], profiles: _Profiles, own: tuple[str, ...]
) -> RuleContext:
    snapshot = Snapshot(
        process={},
        files=(),
        cwd=os.path.dirname(found.path),
        home=env.get("HOME", ""),
        config_dir="",
        client_version=version,
        now=time.time(),
    )
    if found.kind == "settings":
        source = document(found.scope, found.path, found.text, ClientArguments(), mode=found.mode)
        if found.tracked or found.unignored:
            source = replace(source, tracked=found.tracked, unignored=found.unignored)
        here = replace(snapshot, files=(source,), agent=_leading(source, version))
        return RuleContext(here, whole=False, template=found.template, own_gateways=own)
    alone = RuleContext(snapshot, whole=False, template=found.template, own_gateways=own)
    if found.kind == "variables":
        from claude_gw_cli.rules.assigned import by_process

        source = SettingsFile(
            *("process", found.path, "loaded", found.text),
            mode=found.mode, tracked=found.tracked, unignored=found.unignored,
        )  # fmt: skip
        return by_process(alone, source, found.starts)
    from claude_gw_cli.world.profile_text import parse

    texts = {found.path: found.text}
    if found.kind == "profile":
        name = _profile_name(found.path)
        profile = parse(found.text, name, found.path)
        folder = os.path.dirname(os.path.realpath(found.path))
        profiles.setdefault(folder, {})[found.path] = (profile, found.path)
        return replace(
            alone,
            snapshot=replace(snapshot, profiles=(profile,)),
            template=False,
            profile_files={profile.name: found.path},
            shared=open_to_others(found.path, found.mode, env, tracked=found.tracked),
            texts=texts,
        )
    used = _governing(found.path, profiles) or _profile_in_use(env)
    data, fault, fault_at = tree.gateway_config(found.text)
    gateway = Gateway(found.path, data, found.mode, found.tracked, fault, fault_at)
    return replace(
        alone,
        snapshot=replace(snapshot, profiles=tuple(profile for profile, _ in used)),
        gateway=gateway,
        profile_files={profile.name: file for profile, file in used},
        texts=texts,
    )


def _leading(source: SettingsFile, version: str) -> Agent | None:
    """The repository's agent that a settings file of it lets lead."""
    name = source.data.get("agent")
    if source.scope != "project" or not isinstance(name, str) or not name:
        return None
    from claude_gw_cli.world import agents

    root = os.path.dirname(os.path.dirname(os.path.abspath(source.file)))
    return agents.find(name, agents.Where(ClientArguments(setting_sources=("project",)), "", root, "", "", version))


def _governing(path: str, profiles: _Profiles) -> list[tuple[Profile, str]]:
    """The profiles that a gateway's configuration belongs to: in its directory or the nearest above it, else the few.

    In a tree of many set-ups every gateway has its own profile, and is wrong for the others.
    """
    folder = os.path.dirname(os.path.realpath(path))
    while folder not in profiles:
        if folder == os.path.dirname(folder):
            return [item for inner in profiles.values() for item in inner.values()] if len(profiles) <= _FEW else []
        folder = os.path.dirname(folder)
    return list(profiles[folder].values())


def _profile_name(path: str) -> str:
    """A repository's ``cgw.toml`` is named after its directory, another file after itself."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return os.path.basename(os.path.dirname(absolute(path))) or stem if stem == "cgw" else stem


def _profile_in_use(env: Mapping[str, str]) -> list[tuple[Profile, str]]:
    from claude_gw_cli.world import config

    try:
        file = config.select(None, env, working_dir())
        return [(config.read(file, env).profile, str(file.path))]
    except CgwError:
        return []  # nothing to compare the gateway with
