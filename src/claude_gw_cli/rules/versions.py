"""6xx: client versions that lack what the configuration needs, or are known to fail behind gateways."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.sentences import about_release
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.settings_keys import SINCE
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import find, first_version, holds
from claude_gw_cli.rules.context import SKIP, RuleContext, key_at, version_of
from claude_gw_cli.rules.fix import SetValue
from claude_gw_cli.rules.names import released
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, FOUNDRY, USER, with_env, with_helper, working

_REFUSED_REQUESTS = ("patterns-in-tools", "advisor-entry")
"""Facts: what gateways that validate requests refuse."""
_DISCOVERY = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
_QUIET = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"


@rule(
    "CGW601 bedrock-regression error",
    why="""2.1.94 and 2.1.95 lost the Authorization header behind a Bedrock gateway; 2.1.96 repaired it.""",
    bad=with_env(BEDROCK, client="2.1.94"),
    good=with_env(BEDROCK, client="2.1.96"),
    evidence="""2.1.94: claim.bed claim.bed.lost.help claim.bed.header
    2.1.96: claim.bed
    reported: anthropics/claude-code#44963""",
    fact="bedrock-authorization-lost",
)
def bedrock_regression(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version fails behind a Bedrock gateway."""
    if ctx.provider == "bedrock" and ctx.skips:
        message = f"client {ctx.snapshot.client_version} does not send its key to a Bedrock gateway"
        yield ctx.finding("CLAUDE_CODE_USE_BEDROCK", message, "claude update")


@rule(
    "CGW602 release-with-gateway-trouble warning",
    why="""Some releases sent requests that gateways with request validation refuse.""",
    bad=Example(user=USER, client="2.1.266"),
    good=Example(user=USER, client="2.1.268"),
    evidence="changelog: 2.1.265 to 2.1.276",
)
def release_with_gateway_trouble(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version is known to fail behind some gateways."""
    version = ctx.snapshot.client_version
    for name in _REFUSED_REQUESTS if ctx.base else ():
        if ctx.base and holds(name, version):
            row = find(name)
            advice = f"use one that is newer than {row.spans[0].until}"
            yield ctx.base.finding(f"client {version}: {row.text}", advice)


@rule(
    "CGW603 oauth-leak info",
    why="""The changelog says that before 2.1.153 a regression sent the person's Anthropic login to a custom gateway
    instead of the gateway's token. Recordings of `claude -p` do not show this: a token or a key kept a stored login
    out.""",
    bad=Example(user=USER, client="2.1.150"),
    good=Example(user=USER, client="2.1.153"),
    evidence="""changelog: 2.1.153
    2.1.150: claim.login.token claim.login.key""",
    fact="login-beside-token",
)
def oauth_leak(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version may send the person's Anthropic login to the gateway."""
    if ctx.base and ctx.provider == "anthropic":
        message = f"client {ctx.snapshot.client_version} may send an Anthropic login to the gateway"
        yield ctx.base.finding(message, f"use one that is newer than {find('login-beside-token').spans[0].until}")


@rule(
    "CGW604 newer-than-client warning",
    why="""The client ignores variables and keys that were added in a later version.""",
    bad=Example(user=working(CLAUDE_CODE_GATEWAY_HINT_HEADERS="1"), client="2.1.200"),
    good=Example(user=working(CLAUDE_CODE_GATEWAY_HINT_HEADERS="1"), client="2.1.330"),
    evidence="""2.1.228: claim.model.default
    2.1.330: claim.model.default""",
)
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


@rule(
    "CGW605 deprecated-variable info",
    why="""The old name still works, but a new name replaces it.""",
    bad=Example(user=working(ANTHROPIC_SMALL_FAST_MODEL="claude-haiku-5-5")),
    good=Example(user=working(ANTHROPIC_DEFAULT_HAIKU_MODEL="claude-haiku-5-5")),
    evidence="""2.1.330: model.anth.haiku+SMALL_FAST
    documented: https://code.claude.com/docs/en/env-vars, ANTHROPIC_SMALL_FAST_MODEL""",
    fix="unsafe",
)
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


@rule(
    "CGW606 variable-without-effect info",
    why="""This client version does not read the variable any more.""",
    bad=Example(user=working(CLAUDE_CODE_CONNECT_TIMEOUT_MS="5000")),
    good=Example(user=working(API_TIMEOUT_MS="600000")),
    evidence="documented: https://code.claude.com/docs/en/env-vars, CLAUDE_CODE_CONNECT_TIMEOUT_MS",
    fix="safe",
)
def variable_without_effect(ctx: RuleContext) -> Iterator[RawFinding]:
    """A variable has no effect any more."""
    for name in ctx.values:
        span = released(name)
        gone = VARIABLES[name].gone if name in VARIABLES else span.before if span else None
        value = ctx.value(name) if gone and not ctx.older(gone) else None
        if value:
            fix = value.fix("remove it", "safe", None)
            yield value.finding(f"{name} has no effect since {gone}", "remove it", fix)


@rule(
    "CGW607 skip-auth-too-early error",
    why="""Clients before a certain version do not read the skip-auth flag and need a cloud credential.""",
    bad=with_env(FOUNDRY, client="2.1.112"),
    good=with_env(FOUNDRY, client="2.1.208"),
    evidence="""2.1.112: c2.fnd.tok
    2.1.208: c2.fnd.tok""",
)
def skip_auth_too_early(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version does not know the skip-auth flag yet."""
    fact = BY_NAME[ctx.provider].skip_fact
    if fact and ctx.skips and not holds(fact, ctx.snapshot.client_version):
        flag, since = SKIP[ctx.provider], find(fact).spans[0].since
        message = f"{flag} works since client {since}; this is {ctx.snapshot.client_version}"
        yield ctx.finding(flag, message, f"use {since} or newer")


@rule(
    "CGW608 discovery-with-helper warning",
    why="""Before 2.1.248 model discovery did not run if a helper is the only credential.""",
    bad=with_helper(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1", client="2.1.240"),
    good=with_helper(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1"),
    evidence="""2.1.240: claim.disc.helper
    2.1.330: claim.disc.helper
    reported: anthropics/claude-code#56675""",
    fact="model-discovery",
    unless="discovery-with-helper",
)
def discovery_with_helper(ctx: RuleContext) -> Iterator[RawFinding]:
    """Model discovery does not run with a helper in this client version."""
    if ctx.on(_DISCOVERY) and ctx.helper and not ctx.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"):
        message = f"client {ctx.snapshot.client_version} does not discover models if a helper is the only credential"
        yield ctx.finding(_DISCOVERY, message, f"use {first_version('discovery-with-helper')} or newer")


@rule(
    "CGW609 discovery-without-traffic warning",
    why="""Before 2.1.257 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC switched model discovery off.""",
    bad=Example(user=working(**{_DISCOVERY: "1", _QUIET: "1"}), client="2.1.250"),
    good=Example(user=working(**{_DISCOVERY: "1", _QUIET: "1"})),
    evidence="""2.1.250: claim.disc.token
    2.1.257: claim.disc.token
    changelog: 2.1.257""",
    fact="model-discovery",
    unless="discovery-without-traffic",
)
def discovery_without_traffic(ctx: RuleContext) -> Iterator[RawFinding]:
    """Another variable switches model discovery off in this client version."""
    if ctx.on(_DISCOVERY) and ctx.text(_QUIET):
        message = f"client {ctx.snapshot.client_version} discovers no models with {_QUIET}"
        yield ctx.finding(_DISCOVERY, message, f"use {first_version('discovery-without-traffic')} or newer")


@rule(
    "CGW610 no-refresh-on-403 info",
    why="""Before 2.1.246 the client fetched a new key on 401 only. If the gateway answers 403 to an expired token,
    the session ends.""",
    bad=with_helper(client="2.1.240"),
    good=with_helper(),
    evidence="""reported: anthropics/claude-code#43436
    2.1.330: help.403once""",
    unless="helper-again-on-403",
)
def no_refresh_on_403(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version does not run the helper again on 403."""
    if ctx.helper:
        message = f"client {ctx.snapshot.client_version} does not fetch a new key on 403"
        yield ctx.helper_finding(message, f"use {first_version('helper-again-on-403')} or newer")


@rule(
    "CGW611 client-outside-range error",
    why="""The client refuses to start outside the range that managed settings allow.""",
    bad=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER, client="2.1.280"),
    good=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER, client="2.1.330"),
    evidence="2.1.330: claim.managed.minversion claim.managed.maxversion",
    fact="required-version",
)
def client_outside_range(ctx: RuleContext) -> Iterator[RawFinding]:
    """Managed settings do not allow this client version."""
    version = ctx.snapshot.client_version
    if not ctx.whole:
        return  # a file that is checked alone goes to other machines
    for source in (source for source in ctx.files if source.scope == "managed"):
        low, high = (source.data.get(key) for key in ("requiredMinimumVersion", "requiredMaximumVersion"))
        least, most = version_of(low), version_of(high)
        if least and most and least > most:
            continue  # no version fits: CGW220
        if least and ctx.version < least:
            message = f"client {version} is older than the required {low}: it does not start"
            yield RawFinding(message, key_at(source, "requiredMinimumVersion"), "claude update")
        if most and ctx.version > most:
            message = f"client {version} is newer than the allowed {high}: it does not start"
            yield RawFinding(message, key_at(source, "requiredMaximumVersion"), f"install {high}")


@rule(
    "CGW613 client-newer-than-facts info",
    why="""What a client does is measured release by release. For a newer release cgw predicts what the newest known
    one does, and a change in it is not known yet.""",
    bad=Example(user=USER, client="99.0.0"),
    good=Example(user=USER),
    evidence="measured: tests/atlas/measure.py, by definition: newer than the newest release in facts/newest.py",
    whole=True,
)
def client_newer_than_facts(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version is newer than what cgw knows."""
    if about := about_release(ctx.snapshot.client_version):
        advice = "cgw facts update FILE|URL, or measure it on this machine: cgw trace --learn"
        yield RawFinding(about.removesuffix("."), Location(variable="PATH"), advice)
