"""What a project's own files make the client run when it starts, and whether the user trusts the project."""

from __future__ import annotations

import os

from claude_gw_cli.facts.settings_keys import STARTERS
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.core.snapshot import Snapshot


def project_programs(snapshot: Snapshot) -> list[str]:
    """Each member of the project's and the local settings that starts a program, and ``.mcp.json`` files, by place.

    A variable counts unless it is one of the client's own: those run nothing.
    """
    user = {os.path.realpath(source.file) for source in snapshot.files if source.scope == "user"}
    found = []
    for source in snapshot.files:
        if source.scope not in {"project", "local"} or os.path.realpath(source.file) in user:
            continue
        variables = source.data.get("env")
        names = variables if isinstance(variables, dict) else {}
        members = [key for key in STARTERS if source.data.get(key)]
        members += [name for name in names if name not in VARIABLES]
        found += [f"{member} in {source.file}" for member in members]
    # Measured: the client takes this file from every directory above, outside of the git work tree too.
    folders = (folder for folder in _upwards(snapshot.cwd) if folder == snapshot.cwd or folder != snapshot.home)
    return [*found, *filter(os.path.exists, (os.path.join(folder, ".mcp.json") for folder in folders))]


def trusts_folder(snapshot: Snapshot) -> bool:
    """True when the user trusted the folder, or one above it, in the client itself.

    The client keeps that as ``projects[DIRECTORY].hasTrustDialogAccepted`` in ``.claude.json`` (measured).
    """
    projects = snapshot.claude_json.get("projects")
    if not isinstance(projects, dict):
        return False
    known = (projects.get(folder) for folder in _upwards(snapshot.cwd))
    return any(isinstance(row, dict) and row.get("hasTrustDialogAccepted") is True for row in known)


def _upwards(folder: str) -> Iterator[str]:
    """A directory and those above it."""
    parent = ""
    while folder != parent:
        yield folder
        folder, parent = os.path.dirname(folder), folder
