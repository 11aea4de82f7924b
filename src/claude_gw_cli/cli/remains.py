"""What of cgw's is left in a settings file for which there is no record: it was lost, or made on another machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from claude_gw_cli.cli.use import own_profiles
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.jsontext import JsonError, Pointer, decode, parse
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.patch import HELPER_TTL_VARIABLE, settings_patch
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.world import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.core.jsontext import Document

_FEW = 4
"""So many variables that are empty, and that cgw empties, are more than a person writes."""
_HELPER = os.path.join("cgw", "helpers", "")


def remains(path: str) -> list[Pointer]:
    """The members that look like cgw's, by the profiles that are here and by what every profile empties."""
    try:
        document = parse(decode(files.read_bytes(path) or b"")[0])
    except (CgwError, JsonError):
        return []
    found = {pointer: value for pointer, value in _emptied() if document.get(pointer) == value}
    if len(found) < _FEW:
        found = {}
    for profile in own_profiles():
        found |= _of_profile(profile, document, bool(found))
    if _HELPER in str(document.get(("apiKeyHelper",))):
        found[("apiKeyHelper",)] = ""
    if found and document.get(("env", HELPER_TTL_VARIABLE)) is not None:
        found[("env", HELPER_TTL_VARIABLE)] = ""
    return list(found)


def _of_profile(profile: Profile, document: Document, is_likely: bool) -> dict[Pointer, str]:
    """The profile's own values in the file; one alone, such as an address, can be the user's."""
    try:
        entries = settings_patch(make_plan(profile)).entries
    except CgwError:
        return {}
    same = {entry.pointer: "" for entry in entries if entry.value == document.get(entry.pointer)}
    return same if is_likely or len(same) >= _FEW else {}


def _emptied() -> Iterator[tuple[Pointer, str]]:
    plan = make_plan(Profile("any", "unified"))
    yield from ((("env", name), "") for name in plan.clears)
    yield ("apiKeyHelper",), ""
