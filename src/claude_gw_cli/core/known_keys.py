"""Keys that are known, taken out of a text in every form in which a server may echo them. Pure."""

from __future__ import annotations

import re
from base64 import b64encode

from claude_gw_cli.hints import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_FRAGMENT = 4
"""LiteLLM echoes the last four characters of a key."""
_ESCAPED = 512
"""Characters of a key up to which its percent-encoded and escaped forms are looked for."""


def without_keys(text: str, keys: Collection[str]) -> str:
    """The text with ``…`` for the keys: as they are, encoded, escaped, reversed, and their starts and ends."""
    for key in sorted(keys, key=len, reverse=True):
        for form in _forms(key):
            text = form.sub("…", text)
        text = _without_parts(text, key)
    return text


def _forms(key: str) -> Iterator[re.Pattern[str]]:
    raw = key.encode()
    plain, encoded = [key, key[::-1], raw.hex()], []
    for before in range(3):  # behind any other text, such as "Bearer ", base64 begins at one of three bits
        coded = b64encode(b"." * before + raw).decode().rstrip("=")
        whole = coded[(0, 2, 3)[before] : len(coded) - ((before + len(raw)) % 3 > 0)]
        encoded += [whole, whole.translate({43: 45, 47: 95})]
    yield re.compile(rf"(?:{'|'.join(map(re.escape, encoded))})[\w+/-]{{0,2}}={{0,2}}")
    yield re.compile("|".join(map(re.escape, plain)), re.IGNORECASE)
    if len(key) <= _ESCAPED:
        yield re.compile("".join(_any_spelling(letter) for letter in key), re.IGNORECASE)


def _any_spelling(letter: str) -> str:
    """A letter as it is, percent-encoded, as an escape of JSON, and as an entity of HTML."""
    percent = "".join(f"%{byte:02x}" for byte in letter.encode())
    code = ord(letter)
    return rf"(?:\\?{re.escape(letter)}|{percent}|\\u{code:04x}|&#x{code:x};|&#{code};)"


def _without_parts(text: str, key: str) -> str:
    # A token of thousands of characters has as many parts, and hardly ever one that is echoed.
    if len(key) > 2 * _FRAGMENT and (key[-_FRAGMENT:] in text or key[: 2 * _FRAGMENT] in text):
        for length in range(len(key) - 1, _FRAGMENT - 1, -1):
            text = text.replace(key[-length:], "…")
            if length >= 2 * _FRAGMENT:
                text = text.replace(key[:length], "…")
    return text
