"""Which profile files are a repository's, and which of those the user trusts, each with exactly its content.

A cloned repository decides where requests go and which secret they carry. Its profile is data until the user says
otherwise, once for each content of the file, as direnv and mise do it. Naming the file is not consent: an editor's
settings in a repository can set ``$CGW_PROFILE``.

The record is one private text file. A line is ``SHA256  PATH`` for content that is trusted, ``denied  PATH`` for a
file that is not used whatever it says.
"""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import CgwError, RefusedError
from claude_gw_cli.core.grant import TRUST_VARIABLE
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Trust = Literal["own", "trusted", "allowed", "changed", "denied", "untrusted"]
"""``allowed``: the caller trusts the repository for this call. ``changed``: since it was trusted."""

REPOSITORY_FILE = "cgw.toml"
_MARKS = (".git", ".hg", ".jj", ".sl", ".svn", ".bzr", "_darcs", ".pijul", ".fslckout", "_FOSSIL_")
"""What is at the top of a work tree of a version control system."""
_MOST_LINKS = 40
"""More in one path are a loop, as for Linux."""
_YES = frozenset({"1", "true", "yes", "on"})
_DENIED = b"denied"


def trust_file(env: Mapping[str, str]) -> str:
    """Where decisions about repositories' profiles are recorded."""
    return os.path.join(paths.config_dir(env), "trusted")


def above(path: str) -> list[str]:
    """The directories that a path is in, the nearest first."""
    found: list[str] = []
    while (folder := os.path.dirname(path)) != path:
        found.append(folder)
        path = folder
    return found


def is_repositorys(path: str, env: Mapping[str, str], looked_at: list[str] | None = None) -> bool:
    """True when others decide what is in a profile file, or which file it is, however it was named.

    That is a ``cgw.toml``, any file in a work tree, one that a link in a work tree leads to, and a file of another
    user; not one in the user's own directory of profiles, even if a repository of dotfiles keeps that directory.

    Args:
        path: the profile file, absolute.
        env: the environment.
        looked_at: receives the paths whose appearance could change the answer.
    """
    if os.path.realpath(os.path.dirname(path)) == os.path.realpath(os.path.join(paths.config_dir(env), "profiles")):
        return is_of_another_user(path)
    names = _names(path)
    if looked_at is not None:
        looked_at += [os.path.join(folder, mark) for name in names for folder in above(name) for mark in _MARKS]
    return any(
        os.path.basename(name).lower() == REPOSITORY_FILE or _top(name) for name in names
    ) or is_of_another_user(path)


def is_of_another_user(path: str) -> bool:
    """True for a file that neither this user nor root owns; also where that cannot be told."""
    try:
        return hasattr(os, "getuid") and os.stat(path).st_uid not in {os.getuid(), 0}
    except OSError:
        return True


def _names(path: str) -> list[str]:
    """A path, and what it becomes as each link in it is followed: who made a link decides what the path means."""
    found = [path]
    while len(found) < _MOST_LINKS:
        link = next((place for place in reversed([path, *above(path)]) if os.path.islink(place)), None)
        if link is None:
            break
        path = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)) + path[len(link) :])
        found.append(path)
    return [*found, os.path.realpath(path)]


def _top(path: str) -> str | None:
    """The nearest directory above that is the top of a work tree; links are not followed."""
    return next(
        (top for top in above(path) if any(os.path.lexists(os.path.join(top, mark)) for mark in _MARKS)), None
    )


def check_stays_inside(path: str) -> None:
    """Refuse a repository's profile that is a link out of the repository: it would show or use another file's text.

    Raises:
        RefusedError: it is one.
    """
    real = os.path.realpath(path)
    if leaves_by_link(path, real):
        raise RefusedError(
            f"{path} is a link out of its repository, to {real}",
            hint="Copy the file into the repository, or use one of your profiles: --profile NAME",
        )


def leaves_by_link(path: str, target: str) -> bool:
    """True when a path in a work tree (or in a folder without one) means a file outside of it, through links."""
    path = paths.absolute(path)
    tops = {top for name in _names(path) if (top := _top(name))} or {os.path.dirname(path)}
    return any(os.path.commonpath([top, target]) != top for top in map(os.path.realpath, tops))


