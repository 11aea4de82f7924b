"""What one release does otherwise than the facts say, found out from its recordings. Pure: measuring is in ``world``.

A difference is explained by the smallest change of the tables with which the prediction agrees again and stays right
everywhere else: a known behaviour that begins or ends, another source of a header, another model behind an alias.
What no such change explains is kept as a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from claude_gw_cli.core import bundle
from claude_gw_cli.core.documents import number
from claude_gw_cli.facts.headers import Row, is_possible, rows
from claude_gw_cli.facts.models import catalog, default_rows, meanings, name_at
from claude_gw_cli.facts.overlay import InForce, Overlay, merged
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import Fact, Span, every_fact, find, holds, newest, use, version_key
from claude_gw_cli.record import dataclass, replace

SOURCE = "cgw trace --learn"


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from one release."""

    version: str
    rows: Overlay
    changes: tuple[str, ...]
    """One sentence for each row."""
    left: tuple[str, ...]
    """Differences that no row explains, one line each; credentials are made-up ones."""
    starts: int
    """How many starts were measured."""
    against: str
    """Which facts were in force then."""


def as_dict(item: Learned) -> dict[str, Any]:
    """For the file; ``read`` takes it back."""
    lists = {"changes": list(item.changes), "left": list(item.left)}
    return {**bundle.tables(item.rows), **lists, "starts": item.starts, "against": item.against}


