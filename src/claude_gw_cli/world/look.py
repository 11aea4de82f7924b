"""A look, without running anything, at what settings point to: helper programs and certificate files."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping

from claude_gw_cli.core.snapshot import HelperFile

_SCRIPT_LIMIT = 64 * 1024
_PEM = frozenset({"NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY"})
PATH_VARIABLES = (*sorted(_PEM), "GOOGLE_APPLICATION_CREDENTIALS")


def helper(command: str, cwd: str, env: Mapping[str, str]) -> HelperFile:
    """The program that ``/bin/sh -c command`` starts first, as far as the first word tells."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return HelperFile(command, None)
    words = [word for word in words if "=" not in word.split("/", 1)[0]]
    if not words or any(char in words[0] for char in "$`|&;<>(){}"):
        return HelperFile(command, None)
    word = words[0]
    if word.startswith("~/"):
        word = os.path.join(env.get("HOME", ""), word[2:])
    if "/" not in word:
        # A shell builtin or a program on PATH; which of them, only a shell could tell.
        import shutil

        found = shutil.which(word, path=env.get("PATH") or os.defpath)
        return HelperFile(command, found, bool(found), bool(found)) if found else HelperFile(command, None)
    path = os.path.normpath(os.path.join(cwd, word))
    try:
        status = os.stat(path)
    except OSError:
        return HelperFile(command, path)
    text = None
    if stat.S_ISREG(status.st_mode) and status.st_size <= _SCRIPT_LIMIT:
        text = _text(path)
    return HelperFile(command, path, True, os.access(path, os.X_OK), stat.S_IMODE(status.st_mode), text)


def path_state(name: str, path: str) -> str:
    """``ok``, ``missing``, ``unreadable`` or ``not-pem`` for the file that a variable names."""
    if not os.path.exists(path):
        return "missing"
    try:
        with open(path, "rb") as stream:
            head = stream.read(1 << 20)
    except OSError:
        return "unreadable"
    return "not-pem" if name in _PEM and b"-----BEGIN " not in head else "ok"


def _text(path: str) -> str | None:
    try:
        with open(path, "rb") as stream:
            data = stream.read(_SCRIPT_LIMIT)
        return None if b"\0" in data else data.decode("utf-8", "replace")
    except OSError:
        return None
