"""Which model a client asks for: the default of each provider and what its aliases stand for, by client version.

Rows are ``(since, model)``, newest first; the first whose ``since`` is not newer than the client counts. Read from
recordings (tests/atlas) and from every release between two recorded ones that differ, by bisection.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import version_key

Rows = tuple[tuple[str, str], ...]

_OPUS: Rows = (
    ("2.1.280", "claude-opus-5-5"),
    ("2.1.219", "claude-opus-5"),
    ("2.1.154", "claude-opus-4-8"),
)
_SONNET: Rows = (
    ("2.1.45", "claude-sonnet-4-6"),
    ("2.0.0", "claude-sonnet-4-5-20250929"),
    ("1.0.0", "claude-sonnet-4-20250514"),
    ("0.2.30", "claude-3-7-sonnet-20250219"),
)

MODELS: dict[tuple[str, str], Rows] = {
    ("anthropic", "default"): (*_OPUS, ("2.1.129", "claude-opus-4-7"), *_SONNET),
    ("anthropic", "opus"): (
        *_OPUS,
        ("2.1.111", "claude-opus-4-7"),
        ("2.1.32", "claude-opus-4-6"),
        ("2.0.51", "claude-opus-4-5-20251101"),
        ("1.0.69", "claude-opus-4-1-20250805"),
        ("1.0.0", "claude-opus-4-20250514"),
    ),
    ("anthropic", "sonnet"): (("2.1.284", "claude-sonnet-5-5"), ("2.1.197", "claude-sonnet-5"), *_SONNET),
    ("anthropic", "haiku"): (
        ("2.1.293", "claude-haiku-5-5"),
        ("2.0.19", "claude-haiku-4-5-20251001"),
        ("0.2.9", "claude-3-5-haiku-20241022"),
    ),
    ("bedrock", "default"): (
        ("2.1.280", "us.anthropic.claude-opus-5-5"),
        ("2.1.219", "us.anthropic.claude-opus-5"),
        ("2.1.207", "us.anthropic.claude-opus-4-8"),
        ("2.0.30", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("2.0.2", "global.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("2.0.0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("1.0.88", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("0.2.30", "us.anthropic.claude-3-7-sonnet-20250219-v1:0"),
    ),
    ("bedrock", "opus"): (
        ("2.1.280", "us.anthropic.claude-opus-5-5"),
        ("2.1.219", "us.anthropic.claude-opus-5"),
        ("2.1.207", "us.anthropic.claude-opus-4-8"),
        ("2.1.73", "us.anthropic.claude-opus-4-6-v1"),
        ("1.0.69", "us.anthropic.claude-opus-4-1-20250805-v1:0"),
        ("1.0.60", "us.anthropic.claude-opus-4-20250514-v1:0"),
    ),
    ("bedrock", "sonnet"): (
        ("2.0.30", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("2.0.2", "global.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("2.0.0", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("1.0.60", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
    ),
    ("bedrock", "haiku"): (
        ("2.1.0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("2.0.45", "us.anthropic.claude-3-5-haiku-20241022-v1:0"),
    ),
    ("vertex", "default"): (
        ("2.1.280", "claude-opus-5-5"),
        ("2.1.219", "claude-opus-5"),
        ("2.1.207", "claude-opus-4-8"),
        ("2.0.0", "claude-sonnet-4-5@20250929"),
        ("1.0.0", "claude-sonnet-4@20250514"),
        ("0.2.30", "claude-3-7-sonnet@20250219"),
    ),
    ("vertex", "opus"): (("2.1.280", "claude-opus-5-5"),),
    ("vertex", "sonnet"): (("2.1.332", "claude-sonnet-5-5"), ("2.0.0", "claude-sonnet-4-5@20250929")),
    ("vertex", "haiku"): (("2.1.0", "claude-haiku-4-5@20251001"), ("2.0.45", "claude-3-5-haiku@20241022")),
    ("foundry", "default"): (("2.1.332", "claude-sonnet-5-5"), ("2.0.45", "claude-sonnet-4-5")),
    ("foundry", "opus"): (("2.1.332", "claude-opus-5-5"), ("2.0.45", "claude-opus-4-6")),
    ("foundry", "sonnet"): (("2.1.332", "claude-sonnet-5-5"), ("2.0.45", "claude-sonnet-4-5")),
    ("foundry", "haiku"): (("2.0.45", "claude-haiku-4-5"),),
    ("mantle", "default"): (
        ("2.1.280", "anthropic.claude-opus-5-5"),
        ("2.1.219", "anthropic.claude-opus-5"),
        ("2.1.207", "anthropic.claude-opus-4-8"),
        ("2.1.124", "anthropic.claude-opus-4-7"),
        ("2.1.94", "anthropic.claude-haiku-4-5"),
    ),
    ("mantle", "opus"): (("2.1.280", "anthropic.claude-opus-5-5"),),
    ("mantle", "sonnet"): (("2.1.332", "anthropic.claude-sonnet-5"), ("2.1.280", "anthropic.claude-haiku-4-5")),
    ("mantle", "haiku"): (("2.1.280", "anthropic.claude-haiku-4-5"),),
    ("anthropic-aws", "default"): (
        ("2.1.280", "claude-opus-5-5"),
        ("2.1.219", "claude-opus-5"),
        ("2.1.207", "claude-opus-4-8"),
        ("2.1.152", "claude-opus-4-7"),
        ("2.1.90", "claude-sonnet-4-6"),
    ),
    ("anthropic-aws", "opus"): (("2.1.280", "claude-opus-5-5"),),
    ("anthropic-aws", "sonnet"): (("2.1.280", "claude-sonnet-4-6"),),
    ("anthropic-aws", "haiku"): (("2.1.280", "claude-haiku-4-5-20251001"),),
}

ALIASES: dict[str, str] = {
    "opus": "opus",
    "best": "opus",
    "sonnet": "sonnet",
    "opusplan": "sonnet",
    "haiku": "haiku",
}
"""What ``--model`` may say instead of a name; ``opusplan`` is Sonnet outside plan mode."""

NO_DEFAULTS = frozenset({"haiku", "opusplan"})
"""Aliases that ANTHROPIC_DEFAULT_MODEL may not say: the client goes on to its own default (measured, 2.1.330)."""

REPLACEMENTS: dict[str, str] = {
    "opus": "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "sonnet": "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "haiku": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
}
"""Family -> the variable that replaces it."""

BEDROCK_WORLDS: tuple[tuple[str, str], ...] = (
    ("us-gov-", "us-gov"),
    ("us-", "us"),
    ("eu-", "eu"),
    ("ap-", "apac"),
    ("", "global"),
)
"""Start of the AWS region -> first part of the inference profile (measured with thirteen regions, 2.1.330)."""

VERTEX_REGIONS: tuple[tuple[str, str], ...] = tuple(
    (f"claude-{model}", f"VERTEX_REGION_CLAUDE_{name}")
    for model, name in (
        ("3-5-sonnet", "3_5_SONNET"),
        ("3-7-sonnet", "3_7_SONNET"),
        ("sonnet-4-5", "4_5_SONNET"),
        ("sonnet-4-6", "4_6_SONNET"),
        ("sonnet-5-5", "5_5_SONNET"),
        ("3-5-haiku", "3_5_HAIKU"),
        ("haiku-4-5", "HAIKU_4_5"),
        ("haiku-5-5", "HAIKU_5_5"),
        ("opus-4-1", "4_1_OPUS"),
        ("opus-4-5", "4_5_OPUS"),
        ("opus-4-6", "4_6_OPUS"),
        ("opus-4-7", "4_7_OPUS"),
        ("opus-4-8", "4_8_OPUS"),
        ("opus-5-5", "5_5_OPUS"),
        ("sonnet-4", "4_0_SONNET"),
        ("sonnet-5", "5_SONNET"),
        ("opus-4", "4_0_OPUS"),
        ("opus-5", "5_OPUS"),
    )
)
"""Start of a model's name -> the variable that gives it a region of its own; first match (client 2.1.330)."""


def families_of_default(provider: str, version: str) -> tuple[str, ...]:
    """The families whose replacement variables apply when no model is chosen, first one set wins.

    Measured: model.*.default+allDEFAULTs. On Bedrock and Vertex an Opus default gives way to Sonnet's variable, too,
    and on Mantle the default gives way to none (found by the differential tester, 2.1.227 .. 2.1.330).
    """
    if "opus" not in (find_model(provider, "default", version) or ""):
        return ("sonnet",)
    return {"bedrock": ("opus", "sonnet"), "vertex": ("opus", "sonnet"), "mantle": ()}.get(provider, ("opus",))


def find_model(provider: str, family: str, version: str) -> str | None:
    """The model's name in that client, or ``None`` where nothing was recorded."""
    key = version_key(version)
    return next((model for since, model in MODELS.get((provider, family), ()) if version_key(since) <= key), None)
