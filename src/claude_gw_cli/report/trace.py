"""An observed start beside its prediction, as JSON: the shape of ``cgw explain``, as observed. Pure; masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from claude_gw_cli.core.compare import Difference
from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.observation import Observation
from claude_gw_cli.core.predict.model import Prediction
from claude_gw_cli.report import explain
from claude_gw_cli.report.explain import masked, shown_model

CODE = "CGW901"


def as_dict(
    prediction: Prediction, seen: Observation, differences: Sequence[Difference], url: str | None
) -> dict[str, Any]:
    """The published shape of ``cgw trace --format json``.

    Args:
        prediction: for the start as the user has it; names the sources.
        seen: what arrived.
        differences: between what arrived and what was predicted for it.
        url: where the request would have gone; ``None`` when there was none.
    """
    document = explain.as_dict(prediction, [finding(item) for item in differences])
    headers: Mapping[str, dict[str, Any]] = document["headers"]
    nothing: dict[str, Any] = {"present": False, "source": None, "shadowed": [], "note": None}
    names = dict.fromkeys([*headers, *seen.others])
    wrong = {item.what for item in differences}
    return {
        "schema_version": document["schema_version"],
        "observed": True,
        **{name: document[name] for name in ("client", "provider")},
        "outcome": "request" if seen.requests else "refused",
        "reason": None if seen.requests else seen.says,
        "request": {
            "method": "POST",
            "url": url,
            "model": shown_model(seen.model or (prediction.request.model if prediction.request else None)),
        }
        if seen.requests
        else None,
        "headers": {
            name: _observed(headers.get(name, nothing), seen.headers.get(name), name in wrong) for name in names
        },
        **{name: document[name] for name in ("variables", "settings", "sentences")},
        "predicted": {name: document[name] for name in ("outcome", "reason", "request", "headers")},
        "findings": document["findings"],
    }


def finding(difference: Difference) -> dict[str, Any]:
    """A difference in the shape of a finding of ``cgw check``."""
    return {
        "code": CODE,
        "slug": "observed-differs",
        "severity": "error",
        "message": f"{difference.what}: predicted {shown(difference, difference.predicted)}, "
        f"observed {shown(difference, difference.observed)}",
        "file": None,
        "line": None,
        "column": None,
        "pointer": None,
        "help": "Please report it with the file that this writes: cgw trace --record FILE",
        "url": None,
        "fix": None,
    }


def shown(difference: Difference, text: str | None) -> str:
    """One side of a difference as it may be shown: headers masked, the rest as it is."""
    if text is None:
        return "nothing"
    plain = difference.what in ("outcome", "url", "model")
    return masked_text(text) if plain else masked(text) or "an empty value"


def _observed(predicted: dict[str, Any], came: str | None, wrong: bool) -> dict[str, Any]:
    """A header's row as it came; its source is known only where the prediction was right."""
    known = came is not None and not wrong
    source, shadowed = predicted["source"], predicted["shadowed"]
    if predicted["present"] and not known and source is not None:
        shadowed = [source, *shadowed]
    return {
        "present": came is not None,
        "value": None if came is None else masked(came),
        "source": source if known else None,
        "shadowed": shadowed,
        "certain": True,
        "note": predicted["note"] if known else None,
    }
