"""Profiles on disk <-> ``core.model.Profile``. The only room that knows TOML, pydantic and tomli-w.

A profile is one TOML file: ``profiles/NAME.toml`` in cgw's configuration directory, or ``cgw.toml`` in a repository.
It holds secret references, never secrets.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from binascii import crc32
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from claude_gw_cli import __version__
from claude_gw_cli.core.errors import CgwError, FileError, RefusedError, UsageError
from claude_gw_cli.core.model import PROFILE_TABLES, Auth, Credentials, KeyFormat, Models, Profile, Provider
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, ValidationError

REPOSITORY_FILE = "cgw.toml"
Origin = Literal["option", "variable", "repository", "chosen", "only"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "provider": get_args(Provider),
    "credentials": get_args(Credentials),
    "auth": get_args(Auth),
    "key_format": get_args(KeyFormat),
}


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A profile that exists: its name, its file, and how it came to be the one in use."""

    name: str
    path: Path
    origin: Origin


def profiles_dir(env: Mapping[str, str]) -> Path:
    """Where the user's profiles live."""
    return Path(paths.config_dir(env)) / "profiles"


def list_profiles(env: Mapping[str, str]) -> list[ProfileFile]:
    """The user's profiles, by name."""
    try:
        names = sorted(
            entry.name for entry in os.scandir(profiles_dir(env)) if entry.name.endswith(".toml") and entry.is_file()
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FileError(f"cannot list {profiles_dir(env)}: {error.strerror}") from None
    return [ProfileFile(name[:-5], profiles_dir(env) / name, "option") for name in names]


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
    seen: list[Path] = []
    found = _select(name, env, cwd, seen)
    if looked_at is not None:
        looked_at += [*map(str, seen), str(found.path)]
    return found


def _select(name: str | None, env: Mapping[str, str], cwd: str | os.PathLike[str], seen: list[Path]) -> ProfileFile:
    if name:
        return _named(name, "option", env, cwd)
    if env.get("CGW_PROFILE"):
        return _named(env["CGW_PROFILE"], "variable", env, cwd)
    if (repository := _repository_file(Path(cwd), env, seen)) is not None:
        return ProfileFile(repository.parent.name or "repository", repository, "repository")
    seen += [_default_file(env), profiles_dir(env)]
    if (chosen := chosen_name(env)) is not None:
        return _named(chosen, "chosen", env, cwd)
    known = list_profiles(env)
    if len(known) == 1:
        return ProfileFile(known[0].name, known[0].path, "only")
    if not known:
        raise UsageError("there is no profile yet", hint="Create one: cgw init --provider unified --gateway-url URL")
    raise UsageError(
        f"there are {len(known)} profiles and none is chosen: {', '.join(item.name for item in known)}",
        hint=f"Choose one: cgw profile use {known[0].name}    or name it: --profile {known[0].name}",
    )


def load_profile(name: str | None, env: Mapping[str, str], cwd: str | os.PathLike[str]) -> Profile:
    """The profile that ``select`` finds, read and validated."""
    return read(select(name, env, cwd), env)


def read(file: ProfileFile, env: Mapping[str, str] | None = None) -> Profile:
    """Read and validate one profile file.

    Args:
        file: what ``select`` found.
        env: where cgw's cache is, which remembers what was judged last; ``None`` judges anew.

    Raises:
        FileError: it cannot be read.
        UsageError: it is not TOML or not a profile; names file, line and the nearest right key.
    """
    try:
        text = file.path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file.path} is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise FileError(f"cannot read profile {file.path}: {error.strerror}") from None
    if env is None:
        return parse(text, file.name, str(file.path))
    memory = os.path.join(paths.cache_dir(env), "judged", f"{crc32(os.fsencode(file.path)):08x}")
    # Only a digest: a person may have put a key where a reference belongs, and a cache must not keep that.
    judged = hashlib.sha256(f"{__version__}\n{file.name}\n{text}".encode()).hexdigest().encode()
    try:
        if files.read_private(memory) == judged:
            return _built(tomllib.loads(text), file.name)
    except CgwError:
        pass  # not ours, or not readable: it is judged as if there were none
    profile = parse(text, file.name, str(file.path))
    try:
        files.private_dir(os.path.dirname(memory))
        files.write_private(memory, judged)
    except CgwError:
        pass  # costs time, nothing else
    return profile


