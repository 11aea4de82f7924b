"""What a script writes for the scripts after it: lines of GitHub's ``$GITHUB_ENV``, Azure's commands in a log.

CircleCI's ``$BASH_ENV`` has shell text (``embedded``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import azurecommands
from claude_gw_cli.readers.common import Assignment, Piece, Text, Unknown, is_name, joined
from claude_gw_cli.record import dataclass, replace

FILE = lazy(
    r"\$\{?(?:env:)?(?P<name>GITHUB_ENV|BASH_ENV)\b"
    r"|/(?P<start>\.?(?:bash_?(?:rc|profile|\.bashrc)|z(?:shrc|shenv|profile)|profile)\b|profile\.d/)",
    2,
)
"""A word that names a file of variables; ``START_FILE`` for those that a shell reads when it starts."""
START_FILE = "start file"
Line = tuple[Text, int, int]
"""A text without a line break; line and column of its start."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text that a command prints."""

    target: str
    """``GITHUB_ENV``, ``BASH_ENV``; empty for the log."""
    lines: list[Line] | None
    """``None`` if nothing is known of it."""
    is_sure: bool
    """Whether the command is in no branch and no function."""


def lines_of(value: Text) -> list[Text]:
    """A text's lines, without the line break at its end."""
    lines: list[list[Piece]] = [[]]
    for piece in value:
        first, *rest = piece.split("\n") if isinstance(piece, str) else (piece,)
        lines[-1].append(first)
        lines += ([part] for part in rest)
    found = [joined(line) for line in lines]
    return found[:-1] if len(found) > 1 and not found[-1] else found


def github(found: Iterable[Written]) -> Iterator[tuple[Assignment, bool]]:
    """What ``$GITHUB_ENV`` sets for later steps, and whether it does so in any case."""
    lines = [(line, item.is_sure) for item in found if item.target == "GITHUB_ENV" for line in item.lines or ()]
    at = 0
    while at < len(lines):
        (text, row, column), sure = lines[at]
        at += 1
        first = text[0] if text and isinstance(text[0], str) else ""
        name, sign, rest = first.partition("=")
        block, delimiter, _ = first.partition("<<")
        if delimiter and is_name(block):  # A<<EOF, the lines, EOF
            end = joined([first[len(block) + 2 :], *text[1:]])
            last = next((index for index in range(at, len(lines)) if lines[index][0][0] == end), len(lines))
            value = joined(piece for index in range(at, last) for piece in ("\n" * (index > at), *lines[index][0][0]))
            at = last + 1
            yield Assignment(block, value, row, column), sure
        elif sign and is_name(name.rstrip()):
            why = "" if is_name(name) else "no whitespace may be around the equals sign"
            yield (
                Assignment(name.rstrip(), joined([rest.strip() if why else rest, *text[1:]]), row, column, why),
                sure,
            )


def azure(found: Iterable[Written]) -> Iterator[tuple[Assignment, bool]]:
    """What commands in the log set for later steps, and whether they do so in any case."""
    for item in found:
        for text, row, column in item.lines or () if not item.target else ():
            first = text[0] if text and isinstance(text[0], str) else ""
            if command := azurecommands.COMMAND.search(first):
                value = joined(
                    azurecommands.unescaped(piece) if isinstance(piece, str) else piece
                    for piece in (command["value"], *text[1:])
                )
                yield Assignment(command["name"], value, row, column + command.start()), item.is_sure


def is_unclear(found: Iterable[Written], target: str) -> bool:
    """Whether something is written to the file that only running the script tells."""
    return any(
        item.target == target
        and (item.lines is None or any(text and isinstance(text[0], Unknown) for text, _, _ in item.lines))
        for item in found
    )


def for_later(found: Iterable[tuple[Assignment, bool]]) -> tuple[Assignment, ...]:
    """What later scripts get; unknown where it depends on a condition."""
    return tuple(item if sure else replace(item, value=(Unknown(f"${item.name}"),)) for item, sure in found)
