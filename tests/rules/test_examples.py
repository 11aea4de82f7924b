from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.contexts import rule_context

from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding
from claude_gw_cli.core.snapshot import ClientArguments, Snapshot
from claude_gw_cli.facts.variables import BASE_URLS, VARIABLES
from claude_gw_cli.record import replace
from claude_gw_cli.rules import engine
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import RULE_FILES, all_rules, find_rule, run
from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.pages import Example, read_page
from claude_gw_cli.rules.rule import Rule

RULES = list(all_rules().values())
ids = [rule.code for rule in RULES]


def found(example: Example) -> list[Finding]:
    return list(run(rule_context(example)))


def loud(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings if finding.severity != "info"}


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_the_bad_example_fires_exactly_this_rule(rule: Rule) -> None:
    findings = found(read_page(rule.code).bad)
    assert rule.code in {finding.code for finding in findings}
    assert loud(findings) == ({rule.code} if rule.severity != "info" else set())


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_the_good_example_is_silent(rule: Rule) -> None:
    findings = found(read_page(rule.code).good)
    assert not loud(findings)
    assert rule.code not in {finding.code for finding in findings}


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_finding_says_where_and_what_to_do(rule: Rule) -> None:
    for finding in (item for item in found(read_page(rule.code).bad) if item.code == rule.code):
        assert finding.message == " ".join(finding.message.split())
        assert finding.help
        at = finding.location
        assert at.file or at.variable
        if at.file and at.file.endswith("settings.json"):
            assert at.line
            assert at.column


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.fix], ids=lambda rule: rule.code)
def test_a_rule_that_promises_a_fix_offers_one_somewhere(rule: Rule) -> None:
    offered = {
        finding.fix.safety
        for finding in found(read_page(rule.code).bad)
        if finding.code == rule.code and isinstance(finding.fix, Fix)
    }
    # A file that git tracks keeps its key until a person has replaced it, so these examples offer none.
    bad = read_page(rule.code).bad
    assert offered == ({rule.fix} if not bad.tracked and not bad.env else offered)
    assert offered <= {rule.fix}


def test_no_rule_offers_a_fix_that_it_does_not_declare() -> None:
    for rule in RULES:
        for finding in found(read_page(rule.code).bad):
            if isinstance(finding.fix, Fix):
                declared = find_rule(finding.code)
                assert declared is not None
                assert declared.fix == finding.fix.safety


def test_codes_and_slugs_are_unique_and_in_range() -> None:
    assert len(RULES) >= 60
    assert len({rule.slug for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"CGW[1-6]\d\d", rule.code)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.slug)
        page = read_page(rule.code)
        assert page.why
        assert page.evidence
    files = resources.files("claude_gw_cli.rules.pages").iterdir()
    assert {file.name for file in files if file.name.endswith(".toml")} == {f"{rule.code}.toml" for rule in RULES}
    assert {rule.code[3] for rule in RULES} == set("123456")
    assert {rule.check.__module__ for rule in RULES} == {f"claude_gw_cli.rules.{name}" for name in RULE_FILES}


def test_a_rule_is_found_by_code_or_name() -> None:
    assert find_rule("cgw101") is find_rule("two-credentials")
    assert find_rule("CGW999") is None


def test_no_example_value_that_is_a_key_appears_in_a_finding() -> None:
    keys = re.compile(r"4f1c9a7e22b0|99d0c3b1a4e8|5d1e7c90aa|7e1f|s3cret|fakefake|eyJ")
    for rule in RULES:
        for finding in found(read_page(rule.code).bad):
            assert not keys.search(f"{finding.message} {finding.help} {finding.location}"), rule.code


@contextmanager
def every_rule() -> Iterator[None]:
    """Without what saves time: each file of rules is imported, and each rule is asked."""
    open_rules = {rule.code: replace(rule, needs=frozenset()) for rule in RULES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "RULE_FILES", dict.fromkeys(RULE_FILES, frozenset()))
        patch.setattr(engine, "registered", lambda: open_rules)
        engine._loaded.cache_clear()
        engine._applicable.cache_clear()
        yield
    engine._loaded.cache_clear()
    engine._applicable.cache_clear()


def test_the_gates_for_speed_hide_nothing() -> None:
    assert sum(bool(rule.needs) for rule in RULES) >= 30
    pages = [read_page(rule.code) for rule in RULES]
    gated = [[found(page.bad), found(page.good)] for page in pages]
    with every_rule():
        assert [[found(page.bad), found(page.good)] for page in pages] == gated


SOURCE = "".join(path.read_text(encoding="utf-8") for path in Path(engine.__file__).parent.glob("*.py"))
NAMES = sorted({*re.findall(r"\w+", SOURCE)} & VARIABLES.keys() | {*BASE_URLS})
"""The variables that rules name."""
VALUES = (
    "", "0", "1", "true", "seconds", "600", "sk-ant-api03-fake", "Bearer abc", "https://gateway.example/v1", "http://10.0.0.1:4000",
    "anthropic.claude-opus", "us.anthropic.claude-x", "~/.claude", "<your-key>", "x-api-key: abc", " padded",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    env=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=6),
    version=st.sampled_from(("2.1.332", "2.0.45", "1.0.60")),
    helper=st.booleans(),
)
def test_no_set_of_variables_makes_a_difference_to_the_gates(
    env: dict[str, str], version: str, *, helper: bool
) -> None:
    text = json.dumps({"env": env} | ({"apiKeyHelper": "/bin/key"} if helper else {}))
    source = document("user", "/h/.claude/settings.json", text, ClientArguments(), version=version)
    snapshot = Snapshot({}, (source,), cwd="/w", home="/h", config_dir="/h/.claude", client_version=version)
    gated = list(run(RuleContext(snapshot, whole=False)))
    with every_rule():
        assert list(run(RuleContext(snapshot, whole=False))) == gated
