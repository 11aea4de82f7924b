"""The providers of Claude Code: one paragraph of providers.txt each, for everything that differs between them.

It says how the client selects the provider, where its requests go, what they look like, what it needs, and in
which modes a profile can use it. Which credential reaches which header is in facts/headers.txt. No file outside of
facts names a provider, except rules that are about one (tests/facts/test_providers.py).

Sources: reference documentation of Claude Code's gateway and provider pages (2026-10), and recordings of the real
client (tests/atlas). Only documented variable names are used. Versions are in facts/versions.txt: rows name facts.
"""

from __future__ import annotations

from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import filled, records

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Carrier:
    """How one header can be filled from the client: by a variable, and/or by apiKeyHelper."""

    variable: str | None
    """The variable whose value becomes this header; ``None`` when only ANTHROPIC_CUSTOM_HEADERS can."""
    helper: bool
    """apiKeyHelper's output reaches this header."""
    without_skip: bool = False
    """The skip-auth flag must be absent for this carrier (Foundry's own key)."""
    fact: str | None = None
    """Works only where this fact holds, if that is later than the mode itself."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way in which a profile uses a provider. What comes from the provider's row, ``facts.modes`` fills in."""

    provider: str
    """The name in a profile: ``unified`` and ``anthropic`` are both the client's provider ``anthropic``."""
    title: str
    """For messages: what it is and who holds the cloud's credential."""
    base_path: str
    """Appended to the gateway's root at LiteLLM."""
    carriers: tuple[tuple[str, Carrier], ...] = ()
    """Headers that the client fills by itself; every other header goes through ANTHROPIC_CUSTOM_HEADERS."""
    credentials: Literal["proxy", "client"] = "proxy"
    """Who holds the credential of the cloud: the gateway (a proxy) or this machine."""
    default_header: str = "authorization"
    fact: str | None = None
    """The mode works only where this fact holds; by default where its provider exists."""
    custom_fact: str | None = None
    """A key in ANTHROPIC_CUSTOM_HEADERS works only where this fact holds, if that is later."""
    cloud_credentials: tuple[str, ...] = ()
    """Variables that hold this machine's cloud credential: left alone when the client holds it."""
    taken: tuple[str, ...] = ()
    """Headers that carry this machine's cloud credential: the gateway's key would lose there, or destroy it."""
    model_list: tuple[str, str, tuple[tuple[str, str], ...]] | None = None
    """LiteLLM's wildcard for what the client asks for: model_name, litellm_params.model, further litellm_params.
    ``None``: this route goes by path."""
    environment: tuple[tuple[str, str], ...] = ()
    """LiteLLM's own environment for this route: variable and what it is."""
    client: str = ""
    """The client's provider. This field and those below come from its row."""
    base_variable: str = ""
    flags: tuple[tuple[str, str], ...] = ()
    """Variables with a fixed value: the provider's flag, and skip-auth where the gateway holds the credential."""
    skip_variable: str | None = None
    fields: tuple[tuple[str, str, str | None], ...] = ()
    placeholder: bool = False
    """The client refuses to start without its own credential."""
    wire: str = "messages"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider as the client knows it."""

    name: str
    label: str
    """For questions to people: the API format."""
    rank: int
    """The client asks for the providers in this order (measured: all pairs, header-atlas section 7)."""
    flag: str | None = None
    """The variable that selects it; ``None``: without any flag."""
    skip: str | None = None
    """The variable that leaves the cloud's credential to the gateway."""
    base: str = ""
    """The variable of its base URL."""
    cloud: str = ""
    """Where requests go without a base URL. ``{region}`` and ``{resource}`` are filled in."""
    own_host: str = ""
    """How the names of its cloud's hosts end."""
    situations: tuple[str, ...] = ()
    """How it gets its own credential, first that applies (see facts/headers.py)."""
    login: str = ""
    """The login on this machine that it can use, by its name in ``world.detect.cloud_logins``."""
    wire: str = "messages"
    """The form of its requests, a row of facts/wires.py."""
    fields: tuple[tuple[str, str, str | None], ...] = ()
    """(profile field, variable, default or ``None`` when it must be filled in)."""
    clears: tuple[str, ...] = ()
    """Further variables that must not be set beside another provider's plan."""
    fact: str | None = None
    """The provider exists only where this fact holds."""
    skip_fact: str | None = None
    skip_refusal: str = ""
    """What a client says that does not know the skip-auth flag; empty: it ignores the flag."""
    needs: str | None = None
    """A variable without which the flag does not count."""
    allowed_name: str = ""
    """Its name in ``allowedProviders``, where that is another one."""
    refusal: str = ""
    """What the client says when it finds no credential."""
    empty_key: tuple[str, str] = ("", "")
    """The situation whose variable stops the client if it has only whitespace, and what it says then."""
    token_fact: str | None = None
    """Where this fact holds, ANTHROPIC_AUTH_TOKEN replaces a missing cloud credential."""
    resource: str | None = None
    """A variable that names the cloud's own host, instead of a base URL; both together stop the client."""
    resource_form: str = ""
    """A regular expression that the resource's trimmed name must match."""
    resource_refusal: tuple[str, str] = ("", "")
    """The fact with which the client refuses another name, and what it says."""
    required: tuple[tuple[str, str], ...] = ()
    """Variables without which the client does not start, and what it says then."""
    workspace: str | None = None
    """The variable of the workspace that every request must name."""
    workspace_fact: str | None = None
    """It is wanted only where this fact holds, and never with skip-auth."""
    regions: Literal["aws", "google"] = "aws"
    """Whose regions it has: how the region is found, and the host of the cloud there."""
    region_variables: tuple[str, ...] = ()
    """Any of these decides the region; without one the client uses its default."""
    models: str = "name"
    """Which member of facts.models.Model is its name for a model."""
    modes: tuple[Mode, ...] = ()
    """How a profile can use it; empty: not offered."""

    @property
    def allowed(self) -> str:
        """Its name in ``allowedProviders``."""
        return self.allowed_name or self.name


