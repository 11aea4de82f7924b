"""Other TOML files with variables: settings of functions, tests and tools, in any table.

``NAME = "value"`` counts, and ``name`` or ``key`` with ``value``; what templates fill in is unknown, and in a table
``set_env`` what tox fills in: ``{env:NAME}``, ``{ replace = … }`` (measured, tox 4.67, ``tox config -k set_env``).
Variables of MCP servers are other programs'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.facts.variables import is_own
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, places, split_unknown, toml_of
from claude_gw_cli.readers.tox import FILLED
from claude_gw_cli.readers.variables import OTHERS
from claude_gw_cli.readers.yamltree import TEMPLATE


def read(text: str) -> Iterator[Start]:
    """The variables of each table.

    Raises:
        NotReadableError: it is not TOML.
    """
    left: list[tuple[str, object]] = [("", toml_of(text))]
    place = places(text)
    while left:
        limits.check()
        title, table = left.pop()
        members = table if isinstance(table, dict) else {}
        left += [(name, inner) for name, inner in members.items() if name not in OTHERS] if members else []
        left += [(title, inner) for inner in table] if isinstance(table, list) else []
        named = members.get("name", members.get("key"))
        pairs = {named: members["value"]} if isinstance(named, str) and "value" in members else members
        filled = FILLED if title == "set_env" else TEMPLATE
        own = tuple(
            Assignment(name, value, *place(found.start("key")))
            for name, given in pairs.items()
            if is_own(name) and (value := _value(given, filled)) is not None
            for found in (re.search(rf"(?P<key>[\"']?\b{re.escape(name)}\b[\"']?)", text),)
            if found
        )
        if own:
            yield Start(own)


def _value(given: object, filled: re.Pattern[str]) -> Text | None:
    """The value of a member; ``None`` for a list or a table, unless tox replaces it by a value."""
    if isinstance(given, dict | list):
        replaced = isinstance(given, dict) and "replace" in given and filled is FILLED
        return (Unknown(str(given)),) if replaced else None
    return split_unknown(js_text(given), filled)
