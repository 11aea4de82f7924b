"""A property list with ``EnvironmentVariables``, for a job of launchd.

It cannot unset; an empty string is the nearest. XML has no control characters but tab and line breaks, and a carriage
return only as a character reference.
"""

from __future__ import annotations

from claude_gw_cli.emit.common import refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claude_gw_cli.emit.common import Sets, Unsets

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>EnvironmentVariables</key>
  <dict>
"""
_TAIL = "  </dict>\n</dict>\n</plist>\n"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def plist(sets: Sets, unsets: Unsets) -> str:
    """The list."""
    values = {**dict.fromkeys(unsets, ""), **dict(sets)}
    text = ""
    for name, value in values.items():
        if any((char < " " and char not in "\t\n\r") or char in "\ufffe\uffff" for char in value):
            raise refusal("launchd", name, "it has a control character, which a property list cannot hold")
        string = "".join(_ESCAPES.get(char, char) for char in value)
        text += f"    <key>{name}</key>\n    <string>{string}</string>\n"
    return _HEAD + text + _TAIL if values else ""


RENDERERS = {"launchd": plist}
