"""Would git publish this file? Asked before a key is written into it.

git is looked up in absolute PATH entries only, run with an argument array, a small environment, and without what a
repository may configure to be run: hooks, a monitor, the transport that fetches missing objects. No git, no
repository: nothing would be published.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import UnavailableError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.world.process import which

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

_SECONDS = 10
# Global ignore rules count (Claude Code itself ignores settings.local.json there), so HOME stays.
_KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE")
# The last: files that a repository tracks can look like a bare repository, whose configuration would count.
_INERT = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.bareRepository=explicit")
# git before 2.44 does not know the last one; no protocol is called "none".
_ALONE = {"GIT_OPTIONAL_LOCKS": "0", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}


def tracked(path: str, env: Mapping[str, str]) -> bool:
    """True when git tracks the file.

    Raises:
        UnavailableError: git did not answer in time.
    """
    return _ask(path, env, "ls-files", "--error-unmatch") == 0


def exposed(path: str, env: Mapping[str, str]) -> bool:
    """True when the file is in a work tree and no ignore rule covers it: `git add .` would take it.

    Also in a work tree where no git tells: there is none, or it refuses to look (another user's work tree).

    Raises:
        UnavailableError: git did not answer in time.
    """
    return _ask(path, env, "check-ignore", "--quiet") != 0 and _in_repository(os.path.dirname(path))


def listed(
    folder: str, patterns: Sequence[str], env: Mapping[str, str], *, untracked: bool = False
) -> tuple[str, ...]:
    """The tracked files below a directory that match, as paths relative to it; none outside a repository.

    With ``untracked`` those that git neither tracks nor ignores.

    Raises:
        UnavailableError: git did not answer in time.
    """
    which = ("--others", "--exclude-standard") if untracked else ()
    answer = _run(folder, env, "ls-files", "-z", *which, "--", *patterns)
    if answer is None or answer.returncode:
        return ()
    return tuple(os.fsdecode(name) for name in answer.stdout.split(b"\0") if name)


def _ask(path: str, env: Mapping[str, str], *question: str) -> int | None:
    """Git's exit status; 128 outside a repository, ``None`` without git or without the directory."""
    directory = os.path.dirname(path)
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    answer = _run(directory, env, *question, "--", path)
    return answer.returncode if answer else None


def _run(directory: str, env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    if not _in_repository(directory):
        return None  # most files of most homes: known without starting a process
    import subprocess

    search = os.pathsep.join(part for part in env.get("PATH", "").split(os.pathsep) if os.path.isabs(part))
    program = which("git", search)
    if program is None:
        return None
    command = [program, *_INERT, *arguments]
    try:
        return subprocess.run(
            command,
            cwd=directory,
            env={name: env[name] for name in _KEPT if name in env} | _ALONE | {"PATH": search},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"git did not answer within {_SECONDS} seconds in {directory}") from None


def _in_repository(directory: str) -> bool:
    return root(directory) is not None


def root(directory: str) -> str | None:
    """The top of the repository that a directory lies in, links resolved; ``None`` where there is none."""
    folder = os.path.realpath(directory)
    while not os.path.exists(os.path.join(folder, ".git")):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None
    return folder


def placed(path: str, top: str) -> str:
    """A path relative to a directory where it lies below it, else absolute; the path's own links stay."""
    whole = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))
    return whole.removeprefix(top + os.sep)
