"""Which model a client asks for: the models it knows, their names at each provider, and what its aliases mean.

Rows of versions are ``(since, model id)``, newest first; the first whose ``since`` is not newer than the client
counts. Sources: the catalog inside each client from 2.1.195 on (tests/atlas/catalog.py reads it, and
tests/atlas/test_catalog.py compares it with this table); for older clients the recordings in tests/atlas.
"""

from __future__ import annotations

from claude_gw_cli.facts.overlay import InForce
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import holds, version_key
from claude_gw_cli.record import dataclass

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """One model, and what each provider calls it; ``""`` where the provider does not have it."""

    id: str
    name: str
    """Anthropic's own name: first party, Claude Platform on AWS, Google Cloud, and the gateway provider."""
    bedrock: str
    """Without the region's prefix."""
    vertex: str
    foundry: str
    mantle: str
    region: str
    """The variable that gives the model its own Vertex region."""
    since: str = ""
    """The first client that knows it; empty: older than every client that translates names."""


def _dated(model_id: str, date: str, region: str, *, mantle: str = "", bedrock: str = "v1:0") -> Model:
    """A model whose name ends with a date; ids end with ``-0`` where the name has no minor version."""
    base = model_id.removesuffix("-0")
    name = f"{base}-{date}"
    return Model(model_id, name, f"anthropic.{name}-{bedrock}", f"{base}@{date}", base, mantle, region)


def _plain(model_id: str, region: str, since: str = "", *, mantle: bool = True, suffix: str = "") -> Model:
    """A model that has the same name nearly everywhere."""
    prefixed = f"anthropic.{model_id}"
    return Model(model_id, model_id, prefixed + suffix, model_id, model_id, prefixed if mantle else "", region, since)


# In the client's order: where a provider does not have the model of an alias, it gets the first it has.
CATALOG: tuple[Model, ...] = (
    _dated("claude-3-5-haiku", "20241022", "3_5_HAIKU"),
    _dated("claude-haiku-4-5", "20251001", "HAIKU_4_5", mantle="anthropic.claude-haiku-4-5"),
    _plain("claude-haiku-5-5", "HAIKU_5_5", "2.1.293"),
    Model(
        "claude-3-5-sonnet",
        "claude-3-5-sonnet-20241022",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "claude-3-5-sonnet-v2@20241022",
        "claude-3-5-sonnet",
        "",
        "3_5_SONNET",
    ),
    _dated("claude-3-7-sonnet", "20250219", "3_7_SONNET"),
    _dated("claude-sonnet-4-0", "20250514", "4_0_SONNET"),
    _dated("claude-sonnet-4-5", "20250929", "4_5_SONNET"),
    _plain("claude-sonnet-4-6", "4_6_SONNET", mantle=False),
    _plain("claude-sonnet-5", "5_SONNET", "2.1.197"),
    _plain("claude-sonnet-5-5", "5_5_SONNET", "2.1.284"),
    _dated("claude-opus-4-0", "20250514", "4_0_OPUS"),
    _dated("claude-opus-4-1", "20250805", "4_1_OPUS"),
    _dated("claude-opus-4-5", "20251101", "4_5_OPUS"),
    _plain("claude-opus-4-6", "4_6_OPUS", mantle=False, suffix="-v1"),
    _plain("claude-opus-4-7", "4_7_OPUS"),
    _plain("claude-opus-4-8", "4_8_OPUS"),
    _plain("claude-opus-5", "5_OPUS", "2.1.219"),
    _plain("claude-opus-5-5", "5_5_OPUS", "2.1.280"),
    _plain("claude-fable-5", "FABLE_5"),
    _plain("claude-fable-5-1", "FABLE_5_1", "2.1.257"),
    _plain("claude-fable-5-2", "FABLE_5_2", "2.1.321"),
)

_OPUS: Rows = (("2.1.280", "claude-opus-5-5"), ("2.1.219", "claude-opus-5"))
_CLOUD_OPUS: Rows = (
    *_OPUS,
    ("2.1.207", "claude-opus-4-8"),
    ("2.1.73", "claude-opus-4-6"),
    ("1.0.69", "claude-opus-4-1"),
)
_SONNET_4: Rows = (("2.0.0", "claude-sonnet-4-5"), ("1.0.0", "claude-sonnet-4-0"))
_HAIKU_45: Rows = (("2.0.19", "claude-haiku-4-5"), ("0.2.9", "claude-3-5-haiku"))
_LATE_HAIKU: Rows = (("2.1.0", "claude-haiku-4-5"), ("2.0.45", "claude-3-5-haiku"))
_FABLE: Rows = (("2.1.321", "claude-fable-5-2"), ("2.1.257", "claude-fable-5-1"), ("2.1.170", "claude-fable-5"))
_GLOBAL_SONNET = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"

