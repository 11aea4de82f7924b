"""Reads what a client started here and now would read: environment, settings documents, arguments.

Only reads, and only what the client itself reads. What the documents mean is decided in ``core.layers``.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

from claude_gw_cli.core.errors import FileError, UsageError
from claude_gw_cli.core.jsontext import JsonError, decode, parse
from claude_gw_cli.core.layers import WHITESPACE, Effective, document, effective, truthy
from claude_gw_cli.core.model import Scope
from claude_gw_cli.core.snapshot import Agent, ClientArguments, SettingsFile, Snapshot
from claude_gw_cli.facts.unheard import MANAGED_BY_PROGRAM, RESTRICTED_VARIABLE
from claude_gw_cli.facts.versions import NEWEST, holds
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import replace
from claude_gw_cli.world import files, paths, regular
from claude_gw_cli.world.cloud_files import aws_profiles, cloud_file, google_needs_project
from claude_gw_cli.world.process import which

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PATIENCE = 3
"""Seconds for a pipe that ``--settings`` names; a helper reads it too, and a client waits for the helper."""


def take(
    env: Mapping[str, str],
    cwd: str,
    *,
    client_version: str = NEWEST,
    arguments: ClientArguments | None = None,
    interactive: bool = False,
    managed_dir: str | None = None,
    stops: tuple[str, ...] = (),
) -> Snapshot:
    """The snapshot of a client start.

    Args:
        env: the environment the client would inherit.
        cwd: where it would be started.
        client_version: as ``2.1.330``; the newest known one by default.
        arguments: the client's own (``core.arguments.parse_arguments``).
        interactive: a session instead of ``-p``.
        managed_dir: another administrator's directory.
        stops: what the arguments already ran into.

    Raises:
        UsageError: ``managed_dir`` is a file.
    """
    if managed_dir and os.path.isfile(managed_dir):
        raise UsageError(f"--managed-dir {managed_dir} is a file", hint="Name the directory that it is in.")
    arguments = arguments or ClientArguments()
    if truthy(env.get(RESTRICTED_VARIABLE, "")) and holds("restricted-variable", client_version):
        arguments = replace(arguments, restricted=True)
    found: list[str] = list(stops)
    claude_dir = paths.claude_dir(env)
    own = os.path.join(claude_dir if "CLAUDE_CONFIG_DIR" in env else paths.home(env), ".claude.json")
    # An empty CLAUDE_CONFIG_DIR is the working directory itself (measured: claim.configdir.empty).
    files = [_file("user", os.path.join(cwd, claude_dir, "settings.json"), arguments, client_version)]
    project = arguments.project_root or cwd
    if not os.path.isdir(project):
        found.append("Error: --project-config-root is not an existing directory that this user can list")
    files += [
        _file(scope, paths.settings_path(scope, env, project), arguments, client_version)
        for scope in ("project", "local")
    ]
    files += _flag(arguments, client_version, cwd, found)
    managed = list(_managed(managed_dir or paths.managed_dir(), arguments, client_version))
    files += managed
    if arguments.managed is not None and all(file.status == "absent" for file in managed):
        given = document("managed", "--managed-settings", arguments.managed, arguments, kind="inline")
        if given.status == "loaded":
            files.append(
                replace(given, data={key: given.data[key] for key in MANAGED_BY_PROGRAM if key in given.data})
            )
    snapshot = Snapshot(
        process=dict(env),
        files=tuple(files),
        cwd=cwd,
        home=paths.home(env),
        config_dir=claude_dir,
        client_version=client_version,
        interactive=interactive,
        arguments=arguments,
        claude_json=(claude_json := _claude_json(own, found)),
        claude_json_file=own,
        login=(login := _login(claude_dir, claude_json))[0],
        login_plan=login[1],
        bubblewrap=sys.platform != "linux" or which("bwrap", env.get("PATH", os.defpath)) is not None,
        platform=sys.platform,
        now=time.time(),
    )
    layers = effective(snapshot)
    return replace(
        snapshot,
        cloud_files=tuple(_cloud_files(snapshot, layers)),
        aws_profiles=aws_profiles(layers, snapshot),
        google_needs_project=google_needs_project(layers, snapshot),
        agent=_agent(snapshot, layers, managed_dir or paths.managed_dir(), found),
        stops=tuple(found),
    )


def without_duplicate_project_file(taken: Snapshot) -> Snapshot:
    """Without the project's file where that is the user's own: in HOME the client reads one file twice.

    Otherwise its findings would be reported and fixed twice, and it would count as a repository's file.
    """
    own = next((source for source in taken.files if source.scope == "user"), None)
    if own is None or own.status in {"absent", "unread"}:
        return taken
    place = os.path.realpath(own.file)
    files = (item for item in taken.files if item.scope != "project" or os.path.realpath(item.file) != place)
    return replace(taken, files=tuple(files))


def _file(
    scope: Scope, path: str, arguments: ClientArguments, version: str, *, drop_in: bool = False
) -> SettingsFile:
    try:
        with os.fdopen(_opened(path, may_be_pipe=scope == "flag"), "rb") as handle:
            status = os.fstat(handle.fileno())
            is_file = os.name == "nt" or stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
            data = handle.read(files.LARGEST) if is_file else _piped(handle.fileno())
            mode = paths.open_to(status)
    except (FileNotFoundError, NotADirectoryError):
        return SettingsFile(scope, path, "absent")
    except OSError as error:
        return SettingsFile(scope, path, "invalid", reason=error.strerror or "cannot be read")
    text, _ = decode(data)
    kind: Literal["drop-in", "settings"] = "drop-in" if drop_in else "settings"
    return document(scope, path, text, arguments, kind=kind, mode=mode, version=version)


def _opened(path: str, *, may_be_pipe: bool) -> int:
    """A file descriptor. A pipe or a device at the place of a settings file would never end: it is refused."""
    binary = getattr(os, "O_BINARY", 0)
    handle = os.open(path, os.O_RDONLY | binary | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    if may_be_pipe:  # `--settings <(…)`
        return handle
    status = os.fstat(handle)
    usual = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    if (usual and status.st_size <= files.LARGEST) or os.path.samestat(status, os.stat(os.devnull)):
        return handle
    os.close(handle)
    if usual:
        raise OSError(errno.EFBIG, f"it is larger than {files.LARGEST >> 20} MB")
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")


def _piped(handle: int) -> bytes:
    """What a pipe or a device gives until its end; a client that has read a pipe leaves nothing in it.

    Raises:
        OSError: it does not end in time.
    """
    import select

    data, end = bytearray(), time.monotonic() + _PATIENCE
    while len(data) < files.LARGEST:
        if not select.select([handle], [], [], max(end - time.monotonic(), 0))[0]:
            raise OSError(errno.ETIMEDOUT, f"it is a pipe or a device that did not end within {_PATIENCE} seconds")
        part = os.read(handle, 1 << 16)
        if not part:
            break
        data += part
    return bytes(data)


def _flag(arguments: ClientArguments, version: str, cwd: str, stops: list[str]) -> Iterator[SettingsFile]:
    """The last ``--settings``: inline JSON or a path (measured: the last one wins as a whole)."""
    for given in arguments.settings[-1:]:
        text = given.strip(WHITESPACE)
        if text.startswith("{") and text.endswith("}"):
            found = document("flag", "--settings", text, arguments, kind="inline", version=version)
            if found.status == "invalid" and not found.data:
                stops.append("Error: Invalid JSON provided to --settings")
            yield found
        elif text:
            path = os.path.normpath(os.path.join(cwd, given))
            found = _file("flag", path, arguments, version)
            if found.status == "absent":
                stops.append(f"Error: Settings file not found: {path}")
            yield found


def _agent(snapshot: Snapshot, layers: Effective, managed_dir: str, stops: list[str]) -> Agent | None:
    """The agent that leads the conversation, where there is one."""
    arguments, version = snapshot.arguments, snapshot.client_version
    key = layers.settings.get("agent") if holds("agent-key", version) else None
    name = arguments.agent if arguments.agent is not None else key.text if key else ""
    given = layers.members.get("enabledPlugins")
    switches = given if isinstance(given, dict) else {}
    skills = os.path.join(snapshot.cwd, snapshot.config_dir, "skills")
    plugins = switches or arguments.plugins or os.path.isdir(skills)
    if not name and arguments.agents is None and not plugins:
        return None
    from claude_gw_cli.core.predict.winners import is_bare
    from claude_gw_cli.facts.models import own_agents
    from claude_gw_cli.world import agents

    if truthy(layers.text("CLAUDE_CODE_SAFE_MODE")) and holds("safe-mode-flag", version):
        arguments = replace(arguments, safe_mode=True)
    arguments = replace(arguments, bare=is_bare(snapshot, layers))
    where = agents.Where(arguments, snapshot.config_dir, snapshot.cwd, snapshot.home, managed_dir, version, switches)
    try:
        found = agents.find(name, where)
    except JsonError as error:
        stops.append(f"Error: Invalid --agents configuration: {error.reason}")
        return None
    own = own_agents(version)
    if found is None and name in own:
        return Agent(name, "inside the client", *own[name])
    found = found or (agents.of_plugins(name, where) if arguments.agent != "" else None)
    # A plugin that is switched on and not on this machine may have it.
    sure = ":" not in name or arguments.bare or arguments.safe_mode or not any(switches.values())
    if found is None and arguments.agent and sure and holds("agent-must-exist", version):
        stops.append(f"--agent '{name}' not found")
    return found


def _managed(folder: str, arguments: ClientArguments, version: str) -> Iterator[SettingsFile]:
    """managed-settings.json, then its drop-ins by name; dotfiles and other endings do not count (measured)."""
    yield _file("managed", os.path.join(folder, "managed-settings.json"), arguments, version)
    drop_ins = os.path.join(folder, "managed-settings.d")
    try:
        names = sorted(os.listdir(drop_ins))
    except OSError:
        return
    for name in names:
        if name.endswith(".json") and not name.startswith("."):
            yield _file("managed", os.path.join(drop_ins, name), arguments, version, drop_in=True)


def _claude_json(path: str, stops: list[str]) -> dict[str, object]:
    try:
        value = parse(decode(regular.content(path)[0])[0]).value
    except JsonError as error:
        stops.append(f"Claude configuration file at {path} is corrupted: {error.reason}")
        return {}
    except FileError:
        return {}
    return dict(value) if isinstance(value, dict) else {}


def _login(claude_dir: str, claude_json: Mapping[str, object]) -> tuple[str | None, str]:
    """Where a claude.ai session is stored that may be used for requests (measured: its scopes decide), and its plan.

    On macOS it is in the Keychain, which is not asked here: an account in .claude.json says that there is one.
    """
    path = os.path.join(claude_dir, ".credentials.json")
    try:
        value = parse(decode(regular.content(path)[0])[0]).value
    except (FileError, JsonError):
        return "the macOS Keychain" if sys.platform == "darwin" and claude_json.get("oauthAccount") else None, ""
    session = value.get("claudeAiOauth") if isinstance(value, dict) else None
    if not isinstance(session, dict) or not session.get("accessToken"):
        return None, ""
    scopes, plan = session.get("scopes"), session.get("subscriptionType")
    usable = isinstance(scopes, list) and "user:inference" in scopes
    return path if usable else None, plan if isinstance(plan, str) else ""


def _cloud_files(snapshot: Snapshot, layers: Effective) -> Iterator[tuple[str, str]]:
    """The cloud credential files that the client's own libraries would find, by variable or by place."""
    for kind, variable, place in (
        ("aws-keys", "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ("google", "GOOGLE_APPLICATION_CREDENTIALS", ".config/gcloud/application_default_credentials.json"),
    ):
        path = cloud_file(layers, snapshot, variable, place)
        if os.path.isfile(path):
            yield kind, variable if layers.present(variable) else path