def parse(text: str, name: str, where: str) -> Profile:
    """A profile's text as a ``Profile``; ``where`` names the text in errors."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{where} is not valid TOML: {error}", hint='A line is: key = "text", with quotes on both sides.'
        ) from None
    return _validated(data, name, where, text)


def save(profile: Profile, path: Path) -> None:
    """Write a profile file, atomically. Tables of other rooms are kept."""
    files.private_dir(str(path.parent))
    files.write_private(str(path), dumps(profile).encode())


def keep_backup(path: Path, text: str) -> None:
    """Keep the previous text of a profile beside it."""
    files.write_private(f"{path}.bak", text.encode())


def write_shared(text: str, path: str) -> None:
    """Write a profile that is meant for others to read."""
    files.replace(path, text.encode(), expected=files.read_bytes(path), mode=0o644)


def dumps(profile: Profile) -> str:
    """A profile as TOML: every decision spelled out, nothing that is unset."""
    from dataclasses import asdict

    import tomli_w

    data: dict[str, object] = {}
    for key, value in asdict(profile).items():
        if key in {"name", "models", "env", "headers", "tables"} or value is None:
            continue
        data[key] = value
    for key in ("models", "env", "headers"):
        table = {name: value for name, value in asdict(profile)[key].items() if value is not None}
        if table:
            data[key] = table
    data.update({key: dict(value) for key, value in profile.tables.items() if value})
    return "# A cgw profile. It holds references to secrets, never secrets.\n" + tomli_w.dumps(data)


def _default_file(env: Mapping[str, str]) -> Path:
    return Path(paths.config_dir(env)) / "default"


def chosen_name(env: Mapping[str, str]) -> str | None:
    """The profile that ``cgw profile use`` chose, if any."""
    try:
        text = _default_file(env).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return text or None


def choose(name: str, env: Mapping[str, str]) -> None:
    """Make a profile the one that is used without ``--profile``."""
    files.private_dir(str(paths.config_dir(env)))
    files.write_private(str(_default_file(env)), f"{name}\n".encode())


def unchoose(env: Mapping[str, str]) -> None:
    """Forget the choice of ``cgw profile use``."""
    _default_file(env).unlink(missing_ok=True)


def profile_path(name: str, env: Mapping[str, str]) -> Path:
    """The file of a user profile by name.

    Raises:
        UsageError: the name cannot be a file name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be a profile name", hint="Use letters, digits, dot, dash and underscore: cgw init work"
        )
    return profiles_dir(env) / f"{name}.toml"


