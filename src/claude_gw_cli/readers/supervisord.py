"""supervisord: ``environment=`` of the daemon, whose programs inherit it, and of each program.

The value is ``NAME="VALUE",NAME="VALUE"``. Without quotes a value has letters, digits and ``_/.+-():`` only, and
``#`` ends it; with another character supervisord does not start. Whitespace with ``;`` begins a comment, also between
quotes. ``%(ENV_NAME)s`` is filled in, and ``%%`` is a percent sign (measured, supervisor 4).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.readers import limits
from claude_gw_cli.readers.common import Assignment, Piece, Start, joined, places, split_unknown
from claude_gw_cli.readers.ini import Line, options

_STARTS = lazy(r"(?:program|fcgi-program|eventlistener):")
_COMMENT = lazy(r"(?:[ \t];|^[ \t]*[;#]).*")
_PAIR = lazy(
    r"""[\s,]*(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*
    (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[\w/.+():-]+)(?=\s*(?:[,\#]|$))|(?P<other>[^,]*))""",
    64,  # re.VERBOSE
)
_FILLED = lazy(r"(?<!%)%\([^)]{0,999}\)[sd]")
_REFUSED = "supervisord does not start: this value needs quotes, and no semicolon after a space"


def read(text: str) -> Iterator[Start]:
    """What each program gets; the daemon alone where the file has no program."""
    given: dict[str, tuple[Assignment, ...]] = {}
    for section, option, lines in options(text):
        given.setdefault(section, ())
        if option == "environment":
            given[section] = tuple(_variables(text, lines))
    daemon = given.get("supervisord", ())
    programs = [own for section, own in given.items() if _STARTS.match(section)]
    yield from (Start((*daemon, *own)) for own in programs or [()])


def _variables(text: str, lines: list[Line]) -> Iterator[Assignment]:
    place = places(text)
    kept = [(_COMMENT.sub("", line), offset) for line, offset in lines]
    whole = "\n".join(line for line, _ in kept)
    begins = list(accumulate((len(line) + 1 for line, _ in kept), initial=0))
    for item in _PAIR.finditer(whole):
        limits.check()
        number = bisect_right(begins, item.start("name")) - 1
        start = kept[number][1] + item.start("name") - begins[number]
        value = next(item[name] for name in ("double", "single", "bare", "other") if item[name] is not None)
        pieces: Iterator[Piece] = (
            piece.replace("%%", "%") if isinstance(piece, str) else piece for piece in split_unknown(value, _FILLED)
        )
        why = _REFUSED if item["other"] is not None else ""
        yield Assignment(
            item["name"], joined(pieces), *place(start), why, f'write {item["name"]}="VALUE"' if why else ""
        )
