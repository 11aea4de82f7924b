"""1xx: where a credential goes: a login or a key that reaches somebody for whom it was not meant."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.predict.gates import PROXIES
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.variables import INVENTED
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import BASE, FLAGS, SKIP, RuleContext, VariableValue, is_anthropic, url_parts
from claude_gw_cli.rules.keys import key_sites
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import GW, SCRIPT, TOKEN, USER, gateway_env


@rule(
    "CGW104 gateway-bypassed error",
    why="""A provider flag turns ANTHROPIC_BASE_URL off: the client then talks to the cloud provider directly unless
    that provider's own base URL is set. Left-over CLAUDE_CODE_USE_* flags are the usual cause. With the skip-auth
    flag such a request carries the gateway's key, or nothing, to a cloud that knows neither; the cloud's own names
    for an address, AWS_ENDPOINT_URL_BEDROCK_RUNTIME for one, are not read. An empty ANTHROPIC_BASE_URL over an
    exported one sends the exported key to api.anthropic.com.""",
    bad=Example(
        env={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"},
        user={"env": {"ANTHROPIC_BASE_URL": GW}},
    ),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, CLAUDE_CODE_USE_BEDROCK="")),
    evidence="""2.1.330: l4.fnd.anthbase-only claim.nobase.bed.misnamed claim.nobase.vtx claim.nobase.fnd
    2.1.330: claim.nobase.mantle claim.nobase.aws claim.base.blank""",
)
def gateway_bypassed(s: RuleContext) -> Iterator[RawFinding]:
    """The gateway's address does not count, and requests go to the cloud provider."""
    if s.base:
        return
    if s.provider == "anthropic":
        yield from _blank_base(s)
        return
    flag, wanted = FLAGS[s.provider], BASE[s.provider]
    if s.site("ANTHROPIC_BASE_URL") and not s.text("ANTHROPIC_FOUNDRY_RESOURCE"):
        yield RawFinding(
            f"{flag} is on, so ANTHROPIC_BASE_URL is ignored and requests go to the cloud provider",
            s.at(flag),
            f'set {flag} to "", or give the gateway as {wanted}',
        )
    elif s.whole and s.skips and s.prediction.outcome == "request" and not _suits_the_cloud(s):
        unread = next((name for name in _UNREAD[s.provider] if s.text(name)), None)
        cause = f"{unread} is not read" if unread else f"{wanted} is not set"
        yield RawFinding(
            f"{cause}: requests go to the cloud itself, and {SKIP[s.provider]} keeps its credential out of them",
            s.at(unread or flag),
            f"give the gateway's address as {wanted}",
        )


_UNREAD = {
    provider: tuple(name for name, meant in INVENTED.items() if meant == base) for provider, base in BASE.items()
}
_UNREAD["bedrock"] += ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME",)
"""Provider -> names of an address that no client reads."""
_CLOUD_TOKENS = {"vertex": "ya29.", "foundry": "eyJ"}
"""Provider -> how a token begins that somebody fetched from the cloud."""


def _suits_the_cloud(s: RuleContext) -> bool:
    """Whether the request may carry what the cloud wants: its own token, a helper's output, or what a proxy adds."""
    sent, key = s.header("authorization"), s.header("x-api-key")
    if not (sent and sent.present) and not (key and key.present):
        return any(s.text(name) for name in PROXIES)
    sources = {item.source.name for item in (sent, key) if item and item.source}
    if "ANTHROPIC_AUTH_TOKEN" in sources:
        mark = _CLOUD_TOKENS.get(s.provider)
        return mark is not None and s.text("ANTHROPIC_AUTH_TOKEN").startswith(mark)
    return not sources <= {SKIP[s.provider], "ANTHROPIC_API_KEY"}


