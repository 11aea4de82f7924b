"""``cgw rule``: what a code means, of a rule or of a failure."""

from __future__ import annotations

import json

from claude_gw_cli.cli.out import write_stdout
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import FAILURES
from claude_gw_cli.rules.engine import all_rules, find_rule
from claude_gw_cli.rules.failures import failure_as_dict, failure_page, find_failure
from claude_gw_cli.rules.page import as_dict, page


def rule(*, code: str | None = None, everything: bool = False, format_: str = "human") -> int:
    """Print the page of one rule or failure, or the list of all.

    Raises:
        UsageError: no such rule, or neither a rule nor ``--all``.
    """
    if everything:
        rules = all_rules().values()
        if format_ == "json":
            every = {"rules": list(map(as_dict, rules)), "failures": list(map(failure_as_dict, FAILURES.values()))}
            write_stdout(json.dumps({"schema_version": 1, **every}, indent=2) + "\n")
        else:
            rows = [(item.code, str(item.severity), item.slug, item.what) for item in rules]
            rows += [(item.code, "failure", item.slug, item.what) for item in FAILURES.values()]
            write_stdout("".join(f"{name}  {kind:<7}  {slug}: {what}\n" for name, kind, slug, what in rows))
        return 0
    if code is None:
        raise UsageError("which rule?", hint="cgw rule CGW101, or all of them: cgw rule --all")
    found, failure = find_rule(code), find_failure(code)
    if found:
        write_stdout(json.dumps(as_dict(found), indent=2) + "\n" if format_ == "json" else page(found))
    elif failure:
        write_stdout(
            json.dumps(failure_as_dict(failure), indent=2) + "\n" if format_ == "json" else failure_page(failure)
        )
    else:
        raise UsageError(f"there is no rule {code!r}", hint="List the rules: cgw rule --all")
    return 0
