"""Runs the rules over a context: raw findings become findings with a line and a column.

Adding a rule is adding a function in one of the rule files; adding a rule file is one line here.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import Document, JsonError, parse, parse_pointer
from claude_gw_cli.core.model import Finding
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.settings_keys import MODEL_KEYS
from claude_gw_cli.facts.variables import MODELS, VARIABLES
from claude_gw_cli.hints import Iterable, Iterator, Mapping
from claude_gw_cli.record import dataclass, lru_cache, replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import RawFinding, Rule, registered

_ANY_VARIABLE = frozenset(VARIABLES)
_MORE_THAN_PLACES = frozenset(name for name, row in VARIABLES.items() if row.kind != "location")
_ALWAYS: frozenset[str] = frozenset()
RULE_FILES: Mapping[str, frozenset[str]] = {
    "credentials": _MORE_THAN_PLACES | {"apiKeyHelper"},
    "destinations": _MORE_THAN_PLACES | {"apiKeyHelper", "profile"},
    "keys": _MORE_THAN_PLACES,
    "readable_keys": _ALWAYS,
    "headers": frozenset({"ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_AUTH_TOKEN"}),
    "reach": frozenset({"whole"}),
    "settings_files": _ALWAYS,
    "settings_env": _ALWAYS,
    "names": _ALWAYS,
    "settings_keys": _ALWAYS,
    "settings_managed": frozenset({"managed"}),
    "environment": _ANY_VARIABLE,
    "network": _MORE_THAN_PLACES | {"profile"},
    "places": frozenset({"start"}),
    "helpers": frozenset({"apiKeyHelper", "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"}),
    "modes": _MORE_THAN_PLACES,
    "models": frozenset(
        {*MODELS, "CLAUDE_CODE_EXTRA_BODY", *MODEL_KEYS, "agent", "enabledPlugins", "profile", "gateway", "whole"}
    ),
    "base_urls": _MORE_THAN_PLACES,
    "profiles": frozenset({"profile"}),
    "gateway": frozenset({"gateway"}),
    "versions": _ALWAYS,
    "refusals": frozenset({"whole"}),
}
"""File of rules -> what a context must have one of for the file to be imported and run, as in ``RuleContext.names``.

