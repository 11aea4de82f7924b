"""A prediction as JSON (the published shape) and as differences between two client versions. Pure.

Values are masked here and nowhere else: what leaves this room can be shown. Names and files never are.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import JsonError, parse, parse_pointer
from claude_gw_cli.core.layers import Layered, Value
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.predict.model import Also, Field, HeaderPrediction, Prediction, Source
from claude_gw_cli.core.predict.url import split_at
from claude_gw_cli.core.proxies import reason
from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.hints import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SCHEMA_VERSION = 1
_HIDDEN_KINDS = frozenset({"secret", "headers", "json"})
_RELEVANT = (
    "ANTHROPIC_", "CLAUDE_CODE_", "CLAUDE_CONFIG_", "AWS_", "VERTEX_REGION_", "GOOGLE_", "GCE_", "AZURE_",
    "CLOUD_ML_",
)  # fmt: skip


def as_dict(prediction: Prediction, findings: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The published shape of ``cgw explain --format json``."""
    request = prediction.request
    return {
        "schema_version": SCHEMA_VERSION,
        "client": {"version": prediction.version, "mode": prediction.mode},
        "provider": prediction.provider,
        "outcome": prediction.outcome,
        "reason": prediction.reason,
        "request": {
            "method": request.method,
            "url": masked_text(request.url),
            "model": shown_model(request.model),
        }
        if request
        else None,
        "connection": _connection(prediction),
        "headers": {name: _header(found, prediction) for name, found in prediction.headers.items()},
        "variables": {
            name: {
                "value": shown_variable(name, layered.text),
                **_place(layered.winner),
                "shadowed": [{"value": shown_variable(name, item.text), **_place(item)} for item in layered.shadowed],
            }
            for name, layered in sorted(relevant(prediction).items())
        },
        "settings": [
            {"scope": file.scope, "file": file.file, "status": file.status, "reason": file.reason or None}
            for file in prediction.settings
        ],
        "also": [_also(item) for item in prediction.also],
        "fields": [_field(item) for item in prediction.fields],
        "sentences": list(prediction.sentences),
        "findings": list(findings),
    }


def shown(found: HeaderPrediction) -> str | None:
    """A header's value as it may be shown: ``Bearer sk-a…``; ``…`` for what only running something would tell."""
    if not found.present:
        return None
    if found.value is None:
        return f"{found.prefix}…"
    return masked(f"{found.prefix}{found.value.reveal()}".strip(" \t\r\n"))


def shown_variable(name: str, text: str) -> str:
    """A variable's value as it may be shown: public ones as they are, everything else masked."""
    known = VARIABLES.get(name)
    return masked(text) if known is None or known.kind in _HIDDEN_KINDS else masked_text(text)


def shown_model(model: str | None) -> str | None:
    """A model's name as it may be shown."""
    return None if model is None else masked_text(model)


def relevant(prediction: Prediction) -> dict[str, Layered]:
    """The variables that matter to the client, and every one that a settings document sets."""
    return {
        name: layered
        for name, layered in prediction.variables.items()
        if layered.winner.origin.scope != "process" or name in VARIABLES or name.startswith(_RELEVANT)
    }


def line_of(source: Source, prediction: Prediction) -> int | None:
    """The 1-based line of a source in its settings file, where there is one."""
    text = next((file.text for file in prediction.settings if file.file == source.file), None)
    if not text or source.pointer is None:
        return None
    try:
        found = parse(text).locate(parse_pointer(source.pointer), of="key")
    except JsonError:
        return None
    return found[0] if found else None


def differences(one: Prediction, other: Prediction) -> Iterator[tuple[str, str, str]]:
    """``(what, before, after)`` for everything that changes between two versions."""
    absent = HeaderPrediction()
    names = dict.fromkeys([*one.headers, *other.headers])
    rows = (
        ("provider", one.provider, other.provider),
        ("outcome", _outcome(one), _outcome(other)),
        ("url", _url(one), _url(other)),
        ("model", _model(one), _model(other)),
        ("connection", _way(one), _way(other)),
        *(
            (name, describe(one.headers.get(name, absent), one), describe(other.headers.get(name, absent), other))
            for name in names
        ),
    )
    return (row for row in rows if row[1] != row[2])


def describe(found: HeaderPrediction, prediction: Prediction) -> str:
    """A header in a few words: masked value and source, ``not sent``, or that it depends."""
    if prediction.outcome == "refused":
        return "—"
    if not found.present:
        return "not sent"
    value = shown(found) or "(empty)"
    doubt = "" if found.certain else ", uncertain"
    return f"{value} from {found.source.name}{doubt}" if found.source else value


def _connection(prediction: Prediction) -> dict[str, Any] | None:
    """Which way the request takes: over which proxy, or direct, and which variable decides."""
    if prediction.request is None or prediction.request.way is None:
        return None
    way = prediction.request.way
    layered = prediction.variables.get(way.variable)
    return {
        "kind": way.kind,
        "proxy": masked_text(way.proxy) if way.kind == "proxy" else None,
        "socket": way.proxy if way.kind == "socket" else None,
        "variable": way.variable or None,
        **(_place(layered.winner) if layered else {"scope": None, "file": None}),
        "reason": reason(way, prediction.request.url),
    }


def _header(found: HeaderPrediction, prediction: Prediction) -> dict[str, Any]:
    return {
        "present": found.present,
        "value": shown(found),
        "source": _source(found.source, prediction) if found.source else None,
        "shadowed": [_source(source, prediction) for source in found.shadowed],
        "certain": found.certain,
        "note": found.note or None,
    }


def _also(item: Also) -> dict[str, Any]:
    shown_url = masked_text(item.url)
    return {
        "method": item.method,
        "url": shown_url,
        "path": _path(shown_url),
        "credential": ", ".join(item.credential) or None,
        "model": shown_model(item.model),
        "when": item.when,
    }


def _path(url: str) -> str:
    """What follows the host, as a request line has it."""
    rest = url.partition("://")[2]
    return rest[len(split_at(rest, "/?#")[0]) :] or "/"


def _field(item: Field) -> dict[str, Any]:
    return {
        "name": item.name,
        "value": None if item.value is None else masked_text(item.value),
        "source": item.source,
        "changed_by": list(item.changed_by),
    }


def _source(source: Source, prediction: Prediction) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "name": source.name,
        "scope": source.scope,
        "file": source.file,
        "pointer": source.pointer,
        "line": line_of(source, prediction),
    }


def _place(value: Value) -> dict[str, Any]:
    return {"scope": value.origin.scope, "file": value.origin.file}


def masked(text: str) -> str:
    """Masked, except for the scheme before the key, which is not a secret."""
    scheme, space, rest = text.partition(" ")
    known = space and scheme.lower() in ("bearer", "basic")
    return f"{scheme} {mask(rest)}" if known else mask(text)


def _outcome(prediction: Prediction) -> str:
    return f"refused: {prediction.reason}" if prediction.reason else prediction.outcome


def _url(prediction: Prediction) -> str:
    return "—" if prediction.request is None else masked_text(prediction.request.url)


def _way(prediction: Prediction) -> str:
    request = prediction.request
    if request is None or request.way is None:
        return "—"
    return f"{request.way.kind}: {reason(request.way, request.url)}"


def _model(prediction: Prediction) -> str:
    return "—" if prediction.request is None else masked_text(prediction.request.model or "unknown")
