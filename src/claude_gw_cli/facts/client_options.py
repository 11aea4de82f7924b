"""What a profile's ``[client]`` table can say: client_options.txt has a row for each option.

``since`` is the first release that was measured to obey it, or that the changelog names; empty: all that cgw serves.
Measured with the real client behind a gateway on this machine: what the request has with the option and without it
(``tests/atlas/fields.jsonl.gz`` and docs/client.md say with which releases).
"""

from __future__ import annotations

from claude_gw_cli.hints import Any, Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import table

Kind = Literal["switch", "count", "seconds", "word", "model", "file", "command"]
"""``switch``: true or false. ``count``: a whole number. ``seconds``: a number, written in milliseconds.
``file``: an absolute path. ``command``: a command line that the client runs."""


@dataclass(frozen=True, slots=True)
class Option:
    """One member of ``[client]``.

    Attributes:
        name: as in the profile.
        kind: what it accepts.
        what: what it does, for the documentation.
        variable: the variable that it becomes; empty for a settings key.
        setting: the top-level key of settings.json that it becomes.
        on: the variable's text for true; empty: true is the client's own default, so nothing is written.
        off: the same for false.
        words: the words that are accepted, with the variable's text.
        low, high: bounds of a number.
        since: the first release that obeys it.
    """

    name: str
    kind: Kind
    what: str
    variable: str = ""
    setting: str = ""
    on: str = ""
    off: str = ""
    words: tuple[tuple[str, str], ...] = ()
    low: int = 1
    high: int = 10_000_000
    since: str = ""

    @property
    def only_own(self) -> bool:
        """Whether a repository's profile may not say it: it names a file or a program, or chooses who is trusted."""
        return self.kind in ("file", "command") or self.name == "certificate_store"


_WORDS = {
    "effort": (*((word, word) for word in ("low", "medium", "high", "xhigh", "max")), ("none", "unset")),
    "certificate_store": (("bundled", "bundled"), ("system", "system"), ("both", "bundled,system")),
}


def _option(head: str, what: str) -> Option:
    name, kind, *members = head.split()
    given: dict[str, Any] = dict(member.split("=") for member in members)
    bounds = {side: int(given.pop(side)) for side in ("low", "high") if side in given}
    return Option(name, kind, what, words=_WORDS.get(name, ()), **bounds, **given)  # type: ignore[arg-type]  # a Kind


OPTIONS: tuple[Option, ...] = tuple(_option(*row) for row in table("client_options"))

BY_NAME = {row.name: row for row in OPTIONS}