def _blank_base(s: RuleContext) -> Iterator[RawFinding]:
    """A key that was set up for a gateway whose address another settings file empties."""
    *hidden, blank = s.sites.get("ANTHROPIC_BASE_URL", (None,))
    real = [site for site in hidden if site and site.value.strip() and not is_anthropic(site.value)]
    keys = (s.site(name) for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"))
    meant = {site.name: site.source for site in keys if site and not site.value.strip().startswith("sk-ant-")}
    if s.helper and real and s.helper[0] == real[-1].source:
        meant["apiKeyHelper"] = s.helper[0]
    name = next((name for name, source in meant.items() if blank and source != blank.source), None)
    if blank and real and name:
        yield RawFinding(
            f"ANTHROPIC_BASE_URL is empty in {blank.scope} settings: {name} goes to api.anthropic.com instead of "
            f"{_origin(real[-1].value)}",
            blank.at,
            f'remove the empty value, or set {name} to "" beside it',
        )


@rule(
    "CGW119 login-sent-to-gateway error",
    why="""A base URL without a credential leaves the person's own login in charge: a claude.ai session token is then
    sent to the gateway. Without a login the client refuses to start.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": GW}}),
    good=Example(user=USER),
    evidence="""2.1.330: c2.anth.none claim.login.alone claim.login.litellm
    documented: https://code.claude.com/docs/en/llm-gateway, ANTHROPIC_BASE_URL""",
    whole=True,
)
def login_sent_to_gateway(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL is set, but no credential for it."""
    if s.provider != "anthropic" or not s.base or is_anthropic(s.base.value) or s.text("CLAUDE_CODE_OAUTH_TOKEN"):
        return
    if not (s.text("ANTHROPIC_AUTH_TOKEN") or s.text("ANTHROPIC_API_KEY") or s.helper or s.headers):
        sent = s.header("authorization")
        stored = sent and sent.source and sent.source.kind == "login"
        yield RawFinding(
            "ANTHROPIC_BASE_URL has no credential of its own: "
            + (
                f"your claude.ai login is sent to {_origin(s.base.value)}"
                if stored
                else "a claude.ai login would be sent to it, and without one the client does not start"
            ),
            s.base.at,
            "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper: cgw settings apply",
        )


@rule(
    "CGW120 oauth-token-to-gateway error",
    why="""CLAUDE_CODE_OAUTH_TOKEN is a claude.ai subscription token. With a gateway as base URL and no gateway
    credential, it is sent there as Authorization.""",
    bad=Example(env={"CLAUDE_CODE_OAUTH_TOKEN": "oat-5d1e7c90aa"}, user={"env": {"ANTHROPIC_BASE_URL": GW}}),
    good=Example(env={"CLAUDE_CODE_OAUTH_TOKEN": ""}, user=USER),
    evidence="2.1.330: oat",
)
def oauth_token_to_gateway(s: RuleContext) -> Iterator[RawFinding]:
    """A claude.ai OAuth token is sent to the gateway."""
    if not s.text("CLAUDE_CODE_OAUTH_TOKEN") or s.provider != "anthropic" or not s.base or is_anthropic(s.base.value):
        return
    sent = s.header("authorization")
    if sent and sent.source and sent.source.name == "CLAUDE_CODE_OAUTH_TOKEN":
        yield RawFinding(
            "CLAUDE_CODE_OAUTH_TOKEN, a claude.ai login, is sent to the gateway",
            s.at("CLAUDE_CODE_OAUTH_TOKEN"),
            "unset it here, and set the gateway's own key",
        )


@rule(
    "CGW125 redirected-key error",
    why="""Settings of a project beat those of the user. With `claude -p` no trust question is asked: the base URL of
    a repository, its provider's own included, receives the key that the user set up for another gateway.""",
    bad=Example(user=USER, project={"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example.net"}}),
    good=Example(user=USER, project={"env": {"ANTHROPIC_MODEL": "claude-sonnet-5-5"}}),
    evidence="2.1.330: l4.base-in-project+key-env claim.redirect.provider",
    whole=True,
)
def redirected_key(s: RuleContext) -> Iterator[RawFinding]:
    """A project's base URL receives a key that was set up for another gateway."""
    if not s.base or s.base.scope not in {"project", "local"}:
        return
    advice = "remove the base URL from the project, or give the project its own key in .claude/settings.local.json"
    if sent := next((site for site in key_sites(s) if _leaves_anthropic(s, site)), None):
        address = _origin(s.base.value)
        yield RawFinding(
            f"the {s.base.scope} settings send your Anthropic key ({sent.name}) to {address}", s.base.at, advice
        )
        return
    key_scope, mine = _key_scope(s), _without_project(s).base
    if key_scope in {None, "project", "local"} or not mine or (s.provider != "anthropic" and not s.skips):
        return
    here, there = _origin(s.base.value), _origin(mine.value)
    if here != there:
        yield RawFinding(
            f"the {s.base.scope} settings send your {key_scope} key to {here} instead of {there}",
            s.base.at,
            advice,
        )


@rule(
    "CGW126 split-scopes info",
    why="""Base URL and key come from different places. Whoever sees only one of them (a background session without
    your shell, another checkout) sends the key elsewhere or nothing at all.""",
    bad=Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user={"env": {"ANTHROPIC_BASE_URL": GW}}),
    good=Example(user=USER),
    evidence="""2.1.330: scope.base.proc+project.key
    reported: anthropics/claude-code#26935""",
    whole=True,
)
def split_scopes(s: RuleContext) -> Iterator[RawFinding]:
    """The base URL and the key for it stand in different scopes."""
    key_scope = _key_scope(s)
    if s.base and key_scope and key_scope != s.base.scope and "managed" not in {key_scope, s.base.scope}:
        yield RawFinding(
            f"the base URL is set in {s.base.scope} scope, its key in {key_scope} scope",
            s.base.at,
            "keep both in one place: cgw settings apply",
        )


