"""Runs the rules over a context: hits become findings with a place in the text.

Adding a rule is adding a function in one of the rule files; adding a rule file is one line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from claude_gw_cli.core.jsontext import JsonError, parse, parse_pointer
from claude_gw_cli.core.model import Finding
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.rules import (
    addresses,
    credentials,
    destinations,
    environment,
    gateway,
    headers,
    helpers,
    keys,
    modes,
    network,
    readable_keys,
    refusals,
    settings_env,
    settings_files,
    settings_keys,
    settings_managed,
    versions,
)
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import RawFinding, Rule, registered

RULE_FILES = (
    *(credentials, destinations, keys, readable_keys, headers),
    *(settings_files, settings_env, settings_keys, settings_managed, environment, network),
    *(helpers, modes, addresses, gateway, versions, refusals),
)
_ANY_VARIABLE = frozenset(VARIABLES)
GATES: Mapping[str, frozenset[str]] = {
    credentials.__name__: _ANY_VARIABLE | {"apiKeyHelper"},
    destinations.__name__: _ANY_VARIABLE | {"apiKeyHelper"},
    keys.__name__: _ANY_VARIABLE,
    environment.__name__: _ANY_VARIABLE,
    network.__name__: _ANY_VARIABLE,
    modes.__name__: _ANY_VARIABLE,
    addresses.__name__: _ANY_VARIABLE,
    headers.__name__: frozenset({"ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_AUTH_TOKEN"}),
    helpers.__name__: frozenset({"apiKeyHelper", "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"}),
    gateway.__name__: frozenset({"gateway", "profile"}),
}
"""Rule file -> the names of which a context must have at least one; only a matter of speed."""
_OPEN: frozenset[str] = frozenset()
_WANTS_PROFILE = lazy(r"cgw (?:settings apply|helper install|gateway snippet)\b")
"""Commands that, without a profile, only say that there is none."""
_NEW_PROFILE = "cgw init NAME --provider P --secret REF …"
ORDER = {"error": 0, "warning": 1, "info": 2}
LAST = "CGW150"
"""The rule that is asked after all others, of every context, and only when none of them found an error."""


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


@lru_cache(maxsize=64)
def _applicable(version: str, *, whole: bool) -> tuple[tuple[Rule, frozenset[str]], ...]:
    """The rules for a client version, each with its file's gate; worked out once for ten thousand files."""
    key, found = version_key(version), []
    for rule in all_rules().values():
        early = rule.since is not None and key < version_key(rule.since)
        late = rule.before is not None and key >= version_key(rule.before)
        if not early and not late and (whole or not rule.whole):
            found.append((rule, GATES.get(rule.check.__module__, _OPEN)))
    return tuple(sorted(found, key=lambda item: item[0].code == LAST))


def run(context: RuleContext) -> Iterator[Finding]:
    """Every finding, in the order of codes; what only speaks when nothing else does comes last.

    Rules that need the whole picture are left out for a file judged by itself, and those of other client versions
    everywhere.
    """
    texts = {source.file: source.text for source in context.snapshot.files if source.text}
    texts.update(context.texts)
    names, failed = context.names, False
    for rule, gate in _applicable(context.snapshot.client_version, whole=context.whole):
        if (gate and gate.isdisjoint(names)) or (failed and rule.code == LAST):
            continue
        for hit in rule.check(context):
            failed |= (hit.severity or rule.severity) == "error"
            fix = _where_it_counts(rule, hit.fix, context)
            yield _finding(rule, hit, fix, texts, known=bool(context.snapshot.profiles))


def ignored(finding: Finding, entries: Iterable[Ignore]) -> Ignore | None:
    """The first entry that accepts this finding."""
    for entry in entries:
        if entry.code.lower() not in {finding.code.lower(), finding.slug}:
            continue
        if entry.file is None or (finding.location.file or "").endswith(entry.file):
            return entry
    return None


def _where_it_counts(rule: Rule, fix: Fix | None, context: RuleContext) -> Fix | None:
    """The fix; an unsafe one where a file that it edits is not by itself the reason for it.

    A settings file counts in other directories and shells as well. What another file or this environment makes
    superfluous may be what the file is for there; so the rule has to offer the same fix to each file alone.
    """
    if fix is None or fix.safety != "safe":
        return fix
    edited = {item.file for item in fix.edits if not isinstance(item, Chmod)}
    alone = (_alone(context, file) for file in edited)
    return (
        fix if all(any(hit.fix == fix for hit in rule.check(one)) for one in alone) else replace(fix, safety="unsafe")
    )


def _alone(context: RuleContext, file: str) -> RuleContext:
    """A client start with this one settings file and an empty environment."""
    files = tuple(source for source in context.snapshot.files if source.file == file)
    return replace(context, snapshot=replace(context.snapshot, process={}, files=files, claude_json={}, login=None))


def _finding(rule: Rule, hit: RawFinding, fix: Fix | None, texts: Mapping[str, str], *, known: bool) -> Finding:
    at = hit.at
    text = texts.get(at.file) if at.file else None
    if text is not None and at.file is not None and at.line is None:
        line, column = (_in_json if at.file.endswith(".json") or text.lstrip()[:1] == "{" else _in_lines)(
            text, at.pointer
        )
        at = replace(at, line=line, column=column)
    help_ = hit.help
    if not known and _WANTS_PROFILE.search(help_):
        help_ += f" (without a profile, before it: {_NEW_PROFILE})"
    return Finding(rule.code, rule.slug, hit.severity or rule.severity, hit.message, at, help_, fix)


def _in_json(text: str, pointer: str | None) -> tuple[int, int]:
    """Line and column of the member's name, or of what keeps the text from being JSON, or of the start."""
    try:
        document = parse(text)
    except JsonError as error:
        return error.line, error.column
    return (document.locate(parse_pointer(pointer), of="key") if pointer else None) or (1, 1)


def _in_lines(text: str, pointer: str | None) -> tuple[int, int]:
    """The same for YAML and TOML, by the look of the lines: each part of the pointer below the one before."""
    lines = text.splitlines()
    row, column = 0, 1
    for part in parse_pointer(pointer or ""):
        wanted = re.compile(r"\s*-\s" if part.isdigit() else rf"\s*(?:-\s+)?{re.escape(part)}\s*[:=]")
        left = int(part) + 1 if part.isdigit() else 1
        depth: int | None = None
        for index in range(row, len(lines)):
            indent = len(lines[index]) - len(lines[index].lstrip())
            if wanted.match(lines[index]) and depth in (None, indent):
                depth = indent if part.isdigit() else None
                left -= 1
                if not left:
                    row, column = index, lines[index].find(part if not part.isdigit() else "-") + 1
                    break
        else:
            break
    return row + 1, max(column, 1)