MEANS: dict[tuple[str, str], Rows] = {
    ("anthropic", "opus"): (
        *_OPUS,
        ("2.1.154", "claude-opus-4-8"),
        ("2.1.111", "claude-opus-4-7"),
        ("2.1.32", "claude-opus-4-6"),
        ("2.0.51", "claude-opus-4-5"),
        ("1.0.69", "claude-opus-4-1"),
        ("1.0.0", "claude-opus-4-0"),
    ),
    ("anthropic", "sonnet"): (
        ("2.1.284", "claude-sonnet-5-5"),
        ("2.1.197", "claude-sonnet-5"),
        ("2.1.45", "claude-sonnet-4-6"),
        *_SONNET_4,
        ("0.2.30", "claude-3-7-sonnet"),
    ),
    ("anthropic", "haiku"): (("2.1.293", "claude-haiku-5-5"), *_HAIKU_45),
    ("anthropic", "best"): (("2.1.321", "opus"), ("2.1.202", "fable"), ("0.2.9", "opus")),
    ("*", "opus"): _CLOUD_OPUS,
    ("*", "sonnet"): _SONNET_4,
    ("*", "haiku"): _LATE_HAIKU,
    ("*", "fable"): _FABLE,
    ("bedrock", "opus"): (*_CLOUD_OPUS, ("1.0.60", "claude-opus-4-0")),
    # For a while the profile of all regions, whatever the region.
    ("bedrock", "sonnet"): (("2.0.30", "claude-sonnet-4-5"), ("2.0.2", _GLOBAL_SONNET), *_SONNET_4),
    ("vertex", "sonnet"): (("2.1.332", "claude-sonnet-5-5"), *_SONNET_4),
    ("foundry", "opus"): (
        ("2.1.332", "claude-opus-5-5"),
        ("2.1.73", "claude-opus-4-6"),
        ("2.0.45", "claude-opus-4-1"),
    ),
    ("foundry", "sonnet"): (("2.1.332", "claude-sonnet-5-5"), ("2.0.45", "claude-sonnet-4-5")),
    ("foundry", "haiku"): (("2.0.45", "claude-haiku-4-5"),),
    ("mantle", "opus"): (
        *_OPUS,
        ("2.1.207", "claude-opus-4-8"),
        ("2.1.124", "claude-opus-4-7"),
        ("2.1.94", "claude-opus-4-6"),
    ),
    ("mantle", "sonnet"): (("2.1.332", "claude-sonnet-5"), ("2.1.94", "claude-sonnet-4-5")),
    ("anthropic-aws", "opus"): (
        *_OPUS,
        ("2.1.207", "claude-opus-4-8"),
        ("2.1.124", "claude-opus-4-7"),
        ("2.1.90", "claude-opus-4-6"),
    ),
    ("anthropic-aws", "sonnet"): (("2.1.90", "claude-sonnet-4-6"),),
    ("google-cloud", "opus"): (*_OPUS, ("2.1.154", "claude-opus-4-8")),
    ("google-cloud", "sonnet"): (("2.1.284", "claude-sonnet-5-5"), ("2.1.197", "claude-sonnet-5")),
    ("gateway", "opus"): (("2.1.154", "claude-opus-4-7"),),
    ("gateway", "sonnet"): (("2.1.45", "claude-sonnet-4-6"),),
    ("gateway", "fable"): (("2.1.170", "claude-fable-5"),),
}
"""Provider (``*``: those without their own row) and family -> what an alias of the family means."""

DEFAULTS: dict[str, Rows] = {
    "anthropic": (("2.1.129", "opus"), ("0.2.9", "sonnet")),
    "bedrock": (("2.1.207", "opus"), ("1.0.88", "sonnet"), ("0.2.30", "claude-3-7-sonnet")),
    "vertex": (("2.1.207", "opus"), ("1.0.0", "sonnet"), ("0.2.30", "claude-3-7-sonnet")),
    "foundry": (("2.0.45", "sonnet"),),
    "mantle": (("2.1.124", "opus"), ("2.1.94", "sonnet")),
    "anthropic-aws": (("2.1.152", "opus"), ("2.1.90", "sonnet")),
    "google-cloud": (("2.1.129", "opus"),),
    "gateway": (("2.1.129", "opus"),),
}
"""Provider -> the family (or the model) that a start without a chosen model takes."""

ALIASES: dict[str, str] = {
    "opus": "opus",
    "best": "best",
    "sonnet": "sonnet",
    "opusplan": "sonnet",
    "haiku": "haiku",
    "fable": "fable",
}
"""What a model's name may say instead; ``opusplan`` is Sonnet outside plan mode."""

OPUS_PLANS: dict[str, str] = {
    "max": "opus-for-max",
    "pro": "opus-for-other-plans",
    "team": "opus-for-other-plans",
    "enterprise": "opus-for-other-plans",
}
"""Plan of a claude.ai login -> the fact that tells which clients' default is Opus there; else it is Sonnet."""

FAMILIES = ("sonnet", "opus", "haiku", "fable")
"""Aliases of a whole family in ``availableModels``."""

NO_DEFAULTS = frozenset({"haiku", "opusplan"})
"""Aliases that ANTHROPIC_DEFAULT_MODEL may not say: the client goes on to its own default."""

