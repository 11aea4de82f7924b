"""5xx: provider modes - which one is on, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.facts.headers import PROVIDERS
from claude_gw_cli.facts.versions import find, holds
from claude_gw_cli.rules.context import FLAGS, RuleContext
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, GW, TOKEN, USER, VERTEX, working

FOUNDRY = {
    "CLAUDE_CODE_USE_FOUNDRY": "1",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1",
    "ANTHROPIC_FOUNDRY_BASE_URL": GW,
    "ANTHROPIC_AUTH_TOKEN": TOKEN,
}
AWS = {
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1",
    "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH": "1",
    "ANTHROPIC_AWS_BASE_URL": GW,
}


def _with(base: dict[str, str], **more: str) -> Example:
    return Example(user={"env": {**base, "ANTHROPIC_AUTH_TOKEN": TOKEN, **more}})


@rule(
    "CGW504 vertex-project-missing error",
    why="""Without a project the client stops: "No projectId was given". With CLAUDE_CODE_SKIP_VERTEX_AUTH it looks at
    none of Google's own variables for one.""",
    bad=Example(
        user={"env": {k: v for k, v in VERTEX.items() if "PROJECT" not in k} | {"ANTHROPIC_AUTH_TOKEN": TOKEN}}
    ),
    good=_with(VERTEX),
    evidence="2.1.330: vtx.noproject claim.vtx.gcloud-project claim.vtx.file-project",
    whole=True,
)
def vertex_project_missing(s: RuleContext) -> Iterator[RawFinding]:
    """Vertex mode has no project."""
    if s.provider != "vertex":
        return
    theirs = ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS")
    names = ("ANTHROPIC_VERTEX_PROJECT_ID", *(() if s.skips else theirs))
    if not any(s.text(name) for name in names):
        yield RawFinding(
            "ANTHROPIC_VERTEX_PROJECT_ID is not set: the client does not start",
            s.at(FLAGS["vertex"]),
            "set ANTHROPIC_VERTEX_PROJECT_ID",
        )


@rule(
    "CGW505 region-defaulted info",
    why="""Without a region the client takes its default, which also decides the model's name: us-east5 for Vertex,
    us for Bedrock.""",
    bad=Example(
        user={"env": {k: v for k, v in VERTEX.items() if "REGION" not in k} | {"ANTHROPIC_AUTH_TOKEN": TOKEN}}
    ),
    good=_with(VERTEX),
    evidence="2.1.330: vtx.noregion bed.noregion",
    whole=True,
)
def region_defaulted(s: RuleContext) -> Iterator[RawFinding]:
    """No region is set, so the client uses its default."""
    names = {"vertex": ("CLOUD_ML_REGION",), "bedrock": ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")}.get(
        s.provider
    )
    if names and not any(s.text(name) for name in names):
        yield RawFinding(f"{names[0]} is not set", s.at(FLAGS[s.provider]), f"set {names[0]}")


@rule(
    "CGW508 foundry-two-addresses error",
    why="""ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_BASE_URL exclude each other: the client stops.""",
    bad=Example(user={"env": {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "team-llm"}}),
    good=Example(user={"env": FOUNDRY}),
    evidence="2.1.330: fnd.resource+base",
)
def foundry_two_addresses(s: RuleContext) -> Iterator[RawFinding]:
    """Both Foundry addresses are set."""
    if s.provider == "foundry" and s.text("ANTHROPIC_FOUNDRY_RESOURCE") and s.base:
        yield RawFinding(
            "ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_BASE_URL exclude each other",
            s.at("ANTHROPIC_FOUNDRY_RESOURCE"),
            'set ANTHROPIC_FOUNDRY_RESOURCE to ""',
        )


