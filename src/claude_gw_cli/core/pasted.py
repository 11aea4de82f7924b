"""What a person typed or pasted at a question: is it a key, whatever was asked for? Pure."""

from __future__ import annotations

import re

from claude_gw_cli.core.masking import masked_text
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.reference import FORMS, looks_like_key
from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.keys import MARKS

# As it is copied from a page, a file or a shell: `export NAME="KEY"`, `NAME: KEY`, `Authorization: Bearer KEY`.
_AROUND = lazy(
    r"(?:(?:export|set)\s+)?(?:-H\s+)?[\"']?(?:\$env:)?(?:[A-Za-z_][\w.-]*[\"']?\s*[:=]\s*(?=\S))?[\"']?"
    r"(?:(?:Bearer|Basic)\s+)?[\"']?",
    re.IGNORECASE,
)
_HOST = lazy(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?(?:/.*)?")
_SHOWN = 4


def key_in(text: str) -> str:
    """The key that a text is, without what was copied around it; empty where the text is something else."""
    text = text.strip()
    found = _AROUND.match(text)
    key = text[found.end() if found else 0 :].rstrip("\"',;")
    if len(key.split()) != 1 or "://" in text or _HOST.fullmatch(key) or text.partition(":")[0].lower() in FORMS:
        return ""  # an address or a reference
    return key if looks_like_key(key) or masked_text(key) == mask(key) != key else ""


def shown_while_typed(text: str) -> str:
    """The text as it may be on the screen before Enter: of a key, and of what begins as one, four characters."""
    bare = text.lstrip()
    begins_as_key = any(bare.startswith(mark) for mark in MARKS) and not set(bare) & set(".:/ ")
    if not begins_as_key and not key_in(bare):
        return text
    return text[:_SHOWN] + "*" * max(len(text) - _SHOWN, 0)
