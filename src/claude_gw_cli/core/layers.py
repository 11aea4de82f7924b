"""The settings model: which documents a client start reads, what they become, and whose value wins.

Process environment < ``env`` of .claude.json < user < project < local < ``--settings`` < managed < managed
drop-ins, variable by variable (header atlas section 5; .claude.json measured with 1.0.60, 2.0.45 and 2.1.330,
whatever ``--setting-sources`` says). A project cannot say where files are: it does not set HOME and its like.
Nothing is looked up here: a ``Snapshot`` goes in, values with their origin come out.
"""

from __future__ import annotations

from claude_gw_cli.core.jsontext import JsonError, parse, pointer_text
from claude_gw_cli.core.model import Scope
from claude_gw_cli.core.settings_schema import Fault, faults, type_name
from claude_gw_cli.core.snapshot import ClientArguments, SettingsFile, Snapshot
from claude_gw_cli.facts.settings_schema import is_known_key
from claude_gw_cli.facts.unheard import HOST_OWNED, HOST_PREFIX, HOST_VARIABLE, SOCKET_OWNED, SOCKET_VARIABLE
from claude_gw_cli.facts.variables import LOCATIONS, TRUTHY
from claude_gw_cli.facts.versions import NEWEST, holds
from claude_gw_cli.hints import TYPE_CHECKING, Literal
from claude_gw_cli.record import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What JavaScript's trim() removes; the client uses it everywhere.
WHITESPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is set: a variable of the process, or a member of a settings document."""

    name: str
    scope: Scope
    file: str | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One text in one place. ``repr`` does not show the text: it may be a secret."""

    text: str = field(repr=False)
    origin: Origin

    @property
    def is_empty(self) -> bool:
        """Only whitespace: almost everywhere the same as unset."""
        return not self.text.strip(WHITESPACE)


@dataclass(frozen=True, slots=True)
class Layered:
    """The value that the client sees, and the ones it hides, nearest first."""

    winner: Value
    shadowed: tuple[Value, ...] = ()

    @property
    def text(self) -> str:
        """The winning text."""
        return self.winner.text

    @property
    def place(self) -> str:
        """Where it is set, for a message."""
        origin = self.winner.origin
        return (
            f"{origin.name} in {origin.file} ({origin.scope})" if origin.file else f"{origin.name} in the environment"
        )


@dataclass(frozen=True, slots=True)
class Effective:
    """The result of all layers."""

    variables: Mapping[str, Layered]
    helper: Layered | None = None
    """apiKeyHelper; ``None`` when no document names one or the last one says ``""``."""
    model: Layered | None = None
    settings: Mapping[str, Layered] = field(default_factory=dict)
    """Further string-valued keys that decide about credentials (awsCredentialExport ...)."""
    members: Mapping[str, object] = field(default_factory=dict)
    """Further keys as all documents together give them: objects member by member, arrays one after the other."""

    def text(self, name: str) -> str:
        """A variable's text; ``""`` when it is not set."""
        found = self.variables.get(name)
        return found.text if found else ""

    def early(self, name: str) -> Value | None:
        """A variable's value as the client sees it when it starts: project settings come later (measured)."""
        found = self.variables.get(name)
        values = (found.winner, *found.shadowed) if found else ()
        return next((value for value in values if value.origin.scope not in ("project", "local")), None)

    def present(self, name: str) -> bool:
        """True when the variable has more than whitespace."""
        return bool(self.text(name).strip(WHITESPACE))


_MERGED_KEYS = (
    "modelOverrides", "availableModels", "enforceAvailableModels", "alwaysThinkingEnabled", "enabledPlugins",
)  # fmt: skip
_STRING_KEYS = (
    "apiKeyHelper", "model", "awsAuthRefresh", "awsCredentialExport", "gcpAuthRefresh", "effortLevel", "agent",
)  # fmt: skip