def _named(name: str, origin: Origin, env: Mapping[str, str], cwd: str | os.PathLike[str]) -> ProfileFile:
    if os.sep in name or name.endswith(".toml"):
        path = Path(cwd) / name
        if not path.is_file():
            raise UsageError(f"there is no profile file {path}", hint="List your profiles: cgw profile list")
        return ProfileFile(path.parent.name if path.name == REPOSITORY_FILE else path.stem, path, origin)
    path = profile_path(name, env)
    if path.is_file():
        return ProfileFile(name, path, origin)
    known = [item.name for item in list_profiles(env)]
    source = {"variable": " (from $CGW_PROFILE)", "chosen": " (chosen by `cgw profile use`)"}.get(origin, "")
    from difflib import get_close_matches

    nearest = get_close_matches(name, known, 1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    hint += f"Profiles: {', '.join(known)}" if known else "Create one: cgw init " + name + " --provider unified"
    raise UsageError(f"there is no profile {name!r}{source}", hint=hint)


def _repository_file(cwd: Path, env: Mapping[str, str], looked_at: list[Path]) -> Path | None:
    """``cgw.toml`` of the repository that ``cwd`` is in; outside a repository only of ``cwd`` itself.

    Parents outside a repository are not searched: anybody could put a file into a shared one such as /tmp.
    """
    home = env.get("HOME", "")
    folders = [cwd, *cwd.parents]
    top = next((index for index, folder in enumerate(folders) if (folder / ".git").exists()), None)
    looked_at += [folder / ".git" for folder in (folders if top is None else folders[: top + 1])]
    for folder in folders[: (top or 0) + 1]:
        if str(folder) == home and folder != cwd:
            break
        path = folder / REPOSITORY_FILE
        looked_at.append(path)
        try:
            owner = path.stat().st_uid
        except OSError:
            continue
        if hasattr(os, "getuid") and owner not in {os.getuid(), 0}:
            raise RefusedError(
                f"{path} belongs to another user and is not used as a profile",
                hint="Name a profile of your own with --profile NAME, or take over the file.",
            )
        if _is_profile(path):
            return path
    return None


def _is_profile(path: Path) -> bool:
    """False for a ``cgw.toml`` with nothing but tables of its own, such as the ``[check]`` of a repository.

    Nor is an empty one: in `cgw profile export > cgw.toml` the shell makes it before cgw starts.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True  # reading it as a profile says what is wrong with it
    return not data.keys() <= set(PROFILE_TABLES)


def _validated(data: dict[str, Any], name: str, where: str, text: str) -> Profile:
    """The profile, after pydantic judged it. It only judges: it is strict and converts nothing."""
    from pydantic import ValidationError

    for key in PROFILE_TABLES:
        if not isinstance(data.get(key, {}), dict):
            raise UsageError(f"{_at(where, text, key)}: {key} must be a table, such as [{key}]")
    try:
        _document().model_validate({"name": name} | {key: data[key] for key in data if key not in PROFILE_TABLES})
    except ValidationError as error:
        raise _explained(error, where, text) from None
    return _built(data, name)


def _built(data: dict[str, Any], name: str) -> Profile:
    tables = {key: data.pop(key) for key in PROFILE_TABLES if key in data}
    return Profile(**{"name": name, **data, "models": Models(**data.get("models", {})), "tables": tables})


def _document() -> type[BaseModel]:
    """The strict pydantic model of a profile file, derived from the dataclasses so that there is one schema."""
    from dataclasses import MISSING
    from dataclasses import fields as fields_of
    from typing import get_type_hints

    from pydantic import ConfigDict, Field, create_model

    config = ConfigDict(extra="forbid", strict=True)

    def fields(kind: type, **replaced: object) -> dict[str, Any]:
        hints = get_type_hints(kind)
        return {
            item.name: (
                replaced.get(item.name, hints[item.name]),
                Field(default_factory=item.default_factory)
                if item.default_factory is not MISSING
                else ...
                if item.default is MISSING
                else item.default,
            )
            for item in fields_of(kind)
            if item.name != "tables"
        }

    models = create_model("Models", __config__=config, **fields(Models))
    parts = fields(Profile, models=models, env=dict[str, str], headers=dict[str, str])
    parts["models"] = (models, Field(default_factory=models))
    document: type[BaseModel] = create_model("Profile", __config__=config, **parts)
    return document


def check_choice(key: str, value: object, where: str) -> None:
    """Refuse a value that is not one of a field's choices; other fields and ``None`` pass.

    Raises:
        UsageError: names the nearest choice and all of them.
    """
    choices = _CHOICES.get(key, ())
    if not choices or value is None or value in choices:
        return
    from difflib import get_close_matches

    nearest = get_close_matches(str(value), choices, 1)
    hint = f"Did you mean {nearest[0]}? " if nearest else ""
    raise UsageError(f"{where} is not known", hint=f"{hint}It is one of: {', '.join(choices)}")


def _explained(error: ValidationError, where: str, text: str) -> UsageError:
    """The first problem of a validation error, in the words of the file."""
    # A misspelled key is also a missing one: the misspelling is what the person wants to hear.
    problem = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    path = [str(part) for part in problem["loc"]]
    key = path[-1] if path else ""
    at = _at(where, text, path[0] if path else "")
    value = problem.get("input")
    if problem["type"] == "extra_forbidden":
        return _unknown_key(where, text, key)
    if problem["type"] == "missing":
        return UsageError(f"{where}: {key} is missing", hint=f'Add a line such as: {key} = "…"')
    if problem["type"] == "literal_error":
        check_choice(path[0], value, f"{at}: {key} = {value!r}")
    return UsageError(f"{at}: {'.'.join(path)}: {problem['msg'].lower()}, found {type(value).__name__}")


def _unknown_key(where: str, text: str, key: str) -> UsageError:
    known = [name for name in (*Profile.__dataclass_fields__, *PROFILE_TABLES) if name != "tables"]
    from difflib import get_close_matches

    nearest = get_close_matches(key, [*known, *Models.__dataclass_fields__], 1, 0.5)
    return UsageError(
        f"{_at(where, text, key)}: unknown key {key!r}",
        hint=f"Did you mean {nearest[0]}?" if nearest else f"Known keys: {', '.join(known)}",
    )


def _at(where: str, text: str, key: str) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[?\s*[\"']?{re.escape(key)}\b", line):
            return f"{where}:{number}"
    return where
