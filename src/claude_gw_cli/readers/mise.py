"""mise.toml: ``[env]`` of the directory and of tasks.

``$NAME`` and ``${NAME}`` are expanded even in literal strings, ``$$`` is a dollar sign, ``{{ … }}`` is a template and
``false`` unsets (measured, mise 2026.9.15).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers.common import Assignment, Start, Text, Unknown, is_name, places, split_unknown, toml_of
from claude_gw_cli.readers.yamltree import undoubled

_UNKNOWN = lazy(
    r"\{\{(?:(?!\}\}).){0,999}\}\}|\{%(?:(?!%\}).){0,999}%\}|\{#(?:(?!#\}).){0,999}#\}"
    r"|(?<!\$)\$(?:\{[^}]{0,999}\}|[A-Za-z_]\w*)",
    re.DOTALL,
)
_RAW = lazy(r"\{%-?\s*raw\s*-?%\}(.{0,9999}?)\{%-?\s*endraw\s*-?%\}", re.DOTALL)


def read(text: str) -> Iterator[Start]:
    """What a shell in the directory gets, and each task.

    Raises:
        NotReadableError: it is not TOML.
    """
    found = toml_of(text)
    everywhere = tuple(_table(found.get("env"), text))
    yield Start(everywhere)
    tasks = found.get("tasks")
    for task in tasks.values() if isinstance(tasks, dict) else ():
        own = tuple(_table(task.get("env"), text)) if isinstance(task, dict) else ()
        if own:
            yield Start(everywhere + own)


def _table(table: object, text: str) -> Iterator[Assignment]:
    place = places(text)
    for name, given in table.items() if isinstance(table, Mapping) else ():
        value = given.get("value", given) if isinstance(given, Mapping) else given
        key = re.search(
            rf"""(?:^|[{{,])[ \t]*(?P<key>["']?{re.escape(name)}["']?)[ \t]*(?:=|\.)""", text, re.MULTILINE
        )
        at = place(key.start("key")) if key else (1, 1)
        if value is False:
            yield Assignment(name, None, *at)
        elif isinstance(value, str | int):
            yield Assignment(name, _value("true" if value is True else str(value)), *at)
        elif is_name(name) and isinstance(value, list | float):
            yield Assignment(name, (Unknown(str(value)),), *at, "mise takes a text, a whole number or a boolean")
        elif not isinstance(value, list):
            yield Assignment(name, (Unknown(f"${name}"),), *at)


def _value(text: str) -> Text:
    plain = _RAW.sub(lambda item: item[1], text)
    if plain != text:  # no template is in a raw block, but a dollar sign in it still counts
        return undoubled((plain,))
    return undoubled(split_unknown(text, _UNKNOWN))
