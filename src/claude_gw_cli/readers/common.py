"""What every reader gives: the variables that one process gets together, with the place of each value.

A value is a sequence of pieces: text that is known, and ``Unknown`` for what only the program that reads the file can
tell (another variable, a secret of the CI, the output of a command).
"""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import SECRET_NAMES
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, replace

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a value that the file does not say, as it is written there: ``$HOME``, ``${{ secrets.KEY }}``."""

    source: str


Piece = str | Unknown
Text = tuple[Piece, ...]
"""A value; the empty tuple is the empty text."""
Place = tuple[int, int]
"""Line and column, from 1."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One variable that is set, or unset, at one place."""

    name: str
    value: Text | None
    """``None`` unsets the variable."""
    line: int
    column: int
    """Both from 1."""
    lost: str = ""
    """Why no process gets it, though a person who reads the line expects so."""
    instead: str = ""
    """What to do then; empty where it is to be written as the format has it (``readers.SETS``)."""
    seen: str = ""
    """Who else can read the value of a key that the file does not say."""


@dataclass(frozen=True, slots=True)
class Start:
    """Variables that one process gets together; of two assignments to one name the last one counts."""

    assignments: tuple[Assignment, ...]
    given: frozenset[str] = frozenset()
    """Names that were set outside of the branch or function that starts the process, and not in it."""
    listens: frozenset[str] | None = None
    """For a container that does not share a network: the ports on which something in it may listen."""
    in_cluster: bool = False
    """Whether it runs in Kubernetes, where a host may be ``service.namespace``."""
    starter: str = ""
    """What starts the client, if the file says so (``facts.starters``)."""
    format: str = ""
    """The module of this room that read the file; empty for the client's own settings."""
    place: Place = (1, 1)
    """Line and column of the start itself, from 1."""


class NotReadableError(Exception):
    """The text is not what its name says, in a few words; with the line if one is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)


def toml_of(text: str) -> dict[str, Any]:
    """The members of a TOML text.

    Raises:
        NotReadableError: it is not TOML, or cannot be read.
    """
    from claude_gw_cli.core.documents import from_toml

    try:
        return from_toml(text)
    except ValueError as error:
        raise NotReadableError("nested too deeply" if "nested" in str(error) else "not TOML") from None


class TemplateError(NotReadableError):
    """Another program makes the file out of this text; with the first line that it fills in."""

    def __init__(self, line: int) -> None:
        super().__init__("another program fills in its values", line)


_LIKE_OTHERS = lazy(
    r"^[ \t@(]*(?:(?:export|setenv|set|let|var)[ \t]+|\$(?:env[:.])?)?(?P<name>(?:ANTHROPIC|CLAUDE)_[A-Z0-9_]+)"
    r"[ \t]*:?=(?P<value>[^\n]*)",
    2 | 8,
)


def mistaken(text: str, found: Iterable[Assignment]) -> Iterator[Assignment]:
    """Lines that set a variable as another shell does, for a script that does not set it otherwise (``found``)."""
    names, place = {item.name for item in found}, places(text)
    for item in _LIKE_OTHERS.finditer(text):
        if item["name"] not in names:
            given = item["value"].strip().strip("\"'")
            value = (Unknown(given),) if "$" in given else joined([given])
            yield Assignment(
                item["name"], value, *place(item.start("name")), "this sets no variable of the environment here"
            )


def final(start: Start) -> Mapping[str, Assignment]:
    """The assignment of each name that counts; names that are unset in the end are left out."""
    found: dict[str, Assignment] = {}
    for item in start.assignments:
        found.pop(item.name, None)
        if item.value is not None:
            found[item.name] = item
    return found


def known(value: Text) -> str | None:
    """The text of a value that is known as a whole."""
    return "".join(map(str, value)) if all(isinstance(piece, str) for piece in value) else None


def joined(pieces: Iterable[Piece]) -> Text:
    """Pieces with neighbouring texts made one and empty ones dropped."""
    found: list[Piece] = []
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        if text := "".join(texts):
            found.append(text)
        texts = []
        found.append(piece)
    if text := "".join(texts):
        found.append(text)
    return tuple(found)


def split_unknown(text: str, pattern: re.Pattern[str]) -> Text:
    """A text with what the pattern matches as ``Unknown``."""
    found: list[Piece] = []
    at = 0
    for item in pattern.finditer(text):
        found += [text[at : item.start()], Unknown(item[0])]
        at = item.end()
    return joined([*found, text[at:]])


def is_name(name: str) -> bool:
    """Whether a text can be a variable's name in every shell."""
    return name.isascii() and name.isidentifier()


def places(text: str) -> Callable[[int], Place]:
    """Offset -> line and column, from 1."""
    from bisect import bisect_right

    starts = [0, *_line_starts(text)]

    def place(offset: int) -> Place:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return place


PASSED = "an ARG's value stays in the image's history"


def passed_to_build(item: Assignment) -> Assignment:
    """The argument of an image's build; says who can read it if it is a key that the file does not say."""
    is_key = item.name in SECRET_NAMES and any(isinstance(piece, Unknown) for piece in item.value or ())
    return replace(item, seen=PASSED) if is_key else item


def moved(top: Place) -> Callable[[int, int], Place]:
    """Line and column in a part that begins at this place -> those of the file."""
    return lambda line, column: (top[0] + line - 1, column + (top[1] - 1) * (line == 1))


def _line_starts(text: str) -> Iterator[int]:
    at = text.find("\n")
    while at >= 0:
        yield at + 1
        at = text.find("\n", at + 1)
