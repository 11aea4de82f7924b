"""Findings as JSON: the shape that scripts rely on, kept apart from the internal one. Pure."""

from __future__ import annotations

from claude_gw_cli.core.model import Finding
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.rules.engine import find_rule
from claude_gw_cli.rules.fix import Fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SCHEMA_VERSION = 1
_SHARED = 1000


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check was about, for the summary."""

    names: Sequence[str]
    """Files that were read, and ``environment``; none where the format does not list them."""
    count: int = 0
    """How many there were."""
    ignored: int = 0
    """Findings that the configuration accepts, with a reason."""
    client: str = ""
    """The client version that was assumed."""
    passed_over: Sequence[tuple[str, str]] = ()
    """Files that were left alone, each with the reason."""
    code: str = "CODE"
    """That of the first finding that was shown."""


def as_dict(finding: Finding) -> dict[str, Any]:
    """One finding in the published shape."""
    at = finding.location
    rule = find_rule(finding.code)
    fix = finding.fix if isinstance(finding.fix, Fix) else None
    return {
        "code": finding.code,
        "slug": finding.slug,
        "severity": finding.severity,
        "message": finding.message,
        "file": at.file,
        "line": at.line,
        "column": at.column,
        "pointer": at.pointer,
        "variable": at.variable,
        "help": finding.help,
        "url": rule.url if rule else None,
        "fix": {"safety": fix.safety, "title": fix.title} if fix else None,
    }


def slim(finding: Finding, shared: dict[object, Any]) -> Finding:
    """A finding as these reports need it, which hold thousands: without what its fix would write.

    Args:
        finding: as a rule gave it.
        shared: texts of the findings before, which those after them mostly repeat; grows to some thousand.
    """
    if len(shared) > _SHARED:
        shared.clear()

    def once(value: Any) -> Any:
        return shared.setdefault(value, value)

    at, fix = finding.location, finding.fix
    return replace(
        finding,
        code=once(finding.code),
        slug=once(finding.slug),
        severity=once(finding.severity),
        message=once(finding.message),
        location=replace(at, pointer=once(at.pointer), variable=once(at.variable)),
        help=once(finding.help),
        fix=once(Fix(fix.title, fix.safety, ())) if isinstance(fix, Fix) else None,
    )


def summary(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for finding in findings:
        counts[finding.severity] += 1
    return counts


def to_json(findings: Sequence[Finding], checked: Checked) -> Iterator[str]:
    """The whole report as one JSON document, piece by piece: a fleet's report is never in memory as a whole."""
    import json

    rest = {
        "checked": list(checked.names),
        "not_judged": [{"file": file, "reason": reason} for file, reason in checked.passed_over],
        "ignored": checked.ignored,
        "summary": summary(findings),
    }
    yield f'{{\n"schema_version": {SCHEMA_VERSION},\n"findings": ['
    yield from listed(map(as_dict, findings))
    yield "],\n" + json.dumps(rest, indent=2, ensure_ascii=False).removeprefix("{\n") + "\n"


def listed(items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The members of a JSON array, each indented by itself."""
    import json

    separator = "\n"
    for item in items:
        yield separator + json.dumps(item, indent=2, ensure_ascii=False)
        separator = ",\n"


def to_jsonl(finding: Finding) -> str:
    """One finding as one line."""
    import json

    return json.dumps(as_dict(finding), ensure_ascii=False) + "\n"
