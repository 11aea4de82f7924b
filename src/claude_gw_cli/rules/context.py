"""What the rules look at: one Snapshot with the questions that rules ask of it, each answered once.

``whole`` tells a client start (environment, every scope) from a single file that is checked alone: what is missing
from such a file may be set elsewhere.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.layers import WHITESPACE, Effective, Value, effective, truthy
from claude_gw_cli.core.model import Location, Scope, Severity
from claude_gw_cli.core.snapshot import Agent, HelperFile, SettingsFile, Snapshot
from claude_gw_cli.facts.headers import FIRST_PARTY
from claude_gw_cli.facts.providers import PROVIDERS, is_own_host
from claude_gw_cli.facts.variables import BASE_URLS
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.hints import TYPE_CHECKING, Any, Iterator, Mapping
from claude_gw_cli.record import cached_property, dataclass, field, lru_cache
from claude_gw_cli.rules.fix import Delete, Edit, Fix, Safety, SetValue
from claude_gw_cli.rules.rule import RawFinding

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from claude_gw_cli.core.predict.model import HeaderPrediction, Prediction

FLAGS = {item.name: item.flag for item in PROVIDERS if item.flag}
_FLAG_NAMES = frozenset(FLAGS.values())
"""Provider -> the flag that selects it, strongest first."""
BASE = {item.name: item.base for item in PROVIDERS}
"""Provider -> the variable that holds its base URL, strongest first."""
SKIP = {item.name: item.skip for item in PROVIDERS if item.skip}


@dataclass(frozen=True, slots=True)
class Gateway:
    """A LiteLLM ``config.yaml`` as read."""

    file: str
    data: Mapping[str, Any]
    mode: int | None = None
    tracked: bool = False
    fault: str = ""
    """Why it is not YAML; then ``data`` is empty."""
    fault_at: tuple[int, int] = (1, 1)
    """Line and column of the fault."""


@dataclass(frozen=True, slots=True)
class VariableValue:
    """A variable's value in one place: the environment, or a settings file's ``env``."""

    name: str
    value: str
    scope: Scope
    source: SettingsFile | None = None

    @property
    def at(self) -> Location:
        """Where a finding about it points."""
        if self.source is None:
            return Location(variable=self.name)
        return Location(file=self.source.file, pointer=f"/env/{self.name}", variable=self.name)

    @property
    def text(self) -> str:
        """The value, trimmed."""
        return self.value.strip()

    def fix(self, title: str, safety: Safety, value: str | None, *more: Edit) -> Fix | None:
        """The fix that sets another value (``None`` removes the variable); none for the environment."""
        if self.source is None:
            return None
        pointer = ("env", self.name)
        first = Delete(self.source.file, pointer) if value is None else SetValue(self.source.file, pointer, value)
        return Fix(title, safety, (first, *more))

    def finding(
        self, message: str, help_: str, fix: Fix | None = None, severity: Severity | None = None
    ) -> RawFinding:
        """A finding about this value."""
        return RawFinding(message, self.at, help_, fix, severity)


@dataclass(frozen=True)
class RuleContext:
    """A snapshot as the rules see it."""

    snapshot: Snapshot
    whole: bool = True
    gateway: Gateway | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    """Variable -> state of the file that it names (``ok``, ``missing``, ``unreadable``, ``not-pem``)."""
    profile_files: Mapping[str, str] = field(default_factory=dict)
    """Profile name -> its file."""
    own_gateways: tuple[str, ...] = ()
    """Addresses in the person's own profiles, where these are not what is checked."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """Profile file that others can read -> how, as ``git tracks``."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Text of profiles and gateway configurations, by file."""
    agents: tuple[Agent, ...] = ()
    """Agents that name a model: subagents, where none of them leads."""
    starts: tuple[tuple[RuleContext, ...], ...] = ()
    """For a file of another format: each process that it sets variables for, once for each text tried."""
    template: bool = False
    """Whether the file is an example: people fill in values in a copy of it."""
    given: frozenset[str] = frozenset()
    """For a branch of a script: variables that were set before it (``readers.common.Start``)."""
    listens: frozenset[str] | None = None
    """For a container that does not share a network: the ports on which something in it may listen."""
    in_cluster: bool = False
    """Whether the process runs in Kubernetes, where a host may be ``service.namespace``."""
    starter: str = ""
    """What starts the client, if the file says so."""
    format: str = ""
    """The format of a file with variables, as ``readers`` names it; empty for the client's own settings."""
    lost: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Variables and inputs of an action that are written so that no process gets them -> why, and what to do."""
    seen: Mapping[str, str] = field(default_factory=dict)
    """Variables that hold a key -> why others can read it, though the file does not say it."""

    @cached_property
    def version(self) -> tuple[int, ...]:
        """The client version, comparable."""
        return version_key(self.snapshot.client_version)

    def older(self, version: str) -> bool:
        """True if the client is older than ``version``."""
        return self.version < version_key(version)

    @cached_property
    def files(self) -> tuple[SettingsFile, ...]:
        """The settings documents that count, lowest precedence first."""
        return tuple(item for item in self.snapshot.files if item.status == "loaded")

    @cached_property
    def effective(self) -> Effective:
        """Every variable, the helper and the model, with what each shadows."""
        return effective(self.snapshot)

    @cached_property
    def _by_file(self) -> Mapping[str, SettingsFile]:
        return {source.file: source for source in self.files}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every variable and top-level key that is set, and what else there is.

        That is ``profile``, ``gateway`` (its file), ``managed`` (settings), ``start`` (where it runs or what starts
        it is known) and ``whole``.
        """
        found = {*self.effective.variables, *(key for source in self.files for key in source.data)}
        more = {
            "gateway": self.gateway,
            "profile": self.snapshot.profiles,
            "managed": any(source.scope == "managed" for source in self.snapshot.files),
            "start": self.starter or self.listens is not None,
            "whole": self.whole,
        }
        return frozenset(found.union(name for name, given in more.items() if given))

    @cached_property
    def env_members(self) -> tuple[tuple[SettingsFile, str, object], ...]:
        """Every member of every loaded ``env``, as it is written: its file, its name, its value."""
        return tuple((source, name, raw) for source in self.files for name, raw in env_of(source).items())

    @cached_property
    def values(self) -> Mapping[str, tuple[VariableValue, ...]]:
        """Every variable with all its values, lowest precedence first."""
        return {
            name: tuple(self._value(value) for value in (*reversed(found.shadowed), found.winner))
            for name, found in self.effective.variables.items()
        }

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {name: found.text.strip(WHITESPACE) for name, found in self.effective.variables.items()}

    def _value(self, value: Value) -> VariableValue:
        origin = value.origin
        return VariableValue(origin.name, value.text, origin.scope, self._by_file.get(origin.file or ""))

    def value(self, name: str) -> VariableValue | None:
        """The value that the client uses, unless it is empty or only whitespace."""
        return self.values[name][-1] if self._texts.get(name) else None

    def text(self, name: str) -> str:
        """The value in effect, trimmed; empty when unset."""
        return self._texts.get(name, "")

    def first(self, *names: str) -> str | None:
        """The first of these variables that is set."""
        return next((name for name in names if self.text(name)), None)

    def on(self, name: str) -> bool:
        """True if a flag is on, as today's client reads it."""
        return truthy(self.text(name))

    def at(self, name: str) -> Location:
        """Where the value in effect is set."""
        value = self.value(name)
        return value.at if value else Location(variable=name)

    def finding(self, name: str, message: str, help_: str, fix: Fix | None = None) -> RawFinding:
        """A finding about the value of a variable that is in effect."""
        return RawFinding(message, self.at(name), help_, fix)

    def settings(self, key: str) -> Iterator[tuple[SettingsFile, Any]]:
        """Every loaded document that has this top-level key, strongest first."""
        for source in reversed(self.files):
            if key in source.data:
                yield source, source.data[key]

    @cached_property
    def helper(self) -> tuple[SettingsFile, str] | None:
        """The apiKeyHelper in effect and the document that sets it."""
        found = self.effective.helper
        source = self._by_file.get(found.winner.origin.file or "") if found else None
        return (source, found.text) if found and source else None

    @property
    def helper_file(self) -> HelperFile | None:
        """What is known about the helper's program; ``None`` if it was not looked up."""
        command = self.helper[1] if self.helper else None
        return next((item for item in self.snapshot.helpers if item.command == command), None)

    @cached_property
    def provider(self) -> str:
        """Where requests go: ``anthropic`` (which includes a gateway's unified endpoint) or a cloud."""
        if _FLAG_NAMES.isdisjoint(self.effective.variables):
            return "anthropic"
        provider = self.prediction.provider
        return "anthropic" if provider in FIRST_PARTY else provider

    @cached_property
    def base(self) -> VariableValue | None:
        """The base URL that the provider in effect uses."""
        return self.value(BASE.get(self.provider, "ANTHROPIC_BASE_URL"))

    @cached_property
    def host(self) -> str:
        """The host of that base URL; empty where there is none."""
        parts = url_parts(self.base.value) if self.base else None
        return parts.hostname or "" if parts else ""

    @cached_property
    def gateway_base(self) -> VariableValue | None:
        """That base URL, unless it is Anthropic's own."""
        return self.base if self.base and not is_anthropic(self.base.value) else None

    @property
    def skips(self) -> bool:
        """True if the client leaves the cloud credential to the gateway."""
        return self.provider in SKIP and self.on(SKIP[self.provider])

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The lines of ANTHROPIC_CUSTOM_HEADERS that are headers: name as written, value."""
        lines = self.text("ANTHROPIC_CUSTOM_HEADERS").replace("\r\n", "\n").split("\n")
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        return tuple((name.strip(), value.strip()) for name, value in pairs)

    @cached_property
    def header_names(self) -> frozenset[str]:
        """Names of the custom headers, in lower case."""
        return frozenset(name.lower() for name, _ in self.headers)

    @cached_property
    def prediction(self) -> Prediction:
        """What the client would send."""
        from claude_gw_cli.core.predict.prediction import predict

        return predict(self.snapshot)

    def header(self, name: str) -> HeaderPrediction | None:
        """The prediction for one header, if anything could fill it."""
        return self.prediction.headers.get(name)

    @cached_property
    def base_urls(self) -> tuple[VariableValue, ...]:
        """Every base URL in effect, whether or not its provider is on."""
        return tuple(value for name in BASE_URLS if (value := self.value(name)))

    @cached_property
    def gateway_key(self) -> bool:
        """True if a token, a key, a helper or a custom header may carry a gateway key."""
        return bool(
            self.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY") or self.helper or self.header_names & KEY_HEADERS
        )

    def helper_finding(self, message: str, help_: str, fix: Fix | None = None) -> RawFinding:
        """A finding about the apiKeyHelper in effect."""
        return RawFinding(message, key_at(self.helper[0], "apiKeyHelper") if self.helper else Location(), help_, fix)


KEY_HEADERS = frozenset(
    {"authorization", "x-api-key", "x-litellm-api-key", "proxy-authorization", "api-key", "x-goog-api-key"}
)


def version_of(value: object) -> tuple[int, ...] | None:
    """A version from a file, comparable; ``None`` when it is not a version."""
    try:
        return version_key(value) if isinstance(value, str) else None
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def url_parts(text: str) -> SplitResult | None:
    """The parts of the URL, or ``None`` if it is not an http(s) URL."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text.strip())
        return parts if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None


def is_anthropic(url: str) -> bool:
    """Whether a URL is Anthropic's own, not a gateway's."""
    parts = url_parts(url)
    return parts is not None and is_own_host("anthropic", parts.hostname or "")


def env_of(source: SettingsFile) -> Mapping[str, object]:
    """The document's ``env``; empty where it has none."""
    env = source.data.get("env")
    return env if isinstance(env, dict) else {}


def env_at(source: SettingsFile, name: str) -> Location:
    """Where a settings file sets a variable."""
    return Location(source.file, pointer=pointer_text(("env", name)), variable=name)


def key_at(source: SettingsFile, key: str) -> Location:
    """Where a settings file sets a top-level key."""
    return Location(source.file, pointer=pointer_text((key,)))
