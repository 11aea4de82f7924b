"""Text in lines of a terminal's width: words stay whole, further lines are indented as the text continues.

A word that no line has room for, such as a long path, has a line alone: a terminal breaks it, and copies it whole.
Pure, and without imports: messages on stderr are on the hot path.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST = 24
"""Columns that a table's last column needs; with less, each row is a paragraph."""
_PROGRAMS = (
    *("cgw", "claude", "vault", "bao", "gcloud", "aws", "az", "op", "security", "gpg", "openssl", "ssh-keygen"),
    *("npm", "pipx", "sudo", "mv", "rm", "chmod", "export", "unset", "eval", "nslookup"),
)
"""Those of next steps."""


def wrapped(text: str, width: int | None, *, hang: int = 2) -> str:
    """The text with its long lines broken.

    A line of two parts with several spaces between (``gateway   https://…``) goes on below its second part, and a
    command at its end (``…: cgw doctor``, ``…: vault login``) has a line alone.

    Args:
        text: one line or several.
        width: the terminal's columns; ``None``: no line is broken.
        hang: columns by which a continued line is indented further than its beginning.
    """
    if width is None:
        return text
    lines = []
    for line in text.split("\n"):
        lines += _broken(line, width, hang) if columns_of(line) > width else [line]
    return "\n".join(lines)


def columns_of(text: str) -> int:
    """The columns that a text takes, without the styles in it."""
    if "\x1b" not in text:
        return len(text)
    first, *rest = text.split("\x1b[")
    return len(first) + sum(len(part.partition("m")[2]) for part in rest)


def _broken(line: str, width: int, hang: int) -> list[str]:
    indent = " " * _indent(line, width, hang)
    head, command = _command_of(line)
    if command and len(command) <= width:  # a command stays whole, to be copied
        before = [head] if columns_of(head) <= width else _broken(head, width, hang)
        return [*before, f"{indent[: width - len(command)]}{command}"]
    words = line.split(" ")
    lines, current, has_word = [], words[0], bool(words[0])
    for word in words[1:]:
        # An empty word is one of several spaces in a row.
        if not has_word or not word or columns_of(current) + 1 + columns_of(word) <= width:
            current += f" {word}"
            has_word = has_word or bool(word)
            continue
        lines.append(current.rstrip(" "))
        current = indent[: max(width - columns_of(word), 0)] + word
    return [*lines, current.rstrip(" ")]


def _command_of(line: str) -> tuple[str, str]:
    """What is before a command at a line's end, and the command; empty where there is none."""
    for at in sorted((line.rfind(f" {program} ") for program in _PROGRAMS), reverse=True):
        if at > 0 and line[:at].rstrip(" ").endswith(":"):
            return line[:at].rstrip(" "), line[at + 1 :]
    return line, ""


def _indent(line: str, width: int, hang: int) -> int:
    """Where a line goes on: below its second part, if it has one in the left half, else a little further right."""
    start = len(line) - len(line.lstrip(" "))
    gap = line.find("  ", start)
    if gap > 0:
        second = columns_of(line[: len(line) - len(line[gap:].lstrip(" "))])
        if second <= width // 2:
            return second
    return min(start + hang, width // 2)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int | None) -> str:
    """Rows below their headers, aligned; where they do not fit, each row is a paragraph of ``HEADER  value`` lines.

    Args:
        headers: one for each column.
        rows: the cells; those of the last column may be long, and are broken.
        width: the terminal's columns; ``None``: no line is broken.
    """
    sizes = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    left = sum(sizes[:-1]) + 2 * (len(sizes) - 1)
    if width is not None and left + min(sizes[-1], _LEAST) > width:
        return "\n".join(_paragraph(headers, row, width) for row in rows)
    lines = []
    for row in (headers, *rows):
        before = "  ".join(cell.ljust(size) for cell, size in zip(row[:-1], sizes, strict=False))
        room = None if width is None else max(width - left, _LEAST)
        first, *more = wrapped(row[-1], room).split("\n")
        lines.append(f"{before}  {first}".rstrip())
        lines += [f"{' ' * left}{line.strip()}" for line in more]
    return "".join(f"{line}\n" for line in lines)


def _paragraph(headers: Sequence[str], row: Sequence[str], width: int) -> str:
    size = max(len(header.strip()) for header in headers)
    cells = [(header.strip(), cell.strip()) for header, cell in zip(headers, row, strict=True) if cell]
    return "".join(f"{wrapped(f'{header:<{size}}  {cell}', width)}\n" for header, cell in cells)
