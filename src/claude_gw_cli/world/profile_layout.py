"""A profile's text as TOML, below what its members mean: read, and changed with comments, order and layout kept."""

from __future__ import annotations

from claude_gw_cli.core.documents import from_toml
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.world.profile_text import data_of, dumps

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    from tomledit import Document

    try:
        document = Document.parse(text.replace("\r\n", "\n"))
        _update(document, data)
        changed = document.as_toml()
        if "\r\n" in text:
            changed = changed.replace("\n", "\r\n")
        if from_toml(changed) == data:
            return changed
    except ValueError:
        pass  # as where the result is not what is wanted
    raise UsageError(
        f"{where} cannot be changed without changing its layout", hint="Change it in your editor: cgw profile edit"
    )


def _update(container: Any, data: Mapping[str, object]) -> None:
    """Make a container of tomledit hold exactly this data."""
    for key in [key for key in container if key not in data]:
        del container[key]
    for key, value in data.items():
        old = container[key].value if key in container else None
        if isinstance(value, dict) and isinstance(old, dict):
            _update(container[key], value)
        elif type(old) is not type(value) or old != value:
            container[key] = value
