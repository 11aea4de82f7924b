"""Configuration files named or found on disk, read one by one: settings, profiles, gateway configurations.

Directories are walked with a stack and files are handed on as they are read, so memory stays flat however many
there are. YAML and TOML readers are imported only when such a file is met.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from claude_gw_cli.core.errors import CgwError, FileError, UsageError
from claude_gw_cli.core.jsontext import decode
from claude_gw_cli.core.model import SettingsScope
from claude_gw_cli.facts.litellm import CONFIG_NAMES
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import git, paths, recognize

Kind = Literal["settings", "profile", "gateway"]
SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".vscode", ".tox", "site-packages"})
_KINDS: Mapping[str, Kind] = {".json": "settings", ".toml": "profile", ".yaml": "gateway", ".yml": "gateway"}
_TEXT_LIMIT = 64 * 1024 * 1024
_SETTINGS_NAMES = frozenset({"settings.json", "settings.local.json", "managed-settings.json"})


class NotTomlError(UsageError):
    """A ``cgw.toml`` that is not TOML."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} is not valid TOML: {reason}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Found:
    """One configuration file as read."""

    path: str
    kind: Kind
    text: str
    mode: int
    tracked: bool
    unignored: bool
    """In a work tree, untracked, and no ignore rule covers it."""
    scope: SettingsScope = "user"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was met below a directory and cannot be read."""

    path: str
    kind: Kind
    error: CgwError


def find(named: str, env: Mapping[str, str]) -> Iterator[Found | Unread]:
    """The configuration files that a path means: itself, or those below a directory, in the order of names.

    Raises:
        UsageError: the path does not exist or is not a kind of file that can be checked. An editor's is skipped.
        FileError: a named file cannot be read.
    """
    if os.path.isdir(named):
        yield from _walk(named, env)
        return
    kind = _KINDS.get(os.path.splitext(named)[1].lower())
    if not os.path.exists(named):
        raise UsageError(
            f"{named} does not exist", hint="Name a settings.json, a profile, a config.yaml or a directory."
        )
    if kind is None:
        raise UsageError(f"{named}: cannot tell what this is", hint="Use a file that ends in .json, .toml or .yaml.")
    text, mode = _read(named)
    place = os.path.abspath(named)
    if recognize.is_an_editors(*os.path.split(place), text):
        return
    tracked = git.tracked(place, env)
    unignored = kind == "settings" and not tracked and git.exposed(place, env)
    yield Found(named, kind, text, mode, tracked, unignored, _scope(named, env))


def gateway_config(found: Found) -> Mapping[str, Any]:
    """A LiteLLM ``config.yaml`` as plain data.

    Raises:
        UsageError: it is not YAML, or not a mapping.
    """
    import yaml

    try:
        data = yaml.safe_load(found.text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise UsageError(
            f"{found.path}{place}: this is not YAML", hint="Correct it there: YAML is indented with spaces."
        ) from None
    if not isinstance(data, Mapping):
        raise UsageError(f"{found.path}: the top level of a gateway configuration must be a mapping")
    return data


def check_table(cwd: str) -> tuple[str, Mapping[str, Any]] | None:
    """The nearest ``cgw.toml`` at or above ``cwd`` and its ``[check]`` table; ``None`` when there is none.

    Raises:
        NotTomlError: that file is not TOML.
    """
    folder = os.path.abspath(cwd)
    while True:
        path = os.path.join(folder, "cgw.toml")
        if os.path.isfile(path):
            import tomllib

            try:
                table = tomllib.loads(_read(path)[0]).get("check", {})
            except tomllib.TOMLDecodeError as error:
                raise NotTomlError(path, str(error)) from None
            return (path, table) if isinstance(table, Mapping) else None
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return None
        folder = parent


def _walk(root: str, env: Mapping[str, str]) -> Iterator[Found | Unread]:
    tracked, unignored = _Known(root, env), _Known(root, env, untracked=True)
    stack = [root]
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        below: list[str] = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    below.append(entry.path)
            elif kind := _kind(entry.name, folder):
                try:
                    text, mode = _read(entry.path)
                except CgwError as error:
                    if kind == "profile" or recognize.is_the_clients_place(folder, entry.name):
                        yield Unread(os.path.normpath(entry.path), kind, error)
                    continue
                if _is_ours(kind, entry.name, folder, text):
                    path, scope = entry.path, _scope(entry.path, env)
                    # Annotations and SARIF name files as the checkout does: without "./".
                    name = os.path.normpath(path)
                    yield Found(name, kind, text, mode, path in tracked, path in unignored, scope)
        stack.extend(reversed(below))


def _kind(name: str, folder: str) -> Kind | None:
    if name in _SETTINGS_NAMES or (name.endswith(".json") and folder.endswith("managed-settings.d")):
        return "settings"
    if name == "cgw.toml":
        return "profile"
    stem, suffix = os.path.splitext(name)
    return "gateway" if suffix in {".yaml", ".yml"} and (stem in CONFIG_NAMES or "litellm" in stem) else None


def _is_ours(kind: Kind, name: str, folder: str, text: str) -> bool:
    if kind == "gateway":
        return recognize.is_gateway(text)
    return recognize.is_profile(text) if kind == "profile" else recognize.is_settings(folder, name, text)


def _scope(path: str, env: Mapping[str, str]) -> SettingsScope:
    folder, name = os.path.split(os.path.abspath(path))
    if name == "managed-settings.json" or folder.endswith("managed-settings.d"):
        return "managed"
    if name == "settings.local.json":
        return "local"
    if os.path.basename(folder) == ".claude" and folder != paths.claude_dir(env):
        return "project"
    return "user"


def _read(path: str) -> tuple[str, int]:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe must not hang us
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise FileError(f"{path} is not a regular file")
            if status.st_size > _TEXT_LIMIT:
                raise FileError(f"{path} is larger than {_TEXT_LIMIT >> 20} MB")
            return decode(stream.read())[0], paths.open_to(status)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None


class _Known:
    """Which files below a directory git tracks, or would: one question, asked when the first file is met."""

    def __init__(self, root: str, env: Mapping[str, str], *, untracked: bool = False) -> None:
        self._root, self._env, self._untracked = root, env, untracked
        self._known: frozenset[str] | None = None

    def __contains__(self, path: str) -> bool:
        if self._known is None:
            patterns = ("*settings*.json",) if self._untracked else ("*.json", "*.toml", "*.yaml", "*.yml")
            listed = git.listed(self._root, patterns, self._env, untracked=self._untracked)
            self._known = frozenset(os.path.join(self._root, name) for name in listed)
        return path in self._known
