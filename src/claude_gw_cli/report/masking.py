"""Lines of configuration files as they may be shown: names stay, values that could be secret do not. Pure."""

from __future__ import annotations

import re

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.settings_keys import KNOWN
from claude_gw_cli.facts.variables import VARIABLES

_STRING = lazy(r""""((?:[^"\\]|\\.)*)("|$)|'([^']*)('|$)""")
_LOOKS_SECRET = lazy(
    r"\b(?:sk-|gw-|hvs\.|ghp_|AKIA)[\w.-]{4,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*|\b(?=[\w+/=-]*\d)[\w+/=-]{24,}"
)
_USERINFO = lazy(r"(://)[^/@\s\"']+@")
_PLAIN_PAIR = lazy(
    r"^(\s*-?\s*[\w.-]*(?:key|token|secret|password|passphrase)[\w.-]*\s*[:=]\s*)([^\s\"'#{][^#]*?)(\s*(?:#.*)?)$",
    re.IGNORECASE,
)
_PUBLIC_KINDS = frozenset({"url", "flag", "presence", "millis", "path", "model", "text", "proxy", "location"})
_HARMLESS = frozenset({"", "null", "true", "false"})
MAX_WIDTH = 120


def shown_line(line: str) -> str:
    """One line of a settings file, profile or gateway configuration, with every possible secret masked.

    A JSON string is kept when it is a member's name, or the value of a variable or key that is known to be public.
    """
    pieces: list[str] = []
    end = 0
    name: str | None = None
    for found in _STRING.finditer(line):
        pieces.append(_plain(line[end : found.start()]))
        end = found.end()
        quote, close = (found[0][0], found[2] if found[0][0] == '"' else found[4])
        text = found[1] if quote == '"' else found[3]
        if re.match(r"\s*[:=]", line[end:]):
            name = text
            pieces.append(f"{quote}{_plain(text)}{close}")
        else:
            pieces.append(f"{quote}{text_of_value(name, text)}{close}")
    pieces.append(_plain(line[end:]))
    return _pair("".join(pieces))


def text_of_value(name: str | None, value: str) -> str:
    """A value as it may be shown beside its name."""
    known = VARIABLES.get(name) if name else None
    public = known is not None and known.kind in _PUBLIC_KINDS
    public = public or (name in KNOWN) or value.startswith("os.environ/")
    if public:
        return _plain(value)
    head = value[:7] if value[:7].lower() == "bearer " else ""
    return value if value in _HARMLESS else head + mask(value[len(head) :])


def _plain(text: str) -> str:
    masked = _LOOKS_SECRET.sub(lambda found: mask(found[0]), text)
    return _USERINFO.sub(r"\1…@", masked)


def _pair(line: str) -> str:
    """``name: value`` or ``name = value`` without quotes, as in YAML."""
    found = _PLAIN_PAIR.match(line)
    if not found or found[2].startswith("os.environ/") or found[2].strip() in _HARMLESS:
        return line
    return f"{found[1]}{mask(found[2])}{found[3]}"
