"""``cgw rule``: what a rule means."""

from __future__ import annotations

import json

from claude_gw_cli.cli.out import product
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.rules.engine import all_rules, find_rule
from claude_gw_cli.rules.page import as_dict, page


def show(name: str | None, *, everything: bool = False, format_: str = "human") -> int:
    """Print one rule's page, or the list of all rules.

    Raises:
        UsageError: no such rule, or neither a rule nor ``--all``.
    """
    if format_ not in {"human", "json"}:
        raise UsageError(f"unknown format {format_!r}", hint="It is one of: human, json")
    if everything:
        rules = all_rules().values()
        if format_ == "json":
            product(json.dumps({"schema_version": 1, "rules": [as_dict(rule) for rule in rules]}, indent=2) + "\n")
        else:
            product("".join(f"{rule.code}  {rule.severity:<7}  {rule.slug}: {rule.what}\n" for rule in rules))
        return 0
    if name is None:
        raise UsageError("which rule?", hint="cgw rule CGW101, or all of them: cgw rule --all")
    rule = find_rule(name)
    if rule is None:
        raise UsageError(f"there is no rule {name!r}", hint="List the rules: cgw rule --all")
    product(json.dumps(as_dict(rule), indent=2) + "\n" if format_ == "json" else page(rule))
    return 0
