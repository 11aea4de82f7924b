"""5xx: provider modes: which one is on, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.providers import BY_NAME, PROVIDERS
from claude_gw_cli.facts.versions import find, holds
from claude_gw_cli.rules.context import FLAGS, RuleContext
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, FOUNDRY, GW, TOKEN, USER, VERTEX, with_env, working

_AWS = {
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1",
    "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH": "1",
    "ANTHROPIC_AWS_BASE_URL": GW,
}
_DIRECT_FOUNDRY = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": TOKEN}
_BEDROCK_NAMES = ("us.anthropic.", "eu.anthropic.", "apac.anthropic.", "anthropic.claude")
_RESOURCE = lazy(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])")
_GOOGLE_PROJECT = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS")


def _without(base: dict[str, str], part: str) -> Example:
    return with_env({name: value for name, value in base.items() if part not in name})


@rule(
    "CGW504 vertex-project-missing error",
    why="""Without a project the client stops: "No projectId was given". With CLAUDE_CODE_SKIP_VERTEX_AUTH it reads
    the project from none of Google's own variables.""",
    bad=_without(VERTEX, "PROJECT"),
    good=with_env(VERTEX),
    evidence="2.1.330: vtx.noproject claim.vtx.gcloud-project claim.vtx.file-project",
    whole=True,
)
def vertex_project_missing(ctx: RuleContext) -> Iterator[RawFinding]:
    """Vertex mode has no project."""
    name = "ANTHROPIC_VERTEX_PROJECT_ID"
    if ctx.provider == "vertex" and not ctx.first(name, *(() if ctx.skips else _GOOGLE_PROJECT)):
        yield ctx.finding(FLAGS["vertex"], f"{name} is not set: the client does not start", f"set {name}")


@rule(
    "CGW505 region-defaulted info",
    why="""Without a region the client uses its default, which also decides the model's name: us-east5 for Vertex,
    us for Bedrock.""",
    bad=_without(VERTEX, "REGION"),
    good=with_env(VERTEX),
    evidence="2.1.330: vtx.noregion bed.noregion",
    whole=True,
)
def region_defaulted(ctx: RuleContext) -> Iterator[RawFinding]:
    """No region is set, so the client uses its default."""
    names = BY_NAME[ctx.provider].region_variables
    if names and not ctx.first(*names):
        yield ctx.finding(FLAGS[ctx.provider], f"{names[0]} is not set", f"set {names[0]}")


@rule(
    "CGW508 foundry-two-addresses error",
    why="""ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_BASE_URL exclude each other: the client stops.""",
    bad=with_env(FOUNDRY, ANTHROPIC_FOUNDRY_RESOURCE="team-llm"),
    good=with_env(FOUNDRY),
    evidence="2.1.330: fnd.resource+base",
)
def foundry_two_addresses(ctx: RuleContext) -> Iterator[RawFinding]:
    """Both the Foundry resource and the Foundry base URL are set."""
    name = "ANTHROPIC_FOUNDRY_RESOURCE"
    if ctx.provider == "foundry" and ctx.text(name) and ctx.base:
        yield ctx.finding(name, f"{name} and ANTHROPIC_FOUNDRY_BASE_URL exclude each other", f'set {name} to ""')


@rule(
    "CGW509 foundry-no-address error",
    why="""Foundry mode needs a resource name or a base URL; without either the client stops.""",
    bad=Example(user={"env": _DIRECT_FOUNDRY}),
    good=with_env(FOUNDRY),
    evidence="2.1.330: claim.fnd.none",
    whole=True,
)
def foundry_no_address(ctx: RuleContext) -> Iterator[RawFinding]:
    """Foundry mode has neither a resource nor a base URL."""
    given = ctx.base or ctx.first("ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_BASE_URL")
    if ctx.provider == "foundry" and not given:
        yield ctx.finding(
            FLAGS["foundry"],
            "neither ANTHROPIC_FOUNDRY_BASE_URL nor ANTHROPIC_FOUNDRY_RESOURCE is set",
            "set ANTHROPIC_FOUNDRY_BASE_URL to the gateway",
        )


