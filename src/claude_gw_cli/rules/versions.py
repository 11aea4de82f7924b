"""6xx: client versions that lack what the configuration needs, or are known to fail behind gateways."""

from __future__ import annotations

from claude_gw_cli.core.model import Location
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.settings_keys import SINCE
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import find, first_version, holds
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import SKIP, RuleContext, key_at
from claude_gw_cli.rules.fix import SetValue
from claude_gw_cli.rules.names import released
from claude_gw_cli.rules.rule import RawFinding, rule

_REFUSED_REQUESTS = ("patterns-in-tools", "advisor-entry")
"""Facts: what gateways that validate requests refuse."""
_DISCOVERY = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
_QUIET = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"


@rule("CGW601 bedrock-regression error", fact="bedrock-authorization-lost")
def bedrock_regression(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version fails behind a Bedrock gateway."""
    if ctx.provider == "bedrock" and ctx.skips:
        message = f"client {ctx.snapshot.client_version} does not send its key to a Bedrock gateway"
        yield ctx.finding("CLAUDE_CODE_USE_BEDROCK", message, "claude update")


@rule("CGW602 release-with-gateway-trouble warning")
def release_with_gateway_trouble(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version is known to fail behind some gateways."""
    version = ctx.snapshot.client_version
    for name in _REFUSED_REQUESTS if ctx.base else ():
        if ctx.base and holds(name, version):
            row = find(name)
            advice = f"use one that is newer than {row.spans[0].until}"
            yield ctx.base.finding(f"client {version}: {row.text}", advice)


@rule("CGW603 oauth-leak info", fact="login-beside-token")
def oauth_leak(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version may send the person's Anthropic login to the gateway."""
    if ctx.base and ctx.provider == "anthropic":
        message = f"client {ctx.snapshot.client_version} may send an Anthropic login to the gateway"
        yield ctx.base.finding(message, f"use one that is newer than {find('login-beside-token').spans[0].until}")


@rule("CGW604 newer-than-client warning")
def newer_than_client(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable or key is newer than the client."""
    message = "{} needs client {}; this is " + ctx.snapshot.client_version
    advice = "update the client, or remove it"
    for name in ctx.values:
        since = VARIABLES[name].since if name in VARIABLES else None
        if since and ctx.older(since) and ctx.text(name) and not name.startswith("CLAUDE_CODE_SKIP_"):
            yield ctx.finding(name, message.format(name, since), advice)
        elif (span := released(name)) and span.too_old(ctx.snapshot.client_version) and ctx.text(name):
            known = f"{name} is newer than client {span.after}; this is {ctx.snapshot.client_version}"
            yield ctx.finding(name, known, advice)
    for source in ctx.files:
        for key in source.data:
            since = SINCE.get(key)
            if since and ctx.older(since):
                yield RawFinding(message.format(key, since), key_at(source, key), advice)


@rule("CGW605 deprecated-variable info", fix="unsafe")
def deprecated_variable(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable is deprecated."""
    for name in ctx.values:
        instead = VARIABLES[name].instead if name in VARIABLES else None
        value = ctx.value(name) if instead else None
        if value and instead:
            fix = None
            if value.source and instead not in ctx.values:
                added = SetValue(value.source.file, ("env", instead), value.value)
                fix = value.fix(f"rename it to {instead}", "unsafe", None, added)
            yield value.finding(f"{name} is deprecated", f"use {instead}", fix)


@rule("CGW606 variable-without-effect info", fix="safe")
def variable_without_effect(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable has no effect any more."""
    for name in ctx.values:
        span = released(name)
        gone = VARIABLES[name].gone if name in VARIABLES else span.before if span else None
        value = ctx.value(name) if gone and not ctx.older(gone) else None
        if value:
            fix = value.fix("remove it", "safe", None)
            yield value.finding(f"{name} has no effect since {gone}", "remove it", fix)


@rule("CGW607 skip-auth-too-early error")
def skip_auth_too_early(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version does not know the skip-auth flag yet."""
    fact = BY_NAME[ctx.provider].skip_fact
    if fact and ctx.skips and not holds(fact, ctx.snapshot.client_version):
        flag, since = SKIP[ctx.provider], find(fact).spans[0].since
        message = f"{flag} works since client {since}; this is {ctx.snapshot.client_version}"
        yield ctx.finding(flag, message, f"use {since} or newer")


@rule("CGW608 discovery-with-helper warning", fact="model-discovery", unless="discovery-with-helper")
def discovery_with_helper(ctx: RuleContext) -> Iterator[RawFinding]:
    """Model discovery does not run with a helper in this client version."""
    if ctx.on(_DISCOVERY) and ctx.helper and not ctx.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"):
        message = f"client {ctx.snapshot.client_version} does not discover models if a helper is the only credential"
        yield ctx.finding(_DISCOVERY, message, f"use {first_version('discovery-with-helper')} or newer")


@rule("CGW609 discovery-without-traffic warning", fact="model-discovery", unless="discovery-without-traffic")
def discovery_without_traffic(ctx: RuleContext) -> Iterator[RawFinding]:
    """Another variable switches model discovery off in this client version."""
    if ctx.on(_DISCOVERY) and ctx.text(_QUIET):
        message = f"client {ctx.snapshot.client_version} discovers no models with {_QUIET}"
        yield ctx.finding(_DISCOVERY, message, f"use {first_version('discovery-without-traffic')} or newer")


@rule("CGW610 no-refresh-on-403 info", unless="helper-again-on-403")
def no_refresh_on_403(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version does not run the helper again on 403."""
    if ctx.helper:
        message = f"client {ctx.snapshot.client_version} does not fetch a new key on 403"
        yield ctx.helper_finding(message, f"use {first_version('helper-again-on-403')} or newer")


@rule("CGW611 client-outside-range error", fact="required-version")
def client_outside_range(ctx: RuleContext) -> Iterator[RawFinding]:
    """Managed settings do not allow this client version."""
    version = ctx.snapshot.client_version
    if not ctx.whole:
        return  # a file that is checked alone goes to other machines
    from claude_gw_cli.core.predict.gates import conditions, is_older
    from claude_gw_cli.rules.settings_managed import managed_at

    asked = conditions(ctx.snapshot)
    if asked.low and asked.high and is_older(asked.high, asked.low):
        return  # no version fits: CGW220
    if asked.low and is_older(version, asked.low):
        message = f"client {version} is older than the required {asked.low}: it does not start"
        yield RawFinding(message, managed_at(ctx, "requiredMinimumVersion"), "claude update")
    if asked.high and is_older(asked.high, version):
        message = f"client {version} is newer than the allowed {asked.high}: it does not start"
        yield RawFinding(message, managed_at(ctx, "requiredMaximumVersion"), f"install {asked.high}")


@rule("CGW613 client-newer-than-facts info", whole=True)
def client_newer_than_facts(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version is newer than what cgw knows."""
    from claude_gw_cli.core.predict.sentences import about_release

    if about := about_release(ctx.snapshot.client_version):
        advice = "cgw facts update FILE|URL, or measure it on this machine: cgw trace --learn"
        yield RawFinding(about.removesuffix("."), Location(variable="PATH"), advice)