def _carrier(text: str) -> tuple[str, Carrier]:
    header, variable, *more = text.split(" ")
    fact = next((word[5:] for word in more if word.startswith("fact=")), None)
    return header, Carrier(variable, helper="helper" in more, without_skip="without_skip" in more, fact=fact)


def _field(text: str) -> tuple[str, str, str | None]:
    field, variable, *default = text.split(" ")
    return field, variable, default[0] if default else None


def _model_list(text: str) -> tuple[str, str, tuple[tuple[str, ...], ...]]:
    name, model, *more = text.split(" ")
    return name, model, tuple(tuple(item.split("=")) for item in more)


def _pair(text: str) -> tuple[str, str]:
    return text.partition(" ")[::2]


_PARSERS = {
    "carriers": _carrier,
    "fields": _field,
    "model_list": _model_list,
    **dict.fromkeys(("environment", "required", "empty_key", "resource_refusal"), _pair),
}


def _table() -> Iterator[Provider]:
    """The providers, each with the modes below it."""
    rows = records("facts/providers.txt")
    starts = [index for index, row in enumerate(rows) if "name" in row]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        modes = tuple(filled(Mode, row, _PARSERS) for row in rows[start + 1 : end])
        yield filled(Provider, rows[start], _PARSERS, modes=modes)


TABLE: tuple[Provider, ...] = tuple(_table())
"""In the order in which people are asked."""

PROVIDERS: tuple[Provider, ...] = tuple(sorted(TABLE, key=lambda row: (row.flag is None, row.rank)))
"""In the order in which the client asks for them; the one without a flag is what is left."""

BY_NAME: dict[str, Provider] = {row.name: row for row in TABLE}


def is_own_host(provider: str, host: str) -> bool:
    """Whether a host is one of the provider's own, and so not a gateway's."""
    return f".{host.lower()}".endswith(BY_NAME[provider].own_host)
