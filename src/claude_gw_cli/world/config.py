"""Profiles on disk: which one is in use, loading it with its trust, and keeping it.

A profile is one TOML file: ``profiles/NAME.toml`` in cgw's configuration directory, or ``cgw.toml`` in a repository.
It holds secret references, never secrets.
"""

from __future__ import annotations

import os

from claude_gw_cli import __version__
from claude_gw_cli.core import values
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.errors import CgwError, FileError, RefusedError, UsageError, guess
from claude_gw_cli.core.grant import TRUST_VARIABLE, Grant
from claude_gw_cli.core.key_forms import masked_keys
from claude_gw_cli.core.model import Profile
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import audit, chosen, files, paths, trust
from claude_gw_cli.world.profile_text import at, built, parse
from claude_gw_cli.world.trust import REPOSITORY_FILE, Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 1 << 20
Origin = Literal["option", "variable", "repository", "chosen", "only"]
_VALIDATION = 3
"""Raised when validation becomes stricter, so that what an older one accepted is validated again."""
_LONGEST_NAME = 64
_MARKS = dict.fromkeys(map(ord, "._-"))


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A profile that exists: its name, its file, and how it came to be the one in use."""

    name: str
    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with its trust: the one thing that loading gives, and the door to everything that acts for it."""

    file: ProfileFile
    profile: Profile
    trust: Trust
    digest: str
    """SHA-256 of the file's bytes, in hexadecimal."""
    problems: tuple[tuple[str, str], ...] = ()
    """What the file says and a repository's profile may not: (``FILE:LINE``, why)."""

    @property
    def is_trusted(self) -> bool:
        """Whether the file is the user's own, or consent was given for it."""
        return self.trust in {"own", "trusted", "allowed"}

    @property
    def is_usable(self) -> bool:
        """True when ``grant`` would give one."""
        return self.is_trusted and not self.problems

    def grant(self) -> Grant:
        """The permission to act for the profile.

        Raises:
            RefusedError: it is a repository's profile that is not trusted as it is now (exit 77).
            UsageError: it says what a repository's profile may not, trusted or not (exit 2).
        """
        path, profile = self.file.path, self.profile
        if self.trust != "own" and self.trust != "trusted" and self.trust != "allowed":  # noqa: PLR1714 - narrows the type
            from shlex import quote

            from claude_gw_cli.rules.literals import shown_reference

            owner = "another user" if trust.is_of_another_user(path) else "a repository"
            why = {
                "changed": "has changed since you trusted it",
                "denied": "was denied with cgw profile deny",
            }.get(self.trust, f"belongs to {owner}, and you have not trusted it")
            secrets = [shown_reference(item) for item in (profile.secret, profile.front_auth) if item]
            key = f"would have the key from {' and '.join(secrets)} sent" if secrets else "points"
            raise RefusedError(
                f"{path} {why}; it {key} to {profile.gateway_url}",
                hint=f"Read it:           cgw profile show {quote(path)}\n"
                f"If you trust it:   cgw profile trust {quote(path)}\n"
                + (
                    f"For one call (CI): --trust-repository, or {TRUST_VARIABLE}=1"
                    if self.trust != "denied"
                    else "Use one of yours:  add --profile NAME, or export CGW_PROFILE=NAME    (cgw profile list)"
                    if list_profiles(os.environ)
                    else "Or make your own:  cgw init"
                ),
            )
        if self.problems:
            raise UsageError("\n".join(f"{place}: {why}" for place, why in self.problems))
        return Grant(self.trust, path)


class NoneSelectedError(UsageError):
    """No profile was named, and none is chosen or the only one."""


def profiles_dir(env: Mapping[str, str]) -> str:
    """Where the user's profiles live."""
    return os.path.join(paths.config_dir(env), "profiles")


def list_profiles(env: Mapping[str, str]) -> list[ProfileFile]:
    """The user's profiles, by name."""
    folder = profiles_dir(env)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FileError(f"cannot list {folder}: {error.strerror}") from None
    found = [ProfileFile(name[:-5], os.path.join(folder, name), "option") for name in names]
    return [profile for profile in found if os.path.isfile(profile.path)]


