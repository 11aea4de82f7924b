"""Profile -> Plan: which variables the client needs, which must not be there, and what a person should know.

Pure. Every mode and every variable name comes from ``facts.modes``; this file only combines them. The secret
itself is never seen here: a plan has slots.
"""

from __future__ import annotations

from claude_gw_cli.core import client_options, values
from claude_gw_cli.core.endpoint import base_url, exposure_of
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Assignment, Note, Plan, Profile
from claude_gw_cli.facts import modes
from claude_gw_cli.facts.versions import first_version, holds
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claude_gw_cli.facts.providers import Carrier, Mode

MODEL_VARIABLES = (
    ("default", "ANTHROPIC_MODEL"),
    ("opus", "ANTHROPIC_DEFAULT_OPUS_MODEL"),
    ("sonnet", "ANTHROPIC_DEFAULT_SONNET_MODEL"),
    ("haiku", "ANTHROPIC_DEFAULT_HAIKU_MODEL"),
)
LOGIN_KEY_HEADER = "x-litellm-api-key"
"""The header of the gateway's key beside a claude.ai login, which is in Authorization."""
_KNOWN_SPELLING = {"proxy-authorization": "Proxy-Authorization", "authorization": "Authorization"}


def make_plan(profile: Profile) -> Plan:
    """The plan of a profile.

    Raises:
        UsageError: the profile asks for something that the client cannot do (a header it cannot fill, a
            version that lacks the mode), or a value is not valid (a URL without a host).
    """
    mode = mode_of(profile)
    values.check(profile)
    header = key_header(profile)
    bearer = (profile.key_format or natural_format(header)) == "bearer"
    carrier = dict(mode.carriers).get(header)
    if carrier is not None and bearer == (header in modes.BARE_HEADERS):
        carrier = None  # the client's own spelling of that header is not what this gateway wants
    if profile.auth == "login":
        _check_login(profile, mode, header, carrier)
        carrier = None
    if profile.front_auth is not None:
        carrier = None
        _check_front(profile, mode, header)
    _check_version(profile, mode, header, carrier)
    _check_headers(profile, header)
    if profile.auth == "helper" and (carrier is None or not carrier.helper):
        raise UsageError(
            f"the key header {header!r} cannot be filled by apiKeyHelper with {mode.title}",
            hint="Claude Code sends a helper's value in its own credential header only. Either keep the header and\n"
            "use --auth static: `cgw run` and `cgw env --resolve` fetch the key afresh at each start;\n"
            "or let the gateway read the key from Authorization: --key-header authorization",
            member="key_header",
        )
    if header in mode.taken:
        raise UsageError(
            f"the key header {header!r} carries the cloud credential itself with {mode.title}",
            hint="The gateway's key needs a separate header: --key-header x-litellm-api-key (LiteLLM's default)\n"
            "or --key-header proxy-authorization; or let the gateway hold the credential: --credentials proxy",
            member="key_header",
        )

    url = base_url(profile, mode)
    fields, missing = _fields(profile, mode)
    sets = [
        *(Assignment(name, value) for name, value in _flags(mode, carrier)),
        Assignment(mode.base_variable, url),
        *fields,
        *_key(profile, mode, header, carrier, bearer=bearer),
        *_models(profile),
        *(Assignment(name, value) for name, value in profile.env.items()),
    ]
    if profile.secret is None:
        missing.append("--secret")
    names = {item.name for item in sets}
    # A login of `claude setup-token` is in a variable.
    kept = {*mode.cloud_credentials, *(("CLAUDE_CODE_OAUTH_TOKEN",) if profile.auth == "login" else ())}
    stale = (*modes.ROUTING_VARIABLES, *modes.CREDENTIAL_VARIABLES)
    return Plan(
        profile=profile,
        sets=tuple(sets),
        clears=tuple(name for name in stale if name not in names and name not in kept),
        helper=profile.auth == "helper",
        base_url=url,
        settings=tuple(client_options.settings(profile)),
        missing=tuple(missing),
        notes=tuple(_notes(profile, mode, header, carrier, url)),
    )


def key_header(profile: Profile) -> str:
    """The header that carries the gateway key, in lower case: the profile's, else the mode's default."""
    default = LOGIN_KEY_HEADER if profile.auth == "login" else mode_of(profile).default_header
    header = (profile.key_header or default).strip().lower()
    if not values.is_header_name(header):
        raise UsageError(
            f"{profile.key_header!r} is not a header name",
            hint="Give the bare name, for example: --key-header x-litellm-api-key",
            member="key_header",
        )
    return header


