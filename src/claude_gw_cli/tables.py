"""Text tables that come with the package, beside the module that reads them. Light: read at every start of cgw."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")


def packaged_text(path: str) -> str:
    """A text of the package, by its path in there."""
    full = os.path.join(os.path.dirname(__file__), path)
    text: bytes = __loader__.get_data(full)  # type: ignore[name-defined]  # also where the package is in a zip
    return text.decode()


def rows(path: str, end: str = " ") -> list[str]:
    """The rows of a text of the package; what is indented below a row is a part of it, behind ``end``.

    Empty lines, and lines that begin with ``#``, are left out; the latter are above a row.
    """
    return [row for row in packaged_text(path).replace("\n  ", end).split("\n") if row and row[0] != "#"]


def records(path: str) -> list[dict[str, list[str]]]:
    """The paragraphs of a text table of the package: the names of members, each with its values, a line for each.

    An indented line belongs to the one above; one that begins with ``#`` is a comment. ``like NAME`` gives the
    members that an earlier paragraph with that ``name`` has and this one has not; ``like NAME MEMBER`` its values
    of one.
    """
    found: list[dict[str, list[str]]] = []
    for paragraph in packaged_text(path).replace("\n  ", " ").split("\n\n"):
        row: dict[str, list[str]] = {}
        whole: dict[str, list[str]] = {}
        for line in paragraph.splitlines():
            name, _, value = line.partition(" ")
            if name == "like":
                other, _, member = value.partition(" ")
                whole = next(row for row in found if row.get("name") == [other])
                if member:
                    row.setdefault(member, []).extend(whole[member])
                    whole = {}
            elif not line.startswith("#"):
                row.setdefault(name, []).append(value)
        if row:
            found.append(whole | row)
    return found


_USUAL: Mapping[str, Callable[[str], Any]] = {"int": int, "bool": "yes".__eq__}


def filled(cls: type[T], row: dict[str, list[str]], parsers: Mapping[str, Callable[[str], Any]], **members: Any) -> T:
    """A record made from a paragraph; what its fields are annotated with says how often a member may occur.

    Args:
        cls: of the record.
        row: member -> its values.
        parsers: member -> a value's text to the value, where it is not a text, a number, or ``yes`` or ``no``.
        members: further ones, as values.

    Raises:
        KeyError: the record has no member of that name.
    """
    kinds = cls.__annotations__
    for name, texts in row.items():
        kind = kinds[name]
        parse = parsers.get(name) or _USUAL.get(kind)
        if kind.endswith(", ...]"):
            members[name] = tuple(map(parse, texts) if parse else texts)
        else:
            members[name] = parse(texts[0]) if parse else texts[0]
    return cls(**members)


def table(name: str) -> list[tuple[str, str]]:
    """The rows of a table of ``facts``: the line at the margin, and what is indented below it as one line.

    Lines that begin with ``#`` are comments.
    """
    return [
        (head, below.replace("\0", " "))
        for head, _, below in (row.partition("\0") for row in rows(f"facts/{name}.txt", "\0"))
    ]
