"""Every environment variable that matters behind a gateway: what it holds, since which client, and its traps.

The names are in variables.txt. Types and minimum versions come from Claude Code's documentation
(environment variables, gateway and provider pages, changelog, 2026-10); names were compared with those that
client 2.1.330 itself contains. A ``since`` is given only where the changelog names the release, or where the released
clients were compared.
"""

from __future__ import annotations

from claude_gw_cli.facts.providers import TABLE
from claude_gw_cli.facts.transport import NO_PROXY, PROXIES
from claude_gw_cli.facts.versions import first_version
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass
from claude_gw_cli.tables import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from claude_gw_cli.facts.providers import Provider

Kind = Literal[
    "secret", "url", "flag", "presence", "headers", "path", "millis", "model", "text", "json", "proxy", "location"
]
"""``flag``: 1/true/yes/on is on, anything else off. ``presence``: any text at all is on, even ``0``.
``location``: says where files are; ignored in project and local settings."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable of the client."""

    name: str
    kind: Kind
    since: str | None = None
    gone: str | None = None
    """First version in which it does nothing any more."""
    instead: str | None = None
    """What replaces a deprecated name."""


def _rows(kind: Kind, names: str) -> tuple[Variable, ...]:
    """Rows of one kind; ``NAME@VERSION`` gives the first client version."""
    words = (word.partition("@") for word in names.split())
    return tuple(Variable(name, kind, since or None) for name, _, since in words)


def _providers(
    kind: Kind,
    name: Callable[[Provider], str | None],
    fact: Callable[[Provider], str | None] = lambda row: row.fact,
) -> tuple[Variable, ...]:
    """Rows of one variable of every provider that a profile can use."""
    found = ((variable, fact(row)) for row in TABLE if row.modes and (variable := name(row)))
    return tuple(
        Variable(variable, kind, first_version(since) if since else None)
        for variable, since in sorted(found, key=lambda pair: pair[0])
    )


_TABLE = tuple((*head.split(" ", 1), below) for head, below in table("variables"))
_ALL = (
    *_providers("url", lambda row: row.base),
    *_providers("flag", lambda row: row.skip, lambda row: row.fact or row.skip_fact),
    *_providers("flag", lambda row: row.flag),
    *(row for what, kind, names in _TABLE if what == "kind" for row in _rows(kind, names)),  # type: ignore[arg-type]
    *_rows("proxy", " ".join(PROXIES)),
    *_rows("text", " ".join(NO_PROXY)),
    Variable("ANTHROPIC_SMALL_FAST_MODEL", "model", instead="ANTHROPIC_DEFAULT_HAIKU_MODEL"),
    Variable("ENABLE_PROMPT_CACHING_1H_BEDROCK", "flag", instead="ENABLE_PROMPT_CACHING_1H"),
    Variable("CLAUDE_CODE_CONNECT_TIMEOUT_MS", "millis", gone="2.1.186"),
)

VARIABLES: dict[str, Variable] = {row.name: row for row in _ALL}

TRUTHY = frozenset({"1", "true", "yes", "on"})
"""Case and whitespace aside, the only texts that switch a flag on (recorded: flag.bed=*, 2.1.330)."""
FALSY = frozenset({"", "0", "false", "no", "off"})
"""Texts that plainly mean off; everything in neither set is off too, but rarely meant."""

SECRET_NAMES = frozenset(row.name for row in _ALL if row.kind == "secret")
BASE_URLS = tuple(row.name for row in _ALL if row.kind == "url")
MODELS = tuple(row.name for row in _ALL if row.kind == "model")
"""Variables that name a model."""
LOCATIONS = frozenset(row.name for row in _ALL if row.kind == "location")
"""Not taken from project and local settings (recorded: claim.project.configdir, claim.project.home)."""

# A repository's profile may set these in [env], once it is trusted: variables of the client that say how it talks to
# its gateway. None of them runs a program, names a file, an address, a proxy or a certificate, picks another account
# or switches a protection off. CLAUDE_CODE_EXTRA_BODY is not among them: a gateway may take an address from a body.
REPOSITORY_MAY_SET = frozenset(
    row.name for row in _ALL if row.kind in {"flag", "presence", "millis", "model", "text"}
) - {
    "ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID", "AWS_PROFILE", "AWS_REGION",
    "CLAUDE_CODE_CERT_STORE", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "CLAUDE_CODE_RESTRICTED",
    "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH", "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "CLAUDE_CODE_USE_GATEWAY", "CLOUD_ML_REGION", *NO_PROXY,
}  # fmt: skip

OWN_NAMES = (
    *("ANTHROPIC_AWS_WORKSPACE_ID", "ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID"),
    *("ANTHROPIC_VERTEX_PROJECT_ID", "AWS_PROFILE", "AWS_REGION", "CLOUD_ML_REGION"),
)
"""Variables whose value is a name that the user has at a provider."""

OTHERS: dict[str, str] = {name: who for what, who, names in _TABLE if what == "other" for name in names.split(" ")}
"""Name that only another program reads -> that program."""
INVENTED: dict[str, str] = {
    name: meant for what, meant, names in _TABLE if what == "meant" for name in names.split(" ")
}
"""Name that no client ever read -> the variable that was meant."""


def is_own(name: str) -> bool:
    """Whether a variable's name is one that only the client has."""
    return name.startswith(("ANTHROPIC_", "CLAUDE_"))
