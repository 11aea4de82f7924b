"""Findings as SARIF 2.1.0, for code scanning services. Pure.

A fingerprint is made of the rule and the place (file, pointer or variable): it survives edits elsewhere in the
file, and it never depends on a value, which could be a secret.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from claude_gw_cli import __version__
from claude_gw_cli.core.model import Finding
from claude_gw_cli.report.findings import listed
from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.rules.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(findings: Sequence[Finding]) -> Iterator[str]:
    """One run with every rule that fired and every finding, piece by piece."""
    fired = {finding.code for finding in findings}
    rules = [rule for rule in all_rules().values() if rule.code in fired]
    index = {rule.code: position for position, rule in enumerate(rules)}
    driver = {
        "name": "cgw",
        "semanticVersion": __version__,
        "rules": [_descriptor(rule) for rule in rules],
    }
    tool = json.dumps({"driver": driver}, indent=2, ensure_ascii=False)
    yield f'{{\n"$schema": "{SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n'
    yield f'"tool": {tool},\n"columnKind": "unicodeCodePoints",\n"results": ['
    yield from listed(_result(finding, index) for finding in findings)
    yield "]\n}]\n}\n"


def fingerprint(finding: Finding) -> str:
    """A stable name for this finding in this place."""
    at = finding.location
    parts = (finding.code, at.file or "", at.pointer or "", at.variable or "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    text = f"{finding.message}. {finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "partialFingerprints": {"cgw/v1": fingerprint(finding)},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    at = finding.location
    location: dict[str, Any] = {}
    if at.file is not None:
        physical: dict[str, Any] = {"artifactLocation": _artifact(at.file)}
        if at.line:
            physical["region"] = {"startLine": at.line, "startColumn": at.column or 1}
        location["physicalLocation"] = physical
    if name := at.pointer or at.variable:
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    if location:
        result["locations"] = [location]
    return result


def _artifact(file: str) -> dict[str, str]:
    """A relative path is relative to the checkout; an absolute one becomes a file URI."""
    path = quote(file.replace("\\", "/"))
    return {"uri": f"file://{path}"} if path.startswith("/") else {"uri": path, "uriBaseId": "%SRCROOT%"}
