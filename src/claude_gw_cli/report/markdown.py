"""A page in Markdown as a person reads it on a terminal: headings, lists and code, as far as cgw's pages use it."""

from __future__ import annotations

import re

from claude_gw_cli.core.wrap import wrapped

_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)")


def rendered(text: str, width: int | None, *, color: bool) -> str:
    """The page as text.

    Args:
        text: the page.
        width: the terminal's columns.
        color: headings and emphasis are bold, code within a sentence is coloured instead of quoted.
    """
    lines: list[str] = []
    in_code = False
    for line in text.split("\n"):
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            lines += wrapped(f"    {line}".rstrip(), width).split("\n")
        elif line.startswith("#"):
            lines.append(_styled(line.lstrip("# "), "1", color=color))
        else:
            bullet = line.startswith("- ")
            plain = _INLINE.sub(lambda found: _inline(found, color=color), line.removeprefix("- "))
            lines += wrapped(f"• {plain}" if bullet else plain, width, hang=2 if bullet else 0).split("\n")
    page = "\n".join(lines)
    return re.sub(r"\n{3,}", "\n\n", page)


def _inline(found: re.Match[str], *, color: bool) -> str:
    if found[1]:
        return _styled(found[1], "1", color=color)
    if found[2]:
        return _styled(found[2], "36", color=True) if color else found[0]
    return found[3] if found[3] == found[4] else f"{found[3]} ({found[4]})"


def _styled(text: str, style: str, *, color: bool) -> str:
    # Each word by itself: a line may end anywhere.
    return " ".join(f"\x1b[{style}m{word}\x1b[0m" for word in text.split(" ")) if color else text
