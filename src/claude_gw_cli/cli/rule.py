"""``cgw rule``: what a code means, of a rule or of a failure."""

from __future__ import annotations

import json

from claude_gw_cli.cli.out import write_stdout
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.rules.engine import all_rules, find_rule
from claude_gw_cli.rules.failures import FAILURES, failure_as_dict, failure_page, find_failure
from claude_gw_cli.rules.page import as_dict, page


def show(name: str | None, *, everything: bool = False, format_: str = "human") -> int:
    """Print the page of one rule or failure, or the list of all.

    Raises:
        UsageError: no such rule, or neither a rule nor ``--all``.
    """
    if format_ not in {"human", "json"}:
        raise UsageError(f"unknown format {format_!r}", hint="It is one of: human, json")
    if everything:
        rules = all_rules().values()
        if format_ == "json":
            every = {"rules": list(map(as_dict, rules)), "failures": list(map(failure_as_dict, FAILURES.values()))}
            write_stdout(json.dumps({"schema_version": 1, **every}, indent=2) + "\n")
        else:
            rows = [(rule.code, str(rule.severity), rule.slug, rule.what) for rule in rules]
            rows += [(item.code, "failure", item.slug, item.what) for item in FAILURES.values()]
            write_stdout("".join(f"{code}  {kind:<7}  {slug}: {what}\n" for code, kind, slug, what in rows))
        return 0
    if name is None:
        raise UsageError("which rule?", hint="cgw rule CGW101, or all of them: cgw rule --all")
    rule, failure = find_rule(name), find_failure(name)
    if rule:
        write_stdout(json.dumps(as_dict(rule), indent=2) + "\n" if format_ == "json" else page(rule))
    elif failure:
        write_stdout(
            json.dumps(failure_as_dict(failure), indent=2) + "\n" if format_ == "json" else failure_page(failure)
        )
    else:
        raise UsageError(f"there is no rule {name!r}", hint="List the rules: cgw rule --all")
    return 0
