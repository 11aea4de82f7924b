"""What ``cgw check`` checks: this machine here and now, or files one by one. Only collects; checks nothing."""

from __future__ import annotations

import os
import time

from claude_gw_cli.cli.applied import plain_member
from claude_gw_cli.cli.out import info
from claude_gw_cli.core.errors import CgwError, FaultsError, FileError, UsageError
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding, Location, Profile, Scope
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import ClientArguments, HelperFile, SettingsFile, Snapshot
from claude_gw_cli.facts.versions import newest
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import cached_property, dataclass, replace
from claude_gw_cli.rules.context import Gateway, RuleContext
from claude_gw_cli.rules.engine import find_rule
from claude_gw_cli.world import referenced_files, regular, tree
from claude_gw_cli.world.paths import absolute, config_dir, working_dir
from claude_gw_cli.world.snapshot import take, without_duplicate_project_file
from claude_gw_cli.world.tree import PassedOver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PLAIN = ClientArguments()
_PLACE = lazy(r"(?:^this file:|line )(\d+)(?:, column (\d+))?")
_SAID = lazy(r"^this file(?::\d+)?: | \(at line \d+, column \d+\)")
"""Where it is, which a finding says by itself."""

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


def from_machine(client_version: str, managed_dir: str | None) -> tuple[RuleContext, list[Finding]]:
    """What a client started in this directory and environment would see, with every profile; and the unreadable."""
    from claude_gw_cli.world import config

    env, cwd = dict(os.environ), working_dir()
    if managed_dir and not os.path.exists(managed_dir):
        info(f"cgw: {managed_dir} does not exist, so no managed settings are checked")
    context = with_surroundings(
        take(env, cwd, client_version=client_version, arguments=_PLAIN, managed_dir=managed_dir), env, managed_dir
    )
    broken: list[Finding] = []
    profiles: dict[str, Profile] = {}
    places: dict[str, str] = {}
    shared: dict[str, str] = {}
    known = config.list_profiles(env)
    try:
        current = config.select(None, env, cwd)
        known = [current, *known] if current.origin == "repository" else known
    except CgwError:
        pass
    for item in known:
        try:
            loaded = config.read(item, env)
            profiles[item.name], places[item.name] = loaded.profile, str(item.path)
            broken += [not_understood(str(item.path), UsageError(f"{at}: {why}")) for at, why in loaded.problems]
            if loaded.trust in {"untrusted", "changed", "denied"}:
                info(f"cgw: {item.path} is not trusted: only check, explain and profile show|list|export read it")
            shared |= _shared(str(item.path), os.stat(item.path).st_mode, env)
        except UsageError as error:
            broken += faults(str(item.path), error)
        except CgwError as error:
            info(f"cgw: profile {item.name} is left out: {error.message}")
    snapshot = replace(context.snapshot, profiles=tuple(profiles.values()))
    texts = {place: text_of(place) for place in places.values()}
    return replace(context, snapshot=snapshot, profile_files=places, shared=shared, texts=texts), broken


def with_surroundings(taken: Snapshot, env: Mapping[str, str], managed_dir: str | None) -> RuleContext:
    """A client start with its surroundings: git status of files, helpers, certificates, files that are not read.

    Without profiles, whose reading costs more than all the rest.
    """
    taken = without_duplicate_project_file(taken)
    unread = _unread(taken.cwd, env, managed_dir)
    files = tuple(_as_git_sees_it(source, env) for source in (*unread, *taken.files))
    commands = {
        command for source in files if isinstance(command := source.data.get("apiKeyHelper"), str) and command
    }
    helpers = tuple(_helper(command, taken.cwd, env) for command in sorted(commands))
    context = RuleContext(replace(taken, files=files, helpers=helpers))
    paths = {
        name: referenced_files.path_state(name, text)
        for name in referenced_files.PATH_VARIABLES
        if (text := context.text(name))
    }
    return replace(context, paths=paths)


def _helper(command: str, cwd: str, env: Mapping[str, str]) -> HelperFile:
    from claude_gw_cli.world import git

    seen = referenced_files.helper(command, cwd, env)
    if seen.text and seen.program and git.tracked(os.path.realpath(seen.program), env):
        return replace(seen, tracked=True)
    return seen