def effective(snapshot: Snapshot) -> Effective:
    """All variables, the helper and the model as this client start sees them, each with what it shadows."""
    variables: dict[str, list[Value]] = {
        name: [Value(text, Origin(name, "process"))] for name, text in snapshot.process.items()
    }
    keys: dict[str, list[Value]] = {}
    members: dict[str, object] = {}
    unheard, prefix = _unheard(snapshot)
    for file in _documents(snapshot):
        environment = file.data.get("env")
        if isinstance(environment, dict):
            hidden = unheard | LOCATIONS if file.scope in ("project", "local") else unheard
            for name, value in environment.items():
                if name in hidden or (prefix and name.startswith(prefix)):
                    continue
                origin = Origin(name, file.scope, file.file, pointer_text(("env", name)))
                variables.setdefault(name, []).append(Value(js_text(value), origin))
        for key in _STRING_KEYS:
            text = file.data.get(key)
            if isinstance(text, str):
                keys.setdefault(key, []).append(Value(text, Origin(key, file.scope, file.file, pointer_text((key,)))))
        for key in _MERGED_KEYS:
            if key in file.data:
                # The administrator's list replaces the others; other scopes add to each other.
                lower = None if file.scope == "managed" else members.get(key)
                members[key] = _merged(lower, file.data[key])
    if holds("claude-json-helper-first", snapshot.client_version):
        own = snapshot.claude_json_file
        keys.get("apiKeyHelper", []).sort(key=lambda found: (found.origin.scope != "user", found.origin.file == own))
    settings = {key: _layered(values) for key, values in keys.items()}
    helper = None if is_host_managed(snapshot) else settings.get("apiKeyHelper")
    settings.pop("apiKeyHelper", None)
    model = settings.pop("model", None)
    return Effective(
        {name: _layered(values) for name, values in variables.items()},
        helper if helper and helper.text else None,
        model if model and model.text else None,
        settings,
        members,
    )


def _unheard(snapshot: Snapshot) -> tuple[frozenset[str], str]:
    """The variables that no settings document of this start can set: names, and a prefix of further ones."""
    is_owned = is_host_managed(snapshot)
    names = HOST_OWNED if is_owned else frozenset[str]()
    if not snapshot.interactive and holds("settings-base-url-lost", snapshot.client_version):
        names |= {"ANTHROPIC_BASE_URL"}
    if uses_socket(snapshot):
        names |= SOCKET_OWNED
    return names, HOST_PREFIX if is_owned else ""


def is_host_managed(snapshot: Snapshot) -> bool:
    """Whether the program that starts the client decides about provider and credential, and no settings do."""
    on = truthy(snapshot.process.get(HOST_VARIABLE, ""))
    return on and holds("managed-by-host", snapshot.client_version)


def uses_socket(snapshot: Snapshot) -> bool:
    """Whether requests go to a unix socket, whose owner gives the credential: stored logins do not count either."""
    return bool(snapshot.process.get(SOCKET_VARIABLE)) and holds(
        "unix-socket-hides-settings", snapshot.client_version
    )


def _merged(lower: object, upper: object) -> object:
    """One key of two documents as the client merges it."""
    if isinstance(lower, dict) and isinstance(upper, dict):
        return {**lower, **upper}
    if isinstance(lower, list) and isinstance(upper, list):
        return [*lower, *(item for item in upper if item not in lower)]
    return upper


def _documents(snapshot: Snapshot) -> Iterator[SettingsFile]:
    """Every document that counts, lowest first; .claude.json gives its ``env``, and once gave a helper."""
    own = {
        key: snapshot.claude_json[key]
        for key in ("env", *(("apiKeyHelper",) if holds("helper-in-claude-json", snapshot.client_version) else ()))
        if key in snapshot.claude_json
    }
    if own:
        yield SettingsFile("user", snapshot.claude_json_file or ".claude.json", "loaded", data=own)
    files = snapshot.files
    if snapshot.arguments.setting_sources is not None and not holds("managed-above-flag", snapshot.client_version):
        files = tuple(sorted(files, key=lambda file: file.scope == "flag"))
    for file in files:
        if file.status == "loaded":
            yield file
        elif file.scope == "user" and file.status == "unread" and holds("unnamed-user-env", snapshot.client_version):
            yield replace(file, data={key: file.data[key] for key in ("env",) if key in file.data})


