"""Client versions: how they compare."""

from __future__ import annotations


def version_key(text: str) -> tuple[int, ...]:
    """A sortable key of a client version: ``"2.1.330"`` -> ``(2, 1, 330)``; a suffix after ``-`` or ``+`` is ignored."""
    numbers = text.strip().lstrip("v").replace("+", "-").split("-", 1)[0].split(".")
    return tuple(int(part) if part.isdigit() else 0 for part in numbers)