def unused(profile: Profile) -> list[str]:
    """The options of the cloud's fields that the profile has and its provider does not use."""
    used = {name for name, _, _ in mode_of(profile).fields}
    known = dict.fromkeys(name for mode in modes.MODES for name, _, _ in mode.fields)
    return [_option(name) for name in known if name not in used and getattr(profile, name)]


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def can_use_helper(profile: Profile) -> bool:
    """Whether the client can fill this profile's key header from a helper."""
    if profile.auth == "login":
        return False
    try:
        make_plan(replace(profile, auth="helper"))
    except UsageError:
        return False
    return True


def natural_format(header: str) -> str:
    """``bare`` for the three headers that carry the key alone, else ``bearer``."""
    return "bare" if header in modes.BARE_HEADERS else "bearer"


def mode_of(profile: Profile) -> Mode:
    """The row of a profile's provider and holder of the credential.

    Raises:
        UsageError: there is none.
    """
    mode = modes.find_mode(profile.provider, profile.credentials)
    if mode is None:
        if profile.provider not in modes.PROVIDERS:
            raise UsageError(
                f"unknown provider {profile.provider!r}", hint=f"Providers: {', '.join(modes.PROVIDERS)}"
            )
        both = dict.fromkeys(mode.provider for mode in modes.MODES if mode.credentials == "client")
        raise UsageError(
            f"with provider {profile.provider} the gateway holds the credential; "
            f"credentials = {profile.credentials!r} does not apply",
            hint=f"Use --credentials proxy, or a provider that has both: {', '.join(both)}.",
            member="credentials",
        )
    return mode


def _check_login(profile: Profile, mode: Mode, header: str, carrier: Carrier | None) -> None:
    if not mode.placeholder:
        raise UsageError(
            f"a claude.ai login is not used with {mode.title}",
            hint="Claude Code sends it with Anthropic's own API format only: --provider unified or anthropic",
            member="auth",
        )
    if profile.front_auth is not None:
        raise UsageError(
            "front_auth and a claude.ai login are both sent in Authorization",
            hint="Let the reverse proxy check another header, or use --auth static with the gateway's key.",
            member="front_auth",
        )
    if carrier is not None or header in ("authorization", "x-api-key"):
        raise UsageError(
            f"the key header {header!r} is where Claude Code sends the login, or a key that replaces it",
            hint=f"Send the gateway's key in another header: --key-header {LOGIN_KEY_HEADER}",
            member="key_header",
        )


def _check_version(profile: Profile, mode: Mode, header: str, carrier: Carrier | None) -> None:
    oldest = profile.min_client_version
    if oldest is None:
        return
    own_line = header == "authorization" or profile.front_auth is not None
    logs_in = profile.auth == "static" and mode.placeholder and carrier is None and own_line
    for what, fact in (
        (f"provider {mode.provider} ({mode.credentials} credentials)", mode.fact),
        (f"a key in {header} with provider {mode.provider}", carrier.fact if carrier else mode.custom_fact),
        ("a custom Authorization header as the only credential", "any-credential-header-counts" if logs_in else None),
        ("a claude.ai login at a gateway", "login-session" if profile.auth == "login" else None),
    ):
        if fact and not holds(fact, oldest):
            since = first_version(fact)
            raise UsageError(
                f"{what} needs Claude Code {since} or newer; this profile must serve {oldest}",
                hint=f"Raise min_client_version to {since}, or choose another --key-header or --provider.",
                member="min_client_version",
            )


def _check_front(profile: Profile, mode: Mode, header: str) -> None:
    """Refuse ``front_auth`` where Authorization is not free for it (measured in every mode: see CGW130)."""
    name = profile.name
    if profile.auth == "helper":
        raise UsageError(
            "front_auth cannot be used with apiKeyHelper: the client sends the helper's value in Authorization",
            hint=f"Use: cgw profile set {name} --auth static --key-header x-litellm-api-key",
            member="front_auth",
        )
    if "authorization" in mode.taken:
        raise UsageError(
            f"front_auth cannot be used with {mode.title}: Authorization carries the cloud's credential",
            hint="Let the gateway hold the credential: --credentials proxy",
            member="front_auth",
        )
    if header == "authorization":
        raise UsageError(
            "front_auth takes the header Authorization, so the gateway's key needs another one",
            hint="Give the header that the gateway reads, for example: --key-header x-litellm-api-key",
            member="front_auth",
        )


def _check_headers(profile: Profile, header: str) -> None:
    for name in profile.headers:
        if name.lower() in {header, "authorization"}:
            raise UsageError(
                f"[headers] {name} carries a credential; headers of a profile are literal and not secret",
                hint="Put the key in a store and name it with secret = ...; key_header says where it travels.",
                member=name,
            )


def _flags(mode: Mode, carrier: Carrier | None) -> Iterator[tuple[str, str]]:
    for name, value in mode.flags:
        if not (carrier and carrier.without_skip and name == mode.skip_variable):
            yield name, value


