"""1xx: where a credential goes: a login or key that is sent to a host it was not meant for."""

from __future__ import annotations

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.proxy import way_of
from claude_gw_cli.core.resemblance import resemblance
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.transport import DETOURS, HARMLESS_NODE_OPTION, PROXIES
from claude_gw_cli.facts.variables import INVENTED
from claude_gw_cli.hints import Iterator
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import BASE, FLAGS, SKIP, RuleContext, VariableValue, is_anthropic, url_parts
from claude_gw_cli.rules.keys import CREDENTIALS, key_values
from claude_gw_cli.rules.rule import RawFinding, rule

_PROJECT = {"project", "local"}
_UNREAD = {
    provider: tuple(name for name, meant in INVENTED.items() if meant == base) for provider, base in BASE.items()
}
_UNREAD["bedrock"] += ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME",)
"""Provider -> variables for its URL that no client reads."""
_HARMLESS_OPTION = lazy(HARMLESS_NODE_OPTION)
_CLOUD_TOKENS = {"vertex": "ya29.", "foundry": "eyJ"}
"""Provider -> how a token of the cloud itself starts."""


@rule("CGW104 gateway-bypassed error")
def gateway_bypassed(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's URL is not used, and requests go to the cloud provider."""
    if ctx.base:
        return
    if ctx.provider == "anthropic":
        yield from _emptied_base(ctx)
        return
    flag, wanted = FLAGS[ctx.provider], BASE[ctx.provider]
    # A branch that chooses a cloud after the gateway was set for all others means to bypass it.
    chosen = "ANTHROPIC_BASE_URL" in ctx.given and flag not in ctx.given
    if ctx.value("ANTHROPIC_BASE_URL") and not ctx.text("ANTHROPIC_FOUNDRY_RESOURCE") and not chosen:
        yield ctx.finding(
            flag,
            f"{flag} is on, so ANTHROPIC_BASE_URL is ignored and requests go to the cloud provider",
            f'set {flag} to "", or set {wanted} to the gateway\'s URL',
        )
    elif ctx.whole and ctx.skips and ctx.prediction.outcome == "request" and not _cloud_may_accept(ctx):
        unread = ctx.first(*_UNREAD[ctx.provider])
        cause = f"{unread} is not read" if unread else f"{wanted} is not set"
        yield ctx.finding(
            unread or flag,
            f"{cause}: requests go to the cloud itself, and {SKIP[ctx.provider]} keeps its credential out of them",
            f"set {wanted} to the gateway's URL",
        )


def _cloud_may_accept(ctx: RuleContext) -> bool:
    """Whether the request may have what the cloud needs: its own token, a helper's output, or what a proxy adds."""
    sent, key = ctx.header("authorization"), ctx.header("x-api-key")
    if not (sent and sent.present) and not (key and key.present):
        return ctx.first(*PROXIES) is not None
    sources = {item.source.name for item in (sent, key) if item and item.source}
    if "ANTHROPIC_AUTH_TOKEN" in sources:
        start = _CLOUD_TOKENS.get(ctx.provider)
        return start is not None and ctx.text("ANTHROPIC_AUTH_TOKEN").startswith(start)
    return not sources <= {SKIP[ctx.provider], "ANTHROPIC_API_KEY"}


def _emptied_base(ctx: RuleContext) -> Iterator[RawFinding]:
    """A key for a gateway whose base URL another settings file sets to an empty value."""
    *hidden, empty = ctx.values.get("ANTHROPIC_BASE_URL", (None,))
    real = [value for value in hidden if value and value.text and not is_anthropic(value.value)]
    keys = (ctx.value(name) for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"))
    meant = {key.name: key.source for key in keys if key and not key.text.startswith("sk-ant-")}
    if ctx.helper and real and ctx.helper[0] == real[-1].source:
        meant["apiKeyHelper"] = ctx.helper[0]
    name = next((name for name, source in meant.items() if empty and source != empty.source), None)
    if empty and real and name:
        yield empty.finding(
            f"ANTHROPIC_BASE_URL is empty in {empty.scope} settings: {name} goes to api.anthropic.com instead of "
            f"{_origin(real[-1].value)}",
            f'remove the empty value, or set {name} to "" in the same file',
        )


@rule("CGW119 login-sent-to-gateway error", whole=True)
def login_sent_to_gateway(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is set, but no credential for it."""
    base = ctx.gateway_base
    if ctx.provider != "anthropic" or not base or ctx.text("CLAUDE_CODE_OAUTH_TOKEN"):
        return
    if not (
        ctx.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY") or ctx.helper or ctx.headers or _sends_console_key(ctx)
    ):
        effect = "a claude.ai login would be sent to it, and without a login the client does not start"
        sent = ctx.header("authorization")
        if sent and sent.source and sent.source.kind == "login":
            effect = f"your claude.ai login is sent to {_origin(base.value)}"
        yield base.finding(
            f"no credential is set for ANTHROPIC_BASE_URL: {effect}",
            "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper: cgw settings apply\n"
            'where a profile without a helper is applied, this shell needs its key: eval "$(cgw env)"\n'
            "if this gateway passes logins on, it still needs its key: cgw init NAME --auth login --secret REF",
        )


@rule("CGW120 oauth-token-to-gateway error", needs=("CLAUDE_CODE_OAUTH_TOKEN",))
def oauth_token_to_gateway(ctx: RuleContext) -> Iterator[RawFinding]:
    """A claude.ai OAuth token is sent to the gateway."""
    name = "CLAUDE_CODE_OAUTH_TOKEN"
    if not ctx.text(name) or ctx.provider != "anthropic" or not ctx.gateway_base:
        return
    sent = ctx.header("authorization")
    if sent and sent.source and sent.source.name == name:
        message = f"{name}, a claude.ai login, is sent to the gateway"
        yield ctx.finding(name, message, "unset it here, and set the gateway's own key")


@rule("CGW145 console-key-to-gateway error", whole=True)
def console_key_to_gateway(ctx: RuleContext) -> Iterator[RawFinding]:
    """The API key of a Console login is sent to the gateway."""
    base = ctx.gateway_base
    if ctx.provider == "anthropic" and base and _sends_console_key(ctx):
        yield RawFinding(
            f"your Console login's API key (primaryApiKey) is sent to {_origin(base.value)}",
            Location(ctx.snapshot.claude_json_file or ".claude.json", pointer="/primaryApiKey"),
            "log out: claude auth logout",
        )


@rule("CGW125 redirected-key error", whole=True)
def redirected_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A project's base URL gets a key that was set for another gateway."""
    if not ctx.base or ctx.base.scope not in _PROJECT:
        return
    advice = "remove the base URL from the project, or give the project its own key in .claude/settings.local.json"
    here = _origin(ctx.base.value)
    if sent := next((key for key in key_values(ctx) if _is_anthropic_key_for_project(ctx, key)), None):
        message = f"the {ctx.base.scope} settings send your Anthropic key ({sent.name}) to {here}"
        yield ctx.base.finding(message, advice)
        return
    files = tuple(source for source in ctx.snapshot.files if source.scope not in _PROJECT)
    mine = replace(ctx, snapshot=replace(ctx.snapshot, files=files)).base
    key_scope = _key_scope(ctx)
    if key_scope in {None, *_PROJECT} or not mine or (ctx.provider != "anthropic" and not ctx.skips):
        return
    if here != (wanted := _origin(mine.value)):
        message = f"the {ctx.base.scope} settings send your {key_scope} key to {here} instead of {wanted}"
        yield ctx.base.finding(message, advice)


@rule("CGW152 rerouted-key warning", whole=True)
def rerouted_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A project's proxy, socket or runtime options change how a key that was set elsewhere travels."""
    key_scope = _key_scope(ctx)
    if not ctx.base or not key_scope or (ctx.provider != "anthropic" and not ctx.skips):
        return
    way = way_of(ctx.base.text, ctx.effective, ctx.snapshot.client_version)
    for name in (*((way.variable,) if way.kind == "proxy" else ()), *filter(ctx.text, DETOURS)):
        given = ctx.values[name]
        value = given[-1]
        harmless = name == "NODE_OPTIONS" and all(map(_HARMLESS_OPTION.fullmatch, value.text.split()))
        mine = any(one.scope not in _PROJECT and one.text == value.text for one in given)
        if value.scope in _PROJECT - {key_scope} and key_scope != "project" and not harmless and not mine:
            yield value.finding(
                f"the {value.scope} settings set {name}, which can change how your {key_scope} key travels",
                "remove it from the project, and if it is yours, set it in ~/.claude/settings.json; "
                "a helper that cgw installed gives no key here",
            )


@rule("CGW126 split-scopes info", whole=True)
def split_scopes(ctx: RuleContext) -> Iterator[RawFinding]:
    """The base URL and its key are set in different scopes."""
    key_scope = _key_scope(ctx)
    if ctx.base and key_scope and key_scope != ctx.base.scope and "managed" not in {key_scope, ctx.base.scope}:
        yield ctx.base.finding(
            f"the base URL is set in {ctx.base.scope} scope, its key in {key_scope} scope",
            "keep both in one place: cgw settings apply",
        )


@rule("CGW127 anthropic-key-to-gateway warning", needs=CREDENTIALS)
def anthropic_key_to_gateway(ctx: RuleContext) -> Iterator[RawFinding]:
    """An Anthropic key is sent to a gateway."""
    if base := ctx.gateway_base:
        for key in key_values(ctx):
            if key.text.startswith("sk-ant-") and not (ctx.whole and _is_anthropic_key_for_project(ctx, key)):
                yield key.finding(
                    f"{key.name} holds an Anthropic key, and the base URL is {_origin(base.value)}",
                    "use the gateway's own key",
                )


@rule("CGW129 login-token-unused info", needs=("CLAUDE_CODE_OAUTH_TOKEN",))
def login_token_unused(ctx: RuleContext) -> Iterator[RawFinding]:
    """CLAUDE_CODE_OAUTH_TOKEN is set, and another credential is sent instead."""
    winner = ctx.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY") or ("apiKeyHelper" if ctx.helper else None)
    if winner and ctx.provider == "anthropic" and ctx.text("CLAUDE_CODE_OAUTH_TOKEN"):
        yield ctx.finding(
            "CLAUDE_CODE_OAUTH_TOKEN",
            f"CLAUDE_CODE_OAUTH_TOKEN is not used: {winner} is sent instead",
            "keep the intended one; cgw explain names the file of each",
        )


@rule("CGW141 login-overridden info", whole=True)
def login_overridden(ctx: RuleContext) -> Iterator[RawFinding]:
    """An apiKeyHelper replaces a claude.ai login, and no gateway is configured."""
    if ctx.provider == "anthropic" and ctx.helper and not ctx.base and ctx.snapshot.claude_json.get("oauthAccount"):
        yield ctx.helper_finding(
            "apiKeyHelper is used instead of your claude.ai login, and its value goes to api.anthropic.com",
            "remove it if it was meant for something else, or set ANTHROPIC_BASE_URL to the gateway",
        )


@rule("CGW148 lookalike-host warning")
def lookalike_host(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's host can be taken for another one."""
    named = [(ctx.gateway_base.value, ctx.gateway_base.at)] if ctx.gateway_base else []
    named += [
        (item.gateway_url, Location(ctx.profile_files.get(item.name), pointer="/gateway_url"))
        for item in ctx.snapshot.profiles
    ]
    for index, (url, at) in enumerate(named):
        # Of two addresses here one finding is enough.
        if message := resemblance(url, (*ctx.own_gateways, *(other for other, _ in named[index + 1 :]))):
            advice = "compare them letter by letter; if both are yours, accept this finding ([check] ignore)"
            yield RawFinding(message, at, advice)


def _sends_console_key(ctx: RuleContext) -> bool:
    sent = ctx.header("x-api-key")
    return bool(sent and sent.source_kind == "login-key")


def _is_anthropic_key_for_project(ctx: RuleContext, key: VariableValue) -> bool:
    """Whether this is a person's own Anthropic key, and a project's base URL gets it."""
    theirs = ctx.gateway_base is not None and ctx.gateway_base.scope in _PROJECT
    return theirs and key.scope in {"process", "user"} and key.text.startswith("sk-ant-")


def _origin(url: str) -> str:
    parts = url_parts(url)
    if not parts:
        return "an invalid URL"
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _key_scope(ctx: RuleContext) -> str | None:
    token = ctx.value("ANTHROPIC_AUTH_TOKEN")
    if token and token.text != PLACEHOLDER_TOKEN:
        return token.scope
    if ctx.helper:
        return ctx.helper[0].scope
    other = ctx.value(ctx.first("ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS") or "")
    return other.scope if other else None