def document(
    scope: Scope,
    file: str,
    text: str,
    arguments: ClientArguments,
    *,
    kind: Literal["settings", "drop-in", "inline"] = "settings",
    mode: int | None = None,
    version: str = NEWEST,
) -> SettingsFile:
    """A settings document as the client reads it: loaded, invalid as a whole, or not read by this start.

    Managed documents lose only the wrong member, all others go as a whole (helper-and-settings page, section 4).
    """
    unread = why_unread(scope, arguments)
    if kind == "drop-in" and not holds("managed-drop-ins", version):
        unread = "this client knows no drop-ins"
    if kind != "inline" and text.startswith("\ufeff") and not holds("byte-order-mark", version):
        reason = "it begins with a byte order mark"
        return SettingsFile(scope, file, "invalid", text, reason=reason, mode=mode, kind=kind)
    try:
        value = parse(text).value
    except JsonError as error:
        reason = f"line {error.line}, column {error.column}: {error.reason}"
        return SettingsFile(scope, file, "invalid", text, reason=reason, mode=mode, kind=kind)
    if not isinstance(value, dict):
        reason = f"the top is {type_name(value)}, not an object"
        return SettingsFile(scope, file, "invalid", text, reason=reason, mode=mode, kind=kind)
    if unread:
        return SettingsFile(scope, file, "unread", text, value, unread, mode, kind=kind)
    found = tuple(fault for key, member in value.items() for fault in faults(key, member, version))
    if holds("strict-settings", version):
        unknown = (key for key in value if not is_known_key(key, version))
        found += tuple(Fault((key,), f"{version} does not know this key", alone=False) for key in unknown)
    costly = [fault for fault in found if not fault.alone]
    reason = "; ".join(f"{fault.path}: {fault.text}" for fault in costly)
    if costly and not (scope == "managed" and holds("managed-loses-members", version)):
        return SettingsFile(scope, file, "invalid", text, value, reason, mode, kind=kind, faults=found)
    wrong = {fault.pointer[0] for fault in costly}
    kept = {key: member for key, member in value.items() if key not in wrong}
    return SettingsFile(scope, file, "loaded", text, kept, reason, mode, kind=kind, faults=found)


def why_unread(scope: Scope, arguments: ClientArguments) -> str:
    """Why this client start does not read that scope; ``""`` when it does."""
    if scope in ("managed", "flag"):
        return ""
    if arguments.restricted:
        return "--restricted reads no user, project or local settings"
    if arguments.setting_sources is not None and scope not in arguments.setting_sources:
        return f"--setting-sources does not name {scope}"
    return ""


def truthy(text: str, *, words: bool = True) -> bool:
    """Whether a flag variable is on; before ``flag-words`` (``words=False``) any text was."""
    return text.strip(WHITESPACE).lower() in TRUTHY if words else bool(text)


def js_text(value: object) -> str:
    """A JSON value as the client's ``env`` handling writes it: JavaScript's ``String(value)``.

    Measured: 1 -> "1", true -> "true", 1.50 -> "1.5", null -> "null", {} -> "[object Object]", [1,2] -> "1,2".
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _js_number(value)
    if isinstance(value, list | tuple):
        return ",".join("" if item is None else js_text(item) for item in value)
    return "[object Object]"


def _js_number(value: float) -> str:
    try:
        number = float(value)
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"
    if number == 0:
        return "0"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    if 1e-6 <= abs(number) < 1e21:
        from decimal import Decimal

        text = f"{Decimal(repr(number)):f}"
        return text.removesuffix(".0")
    digits, _, exponent = repr(number).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}"


def _layered(values: list[Value]) -> Layered:
    return Layered(values[-1], tuple(reversed(values[:-1])))