def _shared(path: str, mode: int, env: Mapping[str, str], *, tracked: bool | None = None) -> dict[str, str]:
    """How others can read a profile, by its path; empty when they cannot."""
    from claude_gw_cli.world import git

    if git.tracked(os.path.realpath(path), env) if tracked is None else tracked:
        return {path: "git tracks"}
    return {path: f"others can read (mode {mode & 0o777:04o})"} if mode & 0o077 else {}


def _as_git_sees_it(source: SettingsFile, env: Mapping[str, str]) -> SettingsFile:
    from claude_gw_cli.world import git

    if source.text is None or source.scope not in {"user", "project", "local"}:
        return source
    place = os.path.realpath(source.file)
    if git.tracked(place, env):
        return replace(source, tracked=True)
    # A home directory that is a repository ignores next to nothing, and not all of it is ever added: not asked there.
    return replace(source, unignored=source.scope != "user" and git.exposed(place, env))


def _unread(cwd: str, env: Mapping[str, str], managed_dir: str | None) -> Iterator[SettingsFile]:
    """Settings files that a user may expect to apply, and that the client does not read from here."""
    from claude_gw_cli.world import paths

    own = paths.claude_dir(env)
    folder, parent = cwd, os.path.dirname(cwd)
    while parent != folder and not os.path.exists(os.path.join(folder, ".git")):
        folder, parent = parent, os.path.dirname(parent)
        place = os.path.join(folder, ".claude", "settings.json")
        if os.path.dirname(place) != own and folder != paths.home(env):
            yield from _expected(place, "project", f"project settings are read from {cwd}/.claude only")
    if os.path.dirname(own) != cwd:
        place = os.path.join(own, "settings.local.json")
        yield from _expected(place, "local", "the client reads no local settings of the user scope")
    if not own:
        place = os.path.join(paths.home(env), ".claude", "settings.json")
        yield from _expected(
            place, "user", "CLAUDE_CONFIG_DIR is empty: the client reads settings.json of this place"
        )
    for name in ("setting.json", "config.json") if own else ():
        yield from _expected(os.path.join(own, name), "user", f"the client reads settings.json here, not {name}")
    for name in ("settings.json", "managed_settings.json"):
        place = os.path.join(managed_dir or paths.managed_dir(), name)
        yield from _expected(place, "managed", f"the client reads managed-settings.json here, not {name}")


def _expected(place: str, scope: Scope, reason: str) -> Iterator[SettingsFile]:
    if text := text_of(place):
        yield replace(document(scope, place, text, _PLAIN), status="unread", reason=reason)


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
        source = document(found.scope, found.path, found.text, _PLAIN, mode=found.mode)
        if found.tracked or found.unignored:
            source = replace(source, tracked=found.tracked, unignored=found.unignored)
        here = replace(snapshot, files=(source,))
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
            shared=_shared(found.path, found.mode, env, tracked=found.tracked),
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


def faults(path: str, error: UsageError) -> list[Finding]:
    """All that is wrong with a file, as findings."""
    return [not_understood(path, one) for one in (error.faults if isinstance(error, FaultsError) else (error,))]


def not_understood(path: str, error: CgwError, code: str = "CGW530") -> Finding:
    """A file that cannot be read, as a finding: the other files are checked too."""
    rule = find_rule(code)
    if rule is None:
        raise error
    text = error.message.replace(path, "this file", 1) if error.message.startswith(path) else error.message
    at = _PLACE.search(text)
    line, column = (int(at[1]), int(at[2] or 1)) if at else (None, None)
    message = masked_keys(_SAID.sub("", text))  # it quotes the file, and a key may be in a wrong place
    place = Location(path, line, column, f"/{masked_keys(error.member)}" if error.member and line else None)
    return Finding(rule.code, rule.slug, rule.severity, message, place, error.hint)


def text_of(path: str) -> str:
    """A file's text; empty where it cannot be read."""
    try:
        return regular.content(path, tree.LARGEST)[0].decode("utf-8")
    except (CgwError, UnicodeDecodeError):
        return ""
