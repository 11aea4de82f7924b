"""Settings texts as they may be shown: every value that could be a key is masked, the layout stays.

Errs on the side of masking; names and structure are never hidden. Pure text work on valid JSON.
"""

from __future__ import annotations

import json
import re

from claude_gw_cli.core.secret import mask

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# A string that a colon follows is a member's name; strings without one are matched too, so that the search never
# starts inside a text.
_MEMBER = re.compile(rf"({_STRING})([ \t\r\n]*+:[ \t\r\n]*+)({_STRING})|{_STRING}", re.DOTALL)
_SUSPECT = re.compile(r"key|token|secret|passw|credential|authorization|headers?\b|cookie|_headers", re.IGNORECASE)
# Commands, numbers and identifiers whose names sound like secrets.
_HARMLESS = re.compile(r"helper|refresh|export|_ms$|_id$|max_|_tokens$|\$schema", re.IGNORECASE)


def is_suspect(name: str) -> bool:
    """True when a value under this name may be a secret."""
    return bool(_SUSPECT.search(name)) and not _HARMLESS.search(name)


def redact(text: str) -> str:
    """The JSON text with suspect string values masked; blanks stay blanks."""

    def masked(found: re.Match[str]) -> str:
        name, colon, value = found.groups()
        if name is None or value == '""' or not is_suspect(name):
            return found[0]
        return name + colon + json.dumps(mask(json.loads(value)), ensure_ascii=False)

    return _MEMBER.sub(masked, text)
