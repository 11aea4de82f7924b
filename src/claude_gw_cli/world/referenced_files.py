"""Inspects, without running anything, what settings point to: helper programs and certificate files."""

from __future__ import annotations

import os
import stat

from claude_gw_cli.core.errors import FileError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import HelperFile, HelperRole
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world import paths, regular
from claude_gw_cli.world.process import which
from claude_gw_cli.world.shellword import BUILTINS, first_words

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCRIPT_LIMIT = 64 * 1024
_INTERPRETER = lazy(r"(?:ba|da|z|k|fi)?sh|python[\d.]*|node|perl|ruby")
_PROVIDED = ("/run/", "/var/run/", "/dev/", "/proc/")
_PEM = frozenset({"NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY"})
PATH_VARIABLES = (*sorted(_PEM), "GOOGLE_APPLICATION_CREDENTIALS")


def helper(command: str, cwd: str, env: Mapping[str, str]) -> HelperFile:
    """What decides ``/bin/sh -c command``, by its first words: a program, a script, or the file that `cat` prints."""
    words = () if os.name == "nt" and "\\" in command else first_words(command, env)
    if words[:1] == ("exec",):
        words = words[1:]
    if not words or (words[0] in BUILTINS and "/" not in words[0]):
        return HelperFile(command, None)
    word = words[0]
    role: HelperRole = "program"
    if "/" not in word:
        found = _on_path(word, env)
        if found is None:
            return HelperFile(command, word, problem="it is not on PATH")
        given = words[1] if len(words) > 1 else ""
        if word == "cat" and len(words) == 2 and not given.startswith("-"):
            word, role = given, "file"
        elif _INTERPRETER.fullmatch(word) and given and not given.startswith("-"):
            word, role = given, "script"
        else:
            return HelperFile(command, found, True, True)
    return _looked_at(HelperFile(command, os.path.normpath(os.path.join(cwd, word)), role=role), env)


def _looked_at(seen: HelperFile, env: Mapping[str, str]) -> HelperFile:
    path = seen.program or ""
    try:
        status = os.stat(path)
    except OSError:
        return replace(seen, problem=_unexpanded(seen.command))
    if stat.S_ISDIR(status.st_mode):
        return replace(seen, exists=True, problem="is a directory")
    if seen.role == "file":
        # A file of another owner (a mounted secret, a group's key) has the mode that its owner chose.
        mine = hasattr(os, "getuid") and status.st_uid == os.getuid() and not path.startswith(_PROVIDED)
        empty = "is empty" if stat.S_ISREG(status.st_mode) and not status.st_size and mine else ""
        return replace(
            seen, exists=True, executable=True, mode=paths.open_to(status) if mine else None, problem=empty
        )
    text = _text(path)
    return replace(
        seen,
        exists=True,
        executable=seen.role == "script" or os.access(path, os.X_OK),
        mode=paths.open_to(status),
        text=text,
        problem="is empty" if text is not None and not text.strip() else _shebang_problem(seen.role, text, env),
        folder_mode=stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode),
    )


def _unexpanded(command: str) -> str:
    text = command.strip()
    return "quotes keep ~ and $HOME from being expanded" if text.startswith(('"~/', "'~/", "'$")) else ""


def _shebang_problem(role: HelperRole, text: str | None, env: Mapping[str, str]) -> str:
    """Why the first line keeps a script from being started."""
    line = (text or "").partition("\n")[0]
    if role != "program" or not line.startswith("#!"):
        return ""
    if line.endswith("\r"):
        return "has Windows line ends, which become part of its interpreter's name"
    words = line[2:].split()
    if not words:
        return ""
    name = words[1] if words[0] == "/usr/bin/env" and len(words) == 2 else words[0]
    there = os.path.exists(name) if "/" in name else _on_path(name, env) is not None
    return "" if there else f"names an interpreter that does not exist: {name}"


def _on_path(name: str, env: Mapping[str, str]) -> str | None:
    return which(name, env.get("PATH") or os.defpath)


def path_state(name: str, path: str) -> str:
    """``ok``, ``missing``, ``unreadable`` or ``not-pem`` for the file that a variable names."""
    if not os.path.exists(path):
        return "missing"
    try:
        head, _ = regular.content(path, 1 << 20)
    except regular.TooLargeError as error:
        head = error.head
    except FileError:
        return "unreadable"
    return "not-pem" if name in _PEM and b"-----BEGIN " not in head else "ok"


def _text(path: str) -> str | None:
    try:
        data, _ = regular.content(path, _SCRIPT_LIMIT)
    except FileError:
        return None
    return None if b"\0" in data else data.decode("utf-8", "replace")
