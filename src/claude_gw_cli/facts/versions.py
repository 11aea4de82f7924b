"""What changed between client versions: one row per behaviour, with the versions in which it holds.

The rows are in ``versions.txt``: id and releases, what the behaviour is, and after ``=`` where it was seen. Several
ranges of releases are separated by spaces; both ends of one are released versions that were measured and are adjacent
in npm's list unless the row says otherwise: the first with the behaviour and the last.

``core`` and ``rules`` ask ``holds("token-trimmed", version)`` and never compare versions themselves. To teach cgw a
new release, add its recordings (tests/atlas) and, if one of them disagrees, change or add a row there.
"""

from __future__ import annotations

from claude_gw_cli.facts.newest import NEWEST
from claude_gw_cli.facts.overlay import InForce, Overlay
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import packaged_text, table

__all__ = ["NEWEST", "Fact", "Span", "every_fact", "find", "first_version", "holds", "newest", "use", "version_key"]


@dataclass(frozen=True, slots=True)
class Span:
    """A range of releases, both ends included; an open end is ``None``."""

    since: str | None = None
    until: str | None = None

    def __contains__(self, version: object) -> bool:
        key = version_key(str(version))
        return (self.since is None or version_key(self.since) <= key) and (
            self.until is None or key <= version_key(self.until)
        )


def span_of(text: str) -> Span:
    """``SINCE..UNTIL``, each of which may be left out."""
    since, _, until = text.partition("..")
    return Span(since or None, until or None)


@dataclass(frozen=True, slots=True)
class Fact:
    """One behaviour of the client, the releases that show it, and where that was seen."""

    id: str
    text: str
    spans: tuple[Span, ...]
    source: str


_TEXT = packaged_text("facts/versions.txt").replace("\n  ", "\0")
"""A row is looked for when it is asked for: a command needs few of them."""
# Asked for again and again; plain dictionaries, because functools takes a quarter of an interpreter's start.
_answers: dict[tuple[str, str], bool] = {}
_keys: dict[str, tuple[int, ...]] = {}


def _packaged(fact_id: str) -> Fact:
    start = _TEXT.find(f"\n{fact_id} ") + 1
    if not start:
        raise KeyError(fact_id)
    head, _, below = _TEXT[start : _TEXT.index("\n", start)].partition("\0")
    text, _, source = below.replace("\0", " ").partition(" = ")
    return Fact(fact_id, text, tuple(map(span_of, head.split(" ")[1:])), source)


def every_fact() -> tuple[Fact, ...]:
    """Every row that comes with cgw."""
    return tuple(_packaged(head.partition(" ")[0]) for head, _ in table("versions"))


def find(fact_id: str) -> Fact:
    """The row with this id; ``KeyError`` if there is none (a misspelt id is a bug)."""
    return InForce.rows.facts.get(fact_id) or _packaged(fact_id)


def first_version(fact_id: str) -> str | None:
    """The first release with the behaviour; ``None``: it was always there."""
    return find(fact_id).spans[0].since


def holds(fact_id: str, version: str) -> bool:
    """True when the behaviour is there in this client version."""
    known = _answers.get((fact_id, version))
    if known is None:
        known = _answers[fact_id, version] = any(version in span for span in find(fact_id).spans)
    return known


def newest() -> str:
    """The newest release that the facts in force cover."""
    return InForce.rows.newest or NEWEST


def use(rows: Overlay) -> None:
    """Let these rows count before the packaged ones, in this process."""
    if rows != InForce.rows:
        InForce.rows = rows
        _answers.clear()


def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers that compare: ``2.1.77`` -> ``(2, 1, 77)``; what is not a number ends it.

    Raises:
        ValueError: the text does not start with a number.
    """
    if version in _keys:
        return _keys[version]
    parts: list[int] = []
    for part in version.strip().split("-")[0].split("+")[0].split("."):
        if not part.isdecimal() or len(part) > 9:
            break
        parts.append(int(part))
    if not parts:
        raise ValueError(f"not a version: {version!r}")
    found = _keys[version] = tuple(parts)
    return found
