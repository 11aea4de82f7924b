"""53x and what else a profile can get wrong; and the gateway's own file (LiteLLM's config.yaml) against profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.model import Location, Models, Profile
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.plan import key_header, make_plan
from claude_gw_cli.facts.litellm import GENERAL_ONLY, READ_BY_DEFAULT, SECRETS
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import version_key
from claude_gw_cli.rules.context import Gateway, RuleContext, version_of
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.literals import has_password, is_key, leaves, no_key
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import GW

_DEFAULT_MODEL = {"unified": "claude-opus-5-5", "bedrock": "us.anthropic.claude-opus-5-5"}
"""The model that client 2.1.330 asks for by default, where the gateway routes by its own model list."""
_SECRET = "keyring://cgw/work"
_UNEXPANDED = lazy(
    r"\$\{(?P<a>\w+)\}|\$(?P<b>[A-Za-z_]\w*)|os\.(?:environ[.:\[(]|environ\.get\(|getenv\()['\"]?(?P<c>\w+)['\"]?[\])]?"
)


def _profile(**more: Any) -> Profile:
    return Profile(**({"name": "work", "provider": "unified", "gateway_url": GW, "secret": _SECRET} | more))


def _minted(ttl_seconds: int) -> Profile:
    tables = {"jwt": {"gw": {"lifetime": 600}}, "helper": {"ttl_seconds": ttl_seconds}}
    return _profile(auth="helper", secret="jwt://gw", tables=tables)


def _config(*models: str, **general: object) -> dict[str, Any]:
    return {
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {"model": f"anthropic/{name}", "api_key": "os.environ/ANTHROPIC_API_KEY"},
            }
            for name in models
        ],
        "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY", **general},
    }


def _general(gateway: Gateway) -> Mapping[str, Any]:
    found = gateway.data.get("general_settings")
    return found if isinstance(found, Mapping) else {}


def _deployments(gateway: Gateway) -> Iterator[tuple[int, Mapping[str, Any]]]:
    models = gateway.data.get("model_list")
    for index, item in enumerate(models if isinstance(models, list) else ()):
        if isinstance(item, Mapping):
            yield index, item


@rule(
    "CGW530 profile-impossible error",
    why="""The profile asks for something that the client cannot do; every command that uses it stops.""",
    bad=Example(
        profile=_profile(provider="bedrock", credentials="client", auth="helper", key_header="x-litellm-api-key")
    ),
    good=Example(
        profile=_profile(provider="bedrock", credentials="client", auth="static", key_header="x-litellm-api-key")
    ),
    evidence="2.1.330: bed.noskip.aws+help bed.noskip.aws+ch.xlit",
)
def profile_impossible(s: RuleContext) -> Iterator[RawFinding]:
    """A profile asks for a key header, provider or version that do not go together."""
    for profile in s.snapshot.profiles:
        try:
            make_plan(profile)
        except UsageError as error:
            yield RawFinding(
                f"profile {profile.name}: {error.message}", Location(s.profile_files.get(profile.name)), error.hint
            )


@rule(
    "CGW531 profile-incomplete info",
    why="""A value that only you know is still missing.""",
    bad=Example(profile=_profile(provider="vertex")),
    good=Example(profile=_profile(provider="vertex", project_id="team-llm")),
    evidence="2.1.330: vtx.noproject",
)
def profile_incomplete(s: RuleContext) -> Iterator[RawFinding]:
    """A profile lacks a value that its provider needs."""
    for profile in s.snapshot.profiles:
        try:
            missing = make_plan(profile).missing
        except UsageError:
            continue
        if missing:
            names = ", ".join(missing)
            yield RawFinding(
                f"profile {profile.name} lacks {names}",
                Location(s.profile_files.get(profile.name)),
                f"put it into the profile's file; in your own profile: cgw init {profile.name} {missing[0]} …",
            )


@rule(
    "CGW532 gateway-key-header error",
    why="""With litellm_key_header_name LiteLLM reads the key from that header only, as "Bearer KEY"; without it, from
    Authorization, x-litellm-api-key, x-api-key, api-key and x-goog-api-key. Any other key is not seen: 401.""",
    bad=Example(profile=_profile(), gateway=_config("claude-*", litellm_key_header_name="X-Team-Key")),
    good=Example(
        profile=_profile(key_header="x-team-key"), gateway=_config("claude-*", litellm_key_header_name="X-Team-Key")
    ),
    evidence="measured: LiteLLM 1.106.2, every key position at every endpoint",
)
def gateway_key_header(s: RuleContext) -> Iterator[RawFinding]:
    """The gateway reads the key from another header than the profile sends it in."""
    if s.gateway is None:
        return
    named = _general(s.gateway).get("litellm_key_header_name")
    for profile in s.snapshot.profiles:
        sent = _sent_header(profile)
        if isinstance(named, str) and sent != named.lower():
            pointer = "/general_settings/litellm_key_header_name"
            text = f"the gateway reads the key from {named} only; profile {profile.name} sends it in {sent}"
            yield RawFinding(
                text,
                Location(s.gateway.file, pointer=pointer),
                f'put key_header = "{named.lower()}" into the profile\'s file',
            )
        elif named is None and sent not in READ_BY_DEFAULT:
            text = f"the gateway does not read {sent}, in which profile {profile.name} sends the key"
            yield RawFinding(
                text,
                Location(s.gateway.file, pointer="/general_settings"),
                f"general_settings: litellm_key_header_name: {sent}",
            )


@rule(
    "CGW533 gateway-model-missing error",
    why="""LiteLLM routes its unified and Bedrock endpoints by model_list. A model that no model_name (or wildcard)
    matches is refused: 400 "Invalid model name".""",
    bad=Example(profile=_profile(models=Models(default="team-opus")), gateway=_config("claude-opus-5-5")),
    good=Example(profile=_profile(models=Models(default="team-opus")), gateway=_config("claude-*", "team-opus")),
    evidence="measured: LiteLLM 1.106.2, unknown model names",
)
def gateway_model_missing(s: RuleContext) -> Iterator[RawFinding]:
    """The client will ask for a model that the gateway does not route."""
    if s.gateway is None or "model_list" not in s.gateway.data:
        return
    names = [name for _, item in _deployments(s.gateway) if isinstance(name := item.get("model_name"), str)]
    for profile in s.snapshot.profiles:
        default = _DEFAULT_MODEL.get(profile.provider)
        if default is None:
            continue
        models = profile.models
        wanted = [models.default or models.opus or default, models.opus, models.sonnet, models.haiku]
        for model in dict.fromkeys(name.removesuffix("[1m]") for name in wanted if name):
            if not any(fnmatchcase(model, name) for name in names):
                yield RawFinding(
                    f"profile {profile.name} asks for {model}, which is not in model_list",
                    Location(s.gateway.file, pointer="/model_list"),
                    f"cgw gateway snippet --profile {s.profile_files.get(profile.name, profile.name)}",
                )


@rule(
    "CGW534 gateway-literal-secret error",
    why="""A key in the gateway's configuration opens the gateway, or the provider behind it, to everyone who can read
    the file.""",
    bad=Example(gateway=_config("claude-*", master_key="sk-4f1c9a7e22b0"), tracked=True),
    good=Example(gateway=_config("claude-*"), tracked=True),
    evidence="documented: https://docs.litellm.ai/docs/proxy/configs, os.environ",
    fix="safe",
)
def gateway_literal_secret(s: RuleContext) -> Iterator[RawFinding]:
    """The gateway's configuration holds a literal key and is tracked by git or readable by others."""
    gateway = s.gateway
    if gateway is None or not (gateway.tracked or (gateway.mode or 0) & 0o077):
        return
    reason = "git tracks" if gateway.tracked else f"others can read (mode {(gateway.mode or 0) & 0o777:04o})"
    fix = None if gateway.tracked else Fix("make the file private (0600)", "safe", (Chmod(gateway.file, 0o600),))
    for path, name, value in leaves(gateway.data, ()):
        if (name in SECRETS and not no_key(value)) or is_key(name, value) or has_password(value):
            yield RawFinding(
                f"{name} is a literal in a file that {reason}",
                Location(gateway.file, pointer=pointer_text(path)),
                f"write {name}: os.environ/NAME",
                fix,
            )


