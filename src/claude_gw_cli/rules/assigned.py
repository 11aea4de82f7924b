"""Files that set variables in another format: each process that they start, as the rules see it.

A part of a value that the file does not say must not be called wrong. The rules look at it several times, each time
with another text in its place, and only what they find every time is reported (``engine``). What is only passed on
(``NAME=$NAME``) is tried empty, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.snapshot import SettingsFile, Snapshot
from claude_gw_cli.facts.transport import TRUST
from claude_gw_cli.facts.variables import BASE_URLS, INVENTED, OWN_NAMES, VARIABLES, is_own
from claude_gw_cli.readers.common import Assignment, Start, Unknown, final, joined, known
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.literals import holds_key, is_local, no_key
from claude_gw_cli.rules.names import near

# What is tried for an unknown part: at the start of a value, behind a colon (a port), elsewhere. The part as it is
# written comes last, because its text is what a message shows.
_FIRST = ("https://gateway.invalid", "1")
_NAME = "team"
_HOST = ("gateway.invalid", "localhost")
_PORT = ("4000", "8080")
_REST = ("1", "unknown")
_EMPTY = -1
_GITHUB = lazy(r"\$\{\{\s*(?:secrets|vars|env|github|inputs)\.")
_FILLS_IN = frozenset({"workflow", "azure", "azurecommands", "yamlmaps"})
"""Formats in which such a reference is filled in, or may be."""


def by_process(context: RuleContext, source: SettingsFile, starts: Sequence[Start]) -> RuleContext:
    """The context of a file: itself, and below it one for each process and each text tried.

    Args:
        context: what is known of the file, with a snapshot that has nothing of it.
        source: the file without its variables.
        starts: what its reader found.
    """
    tried = tuple(tuple(_contexts(context, source, one)) for start in starts for one in (start, *_replaced(start)))
    return replace(tried[0][-1], starts=tried)


def _replaced(start: Start) -> Iterator[Start]:
    """Each literal key that a later assignment replaces, by itself: no process gets it, but the file shows it."""
    last = final(start)
    local = any(item.name in BASE_URLS and is_local(known(item.value or ()) or "") for item in start.assignments)
    for item in start.assignments:
        text = known(item.value or ())
        if text and last.get(item.name) != item and holds_key(item.name, text, local=local):
            yield replace(start, assignments=(item,))


def _contexts(context: RuleContext, source: SettingsFile, start: Start) -> Iterator[RuleContext]:
    found = {name: _as_left(item, start.format) for name, item in final(start).items() if _is_relevant(name)}
    places = {"": start.place} | {name: (item.line, item.column) for name, item in found.items()}
    unknown = any(isinstance(piece, Unknown) for item in found.values() for piece in item.value or ())
    passed_on = any(map(_is_passed_on, found.values()))
    for attempt in (*((0, 1) if unknown else ()), *((_EMPTY,) if passed_on else ()), 2):
        env = {name: _filled(item, attempt) for name, item in found.items()}
        snapshot: Snapshot = replace(context.snapshot, files=(replace(source, data={"env": env}, places=places),))
        yield replace(
            context,
            snapshot=snapshot,
            given=start.given,
            listens=start.listens,
            in_cluster=start.in_cluster,
            starter=start.starter,
            format=start.format,
            lost={name: (item.lost, item.instead) for name, item in found.items() if item.lost},
            seen={name: item.seen for name, item in found.items() if item.seen},
        )


def _as_left(item: Assignment, format_: str) -> Assignment:
    """The variable with GitHub's references as the text that they stay where another program reads the file."""
    if format_ in _FILLS_IN:
        return item
    pieces = (
        one.source if isinstance(one, Unknown) and _GITHUB.match(one.source) else one for one in item.value or ()
    )
    return item if item.value is None else replace(item, value=joined(pieces))


def _is_relevant(name: str) -> bool:
    return (
        is_own(name)
        or name.startswith("input ")
        or name in VARIABLES
        or name in TRUST
        or name in INVENTED
        or bool(near(name))
    )


def _is_passed_on(item: Assignment) -> bool:
    """Whether a variable gets its own value, which may be none: ``NAME=${NAME}``, ``- NAME`` in a Compose file."""
    value = item.value or ()
    if len(value) != 1 or not isinstance(value[0], Unknown):
        return False
    source = value[0].source.strip("$%{} ").removeprefix("env:").removeprefix("env.")
    return source.partition(":")[0] == item.name


def _filled(item: Assignment, attempt: int) -> str:
    if attempt == _EMPTY:
        if _is_passed_on(item):
            return ""
        attempt = 1
    text = ""
    for piece in item.value or ():
        if isinstance(piece, str):
            text += piece
        elif text.endswith("://"):
            text += _HOST[attempt] if attempt < len(_HOST) else piece.source
        elif text.endswith(":"):
            text += _PORT[attempt % 2]
        elif attempt == 2:
            text += piece.source if no_key(piece.source) else "$(…)"
        elif attempt and item.name in OWN_NAMES:
            text += _NAME
        else:
            text += (_FIRST if not text else _REST)[attempt]
    return text
