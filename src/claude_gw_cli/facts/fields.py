"""What a request says about how a model answers: betas, thinking and effort.

Measured with fourteen releases from 1.0.60 to 2.1.332 (tests/atlas/fields.jsonl.gz); the releases between
were not, so both ends of a span are measured releases that need not be adjacent. Anthropic switches some betas on and
off from afar: a client that reaches its feature flags may send others.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

Need = Literal[
    "", "any-but-haiku", "known", "thinking", "known-thinking", "budgeted", "adaptive", "effort", "late", "newest",
    "opus-5", "opus-4-7", "own-default",
]  # fmt: skip
"""What the model must be (``core.predict.fields``); ``own-default``: no model is chosen."""

FIRST_PARTY = frozenset({"anthropic"})
MESSAGES = frozenset({"anthropic", "foundry"})
CLOUDS = frozenset({"bedrock", "vertex"})
_ALL = MESSAGES | CLOUDS
_SINCE_NEWEST = Span("2.1.332")


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


BETAS: tuple[Beta, ...] = (
    Beta("claude-code-20250219", Span(until="2.0.60"), _ALL, "any-but-haiku"),
    Beta("claude-code-20250219", Span("2.1.70"), _ALL),
    Beta("interleaved-thinking-2025-05-14", Span(until="1.0.60"), _ALL, "known-thinking"),
    Beta("interleaved-thinking-2025-05-14", Span("2.0.45", "2.0.60"), _ALL, "thinking"),
    Beta("interleaved-thinking-2025-05-14", Span("2.1.70", "2.1.70"), _ALL, "budgeted"),
    Beta("interleaved-thinking-2025-05-14", Span("2.1.104"), _ALL, "thinking"),
    Beta("adaptive-thinking-2026-01-28", Span("2.1.70", "2.1.70"), FIRST_PARTY, "adaptive"),
    Beta("fine-grained-tool-streaming-2025-05-14", Span(until="1.0.60"), FIRST_PARTY),
    Beta("fine-grained-tool-streaming-2025-05-14", Span("2.0.45", "2.0.45"), FIRST_PARTY, experimental=True),
    Beta("web-search-2025-03-05", Span(until="2.1.290"), frozenset({"vertex", "foundry"}), "known"),
    Beta("web-search-2025-03-05", Span("2.1.330"), frozenset({"vertex", "foundry"})),
    Beta("context-management-2025-06-27", Span("2.1.104"), MESSAGES, "thinking", experimental=True),
    Beta("prompt-caching-scope-2026-01-05", Span("2.1.70", "2.1.290"), MESSAGES, experimental=True),
    Beta("tool-search-tool-2025-10-19", Span("2.1.70", "2.1.70"), CLOUDS),
    Beta("tool-search-tool-2025-10-19", Span("2.1.104"), frozenset({"bedrock"}), experimental=True),
    Beta("tool-search-tool-2025-10-19", Span("2.1.104", "2.1.113"), frozenset({"vertex"}), experimental=True),
    Beta("tool-search-tool-2025-10-19", Span("2.1.228"), frozenset({"vertex"}), experimental=True),
    Beta(EFFORT_BETA, Span("2.1.70"), _ALL, "effort"),
    Beta("context-1m-2025-08-07", Span("2.1.190", "2.1.280"), FIRST_PARTY, "own-default"),
    Beta("thinking-token-count-2026-05-13", Span("2.1.190"), FIRST_PARTY, "thinking", experimental=True),
    Beta("thinking-token-count-2026-05-13", Span("2.1.290"), frozenset({"bedrock"}), "thinking", experimental=True),
    Beta("thinking-token-count-2026-05-13", Span("2.1.332"), _ALL, "thinking", experimental=True),
    Beta("mid-conversation-system-2026-04-07", Span("2.1.190", "2.1.290"), _ALL, "late"),
    Beta("fallback-credit-2026-06-01", Span("2.1.228", "2.1.280"), _ALL, "opus-5"),
    Beta("per-turn-control-2026-07-01", Span("2.1.280"), MESSAGES, "newest", experimental=True),
    Beta("mid-conversation-tool-changes-2026-07-01", Span("2.1.280"), MESSAGES, "late", experimental=True),
    Beta("dangerous-tool-use-2026-09-03", Span("2.1.290", "2.1.290"), _ALL, "late", experimental=True),
    Beta("afk-mode-2026-01-31", Span("2.1.290", "2.1.290"), FIRST_PARTY, "late", experimental=True),
    Beta("afk-mode-2026-01-31", Span("2.1.290", "2.1.290"), CLOUDS, "late"),
    Beta("advanced-tool-use-2025-11-20", Span("2.1.330"), FIRST_PARTY, "thinking", experimental=True),
    Beta("advanced-tool-use-2025-11-20", Span("2.1.228"), frozenset({"foundry"}), "thinking", experimental=True),
)
BETAS += tuple(
    Beta(name, _SINCE_NEWEST, frozenset(providers.split()), needs, experimental)  # type: ignore[arg-type]
    for name, providers, needs, experimental in (
        ("claude-code-20250219", "anthropic-aws mantle", "", False),
        ("interleaved-thinking-2025-05-14", "anthropic-aws mantle", "thinking", False),
        ("context-management-2025-06-27", "anthropic-aws mantle", "thinking", True),
        ("prompt-caching-scope-2026-01-05", "anthropic-aws", "", True),
        ("tool-search-tool-2025-10-19", "mantle", "", True),
        (EFFORT_BETA, "anthropic-aws mantle", "effort", False),
        ("thinking-token-count-2026-05-13", "anthropic-aws mantle", "thinking", True),
        ("per-turn-control-2026-07-01", "anthropic-aws", "newest", True),
        ("mid-conversation-tool-changes-2026-07-01", "anthropic-aws", "late", True),
        ("advisor-tool-2026-03-01", "anthropic-aws", "", True),
        ("advanced-tool-use-2025-11-20", "anthropic-aws", "thinking", True),
    )
)
"""The last rows: measured with 2.1.332 alone."""

OWN_BETAS: tuple[tuple[frozenset[str], Span], ...] = ((FIRST_PARTY, Span()), (CLOUDS, Span("2.0.60", "2.1.113")))
"""Where ANTHROPIC_BETAS adds its names."""

THINKING = Span("2.1.70")
"""Thinks unless told otherwise; before, only with MAX_THINKING_TOKENS."""
DISABLED_IS_SENT = Span("2.1.200")
"""Thinking that is switched off is sent as ``disabled`` for a model that the client knows (before: no field)."""
EFFORT = Span("2.1.70")
EFFORT_LEVELS = frozenset({"low", "medium", "high", "xhigh", "max"})
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
NEWEST = r"claude-((opus|sonnet|haiku)-5-5|fable-5-2)"
"""Always adaptive: only CLAUDE_CODE_DISABLE_THINKING counts, and settings do not."""