@rule(
    "CGW535 gateway-open info",
    why="""Without a master key LiteLLM serves everyone who reaches it. The file is not the only place for it: the
    variable LITELLM_MASTER_KEY of the gateway's own environment counts too.""",
    bad=Example(gateway={"model_list": _config("claude-*")["model_list"]}),
    good=Example(gateway=_config("claude-*")),
    evidence="""measured: LiteLLM 1.106.2 without a master key
    read: LiteLLM 1.106.2, proxy_server.py""",
)
def gateway_open(s: RuleContext) -> Iterator[RawFinding]:
    """The gateway's file has no master key."""
    if not s.gateway or "model_list" not in s.gateway.data or _general(s.gateway).get("master_key"):
        return
    variables = s.gateway.data.get("environment_variables")
    if not isinstance(variables, Mapping) or "LITELLM_MASTER_KEY" not in variables:
        yield RawFinding(
            "no general_settings.master_key: unless LITELLM_MASTER_KEY is set there, it serves everyone",
            Location(s.gateway.file, pointer="/model_list"),
            "general_settings: master_key: os.environ/LITELLM_MASTER_KEY",
        )


@rule(
    "CGW538 gateway-not-expanded warning",
    why="""LiteLLM replaces os.environ/NAME and nothing else: ${NAME} or os.environ.NAME is taken for the key itself,
    unless something fills the file in before LiteLLM reads it.""",
    bad=Example(gateway=_config("claude-*", master_key="${LITELLM_MASTER_KEY}")),
    good=Example(gateway=_config("claude-*")),
    evidence="read: LiteLLM 1.106.2, proxy_server.py: values that start with os.environ/",
)
def gateway_not_expanded(s: RuleContext) -> Iterator[RawFinding]:
    """A value of the gateway's file names a variable in a way that LiteLLM does not know."""
    for path, name, value in leaves(s.gateway.data, ()) if s.gateway else ():
        if s.gateway and (found := _UNEXPANDED.fullmatch(value.strip())):
            yield RawFinding(
                f"{name} names the variable {found['a'] or found['b'] or found['c']} in a form that LiteLLM does not "
                "replace",
                Location(s.gateway.file, pointer=pointer_text(path)),
                f"write {name}: os.environ/{found['a'] or found['b'] or found['c']}",
            )


