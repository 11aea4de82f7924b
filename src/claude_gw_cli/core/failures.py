"""Every failure that carries a code: what happened, why, and what to do next.

The texts are in failures.toml, which is read when something fails, and nowhere else. Secret sources raise them
(``failure``), and ``cgw rule CODE`` and docs/rules/failures.md show them. The failures that ``cgw doctor`` finds at
the gateway have no codes; they are in ``core.situations``.
"""

from __future__ import annotations

from functools import cache

from claude_gw_cli.core.errors import (
    EXIT_FINDINGS,
    EXIT_REFUSED,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
    CgwError,
    RefusedError,
    UnavailableError,
    UsageError,
)
from claude_gw_cli.facts import packaged
from claude_gw_cli.record import dataclass

_EXITS = {
    "findings": EXIT_FINDINGS,
    "usage": EXIT_USAGE,
    "unavailable": EXIT_UNAVAILABLE,
    "refused": EXIT_REFUSED,
}
_ERRORS = {EXIT_UNAVAILABLE: UnavailableError, EXIT_REFUSED: RefusedError, EXIT_USAGE: UsageError}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure. Texts are Markdown, and may have ``{host}`` for the server that was asked.

    Attributes:
        code: permanent, as a rule's.
        slug: its name.
        exit_code: of the command that meets it.
        what: one sentence.
        why: how it happens.
        remedy: what to do next.
    """

    code: str
    slug: str
    exit_code: int
    what: str
    why: str
    remedy: str


@cache
def failures() -> dict[str, Failure]:
    """Every failure by its code."""
    rows = packaged("core/failures.toml")
    return {code: Failure(code, row.pop("slug"), _EXITS[row.pop("exit")], **row) for code, row in rows.items()}


def failure(code: str, title: str = "", said: str = "", *, host: str = "") -> CgwError:
    """The error for a failure: ``title: what happened: details``, with the remedy as its hint.

    Args:
        code: its code; not CGW901, which is a finding.
        title: what was asked for, as a secret reference.
        said: details, such as the server's own words; nothing secret.
        host: the URL that was asked, where the texts name it.
    """
    row = failures()[code]
    what = row.what[0].lower() + row.what[1:].removesuffix(".")
    parts = (title, what.replace("{host}", host), said)
    hint = row.remedy.replace("`", "").replace("{host}", host)
    return _ERRORS[row.exit_code](": ".join(part for part in parts if part), hint=hint, code=code)