def select(
    name: str | None, env: Mapping[str, str], cwd: str | os.PathLike[str], looked_at: list[str] | None = None
) -> ProfileFile:
    """The profile to use: the named one, else ``$CGW_PROFILE``, the repository's, the chosen one, the only one.

    A name with a path separator or ending in ``.toml`` is a file.

    Args:
        name: profile name or file, or ``None``.
        env: the environment.
        cwd: the working directory.
        looked_at: receives every path whose change could change the answer, there or not.

    Raises:
        UsageError: no such profile, or none can be told from the others.
    """
    seen: list[str] = []
    found = _select(name, env, cwd, seen)
    if looked_at is not None:
        looked_at += [*seen, found.path]
    return found


def _select(name: str | None, env: Mapping[str, str], cwd: str | os.PathLike[str], seen: list[str]) -> ProfileFile:
    if name:
        return _named(name, "option", env, cwd)
    if env.get("CGW_PROFILE"):
        return _named(env["CGW_PROFILE"], "variable", env, cwd)
    if (repository := trust.profile_of_repository(os.fspath(cwd), env, seen)) is not None:
        return ProfileFile(plain_name(os.path.basename(os.path.dirname(repository))), repository, "repository")
    seen += [chosen.file(env), profiles_dir(env)]
    if (name := chosen.name(env)) is not None:
        return _named(name, "chosen", env, cwd)
    known = list_profiles(env)
    if len(known) == 1:
        return ProfileFile(known[0].name, known[0].path, "only")
    if not known:
        hint = "Create one: cgw init --provider unified --gateway-url URL"
        raise NoneSelectedError("there is no profile yet", hint=hint)
    raise NoneSelectedError(
        f"there are {len(known)} profiles and none is chosen: {', '.join(item.name for item in known)}",
        hint=f"Choose one: cgw profile use {known[0].name}    or name it: --profile {known[0].name}",
    )


def load(
    name: str | None, env: Mapping[str, str], cwd: str | os.PathLike[str], looked_at: list[str] | None = None
) -> LoadedProfile:
    """The profile that ``select`` finds, read and validated, with its trust; arguments and errors of both."""
    return read(select(name, env, cwd, looked_at), env, looked_at)


def read(file: ProfileFile, env: Mapping[str, str], looked_at: list[str] | None = None) -> LoadedProfile:
    """Read and validate one profile file. Nothing that it names is touched.

    Args:
        file: what ``select`` found.
        env: where cgw's cache is, which remembers what was validated last, and the record of what is trusted.
        looked_at: receives every path whose change could change the answer.

    Raises:
        FileError: it cannot be read.
        RefusedError: it is a link out of its repository.
        UsageError: it is not TOML or not a profile; names file, line and the nearest right key.
    """
    foreign = trust.is_repositorys(file.path, env, looked_at)
    if foreign:
        trust.check_stays_inside(file.path)
        if looked_at is not None:
            looked_at.append(trust.trust_file(env))
    content = files.read_bytes(file.path)
    if content is None:
        raise FileError(f"cannot read profile {file.path}: it is not there")
    if len(content) > _LARGEST:
        raise UsageError(f"{file.path} is larger than {_LARGEST} bytes; a profile is not")
    text = _decoded(file.path, content)
    digest = sha256_hex(content)
    if foreign:
        state = trust.state(file.path, digest, env)
        profile = parse(text, file.name, file.path)
        problems = values.repository_problems(profile, from_toml(text))
        placed = tuple((at(file.path, text, key), why) for key, why in problems)
        return LoadedProfile(file, profile, state, digest, placed)
    return LoadedProfile(file, _read_again(file, text, env), "own", digest)