@rule(
    "CGW539 gateway-setting-misplaced warning",
    why="""These are read from general_settings only; under litellm_settings or at the top of the file they do
    nothing, and nobody says so.""",
    bad=Example(gateway=_config("claude-*") | {"litellm_settings": {"litellm_key_header_name": "X-Team-Key"}}),
    good=Example(gateway=_config("claude-*", litellm_key_header_name="X-Team-Key")),
    evidence="read: LiteLLM 1.106.2, proxy_server.py and auth/user_api_key_auth.py",
)
def gateway_setting_misplaced(s: RuleContext) -> Iterator[RawFinding]:
    """A setting of the gateway stands where LiteLLM does not look for it."""
    if s.gateway is None or "model_list" not in s.gateway.data:
        return
    wrong = s.gateway.data.get("litellm_settings")
    for path, table in (("/litellm_settings", wrong), ("", s.gateway.data)):
        for name in GENERAL_ONLY:
            if isinstance(table, Mapping) and name in table and name not in _general(s.gateway):
                yield RawFinding(
                    f"{name} has no effect here",
                    Location(s.gateway.file, pointer=f"{path}/{name}"),
                    f"move it to general_settings: {name}",
                )


@rule(
    "CGW536 gateway-jwt-licence info",
    why="""JWT authentication is a paid feature of LiteLLM: without a licence it answers 403 to every JWT.""",
    bad=Example(gateway=_config("claude-*", enable_jwt_auth=True)),
    good=Example(gateway=_config("claude-*")),
    evidence="measured: LiteLLM 1.106.2 answers a JWT with 403",
)
def gateway_jwt_licence(s: RuleContext) -> Iterator[RawFinding]:
    """The gateway uses JWT authentication, which needs a licence."""
    if s.gateway and _general(s.gateway).get("enable_jwt_auth") is True:
        yield RawFinding(
            "enable_jwt_auth needs LITELLM_LICENSE",
            Location(s.gateway.file, pointer="/general_settings/enable_jwt_auth"),
            "set LITELLM_LICENSE at the gateway",
        )


@rule(
    "CGW416 ttl-outlives-token warning",
    why="""The client keeps the helper's value for the TTL and looks at no expiry: a token that ends earlier is sent
    until the gateway refuses it.""",
    bad=Example(profile=_minted(ttl_seconds=900)),
    good=Example(profile=_minted(ttl_seconds=300)),
    evidence="""measured: 2.1.330 sends an expired JWT as it is
    reported: anthropics/claude-code#43436""",
)
def ttl_outlives_token(s: RuleContext) -> Iterator[RawFinding]:
    """A profile lets the client keep a token for longer than the token lives."""
    for profile in s.snapshot.profiles:
        scheme, _, name = (profile.secret or "").partition("://")
        table = profile.tables.get("jwt", {}).get(name) if scheme == "jwt" else None
        lifetime = table.get("lifetime") if isinstance(table, Mapping) else None
        ttl = profile.tables.get("helper", {}).get("ttl_seconds")
        if isinstance(lifetime, int | float) and isinstance(ttl, int | float) and ttl >= lifetime:
            yield RawFinding(
                f"profile {profile.name} keeps a token of {lifetime:g} seconds for {ttl:g} seconds",
                Location(s.profile_files.get(profile.name), pointer="/ttl_seconds"),
                f"[helper] ttl_seconds below {lifetime:g}, or leave it out: cgw chooses one that fits",
            )


@rule(
    "CGW612 newer-than-minimum warning",
    why="""The oldest client that the profile must serve ignores a variable that came later.""",
    bad=Example(profile=_profile(min_client_version="2.1.200", env={"CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1"})),
    good=Example(profile=_profile(min_client_version="2.1.280", env={"CLAUDE_CODE_GATEWAY_HINT_HEADERS": "1"})),
    evidence="""2.1.228: claim.model.default
    2.1.330: claim.model.default
    changelog: 2.1.273""",
)
def newer_than_minimum(s: RuleContext) -> Iterator[RawFinding]:
    """A profile sets a variable that is newer than the oldest client it must serve."""
    for profile in s.snapshot.profiles:
        oldest = profile.min_client_version
        served = version_of(oldest)
        for name in profile.env:
            known = VARIABLES.get(name)
            if served and known and known.since and served < version_key(known.since):
                yield RawFinding(
                    f"profile {profile.name}: {name} needs client {known.since}; it must serve {oldest}",
                    Location(s.profile_files.get(profile.name), pointer=f"/{name}"),
                    "raise min_client_version, or remove the variable",
                )


def _sent_header(profile: Profile) -> str:
    try:
        return key_header(profile)
    except UsageError:
        return (profile.key_header or "").lower()