def is_allowed(env: Mapping[str, str]) -> bool:
    """True when the caller trusts the repository's profile for this call: ``--trust-repository`` or the variable."""
    return env.get(TRUST_VARIABLE, "").lower() in _YES


def state(path: str, digest: str, env: Mapping[str, str]) -> Trust:
    """What the user has decided about a repository's profile with the content of this SHA-256."""
    found = decided(files.read_private(trust_file(env)) or b"", os.fsencode(os.path.realpath(path)), digest)
    return "allowed" if found != "denied" and is_allowed(env) else found


def decided(recorded: bytes, real: bytes, digest: str) -> Trust:
    """What the file of decisions says about the profile at ``real`` with the content of this SHA-256."""
    decisions = [word for word, place in _decisions(recorded) if place == real]
    if _DENIED in decisions:
        return "denied"
    if digest.encode() in decisions:
        return "trusted"
    return "changed" if decisions else "untrusted"


def trust(path: str, digest: str, env: Mapping[str, str]) -> None:
    """Record that the user trusts this profile file with the content of this SHA-256, and with no other."""
    _record(path, digest.encode(), env)


def deny(path: str, env: Mapping[str, str]) -> None:
    """Record that this profile file is not to be used, whatever it says; forgets that it was trusted."""
    _record(path, _DENIED, env)


def _record(path: str, word: bytes, env: Mapping[str, str]) -> None:
    real = os.fsencode(os.path.realpath(path))
    if b"\n" in real:
        raise RefusedError(f"{path!r} has a line break in its path and cannot be recorded")
    old = list(_decisions(files.read_private(trust_file(env)) or b""))
    # A repository has branches: each content that was trusted stays so, until the file is denied.
    kept = [item for item in old if item[1] != real or (word != _DENIED and item[0] not in {_DENIED, word})]
    new = [*kept, (word, real)]
    if new != old:
        files.private_dir(paths.config_dir(env))
        files.write_private(trust_file(env), b"".join(b"%b  %b\n" % item for item in new))
        action, digest = ("deny", "") if word == _DENIED else ("trust", word.decode())
        audit.note(paths.state_dir(env), f"profile {action}", source=os.fsdecode(real), sha256=digest)


def _decisions(recorded: bytes) -> Iterator[tuple[bytes, bytes]]:
    for line in recorded.split(b"\n"):
        word, _, place = line.partition(b"  ")
        if place:
            yield word, place


def profile_of_repository(cwd: str, env: Mapping[str, str], looked_at: list[str]) -> str | None:
    """``cgw.toml`` of the repository that ``cwd`` is in; outside a repository only of ``cwd`` itself.

    Parents outside a repository are not searched: anybody could put a file into a shared one such as /tmp.
    """
    home = env.get("HOME", "")
    folders = [cwd, *above(cwd)]
    top = next((index for index, folder in enumerate(folders) if os.path.exists(os.path.join(folder, ".git"))), None)
    looked_at += [os.path.join(folder, ".git") for folder in (folders if top is None else folders[: top + 1])]
    for folder in folders[: (top or 0) + 1]:
        if folder == home and folder != cwd:
            break
        path = os.path.join(folder, REPOSITORY_FILE)
        looked_at.append(path)
        try:
            owner = os.stat(path).st_uid
        except OSError:
            continue
        if hasattr(os, "getuid") and owner not in {os.getuid(), 0} and not is_allowed(env):
            raise RefusedError(
                f"{path} belongs to another user and is not used as a profile",
                hint="Name one of your profiles with --profile NAME, or take over the file.",
            )
        if _is_profile(path):
            return path
    return None


def _is_profile(path: str) -> bool:
    """False for a ``cgw.toml`` with nothing but other tables, such as the ``[check]`` of a repository.

    Nor is an empty one: in `cgw profile export > cgw.toml` the shell makes it before cgw starts.
    """
    from claude_gw_cli.core.documents import from_toml
    from claude_gw_cli.core.model import PROFILE_TABLES

    try:
        data = from_toml((files.read_bytes(path) or b"").decode())
    except (CgwError, ValueError):
        return True  # reading it as a profile says what is wrong with it
    return not data.keys() <= set(PROFILE_TABLES)
