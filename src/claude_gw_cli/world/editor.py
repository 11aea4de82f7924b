"""A text in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

from claude_gw_cli.core.errors import FileError, UsageError
from claude_gw_cli.core.grant import without_permission
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world import files, paths
from claude_gw_cli.world.signals import end_in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_DEFAULTS = ("editor", "nano", "vim", "vi")
_PATIENCE = 5
"""Seconds for an editor that is asked to end: it keeps what it has and gives the terminal back."""


def command(env: Mapping[str, str]) -> list[str]:
    """The editor's command line: of ``VISUAL``, ``EDITOR``, else the first usual editor that is installed.

    Raises:
        UsageError: there is none.
    """
    for name in ("VISUAL", "EDITOR"):
        if env.get(name, "").strip():
            try:
                return shlex.split(env[name])
            except ValueError:
                raise UsageError(f"{name} is not a command line: its quotes do not match") from None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "there is no terminal to edit on", hint="Change single members: cgw profile set NAME KEY=VALUE"
        )
    found = next(filter(None, (shutil.which(name, path=env.get("PATH")) for name in _DEFAULTS)), None)
    if found is None:
        raise UsageError("no editor was found", hint="Name yours: EDITOR=nano cgw profile edit")
    return [found]


def edited(text: bytes, name: str, env: Mapping[str, str], keep: Callable[[bytes], object]) -> bytes:
    """The content after the person edited it, in a private file that is removed afterwards.

    Args:
        text: what is edited.
        name: the file's name, which an editor reads the format from.
        env: says the editor.
        keep: gets what was saved if the process is stopped meanwhile.

    Raises:
        UsageError: there is no editor, or it failed.
        FileError: it cannot be started.
    """
    words = command(env)
    end_in_order()
    folder = tempfile.mkdtemp(prefix="edit-", dir=files.private_dir(paths.cache_dir(env)))
    path = os.path.join(folder, name)
    try:
        files.write_private(path, text)
        try:
            code = _run([*words, path], without_permission(env))
        except OSError as error:
            raise FileError(
                f"cannot start the editor {words[0]}: {error.strerror}", hint="Name another: EDITOR=nano cgw …"
            ) from None
        except KeyboardInterrupt:
            if (saved := files.read_bytes(path)) and saved != text:
                keep(saved)
            raise
        if code != 0:
            raise UsageError(f"the editor {words[0]} ended with code {code}; nothing was changed")
        return files.read_bytes(path) or b""
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(words: Sequence[str], env: Mapping[str, str]) -> int:
    """The editor's exit code. While it runs Ctrl-C is meant for it: in some editors it is a command."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # one that is ignored would be so in the editor too
    try:
        process = subprocess.Popen(words, env=env)
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    finally:
        signal.signal(signal.SIGINT, before)