NO_NAMES = frozenset({"default", "inherit"})
"""Texts of ANTHROPIC_DEFAULT_MODEL that mean the client's own default."""

REPLACEMENTS: dict[str, str] = {
    "opus": "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "sonnet": "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "haiku": "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "fable": "ANTHROPIC_DEFAULT_FABLE_MODEL",
}
"""Family -> the variable that replaces it."""

DEFAULT_REPLACEMENTS: dict[str, tuple[str, ...]] = {"bedrock": ("opus", "sonnet"), "vertex": ("opus", "sonnet")}
"""Provider -> whose variables replace an Opus default, first one set wins; elsewhere only Opus's own."""

REPLACED_WITHOUT_SKIP: dict[str, str] = {"mantle": "mantle-default-replaced"}
"""Provider -> the fact that lets Opus's variable replace its default, and only without skip-auth."""

UNTRANSLATED = frozenset({"foundry"})
"""Providers whose names are not put in place of Anthropic's full name of a model."""

REGIONAL = frozenset({"bedrock"})
"""Providers whose names of models begin with a part of the world."""

LEGACY_OPUS = frozenset({"claude-opus-4-20250514", "claude-opus-4-1-20250805", "claude-opus-4-0", "claude-opus-4-1"})
"""Names that run as the alias ``opus`` (fact ``legacy-opus-remapped``)."""

REMAPPING = frozenset({"anthropic", "anthropic-aws", "google-cloud", "gateway"})
"""Providers where they do."""

BEDROCK_WORLDS: tuple[tuple[str, str], ...] = (
    ("us-gov-", "us-gov"),
    ("us-", "us"),
    ("eu-", "eu"),
    ("ap-", "apac"),
    ("", "global"),
)
"""Start of the AWS region -> first part of the inference profile (measured with thirteen regions, 2.1.330)."""

REGION_PREFIXES = frozenset({"us", "eu", "apac", "jp", "au", "global"})
"""What ANTHROPIC_BEDROCK_REGION_PREFIX may say instead; it does not count in a us-gov region."""


def catalog() -> tuple[Model, ...]:
    """The models that count: the packaged ones, or those of a bundle."""
    return InForce.rows.catalog or CATALOG


def meanings(provider: str, family: str) -> Rows | None:
    """The rows of an alias's family at a provider, as far as it has its own."""
    key = (provider, family)
    return InForce.rows.means.get(key) or MEANS.get(key)


def default_rows(provider: str) -> Rows | None:
    """The rows of a provider's default model, as far as it has its own."""
    return InForce.rows.defaults.get(provider) or DEFAULTS.get(provider)


def row_for(rows: Rows, version: str) -> str | None:
    """The text of the newest row that is not newer than the client; ``None`` before the first."""
    key = version_key(version)
    return next((text for since, text in rows if version_key(since) <= key), None)


def is_known(model: Model, version: str) -> bool:
    """Whether that client has the model in its catalog."""
    return not model.since or version_key(model.since) <= version_key(version)


def find_model(provider: str, family: str, version: str) -> str | None:
    """The id of the model that an alias's family (or ``default``) means, or ``None`` where nothing is known."""
    default = family == "default"
    rows = default_rows(provider) or default_rows("anthropic") if default else meanings(provider, family)
    found = row_for(rows or meanings("*", family) or (), version)
    if found in ("opus", "sonnet", "fable") and found is not None:
        return find_model(provider, found, version)
    return found


def name_at(provider: str, model: Model) -> str:
    """What the provider calls a model (Bedrock: without the region's prefix); ``""`` where it does not have it."""
    name: str = getattr(model, BY_NAME[provider].models)
    return name


def family_of_plan(plan: str, version: str) -> str:
    """The family of the default model for a claude.ai login with that plan (``subscriptionType``)."""
    return "opus" if plan in OPUS_PLANS and holds(OPUS_PLANS[plan], version) else "sonnet"


def region_variable(model: str) -> str:
    """The variable that gives a model (by the name that is sent) its own Vertex region."""
    starts = ((f"{item.id.removesuffix('-0')}", item.region) for item in catalog())
    found = max((pair for pair in starts if model.startswith(pair[0])), key=lambda pair: len(pair[0]), default=None)
    return f"VERTEX_REGION_CLAUDE_{found[1]}" if found else "CLOUD_ML_REGION"


def default_name(provider: str, version: str) -> str | None:
    """The name that a start without a chosen model sends (Bedrock: of the profile for the United States)."""
    model_id = find_model(provider, "default", version)
    name = sent_name(provider, model_id, version) if model_id else None
    return f"us.{name}" if name and name.startswith("anthropic.") and provider in REGIONAL else name


def sent_name(provider: str, model_id: str, version: str) -> str:
    """What a client sends for a model id: the provider's name for it, or for the first model that it has.

    Bedrock's is without the region's prefix, except a profile that the table gives in full.
    """
    model = next((item for item in catalog() if item.id == model_id), None)
    if model is None:
        return model_id
    names = (name_at(provider, item) for item in (model, *catalog()) if is_known(item, version))
    return next(name for name in names if name)
