"""A facts bundle: rows of ``facts`` as JSON, for releases that are newer than this cgw. Pure; data only.

The file is JSON and, behind it, the signature of exactly that JSON, as ``ssh-keygen -Y sign -n cgw-facts`` writes it.
A bundle says in which releases a known behaviour holds, which source fills a header, and what models are called. It
cannot add a behaviour: that takes code, and rows that need a newer cgw are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.headers import Row, is_possible
from claude_gw_cli.facts.models import Model, Rows
from claude_gw_cli.facts.overlay import Overlay
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import Fact, Span, every_fact, version_key
from claude_gw_cli.record import dataclass, replace

SCHEMA = 1
LARGEST = 1 << 20
"""Bytes; the packaged tables take 40,000."""
_BEGIN = b"-----BEGIN SSH SIGNATURE-----"

_VERSION = lazy(r"\d{1,6}(\.\d{1,6}){2}")
_DATE = lazy(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
WORD = lazy(r"[a-z0-9*][a-z0-9._-]{0,63}")
_NAME = lazy(r"[A-Za-z0-9._:@/-]{0,128}")
_MEMBERS = {"schema", "newest", "issued", "cgw", "facts", "headers", "models"}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The content of a bundle."""

    newest: str
    """The newest release that it covers."""
    issued: str
    """When it was made: ``2026-11-28T12:00:00Z``. A later one replaces an earlier one."""
    cgw: str
    """Version of the cgw whose tables it has."""
    rows: Overlay
    left_out: int = 0
    """Rows that a newer cgw would use."""


def split(data: bytes) -> tuple[bytes, bytes]:
    """The JSON and the signature behind it; the signature is empty where there is none."""
    at = data.find(b"\n" + _BEGIN)
    return (data, b"") if at < 0 else (data[: at + 1], data[at + 1 :])


def parse(data: bytes) -> Bundle:
    """The content of a bundle's JSON.

    Raises:
        UsageError: it is not one, or of a schema that this cgw does not know. Nothing of it counts then.
    """
    try:
        document = from_json(data.decode())
    except ValueError:
        raise UsageError("the bundle is not complete: its JSON cannot be read") from None
    if not isinstance(document, dict) or "schema" not in document:
        raise UsageError("this is not a facts bundle")
    if document["schema"] != SCHEMA:
        raise UsageError(
            f"the bundle has schema {str(document['schema'])[:20]}; this cgw reads schema {SCHEMA}",
            hint="Update cgw: pipx upgrade claude-gw-cli",
        )
    try:
        return _bundle(document)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UsageError(f"the bundle is not valid: {str(error)[:80]}") from None


def _bundle(document: Mapping[str, Any]) -> Bundle:
    if document.keys() != _MEMBERS:
        raise ValueError(f"its members are not {', '.join(sorted(_MEMBERS))}")
    rows, left_out = overlay(document)
    return Bundle(
        newest=_matching(document["newest"], _VERSION),
        issued=_matching(document["issued"], _DATE),
        cgw=_matching(document["cgw"], _VERSION),
        rows=replace(rows, newest=_matching(document["newest"], _VERSION)),
        left_out=left_out,
    )


def overlay(document: Mapping[str, Any]) -> tuple[Overlay, int]:
    """The tables of a document, and how many of its rows need a newer cgw.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is not valid; the text names the row.
    """
    facts = {fact.id: fact for fact in _each("facts", document["facts"], _fact)}
    headers = _each("headers", document["headers"], _row)
    known = {fact.id for fact in every_fact()} | facts.keys()
    usable = tuple(row for row in headers if _is_usable(row, known))
    if headers and not usable:
        raise ValueError("headers: this cgw knows none of the rows")
    models = document["models"]
    means = {
        (_matching(provider, WORD), _matching(family, WORD)): _releases(rows)
        for provider, family, rows in models["means"]
        if provider == "*" or provider in BY_NAME
    }
    defaults = {_matching(name, WORD): _releases(rows) for name, rows in models["defaults"] if name in BY_NAME}
    left_out = len(headers) - len(usable) + len(models["means"]) + len(models["defaults"])
    left_out -= len(means) + len(defaults)
    catalog = tuple(_each("models", models["catalog"], _model))
    return Overlay("", facts, usable, catalog, means, defaults), left_out


def _each(table: str, items: list[Any], make: Callable[[Any], Any]) -> list[Any]:
    found = []
    for number, item in enumerate(items):
        try:
            found.append(make(item))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{table}, row {number + 1}: {error}") from None
    return found


def _fact(item: Mapping[str, Any]) -> Fact:
    spans = tuple(Span(_version_or_none(since), _version_or_none(until)) for since, until in item["spans"])
    if not spans:
        raise ValueError("it has no span")
    return Fact(_matching(item["id"], WORD), _text(item["text"]), spans, _text(item["source"]))


def _row(item: Mapping[str, Any]) -> Row:
    sources = tuple(_matching(source, WORD) for source in item["sources"])
    fact = item["fact"]
    provider, situation, header = (_matching(item[name], WORD) for name in ("provider", "situation", "header"))
    return Row(provider, situation, header, sources, None if fact is None else _matching(fact, WORD))


def _is_usable(row: Row, facts: set[str]) -> bool:
    provider = BY_NAME.get(row.provider)
    if row.provider != "*" and provider is None:
        return False
    return is_possible(row) and (row.fact is None or row.fact in facts)


def _model(item: Mapping[str, Any]) -> Model:
    return Model(**{name: _matching(item[name], _NAME) for name in Model.__match_args__})


def _releases(rows: list[Any]) -> Rows:
    found = tuple((_matching(since, _VERSION), _matching(name, _NAME)) for since, name in rows)
    keys = [version_key(since) for since, _ in found]
    if not found or keys != sorted(keys, reverse=True):
        raise ValueError("models: rows are listed newest first")
    return found


def _version_or_none(value: object) -> str | None:
    return None if value is None else _matching(value, _VERSION)


def _matching(value: object, pattern: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{str(value)[:40]!r} is not valid here")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 500 or not value.isprintable():
        raise ValueError("a text is not valid")
    return value


def tables(rows: Overlay) -> dict[str, Any]:
    """The tables as a document has them; ``overlay`` reads them again."""
    return {
        "facts": [
            {
                "id": fact.id,
                "text": fact.text,
                "spans": [[s.since, s.until] for s in fact.spans],
                "source": fact.source,
            }
            for fact in rows.facts.values()
        ],
        "headers": [{name: _plain(getattr(row, name)) for name in Row.__match_args__} for row in rows.headers],
        "models": {
            "catalog": [{name: getattr(model, name) for name in Model.__match_args__} for model in rows.catalog],
            "means": [[*key, [list(row) for row in found]] for key, found in rows.means.items()],
            "defaults": [[key, [list(row) for row in found]] for key, found in rows.defaults.items()],
        },
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
