"""Findings as SARIF 2.1.0, for code scanning services. Pure.

A fingerprint is made of the rule and the place (file, pointer or variable): it survives edits elsewhere in the
file, and it never depends on a value, which could be a secret. A file is named relative to the checkout's root, and
the environment as if it were a file of that name: a service wants a place in a file for every result.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from claude_gw_cli import __version__
from claude_gw_cli.core.digest import sha256_hex
from claude_gw_cli.core.model import Finding
from claude_gw_cli.report.findings import listed
from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.rules.pages import read_page
from claude_gw_cli.rules.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(findings: Sequence[Finding], placed: Callable[[str], str] = str) -> Iterator[str]:
    """One run with every rule that fired and every finding, piece by piece.

    Args:
        findings: in the order to show.
        placed: a file's path relative to the checkout's root, or its absolute path when it lies elsewhere.
    """
    fired = {finding.code for finding in findings}
    rules = [rule for rule in all_rules().values() if rule.code in fired]
    index = {rule.code: position for position, rule in enumerate(rules)}
    driver = {"name": "cgw", "semanticVersion": __version__, "rules": [_descriptor(rule) for rule in rules]}
    tool = json.dumps({"driver": driver}, indent=2, ensure_ascii=False)
    yield f'{{\n"$schema": "{SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n'
    yield f'"tool": {tool},\n"columnKind": "unicodeCodePoints",\n"results": ['
    seen: Counter[str] = Counter()
    yield from listed(_result(finding, index, seen, placed) for finding in findings)
    yield "]\n}]\n}\n"


def fingerprint(finding: Finding, file: str) -> str:
    """A stable name for what this rule finds in this place of a file."""
    at = finding.location
    parts = (finding.code, file, at.pointer or "", at.variable or "")
    return sha256_hex("\0".join(parts).encode("utf-8", "surrogateescape"))[:32]


def _descriptor(rule: Rule) -> dict[str, Any]:
    why = read_page(rule.code).why
    return {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": why},
        "help": {"text": f"{why}\nExamples: cgw rule {rule.code}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(
    finding: Finding, index: dict[str, int], seen: Counter[str], placed: Callable[[str], str]
) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    at = finding.location
    file = placed(at.file) if at.file else "environment"
    mark = fingerprint(finding, file)
    seen[mark] += 1
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "partialFingerprints": {"cgw/v1": mark if seen[mark] == 1 else f"{mark}:{seen[mark]}"},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    region = {"startLine": at.line or 1, "startColumn": at.column or 1}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(file), "region": region}}
    if name := at.pointer or at.variable:
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    result["locations"] = [location]
    return result


def _artifact(file: str) -> dict[str, str]:
    """A relative path is relative to the checkout; an absolute one becomes a file URI."""
    path = quote(file.replace("\\", "/").encode("utf-8", "surrogateescape"))
    return {"uri": f"file://{path}"} if path.startswith("/") else {"uri": path, "uriBaseId": "%SRCROOT%"}
