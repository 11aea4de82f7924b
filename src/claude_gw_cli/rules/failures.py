"""The failures that carry a code as pages: for ``cgw rule CODE`` and docs/rules/failures.md.

A rule checks what is written in files; a failure happens while a key is fetched, so it has no example and no fix.
"""

from __future__ import annotations

from typing import Any

from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_USAGE
from claude_gw_cli.core.failures import Failure, failures
from claude_gw_cli.rules.rule import DOCS_URL

_EXITS = {
    EXIT_FINDINGS: "a finding",
    EXIT_USAGE: "invalid configuration",
    EXIT_UNAVAILABLE: "a source is unavailable",
    EXIT_REFUSED: "permission or credential refused",
}


def find_failure(name: str) -> Failure | None:
    """The failure with this code (in upper or lower case) or slug."""
    named = next((item for item in failures().values() if item.slug == name.lower()), None)
    return failures().get(name.upper()) or named


def failure_page(failure: Failure) -> str:
    """The failure in Markdown."""
    parts = (
        f"# {failure.code} {failure.slug}",
        f"**exit {failure.exit_code}** ({_EXITS[failure.exit_code]}) · {_text(failure.what)}",
        failure.why,
        f"## What to do\n\n{_text(failure.remedy)}",
    )
    return "\n\n".join(parts) + "\n"


def failure_index() -> str:
    """All failures in Markdown."""
    rows = [f"| {item.code} | {_text(item.what)} {item.why} | {_text(item.remedy)} |" for item in failures().values()]
    head = "# Failures\n\nWhat can go wrong while a key is fetched or a client is traced.\n"
    return head + "\n| code | what happened | what to do |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def failure_as_dict(failure: Failure) -> dict[str, Any]:
    """The failure for scripts."""
    texts = {name: _text(getattr(failure, name)) for name in ("what", "why", "remedy")}
    known = {"code": failure.code, "slug": failure.slug, "exit_code": failure.exit_code}
    return known | texts | {"url": f"{DOCS_URL}:{failure.code}"}


def _text(text: str) -> str:
    return text.replace("{host}", "HOST")
