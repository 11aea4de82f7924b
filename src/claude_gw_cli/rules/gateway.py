"""53x: the gateway's own file (LiteLLM's config.yaml), by itself and compared with the profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase

from claude_gw_cli.core.documents import natural
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.jsontext import pointer_text
from claude_gw_cli.core.model import Location, Profile
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.plan import key_header
from claude_gw_cli.facts.gateways import LITELLM
from claude_gw_cli.facts.litellm import ENTRY, GENERAL, GENERAL_ONLY, GUESSED, PARAMS, PLACES, SECRETS, SECTIONS
from claude_gw_cli.facts.models import default_name
from claude_gw_cli.facts.modes import find_mode
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.hints import Any
from claude_gw_cli.rules.context import Gateway, RuleContext
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.literals import (
    PLACEHOLDER,
    has_password,
    in_text,
    is_dummy,
    is_key,
    is_local,
    is_placeholder,
    leaves,
    no_key,
)
from claude_gw_cli.rules.rule import RawFinding, rule

_UNEXPANDED = lazy(
    r"\$\{(?P<a>\w+)(?::?[-?+=][^}]{0,999})?\}|\$(?P<b>[A-Za-z_]\w*)|os\.(?:environ[.:\[(]|environ\.get\(|getenv\()['\"]?(?P<c>\w+)['\"]?[\])]?"
)
_LIKENESS = 0.86
"""A ratio of ``difflib``: a letter too many, missing or wrong."""
_NO_START = ", and LiteLLM does not start with this file"
_NEEDED = {
    "model_name": "model_name: the name that clients ask for",
    "litellm_params": "litellm_params: {model: PROVIDER/MODEL}",
    "model": "model: PROVIDER/MODEL",
}
"""What LiteLLM needs of each model -> how it is written (measured: 1.106.2, without each and with nothing in it)."""
_HEADER_NAME = "litellm_key_header_name"
_OTHER_LOGINS = ("custom_auth", "enable_jwt_auth", "enable_oauth2_auth", "enable_oauth2_proxy_auth")
"""Settings with which LiteLLM authenticates requests without a master key (read: 1.106.2, user_api_key_auth.py)."""


def _general(gateway: Gateway) -> Mapping[str, Any]:
    found = gateway.data.get("general_settings")
    return found if isinstance(found, Mapping) else {}


def _at(gateway: Gateway, *path: str) -> Location:
    return Location(gateway.file, pointer=pointer_text(path))


@rule("CGW541 gateway-not-yaml error")
def gateway_not_yaml(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's configuration is not valid YAML, so the gateway does not start."""
    if ctx.gateway and ctx.gateway.fault and not ctx.template:
        at = Location(ctx.gateway.file, *ctx.gateway.fault_at)
        message = f"this is not YAML, and LiteLLM does not start with it: {ctx.gateway.fault}"
        yield RawFinding(message, at, "correct it there; YAML is indented with spaces")


