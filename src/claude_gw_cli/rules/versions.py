"""6xx: client versions that cannot do what the configuration asks for, or are known to fail behind gateways."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.facts.headers import PROVIDERS
from claude_gw_cli.facts.settings_keys import SINCE
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.facts.versions import find, holds, version_key
from claude_gw_cli.rules.context import SKIP, RuleContext, version_of
from claude_gw_cli.rules.fix import Fix, SetValue
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, GW, SCRIPT, TOKEN, USER, gateway_env, working

# Releases that the changelog or public issues name as broken behind gateways: first, first good, what happens.
_BROKEN = (
    ("2.1.265", "2.1.268", "tools with a pattern are refused by gateways that validate requests"),
    ("2.1.275", "2.1.276", "the advisor tool's entry is refused by gateways that validate requests"),
)
_HELPER = gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}


@rule(
    "CGW601 bedrock-regression error",
    why="""2.1.94 and 2.1.95 lost the Authorization header behind a Bedrock gateway; 2.1.96 repaired it.""",
    bad=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}, client="2.1.94"),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}, client="2.1.96"),
    evidence="""2.1.94: claim.bed claim.bed.lost.help claim.bed.header
    2.1.96: claim.bed
    reported: anthropics/claude-code#44963""",
    since="2.1.94",
    before="2.1.96",
)
def bedrock_regression(s: RuleContext) -> Iterator[RawFinding]:
    """This client version fails behind a Bedrock gateway."""
    if s.provider == "bedrock" and s.skips:
        yield RawFinding(
            f"client {s.snapshot.client_version} does not reach a Bedrock gateway with its key",
            s.at("CLAUDE_CODE_USE_BEDROCK"),
            "claude update",
        )


@rule(
    "CGW602 release-with-gateway-trouble warning",
    why="""Some releases sent requests that validating gateways refuse.""",
    bad=Example(user=USER, client="2.1.266"),
    good=Example(user=USER, client="2.1.268"),
    evidence="changelog: 2.1.265 to 2.1.276",
    since="2.1.265",
    before="2.1.276",
)
def release_with_gateway_trouble(s: RuleContext) -> Iterator[RawFinding]:
    """This client version is known for trouble behind gateways."""
    if s.base:
        for first, good, what in _BROKEN:
            if version_key(first) <= s.version < version_key(good):
                yield RawFinding(f"client {s.snapshot.client_version}: {what}", s.base.at, f"use {good} or newer")


@rule(
    "CGW603 oauth-leak info",
    why="""The changelog says that before 2.1.153 a regression let a custom gateway receive the person's Anthropic
    login instead of the gateway's token. In `claude -p` that was not seen: a token and a key kept a stored login
    out.""",
    bad=Example(user=USER, client="2.1.150"),
    good=Example(user=USER, client="2.1.153"),
    evidence="""changelog: 2.1.153
    2.1.150: claim.login.token claim.login.key""",
    since="2.1.141",
    before="2.1.153",
)
def oauth_leak(s: RuleContext) -> Iterator[RawFinding]:
    """This client version may send the person's Anthropic login to the gateway."""
    if s.base and s.provider == "anthropic":
        yield RawFinding(
            f"client {s.snapshot.client_version} may send an Anthropic login to the gateway",
            s.base.at,
            "use 2.1.153 or newer",
        )


