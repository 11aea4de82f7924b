"""The last day of a model: from then on a provider answers a request for it with 404. The rows are in retired.txt."""

from __future__ import annotations

from claude_gw_cli.tables import table

DAYS: dict[tuple[str, str], str] = {
    (model, provider): day
    for (model, day), below in ((head.split(" "), below) for head, below in table("retired"))
    for provider in below.split(" ")
}
"""Model (an id of the client's catalog) and provider -> the day, as ``2026-11-30``; it begins at 00:00 UTC."""
SHORT_LABELS = {"anthropic": "Anthropic"}
"""What a provider is called in a sentence, where its label is that of an API."""
_STARTS = frozenset(model.removeprefix("claude-").removesuffix("-0") for model, _ in DAYS)


def may_be(text: str) -> bool:
    """Whether a text may name such a model. It spares most texts the pattern that reads a name."""
    text = text.lower().replace(".", "-")
    return any(start in text for start in _STARTS)
