"""The data that the rooms exchange: Profile, Plan, Finding. Frozen, without behaviour."""

from __future__ import annotations

from claude_gw_cli.core.secret import filled
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

Credentials = Literal["proxy", "client"]
Auth = Literal["static", "helper", "login"]
KeyFormat = Literal["bearer", "bare"]
Scope = Literal["process", "user", "project", "local", "managed", "flag"]
SettingsScope = Literal["user", "project", "local", "managed"]
SETTINGS_SCOPES: tuple[SettingsScope, ...] = SettingsScope  # type: ignore[assignment]  # its words (hints)
Severity = Literal["error", "warning", "info"]

PROFILE_TABLES = ("jwt", "oauth", "vault", "helper", "check", "managed", "client")
"""Tables of a profile's file that are not fields of the profile; a file with nothing else is not a profile."""

DEFAULT_GATEWAY_URL = "http://localhost:4000"


@dataclass(frozen=True, slots=True)
class Models:
    """Model names as the gateway knows them; ``None`` leaves the client's default."""

    default: str | None = None
    opus: str | None = None
    sonnet: str | None = None
    haiku: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What one person or team wants: where requests go, who holds which credential, which header carries the key.

    Holds references to secrets, never secrets.
    """

    name: str
    provider: str
    """A row of ``facts.modes``."""
    gateway_url: str = DEFAULT_GATEWAY_URL
    base_path: str | None = None
    """Path below the gateway's root instead of LiteLLM's (``/bedrock`` ...); ``""`` for the root itself."""
    credentials: Credentials = "proxy"
    auth: Auth = "static"
    """``login``: the person's own claude.ai login goes out in Authorization, the gateway's key beside it."""
    secret: str | None = None
    """A secret reference such as ``keyring://cgw/work``."""
    key_header: str | None = None
    """Header the gateway reads its key from; ``None`` takes the mode's own default."""
    key_format: KeyFormat | None = None
    front: str | None = None
    """The reverse proxy before the gateway: a name of ``facts.fronts``."""
    front_auth: str | None = None
    """A secret reference to ``USER:PASSWORD`` for that proxy, sent as Basic in Authorization beside the key."""
    project_id: str | None = None
    region: str | None = None
    workspace_id: str | None = None
    """Claude Platform on AWS only."""
    min_client_version: str | None = None
    """The oldest Claude Code that this profile must serve."""
    models: Models = field(default_factory=Models)
    env: Mapping[str, str] = field(default_factory=dict)
    """Further variables, literal and not secret."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further request headers, literal and not secret."""
    tables: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Tables that belong to other rooms, kept as parsed: ``PROFILE_TABLES``."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One variable of a plan. ``before + KEY`` where ``slot`` is true, else just ``before``."""

    name: str
    before: str
    slot: bool = False
    front: bool = False
    """A line with the Basic credential of ``Profile.front_auth`` comes first."""

    def fill(self, key: str | None, basic: str | None = None) -> str:
        """The variable's text.

        Args:
            key: may be ``None`` only where there is no slot.
            basic: the value of ``front_auth`` in Base64; may be ``None`` only without a front.
        """
        if not self.slot:
            return self.before
        if key is None or (self.front and basic is None):
            raise ValueError(f"{self.name} needs the key")
        return filled(self.before, key, basic if self.front else None)


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know about a plan; not a failure."""

    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a profile means for the client, before any secret is known.

    ``clears`` are unset in a shell and set to ``""`` in a settings file (an empty text there cancels
    an inherited value; measured, header-atlas section 5).
    """

    profile: Profile
    sets: tuple[Assignment, ...]
    clears: tuple[str, ...]
    helper: bool
    """True when settings.json must name an apiKeyHelper."""
    base_url: str
    settings: tuple[tuple[str, str], ...] = ()
    """Further top-level members of settings.json, which no variable can say."""
    missing: tuple[str, ...] = ()
    """Fields that still have to be filled in, by their option name (``--project-id``)."""
    notes: tuple[Note, ...] = ()

    @property
    def needs_secret(self) -> bool:
        """True when a variable carries the key itself."""
        return any(item.slot for item in self.sets)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a finding is: a file with 1-based line and column, a JSON pointer, or an environment variable."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that is wrong or worth knowing. Texts never contain a secret."""

    code: str
    slug: str
    severity: Severity
    message: str
    location: Location = field(default_factory=Location)
    help: str = ""
    fix: object | None = None
    """A ``rules.fix.Fix`` where one exists; opaque to the other rooms."""
