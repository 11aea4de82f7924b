"""The client's own command line, as far as it decides which settings and credentials are used."""

from __future__ import annotations

from os.path import isabs

from claude_gw_cli.core.snapshot import ClientArguments
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOURCES = ("user", "project", "local")
_VALUED = (
    "--model", "--settings", "--setting-sources", "--agent", "--agents", "--effort", "--project-config-root",
    "--managed-settings", "--plugin-dir",
)  # fmt: skip
_SEVERAL = ("--betas", "--tools", "--add-dir")
"""Each takes every word up to the next option."""
_SWITCHES = ("--bare", "--restricted", "--safe-mode")
# Flag -> the fact that tells which clients know it; older ones stop at an unknown option.
_KNOWN_SINCE = {
    "--settings": "settings-flag",
    "--setting-sources": "setting-sources-flag",
    "--bare": "bare-flag",
    "--restricted": "restricted-flag",
    "--safe-mode": "safe-mode-flag",
    "--agent": "agent-flag",
    "--agents": "agents-flag",
    "--betas": "betas-flag",
    "--tools": "tools-flag",
    "--plugin-dir": "plugin-dir-flag",
    "--managed-settings": "managed-settings-flag",
    "--effort": "effort-flag",
    "--project-config-root": "project-root-flag",
}


def parse_arguments(words: Sequence[str], version: str) -> tuple[ClientArguments, tuple[str, ...]]:
    """The arguments, and what stops the client at once, in its words.

    Both ``--name value`` and ``--name=value`` count; the last one wins (measured).
    """
    values: dict[str, list[str]] = {name: [] for name in (*_VALUED, *_SEVERAL)}
    flags: set[str] = set()
    rest: list[str] = []
    stops: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += queue
            break
        name, equals, inline = word.partition("=")
        fact = _KNOWN_SINCE.get(name)
        if fact and not holds(fact, version):
            stops.append(f"error: unknown option '{name}'")
        if name in values:
            if not equals and not queue:
                stops.append(f"error: option '{name}' argument missing")
                continue
            values[name].append(inline if equals else queue.pop(0))
            while name in _SEVERAL and not equals and queue and not queue[0].startswith("-"):
                values[name].append(queue.pop(0))
        elif word in _SWITCHES:
            flags.add(word)
        else:
            rest.append(word)
    sources = _sources(values["--setting-sources"], stops)
    last = {name: found[-1] for name, found in values.items() if found}
    effort, root = last.get("--effort"), last.get("--project-config-root")
    if effort is not None and holds("effort-must-be-known", version):
        from claude_gw_cli.facts.fields import effort_levels

        if effort not in effort_levels(version):
            stops.append(f"error: option '--effort <level>' argument '{effort}' is invalid.")
    if root is not None and not isabs(root):
        stops.append("Error: --project-config-root must be an absolute local path")
    return (
        ClientArguments(
            model=last.get("--model"),
            settings=tuple(values["--settings"]),
            setting_sources=sources,
            bare="--bare" in flags,
            restricted="--restricted" in flags,
            safe_mode="--safe-mode" in flags,
            agent=last.get("--agent"),
            agents=last.get("--agents"),
            effort=effort,
            betas=tuple(values["--betas"]),
            tools=tuple(values["--tools"]) if "--tools" in last else None,
            folders=tuple(values["--add-dir"]),
            plugins=tuple(values["--plugin-dir"]),
            project_root=root,
            managed=last.get("--managed-settings"),
            rest=tuple(rest),
        ),
        tuple(stops),
    )


def _sources(given: list[str], stops: list[str]) -> tuple[str, ...] | None:
    if not given:
        return None
    names = tuple(name.strip() for name in given[-1].split(",") if name.strip())
    unknown = next((name for name in names if name not in _SOURCES), None)
    if unknown:
        stops.append(
            f"Error processing --setting-sources: Invalid setting source: {unknown}. "
            f"Valid options are: {', '.join(_SOURCES)}"
        )
    return names