def read(version: str, document: Mapping[str, Any]) -> Learned:
    """What was kept.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the file was changed by hand and is not valid any more.
    """
    version_key(version)
    found, _ = bundle.overlay(document)
    changes, left = (tuple(str(line) for line in document[name]) for name in ("changes", "left"))
    return Learned(
        version,
        replace(found, learned=(version,)),
        changes,
        left,
        int(number(document["starts"]) or 0),
        str(document["against"]),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One measured start, and how to compare it with the facts that are in force just now."""

    name: str
    provider: str
    model: str | None
    """The model that it asked for."""
    disagreements: Callable[[], Sequence[str]]
    """One line for each difference; a line begins with ``WHAT: ``, as in ``core.compare.Difference``."""


@dataclass(frozen=True, slots=True)
class Change:
    """One possible change of the tables."""

    text: str
    rows: Overlay


def explain(version: str, cases: Sequence[Case]) -> tuple[Overlay, tuple[Change, ...], tuple[str, ...]]:
    """The rows that make the facts agree with the cases, each of them alone, and the lines that are left.

    The facts in force are the same afterwards as before.
    """
    before = InForce.rows
    taken: list[Change] = []
    try:
        wrong = {case.name: lines for case in cases if (lines := _differing(case))}
        while wrong:
            best: tuple[int, Change] | None = None
            base = InForce.rows
            asked = [case for case in cases if case.name in wrong]
            for change in _candidates(version, asked):
                use(merged(base, change.rows))
                now = {case.name: _differing(case) for case in asked}
                gain = sum(len(wrong[name] - now[name]) for name in now)
                if gain <= (best[0] if best else 0) or any(now[name] - wrong[name] for name in now):
                    continue
                if not any(case.disagreements() for case in cases if case.name not in wrong):
                    best = gain, change
                    if not any(now.values()):
                        break
            use(base)
            if best is None:
                break
            taken.append(best[1])
            use(merged(base, best[1].rows))
            wrong = {case.name: lines for case in asked if (lines := _differing(case))}
        left = tuple(f"{case.name}: {line}" for case in cases if case.name in wrong for line in case.disagreements())
    finally:
        use(before)
    found = Overlay()
    for change in taken:
        found = merged(found, change.rows)
    return found, tuple(taken), left


def _differing(case: Case) -> frozenset[str]:
    """What differs: ``url``, ``model``, ``outcome``, names of headers."""
    return frozenset(line.partition(":")[0] for line in case.disagreements())


def _candidates(version: str, wrong: Sequence[Case]) -> Iterator[Change]:
    """Every change that could explain some of the cases, the likeliest first."""
    yield from (_flipped(fact, version) for fact in every_fact())
    for provider, model in dict.fromkeys((case.provider, case.model) for case in wrong if case.model):
        yield from _other_model(provider, str(model), version)
    asked = {(case.provider, line.partition(":")[0]) for case in wrong for line in case.disagreements()}
    for provider, header in sorted(asked):
        yield from _other_sources(provider, header, version)


def _span(version: str) -> Span:
    """From a release on; in a release that the facts cover, this one alone."""
    return Span(version, None if version_key(version) > version_key(newest()) else version)


def _flipped(packaged: Fact, version: str) -> Change:
    fact = find(packaged.id)
    if not holds(fact.id, version):
        spans: tuple[Span, ...] = (*fact.spans, _span(version))
        text = f"since {version}: {fact.text}"
    else:
        spans = tuple(part for span in fact.spans for part in _without(span, version))
        text = f"not in {version} any more: {fact.text}"
    return Change(text, Overlay(facts={fact.id: replace(fact, spans=spans, source=f"{fact.source}; {SOURCE}")}))


def _without(span: Span, version: str) -> Iterator[Span]:
    """A span without one release; without all that follow where the release is newer than the facts."""
    if version not in span:
        yield span
        return
    if span.since is None or version_key(span.since) < version_key(version):
        yield Span(span.since, _before(version))
    last = span.until is not None and version_key(span.until) == version_key(version)
    if version_key(version) <= version_key(newest()) and not last:
        *start, number = version_key(version)
        yield Span(".".join(map(str, (*start, number + 1))), span.until)


def _before(version: str) -> str:
    """A version between a release and the one before it, whatever number that has."""
    *start, last = version_key(version)
    if last:
        return ".".join(map(str, (*start, last - 1)))
    major, minor = start
    return f"{major}.{minor - 1}.999999" if minor else f"{major - 1}.999999.999999"


def _other_model(provider: str, name: str, version: str) -> Iterator[Change]:
    """A model behind an alias or a provider's default; ``name`` is what was sent."""
    plain = name.partition(".")[2] if name.partition(".")[0] in ("us", "eu", "apac", "global") else name
    model_id = next((item.id for item in catalog() if name_at(provider, item) == plain), plain)
    row = (version, model_id)

    def newer(known: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return (*(item for item in known if version_key(item[0]) > version_key(version)), row, *known)

    for family in ("opus", "sonnet", "haiku", "fable", "best"):
        known = meanings(provider, family) or meanings("*", family) or ()
        text = f"since {version}: {family} is {model_id} ({provider})"
        yield Change(text, Overlay(means={(provider, family): newer(known)}))
    text = f"since {version}: the default model is {model_id} ({provider})"
    yield Change(text, Overlay(defaults={provider: newer(default_rows(provider) or ())}))


def _other_sources(provider: str, header: str, version: str) -> Iterator[Change]:
    """A header that another source fills, or one source less."""
    if provider not in BY_NAME or header in ("outcome", "url", "model") or not bundle.WORD.fullmatch(header):
        return
    fact_id = f"learned.{provider}.{header}"[:64]
    fact = Fact(fact_id, f"{header} is filled from another source ({provider})", (_span(version),), SOURCE)
    for situation in BY_NAME[provider].situations:
        row = next(
            (
                item
                for item in rows()
                if item.provider in ("*", provider)
                and item.situation in ("*", situation)
                and item.header in ("*", header)
                and (item.fact is None or holds(item.fact, version))
            ),
            None,
        )
        now = row.sources if row else ()
        known = dict.fromkeys(source for item in rows() if item.provider == provider for source in item.sources)
        orders = [(source, *(item for item in now if item != source)) for source in known if now[:1] != (source,)]
        orders += [tuple(item for item in now if item != source) for source in now]
        for order in orders:
            filled = ", then ".join(order) or "nothing"
            text = f"since {version}: {header} is filled by {filled} ({provider}, {situation})"
            new = Row(provider, situation, header, order, fact.id)
            if is_possible(new):
                yield Change(text, Overlay(facts={fact.id: fact}, headers=(new,)))
