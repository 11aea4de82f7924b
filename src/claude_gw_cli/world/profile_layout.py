"""A profile's text as TOML, below what its members mean: read, and changed with comments, order and layout kept."""

from __future__ import annotations

import re

from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.world.profile_text import data_of, dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER = re.compile(r"[ \t]*\[\[?[\w.\"' -]+\]\]?[ \t]*(?:#.*)?")
_ABOVE = "#cgw-above:"
"""Begins a line that was above the header of its table."""


def members(text: str, where: str) -> dict[str, Any]:
    """The members that a text has, whatever they mean.

    Raises:
        UsageError: it is not TOML.
    """
    try:
        return from_toml(text)
    except ValueError as error:
        raise UsageError(f"{where} is not valid TOML: {error}", hint="Correct it: cgw profile edit") from None


def value(text: str) -> object:
    """A value as TOML writes it; any other text is taken as it is."""
    try:
        found = from_toml(f"value = {text}")
    except ValueError:
        return text
    return found["value"] if len(found) == 1 else text


def text_for(profile: Profile, old: str | None, where: str) -> str:
    """The text of a profile's file with this profile; comments and layout of a valid old text stay.

    What the old text does not say and is the default anyway is not added.
    """
    if old is None:
        return dumps(profile)
    defaults = data_of(Profile(name=profile.name, provider=""))
    try:
        spelled = members(old, where)
        data = {
            key: item
            for key, item in data_of(profile).items()
            if key in spelled or key not in defaults or item != defaults[key]
        }
        return rewritten(old, data, where)
    except UsageError:
        return dumps(profile)


def rewritten(text: str, data: Mapping[str, object], where: str) -> str:
    """A profile's text with other members.

    Args:
        text: valid TOML.
        data: the members that it shall have.
        where: names the text in errors.

    Raises:
        UsageError: the text is laid out so that it cannot be changed member by member.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    has_crlf = "\r\n" in text
    try:
        document = tomlkit.parse(_comments_into_tables(text.replace("\r\n", "\n")))
        _update(document, data)
        changed = _comments_above_tables(document.as_string())
        if has_crlf:
            changed = changed.replace("\n", "\r\n")
        if from_toml(changed) == data:
            return changed
    except (TOMLKitError, ValueError, RecursionError):
        pass  # as where the result is not what is wanted
    raise UsageError(
        f"{where} cannot be changed without changing its layout", hint="Change it in your editor: cgw profile edit"
    )


def _update(container: Any, data: Mapping[str, object]) -> None:
    """Make a container of tomlkit hold exactly this data."""
    for key in [key for key in container if key not in data]:
        del container[key]
    for key, value in data.items():
        old = container.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            _update(old, value)
        elif key not in container or not _same(old, value):
            container[key] = value


def _same(old: Any, value: object) -> bool:
    plain = old.unwrap() if hasattr(old, "unwrap") else old  # tomlkit gives true and false as they are
    return type(plain) is type(value) and bool(plain == value)


def _comments_into_tables(text: str) -> str:
    """The text with what is above a table's header below it.

    To tomlkit it belongs to the table before: it would go with that table, and a new member would come behind it.
    """
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        above: list[str] = []
        if _HEADER.fullmatch(line.rstrip("\n")):
            while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")) and _ABOVE not in lines[-1]:
                above.insert(0, _ABOVE + lines.pop())
        lines += [line, *above] if line.endswith("\n") or not above else [f"{line}\n", *above]
    return "".join(lines)


def _comments_above_tables(text: str) -> str:
    lines: list[str] = []
    header = first = 0
    for line in text.splitlines(keepends=True):
        if line.startswith(_ABOVE):
            above = line.removeprefix(_ABOVE)
            # A member that was added before a table may have brought an empty line.
            if above.strip() or header != first or not header or lines[header - 1].strip():
                lines.insert(header, above)
                header += 1
        else:
            header = first = len(lines)
            lines.append(line)
    return "".join(lines)
