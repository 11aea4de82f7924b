"""JSON objects whose members are variables: alone, as ``cgw env --shell json`` writes one, and below other members.

``null`` unsets a variable. A list of objects with ``name`` and ``value`` is the same. Variables of MCP servers are
other programs'.
"""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.layers import js_text
from claude_gw_cli.facts.variables import is_own
from claude_gw_cli.readers.common import Assignment, Start, Text, is_name, joined, split_unknown
from claude_gw_cli.readers.jsonc import Container, document, walk
from claude_gw_cli.readers.yamlmaps import has_prose
from claude_gw_cli.readers.yamltree import TEMPLATE

OTHERS = frozenset({"mcpServers", "mcp", "mcp_servers", "context_servers", "servers"})
_PROGRAMS = frozenset({"vercel.json", "now.json", ".mcp.json", "mcp.json"})


def read_named(text: str, path: str) -> Iterator[Start]:
    """The variables of each object.

    Raises:
        NotReadableError: it is not JSON, even without comments.
    """
    if path.replace("\\", "/").rpartition("/")[2].lower() in _PROGRAMS:
        return
    for item in walk(document(text)):
        own = tuple(_pairs(item) if isinstance(item.value, list) else _members(item))
        if OTHERS.intersection(item.keys) or (item.keys and has_prose(own)):
            continue
        if any(is_own(one.name) for one in own):
            yield Start(own)


def _members(item: Container) -> Iterator[Assignment]:
    members = item.value if isinstance(item.value, dict) else {}
    for name, given in members.items():
        if is_name(name) and not isinstance(given, dict | list):
            text = None if given is None else _text(js_text(given), is_alone=not item.keys)
            yield Assignment(name, text, *item.places[name][0])


def _pairs(item: Container) -> Iterator[Assignment]:
    for at, given in enumerate(item.value):
        if isinstance(given, dict) and isinstance(name := given.get("name", given.get("key")), str):
            yield Assignment(name, _text(js_text(given.get("value", ""))), *item.places[str(at)][1])


def _text(text: str, *, is_alone: bool = False) -> Text:
    return joined([text]) if is_alone else split_unknown(text, TEMPLATE)
