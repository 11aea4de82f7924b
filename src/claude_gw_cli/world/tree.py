"""Configuration files named or found on disk, read one by one: settings, profiles, gateways', assignments.

Directories are walked with a stack and files are handed on as they are read, so memory stays flat however many
there are. A look for a few words in the bytes rules out most files before one is decoded. YAML and TOML readers are
imported only when such a file is met.
"""

from __future__ import annotations

import os

from claude_gw_cli import readers
from claude_gw_cli.core.errors import CgwError, FileError, UsageError
from claude_gw_cli.core.jsontext import decode
from claude_gw_cli.core.model import SettingsScope
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.litellm import CONFIG_NAMES
from claude_gw_cli.hints import Any, Iterator, Literal, Mapping
from claude_gw_cli.readers import Reader
from claude_gw_cli.readers.common import NotReadableError, Start, TemplateError
from claude_gw_cli.record import dataclass, field
from claude_gw_cli.world import git, paths, recognize, regular

Kind = Literal["settings", "profile", "gateway", "variables"]
SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", "site-packages"})
_LARGE = 4 << 20
"""Bytes of a profile or a gateway's configuration: YAML of this size takes seconds."""
_SETTINGS_NAMES = frozenset({"settings.json", "settings.local.json", "managed-settings.json"})
_QUOTED = lazy(r" '[^']{3,}'")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


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
    starts: tuple[Start, ...] = ()
    """For ``variables``: what the processes get that it sets variables for."""
    template: bool = False
    """Whether people fill in values in a copy of it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that was met below a directory and cannot be read."""

    path: str
    kind: Kind
    error: CgwError


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that is left alone, and why."""

    path: str
    reason: str


Item = Found | Unread | PassedOver
FOREIGN = "nothing in it is read by Claude Code or a gateway"


def find(named: str, env: Mapping[str, str]) -> Iterator[Item]:
    """The configuration files that a path means: itself, or those below a directory, in the order of names.

    Raises:
        UsageError: the path does not exist.
        FileError: a named file cannot be read, or is larger than a file of its name may be.
    """
    if os.path.isdir(named):
        yield from _walk(named, env)
        return
    if not os.path.exists(named):
        raise UsageError(
            f"{named} does not exist", hint="Name a settings.json, a profile, a config.yaml or a directory."
        )
    place = paths.absolute(named)
    folder, name = os.path.split(place)
    usual = _kind(name, folder)
    try:
        # settings may have any name
        data, mode = regular.content(named, regular.LARGEST if name.endswith(".json") else _largest(usual))
    except regular.TooLargeError as error:
        if usual:
            raise
        yield PassedOver(named, error.reason)
        return
    text = decode(data)[0]
    kind = usual if usual and recognize.is_ours(usual, name, folder, text) else None
    if usual is None:
        kind = _kind_by_content(name, text)
    if kind is None and recognize.is_settings_under_another_name(folder, name, text):
        kind = "settings"
    starts: tuple[Start, ...] = ()
    fitting: tuple[Reader, ...] = ()
    if kind is None:
        text = readers.decoded(data)
        fitting = readers.of_named(name, folder, text) if len(data) <= readers.LARGEST else ()
        item = _variables(named, data, fitting) if _is_marked(data) else ()
        if isinstance(item, PassedOver) and not readers.by_name(name, folder):
            item = ()  # it only looked like one
        if isinstance(item, PassedOver) or not item:
            named_there = list(_named_files(named, text, fitting, env, {os.path.realpath(named)}))
            yield from named_there or [item if isinstance(item, PassedOver) else PassedOver(named, FOREIGN)]
            return
        kind, starts = "variables", item
    tracked = git.tracked(place, env)
    unignored = kind in {"settings", "variables"} and not tracked and git.exposed(place, env)
    template = readers.is_template(name)
    yield Found(named, kind, text, mode, tracked, unignored, _scope(named, env), starts, template)
    if kind == "variables":
        yield from _named_files(named, text, fitting, env, {os.path.realpath(named)})


def _named_files(
    named: str, text: str, fitting: tuple[Reader, ...], env: Mapping[str, str], known: set[str], top: str = ""
) -> Iterator[Item]:
    """The files that a file names as places of further variables, whatever their names are, and what these name.

    Args:
        named: the file.
        text: what it holds.
        fitting: the formats that it can have.
        env: the environment.
        known: files that were read; grows.
        top: a directory with a slash behind it, in which files with a usual name are read anyway.
    """
    try:
        others = tuple(readers.named_files(fitting, text))
    except NotReadableError:
        return
    for name, reader in others:
        path = os.path.normpath(os.path.join(os.path.dirname(named), os.path.expanduser(name)))
        if os.path.isdir(path):
            path = os.path.join(path, ".env" if reader.module == "dotenv" else ".envrc")
        place, (folder, last) = os.path.realpath(path), os.path.split(path)
        if place in known or not place.startswith(top):
            continue
        known.add(place)
        try:
            data, mode = regular.content(path, readers.LARGEST)
        except FileError:
            continue  # the program that reads it says so itself
        found = readers.decoded(data)
        if top and readers.by_content(readers.by_name(last, folder), found):
            continue
        item = _variables(path, data, (reader,)) if _is_marked(data) else ()
        if isinstance(item, PassedOver):
            yield item
        elif item:
            tracked = git.tracked(place, env)
            exposed = not tracked and git.exposed(place, env)
            yield Found(path, "variables", found, mode, tracked, exposed, "user", item, readers.is_template(path))
        yield from _named_files(path, found, (reader,), env, known, top)


def gateway_config(text: str) -> tuple[Mapping[str, Any], str, tuple[int, int]]:
    """A LiteLLM ``config.yaml`` as plain data, why it cannot be read (then it is empty), and the line and column."""
    import yaml

    try:
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # What the parser quotes may be a key; a single character, such as a tab, may not.
        reason = _QUOTED.sub("", getattr(error, "problem", None) or "it cannot be parsed")
        return {}, reason, (mark.line + 1, mark.column + 1) if mark else (1, 1)
    except Exception:  # noqa: BLE001  # `!!bool x` ends with KeyError, `!!timestamp x` with AttributeError, ...
        return {}, "a value in it cannot be read", (1, 1)
    return (data, "", (1, 1)) if isinstance(data, dict) else ({}, "its top level is not a mapping", (1, 1))


def _walk(root: str, env: Mapping[str, str]) -> Iterator[Item]:
    tree = _Tree(
        env,
        _Known(root, env),
        _Known(root, env, untracked=True),
        os.path.join(os.path.realpath(paths.absolute(root)), ""),
    )
    stack = [os.path.dirname(os.path.join(root, ""))]
    while stack:
        folder = stack.pop()
        below: list[str] = []
        met: list[tuple[str, str, Kind | None, tuple[Reader, ...]]] = []
        try:
            for entry in os.scandir(folder):
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if name not in SKIPPED:
                        below.append(entry.path)
                elif name[name.rfind(".") :] not in readers.NEVER:
                    usual = _kind(name, folder) or ("profile" if name.endswith(".toml") else None)
                    formats = () if usual else readers.by_name(name, folder)
                    if usual or formats:
                        met.append((name, entry.path, usual, formats))
        except OSError:
            continue
        for name, path, usual, formats in sorted(met):
            yield from _met(folder, name, path, usual, formats, tree)
        stack += sorted(below, reverse=True)


@dataclass(frozen=True, slots=True)
class _Tree:
    """What is known of the directory that is searched."""

    env: Mapping[str, str]
    tracked: _Known
    unignored: _Known
    top: str
    """Its real path, with a slash behind it."""
    named: set[str] = field(default_factory=set)
    """Files that others named, and that were read for it."""


def _met(
    folder: str, name: str, path: str, usual: Kind | None, formats: tuple[Reader, ...], tree: _Tree
) -> Iterator[Item]:
    """A file whose name is one of those that are looked into, and the files that it names."""
    try:
        data, mode = regular.content(path, _largest(usual))
    except FileError as error:
        if usual and (name == "cgw.toml" or recognize.is_the_clients_place(folder, name)):
            yield Unread(os.path.normpath(path), usual, error)
        elif isinstance(error, regular.TooLargeError) and _is_marked(error.head):
            yield PassedOver(os.path.normpath(path), error.reason)
        return
    marked = _is_marked(data)
    if not (usual or marked or readers.may_name_files(formats, data)):
        return  # nearly every file of a tree
    # Annotations and SARIF name files as the checkout does: without "./".
    shown = os.path.normpath(path)
    kind, starts = usual, tuple[Start, ...]()
    if usual:
        text = decode(data)[0]
        if not recognize.is_ours(usual, name, folder, text):
            kind, formats = None, readers.by_name(name, folder)
    if kind is None and formats and marked:
        text = decode(data)[0]
        kind = "settings" if recognize.is_settings_under_another_name(folder, name, text) else "variables"
    if kind == "variables":
        text = readers.decoded(data)
        item = _variables(shown, data, readers.by_content(formats, text))
        if isinstance(item, PassedOver):
            yield item
        starts = () if isinstance(item, PassedOver) else item
    if kind and (kind != "variables" or starts):
        is_tracked, unignored, template = path in tree.tracked, path in tree.unignored, readers.is_template(name)
        yield Found(shown, kind, text, mode, is_tracked, unignored, _scope(path, tree.env), starts, template)
    if readers.may_name_files(formats, data):
        text = readers.decoded(data)
        yield from _named_files(shown, text, readers.by_content(formats, text), tree.env, tree.named, tree.top)


def _variables(path: str, data: bytes, fitting: tuple[Reader, ...]) -> tuple[Start, ...] | PassedOver:
    """The processes that a file of another format sets variables of the client for; empty where there is none.

    Args:
        path: the file.
        data: what it holds.
        fitting: the formats that it can have; the first one that finds something is right.
    """
    text = readers.decoded(data)
    failed: PassedOver | None = None
    for reader in fitting:
        if data.startswith(_UTF_16) and not reader.utf_16:
            failed = failed or PassedOver(path, f"not a readable {reader.title}: UTF-16; save it as UTF-8")
            continue
        try:
            if starts := tuple(readers.read(reader, text, path)):
                return starts
        except TemplateError as error:
            return PassedOver(path, f"a template ({reader.title}): {error}")
        except NotReadableError as error:
            failed = failed or PassedOver(path, f"not a readable {reader.title}: {error}")
    return failed or ()


def _largest(kind: Kind | None) -> int:
    """Bytes of a file that its name says this kind of."""
    return regular.LARGEST if kind == "settings" else _LARGE if kind else readers.LARGEST


def _is_marked(data: bytes) -> bool:
    if data.startswith(_UTF_16):
        data = data.replace(b"\0", b"")
    return _has_any(data, readers.IN_MARKS) and _has_any(data, readers.MARKS)


def _has_any(data: bytes, words: tuple[bytes, ...]) -> bool:
    find = data.find  # `in` raises and drops a TypeError before it looks for bytes
    for word in words:  # noqa: SIM110 - any() takes twice as long, and every file of a tree comes here
        if find(word) >= 0:
            return True
    return False


def _kind(name: str, folder: str) -> Kind | None:
    if name in _SETTINGS_NAMES or (name.endswith(".json") and folder.endswith("managed-settings.d")):
        return "settings"
    if name == "cgw.toml":
        return "profile"
    if ".y" not in name:  # nearly every file of a tree
        return None
    stem, suffix = os.path.splitext(readers.plain_name(name))
    return "gateway" if suffix in {".yaml", ".yml"} and (stem in CONFIG_NAMES or "litellm" in stem) else None


def _kind_by_content(name: str, text: str) -> Kind | None:
    """The kind of a named file with another name: a profile, a gateway's configuration."""
    suffix = os.path.splitext(readers.plain_name(name))[1]
    if suffix == ".toml":
        return "profile" if recognize.is_profile_text(text) else None
    return "gateway" if suffix in {".yaml", ".yml"} and recognize.is_gateway(text) else None


def _scope(path: str, env: Mapping[str, str]) -> SettingsScope:
    folder, name = os.path.split(paths.absolute(path))
    if name == "managed-settings.json" or folder.endswith("managed-settings.d"):
        return "managed"
    if name == "settings.local.json":
        return "local"
    if os.path.basename(folder) == ".claude" and folder != paths.claude_dir(env):
        return "project"
    return "user"


class _Known:
    """Which files below a directory git tracks, or would: one question, asked when the first file is met."""

    def __init__(self, root: str, env: Mapping[str, str], *, untracked: bool = False) -> None:
        self._root, self._env, self._untracked = root, env, untracked
        self._known: frozenset[str] | None = None

    def __contains__(self, path: str) -> bool:
        if self._known is None:
            listed = git.listed(self._root, (), self._env, untracked=self._untracked)
            self._known = frozenset(os.path.join(self._root, name) for name in listed)
        return path in self._known
