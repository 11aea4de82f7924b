"""The winner of every header: the rows of ``facts.headers`` applied to what is configured."""

from __future__ import annotations

from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.layers import WHITESPACE, Effective, Layered, Origin, is_host_managed, truthy, uses_socket
from claude_gw_cli.core.predict.custom import CustomHeaders, header_problem
from claude_gw_cli.core.predict.model import HeaderPrediction, HelperRun, Source, SourceKind
from claude_gw_cli.core.predict.providers import AWS_EXPORT, Route, cloud_credential, credential_text
from claude_gw_cli.core.secret import MAX_LENGTH, Secret
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.headers import CLIENTS_SPELLINGS, PROTOCOL_HEADERS, VARIABLES, rows
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CREDENTIAL_HEADERS = ("authorization", "x-api-key", "proxy-authorization")
CUSTOM_VARIABLE = "ANTHROPIC_CUSTOM_HEADERS"
_KINDS: dict[str, SourceKind] = {
    "helper": "helper",
    "custom": "custom-header",
    "sigv4": "aws-sigv4",
    "aws-bearer": "aws-bearer",
    "google": "gcp-token",
    "azure": "azure-token",
}
_CLOUD = {"sigv4": "aws-keys", "google": "google", "azure": "azure"}


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the rows may draw from."""

    snapshot: Snapshot
    effective: Effective
    route: Route
    custom: CustomHeaders
    key_note: str
    """Why ANTHROPIC_API_KEY does not count in this start (interactive approval); ``""`` when it does."""
    helper: Layered | None
    helper_run: HelperRun | None


def winners(inputs: Inputs) -> dict[str, HeaderPrediction]:
    """Every header that is configured, and the credential headers in any case."""
    names = dict.fromkeys([*CREDENTIAL_HEADERS, *inputs.custom.lines])
    if inputs.route.provider.workspace:
        names["anthropic-workspace-id"] = None
    found: dict[str, HeaderPrediction] = {}
    for name in names:
        found[name] = _fill(name, inputs, found)
    return found


def _fill(header: str, inputs: Inputs, so_far: Mapping[str, HeaderPrediction]) -> HeaderPrediction:
    candidates = [
        candidate
        for source in _sources(header, inputs)
        if (candidate := _candidate(source, header, inputs, so_far)) is not None
    ]
    sources = tuple(candidate.source for candidate in candidates if candidate.source)
    configured = _configured(header, inputs)
    if not candidates:
        return HeaderPrediction(shadowed=tuple(item for item in configured if item not in sources))
    winner = candidates[0]
    shadowed = dict.fromkeys([*sources[1:], *configured])
    return replace(winner, shadowed=tuple(item for item in shadowed if item not in (winner.source, None)))


def _sources(header: str, inputs: Inputs) -> tuple[str, ...]:
    version = inputs.snapshot.client_version
    for row in rows():
        if (
            row.provider in ("*", inputs.route.provider.name)
            and row.situation in ("*", inputs.route.situation)
            and row.header in ("*", header)
            and (row.fact is None or holds(row.fact, version))
        ):
            return _with_outlasting_line(row.sources, header, inputs)
    return ()


def _with_outlasting_line(sources: tuple[str, ...], header: str, inputs: Inputs) -> tuple[str, ...]:
    line = inputs.custom.lines.get(header)
    if line is None or not line.outlasts_token or "token" not in sources:
        return sources
    at = sources.index("token")
    return (*sources[:at], "custom", *(item for item in sources[at:] if item != "custom"))


def _candidate(
    source: str, header: str, inputs: Inputs, so_far: Mapping[str, HeaderPrediction]
) -> HeaderPrediction | None:
    """What a source would put into the header, or ``None`` when it has nothing."""
    if source in _ALONE:
        return _ALONE[source](inputs)
    match source:
        case "custom":
            return _custom(header, inputs)
        case "helper":
            return _helper(header, inputs)
        case "authorization":
            sent = so_far["authorization"]
            return replace(sent, prefix="" if sent.prefix == "Bearer " else sent.prefix) if sent.present else None
        case "key":
            return _variable("key", header, inputs) or _empty_key(inputs)
        case "key-beside":
            return _variable("key", header, inputs) if so_far["authorization"].present else None
        case "placeholder":
            skip = inputs.route.provider.skip or ""
            return HeaderPrediction(
                True, "Bearer ", Secret("skip-foundry-auth"), _origin("env", inputs.effective.variables[skip])
            )
        case "empty-token":
            token = inputs.effective.variables.get(VARIABLES["token"])
            if token is None or not holds("empty-token-is-sent", inputs.snapshot.client_version):
                return None
            return _empty("Bearer ", token)
        case "sigv4" | "google" | "azure":
            return _cloud(source, inputs)
        case "oauth":
            return _oauth(header, inputs)
        case _:
            return _variable(source, header, inputs)


def _variable(source: str, header: str, inputs: Inputs) -> HeaderPrediction | None:
    found = inputs.effective.variables.get(VARIABLES[source])
    if found is None or (source == "key" and inputs.key_note):
        return None
    early = inputs.effective.early(VARIABLES[source]) if VARIABLES[source] == inputs.route.provider.needs else None
    if early is not None:
        trimmed = holds("token-trimmed", inputs.snapshot.client_version)
        text = early.text.strip(WHITESPACE) if trimmed else early.text
        return HeaderPrediction(True, _prefix(header), Secret(text), _source("env", early.origin))
    value = credential_text(source, inputs.effective, inputs.snapshot.client_version)
    if not value:
        return None
    return HeaderPrediction(True, _prefix(header), Secret(value), _origin(_KINDS.get(source, "env"), found))


def _empty_key(inputs: Inputs) -> HeaderPrediction | None:
    found = inputs.effective.variables.get(VARIABLES["key"])
    sent = inputs.route.provider.name != "anthropic" and holds("empty-key-is-sent", inputs.snapshot.client_version)
    if found is None or not sent:
        return None
    return _empty("", found)


def _empty(prefix: str, found: Layered) -> HeaderPrediction:
    return HeaderPrediction(True, prefix, Secret(""), _origin("env", found), note="The variable is set and empty.")


def _prefix(header: str) -> str:
    return "Bearer " if header in ("authorization", "proxy-authorization") else ""


def _custom(header: str, inputs: Inputs) -> HeaderPrediction | None:
    line = inputs.custom.lines.get(header)
    if line is None or header in PROTOCOL_HEADERS:
        return None
    if header == "host" and not holds("host-line-sent", inputs.snapshot.client_version):
        return None
    misspelt = CLIENTS_SPELLINGS.get(header, line.name) != line.name
    if misspelt and holds("own-header-spelling", inputs.snapshot.client_version):
        return None
    empty = header == "authorization" and not line.value and "aws-keys" in inputs.route.provider.situations
    if empty and holds("aws-drops-empty-authorization", inputs.snapshot.client_version):
        return None
    source = _origin("custom-header", inputs.effective.variables[CUSTOM_VARIABLE], line.name)
    prefix, _, rest = line.value.partition(" ")
    if rest and prefix.lower() in ("bearer", "basic"):
        return HeaderPrediction(True, f"{prefix} ", Secret(rest), source)
    return HeaderPrediction(True, "", Secret(line.value), source)


def _oauth(header: str, inputs: Inputs) -> HeaderPrediction | None:
    """The subscription's token counts only where neither a key nor a bare start takes its place."""
    if not uses_subscription(inputs):
        return None
    return _variable("oauth", header, inputs)


