"""What `cgw trace --learn` and `make atlas` find out about a release: from real recordings, with facts taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_gw_cli.core.learn import Learned, as_dict, explain, read
from claude_gw_cli.facts.headers import Row
from claude_gw_cli.facts.models import DEFAULTS, MEANS, Rows
from claude_gw_cli.facts.overlay import Overlay, merged
from claude_gw_cli.facts.versions import Fact, Span, every_fact, use, version_key
from claude_gw_cli.record import replace
from claude_gw_cli.world.laboratory import compared

HERE = Path(__file__).parent
RELEASE = "2.1.332"
LINES = (HERE / "measured" / f"{RELEASE}.jsonl").read_text().splitlines()
ROWS = [row for row in map(json.loads, LINES) if "sleep" not in str(row) and not row["case"].startswith("lab.")]


@pytest.fixture(autouse=True)
def packaged() -> Iterator[None]:
    yield
    use(Overlay())


def known_in(version: str) -> Overlay:
    """The facts as a cgw had them whose newest client was that one."""

    def until_then(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        kept = [span for span in spans if span.since is None or version_key(span.since) <= version_key(version)]
        late = [span.until is not None and version_key(span.until) > version_key(version) for span in kept]
        return tuple(replace(span, until=None) if over else span for span, over in zip(kept, late, strict=True))

    def rows(found: Rows) -> Rows:
        return tuple(row for row in found if version_key(row[0]) <= version_key(version))

    never = (Span(until="0.0.1"),)
    facts: dict[str, Fact] = {fact.id: replace(fact, spans=until_then(fact.spans) or never) for fact in every_fact()}
    means = {key: kept for key, found in MEANS.items() if (kept := rows(found)) != found}
    defaults = {key: kept for key, found in DEFAULTS.items() if (kept := rows(found)) != found}
    assert all(means.values())
    return Overlay(version, facts, means=means, defaults=defaults)


def learned(known: Overlay) -> tuple[Overlay, tuple[str, ...], tuple[str, ...], int]:
    use(known)
    with compared(ROWS) as cases:
        before = sum(bool(case.disagreements()) for case in cases)
        found, changes, left = explain(RELEASE, cases)
        use(merged(known, found))
        assert sum(bool(case.disagreements()) for case in cases) == len({line.partition(": ")[0] for line in left})
    return found, tuple(change.text for change in changes), left, before


def test_nothing_is_learned_where_the_facts_are_right() -> None:
    assert learned(Overlay())[:3] == (Overlay(), (), ())


def test_a_cgw_from_before_learns_the_models_of_the_release() -> None:
    found, changes, left, before = learned(known_in("2.1.331"))
    assert before == 9
    assert not left
    assert set(changes) == {
        "since 2.1.332: sonnet is claude-sonnet-5-5 (foundry)",
        "since 2.1.332: sonnet is claude-sonnet-5-5 (vertex)",
    }
    kept = Learned(RELEASE, replace(found, learned=(RELEASE,)), changes, left, len(ROWS), "2.1.331 packaged")
    assert read(RELEASE, json.loads(json.dumps(as_dict(kept)))) == kept


@pytest.mark.parametrize("fact", ["token-trimmed", "helper-output-checked", "sigv4-beats-token"])
def test_a_behaviour_that_is_not_known_yet_is_found(fact: str) -> None:
    """As if the release were the first that shows it."""
    known = next(item for item in every_fact() if item.id == fact)
    never = replace(known, spans=(Span(until="0.0.1"),))
    found, changes, left, before = learned(Overlay("2.1.331", {fact: never}))
    assert before > 0
    assert not left
    assert changes == (f"since {RELEASE}: {known.text}",)
    assert found.facts[fact].spans[-1] == Span(RELEASE)


def test_a_header_that_another_source_fills_is_found() -> None:
    """As if facts/headers.py had it the other way round until now."""
    wrong = Row("anthropic", "plain", "x-api-key", ("helper", "key", "custom", "login-key"))
    found, changes, left, before = learned(Overlay("2.1.331", headers=(wrong,)))
    assert (before > 0, left) == (True, ())
    assert found.headers[0].sources.index("key") < found.headers[0].sources.index("helper")
    assert "x-api-key is filled by" in changes[0]