@rule(
    "CGW604 newer-than-client warning",
    why="""The client ignores variables and keys that came later than itself.""",
    bad=Example(user=working(CLAUDE_CODE_GATEWAY_HINT_HEADERS="1"), client="2.1.200"),
    good=Example(user=working(CLAUDE_CODE_GATEWAY_HINT_HEADERS="1"), client="2.1.330"),
    evidence="""2.1.228: claim.model.default
    2.1.330: claim.model.default""",
)
def newer_than_client(s: RuleContext) -> Iterator[RawFinding]:
    """A variable or key is newer than the client."""
    version = s.snapshot.client_version
    for name in s.sites:
        known = VARIABLES.get(name)
        if (
            known
            and known.since
            and s.older(known.since)
            and s.text(name)
            and not name.startswith("CLAUDE_CODE_SKIP_")
        ):
            yield RawFinding(
                f"{name} needs client {known.since}; this is {version}", s.at(name), "update the client, or remove it"
            )
    for source in s.files:
        for key in source.data:
            since = SINCE.get(key)
            if since and s.older(since):
                yield RawFinding(
                    f"{key} needs client {since}; this is {version}",
                    Location(source.file, pointer=f"/{key}"),
                    "update the client, or remove it",
                )


@rule(
    "CGW605 deprecated-variable info",
    why="""The old name still works and has a successor.""",
    bad=Example(user=working(ANTHROPIC_SMALL_FAST_MODEL="claude-haiku-5-5")),
    good=Example(user=working(ANTHROPIC_DEFAULT_HAIKU_MODEL="claude-haiku-5-5")),
    evidence="""2.1.330: model.anth.haiku+SMALL_FAST
    documented: https://code.claude.com/docs/en/env-vars, ANTHROPIC_SMALL_FAST_MODEL""",
    fix="unsafe",
)
def deprecated_variable(s: RuleContext) -> Iterator[RawFinding]:
    """A variable is deprecated."""
    for name in s.sites:
        known = VARIABLES.get(name)
        site = s.site(name) if known and known.instead else None
        if site and known and known.instead:
            fix = None
            if site.source and known.instead not in s.sites:
                edits = (*site.delete(), SetValue(site.source.file, ("env", known.instead), site.value))
                fix = Fix(f"rename it to {known.instead}", "unsafe", edits)
            yield RawFinding(f"{name} is deprecated", site.at, f"use {known.instead}", fix)


@rule(
    "CGW606 variable-without-effect info",
    why="""This client version does not read the variable any more.""",
    bad=Example(user=working(CLAUDE_CODE_CONNECT_TIMEOUT_MS="5000")),
    good=Example(user=working(API_TIMEOUT_MS="600000")),
    evidence="documented: https://code.claude.com/docs/en/env-vars, CLAUDE_CODE_CONNECT_TIMEOUT_MS",
    fix="safe",
)
def variable_without_effect(s: RuleContext) -> Iterator[RawFinding]:
    """A variable has no effect any more."""
    for name in s.sites:
        known = VARIABLES.get(name)
        site = s.site(name) if known and known.gone and not s.older(known.gone) else None
        if site and known:
            fix = Fix("remove it", "safe", site.delete()) if site.source else None
            yield RawFinding(f"{name} does nothing since {known.gone}", site.at, "remove it", fix)


