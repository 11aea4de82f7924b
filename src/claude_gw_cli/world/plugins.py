"""The plugins that a start loads, as far as they bring agents.

Measured with 2.1.101 to 2.1.332 (tests/atlas/flags.jsonl).
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.core.jsontext import JsonError, decode, parse
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from claude_gw_cli.core.snapshot import ClientArguments

_LARGEST = 1 << 20
_SKILLS = "plugins-among-skills"


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin on this machine."""

    name: str
    agents: tuple[str, ...]
    """Folders with agents, or their files."""
    leads: str
    """The agent in its own settings, which leads where nothing else names one; empty without one."""


def loaded(
    arguments: ClientArguments, claude_dir: str, cwd: str, switches: Mapping[str, object], version: str
) -> Iterator[Plugin]:
    """The plugins of ``--plugin-dir``, those that are installed and switched on, those in the user's skills.

    Args:
        arguments: the client's own.
        claude_dir: the user's.
        cwd: where it is started.
        switches: ``enabledPlugins`` of the settings in effect.
        version: the client's release.
    """
    if arguments.bare or arguments.safe_mode:
        return
    for given in arguments.plugins:
        yield _plugin(os.path.join(cwd, given))
    on = {name for name, value in switches.items() if value is True}
    known = _object(os.path.join(claude_dir, "plugins", "installed_plugins.json")).get("plugins") if on else None
    for plugin, installs in known.items() if isinstance(known, dict) else ():
        first = installs[0] if isinstance(installs, list) and installs else installs  # earlier files have no list
        path = first.get("installPath") if isinstance(first, dict) else None
        if plugin in on and isinstance(path, str):
            yield _plugin(path)
    sources = arguments.setting_sources
    if arguments.restricted or (sources is not None and "user" not in sources) or not holds(_SKILLS, version):
        return
    skills = os.path.join(claude_dir, "skills")
    for name in sorted(os.listdir(skills)) if os.path.isdir(skills) else ():
        if os.path.isdir(os.path.join(skills, name, ".claude-plugin")):
            found = _plugin(os.path.join(skills, name))
            if switches.get(f"{found.name}@skills-dir") is not False:
                yield found


def _plugin(folder: str) -> Plugin:
    manifest = _object(os.path.join(folder, ".claude-plugin", "plugin.json"))
    name, given = manifest.get("name"), manifest.get("agents")
    paths = [given] if isinstance(given, str) else given if isinstance(given, list) else ["agents"]
    leads = _object(os.path.join(folder, "settings.json")).get("agent")
    return Plugin(
        name if isinstance(name, str) else os.path.basename(os.path.normpath(folder)),
        tuple(os.path.normpath(os.path.join(folder, path)) for path in paths if isinstance(path, str)),
        leads if isinstance(leads, str) else "",
    )


def _object(path: str) -> Mapping[str, object]:
    """The JSON object of a file; empty where there is none."""
    try:
        value = parse(decode(regular.content(path, _LARGEST)[0])[0]).value
    except (FileError, JsonError):
        return {}
    return value if isinstance(value, dict) else {}
