"""What a prediction says: the request, the winner of each header with what it shadows, or why there is none."""

from __future__ import annotations

from claude_gw_cli.core.layers import Effective, Layered
from claude_gw_cli.core.model import Scope
from claude_gw_cli.core.proxies import Way
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.core.snapshot import SettingsFile
from claude_gw_cli.hints import TYPE_CHECKING, Literal, MappingProxyType
from claude_gw_cli.record import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

SourceKind = Literal[
    "env", "helper", "custom-header", "aws-sigv4", "aws-bearer", "gcp-token", "azure-token", "login", "login-key"
]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a header's value comes from."""

    kind: SourceKind
    name: str
    """The variable, ``apiKeyHelper``, or the name of the custom header's line."""
    scope: Scope | None = None
    file: str | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class HeaderPrediction:
    """One header: sent or not, with what, from where."""

    present: bool = False
    prefix: str = ""
    """The part of the value that is not secret: ``Bearer `` or the name of the signature."""
    value: Secret | None = None
    """The rest; ``None`` when the header is absent, or when only running something would tell."""
    source: Source | None = None
    shadowed: tuple[Source, ...] = ()
    """Configured as well, and not sent in this header; nearest to winning first."""
    certain: bool = True
    note: str = ""
    """One sentence: why this one, or what it depends on."""

    @property
    def known(self) -> bool:
        """True when the exact value is predicted (absence included)."""
        return not self.present or self.value is not None

    @property
    def source_kind(self) -> SourceKind | None:
        """The kind of the source that won; ``None`` where nothing is sent."""
        return self.source.kind if self.source else None

    def text(self) -> str | None:
        """The header as it arrives (whitespace at its ends is not sent); ``None`` when absent or unknown."""
        if not self.present or self.value is None:
            return None
        return f"{self.prefix}{self.value.reveal()}".strip(" \t\r\n")


@dataclass(frozen=True, slots=True)
class Request:
    """The first model request."""

    method: str
    url: str
    model: str | None
    socket: str | None = None
    """The unix socket that carries it instead of a connection to the URL's host."""
    way: Way | None = None
    """Over which proxy it goes, or direct."""


@dataclass(frozen=True, slots=True)
class Also:
    """One further request of the start."""

    method: str
    url: str
    credential: tuple[str, ...]
    """The names of the sources whose values it carries; empty when it carries no credential."""
    when: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field that says how the model answers."""

    name: str
    """``anthropic-beta`` (a header), ``thinking`` or ``output_config.effort`` (in the body)."""
    value: str | None
    """``None``: not sent."""
    source: str | None
    """The variable or settings key that decides; ``None``: the client's own choice."""
    changed_by: tuple[str, ...]
    """The variables and settings keys that change it in this start."""


@dataclass(frozen=True, slots=True)
class HelperRun:
    """What a run of the helper gave; only tests and traces know it, ``explain`` never runs one."""

    output: str = field(default="", repr=False)
    exit: int = 0


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one client start would do."""

    version: str
    mode: Literal["print", "interactive"]
    provider: str
    outcome: Literal["request", "refused"]
    reason: str | None
    """Why it is refused, in the client's words as far as they are known."""
    request: Request | None
    headers: Mapping[str, HeaderPrediction]
    effective: Effective = field(repr=False)
    settings: tuple[SettingsFile, ...] = field(default=(), repr=False)
    also: tuple[Also, ...] = ()
    """What the start asks for besides."""
    fields: tuple[Field, ...] = ()
    """Betas, thinking and effort of the request; empty where nothing is sent or nothing is known."""
    sentences: tuple[str, ...] = ()
    """What a person should know about this start, in the order it matters."""

    @property
    def variables(self) -> Mapping[str, Layered]:
        """Every variable as the client sees it, with its origin."""
        return MappingProxyType(dict(self.effective.variables))