@rule(
    "CGW127 anthropic-key-to-gateway warning",
    why="""A key that starts with sk-ant- belongs to Anthropic. A gateway that is not Anthropic's can read it, use it
    and bill it to you; few gateways want it.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY="sk-ant-api03-fakefakefake")),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN)),
    evidence="2.1.330: anth.key",
)
def anthropic_key_to_gateway(s: RuleContext) -> Iterator[RawFinding]:
    """An Anthropic key is sent to a gateway."""
    if not s.base or is_anthropic(s.base.value):
        return
    for site in key_sites(s):
        if site.value.strip().startswith("sk-ant-") and not (s.whole and _leaves_anthropic(s, site)):
            yield RawFinding(
                f"{site.name} holds a key of Anthropic's, and the base URL is {_origin(s.base.value)}",
                site.at,
                "use the gateway's own key",
            )


@rule(
    "CGW129 login-token-unused info",
    why="""CLAUDE_CODE_OAUTH_TOKEN is used only when nothing else is: ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY and
    apiKeyHelper keep it out of every header. A CI job that sets it beside managed settings with a helper sends the
    helper's key.""",
    bad=Example(env={"CLAUDE_CODE_OAUTH_TOKEN": "oat-5d1e7c90aa"}, user=USER),
    good=Example(env={"CLAUDE_CODE_OAUTH_TOKEN": ""}, user=USER),
    evidence="""2.1.330: c2.oat+tok oat+help
    reported: anthropics/claude-code#11587""",
)
def login_token_unused(s: RuleContext) -> Iterator[RawFinding]:
    """CLAUDE_CODE_OAUTH_TOKEN is set, and another credential is sent instead."""
    if s.provider != "anthropic" or not s.text("CLAUDE_CODE_OAUTH_TOKEN"):
        return
    names = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY")
    winner = next((name for name in names if s.text(name)), "apiKeyHelper" if s.helper else None)
    if winner:
        yield RawFinding(
            f"CLAUDE_CODE_OAUTH_TOKEN is not used: {winner} is sent instead",
            s.at("CLAUDE_CODE_OAUTH_TOKEN"),
            "keep the one that is meant; cgw explain names the file of each",
        )


@rule(
    "CGW141 login-overridden info",
    why="""apiKeyHelper comes before a claude.ai login. Without a base URL its value goes to api.anthropic.com: a
    helper that was written for something else, an MCP server for example, takes the login's place.""",
    bad=Example(
        user={"apiKeyHelper": "~/bin/key.sh"},
        helper=SCRIPT,
        claude_json={"oauthAccount": {"emailAddress": "dev@example.com"}},
    ),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="""2.1.330: claim.login.alone claim.login.helper
    documented: https://code.claude.com/docs/en/authentication#authentication-precedence
    reported: anthropics/claude-code#90236""",
    whole=True,
)
def login_overridden(s: RuleContext) -> Iterator[RawFinding]:
    """An apiKeyHelper takes the place of a claude.ai login, and no gateway is configured."""
    if s.provider == "anthropic" and s.helper and not s.base and s.snapshot.claude_json.get("oauthAccount"):
        yield RawFinding(
            "apiKeyHelper is used instead of your claude.ai login, and its value goes to api.anthropic.com",
            Location(s.helper[0].file, pointer="/apiKeyHelper"),
            "remove it if it was meant for something else, or set ANTHROPIC_BASE_URL to the gateway",
        )


def _without_project(s: RuleContext) -> RuleContext:
    """The same start outside the project: where a person's key goes without it."""
    files = tuple(source for source in s.snapshot.files if source.scope not in {"project", "local"})
    return replace(s, snapshot=replace(s.snapshot, files=files))


def _leaves_anthropic(s: RuleContext, site: VariableValue) -> bool:
    """Whether a person's own Anthropic key goes where a project says."""
    theirs = s.base is not None and s.base.scope in {"project", "local"} and not is_anthropic(s.base.value)
    return theirs and site.scope in {"process", "user"} and site.value.strip().startswith("sk-ant-")


def _origin(url: str) -> str:
    parts = url_parts(url)
    if not parts:
        return "an invalid address"
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _key_scope(s: RuleContext) -> str | None:
    token = s.site("ANTHROPIC_AUTH_TOKEN")
    if token and token.value.strip() != PLACEHOLDER_TOKEN:
        return token.scope
    if s.helper:
        return s.helper[0].scope
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"):
        if site := s.site(name):
            return site.scope
    return None
