"""Settings texts as they may be shown: every value that could be a key is masked, the layout stays.

Errs on the side of masking; names and structure are never hidden. Pure text work on valid JSON.
"""

from __future__ import annotations

import json
import re

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.secret import mask

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*"'
# A string that a colon follows is a member's name; strings without one are matched too, so that the search never
# starts inside a text.
_MEMBER = lazy(rf"({_STRING})([ \t\r\n]*+:[ \t\r\n]*+)({_STRING})|{_STRING}", re.DOTALL)
_SUSPECT = lazy(r"key|token|secret|passw|credential|authorization|headers?\b|cookie|_headers", re.IGNORECASE)
# Commands, numbers and identifiers whose names sound like secrets.
_HARMLESS = lazy(r"helper|refresh|export|_ms$|_id$|max_|_tokens$|\$schema", re.IGNORECASE)
# Long and mixed, as keys, hashes and tokens are; dots and slashes divide, so that hosts and paths stay readable.
_LONG_WORD = lazy(r"[A-Za-z0-9_~+=-]{20,}")
# Words that are keys by their beginning, whatever member they are in.
_KEY = lazy(
    r"(?<![A-Za-z0-9_-])(?:sk-ant-[\w-]{4,}|(?:sk|gw)-(?=[A-Za-z_-]*\d)[\w-]{8,}|(?:glpat-|gh[opsur]_|github_pat_|npm_|dop_v1_"
    r"|xox[a-z]-|AIza)[\w-]{8,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|(?:hvs\.|ya29\.|eyJ)[\w.-]{8,})"
)
_USERINFO = lazy(r"(://)[^/@\s]+@")


def masked_words(text: str) -> str:
    """A text in which the words that look like keys are masked."""

    def masked(found: re.Match[str]) -> str:
        word = found[0]
        mixed = any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
        return mask(word) if mixed else word

    return _LONG_WORD.sub(masked, masked_keys(text))


def masked_keys(text: str) -> str:
    """Any text with the words masked that are keys by their form."""
    return _KEY.sub(lambda found: mask(found[0]), text)


def plain_url(text: str) -> str:
    """A URL without a password or key that it contains."""
    address, mark, query = _USERINFO.sub(r"\1…@", text).partition("?")
    return address + mark + masked_words(query)


def is_suspect(name: str) -> bool:
    """True when a value under this name may be a secret."""
    return bool(_SUSPECT.search(name)) and not _HARMLESS.search(name)


def redact(text: str) -> str:
    """The JSON text with suspect string values masked, and keys in commands; whitespace is kept."""

    def masked(found: re.Match[str]) -> str:
        name, colon, value = found.groups()
        if name is None or value == '""' or not (_SUSPECT.search(name) or "://" in value):
            return found[0]
        plain = json.loads(value)
        seen = mask(plain) if is_suspect(name) else plain_url(plain) if "://" in plain else _command(plain)
        return found[0] if seen == plain else name + colon + json.dumps(seen, ensure_ascii=False)

    return masked_keys(_MEMBER.sub(masked, text))


def _command(text: str) -> str:
    """A helper's command: words that look like keys are masked, paths are not."""
    return " ".join(word if "/" in word else masked_words(word) for word in text.split(" "))
