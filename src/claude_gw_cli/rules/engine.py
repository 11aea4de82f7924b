"""Runs the rules over a subject: hits become findings with a place in the text.

Adding a rule is adding a function in one of the rule files; adding a rule file is one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from claude_gw_cli.core.jsontext import JsonError, parse, parse_pointer
from claude_gw_cli.core.model import Finding, Location
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.rules import credentials, environment, gateway, headers, helpers, modes, settings, versions
from claude_gw_cli.rules.rule import Hit, Rule, registered
from claude_gw_cli.rules.subject import Subject

RULE_FILES = (credentials, headers, settings, environment, helpers, modes, gateway, versions)
ORDER = {"error": 0, "warning": 1, "info": 2}
Locate = Callable[[str, str], tuple[int, int] | None]
"""(file, JSON pointer) -> 1-based line and column."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """One entry of ``[check] ignore``: which finding is accepted, where, and why."""

    code: str
    """A code or slug."""
    reason: str
    file: str | None = None
    """A path or its end; ``None`` for everywhere."""


def all_rules() -> Mapping[str, Rule]:
    """Every rule by code, in the order of codes."""
    return dict(sorted(registered().items()))


def find_rule(name: str) -> Rule | None:
    """The rule with this code (any case) or slug."""
    rules = registered()
    return rules.get(name.upper()) or next((item for item in rules.values() if item.slug == name.lower()), None)


@lru_cache(maxsize=1)
def _ordered() -> tuple[tuple[Rule, tuple[int, ...], tuple[int, ...]], ...]:
    latest = (10**6,)
    return tuple(
        (item, version_key(item.since) if item.since else (), version_key(item.before) if item.before else latest)
        for item in all_rules().values()
    )


def run(subject: Subject) -> Iterator[Finding]:
    """Every finding, in the order of codes.

    Rules that need the whole picture are left out for a file judged by itself, and those of other client versions
    everywhere.
    """
    texts = {source.file: source.text for source in subject.snapshot.files if source.text}
    version = subject.version
    for rule, since, before in _ordered():
        if (rule.whole and not subject.whole) or not since <= version < before:
            continue
        for hit in rule.check(subject):
            yield _finding(rule, hit, texts)


def ignored(finding: Finding, entries: Iterable[Ignore]) -> Ignore | None:
    """The first entry that accepts this finding."""
    for entry in entries:
        if entry.code.lower() not in {finding.code.lower(), finding.slug}:
            continue
        if entry.file is None or (finding.location.file or "").endswith(entry.file):
            return entry
    return None


def _finding(rule: Rule, hit: Hit, texts: Mapping[str, str | None]) -> Finding:
    at = hit.at
    text = texts.get(at.file) if at.file else None
    if text is not None:
        at = locate(at, text)
    return Finding(rule.code, rule.slug, rule.severity, hit.message, at, hit.help, hit.fix)


def locate(at: Location, text: str) -> Location:
    """The location with line and column: of the pointer's name, else of the first thing wrong, else line 1."""
    try:
        place = parse(text).locate(parse_pointer(at.pointer), of="key") if at.pointer else (1, 1)
    except JsonError as error:
        place = (error.line, error.column)
    line, column = place or (1, 1)
    return replace(at, line=line, column=column)