def _session(inputs: Inputs) -> HeaderPrediction | None:
    """The stored session counts where the subscription's token would; its value is not needed here."""
    file = inputs.snapshot.login
    if file is None or not uses_login(inputs):
        return None
    source = Source("login", "/login", "user", file)
    return HeaderPrediction(
        True, "Bearer ", None, source, note="The person's own claude.ai login is sent, whatever the base URL."
    )


def _console_key(inputs: Inputs) -> HeaderPrediction | None:
    """The key that a Console login stored in .claude.json; it goes to any base URL, beside a token too."""
    key = inputs.snapshot.claude_json.get("primaryApiKey")
    if not isinstance(key, str) or not key.strip(WHITESPACE) or inputs.helper is not None:
        return None
    if is_bare(inputs.snapshot, inputs.effective) or is_host_managed(inputs.snapshot):
        return None
    if _variable("key", "x-api-key", inputs) or uses_subscription(inputs) or uses_login(inputs):
        return None
    source = Source(
        "login-key", "primaryApiKey", "user", inputs.snapshot.claude_json_file, pointer_text(("primaryApiKey",))
    )
    return HeaderPrediction(
        True,
        "",
        Secret(key.strip(WHITESPACE)),
        source,
        note="The API key of a Console login is sent, whatever the base URL: claude auth logout removes it.",
    )


