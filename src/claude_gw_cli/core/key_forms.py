"""Keys of well-known issuers within any text: masked in every error, because people type a key where none belongs.

Only what has an issuer's form: digests, versions, hosts and paths stay readable. ``core.masking`` masks more, where a
text is known to be a value. On the hot path: without imports until a text may contain a key.
"""

from __future__ import annotations

_MARKS = (
    "sk-", "sk_", "rk_", "glpat-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "npm_", "dop_v1_",
    "dckr_pat_", "lin_api_", "hf_", "gsk_", "xai-", "pplx-", "xox", "AIza", "ABSK", "AGE-SECRET-KEY-1",
    "bedrock-api-key-", "AKIA", "ASIA", "hvs.", "hvb.", "ya29.", "SG.", "eyJ", "PRIVATE KEY",
)  # fmt: skip
"""One of these is in every text that one of ``facts.keys.ISSUED`` matches."""


def masked_keys(text: str) -> str:
    """The text with the keys that it contains masked: ``unknown scope 'sk-a…'``."""
    if not any(mark in text for mark in _MARKS) and not ("://" in text and "@" in text):
        return text
    import re

    from claude_gw_cli.core.secret import mask
    from claude_gw_cli.facts.keys import ISSUED

    text = re.sub(r"(://)[^/@\s\"':]+:[^/@\s\"']+@", r"\1…@", text)
    return re.sub(rf"(?<![A-Za-z0-9_])(?<![A-Za-z0-9_]-)(?:{'|'.join(ISSUED)})", lambda found: mask(found[0]), text)
