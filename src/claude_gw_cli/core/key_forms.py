"""Keys of well-known issuers within any text: masked in every error, because people type a key where none belongs.

Only what has an issuer's form: digests, versions, hosts and paths stay readable. ``core.masking`` masks more, where a
text is known to be a value. Without imports until a text may contain a key.
"""

from __future__ import annotations

from claude_gw_cli.core.secret import mask
from claude_gw_cli.facts.keys import ISSUED, ISSUED_MARKS


def masked_keys(text: str) -> str:
    """The text with the keys that it contains masked: ``unknown scope 'sk-a…'``."""
    if not any(mark in text for mark in ISSUED_MARKS) and not ("://" in text and "@" in text):
        return text
    import re

    text = re.sub(r"(://)[^/@\s\"']+:[^/@\s\"']+@", r"\1…@", text)
    return re.sub(rf"(?<![A-Za-z0-9_])(?<![A-Za-z0-9_]-)(?:{'|'.join(ISSUED)})", lambda found: mask(found[0]), text)
