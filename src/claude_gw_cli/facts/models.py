"""Which model a client asks for: the default of each provider and what its aliases stand for, by client version.

Rows are ``(since, model)``, newest first; the first whose ``since`` is not newer than the client counts. Read from
recordings (tests/atlas: model.*, and the URL or body of every other one). Ends of spans are the first recorded
release with the model; a release between two recorded ones may already have the newer.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import version_key

Rows = tuple[tuple[str, str], ...]

_OPUS_FIRST: Rows = (
    ("2.1.293", "claude-opus-5-5"),
    ("2.1.219", "claude-opus-5"),
    ("2.1.154", "claude-opus-4-8"),
)

MODELS: dict[tuple[str, str], Rows] = {
    ("anthropic", "default"): (
        *_OPUS_FIRST,
        ("2.1.45", "claude-sonnet-4-6"),
        ("2.0.0", "claude-sonnet-4-5-20250929"),
        ("1.0.0", "claude-sonnet-4-20250514"),
        ("0.2.30", "claude-3-7-sonnet-20250219"),
    ),
    ("anthropic", "opus"): (*_OPUS_FIRST, ("2.1.30", "claude-opus-4-6")),
    ("anthropic", "sonnet"): (
        ("2.1.293", "claude-sonnet-5-5"),
        ("2.1.219", "claude-sonnet-5"),
        ("2.1.45", "claude-sonnet-4-6"),
        ("2.0.0", "claude-sonnet-4-5-20250929"),
        ("1.0.0", "claude-sonnet-4-20250514"),
        ("0.2.30", "claude-3-7-sonnet-20250219"),
    ),
    ("anthropic", "haiku"): (
        ("2.1.293", "claude-haiku-5-5"),
        ("2.0.17", "claude-haiku-4-5-20251001"),
        ("0.2.9", "claude-3-5-haiku-20241022"),
    ),
    ("bedrock", "default"): (
        ("2.1.293", "us.anthropic.claude-opus-5-5"),
        ("2.1.219", "us.anthropic.claude-opus-5"),
        ("2.1.207", "us.anthropic.claude-opus-4-8"),
        ("2.0.0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("1.0.61", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("0.2.30", "us.anthropic.claude-3-7-sonnet-20250219-v1:0"),
    ),
    ("bedrock", "opus"): (("2.1.293", "us.anthropic.claude-opus-5-5"),),
    ("bedrock", "sonnet"): (("2.0.0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),),
    ("bedrock", "haiku"): (("2.0.17", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),),
    ("vertex", "default"): (
        ("2.1.293", "claude-opus-5-5"),
        ("2.1.219", "claude-opus-5"),
        ("2.1.207", "claude-opus-4-8"),
        ("2.0.0", "claude-sonnet-4-5@20250929"),
        ("1.0.0", "claude-sonnet-4@20250514"),
        ("0.2.30", "claude-3-7-sonnet@20250219"),
    ),
    ("vertex", "opus"): (("2.1.293", "claude-opus-5-5"),),
    ("vertex", "sonnet"): (("2.0.0", "claude-sonnet-4-5@20250929"),),
    ("vertex", "haiku"): (("2.0.17", "claude-haiku-4-5@20251001"),),
    ("foundry", "default"): (("2.0.45", "claude-sonnet-4-5"),),
    ("foundry", "opus"): (("2.0.45", "claude-opus-4-6"),),
    ("foundry", "sonnet"): (("2.0.45", "claude-sonnet-4-5"),),
    ("foundry", "haiku"): (("2.0.45", "claude-haiku-4-5"),),
    ("mantle", "default"): (("2.1.293", "anthropic.claude-opus-5-5"),),
    ("mantle", "opus"): (("2.1.293", "anthropic.claude-opus-5-5"),),
    ("mantle", "sonnet"): (("2.1.293", "anthropic.claude-haiku-4-5"),),
    ("mantle", "haiku"): (("2.1.293", "anthropic.claude-haiku-4-5"),),
    ("anthropic-aws", "default"): (("2.1.293", "claude-opus-5-5"),),
    ("anthropic-aws", "opus"): (("2.1.293", "claude-opus-5-5"),),
    ("anthropic-aws", "sonnet"): (("2.1.293", "claude-sonnet-4-6"),),
    ("anthropic-aws", "haiku"): (("2.1.293", "claude-haiku-4-5-20251001"),),
}

ALIASES: dict[str, str] = {
    "opus": "opus",
    "best": "opus",
    "sonnet": "sonnet",
    "opusplan": "sonnet",
    "haiku": "haiku",
    "default": "default",
}
"""What ``--model`` may say instead of a name; ``opusplan`` is Sonnet outside plan mode."""

REPLACEMENTS: dict[str, str] = {
    "opus": "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "sonnet": "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "haiku": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
}
"""Family -> the variable that replaces it."""

BEDROCK_REGIONS: tuple[tuple[str, str], ...] = (("us-gov-", "us-gov"), ("us-", "us"), ("eu-", "eu"), ("ap-", "apac"))
"""AWS region -> prefix of the inference profile; ``us`` for every other."""


def family_of_default(provider: str, version: str) -> str:
    """The family whose replacement variable applies when no model is chosen (model.*.default+allDEFAULTs)."""
    return "opus" if "opus" in (find_model(provider, "default", version) or "") else "sonnet"


def find_model(provider: str, family: str, version: str) -> str | None:
    """The model's name in that client, or ``None`` where nothing was recorded."""
    key = version_key(version)
    return next((model for since, model in MODELS.get((provider, family), ()) if version_key(since) <= key), None)