This only saves time.
"""
_WANTS_PROFILE = lazy(r"cgw (?:settings apply|helper install|gateway snippet)\b")
"""Commands that, without a profile, only say that there is none."""
_NEW_PROFILE = "cgw init NAME --provider P --secret REF …"
ORDER = {"error": 0, "warning": 1, "info": 2}
LAST = "CGW150"
"""The rule that runs last, on every context, and only if no other rule found an error."""


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
    return _loaded(tuple(RULE_FILES))


def find_rule(name: str) -> Rule | None:
    """The rule with this code (any case) or slug."""
    rules = all_rules()
    return rules.get(name.upper()) or next((item for item in rules.values() if item.slug == name.lower()), None)


@lru_cache(maxsize=256)
def _loaded(files: tuple[str, ...]) -> Mapping[str, Rule]:
    """The rules of these files by code, in the order of codes."""
    # importlib would cost as much as a file of rules
    modules = {__import__(f"claude_gw_cli.rules.{file}", fromlist=["rules"]).__name__ for file in files}
    return {code: rule for code, rule in sorted(registered().items()) if rule.check.__module__ in modules}


@lru_cache(maxsize=256)
def _applicable(version: str, names: frozenset[str], *, whole: bool) -> tuple[Rule, ...]:
    """The rules for a client version and what is set; computed once for ten thousand files."""
    files = tuple(file for file, gate in RULE_FILES.items() if not gate or not gate.isdisjoint(names))
    found = [
        rule
        for rule in _loaded(files).values()
        if not (rule.needs and rule.needs.isdisjoint(names)) and (whole or not rule.whole) and rule.applies(version)
    ]
    return tuple(sorted(found, key=lambda rule: rule.code == LAST))


def run(context: RuleContext) -> Iterator[Finding]:
    """Every finding: the most severe first, then by file, line, column and code.

    Rules that need the full configuration are not run on a file that is checked alone, and rules for other client
    versions are never run.
    """
    yield from sorted(_of_starts(context) if context.starts else _found(context), key=rank)


def _of_starts(context: RuleContext) -> list[Finding]:
    """What is found in each process of a file, whatever the unknown parts of its values are; each place once."""
    found: dict[object, Finding] = {}
    for tried in context.starts:
        results = [{_place(finding): finding for finding in _found(one)} for one in tried]
        for place, finding in results[-1].items():
            if all(place in result for result in results):
                found.setdefault(place, finding)
    return list(found.values())


def _place(finding: Finding) -> tuple[object, ...]:
    at = finding.location
    return finding.code, at.line, at.column, at.variable


def rank(finding: Finding) -> tuple[int, str, int, int, str]:
    """Its place in a report: the most severe first, then by file, line, column and code."""
    at = finding.location
    return ORDER[finding.severity], at.file or "", at.line or 0, at.column or 0, finding.code


def _found(context: RuleContext) -> Iterator[Finding]:
    texts = {source.file: source.text for source in context.snapshot.files if source.text and not source.places}
    texts.update(context.texts)
    places = {source.file: source.places for source in context.snapshot.files if source.places}
    failed = False
    for rule in _applicable(context.snapshot.client_version, context.names, whole=context.whole):
        if failed and rule.code == LAST:
            continue
        alone: dict[str, set[Fix | None]] = {}
        for raw in rule.check(context):
            failed |= (raw.severity or rule.severity) == "error"
            fix = _with_safety(rule, raw.fix, context, alone)
            finding = _finding(rule, raw, fix, texts, known=bool(context.snapshot.profiles))
            yield _in_assignments(finding, places) if places else finding


def ignored(finding: Finding, entries: Iterable[Ignore]) -> Ignore | None:
    """The first entry that accepts this finding."""
    for entry in entries:
        if entry.code.lower() not in {finding.code.lower(), finding.slug}:
            continue
        if entry.file is None or (finding.location.file or "").endswith(entry.file):
            return entry
    return None


def _with_safety(rule: Rule, fix: Fix | None, context: RuleContext, alone: dict[str, set[Fix | None]]) -> Fix | None:
    """The fix; marked unsafe if a file that it edits is not alone the reason for it.

    A settings file is also used in other directories and shells. A value that another file or this environment makes
    unnecessary here may be needed there; so the rule has to offer the same fix for each file alone. ``alone`` keeps
    what it offers, by file: one file can have ten thousand findings of a rule.
    """
    if fix is None or fix.safety != "safe":
        return fix
    edited = {item.file for item in fix.edits if not isinstance(item, Chmod)}
    for file in edited - alone.keys():
        alone[file] = {raw.fix for raw in rule.check(_alone(context, file))}
    return fix if all(fix in alone[file] for file in edited) else replace(fix, safety="unsafe")


def _alone(context: RuleContext, file: str) -> RuleContext:
    """A client start with this one settings file and an empty environment."""
    files = tuple(source for source in context.snapshot.files if source.file == file)
    return replace(context, snapshot=replace(context.snapshot, process={}, files=files, claude_json={}, login=None))


def _finding(rule: Rule, raw: RawFinding, fix: Fix | None, texts: Mapping[str, str], *, known: bool) -> Finding:
    at = raw.at
    text = texts.get(at.file) if at.file else None
    if text is not None and at.file is not None and at.line is None:
        is_json = at.file.endswith(".json") or (text.lstrip()[:1] == "{" and not at.file.endswith((".yml", ".yaml")))
        place = _in_json if is_json else _in_toml if at.file.endswith(".toml") else _in_yaml
        line, column = place(text, at.pointer)
        at = replace(at, line=line, column=column)
    help_ = raw.help
    if not known and _WANTS_PROFILE.search(help_):
        help_ += f" (without a profile, before it: {_NEW_PROFILE})"
    return Finding(rule.code, rule.slug, raw.severity or rule.severity, raw.message, at, help_, fix)


def _in_assignments(finding: Finding, places: Mapping[str, Mapping[str, tuple[int, int]]]) -> Finding:
    """The finding at the place where another format sets the variable. It is not JSON: no pointer, no fix."""
    at = finding.location
    if at.file is None or at.file not in places:
        return finding
    line, column = places[at.file].get(at.variable or "", (1, 1))
    return replace(finding, location=replace(at, line=line, column=column, pointer=None), fix=None)


def _in_json(text: str, pointer: str | None) -> tuple[int, int]:
    """Line and column of the member's name, or of the JSON error, or of the start."""
    found = _document(text)
    if isinstance(found, JsonError):
        return found.line, found.column
    return (found.locate(parse_pointer(pointer), of="key") if pointer else None) or (1, 1)


@lru_cache(maxsize=4)  # a file may have a hundred thousand findings
def _document(text: str) -> Document | JsonError:
    try:
        return parse(text)
    except JsonError as error:
        return error


def _in_yaml(text: str, pointer: str | None) -> tuple[int, int]:
    """The same for YAML: as far as the pointer leads."""
    from claude_gw_cli.readers.common import NotReadableError
    from claude_gw_cli.readers.yamltree import locate

    try:
        return locate(text, parse_pointer(pointer or ""))
    except NotReadableError:
        return 1, 1


def _in_toml(text: str, pointer: str | None) -> tuple[int, int]:
    """The same for TOML, by its lines: each part of the pointer below the one before."""
    from bisect import bisect_left

    row, column = 0, 1
    for part in parse_pointer(pointer or ""):
        places = _toml_names(text).get(part, [])
        at = bisect_left(places, (row, 0))
        if at < len(places):
            row, column = places[at]
    return row + 1, column


@lru_cache(maxsize=4)
def _toml_names(text: str) -> dict[str, list[tuple[int, int]]]:
    """The text before the first ``=`` of a line -> each row, from 0, and column, from 1."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row, line in enumerate(text.splitlines()):
        name = line.partition("=")[0].strip()
        found.setdefault(name, []).append((row, line.find(name) + 1))
    return found
