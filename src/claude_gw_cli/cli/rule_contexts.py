"""What ``cgw check`` checks without a path: this machine here and now. Only collects; checks nothing."""

from __future__ import annotations

import os

from claude_gw_cli.cli.out import info
from claude_gw_cli.core.errors import CgwError, FaultsError, UsageError
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding, Location, Profile, Scope
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import Agent, ClientArguments, HelperFile, SettingsFile, Snapshot
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import find_rule
from claude_gw_cli.world import referenced_files, regular
from claude_gw_cli.world.paths import working_dir
from claude_gw_cli.world.snapshot import take, without_duplicate_project_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLAIN = ClientArguments()
_PLACE = lazy(r"(?:^this file:|line )(\d+)(?:, column (\d+))?")
_SAID = lazy(r"^this file(?::\d+)?: | \(at line \d+, column \d+\)")
"""Where it is, which a finding says by itself."""


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
            shared |= open_to_others(str(item.path), os.stat(item.path).st_mode, env)
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
    context = RuleContext(replace(taken, files=files, helpers=helpers), agents=_agents(taken, managed_dir))
    paths = {
        name: referenced_files.path_state(name, text)
        for name in referenced_files.PATH_VARIABLES
        if (text := context.text(name))
    }
    return replace(context, paths=paths)


def _agents(taken: Snapshot, managed_dir: str | None) -> tuple[Agent, ...]:
    """The agents in the folders of this start that name a model."""
    from claude_gw_cli.world import paths

    managed = managed_dir or paths.managed_dir()
    folders = (os.path.join(managed, ".claude"), os.path.join(taken.cwd, ".claude"), taken.config_dir)
    if not any(os.path.isdir(os.path.join(taken.cwd, folder, "agents")) for folder in folders):
        return ()
    from claude_gw_cli.world import agents

    where = (taken.config_dir, taken.cwd, taken.home, managed, taken.client_version)
    return agents.every(agents.Where(taken.arguments, *where))


def _helper(command: str, cwd: str, env: Mapping[str, str]) -> HelperFile:
    from claude_gw_cli.world import git

    seen = referenced_files.helper(command, cwd, env)
    if seen.text and seen.program and git.tracked(os.path.realpath(seen.program), env):
        return replace(seen, tracked=True)
    return seen


def open_to_others(path: str, mode: int, env: Mapping[str, str], *, tracked: bool | None = None) -> dict[str, str]:
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
        return regular.content(path)[0].decode("utf-8")
    except (CgwError, UnicodeDecodeError):
        return ""
