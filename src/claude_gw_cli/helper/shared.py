"""One script for all users of a machine: it runs the helper of that name that each user has installed."""

from __future__ import annotations

import os
import re
import stat

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.helper import script
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.model import Profile
    from claude_gw_cli.helper.installed import InstalledHelper


def share(helper: InstalledHelper, out: str, env: Mapping[str, str]) -> None:
    """Write the script for one absolute path on all machines: it runs the helper of that name of each user.

    Raises:
        FileError, RefusedError: it cannot be written.
    """
    text = script.render_shared(helper.name)
    write_shared(out, text)
    digest = script.digest(text.encode())
    audit.note(paths.state_dir(env), "helper install", file=out, profile=helper.name, sha256=digest)


def check_shared(out: str, env: Mapping[str, str], *, anywhere: bool = False) -> None:
    """Refuse a path at which other users could not run a script.

    Args:
        out: the path.
        env: the environment, for the home directory.
        anywhere: a path in a home directory will do.

    Raises:
        UsageError: the path is not absolute, or in a user's home directory.
    """
    if not os.path.isabs(out):
        raise UsageError(f"--out {out} is not an absolute path", hint="The client runs it from any directory.")
    files.check_names_a_file(out)
    place = os.path.realpath(out) + os.sep
    homes = (os.path.realpath(paths.home(env)), "/home", "/Users", "/root")
    if not anywhere and any(place.startswith(home.rstrip(os.sep) + os.sep) for home in homes if home != os.sep):
        raise UsageError(
            f"--out {out} is in a user's home directory, which other users may not enter",
            hint="Choose a path for all, such as /usr/local/lib/cgw/NAME, or add --force.",
        )


def open_to_change(out: str) -> str:
    """Why users without rights could change a script that all run; empty when only the administrator can."""
    path = os.path.realpath(out)
    while True:
        found = os.lstat(path)
        if found.st_uid != 0:
            return f"{path} belongs to user {found.st_uid}, not to root"
        if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
            return f"others may write to {path}"
        if path == os.path.dirname(path):
            return ""
        path = os.path.dirname(path)


def write_shared(out: str, text: str) -> None:
    """Write a script that others run; errors as ``share``."""
    files.make_dirs(os.path.dirname(out), 0o755)
    files.replace(out, text.encode(), expected=files.read_bytes(out), mode=0o755)


def common_command(profile: Profile, platform: str | None) -> str | None:
    """What ``apiKeyHelper`` must say on machines of others; ``None`` where nothing says that they are meant.

    Args:
        profile: its ``[managed] helper_path`` is one path for all; without it each user's own helper is meant, with
            the home directory as a variable.
        platform: that of the machines, as ``sys.platform``; ``None``: this one, and only for a ``helper_path``.
    """
    path = str(profile.tables.get("managed", {}).get("helper_path", ""))
    if not path and platform is None:
        return None
    if platform == "win32" or (platform is None and os.name == "nt"):
        own = paths.config_dir({"APPDATA": "%APPDATA%"}, "win32") + f"/helpers/{plain_name(profile.name)}.cmd"
        return f'"{path}"' if path else '"' + own.replace("/", "\\") + '"'
    folder = paths.config_dir({"HOME": "/~"}, platform or "").removeprefix("/")
    path = path or f"{folder}/helpers/{plain_name(profile.name)}"
    for home in ("$HOME/", "~/"):
        if path.startswith(home):
            return f'"$HOME"/{script.quote(path.removeprefix(home))}'
    return script.quote(path)


def plain_name(profile: str) -> str:
    """The name of a profile's helper, where no other profile's has it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", profile).strip(".-") or "helper"
