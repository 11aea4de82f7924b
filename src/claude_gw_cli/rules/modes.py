"""5xx: provider modes: which one is on, and what it needs."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.providers import BY_NAME, PROVIDERS
from claude_gw_cli.facts.versions import find, holds
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import FLAGS, RuleContext
from claude_gw_cli.rules.literals import EXPANSION, has_placeholder
from claude_gw_cli.rules.rule import RawFinding, rule

_FOUNDRY_RESOURCE = "ANTHROPIC_FOUNDRY_RESOURCE"
_RESOURCE = lazy(next(item.resource_form for item in PROVIDERS if item.resource_form))
_GOOGLE_PROJECT = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS")


@rule("CGW504 vertex-project-missing error", whole=True)
def vertex_project_missing(ctx: RuleContext) -> Iterator[RawFinding]:
    """Vertex mode has no project."""
    name = "ANTHROPIC_VERTEX_PROJECT_ID"
    if ctx.provider == "vertex" and not ctx.first(name, *(() if ctx.skips else _GOOGLE_PROJECT)):
        yield ctx.finding(FLAGS["vertex"], f"{name} is not set: the client does not start", f"set {name}")


@rule("CGW505 region-defaulted info", whole=True)
def region_defaulted(ctx: RuleContext) -> Iterator[RawFinding]:
    """No region is set, so the client uses its default."""
    names = BY_NAME[ctx.provider].region_variables
    if names and not ctx.first(*names):
        yield ctx.finding(FLAGS[ctx.provider], f"{names[0]} is not set", f"set {names[0]}")


@rule("CGW508 foundry-two-addresses error", needs=(_FOUNDRY_RESOURCE,))
def foundry_two_addresses(ctx: RuleContext) -> Iterator[RawFinding]:
    """Both the Foundry resource and the Foundry base URL are set."""
    name = _FOUNDRY_RESOURCE
    if ctx.provider == "foundry" and ctx.text(name) and ctx.base:
        yield ctx.finding(name, f"{name} and ANTHROPIC_FOUNDRY_BASE_URL exclude each other", f'set {name} to ""')


@rule("CGW509 foundry-no-address error", whole=True)
def foundry_no_address(ctx: RuleContext) -> Iterator[RawFinding]:
    """Foundry mode has neither a resource nor a base URL."""
    given = ctx.base or ctx.first(_FOUNDRY_RESOURCE, "ANTHROPIC_BASE_URL")
    if ctx.provider == "foundry" and not given:
        yield ctx.finding(
            FLAGS["foundry"],
            "neither ANTHROPIC_FOUNDRY_BASE_URL nor ANTHROPIC_FOUNDRY_RESOURCE is set",
            "set ANTHROPIC_FOUNDRY_BASE_URL to the gateway",
        )


@rule("CGW510 foundry-resource-is-url error", needs=(_FOUNDRY_RESOURCE,))
def foundry_resource_is_url(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_FOUNDRY_RESOURCE is a URL or another text that is not a resource's name."""
    name = _FOUNDRY_RESOURCE
    url = "ANTHROPIC_FOUNDRY_BASE_URL"
    text = ctx.text(name)
    is_said = has_placeholder(text) or EXPANSION.search(text)  # CGW118, CGW207
    if text and not ctx.text(url) and not is_said and not _RESOURCE.fullmatch(text):
        what = "a URL" if "/" in text else "not the name of a resource"
        yield ctx.finding(name, f"{name} is {what}", f"write the resource's name, or use {url}")


@rule("CGW511 several-providers warning", needs=FLAGS.values())
def several_providers(ctx: RuleContext) -> Iterator[RawFinding]:
    """Several provider flags are on."""
    known = (item for item in PROVIDERS if item.fact is None or holds(item.fact, ctx.snapshot.client_version))
    flags = [item.flag for item in known if item.flag and ctx.on(item.flag)]
    if len(flags) > 1 and flags != [FLAGS["bedrock"], FLAGS["mantle"]]:
        message = f"{' and '.join(flags)} are on; {flags[0]} wins"
        yield ctx.finding(flags[1], message, f'set {", ".join(flags[1:])} to ""')


@rule("CGW513 provider-not-switched-on error", whole=True)
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


@rule("CGW515 capabilities-without-effect warning")
def capabilities_without_effect(ctx: RuleContext) -> Iterator[RawFinding]:
    """_SUPPORTED_CAPABILITIES is set where it has no effect."""
    if ctx.provider == "anthropic" and ctx.base:
        for name in ctx.values:
            if name.endswith("_SUPPORTED_CAPABILITIES") and ctx.text(name):
                message = f"{name} has no effect with ANTHROPIC_BASE_URL"
                yield ctx.finding(name, message, "use modelOverrides in settings.json")


@rule("CGW516 discovery-with-provider warning", needs=("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY",))
def discovery_with_provider(ctx: RuleContext) -> Iterator[RawFinding]:
    """Model discovery is switched on in a provider mode, where it does not run."""
    name = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
    if ctx.on(name) and ctx.provider != "anthropic":
        message = f"model discovery does not run with {FLAGS[ctx.provider]}"
        yield ctx.finding(name, message, "name the models: ANTHROPIC_DEFAULT_*_MODEL")


@rule("CGW517 workspace-missing error", whole=True)
def workspace_missing(ctx: RuleContext) -> Iterator[RawFinding]:
    """Claude Platform on AWS has no workspace."""
    name = "ANTHROPIC_AWS_WORKSPACE_ID"
    if ctx.provider == "anthropic-aws" and not ctx.text(name):
        yield ctx.finding(FLAGS["anthropic-aws"], f"{name} is not set", f"set {name}")
