"""Characters that a terminal obeys or hides, and how they are shown instead. Light: messages need it."""

from __future__ import annotations

HIDDEN = {
    code: f"\\u{code:04x}"
    for code in (*range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}
"""DEL, C1, line separators, and bidirectional controls, which turn the order of a line: for ``str.translate``."""

CONTROLS = {code: f"\\u{code:04x}" for code in range(32) if code not in (9, 10)} | HIDDEN
"""These and C0 but tab and line feed: for a text without styles of its own."""


def inert(text: str) -> str:
    """Text for people as valid UTF-8 that no terminal obeys."""
    return text.translate(CONTROLS).encode("utf-8", "backslashreplace").decode("utf-8")
