"""Text as a terminal may be sent it. Pure and without imports: on the hot path."""

from __future__ import annotations

# C0 except tab and newline, DEL, C1, the line and paragraph separator, bidirectional controls.
_CONTROLS = {
    code: f"\\u{code:04x}"
    for code in (
        *(code for code in range(0x20) if code not in (0x09, 0x0A)),
        *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A),
    )
}  # fmt: skip
_STYLES = frozenset({"0", "1", "2", "31", "32", "33", "36", "1;31", "1;33", "1;36"})
"""The only escape sequences that text may contain: ``ESC [ style m``, as cgw's own reports use them."""


def escaped(text: str) -> str:
    r"""Text that no terminal obeys: controls become ``\uXXXX``, and so do lone surrogates.

    Applied to a JSON document, the result is the same document.
    """
    return text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode("utf-8")


def styled(text: str) -> str:
    """The same, except that the colours of cgw's own reports stay."""
    first, *rest = text.split("\x1b[")
    pieces = [escaped(first)]
    for piece in rest:
        style, end, after = piece.partition("m")
        known = end and style in _STYLES
        pieces.append(f"\x1b[{style}m{escaped(after)}" if known else escaped(f"\x1b[{piece}"))
    return "".join(pieces)
