"""Numbers with their nouns, as people write them. Without imports: on the hot path of helpers."""

from __future__ import annotations


def counted(count: float, noun: str, plural: str = "") -> str:
    """``1 character``, ``2 characters``; ``plural`` where it is not the noun with an s."""
    return f"{count:g} {noun if count == 1 else plural or f'{noun}s'}"
