"""Where things are on this machine: cgw's own directories and Claude Code's settings files.

Computes paths only; touches no disk. Written by hand because the helper's hot path needs it: importing a library
for three environment look-ups costs more than the look-ups.
"""

from __future__ import annotations

import os
import stat
import sys

from claude_gw_cli.core.errors import UsageError

TYPE_CHECKING = False  # typing's own costs 6 ms to import; type checkers know the name
if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.model import SettingsScope

# Documented locations (managed settings page, 2026-10); C:\ProgramData is not read.
_MANAGED = {"darwin": "/Library/Application Support/ClaudeCode", "win32": "C:\\Program Files\\ClaudeCode"}
_MANAGED_ELSEWHERE = "/etc/claude-code"
DROP_IN = os.path.join("managed-settings.d", "50-cgw.json")


def home(env: Mapping[str, str]) -> str:
    """The home directory, from the environment first, as the client and every shell do."""
    return env.get("HOME") or os.path.expanduser("~")


def working_dir() -> str:
    """The current directory; where it was removed, its former name, as the client and every shell know it."""
    try:
        return os.getcwd()
    except OSError:
        return os.environ.get("PWD") or os.sep


def key_file(reference: str, env: Mapping[str, str]) -> str:
    """The path of a ``file://`` reference, ``~/`` expanded; empty for another one."""
    scheme, _, path = reference.partition("://")
    if scheme != "file":
        return ""
    return os.path.join(home(env), path[2:]) if path.startswith("~/") else path


def keys_dir(env: Mapping[str, str]) -> str:
    """The directory of the private files with the keys of profiles."""
    return os.path.join(config_dir(env), "keys")


def key_file_for(name: str, env: Mapping[str, str]) -> str:
    """The private file for the key of a profile, as a reference that a person can type."""
    return f"file://{with_tilde(os.path.join(keys_dir(env), name), env)}"


def absolute(path: str) -> str:
    """As ``os.path.abspath``, which fails where the current directory was removed."""
    return os.path.normpath(os.path.join(working_dir(), path))


def with_tilde(text: str, env: Mapping[str, str]) -> str:
    """A text for a person: paths that begin a word or follow ``file://``, with ``~`` for the home directory."""
    place = home(env).rstrip(os.sep) + os.sep
    if place == os.sep:
        return text
    text = f" {text}"
    for before in (" ", "(", "file://"):
        text = text.replace(before + place, f"{before}~{os.sep}")
    return text[1:]


def config_dir(env: Mapping[str, str], platform: str = sys.platform) -> str:
    r"""Profiles: ``$XDG_CONFIG_HOME/cgw``, ``~/Library/Application Support/cgw`` or ``%APPDATA%\cgw``."""
    return _own(env, platform, "XDG_CONFIG_HOME", ".config", "Library/Application Support", "APPDATA")


def state_dir(env: Mapping[str, str], platform: str = sys.platform) -> str:
    """What cgw owns in which settings file, backups and locks. Private to the user; never deleted by a cleaner."""
    return _own(env, platform, "XDG_STATE_HOME", ".local/state", "Library/Application Support", "LOCALAPPDATA")


def cache_dir(env: Mapping[str, str], platform: str = sys.platform) -> str:
    """Cached keys and other things that can be fetched again."""
    return _own(env, platform, "XDG_CACHE_HOME", ".cache", "Library/Caches", "LOCALAPPDATA")


def data_dir(env: Mapping[str, str], platform: str = sys.platform) -> str:
    """Facts that came after this release of cgw: a bundle, and what was learned on this machine."""
    return _own(env, platform, "XDG_DATA_HOME", ".local/share", "Library/Application Support", "LOCALAPPDATA")


def facts_dir(env: Mapping[str, str]) -> str:
    """The folder of these facts; most machines have none."""
    return os.path.join(data_dir(env), "facts")


def open_to(status: os.stat_result) -> int:
    """A file's permission bits as far as they concern other people.

    Where every user has a private group with the same number (Debian, Fedora and derivatives), umask 002 is the
    default, and group write permission does not open the file to others.
    """
    mode = stat.S_IMODE(status.st_mode)
    private = status.st_gid == status.st_uid and not mode & 0o002
    return mode & ~0o020 if private else mode


def claude_dir(env: Mapping[str, str]) -> str:
    """The client's configuration directory: ``CLAUDE_CONFIG_DIR`` as it is written, else ``~/.claude``.

    The client does not expand ``~`` in the variable, and uses an empty one literally (measured, 2.1.330).
    """
    configured = env.get("CLAUDE_CONFIG_DIR")
    return os.path.join(home(env), ".claude") if configured is None else configured


def managed_dir(platform: str = sys.platform) -> str:
    """The administrator's directory."""
    return _MANAGED.get(platform, _MANAGED_ELSEWHERE)


def settings_path(
    scope: SettingsScope, env: Mapping[str, str], cwd: str, managed: str | None = None, *, drop_in: bool = False
) -> str:
    """The absolute path of a scope's settings file.

    Args:
        scope: ``user``, ``project``, ``local`` or ``managed``.
        env: the environment (HOME, CLAUDE_CONFIG_DIR).
        cwd: the project's directory; the client reads project settings from nowhere else (measured).
        managed: a managed directory instead of the platform's.
        drop_in: the managed scope's own drop-in file instead of ``managed-settings.json``.

    Raises:
        UsageError: CLAUDE_CONFIG_DIR is set but empty.
    """
    if scope == "user":
        directory = claude_dir(env)
        if not directory:
            raise UsageError(
                "CLAUDE_CONFIG_DIR is set but empty, so Claude Code finds no user settings",
                hint="unset CLAUDE_CONFIG_DIR",
            )
        return os.path.join(cwd, directory, "settings.json")
    if scope == "project":
        return os.path.join(cwd, ".claude", "settings.json")
    if scope == "local":
        return os.path.join(cwd, ".claude", "settings.local.json")
    return os.path.join(cwd, managed or managed_dir(), DROP_IN if drop_in else "managed-settings.json")


def _own(env: Mapping[str, str], platform: str, xdg: str, posix: str, mac: str, windows: str) -> str:
    if platform == "win32":
        return os.path.join(env.get(windows) or os.path.expanduser("~"), "cgw")
    chosen = env.get(xdg, "")
    # The XDG specification says to ignore a relative path; it also holds on macOS for people who set it.
    if not os.path.isabs(chosen):
        # A relative one would be a directory of whatever repository one is in.
        if not os.path.isabs(env.get("HOME", os.sep)):
            raise UsageError(
                f"HOME is {env['HOME'] or 'set but empty'}, so there is no home directory", hint="export HOME=/path"
            )
        chosen = os.path.join(home(env), mac if platform == "darwin" else posix)
    return os.path.join(chosen, "cgw")