@rule("CGW532 gateway-key-header error")
def gateway_key_header(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway reads the key from another header than the profile sends it in."""
    if ctx.gateway is None or ctx.gateway.fault:
        return
    named = _general(ctx.gateway).get(_HEADER_NAME)
    for item in ctx.snapshot.profiles:
        sent = _sent_header(item)
        built_in = any(header.name == sent for header in LITELLM.key_headers)
        if isinstance(named, str) and sent != named.lower():
            only = f"LiteLLM before {LITELLM.span.since}" if built_in else "the gateway"
            yield RawFinding(
                f"{only} reads the key from {named} only; profile {item.name} sends it in {sent}",
                _at(ctx.gateway, "general_settings", _HEADER_NAME),
                f'set key_header = "{named.lower()}" in the profile\'s file',
                severity="warning" if built_in else None,
            )
        elif named is None and not built_in:
            yield RawFinding(
                f"the gateway does not read {sent}, in which profile {item.name} sends the key",
                _at(ctx.gateway, "general_settings"),
                f"general_settings: {_HEADER_NAME}: {sent}",
            )


def _sent_header(item: Profile) -> str:
    try:
        return key_header(item)
    except UsageError:
        return (item.key_header or "").lower()


@rule("CGW533 gateway-model-missing error")
def gateway_model_missing(ctx: RuleContext) -> Iterator[RawFinding]:
    """The client will request a model that the gateway does not route."""
    if ctx.gateway is None or "model_list" not in ctx.gateway.data:
        return
    listed = ctx.gateway.data["model_list"]
    entries = [entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, Mapping)]
    names = [name for entry in entries if isinstance(name := entry.get("model_name"), str)]
    for item in ctx.snapshot.profiles:
        models, default = item.models, _default_model(item)
        wanted = [models.default or models.opus or default, models.opus, models.sonnet, models.haiku]
        for model in dict.fromkeys(name.removesuffix("[1m]") for name in wanted if name and default):
            if not any(fnmatchcase(model, name) for name in names):
                yield RawFinding(
                    f"profile {item.name} requests {model}, which is not in model_list",
                    _at(ctx.gateway, "model_list"),
                    f"cgw gateway snippet --profile {ctx.profile_files.get(item.name, item.name)}",
                )


def _default_model(item: Profile) -> str | None:
    """What the newest client requests by default; ``None`` where the gateway has no list of models for the route."""
    mode = find_mode(item.provider, item.credentials)
    return default_name(mode.client, NEWEST) if mode and mode.model_list else None


@rule("CGW534 gateway-literal-secret error", fix="safe")
def gateway_literal_secret(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's configuration holds a literal key and is tracked by git or readable by others."""
    gateway = ctx.gateway
    if gateway is None or not (gateway.tracked or (gateway.mode or 0) & 0o077):
        return
    reason = "git tracks" if gateway.tracked else f"others can read (mode {(gateway.mode or 0) & 0o777:04o})"
    fix = None if gateway.tracked else Fix("make the file private (0600)", "safe", (Chmod(gateway.file, 0o600),))
    for found in in_text(ctx.texts.get(gateway.file, "")) if gateway.fault else ():
        at = Location(gateway.file, found.line, found.column)
        yield RawFinding(f"{found.name} holds a literal in a file that {reason}", at, "write os.environ/NAME", fix)
    for path, name, value in leaves(gateway.data, ()):
        local = _is_local(gateway, path)
        key = (name in SECRETS and not no_key(value, local=local)) or is_key(name, value, local=local)
        if (key and not _is_guessed(name, value)) or has_password(value):
            message = f"{name} is a literal in a file that {reason}"
            yield RawFinding(message, _at(gateway, *path), f"write {name}: os.environ/NAME", fix)


def _is_local(gateway: Gateway, path: tuple[str, ...]) -> bool:
    """Whether a value belongs to a model whose server is on this machine or a private network."""
    beside: Any = gateway.data
    for part in path[:-1]:
        if isinstance(beside, list):
            beside = beside[natural(part) or 0]
        else:  # YAML has names that are not texts
            beside = beside[part] if part in beside else next(beside[key] for key in beside if str(key) == part)
    address = beside.get("api_base") or beside.get("base_url") if isinstance(beside, Mapping) else None
    return isinstance(address, str) and is_local(address)


def _is_guessed(name: str, value: str) -> bool:
    """Whether everyone can guess a master key."""
    text = value.strip()
    return name == "master_key" and (text.lower() in GUESSED or is_dummy(text) or is_placeholder(text))


@rule("CGW535 gateway-open info")
def gateway_open(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's file has no master key."""
    if not ctx.gateway or "model_list" not in ctx.gateway.data or _general(ctx.gateway).get("master_key"):
        return
    if any(_general(ctx.gateway).get(name) for name in _OTHER_LOGINS):
        return
    variables = ctx.gateway.data.get("environment_variables")
    if not isinstance(variables, Mapping) or "LITELLM_MASTER_KEY" not in variables:
        yield RawFinding(
            "no general_settings.master_key: unless LITELLM_MASTER_KEY is set there, everyone can use the gateway",
            _at(ctx.gateway, "model_list"),
            "general_settings: master_key: os.environ/LITELLM_MASTER_KEY",
        )


@rule("CGW538 gateway-not-expanded warning")
def gateway_not_expanded(ctx: RuleContext) -> Iterator[RawFinding]:
    """A value of the gateway's file names a variable in a syntax that LiteLLM does not know."""
    for path, name, value in leaves(ctx.gateway.data, ()) if ctx.gateway else ():
        if ctx.gateway and (found := _UNEXPANDED.fullmatch(value.strip())):
            variable = found["a"] or found["b"] or found["c"]
            message = f"{name} names the variable {variable} in a form that LiteLLM does not expand"
            yield RawFinding(message, _at(ctx.gateway, *path), f"write {name}: os.environ/{variable}")


@rule("CGW540 gateway-key-placeholder error")
def gateway_key_placeholder(ctx: RuleContext) -> Iterator[RawFinding]:
    """A key in the gateway's file is a placeholder or can be guessed."""
    for path, name, value in leaves(ctx.gateway.data, ()) if ctx.gateway and not ctx.template else ():
        text = value.strip()
        if not ctx.gateway or name not in SECRETS | PLACES or text.startswith("os.environ/"):
            continue
        if _is_guessed(name, text):
            message = "master_key can be guessed: it is a placeholder or a usual example"
        elif name in PLACES and PLACEHOLDER.search(text):
            message = f"{name} still holds a placeholder"
        elif name in SECRETS and is_placeholder(text):
            message = f"{name} holds a placeholder, not a key"
        else:
            continue
        yield RawFinding(message, _at(ctx.gateway, *path), f"write {name}: os.environ/NAME")


@rule("CGW539 gateway-setting-misplaced warning")
def gateway_setting_misplaced(ctx: RuleContext) -> Iterator[RawFinding]:
    """A setting of the gateway is in a section where LiteLLM does not read it."""
    if ctx.gateway is None or "model_list" not in ctx.gateway.data:
        return
    general, data = _general(ctx.gateway), ctx.gateway.data
    for path, table in ((("litellm_settings",), data.get("litellm_settings")), ((), data)):
        for name in GENERAL_ONLY:
            if isinstance(table, Mapping) and name in table and name not in general:
                at = _at(ctx.gateway, *path, name)
                yield RawFinding(f"{name} has no effect here", at, f"move it to general_settings: {name}")


@rule("CGW542 gateway-member-misspelled error")
def gateway_member_misspelled(ctx: RuleContext) -> Iterator[RawFinding]:
    """A member of the gateway's file is misspelled, or a model lacks one that LiteLLM needs."""
    if ctx.gateway is None:
        return
    data = ctx.gateway.data
    listed = data.get("model_list")
    entries = {
        ("model_list", str(index)): entry
        for index, entry in enumerate(listed if isinstance(listed, list) else ())
        if isinstance(entry, Mapping)
    }
    tables: list[tuple[tuple[str, ...], Any, frozenset[str]]] = [
        ((), data, SECTIONS),
        (("general_settings",), _general(ctx.gateway), GENERAL),
        *((path, entry, ENTRY) for path, entry in entries.items()),
        *(((*path, "litellm_params"), entry.get("litellm_params"), PARAMS) for path, entry in entries.items()),
    ]
    for path, table, names in tables:
        for name in table if isinstance(table, Mapping) else ():
            near = get_close_matches(str(name), names, 1, _LIKENESS) if name not in names else []
            if near and near[0] not in table:
                at = _at(ctx.gateway, *path, str(name))
                yield RawFinding(f"LiteLLM does not read {name!r} here", at, f"did you mean {near[0]}?")
    if listed and not isinstance(listed, list):
        yield RawFinding(f"model_list is not a list{_NO_START}", _at(ctx.gateway, "model_list"), "- model_name: NAME")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        path = ("model_list", str(index))
        yield from _without(ctx.gateway, path, entry, "model_name")
        if isinstance(entry, Mapping):
            yield from _without(ctx.gateway, path, entry, "litellm_params")
            if params := entry.get("litellm_params"):
                yield from _without(ctx.gateway, (*path, "litellm_params"), params, "model")


def _without(gateway: Gateway, path: tuple[str, ...], table: Any, name: str) -> Iterator[RawFinding]:
    """A member that a model lacks and cannot be without; not where it is misspelled, which is said by itself."""
    members = table if isinstance(table, Mapping) else {}
    others = {str(member) for member in members if member != name}
    if not members.get(name) and not get_close_matches(name, others, 1, _LIKENESS):
        at = _at(gateway, *path, *((name,) if name in members else ()))
        yield RawFinding(f"this model has no {name}{_NO_START}", at, _NEEDED[name])


@rule("CGW536 gateway-jwt-licence info")
def gateway_jwt_licence(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway uses JWT authentication, which needs a licence."""
    if ctx.gateway and _general(ctx.gateway).get("enable_jwt_auth") is True:
        at = _at(ctx.gateway, "general_settings", "enable_jwt_auth")
        yield RawFinding("enable_jwt_auth needs LITELLM_LICENSE", at, "set LITELLM_LICENSE at the gateway")
