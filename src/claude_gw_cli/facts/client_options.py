"""What a profile's ``[client]`` table can say: one row for each option, with the releases in which it works.

``since`` is the first release that was measured to obey it, or that the changelog names; empty: all that cgw serves.
Measured with the real client behind a gateway on this machine: what the request has with the option and without it
(``tests/atlas/fields.jsonl.gz`` and docs/client.md say with which releases).
"""

from __future__ import annotations

from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

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


_EFFORTS = (*((word, word) for word in ("low", "medium", "high", "xhigh", "max")), ("none", "unset"))
_STORES = (("bundled", "bundled"), ("system", "system"), ("both", "bundled,system"))

OPTIONS: tuple[Option, ...] = (
    Option(
        "tiers",
        "switch",
        "false: a default model that only the gateway knows is not also the Opus, Sonnet and Haiku that `[models]` "
        "does not name",
    ),
    Option("subagent_model", "model", "the model of subagents", "CLAUDE_CODE_SUBAGENT_MODEL", since="1.0.60"),
    Option(
        "context_window",
        "count",
        "tokens of the context of a model that the client does not know",
        "CLAUDE_CODE_MAX_CONTEXT_TOKENS",
        low=1_000,
        since="2.1.227",
    ),
    Option(
        "compact_window",
        "count",
        "tokens after which the conversation is compacted",
        "CLAUDE_CODE_AUTO_COMPACT_WINDOW",
        low=100_000,
        high=1_000_000,
        since="2.1.100",
    ),
    Option(
        "long_context",
        "switch",
        "false: no request for a context of a million tokens",
        "CLAUDE_CODE_DISABLE_1M_CONTEXT",
        off="1",
        since="2.1.70",
    ),
    Option(
        "max_output_tokens", "count", "`max_tokens` of a request", "CLAUDE_CODE_MAX_OUTPUT_TOKENS", high=1_000_000
    ),
    Option("effort", "word", "`output_config.effort`", "CLAUDE_CODE_EFFORT_LEVEL", words=_EFFORTS, since="2.1.70"),
    Option(
        "thinking",
        "switch",
        "false: no thinking",
        "CLAUDE_CODE_DISABLE_THINKING",
        off="1",
        since="2.1.70",
    ),
    Option("thinking_tokens", "count", "the budget for thinking", "MAX_THINKING_TOKENS", low=0, high=1_000_000),
    Option(
        "adaptive_thinking",
        "switch",
        "false: a budget instead of `adaptive`, for the first models that adapt",
        "CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING",
        off="1",
        since="2.1.70",
    ),
    Option(
        "betas",
        "switch",
        "false: without the experimental names in `anthropic-beta` and the fields that need them",
        "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS",
        off="1",
        since="2.0.45",
    ),
    Option(
        "structured_outputs",
        "switch",
        "false: without `output_config.format`",
        "CLAUDE_CODE_DISABLE_STRUCTURED_OUTPUTS",
        off="1",
        since="2.1.288",
    ),
    Option("prompt_caching", "switch", "false: no `cache_control`", "DISABLE_PROMPT_CACHING", off="1"),
    Option(
        "tool_search",
        "switch",
        "whether tools are found by search; without it 2.1.332 does so behind a gateway, and 2.1.227 does not",
        "ENABLE_TOOL_SEARCH",
        on="true",
        off="false",
        since="2.1.227",
    ),
    Option(
        "model_discovery",
        "switch",
        "true: the gateway's own models in `/model`",
        "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",
        on="1",
        since="2.1.129",
    ),
    Option("timeout", "seconds", "how long a request may take", "API_TIMEOUT_MS", high=86_400),
    Option("retries", "count", "how often a failed request is sent again", "CLAUDE_CODE_MAX_RETRIES", low=0, high=15),
    Option(
        "nonessential_traffic",
        "switch",
        "false: nothing goes past the gateway: no telemetry, error reports, surveys or updates",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        off="1",
    ),
    Option("telemetry", "switch", "false: no telemetry to Anthropic", "DISABLE_TELEMETRY", off="1"),
    Option("ca_file", "file", "a PEM file with further CAs", "NODE_EXTRA_CA_CERTS"),
    Option(
        "certificate_store",
        "word",
        "whose CAs are trusted",
        "CLAUDE_CODE_CERT_STORE",
        words=_STORES,
        since="2.1.101",
    ),
    Option("client_certificate", "file", "a PEM file for mutual TLS", "CLAUDE_CODE_CLIENT_CERT", since="1.0.60"),
    Option("client_key", "file", "its key", "CLAUDE_CODE_CLIENT_KEY", since="1.0.60"),
    Option(
        "otel_headers_helper",
        "command",
        "prints the headers of telemetry that is sent to one's own collector, as a JSON object",
        setting="otelHeadersHelper",
    ),
    Option("aws_auth_refresh", "command", "signs in to AWS again", setting="awsAuthRefresh", since="1.0.53"),
    Option(
        "aws_credential_export",
        "command",
        "prints AWS credentials as JSON",
        setting="awsCredentialExport",
        since="1.0.53",
    ),
    Option("gcp_auth_refresh", "command", "signs in to Google Cloud again", setting="gcpAuthRefresh"),
)

BY_NAME = {row.name: row for row in OPTIONS}
