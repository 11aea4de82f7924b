"""Other TOML files with variables: settings of functions, tests and tools, in any table.

``NAME = "value"`` counts, and ``name`` or ``key`` with ``value``; what templates fill in is unknown. Variables of MCP
servers are other programs'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.readers import is_own, limits
from claude_gw_cli.readers.common import Assignment, Start, places, split_unknown, toml_of
from claude_gw_cli.readers.variables import OTHERS
from claude_gw_cli.readers.yamltree import TEMPLATE


def read(text: str) -> Iterator[Start]:
    """The variables of each table.

    Raises:
        NotReadableError: it is not TOML.
    """
    left: list[object] = [toml_of(text)]
    place = places(text)
    while left:
        limits.check()
        table = left.pop()
        members = table if isinstance(table, dict) else {}
        left += [inner for name, inner in members.items() if name not in OTHERS] if members else []
        left += table if isinstance(table, list) else []
        named = members.get("name", members.get("key"))
        pairs = {named: members["value"]} if isinstance(named, str) and "value" in members else members
        own = tuple(
            Assignment(name, split_unknown(js_text(given), TEMPLATE), *place(found.start("key")))
            for name, given in pairs.items()
            if is_own(name) and not isinstance(given, dict | list)
            for found in (re.search(rf"(?P<key>[\"']?\b{re.escape(name)}\b[\"']?)", text),)
            if found
        )
        if own:
            yield Start(own)