def _claude_json_helper(inputs: Inputs) -> HeaderPrediction | None:
    """The helper in .claude.json of releases in which it is not the start's own helper."""
    command = inputs.snapshot.claude_json.get("apiKeyHelper")
    if not isinstance(command, str) or not command or inputs.helper is not None:
        return None
    file = inputs.snapshot.claude_json_file
    source = Source("helper", "apiKeyHelper", "user", file, pointer_text(("apiKeyHelper",)))
    return HeaderPrediction(True, "Bearer ", None, source, note="The helper in .claude.json runs beside the key.")


_ALONE: dict[str, Callable[[Inputs], HeaderPrediction | None]] = {
    "login": _session,
    "login-key": _console_key,
    "claude-json-helper": _claude_json_helper,
    "empty-aws-api-key": lambda inputs: _empty("", inputs.effective.variables[VARIABLES["aws-api-key"]]),
}
"""Source -> what it gives, whatever the header and the winners so far."""


def uses_subscription(inputs: Inputs) -> bool:
    """Whether the client is logged in with CLAUDE_CODE_OAUTH_TOKEN: nothing else is set, and not ``--bare``.

    A value in project or local settings comes too late to be a login, but replaces one that is there before.
    """
    before = inputs.effective.early(VARIABLES["oauth"])
    if before is None or not before.text:
        return False
    return _variable("oauth", "authorization", inputs) is not None and _is_left_to_a_login(inputs)


def uses_login(inputs: Inputs) -> bool:
    """Whether the client is logged in with a session that ``/login`` stored: nothing else is set, as above."""
    return _has_session(inputs) and not uses_subscription(inputs) and _is_left_to_a_login(inputs)


def _has_session(inputs: Inputs) -> bool:
    shot = inputs.snapshot
    if is_host_managed(shot) or uses_socket(shot):
        return False
    return shot.login is not None and holds("login-session", shot.client_version)


def _is_left_to_a_login(inputs: Inputs) -> bool:
    key = _variable("key", "x-api-key", inputs)
    token = _variable("token", "authorization", inputs)
    return key is None and token is None and inputs.helper is None and not is_bare(inputs.snapshot, inputs.effective)


def is_bare(snapshot: Snapshot, effective: Effective) -> bool:
    """``--bare``, or CLAUDE_CODE_SIMPLE (measured in process and user settings)."""
    return snapshot.arguments.bare or truthy(effective.text("CLAUDE_CODE_SIMPLE"))


def _cloud(source: str, inputs: Inputs) -> HeaderPrediction | None:
    name = cloud_credential(_CLOUD[source], inputs.snapshot, inputs.effective)
    if name is None:
        return None
    layered = inputs.effective.variables.get(name) or inputs.effective.settings.get(name)
    origin = _origin(_KINDS[source], layered) if layered else Source(_KINDS[source], name, file=name)
    if name == AWS_EXPORT:
        # cgw does not run it. Where it fails, the client looks further (measured, 2.0.45 to 2.1.332).
        note = (
            f"Signed with the keys that {name} prints; if it prints none, with other AWS credentials or not at all."
        )
        return HeaderPrediction(True, "AWS4-HMAC-SHA256 ", None, origin, certain=False, note=note)
    if source == "sigv4":
        return HeaderPrediction(True, "AWS4-HMAC-SHA256 ", None, origin, note="Signed for each request.")
    return HeaderPrediction(True, "Bearer ", None, origin, note="Fetched from the cloud when the client starts.")