@rule(
    "CGW509 foundry-no-address error",
    why="""Foundry mode needs a resource name or a base URL; without either the client stops.""",
    bad=Example(user={"env": {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": TOKEN}}),
    good=Example(user={"env": FOUNDRY}),
    evidence="2.1.330: claim.fnd.none",
    whole=True,
)
def foundry_no_address(s: RuleContext) -> Iterator[RawFinding]:
    """Foundry mode has no address."""
    if (
        s.provider == "foundry"
        and not s.base
        and not s.text("ANTHROPIC_FOUNDRY_RESOURCE")
        and not s.text("ANTHROPIC_BASE_URL")
    ):
        yield RawFinding(
            "neither ANTHROPIC_FOUNDRY_BASE_URL nor ANTHROPIC_FOUNDRY_RESOURCE is set",
            s.at(FLAGS["foundry"]),
            "set ANTHROPIC_FOUNDRY_BASE_URL to the gateway",
        )


@rule(
    "CGW510 foundry-resource-is-url error",
    why="""ANTHROPIC_FOUNDRY_RESOURCE is a resource's name; the client makes the address from it.""",
    bad=Example(
        user={
            "env": {
                "CLAUDE_CODE_USE_FOUNDRY": "1",
                "ANTHROPIC_FOUNDRY_RESOURCE": "https://team.services.ai.azure.com",
                "ANTHROPIC_FOUNDRY_API_KEY": TOKEN,
            }
        }
    ),
    good=Example(
        user={
            "env": {
                "CLAUDE_CODE_USE_FOUNDRY": "1",
                "ANTHROPIC_FOUNDRY_RESOURCE": "team",
                "ANTHROPIC_FOUNDRY_API_KEY": TOKEN,
            }
        }
    ),
    evidence="2.1.330: claim.fnd.resource.url",
)
def foundry_resource_is_url(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_FOUNDRY_RESOURCE is an address instead of a name."""
    if "/" in s.text("ANTHROPIC_FOUNDRY_RESOURCE"):
        yield RawFinding(
            "ANTHROPIC_FOUNDRY_RESOURCE is an address",
            s.at("ANTHROPIC_FOUNDRY_RESOURCE"),
            "write the resource's name, or use ANTHROPIC_FOUNDRY_BASE_URL",
        )


@rule(
    "CGW511 several-providers warning",
    why="""Of several provider flags one wins (Bedrock, then Foundry, Claude Platform on AWS, Mantle, Vertex),
    whatever the others say. Mantle beside Bedrock is no mistake: the client can use both.""",
    bad=Example(user={"env": {**BEDROCK, **VERTEX, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=_with(BEDROCK, CLAUDE_CODE_USE_VERTEX=""),
    evidence="""2.1.330: both.bed+vtx both.vtx+fnd both.all3 claim.both.bed+aws
    documented: https://code.claude.com/docs/en/amazon-bedrock, Mantle""",
)
def several_providers(s: RuleContext) -> Iterator[RawFinding]:
    """Several provider flags are on."""
    known = (item for item in PROVIDERS if item.fact is None or holds(item.fact, s.snapshot.client_version))
    flags = [item.flag for item in known if item.flag and s.on(item.flag)]
    if len(flags) > 1 and flags != [FLAGS["bedrock"], FLAGS["mantle"]]:
        yield RawFinding(
            f"{' and '.join(flags)} are on; {flags[0]} wins", s.at(flags[1]), f'set {", ".join(flags[1:])} to ""'
        )


@rule(
    "CGW513 provider-not-switched-on error",
    why="""A provider's base URL counts only with its CLAUDE_CODE_USE_ flag, in a client that knows the provider.
    Otherwise, and without ANTHROPIC_BASE_URL, requests and the gateway's key go to api.anthropic.com.""",
    bad=Example(user={"env": {"ANTHROPIC_BEDROCK_BASE_URL": f"{GW}/bedrock", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=_with(BEDROCK),
    evidence="""2.1.330: flag.bed=''
    2.1.76: claim.mantle.old""",
    whole=True,
)
def provider_not_switched_on(s: RuleContext) -> Iterator[RawFinding]:
    """A provider's base URL is set, but the provider is off."""
    if s.provider == "anthropic" and not s.base and s.gateway_key:
        version = s.snapshot.client_version
        for item in PROVIDERS:
            if not item.flag or not s.text(item.base):
                continue
            cause, advice = f"{item.flag} is not", f"set {item.flag} to 1"
            if item.fact and s.on(item.flag) and not holds(item.fact, version):
                since = find(item.fact).spans[0].since
                cause, advice = f"client {version} does not know that provider", f"use {since} or newer"
            yield RawFinding(
                f"{item.base} is set, but {cause}: the gateway's key goes to api.anthropic.com",
                s.at(item.base),
                advice,
            )


@rule(
    "CGW515 capabilities-without-effect warning",
    why="""_SUPPORTED_CAPABILITIES counts in provider modes only, not behind ANTHROPIC_BASE_URL.""",
    bad=Example(user=working(ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES="effort,thinking")),
    good=Example(user={**USER, "modelOverrides": {"claude-opus-5-5": "team-opus"}}),
    evidence="documented: https://code.claude.com/docs/en/model-config, SUPPORTED_CAPABILITIES",
)
def capabilities_without_effect(s: RuleContext) -> Iterator[RawFinding]:
    """_SUPPORTED_CAPABILITIES is set where it has no effect."""
    if s.provider == "anthropic" and s.base:
        for name in s.sites:
            if name.endswith("_SUPPORTED_CAPABILITIES") and s.text(name):
                yield RawFinding(
                    f"{name} has no effect behind ANTHROPIC_BASE_URL",
                    s.at(name),
                    "use modelOverrides in settings.json",
                )


@rule(
    "CGW516 discovery-with-provider warning",
    why="""Model discovery asks the gateway's /v1/models, which only the Messages format has; with any
    CLAUDE_CODE_USE_ flag the client does not ask.""",
    bad=_with(BEDROCK, CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1"),
    good=Example(user=working(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1")),
    evidence="2.1.330: claim.disc.bed claim.disc.token",
)
def discovery_with_provider(s: RuleContext) -> Iterator[RawFinding]:
    """Model discovery is switched on in a provider mode, where it does not run."""
    name = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
    if s.on(name) and s.provider != "anthropic":
        yield RawFinding(
            f"model discovery does not run with {FLAGS[s.provider]}",
            s.at(name),
            "name the models: ANTHROPIC_DEFAULT_*_MODEL",
        )


@rule(
    "CGW517 workspace-missing error",
    why="""Claude Platform on AWS needs a workspace.""",
    bad=_with(AWS),
    good=_with(AWS, ANTHROPIC_AWS_WORKSPACE_ID="wrkspc_01"),
    evidence="2.1.330: claim.aws.noworkspace",
    whole=True,
)
def workspace_missing(s: RuleContext) -> Iterator[RawFinding]:
    """Claude Platform on AWS has no workspace."""
    if s.provider == "anthropic-aws" and not s.text("ANTHROPIC_AWS_WORKSPACE_ID"):
        yield RawFinding(
            "ANTHROPIC_AWS_WORKSPACE_ID is not set", s.at(FLAGS["anthropic-aws"]), "set ANTHROPIC_AWS_WORKSPACE_ID"
        )


@rule(
    "CGW519 model-name-of-another-provider warning",
    why="""Model names differ by provider: Bedrock's start with a region prefix and "anthropic.", Vertex' may carry an
    @version. A gateway usually routes only its own provider's names.""",
    bad=Example(user=working(ANTHROPIC_MODEL="us.anthropic.claude-opus-5-5")),
    good=Example(user=working(ANTHROPIC_MODEL="claude-opus-5-5")),
    evidence="2.1.330: model.anth.ANTHROPIC_MODEL model.bed.default claim.model.key.bedrock-name",
)
def model_name_of_another_provider(s: RuleContext) -> Iterator[RawFinding]:
    """A model is named as another provider names it."""
    if not s.base:
        return
    tiers = (f"ANTHROPIC_DEFAULT_{tier}_MODEL" for tier in ("OPUS", "SONNET", "HAIKU"))
    models = [(name, s.text(name), s.at(name)) for name in ("ANTHROPIC_MODEL", *tiers)]
    key = s.effective.model.winner if s.effective.model and not s.text("ANTHROPIC_MODEL") else None
    if key:
        models.append(("model", key.text.strip(), Location(key.origin.file, pointer=key.origin.pointer)))
    for name, model, at in models:
        if s.provider in {"anthropic", "vertex"} and model.startswith(
            ("us.anthropic.", "eu.anthropic.", "apac.anthropic.", "anthropic.claude")
        ):
            yield RawFinding(f"{name}: {model} is a Bedrock name", at, "use the name that the gateway lists")
        elif s.provider in {"anthropic", "bedrock"} and model.startswith("claude-") and "@" in model:
            yield RawFinding(f"{name}: {model} is a Vertex name", at, "use the name that the gateway lists")
