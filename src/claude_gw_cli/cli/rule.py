"""``cgw rule``: what a code means, of a rule or of a failure."""

from __future__ import annotations

import sys

from claude_gw_cli.cli.out import use_color, width, write_json, write_stdout
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failures
from claude_gw_cli.core.wrap import table
from claude_gw_cli.report.markdown import rendered
from claude_gw_cli.rules.engine import all_rules, find_rule
from claude_gw_cli.rules.failures import failure_as_dict, failure_page, find_failure
from claude_gw_cli.rules.page import as_dict, page


def rule(*, code: str | None = None, everything: bool = False, format_: str = "human") -> int:
    """Print the page of one rule or failure, or the list of all.

    Raises:
        UsageError: no such rule.
    """
    if everything or code is None:
        rules = all_rules().values()
        if format_ == "json":
            every = {"rules": list(map(as_dict, rules)), "failures": list(map(failure_as_dict, failures().values()))}
            write_json({"schema_version": 1, **every})
        else:
            rows = [(item.code, str(item.severity), item.slug, item.what) for item in rules]
            rows += [(item.code, "failure", item.slug, item.what) for item in failures().values()]
            write_stdout(table(("CODE", "KIND", "NAME", "WHAT IT FINDS"), rows, width(sys.stdout)))
        return 0
    code = f"CGW{code}" if code.isdigit() else code
    found, failure = find_rule(code), find_failure(code)
    if found:
        document, text = as_dict(found), page(found)
    elif failure:
        document, text = failure_as_dict(failure), failure_page(failure)
    else:
        from difflib import get_close_matches

        known = {name: item.code for item in all_rules().values() for name in (item.code, item.slug)}
        known |= {name: item.code for item in failures().values() for name in (item.code, item.slug)}
        near = dict.fromkeys(known[name] for name in get_close_matches(code, known, 3))
        guess = f"Did you mean {' or '.join(near)}? " if near else ""
        raise UsageError(f"there is no rule {code!r}", hint=f"{guess}List the rules: cgw rule --all")
    if format_ == "json":
        write_json(document)
    else:
        write_stdout(rendered(text, width(sys.stdout), color=use_color(sys.stdout)))
    return 0
