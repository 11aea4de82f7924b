"""The administrator's or user's list of models: which names ``availableModels`` lets through.

Read from the clients 2.1.70 and 2.1.332 and measured: an entry is a family (``sonnet``), an alias, or the beginning
of a name up to a dash; a family that a longer entry narrows (``sonnet`` beside ``sonnet-4-5``) lets nothing through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claude_gw_cli.core.layers import WHITESPACE
from claude_gw_cli.facts.models import ALIASES, FAMILIES


def is_available(
    name: str,
    listed: Sequence[str],
    alias: Callable[[str], str | None],
    sent: Callable[[str], str | None],
) -> bool:
    """Whether the list allows a name or alias.

    Args:
        name: as configured.
        listed: ``availableModels``.
        alias: the family of an alias, ``None`` for a name.
        sent: the name that is sent for an alias.
    """
    entries = [_normal(entry) for entry in listed]
    asked = _normal(name)
    own = _normal(sent(asked) or "") if alias(asked) else asked
    if asked in entries and not (asked in FAMILIES and _is_narrowed(asked, entries)):
        return True
    for entry in entries:
        if entry in FAMILIES:
            allowed = not _is_narrowed(entry, entries) and (entry in own or alias(asked) == entry)
        elif entry in ALIASES:
            allowed = _normal(sent(entry) or "") == own
        else:
            allowed = any(_begins(own, start) for start in (entry, f"claude-{entry}"))
        if allowed:
            return True
    return False


def _normal(text: str) -> str:
    return text.strip(WHITESPACE).lower().removesuffix("[1m]").strip(WHITESPACE)


def _begins(name: str, start: str) -> bool:
    return name == start or name.startswith(f"{start}-")


def _is_narrowed(family: str, entries: Sequence[str]) -> bool:
    """Whether a longer entry names one version of the family."""
    rests = (entry.partition(family)[1:] for entry in entries if entry not in FAMILIES)
    return any(found and rest[:1] in ("", "-") for found, rest in rests)
