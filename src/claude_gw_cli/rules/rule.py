"""What a rule is, and the register of all rules.

A rule is a pure function over one ``RuleContext`` that yields ``RawFinding``s. What a check needs to know about it is
on the rule itself: how severe it is, how safe its fix is, which client versions it applies to. Why it matters, a bad
and a good example, and where the fact behind it was seen are on its page (``rules.pages``). Codes are permanent and
never reused.
"""

from __future__ import annotations

from claude_gw_cli.core.model import Location, Severity
from claude_gw_cli.facts.versions import find, holds
from claude_gw_cli.hints import TYPE_CHECKING, Callable, Iterable, Iterator, Mapping
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from claude_gw_cli.rules.context import RuleContext
    from claude_gw_cli.rules.fix import Fix, Safety

    Check = Callable[[RuleContext], Iterator["RawFinding"]]

# The pages of docs/rules have no public URL yet; a URN identifies them without pointing anywhere.
DOCS_URL = "urn:cgw:rule"
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
class Rule:
    """One rule. ``what`` is the first line of the check's docstring."""

    code: str
    slug: str
    severity: Severity
    what: str
    check: Check
    fact: str | None = None
    """A fact (facts/versions.txt): the rule applies to the clients in which it holds."""
    unless: str | None = None
    """A fact: the rule does not apply to the clients in which it holds."""
    whole: bool = False
    """Needs the environment and all scopes, so it is not run on a single file."""
    fix: Safety | None = None
    needs: frozenset[str] = frozenset()
    """One of these names (``RuleContext.names``) has to be set, or the rule finds nothing. This only saves time."""

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
    fact: str | None = None,
    unless: str | None = None,
    whole: bool = False,
    fix: Safety | None = None,
    needs: Iterable[str] = (),
) -> Callable[[Check], Check]:
    """Register the decorated function as a rule; its docstring's first line says what it finds.

    ``head`` is code, slug and severity, separated by spaces; the rest as in ``Rule``.
    """
    code, slug, level = head.split()
    severity = next(item for item in SEVERITIES if item == level)

    def register(check: Check) -> Check:
        what = (check.__doc__ or "").strip().split("\n", 1)[0]
        if code in _RULES or not what:
            raise ValueError(f"{code}: registered twice, or without a docstring")
        _RULES[code] = Rule(code, slug, severity, what, check, fact, unless, whole, fix, frozenset(needs))
        return check

    return register


def registered() -> Mapping[str, Rule]:
    """The register as filled so far; use ``rules.engine.all_rules`` to have all rule files loaded."""
    return _RULES