def _fields(profile: Profile, mode: Mode) -> tuple[list[Assignment], list[str]]:
    found: list[Assignment] = []
    missing: list[str] = []
    for field, variable, default in mode.fields:
        value = getattr(profile, field) or default
        if value:
            found.append(Assignment(variable, value))
        else:
            missing.append(_option(field))
    return found, missing


def _models(profile: Profile) -> Iterator[Assignment]:
    """The models, and what ``[client]`` says. One that only the gateway knows is also that of every tier."""
    every = profile.models.default if client_options.serves_every_tier(profile) else None
    for field, variable in MODEL_VARIABLES:
        if name := getattr(profile.models, field) or every:
            yield Assignment(variable, name)
    yield from (Assignment(*pair) for pair in client_options.variables(profile))


def _key(profile: Profile, mode: Mode, header: str, carrier: Carrier | None, *, bearer: bool) -> Iterator[Assignment]:
    """The variables that carry the key, and the custom headers (which are one variable for all)."""
    lines = "".join(f"{name}: {value}\n" for name, value in profile.headers.items())
    if profile.auth != "helper" and carrier is None:
        if profile.auth == "static":
            yield from _placeholder(profile, mode, header)
        spelling = _KNOWN_SPELLING.get(header, header)
        before = f"{lines}{spelling}: {'Bearer ' if bearer else ''}"
        yield Assignment("ANTHROPIC_CUSTOM_HEADERS", before, slot=True, front=profile.front_auth is not None)
        return
    if profile.auth == "static" and carrier is not None and carrier.variable:
        yield Assignment(carrier.variable, "", slot=True)
    if lines:
        yield Assignment("ANTHROPIC_CUSTOM_HEADERS", lines.rstrip("\n"))


def _placeholder(profile: Profile, mode: Mode, header: str) -> Iterator[Assignment]:
    if not mode.placeholder or header == "authorization" or profile.front_auth is not None:
        return  # a token would beat the custom Authorization header
    oldest = profile.min_client_version
    # Where a token also goes out in that header and beats the custom line, the placeholder would be the key.
    if header == "proxy-authorization" and oldest and holds("token-in-proxy-authorization", oldest):
        yield Assignment("ANTHROPIC_AUTH_TOKEN", "", slot=True)
    else:
        yield Assignment("ANTHROPIC_AUTH_TOKEN", modes.PLACEHOLDER_TOKEN)


def _litellm_reads(header: str, mode: Mode) -> bool:
    if header == "authorization":  # which every gateway reads; the table of gateways is not small
        return True
    from claude_gw_cli.facts.gateways import LITELLM

    return header not in dict(LITELLM.not_read).get(mode.wire, ())


def _notes(profile: Profile, mode: Mode, header: str, carrier: Carrier | None, url: str) -> Iterator[Note]:
    if profile.auth == "login":
        yield Note("info", f"your claude.ai login goes to {url} in Authorization; sign in with: claude auth login")
    if carrier is None:
        from claude_gw_cli.facts.gateways import LITELLM, is_known

        yield Note(
            "info",
            f"the key travels in {header} as a custom header: it is fixed when the client starts and cannot be "
            "rotated by apiKeyHelper",
        )
        if not any(item.name == header for item in LITELLM.key_headers) and not is_known(header):
            yield Note(
                "info",
                f"a LiteLLM gateway needs general_settings.litellm_key_header_name: {header} "
                "(see `cgw gateway snippet`)",
            )
        if profile.key_format is None and natural_format(header) == "bearer" and not is_known(header):
            yield Note(
                "info", f"{header} carries “Bearer KEY”; for a gateway that wants the key alone: --key-format bare"
            )
    if profile.front is not None:
        from claude_gw_cli.core.fronts import dropped

        if problem := dropped(profile.front, header):
            yield Note("warning", f"{problem[0]}; {problem[1]}")
    if not _litellm_reads(header, mode):
        yield Note("warning", f"LiteLLM does not accept {header} below {mode.base_path} (measured: 401)")
    if carrier is not None and carrier.variable == "ANTHROPIC_API_KEY" and profile.auth == "static":
        yield Note("info", "interactive Claude Code asks once before it uses ANTHROPIC_API_KEY (default: No)")
    if url.startswith("http://") and exposure_of(url) != "none":
        yield Note("warning", f"{url} is plain http: the key can be read on the network")
    for row in client_options.too_new(profile, profile.min_client_version) if profile.min_client_version else ():
        since, oldest = row.since, profile.min_client_version
        yield Note(
            "warning", f"[client] {row.name} does nothing before Claude Code {since}; this profile serves {oldest}"
        )
    if profile.base_path is not None and mode.base_path.endswith("/v1") and not url.endswith("/v1"):
        yield Note("warning", f"{url} does not end in /v1: the client adds no version with provider {mode.provider}")
