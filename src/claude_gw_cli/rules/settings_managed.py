"""2xx: the administrator's settings: files that stop every client, and conditions that nothing can meet."""

from __future__ import annotations

import os
from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.gates import CUSTOM, OWN_NAME, conditions, is_allowed, is_custom, is_forced
from claude_gw_cli.core.predict.providers import choose_route
from claude_gw_cli.facts.settings_keys import PROVIDERS
from claude_gw_cli.facts.variables import BASE_URLS, VARIABLES
from claude_gw_cli.facts.versions import holds, version_key
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import GW, SCRIPT, TOKEN, USER, gateway_env
from claude_gw_cli.rules.settings_places import key_at


@rule(
    "CGW203 managed-file-broken error",
    why="""From 2.1.259 the client refuses to start when a managed settings file cannot be read as a JSON object: one
    slip stops every machine that receives it.""",
    bad=Example(managed='{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com",}}'),
    good=Example(managed={"env": {"ANTHROPIC_BASE_URL": GW}, "apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="""2.1.330: claim.managed.broken
    2.1.228: claim.managed.broken""",
)
def managed_file_broken(s: RuleContext) -> Iterator[RawFinding]:
    """A managed settings file is not a JSON object: the client does not start."""
    for source in s.snapshot.files:
        if source.status == "invalid" and source.scope == "managed":
            stops = holds("managed-must-parse", s.snapshot.client_version)
            outcome = "the client refuses to start" if stops else "none of it is enforced"
            yield RawFinding(
                f"{outcome}: {source.reason}",
                Location(source.file),
                "repair the file; check it before it is rolled out",
            )


@rule(
    "CGW213 forced-login error",
    why="""forceLoginMethod and forceLoginOrgUUID demand a first-party login: since 2.1.146 the client refuses to
    start with a token, a key or a helper, whatever the provider. Cloud credentials and custom headers pass.""",
    bad=Example(managed={"forceLoginMethod": "claudeai"}, user=USER),
    good=Example(user={**USER, "forceLoginMethod": "claudeai"}),
    evidence="""2.1.330: claim.managed.forcelogin claim.managed.forceorg claim.forcelogin.vtx claim.forcelogin.helper
    2.1.330: claim.forcelogin.user claim.forcelogin.ch claim.forcelogin.bogus
    2.1.101: claim.managed.forcelogin
    reported: anthropics/claude-code#61180""",
    since="2.1.146",
)
def forced_login(s: RuleContext) -> Iterator[RawFinding]:
    """A forced login stands beside a credential of another kind."""
    asked = conditions(s.snapshot)
    if asked.forced and is_forced(asked, s.effective, s.snapshot.client_version, helper=s.helper is not None):
        yield RawFinding(
            f"{asked.forced} makes the client refuse every token, key and helper",
            _managed_at(s, asked.forced),
            "remove it on machines that use a gateway",
        )


@rule(
    "CGW219 provider-not-allowed error",
    why="""Every base URL that is not the provider's own counts as customEndpoint, and has to be pinned in the env of
    managed settings. A list without one known name, or no list, lets nothing start.""",
    bad=Example(managed={"allowedProviders": ["customEndpoint"]}, user=USER),
    good=Example(
        managed={"allowedProviders": ["customEndpoint"], "env": {"ANTHROPIC_BASE_URL": GW}},
        env={"ANTHROPIC_AUTH_TOKEN": TOKEN},
    ),
    evidence="""2.1.330: claim.allowed.custom.user claim.allowed.custom.managed claim.allowed.nonsense claim.allowed.own.bed
    2.1.330: claim.allowed.string claim.allowed.own.ant claim.allowed.direct.bed.other
    2.1.330: claim.allowed.custom.dropin""",
    since="2.1.285",
)
def provider_not_allowed(s: RuleContext) -> Iterator[RawFinding]:
    """The list allowedProviders shuts out what it should let in."""
    asked = conditions(s.snapshot)
    if asked.allowed is None:
        return
    route = choose_route(s.snapshot, s.effective)
    if is_allowed(asked, s.effective, route):
        return
    base, name = route.provider.base, OWN_NAME.get(route.provider.name, route.provider.name)
    custom = is_custom(s.effective, route)
    if not PROVIDERS & set(asked.allowed):
        text = "allowedProviders names no provider that the client knows: nothing starts"
        remedy = f"list some of: {', '.join(sorted(PROVIDERS))}"
    elif not s.whole and (custom or CUSTOM not in asked.allowed or _is_part(s) or asked.pinned & set(BASE_URLS)):
        return  # what the rest of the machine sets is not known
    elif CUSTOM in asked.allowed:
        text = f"customEndpoint lets no gateway through whose {base} managed settings do not pin"
        remedy = f"put {base} into the env of the managed settings"
    elif custom:
        text = f"the gateway in {base} counts as customEndpoint, which allowedProviders does not list"
        remedy = f"list customEndpoint, and put {base} into the env of the managed settings"
    else:
        text = f"allowedProviders does not list {name}, which is in use here: the client does not start"
        remedy = f"list {name}, or use another provider"
    yield RawFinding(text, _managed_at(s, "allowedProviders"), remedy)


@rule(
    "CGW220 impossible-version-range error",
    why="""The client refuses to start outside the range that managed settings allow. Only versions of the form x.y.z
    count.""",
    bad=Example(
        managed={"requiredMinimumVersion": "2.1.300", "requiredMaximumVersion": "2.1.200"},
        user=USER,
        client="2.1.330",
    ),
    good=Example(managed={"requiredMinimumVersion": "2.1.200"}, user=USER),
    evidence="2.1.330: claim.managed.range claim.minversion.bogus claim.minversion.short",
    since="2.1.163",
)
def impossible_version_range(s: RuleContext) -> Iterator[RawFinding]:
    """No client version satisfies the required range."""
    asked = conditions(s.snapshot)
    if asked.low and asked.high and version_key(asked.low) > version_key(asked.high):
        yield RawFinding(
            f"no version is at least {asked.low} and at most {asked.high}: no client starts",
            _managed_at(s, "requiredMinimumVersion"),
            "correct the range",
        )


@rule(
    "CGW223 managed-wins warning",
    why="""Managed settings beat every other place, variable by variable. Whoever sets another value in their own
    settings sees no effect, and no message.""",
    bad=Example(
        managed=gateway_env(),
        user={"env": {"ANTHROPIC_BASE_URL": "https://other.example.com"}},
        env={"ANTHROPIC_AUTH_TOKEN": TOKEN},
    ),
    good=Example(managed=gateway_env(), user={"env": {"ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="""2.1.330: scope.tok.all
    reported: anthropics/claude-code#60910""",
    whole=True,
)
def managed_wins(s: RuleContext) -> Iterator[RawFinding]:
    """A variable in user, project or local settings is overridden by managed settings."""
    for name, sites in s.sites.items():
        if sites[-1].scope != "managed" or name not in VARIABLES:
            continue
        theirs = sites[-1].value.strip()
        for site in sites[:-1]:
            if site.scope in {"user", "project", "local"} and site.value.strip() not in {"", theirs}:
                yield RawFinding(
                    f"{name} has no effect here: managed settings set another value",
                    site.at,
                    "remove it, or ask whoever manages this machine",
                )


def _managed_at(s: RuleContext, key: str) -> Location:
    """Where managed settings say it; of two places, the one that counts."""
    return next((key_at(source, key) for source, _ in s.settings(key) if source.scope == "managed"), Location())


def _is_part(s: RuleContext) -> bool:
    """Whether the file is a drop-in, which others complete."""
    return any(os.path.dirname(source.file).endswith("managed-settings.d") for source in s.files)
