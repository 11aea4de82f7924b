"""Where a profile of the user's own was taken from, and the text that the team had then.

The profile itself stays the one file that counts. What the user changed in it since is the difference to the text
here, and an update keeps it.
"""

from __future__ import annotations

import json
import os
import re

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import CgwError, FileError
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import audit, files, paths

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a profile comes from.

    Attributes:
        source: the file, address or git path.
        text: the team's text that was accepted last.
        sha256: of that text, in hexadecimal.
        signers: public keys, one of which must have signed it; empty where no signature was asked for.
    """

    source: str
    text: str
    sha256: str
    signers: tuple[str, ...] = ()


def keep(name: str, origin: Origin, env: Mapping[str, str], action: str) -> None:
    """Remember where the profile of this name was taken from; ``action`` names the command in the record."""
    path = _path(name, env)
    files.private_dir(os.path.dirname(path))
    data = {"schema": _SCHEMA, "source": origin.source, "sha256": origin.sha256, "signers": list(origin.signers)}
    files.write_private(path, json.dumps({**data, "text": origin.text}, indent=1).encode())
    facts = {"origin": masked_text(origin.source), "sha256": origin.sha256, "signed": bool(origin.signers)}
    audit.note(paths.state_dir(env), action, profile=name, **facts)


def find(name: str, env: Mapping[str, str]) -> Origin | None:
    """Where the profile of this name was taken from; ``None`` where it was made here.

    Raises:
        FileError, RefusedError: what was remembered cannot be read.
    """
    path = _path(name, env)
    data = files.read_private(path)
    if data is None:
        return None
    try:
        found = from_json(data)
        known = found["schema"] == _SCHEMA
        signers = tuple(str(line) for line in found["signers"])
        origin = Origin(str(found["source"]), str(found["text"]), str(found["sha256"]), signers)
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise FileError(
            f"{path} cannot be read by this version of cgw",
            hint=f"Take the profile again: cgw init {name} --from SOURCE",
        )
    return origin


def signers(source: str, name: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of which one signed what was taken before from this source, or as the profile of this name."""
    try:
        names = [entry.removesuffix(".json") for entry in sorted(os.listdir(os.path.dirname(_path(name, env))))]
    except FileNotFoundError:
        return ()
    asked: dict[str, None] = {}
    for known in names:
        try:
            origin = find(known, env)
        except CgwError:
            continue  # what cannot be read is taken again
        if origin and (known == name or _without_ref(origin.source) == _without_ref(source)):
            asked |= dict.fromkeys(origin.signers)
    return tuple(asked)


def forget(name: str, env: Mapping[str, str]) -> None:
    """The profile is gone, or is no longer a team's."""
    try:
        os.unlink(_path(name, env))
    except FileNotFoundError:
        return
    except OSError as error:
        raise files.failure("remove", _path(name, env), error) from None
    files.remove_dirs(os.path.dirname(_path(name, env)), 1)


def rename(old: str, new: str, env: Mapping[str, str]) -> None:
    """The profile has another name."""
    try:
        os.replace(_path(old, env), _path(new, env))
    except FileNotFoundError:
        return
    except OSError as error:
        raise files.failure("rename", _path(old, env), error) from None


def _without_ref(source: str) -> str:
    """The source whatever state of a repository, or query of an address, it names."""
    return re.sub(r"(?<=\.git)@[^#]*|\?[^#]*", "", source) if "://" in source else source


def _path(name: str, env: Mapping[str, str]) -> str:
    return os.path.join(paths.config_dir(env), "origins", f"{name}.json")
