"""What a rule is, and the register of all rules.

A rule is a pure function over one ``RuleContext`` that yields ``RawFinding``s. Everything a person or a test needs to
know about it is on the rule itself: why it matters, a bad and a good example, how safe its fix is, which client
versions it applies to, and where the fact behind it was seen. Codes are permanent and never reused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from claude_gw_cli.core.model import Location, Profile, Severity
from claude_gw_cli.facts.versions import find, holds
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from claude_gw_cli.rules.context import RuleContext
    from claude_gw_cli.rules.fix import Fix, Safety

# The pages of docs/rules have no public URL yet; a URN identifies them without pointing anywhere.
DOCS_URL = "urn:cgw:rule"
Document = Mapping[str, Any]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class RawFinding:
    """One finding of a rule, before line numbers are known."""

    message: str
    """One line that says what is wrong here; never contains a secret."""
    at: Location = field(default_factory=Location)
    help: str = ""
    """What to do next."""
    fix: Fix | None = None
    severity: Severity | None = None
    """Overrides the rule's, if the effect in this place is different."""


@dataclass(frozen=True, slots=True)
class Example:
    """A small configuration that shows a rule: environment and settings documents by scope.

    A settings document given as text is used unchanged (for files that are not JSON).
    """

    env: Mapping[str, str] = field(default_factory=dict)
    user: Document | str | None = None
    project: Document | str | None = None
    local: Document | str | None = None
    managed: Document | str | None = None
    parent: Document | None = None
    """``.claude/settings.json`` in the directory above, which the client does not read."""
    claude_json: Document | None = None
    helper: str | None = None
    """Text of the script at ``~/bin/key.sh``; ``None`` if there is none."""
    helper_mode: int = 0o700
    profile: Profile | None = None
    profile_shared: bool = False
    """True if git tracks the profile's file."""
    gateway: Document | None = None
    """A LiteLLM ``config.yaml``."""
    file: tuple[str, str] | None = None
    """A file of another format, checked alone: its path and text."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Variable -> state of the file that it names: ``ok``, ``missing``, ``unreadable``, ``not-pem``."""
    client: str | None = None
    """The client version; ``None`` is the newest known."""
    mode: int = 0o600
    """Permission bits of the settings files (managed files are always 0644)."""
    tracked: bool = False
    """True if git tracks the project's settings files."""
    ignored: bool = True
    """False if git neither tracks nor ignores them."""


Check = Callable[["RuleContext"], Iterator[RawFinding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``what`` is the first line of the check's docstring."""

    code: str
    slug: str
    severity: Severity
    what: str
    why: str
    bad: Example
    good: Example
    check: Check
    facts: str
    """Where the fact behind the rule was seen, one source a line; see ``evidence``."""
    fact: str | None = None
    """A fact (facts/versions.py): the rule applies to the clients in which it holds."""
    unless: str | None = None
    """A fact: the rule does not apply to the clients in which it holds."""
    whole: bool = False
    """Needs the environment and all scopes, so it is not run on a single file."""
    fix: Safety | None = None

    @property
    def evidence(self) -> tuple[str, ...]:
        """Every source: ``atlas:VERSION CASE`` for a recording of the real client (tests/atlas), else as written.

        In ``facts`` a line ``VERSION: CASE CASE`` names recordings. Other lines start with ``documented:`` (a link,
        with a section or an anchor), ``measured:``, ``read:`` (in source code), ``reported:`` (an issue),
        ``changelog:`` or ``seen:``.
        """
        found: list[str] = []
        for line in self.facts.split("\n"):
            kind, _, rest = line.strip().partition(": ")
            found += [f"atlas:{kind} {case}" for case in rest.split()] if kind[0].isdigit() else [f"{kind}: {rest}"]
        return tuple(found)

    @property
    def since(self) -> str | None:
        """First client version that the rule applies to."""
        return find(self.fact).spans[0].since if self.fact else None

    @property
    def until(self) -> str | None:
        """Last client version that it applies to, where that is known."""
        return find(self.fact).spans[-1].until if self.fact else None

    @property
    def before(self) -> str | None:
        """First client version that it no longer applies to."""
        return find(self.unless).spans[0].since if self.unless else None

    def applies(self, version: str) -> bool:
        """Whether it is about this client version."""
        held = self.fact is None or holds(self.fact, version)
        return held and not (self.unless is not None and holds(self.unless, version))

    @property
    def url(self) -> str:
        """The rule's page."""
        return f"{DOCS_URL}:{self.code}"


_RULES: dict[str, Rule] = {}


def rule(
    head: str,
    *,
    why: str,
    bad: Example,
    good: Example,
    evidence: str,
    fact: str | None = None,
    unless: str | None = None,
    whole: bool = False,
    fix: Safety | None = None,
) -> Callable[[Check], Check]:
    """Register the decorated function as a rule; its docstring's first line says what it finds.

    ``head`` is code, slug and severity, separated by spaces; ``evidence`` is ``Rule.facts``; the rest as in ``Rule``.
    """
    code, slug, level = head.split()
    severity = next(item for item in SEVERITIES if item == level)

    def register(check: Check) -> Check:
        what = (check.__doc__ or "").strip().split("\n", 1)[0]
        if code in _RULES or not what:
            raise ValueError(f"{code}: registered twice, or without a docstring")
        _RULES[code] = Rule(
            code, slug, severity, what, " ".join(why.split()), bad, good, check, evidence, fact, unless, whole, fix
        )
        return check

    return register


def registered() -> Mapping[str, Rule]:
    """The register as filled so far; use ``rules.engine.all_rules`` to have all rule files loaded."""
    return _RULES
