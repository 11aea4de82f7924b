"""Where profiles are applied on this machine, as cgw recorded it: one look for every command that speaks of it."""

from __future__ import annotations

import os

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.world import files, paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from claude_gw_cli.helper.installed import InstalledHelper
    from claude_gw_cli.world.ownership import Source
    from claude_gw_cli.world.settings import Place


@dataclass(frozen=True, slots=True)
class Applied:
    """A settings file here in which cgw set something.

    Attributes:
        scope: the file's scope.
        path: the file.
        options: those that name it for ``cgw settings``.
        profile: from which it was written; ``None`` if that cannot be read.
        state: ``ok``; ``changed`` since, the file or its helper; ``outdated``: the profile means something else now;
            ``left``: undone except what was changed since; ``unreadable``.
        why: what is wrong with an unreadable one, or with the helper of a changed one.
        file: the profile's; empty where none is recorded.
    """

    scope: str
    path: str
    options: str
    profile: str | None
    state: str
    why: str = ""
    file: str = ""


def applied() -> Iterator[Applied]:
    """Every settings file here in which cgw set something."""
    from claude_gw_cli.cli.settings import everywhere
    from claude_gw_cli.world import settings

    for target in everywhere():
        place = target.place()
        try:
            state = settings.status(place, paths.state_dir(os.environ))
        except CgwError as error:
            yield Applied(place.scope, place.path, target.options, None, "unreadable", error.message)
            continue
        if state is not None:
            kinds = {kind for _, kind in state.members}
            word = "left" if kinds == {"left"} else "changed" if kinds & {"changed", "missing"} else "ok"
            why = ""
            if word == "ok" and not (state.is_as_written and _is_same(state.source)):
                word, why = _drift(place)
            yield Applied(
                place.scope, place.path, target.options, state.profile, word, why, state.source.profile or ""
            )


def _is_same(source: Source) -> bool:
    """Whether the profile's file and the script of its helper are as they were."""
    from claude_gw_cli.core.digest import sha256_hex

    try:
        content = files.read_bytes(source.profile) if source.profile else None
    except CgwError:
        return True
    if content is not None and sha256_hex(content) != source.sha256:
        return False
    helper = helper_of(source.profile)
    return helper is None or not problem_of(helper)


def _drift(place: Place) -> tuple[str, str]:
    """State and reason by comparing with the profile. Only after a change: it takes time, and is on every screen."""
    from claude_gw_cli.cli.inventory import state
    from claude_gw_cli.core.drift import decides_requests
    from claude_gw_cli.core.jsontext import pointer_text
    from claude_gw_cli.world import homes
    from claude_gw_cli.world.ownership import Store

    item = homes.Recorded(place.target, place.target, Store(paths.state_dir(os.environ), place.target))
    found = state(homes.own(os.environ), item)
    if found is None or not found.drifts:
        return "ok", ""
    edited = [pointer_text(pointer) for pointer in found.others if decides_requests(pointer)]
    why = "; ".join([*found.reasons, *([f"{', '.join(edited)} was set beside cgw's"] if edited else [])])
    return "outdated" if found.kind == "outdated-profile" else "changed", why


def helper_of(profile: str | Path) -> InstalledHelper | None:
    """The helper that is installed for a profile's file."""
    from claude_gw_cli.helper.installed import installed

    file = os.path.realpath(profile)
    return next((item for item in installed(os.environ) if item.profile == file), None)


def problem_of(helper: InstalledHelper) -> str:
    """How a helper differs from what was installed; empty where it does not."""
    from claude_gw_cli.helper.installed import altered
    from claude_gw_cli.helper.runtime import load

    try:
        return altered(helper.path, files.read_bytes(helper.path), load(helper.name, os.environ))
    except CgwError as error:
        return error.message


def profile_file(name: str) -> str:
    """The file of one of the user's profiles; a path is its own."""
    return name if os.sep in name else os.path.join(paths.config_dir(os.environ), "profiles", f"{name}.toml")


def auth_of(name: str) -> str:
    """How the key of a profile reaches the client; empty if it is not readable."""
    try:
        text = files.read_bytes(profile_file(name)) or b""
    except CgwError:
        return ""
    return plain_member(text.decode("utf-8", "replace"), "auth") or "static"


def plain_member(text: str, name: str) -> str:
    """A member of a profile that is a text, as its text has it, because TOML takes time; empty if there is none."""
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if key.lstrip().startswith("["):
            break  # a table may have a member of this name, too
        if equals and key.strip() == name:
            return value.replace("'", '"').strip().strip('"').partition('"')[0]
    return ""


def in_use() -> str | None:
    """The profile of the user's own that is in use, if one is; without the import of what reads profiles."""
    folder = paths.config_dir(os.environ)
    try:
        chosen = (
            os.environ.get("CGW_PROFILE")
            or (files.read_bytes(os.path.join(folder, "default")) or b"").decode().strip()
        )
        names = [name[:-5] for name in os.listdir(os.path.join(folder, "profiles")) if name.endswith(".toml")]
    except (CgwError, OSError, UnicodeDecodeError):
        return None
    return chosen or (names[0] if len(names) == 1 else None)
