"""The rows of what changed between versions are usable and used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_gw_cli.facts.headers import ROWS
from claude_gw_cli.facts.models import CATALOG, DEFAULTS, MEANS
from claude_gw_cli.facts.providers import PROVIDERS
from claude_gw_cli.facts.versions import every_fact, find, holds, version_key

SRC = Path(__file__).parents[2] / "src" / "claude_gw_cli"


def test_ids_are_unique_and_every_fact_says_where_it_was_seen() -> None:
    assert len({fact.id for fact in every_fact()}) == len(every_fact())
    for fact in every_fact():
        assert fact.text
        assert fact.source
        assert fact.spans
        for span in fact.spans:
            assert span.since or span.until, f"{fact.id} holds always: then it is no row of this table"


def test_every_fact_is_asked_for_somewhere() -> None:
    sources = "".join(
        path.read_text() for path in SRC.rglob("*.py") if path.name != "versions.py" or "rules" in str(path)
    )
    tables = (path.read_text() for path in (SRC / "facts").glob("*.txt") if path.name != "versions.txt")
    named = {row.fact for row in ROWS} | {word for text in tables for word in re.split(r"[\s=:]", text)}
    trimmed = {f"{name}-trimmed" for name in ("token", "key", "oauth", "aws-bearer")}
    unused = [fact.id for fact in every_fact() if f'"{fact.id}"' not in sources and fact.id not in named | trimmed]
    assert unused == []


def versions_in(node: ast.AST) -> Iterator[str]:
    """Texts that are a version, but not those in a rule's examples."""
    if isinstance(node, ast.keyword) and node.arg in {"bad", "good"}:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\d+\.\d+\.\d+", node.value):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from versions_in(child)


def test_no_file_but_facts_names_a_version() -> None:
    found = {
        name: list(versions_in(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sorted(SRC.rglob("*.py"))
        if not (name := path.relative_to(SRC).as_posix()).startswith("facts/")
    }
    named = {name: versions for name, versions in found.items() if versions}
    assert named == {"__init__.py": ["0.1.0"]}, "a row of versions.txt, and holds(...)"


def test_facts_that_the_tables_name_exist() -> None:
    for row in ROWS:
        if row.fact:
            find(row.fact)
    for provider in PROVIDERS:
        for fact in (provider.fact, provider.skip_fact):
            if fact:
                find(fact)


@pytest.mark.parametrize(
    ("fact", "before", "after"),
    [
        ("token-trimmed", "2.1.220", "2.1.221"),
        ("sigv4-beats-token", "2.1.100", "2.1.101"),
        ("flag-words", "1.0.123", "1.0.124"),
        ("helper-in-claude-json", "1.0.110", "1.0.111"),
    ],
)
def test_a_behaviour_begins_with_its_version(fact: str, before: str, after: str) -> None:
    assert not holds(fact, before)
    assert holds(fact, after)


def test_a_behaviour_may_come_go_and_come_back() -> None:
    versions = ["1.0.35", "1.0.37", "1.0.110", "1.0.111", "2.0.5", "2.0.8"]
    assert [holds("helper-in-claude-json", version) for version in versions] == [
        True,
        False,
        False,
        True,
        True,
        False,
    ]


def test_versions_compare_as_numbers() -> None:
    assert version_key("2.1.100") > version_key("2.1.99")
    assert version_key("2.1.330-beta.1") == (2, 1, 330)
    with pytest.raises(ValueError, match="not a version"):
        version_key("latest")


def test_models_stand_newest_first() -> None:
    for rows in (*MEANS.values(), *DEFAULTS.values()):
        keys = [version_key(since) for since, _ in rows]
        assert keys == sorted(keys, reverse=True)


def test_every_row_names_a_model_or_a_family() -> None:
    known = {model.id for model in CATALOG} | {"opus", "sonnet", "fable"}
    for rows in (*MEANS.values(), *DEFAULTS.values()):
        for _, name in rows:
            assert name in known or name.startswith("global.anthropic.")
