"""The profile that is used without ``--profile``: the choice of ``cgw profile use``, one name in a file."""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping


def file(env: Mapping[str, str]) -> str:
    """Where the choice is kept."""
    return os.path.join(paths.config_dir(env), "default")


def name(env: Mapping[str, str]) -> str | None:
    """The profile that was chosen, if any."""
    try:
        text = (files.read_bytes(file(env)) or b"").decode("utf-8", "replace").strip()
    except FileError:
        return None
    return text or None


def choose(profile: str, env: Mapping[str, str]) -> None:
    """Make a profile the one that is used without ``--profile``."""
    files.private_dir(paths.config_dir(env))
    files.write_private(file(env), f"{profile}\n".encode())
    audit.note(paths.state_dir(env), "profile use", profile=profile)


def forget(env: Mapping[str, str]) -> None:
    """Choose none."""
    if os.path.lexists(file(env)):
        os.unlink(file(env))
