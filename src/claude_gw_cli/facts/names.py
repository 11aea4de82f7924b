"""Names of environment variables that the released clients contain: what no release has, no release reads.

Taken from the packages themselves by ``tests/atlas/names.py``, which writes ``names.txt``: the releases, then names
by the measured release before the first that has them and the one after the last. ``PREFIX:`` begins each of the
names that follow it. Only loaded when a rule asks for it.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.record import dataclass, lru_cache
from claude_gw_cli.tables import table


@dataclass(frozen=True, slots=True)
class Span:
    """The releases that have a name."""

    after: str = ""
    """The newest measured release before them; empty when the oldest measured one has the name."""
    before: str = ""
    """The oldest measured release after them; empty when the newest measured one has the name."""

    def has(self, version: str) -> bool:
        """Whether a measured release has the name."""
        return not self.too_old(version) and not self.too_new(version)

    def too_old(self, version: str) -> bool:
        """Whether a release is certainly older than the name."""
        return bool(self.after) and version_key(version) <= version_key(self.after)

    def too_new(self, version: str) -> bool:
        """Whether the name is certainly gone in a release."""
        return bool(self.before) and version_key(version) >= version_key(self.before)


@lru_cache(maxsize=1)
def releases() -> tuple[str, ...]:
    """The releases whose packages were searched."""
    return tuple(dict(table("names"))["releases"].split())


@lru_cache(maxsize=1)
def spans() -> dict[str, Span]:
    """Every name with the releases that have it."""
    found: dict[str, Span] = {}
    for head, text in table("names")[1:]:
        prefix, span = "", Span(*head.split(".."))
        for word in text.split():
            if word.endswith(":"):
                prefix = word[:-1]
            else:
                found[prefix + word] = span
    return found