def _read_again(file: ProfileFile, text: str, env: Mapping[str, str]) -> Profile:
    """A profile of the user's own; validated only when it is not the text that was validated last."""
    memory = os.path.join(paths.cache_dir(env), "validated", sha256_hex(os.fsencode(file.path))[:8])
    # Only a digest: a person may have put a key where a reference belongs, and a cache must not keep that.
    validated = sha256_hex(f"{_VALIDATION} {__version__}\n{file.name}\n{text}".encode()).encode()
    try:
        if files.read_private(memory) == validated:
            return built(from_toml(text), file.name)
    except CgwError:
        pass  # not ours, or not readable: it is validated as if there were none
    profile = parse(text, file.name, file.path)
    try:
        files.private_dir(os.path.dirname(memory))
        files.write_private(memory, validated, durable=False)
    except CgwError:
        pass  # costs time, nothing else
    return profile


def text_of(path: str) -> str | None:
    """The text of a profile's file, line ends as they are; ``None`` where there is no file.

    Raises:
        UsageError: it is not UTF-8.
        FileError: it cannot be read.
    """
    content = files.read_bytes(path)
    return None if content is None else _decoded(path, content)


def _decoded(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from None


def save(path: str, text: str, *, before: str | None) -> None:
    """Write a profile's file, atomically; the text before is kept beside it. Links and the file's mode stay.

    Raises:
        TryAgainError: the file has another text than ``before`` now (``None``: there was none).
        FileError, RefusedError: it cannot be written.
    """
    folder = os.path.dirname(path)
    if not os.path.isdir(folder) or folder == profiles_dir(os.environ):
        files.private_dir(folder)
    if before is not None:
        files.write_private(f"{path}.bak", before.encode())
    expected = None if before is None else before.encode()
    data = text.encode()
    files.replace(path, data, expected=expected, backup=lambda: f"{path}.bak")
    digest = sha256_hex(data)
    audit.note(paths.state_dir(os.environ), "profile write", profile=_stem(path), file=path, sha256=digest)


def write_shared(text: str, path: str) -> None:
    """Write a profile that is meant for others to read."""
    files.check_names_a_file(path)
    files.replace(path, text.encode(), expected=files.read_bytes(path), mode=0o644)


def profile_path(name: str, env: Mapping[str, str]) -> str:
    """The file of a user profile by name.

    Raises:
        UsageError: the name cannot be a file name, or there is no such profile and it looks like a key.
    """
    path = os.path.join(profiles_dir(env), f"{name}.toml")
    shown = masked_keys(name)
    plain = name.isascii() and name[:1].isalnum() and name.translate(_MARKS).isalnum() and len(name) <= _LONGEST_NAME
    if not plain or (shown != name and not os.path.lexists(path)):
        hint = "Use letters, digits, dot, dash and underscore, and not a key: cgw init work"
        raise UsageError(f"{shown!r} cannot be a profile name", hint=hint)
    return path


def plain_name(text: str, default: str = "repository") -> str:
    """A folder's or file's name as the name of a profile: it becomes part of paths, scripts and messages."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else " " for char in text)
    return "-".join(plain.split()).strip("-._")[:_LONGEST_NAME] or default


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def _named(name: str, origin: Origin, env: Mapping[str, str], cwd: str | os.PathLike[str]) -> ProfileFile:
    if os.sep in name or name.endswith(".toml"):
        path = os.path.normpath(os.path.join(cwd, name))
        if not os.path.isfile(path):
            raise UsageError(f"there is no profile file {path}", hint="List your profiles: cgw profile list")
        name = _stem(path)
        if os.path.basename(path) == REPOSITORY_FILE:
            name = os.path.basename(os.path.dirname(os.path.realpath(path)))
        return ProfileFile(plain_name(name), path, origin)
    path = profile_path(name, env)
    if os.path.isfile(path):
        return ProfileFile(name, path, origin)
    known = [item.name for item in list_profiles(env)]
    source = {"variable": " (from $CGW_PROFILE)", "chosen": " (chosen by `cgw profile use`)"}.get(origin, "")
    hint = f"Profiles: {', '.join(known)}" if known else f"Create one: cgw init {name} --provider unified"
    raise UsageError(f"there is no profile {name!r}{source}", hint=guess(name, known) + hint)
