"""What a request says about how a model answers: betas, thinking and effort.

Measured with fourteen releases from 1.0.60 to 2.1.332 (tests/atlas/fields.jsonl.gz); the releases between
were not, so both ends of a span are measured releases that need not be adjacent. Anthropic switches some betas on and
off from afar: a client that reaches its feature flags may send others.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span, holds, span_of
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import rows

Need = Literal[
    "", "any-but-haiku", "known", "thinking", "known-thinking", "budgeted", "adaptive", "effort", "late", "newest",
    "opus-5", "opus-4-7", "sonnet-5", "own-default",
]  # fmt: skip
"""What the model must be (``core.predict.fields``); ``own-default``: no model is chosen."""

FIRST_PARTY = frozenset({"anthropic"})
MESSAGES = frozenset({"anthropic", "foundry"})
CLOUDS = frozenset({"bedrock", "vertex"})
_ALL = MESSAGES | CLOUDS


EFFORT_BETA = "effort-2025-11-24"
"""Not sent where CLAUDE_CODE_EXTRA_BODY has an output_config."""


@dataclass(frozen=True, slots=True)
class Beta:
    """One name in the header anthropic-beta (on Bedrock also, or only, in the body's anthropic_beta)."""

    name: str
    span: Span
    providers: frozenset[str]
    needs: Need = ""
    experimental: bool = False
    """CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS removes it."""
    lost: Literal["", "few-tools", "bare"] = ""
    """When it is not sent: the tools are named (``--tools``, the agent) or the start is bare, or only the latter."""


def _beta(row: str) -> Beta:
    name, releases, providers, needs, *words = row.split(" ")
    found = _ALL if providers == "all" else frozenset(providers.split(","))
    lost = next((word.removeprefix("not-") for word in words if word.startswith("not-")), "")
    # the table's words are a Need and what loses the name
    return Beta(name, span_of(releases), found, needs.strip("-"), "experimental" in words, lost)  # type: ignore[arg-type]


BETAS: tuple[Beta, ...] = tuple(map(_beta, rows("facts/betas.txt")))

OWN_BETAS: tuple[tuple[frozenset[str], Span], ...] = ((FIRST_PARTY, Span()), (CLOUDS, Span("2.0.60", "2.1.113")))
"""Where ANTHROPIC_BETAS adds its names."""

FLAG_BETAS = frozenset({"context-1m-2025-08-07"})
"""The only name that ``--betas`` adds, and only at Anthropic; every other one is dropped with a warning."""

THINKING = Span("2.1.70")
"""Thinks unless told otherwise; before, only with MAX_THINKING_TOKENS."""
DISABLED_IS_SENT = Span("2.1.200")
"""Thinking that is switched off is sent as ``disabled`` for a model that the client knows (before: no field)."""
EFFORT = Span("2.1.70")


def effort_levels(version: str) -> frozenset[str]:
    """The levels that a client knows."""
    return frozenset({"low", "medium", "high", "max"} | ({"xhigh"} if holds("effort-xhigh", version) else set()))


LOWERED = (("xhigh", r"claude-(opus-4-[56]|sonnet-4-6)", "high"), ("max", r"claude-opus-4-5", "high"))
"""A level that some models do not have, these models, and what is sent instead (measured: 2.1.228 and 2.1.332)."""
NO_EFFORT = frozenset({"auto", "unset"})
"""What CLAUDE_CODE_EFFORT_LEVEL says to send none."""
EFFORT_KEY_IGNORED = Span("2.1.280")
"""The key effortLevel of the user settings does not count for the newest models; other scopes' does."""
NO_EFFORT_SPAN = Span("2.1.104")
DEFAULT_EFFORTS: tuple[tuple[Span, Need, str], ...] = (
    (Span("2.1.70", "2.1.70"), "", "medium"),
    (Span("2.1.280"), "newest", "medium"),
    (Span("2.1.330"), "opus-4-7", "xhigh"),
    (Span("2.1.112"), "", "high"),
)
"""Without a choice; the first row that applies. Where none does, none is sent."""
BUDGET = 31_999
"""Tokens for a model that does not adapt."""

KNOWN = r"claude-(3|opus|sonnet|haiku|fable)-?\d?"
"""Names of models, wherever they come in a provider's name; any other is unknown to the client."""
OLDEST = r"claude-3-(5|opus|haiku|sonnet)"
"""Without thinking."""
BUDGETED = r"claude-(3-7|(opus|sonnet)-4(-0|-1|-5|@|-2025|$)|haiku-4)"
"""Thinking with a number of tokens; the others adapt."""
EARLY = r"claude-(opus-4-[67]|sonnet-(4-6|5($|@)))"
"""The first that adapt."""
OPUS_5 = r"claude-(opus-5(-5|@|$)|fable-5($|@))"
OPUS_4_7 = r"claude-opus-4-7"
SONNET_5 = r"claude-sonnet-5($|@)"
NEWEST = r"claude-((opus|sonnet|haiku)-5-5|fable-5-2)"
"""Always adaptive: only CLAUDE_CODE_DISABLE_THINKING counts, and settings do not."""