@rule(
    "CGW607 skip-auth-too-early error",
    why="""The skip-auth flag works only from a certain version on; before it the client wants a cloud credential.""",
    bad=Example(
        user={"env": {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW,
            "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }},
        client="2.1.112",
    ),
    good=Example(
        user={"env": {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW,
            "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }},
        client="2.1.208",
    ),
    evidence="""2.1.112: c2.fnd.tok
    2.1.208: c2.fnd.tok""",
)  # fmt: skip
def skip_auth_too_early(s: RuleContext) -> Iterator[RawFinding]:
    """This client version does not know the skip-auth flag yet."""
    fact = next((provider.skip_fact for provider in PROVIDERS if provider.name == s.provider), None)
    if fact and s.skips and not holds(fact, s.snapshot.client_version):
        since = find(fact).spans[0].since
        yield RawFinding(
            f"{SKIP[s.provider]} works from client {since} on; this is {s.snapshot.client_version}",
            s.at(SKIP[s.provider]),
            f"use {since} or newer",
        )


@rule(
    "CGW608 discovery-with-helper warning",
    why="""Before 2.1.248 model discovery did not run when a helper is the only credential.""",
    bad=Example(
        user={
            "env": {**_HELPER["env"], "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"},
            "apiKeyHelper": "~/bin/key.sh",
        },
        helper=SCRIPT,
        client="2.1.240",
    ),
    good=Example(
        user={
            "env": {**_HELPER["env"], "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"},
            "apiKeyHelper": "~/bin/key.sh",
        },
        helper=SCRIPT,
    ),
    evidence="""2.1.240: claim.disc.helper
    2.1.330: claim.disc.helper
    reported: anthropics/claude-code#56675""",
    since="2.1.129",
    before="2.1.248",
)
def discovery_with_helper(s: RuleContext) -> Iterator[RawFinding]:
    """Model discovery does not run with a helper in this client version."""
    name = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
    if s.on(name) and s.helper and not s.text("ANTHROPIC_AUTH_TOKEN") and not s.text("ANTHROPIC_API_KEY"):
        yield RawFinding(
            f"client {s.snapshot.client_version} does not discover models with a helper alone",
            s.at(name),
            "use 2.1.248 or newer",
        )


@rule(
    "CGW609 discovery-without-traffic warning",
    why="""Before 2.1.257 CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC switched model discovery off.""",
    bad=Example(
        user=working(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1"),
        client="2.1.250",
    ),
    good=Example(
        user=working(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1")
    ),
    evidence="""2.1.250: claim.disc.token
    2.1.257: claim.disc.token
    changelog: 2.1.257""",
    since="2.1.129",
    before="2.1.257",
)
def discovery_without_traffic(s: RuleContext) -> Iterator[RawFinding]:
    """Model discovery is on, and switched off again by another variable in this client version."""
    name = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
    if s.on(name) and s.text("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"):
        yield RawFinding(
            f"client {s.snapshot.client_version} discovers no models with CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
            s.at(name),
            "use 2.1.257 or newer",
        )


@rule(
    "CGW610 no-refresh-on-403 info",
    why="""Before 2.1.246 the client fetched a new key on 401 only. A gateway that answers 403 to an expired token
    ends the session.""",
    bad=Example(user=_HELPER, helper=SCRIPT, client="2.1.240"),
    good=Example(user=_HELPER, helper=SCRIPT),
    evidence="""reported: anthropics/claude-code#43436
    2.1.330: help.403once""",
    before="2.1.246",
)
def no_refresh_on_403(s: RuleContext) -> Iterator[RawFinding]:
    """This client version does not run the helper again on 403."""
    if s.helper:
        yield RawFinding(
            f"client {s.snapshot.client_version} does not fetch a new key on 403",
            Location(s.helper[0].file, pointer="/apiKeyHelper"),
            "use 2.1.246 or newer",
        )


@rule(
    "CGW611 client-outside-range error",
    why="""The client refuses to start outside the range that managed settings allow.""",
    bad=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER, client="2.1.280"),
    good=Example(managed={"requiredMinimumVersion": "2.1.300"}, user=USER, client="2.1.330"),
    evidence="2.1.330: claim.managed.minversion claim.managed.maxversion",
    since="2.1.163",
)
def client_outside_range(s: RuleContext) -> Iterator[RawFinding]:
    """Managed settings do not allow this client version."""
    version = s.snapshot.client_version
    for source in s.files:
        if source.scope != "managed":
            continue
        low, high = (source.data.get(key) for key in ("requiredMinimumVersion", "requiredMaximumVersion"))
        least, most = version_of(low), version_of(high)
        if least and most and least > most:
            continue  # impossible for every client: CGW220
        if least and s.version < least:
            at = Location(source.file, pointer="/requiredMinimumVersion")
            yield RawFinding(
                f"client {version} is older than the required {low}: it does not start", at, "claude update"
            )
        if most and s.version > most:
            at = Location(source.file, pointer="/requiredMaximumVersion")
            yield RawFinding(
                f"client {version} is newer than the allowed {high}: it does not start", at, f"install {high}"
            )
