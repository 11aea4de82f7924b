"""Which model a client asks for: the models it knows, their names at each provider, and what its aliases mean.

The rows are in models.txt. Rows of versions are ``(since, model id)``, newest first; the first whose ``since`` is not
newer than the client counts. Sources: the catalog inside each client from 2.1.195 on (tests/atlas/catalog.py reads
it, and tests/atlas/test_catalog.py compares it with this table); for older clients the recordings in tests/atlas.
"""

from __future__ import annotations

from claude_gw_cli.facts.overlay import InForce
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.versions import holds, version_key
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def _plain(model_id: str, region: str, *, since: str = "", mantle: str = "anthropic.", suffix: str = "") -> Model:
    """A model that has the same name nearly everywhere; ``mantle`` is what its name there begins with."""
    there = mantle and mantle + model_id
    return Model(model_id, model_id, f"anthropic.{model_id}{suffix}", model_id, model_id, there, region, since)


def _named(model_id: str, region: str, *, name: str, bedrock: str, vertex: str, foundry: str) -> Model:
    return Model(model_id, name, bedrock, vertex, foundry, "", region)


_ROWS = tuple((head.split(" "), below) for head, below in table("models"))
_FORMS: dict[str, Callable[..., Model]] = {"dated": _dated, "plain": _plain, "named": _named}


def _catalog() -> Iterator[Model]:
    for (kind, *words), _ in _ROWS:
        if kind in _FORMS:
            plain = [word for word in words if "=" not in word]
            yield _FORMS[kind](*plain, **dict(word.split("=") for word in words if "=" in word))


def _versions(wanted: str) -> Iterator[tuple[list[str], Rows]]:
    for (kind, *words), below in _ROWS:
        if kind == wanted:
            yield words, tuple(row.partition(" ")[::2] for row in below.split(", "))


CATALOG: tuple[Model, ...] = tuple(_catalog())
"""In the client's order: where a provider does not have the model of an alias, it gets the first it has."""
MEANS: dict[tuple[str, str], Rows] = {(provider, family): rows for (provider, family), rows in _versions("means")}
"""Provider (``*``: those without their own row) and family -> what an alias of the family means."""
DEFAULTS: dict[str, Rows] = {provider: rows for (provider,), rows in _versions("default")}
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

MODEL_RESET = "sonnet45MigrationComplete"
"""In ``.claude.json``: the start that drops the user's model was made (``user-model-reset``; measured: 2.0.45)."""

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


FOREIGN_NAMES = (
    ("Bedrock", r"(?:[a-z-]+\.)?anthropic\.", frozenset({"anthropic", "vertex"})),
    ("Vertex", r"claude-[^@]*@", frozenset({"anthropic", "bedrock"})),
)
"""Whose names of models begin so (a pattern), and the providers at which such a name means nothing."""


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


def own_agents(version: str) -> dict[str, tuple[str, bool]]:
    """The agents inside the client that any release has: model, ``""`` for none, and whether it names its tools.

    Measured with 2.1.101, 2.1.228 and 2.1.332 (tests/atlas/flags.jsonl).
    """
    explore = "haiku" if holds("explore-is-haiku", version) else ""
    others = dict.fromkeys(("claude", "general-purpose", "Plan"), ("", False))
    return {**others, "Explore": (explore, False), "statusline-setup": ("sonnet", True)}
