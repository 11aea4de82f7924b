"""What a person typed for a member of a profile -> the member's place and its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_gw_cli.core import presets
from claude_gw_cli.core.endpoint import gateway_root
from claude_gw_cli.core.errors import UsageError, guess, unknown_choice
from claude_gw_cli.core.model import PROFILE_TABLES
from claude_gw_cli.core.profile_members import KEYWORDS, MEMBERS, NAMED, SECTIONS, Member, names
from claude_gw_cli.world.profile_layout import value
from claude_gw_cli.world.profile_text import ascii_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Path = tuple[str, ...]
"""A member's place in the file: ``("jwt", "work", "key")``."""

_TEXTS = ("env", "headers")
_BY_PATH = {item.path: item for item in MEMBERS}
_FREE = frozenset(PROFILE_TABLES) - frozenset(SECTIONS)
"""Tables whose members are not in the table of members; they are validated as a whole."""


def given_members(fields: Mapping[str, str | None]) -> Iterator[tuple[Member, str]]:
    """The members whose option was given, with the text; in the order of their table."""
    for member in MEMBERS:
        text = fields.get(member.keyword)
        if text is not None:
            yield member, text


def value_of(member: Member, text: str) -> object:
    """The value that a text means for a member.

    Raises:
        UsageError: it is not of the member's kind, or not one of its choices.
    """
    if not text and member.path != "base_path":
        name = member.path.replace(".*", "")
        raise UsageError(f"{name} is empty", hint=f"To remove it: cgw profile set --unset {name}")
    if isinstance(member.choices, tuple) and member.choices and text not in member.choices:
        raise unknown_choice(member.path.replace(".*.", " ").replace(".", " "), text, member.choices)
    if member.path == "gateway_url":
        return gateway_root(ascii_host(presets.with_scheme(text)))
    if member.path == "key_header":
        return text.strip().lower()
    if member.kind == "text":
        return text
    found = value(text)
    wrong = ""
    if member.kind == "number":
        wrong = "" if isinstance(found, int) and not isinstance(found, bool) else "a whole number"
    elif member.kind == "flag":
        wrong = "" if isinstance(found, bool) else "true or false"
    elif member.kind == "toml":
        wrong = "" if isinstance(found, dict) else 'a table, such as { groups = ["a"] }'
    elif not isinstance(found, list):
        found = text if member.kind == "texts" else [item.strip() for item in text.split(",")]
    if wrong:
        name = member.path.replace(".*", "")
        raise UsageError(f"{name} must be {wrong}, not {text!r}", hint="See all members: cgw profile set --help")
    return found


def place(key: str, table_name: Callable[[str], str]) -> tuple[Path, Member | None]:
    """The member that a key means: ``gateway_url``, ``opus-model``, ``vault.address``, ``jwt.work.key``.

    Args:
        key: as typed.
        table_name: the name for a key of ``jwt`` or ``oauth`` that brings none.

    Raises:
        UsageError: there is no such member; names the nearest.
    """
    first, _, rest = key.partition(".")
    if first in _TEXTS and rest:
        return (first, rest), None
    if first in _FREE and rest:
        return tuple(key.split(".")), None
    plain = key.replace("-", "_")
    if first in NAMED and rest:
        name, _, inner = rest.partition(".")
        if not inner:
            name, inner = table_name(first), rest
        member = _BY_PATH.get(f"{first}.*.{inner.partition('.')[0]}")
        if member is None:
            raise _unknown(f"[{first}.{name}] has no key {inner!r}", inner, names(first))
        return (first, name, *inner.split(".")), member if "." not in inner else None
    member = _BY_PATH.get(plain) or KEYWORDS.get(plain)
    if member is None:
        known = [*(item.path for item in MEMBERS if ".*." not in item.path), *KEYWORDS, "env.NAME", "headers.NAME"]
        raise _unknown(f"a profile has no member {key!r}", plain, known)
    return tuple(table_name(member.table) if part == "*" else part for part in member.path.split(".")), member


def _unknown(message: str, typed: str, known: list[str] | frozenset[str]) -> UsageError:
    return UsageError(message, hint=f"{guess(typed, known, 0.5)}All members: cgw profile set --help")


def parsed_pair(pair: str, table_name: Callable[[str], str]) -> tuple[Path, object]:
    """A ``KEY=VALUE`` as the member's place and value.

    Raises:
        UsageError: it is not a pair, its key is not known or its value is not of the member's kind.
    """
    key, equals, text = pair.partition("=")
    if not equals or not key:
        shown = key if key in KEYWORDS or key.partition(".")[0] in PROFILE_TABLES else "an argument"
        raise UsageError(f"{shown} is not KEY=VALUE", hint="As in: cgw profile set NAME region=us-east5")
    path, member = place(key, table_name)
    if member is not None:
        return path, value_of(member, text)
    return path, text if path[0] in _TEXTS else value(text)