def _helper(header: str, inputs: Inputs) -> HeaderPrediction | None:
    if inputs.helper is None:
        return None
    source = _origin("helper", inputs.helper)
    token = _variable("token", "authorization", inputs)
    raced = (
        header == "x-api-key"
        and token is not None
        and holds("helper-not-awaited-beside-token", inputs.snapshot.client_version)
        and inputs.route.provider.name == "anthropic"
    )
    note = "The helper is started but not awaited beside a token: sent only if it answers in time." if raced else ""
    value = None if inputs.helper_run is None else helper_value(inputs.helper_run, inputs.snapshot.client_version)
    return HeaderPrediction(
        True, _prefix(header), None if value is None else Secret(value), source, certain=not raced, note=note
    )


def helper_value(run: HelperRun, version: str) -> str:
    """The key that the client takes from a run; ``""`` when it counts as failed.

    Measured: trimmed as JavaScript does; then one printable ASCII word of at most 16,384 characters, or a failure.
    """
    value = run.output.strip(WHITESPACE)
    if run.exit != 0 and not holds("helper-exit-ignored", version):
        return ""
    if holds("helper-output-checked", version) and (
        len(value) > MAX_LENGTH or any(not "!" <= char <= "~" for char in value)
    ):
        return ""
    return value


def value_problem(headers: Mapping[str, HeaderPrediction], inputs: Inputs) -> str:
    """What the client says about a credential that cannot travel in a header; ``""`` when all can."""
    version = inputs.snapshot.client_version
    ascii_only = holds("ascii-credentials", version)
    late = inputs.route.situation == "google" and holds("google-token-comes-late", version)
    late = late and not is_bare(inputs.snapshot, inputs.effective)
    for name in ("authorization", "proxy-authorization", "x-api-key"):
        found = headers[name]
        if late:
            hidden = {"authorization": "token", "x-api-key": "key"}.get(name)
            found = (_variable(hidden, name, inputs) if hidden else None) or found
        if found.value is None or found.source is None or found.source.kind == "custom-header":
            continue
        narrow = ascii_only and found.source.scope == "process"
        problem = header_problem(found.value.reveal(), widest="\x7f" if narrow else "\xff")
        if problem:
            what = "API key · Fix external API key" if name == "x-api-key" else "auth token · Fix external auth token"
            shown = "X-Api-Key" if name == "x-api-key" else "Authorization"
            return f"Invalid {what} · Invalid {shown} header value from {found.source.name}: {problem}"
    return ""


def _configured(header: str, inputs: Inputs) -> list[Source]:
    """Everything that a person may have meant for this header, set anywhere: what did not win is shadowed."""
    variables = inputs.effective.variables
    found: list[Source] = []
    for source in _MEANT.get(header, ()):
        layered = variables.get(VARIABLES[source])
        if layered is not None:
            values = (layered.winner, *layered.shadowed)
            found += [_source(_KINDS.get(source, "env"), item.origin) for item in values if item.text]
    if header in ("authorization", "x-api-key") and inputs.effective.helper is not None:
        layered = inputs.effective.helper
        found += [_source("helper", item.origin) for item in (layered.winner, *layered.shadowed) if item.text]
    if header in inputs.custom.lines:
        found.append(_origin("custom-header", variables[CUSTOM_VARIABLE], inputs.custom.lines[header].name))
    return found


_MEANT = {
    "authorization": ("token", "aws-bearer", "foundry-token", "oauth"),
    "x-api-key": ("key", "foundry-key", "aws-api-key"),
}


def _origin(kind: SourceKind, layered: Layered, name: str | None = None) -> Source:
    return replace(_source(kind, layered.winner.origin), name=name or layered.winner.origin.name)


def _source(kind: SourceKind, origin: Origin) -> Source:
    return Source(kind, origin.name, origin.scope, origin.file, origin.pointer)
