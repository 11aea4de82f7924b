"""The agent that leads a conversation, as the client finds it: the model that it names counts before a variable's.

Measured with 2.1.100 to 2.1.332 (tests/atlas/flags.jsonl).
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.core.jsontext import JsonError, decode, parse
from claude_gw_cli.core.patterns import DOTALL, MULTILINE, lazy
from claude_gw_cli.core.snapshot import Agent
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, field, replace
from claude_gw_cli.world import plugins, regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from claude_gw_cli.core.snapshot import ClientArguments

_LARGEST = 1 << 20
_MOST_FILES = 1000
_HEAD = lazy(r"---[ \t]*\n(.*?)^---", DOTALL | MULTILINE)
_MEMBER = lazy(r"^(name|description|model|tools):[ \t]*(.*)$", MULTILINE)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a start looks for agents."""

    arguments: ClientArguments
    claude_dir: str
    """The user's, as in ``Snapshot.config_dir``."""
    cwd: str
    home: str
    managed: str
    """The administrator's directory; empty where it does not count."""
    version: str
    switches: Mapping[str, object] = field(default_factory=dict)
    """``enabledPlugins``: plugin, as ``NAME@MARKETPLACE``, -> true or false."""


def find(name: str, where: Where) -> Agent | None:
    """The agent of that name, but for those of plugins; of several the first, in the order of ``_places``.

    Raises:
        JsonError: ``--agents`` is not what the client accepts.
    """
    arguments = where.arguments
    counts = where.managed and not (arguments.safe_mode or arguments.bare)
    if found := _last(name, (os.path.join(where.managed, ".claude", "agents"),) if counts else ()):
        return found
    if not arguments.safe_mode:
        for file, members in _given(arguments.agents):
            if file == name:
                return _agent(name, "--agents", members)
    return _last(name, _places(where))


def every(where: Where) -> tuple[Agent, ...]:
    """The agents of the administrator's, the project's and the user's folders that name a model."""
    folders = (os.path.join(where.managed, ".claude", "agents"), *_places(where))
    found = (agent for folder in folders for path in _files(folder) if (agent := _read(path)))
    return tuple(agent for agent in found if agent.model)


def of_plugins(name: str, where: Where) -> Agent | None:
    """The agent of a plugin: ``PLUGIN:NAME``, or its name alone; without a name the one that a plugin lets lead."""
    for plugin in plugins.loaded(
        where.arguments, os.path.join(where.cwd, where.claude_dir), where.cwd, where.switches, where.version
    ):
        wanted = name
        if not wanted and (leads := plugin.leads) and holds("plugin-lets-agent-lead", where.version):
            wanted = leads if ":" in leads else f"{plugin.name}:{leads}"
        for folder in plugin.agents if wanted else ():
            for path in _files(folder):
                if agent := _read(path):
                    below = os.path.relpath(os.path.dirname(path), folder).split(os.sep) if path != folder else []
                    whole = ":".join([plugin.name, *(part for part in below if part != "."), agent.name])
                    alone = agent.name == wanted and holds("plugin-agent-bare-name", where.version)
                    if whole == wanted or alone:
                        return replace(agent, name=whole)
    return None


def _last(name: str, folders: Iterable[str]) -> Agent | None:
    """The agent of the first folder that has it; of several files there the last one."""
    for folder in folders:
        found = [agent for path in _files(folder) if (agent := _read(path)) and agent.name == name]
        if found:
            return found[-1]
    return None


def _given(text: str | None) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The agents of ``--agents``: JSON, or since it takes one the path of such a file."""
    if text is None:
        return
    try:
        source = text if text.lstrip().startswith("{") else decode(regular.content(text, _LARGEST)[0])[0]
    except FileError as error:
        raise JsonError(1, 1, str(error)) from None
    value = parse(source).value
    if not isinstance(value, dict):
        raise JsonError(1, 1, "it is not an object")
    for name, members in value.items():
        if not (isinstance(members, dict) and members.get("description") and members.get("prompt")):
            raise JsonError(1, 1, f"{name} has no description or no prompt")
        yield name, members


def _places(where: Where) -> Iterator[str]:
    """The folders with agents, first the one that counts first."""
    arguments, cwd = where.arguments, where.cwd
    if arguments.safe_mode or arguments.bare or arguments.restricted:
        return
    sources = arguments.setting_sources
    if sources is None or "project" in sources:
        place = arguments.project_root or cwd
        while True:
            yield os.path.join(place, ".claude", "agents")
            parent = os.path.dirname(place)
            if os.path.exists(os.path.join(place, ".git")) or parent in (place, where.home):
                break
            place = parent
        folders = arguments.folders if holds("agents-of-folders", where.version) else ()
        yield from (os.path.join(cwd, folder, ".claude", "agents") for folder in reversed(folders))
    if sources is None or "user" in sources:
        yield os.path.join(cwd, where.claude_dir, "agents")


def _files(folder: str) -> list[str]:
    if folder.endswith(".md"):  # a plugin may name files
        return [folder]
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += (os.path.join(place, name) for name in sorted(names) if name.endswith(".md"))
        if len(found) > _MOST_FILES:
            break
    return found[:_MOST_FILES]


def _read(path: str) -> Agent | None:
    """The agent of one file; ``None`` where the client finds none in it."""
    try:
        text = decode(regular.content(path, _LARGEST)[0])[0].replace("\r\n", "\n")
    except FileError:
        return None
    head = _HEAD.match(text)
    lines = dict(_MEMBER.findall(head[1])) if head else {}
    members = {key: _scalar(value) for key, value in lines.items()}
    name = members.get("name")
    return (
        _agent(name, path, members) if isinstance(name, str) and lines.get("description", "").strip("\"' ") else None
    )


def _scalar(text: str) -> object:
    """The value of one line; the client, too, takes a line that is not YAML as it is."""
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError:
        return text.strip()


def _agent(name: str, file: str, members: Mapping[str, object]) -> Agent:
    model = members.get("model")
    named = isinstance(model, str) and model.strip().lower() != "inherit"
    return Agent(name, file, str(model) if named else "", members.get("tools", "*") != "*")
