"""Sections and options of INI files, with the lines of each value; for the formats that are written in it."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits

_LINE = lazy(
    r"^(?:\[(?P<section>[^\]\n]*)\][^\n]*|(?P<comment>[ \t]*[#;][^\n]*)|(?P<more>[ \t]+[^\n]*)"
    r"|(?P<option>[^\s=:\[][^=:\n]*?)[ \t]*[=:](?P<value>[^\n]*))$",
    8,  # re.MULTILINE
)
Line = tuple[str, int]
"""A line of a value, and its offset in the file."""


def options(text: str) -> Iterator[tuple[str, str, list[Line]]]:
    """Section, option, and the lines of its value: those that follow it and are indented are part of it."""
    section, option, lines = "", "", list[Line]()
    for item in _LINE.finditer(text):
        limits.check()
        if item["more"] is not None:
            lines.append((item["more"], item.start("more")))
        elif item["comment"] is None:
            if option:
                yield section, option, lines
            section = section if item["section"] is None else item["section"].strip()
            option, lines = item["option"] or "", [(item["value"] or "", item.start("value"))]
    if option:
        yield section, option, lines
