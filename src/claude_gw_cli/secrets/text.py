"""Texts of others: what servers and programs say, and the field of a secret that is the key."""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json, natural
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONGEST = 200


def shown(text: str, *secrets: str) -> str:
    """At most 200 characters of foreign text on one line; control and invisible characters become spaces.

    Words that may be keys are masked: a tool in trouble prints its token, a server repeats what it was sent.
    The slice comes first: the text may have megabytes.

    Args:
        text: the foreign text.
        secrets: texts that must not appear in it, however short.
    """
    text = text[:4096]
    for secret in secrets:
        text = text.replace(secret, "…") if secret else text
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    line = masked_text(line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def json_field(text: str, name: str, title: str) -> str:
    """One field of a text that is a JSON object; arguments and errors as ``field``."""
    try:
        document = from_json(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UsageError(f"{title}: the secret is not a JSON object", hint="Leave the # part out, or check the name.")
    return field(document, name, title)


def field(document: object, name: str, title: str) -> str:
    """The text of one field of a secret.

    A field is a key only if it is text: a number loses zeros on the way (``1.50``, ``007``), and null, true, a list
    or an object are not keys.

    Args:
        document: the secret's JSON value.
        name: the field as it is written behind ``#``: the name itself, else a way to a nested one (``a.b``, ``a/b``).
        title: how to name the secret in errors.

    Raises:
        UsageError: the field is missing or not text; the message lists the fields that exist.
    """
    for way in _ways(name) if isinstance(document, dict) else ():
        try:
            value = _at(document, way)
        except (KeyError, IndexError, ValueError):
            continue
        if isinstance(value, str):
            return value
        raise failure("CGW463", title, f"{name!r} is {_kind(value)}")
    raise failure("CGW462", title, f"{name!r} (it has: {fields(document)})")


def fields(document: object) -> str:
    """The names of an object's fields, for a message."""
    names = [str(name) for name in document] if isinstance(document, dict) else []
    return shown(", ".join(names[:20])) or "none"


def _ways(name: str) -> Iterator[Sequence[str]]:
    """The name itself, then the ways that it may describe; brackets as sops itself writes them."""
    yield [name]
    if name.startswith("["):
        try:
            yield [str(from_json(part)) for part in name.strip("[]").split("][")]
        except ValueError:
            return
    for mark in (".", "/"):
        if mark in name:
            yield name.strip(mark).split(mark)


def _at(value: Any, way: Sequence[str]) -> Any:
    for step in way:
        if isinstance(value, list) and (place := natural(step)) is not None:
            value = value[place]
        elif isinstance(value, dict):
            value = value[step]
        else:
            raise KeyError(step)
    return value


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with the fields {fields(value)}"
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