@rule(
    "CGW510 foundry-resource-is-url error",
    why="""ANTHROPIC_FOUNDRY_RESOURCE is a resource name of 2 to 64 letters, digits and inner hyphens, from which the
    client builds the URL. With any other text, such as a URL or a host name, no request is sent.""",
    bad=Example(user={"env": _DIRECT_FOUNDRY | {"ANTHROPIC_FOUNDRY_RESOURCE": "https://team.services.ai.azure.com"}}),
    good=Example(user={"env": _DIRECT_FOUNDRY | {"ANTHROPIC_FOUNDRY_RESOURCE": "team"}}),
    evidence="""2.1.330: claim.fnd.resource.url
    measured: client 2.1.332, six texts: two names send, four others do not""",
)
def foundry_resource_is_url(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_FOUNDRY_RESOURCE is a URL or another text that is not a resource's name."""
    name = "ANTHROPIC_FOUNDRY_RESOURCE"
    url = "ANTHROPIC_FOUNDRY_BASE_URL"
    text = ctx.text(name)
    if text and not ctx.text(url) and not _RESOURCE.fullmatch(text):
        what = "a URL" if "/" in text else "not the name of a resource"
        yield ctx.finding(name, f"{name} is {what}", f"write the resource's name, or use {url}")


@rule(
    "CGW511 several-providers warning",
    why="""Of several provider flags one wins, in the order Bedrock, Foundry, Claude Platform on AWS, Mantle, Vertex;
    the others are ignored. Mantle together with Bedrock is not a mistake: the client can use both.""",
    bad=with_env({**BEDROCK, **VERTEX}),
    good=with_env(BEDROCK, CLAUDE_CODE_USE_VERTEX=""),
    evidence="""2.1.330: both.bed+vtx both.vtx+fnd both.all3 claim.both.bed+aws
    documented: https://code.claude.com/docs/en/amazon-bedrock, Mantle""",
)
def several_providers(ctx: RuleContext) -> Iterator[RawFinding]:
    """Several provider flags are on."""
    known = (item for item in PROVIDERS if item.fact is None or holds(item.fact, ctx.snapshot.client_version))
    flags = [item.flag for item in known if item.flag and ctx.on(item.flag)]
    if len(flags) > 1 and flags != [FLAGS["bedrock"], FLAGS["mantle"]]:
        message = f"{' and '.join(flags)} are on; {flags[0]} wins"
        yield ctx.finding(flags[1], message, f'set {", ".join(flags[1:])} to ""')


@rule(
    "CGW513 provider-not-switched-on error",
    why="""A provider's base URL counts only with its CLAUDE_CODE_USE_ flag, in a client that knows the provider.
    Otherwise, and without ANTHROPIC_BASE_URL, requests and the gateway's key go to api.anthropic.com.""",
    bad=Example(user={"env": {"ANTHROPIC_BEDROCK_BASE_URL": f"{GW}/bedrock", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=with_env(BEDROCK),
    evidence="""2.1.330: flag.bed=''
    2.1.76: claim.mantle.old""",
    whole=True,
)
def provider_not_switched_on(ctx: RuleContext) -> Iterator[RawFinding]:
    """A provider's base URL is set, but the provider is off."""
    if ctx.provider != "anthropic" or ctx.base or not ctx.gateway_key:
        return
    version = ctx.snapshot.client_version
    for item in PROVIDERS:
        if not item.flag or not ctx.text(item.base):
            continue
        cause, advice = f"{item.flag} is not", f"set {item.flag} to 1"
        if item.fact and ctx.on(item.flag) and not holds(item.fact, version):
            since = find(item.fact).spans[0].since
            cause, advice = f"client {version} does not know that provider", f"use {since} or newer"
        message = f"{item.base} is set, but {cause}: the gateway's key goes to api.anthropic.com"
        yield ctx.finding(item.base, message, advice)


@rule(
    "CGW515 capabilities-without-effect warning",
    why="""_SUPPORTED_CAPABILITIES variables are read in provider modes only, not with ANTHROPIC_BASE_URL.""",
    bad=Example(user=working(ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES="effort,thinking")),
    good=Example(user={**USER, "modelOverrides": {"claude-opus-5-5": "team-opus"}}),
    evidence="documented: https://code.claude.com/docs/en/model-config, SUPPORTED_CAPABILITIES",
)
def capabilities_without_effect(ctx: RuleContext) -> Iterator[RawFinding]:
    """_SUPPORTED_CAPABILITIES is set where it has no effect."""
    if ctx.provider == "anthropic" and ctx.base:
        for name in ctx.values:
            if name.endswith("_SUPPORTED_CAPABILITIES") and ctx.text(name):
                message = f"{name} has no effect with ANTHROPIC_BASE_URL"
                yield ctx.finding(name, message, "use modelOverrides in settings.json")


@rule(
    "CGW516 discovery-with-provider warning",
    why="""Model discovery reads the gateway's /v1/models, which only the Messages format has; with any
    CLAUDE_CODE_USE_ flag the client does not ask.""",
    bad=with_env(BEDROCK, CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1"),
    good=Example(user=working(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1")),
    evidence="2.1.330: claim.disc.bed claim.disc.token",
)
def discovery_with_provider(ctx: RuleContext) -> Iterator[RawFinding]:
    """Model discovery is switched on in a provider mode, where it does not run."""
    name = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
    if ctx.on(name) and ctx.provider != "anthropic":
        message = f"model discovery does not run with {FLAGS[ctx.provider]}"
        yield ctx.finding(name, message, "name the models: ANTHROPIC_DEFAULT_*_MODEL")


@rule(
    "CGW517 workspace-missing error",
    why="""Claude Platform on AWS needs a workspace.""",
    bad=with_env(_AWS),
    good=with_env(_AWS, ANTHROPIC_AWS_WORKSPACE_ID="wrkspc_01"),
    evidence="2.1.330: claim.aws.noworkspace",
    whole=True,
)
def workspace_missing(ctx: RuleContext) -> Iterator[RawFinding]:
    """Claude Platform on AWS has no workspace."""
    name = "ANTHROPIC_AWS_WORKSPACE_ID"
    if ctx.provider == "anthropic-aws" and not ctx.text(name):
        yield ctx.finding(FLAGS["anthropic-aws"], f"{name} is not set", f"set {name}")


@rule(
    "CGW519 model-name-of-another-provider warning",
    why="""Model names differ by provider: Bedrock's start with a region prefix and "anthropic.", Vertex's may have an
    @version. A gateway usually routes only its own provider's names.""",
    bad=Example(user=working(ANTHROPIC_MODEL="us.anthropic.claude-opus-5-5")),
    good=Example(user=working(ANTHROPIC_MODEL="claude-opus-5-5")),
    evidence="2.1.330: model.anth.ANTHROPIC_MODEL model.bed.default claim.model.key.bedrock-name",
)
def model_name_of_another_provider(ctx: RuleContext) -> Iterator[RawFinding]:
    """A model has the name that another provider uses for it."""
    if not ctx.base:
        return
    tiers = (f"ANTHROPIC_DEFAULT_{tier}_MODEL" for tier in ("OPUS", "SONNET", "HAIKU"))
    models = [(name, ctx.text(name), ctx.at(name)) for name in ("ANTHROPIC_MODEL", *tiers)]
    key = ctx.effective.model.winner if ctx.effective.model and not ctx.text("ANTHROPIC_MODEL") else None
    if key:
        models.append(("model", key.text.strip(), Location(key.origin.file, pointer=key.origin.pointer)))
    for name, model, at in models:
        owner = ""
        if ctx.provider in {"anthropic", "vertex"} and model.startswith(_BEDROCK_NAMES):
            owner = "Bedrock"
        elif ctx.provider in {"anthropic", "bedrock"} and model.startswith("claude-") and "@" in model:
            owner = "Vertex"
        if owner:
            yield RawFinding(f"{name}: {model} is a {owner} name", at, "use the name that the gateway lists")
