"""A JSON object whose members are variables, as ``cgw env --shell json`` writes it; ``null`` unsets one."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.readers.common import Assignment, NotReadableError, Start, is_name, joined
from claude_gw_cli.readers.jsonc import document


def read(text: str, path: str) -> Iterator[Start]:
    """The variables, if the object has nothing else."""
    _ = path
    try:
        found = document(text)
    except NotReadableError:
        return  # another program's JSON
    value = found.value
    if not isinstance(value, dict) or not all(
        is_name(name) and not isinstance(value[name], dict | list) for name in value
    ):
        return
    yield Start(
        tuple(
            Assignment(
                name, None if item is None else joined([js_text(item)]), *(found.locate((name,), of="key") or (1, 1))
            )
            for name, item in value.items()
        )
    )
