"""5xx: where requests go - base URLs, provider flags and what each provider needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.rule import Example, Hit, rule
from claude_gw_cli.rules.samples import BEDROCK, GW, TOKEN, USER, VERTEX, working
from claude_gw_cli.rules.subject import BASE, FLAGS, Site, Subject, url_parts

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
_MESSAGES = (
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_FOUNDRY_BASE_URL",
    "ANTHROPIC_AWS_BASE_URL",
    "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
)
_FOREIGN = {
    "ANTHROPIC_BASE_URL": ("bedrock", "vertex_ai", "vertex"),
    "ANTHROPIC_BEDROCK_BASE_URL": ("anthropic", "vertex_ai", "vertex"),
    "ANTHROPIC_VERTEX_BASE_URL": ("anthropic", "bedrock"),
}


def _with(base: dict[str, str], **more: str) -> Example:
    return Example(user={"env": {**base, "ANTHROPIC_AUTH_TOKEN": TOKEN, **more}})


def _segments(site: Site) -> list[str]:
    parts = url_parts(site.value)
    return [part for part in parts.path.split("/") if part] if parts else []


@rule(
    "CGW501",
    "base-url-ends-in-v1",
    "error",
    why="""The client appends /v1/messages itself. A base URL that ends in /v1, a habit from OpenAI-style clients,
    gives /v1/v1/messages: 404, which the client reports as a model that may not exist.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/v1", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 anth.base/v1/",),
    fix="unsafe",
)
def base_url_ends_in_v1(s: Subject) -> Iterator[Hit]:
    """A base URL for the Messages format ends in /v1."""
    for site in s.base_urls:
        if site.name in _MESSAGES and _segments(site)[-1:] == ["v1"]:
            shorter = site.value.strip().rstrip("/").removesuffix("/v1")
            edits = site.set(shorter)
            yield Hit(
                f"{site.name} ends in /v1; requests go to /v1/v1/messages",
                site.at,
                "end it before /v1",
                Fix("remove /v1", "unsafe", edits) if edits else None,
            )


@rule(
    "CGW502",
    "base-url-is-endpoint",
    "error",
    why="""The base URL is what stands before /v1/messages, not the endpoint itself.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/v1/messages", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 anth.base/v1/messages",),
)
def base_url_is_endpoint(s: Subject) -> Iterator[Hit]:
    """A base URL names the whole endpoint."""
    for site in s.base_urls:
        segments = _segments(site)
        if segments[-2:] in (["v1", "messages"], ["chat", "completions"]) or segments[-1:] in (
            ["invoke"],
            ["messages"],
        ):
            yield Hit(
                f"{site.name} is a whole endpoint; the client appends its own path",
                site.at,
                "end it before /v1/messages",
            )


@rule(
    "CGW503",
    "vertex-base-without-version",
    "warning",
    why="""In Vertex mode the client adds no version: it asks for BASE/projects/..., so the base has to end in /v1.
    LiteLLM's /vertex_ai also answers without it; most others do not.""",
    bad=_with(VERTEX, ANTHROPIC_VERTEX_BASE_URL=GW),
    good=_with(VERTEX),
    evidence=("atlas:2.1.330 vtx.base/", "atlas:2.1.330 vtx.base/v1"),
)
def vertex_base_without_version(s: Subject) -> Iterator[Hit]:
    """The Vertex base URL does not end in /v1."""
    site = s.site("ANTHROPIC_VERTEX_BASE_URL")
    if site and s.provider == "vertex" and url_parts(site.value):
        segments = _segments(site)
        if segments[-1:] != ["v1"] and not {"vertex_ai", "vertex", "v1beta1"} & set(segments):
            yield Hit(
                "ANTHROPIC_VERTEX_BASE_URL does not end in /v1, and the client adds no version",
                site.at,
                "end it in /v1 (LiteLLM: /vertex_ai/v1)",
            )


@rule(
    "CGW504",
    "vertex-project-missing",
    "error",
    why="""Without a project the client stops: "No projectId was given".""",
    bad=Example(
        user={"env": {k: v for k, v in VERTEX.items() if "PROJECT" not in k} | {"ANTHROPIC_AUTH_TOKEN": TOKEN}}
    ),
    good=_with(VERTEX),
    evidence=("atlas:2.1.330 vtx.noproject",),
    whole=True,
)
def vertex_project_missing(s: Subject) -> Iterator[Hit]:
    """Vertex mode has no project."""
    if s.provider != "vertex":
        return
    names = (
        "ANTHROPIC_VERTEX_PROJECT_ID",
        "GCLOUD_PROJECT",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_APPLICATION_CREDENTIALS",
    )
    if not any(s.text(name) for name in names):
        yield Hit(
            "ANTHROPIC_VERTEX_PROJECT_ID is not set: the client does not start",
            s.at(FLAGS["vertex"]),
            "set ANTHROPIC_VERTEX_PROJECT_ID",
        )


@rule(
    "CGW505",
    "region-defaulted",
    "info",
    why="""Without a region the client takes its default, which also decides the model's name: us-east5 for Vertex,
    us for Bedrock.""",
    bad=Example(
        user={"env": {k: v for k, v in VERTEX.items() if "REGION" not in k} | {"ANTHROPIC_AUTH_TOKEN": TOKEN}}
    ),
    good=_with(VERTEX),
    evidence=("atlas:2.1.330 vtx.noregion", "atlas:2.1.330 bed.noregion"),
    whole=True,
)
def region_defaulted(s: Subject) -> Iterator[Hit]:
    """No region is set, so the client uses its default."""
    names = {"vertex": ("CLOUD_ML_REGION",), "bedrock": ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE")}.get(
        s.provider
    )
    if names and not any(s.text(name) for name in names):
        yield Hit(f"{names[0]} is not set", s.at(FLAGS[s.provider]), f"set {names[0]}")


@rule(
    "CGW506",
    "path-twice",
    "error",
    why="""A path that stands twice in a base URL comes from adding the provider's path to a URL that had it.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/anthropic/anthropic", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/anthropic", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 anth.base/anthropic/",),
)
def path_twice(s: Subject) -> Iterator[Hit]:
    """A base URL repeats a part of its path."""
    for site in s.base_urls:
        segments = _segments(site)
        if any(first == second for first, second in pairwise(segments)):
            yield Hit(f"{site.name} repeats a part of its path", site.at, "remove the repetition")


@rule(
    "CGW507",
    "base-url-with-query",
    "error",
    why="""The client appends its path to the end of the base URL: behind a ? or # it becomes part of the query.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}?team=llm", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm")),
    evidence=("atlas:2.1.330 claim.base.query",),
)
def base_url_with_query(s: Subject) -> Iterator[Hit]:
    """A base URL has a query or fragment."""
    for site in s.base_urls:
        parts = url_parts(site.value)
        if parts and (parts.query or parts.fragment):
            yield Hit(
                f"{site.name} has a query or fragment, and the client's path ends up in it",
                site.at,
                "send fixed values with ANTHROPIC_CUSTOM_HEADERS",
            )


@rule(
    "CGW508",
    "foundry-two-addresses",
    "error",
    why="""ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_BASE_URL exclude each other: the client stops.""",
    bad=Example(user={"env": {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "team-llm"}}),
    good=Example(user={"env": FOUNDRY}),
    evidence=("atlas:2.1.330 fnd.resource+base",),
)
def foundry_two_addresses(s: Subject) -> Iterator[Hit]:
    """Both Foundry addresses are set."""
    if s.provider == "foundry" and s.text("ANTHROPIC_FOUNDRY_RESOURCE") and s.base:
        yield Hit(
            "ANTHROPIC_FOUNDRY_RESOURCE and ANTHROPIC_FOUNDRY_BASE_URL exclude each other",
            s.at("ANTHROPIC_FOUNDRY_RESOURCE"),
            'set ANTHROPIC_FOUNDRY_RESOURCE to ""',
        )


@rule(
    "CGW509",
    "foundry-no-address",
    "error",
    why="""Foundry mode needs a resource name or a base URL; without either the client stops.""",
    bad=Example(user={"env": {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": TOKEN}}),
    good=Example(user={"env": FOUNDRY}),
    evidence=("atlas:2.1.330 claim.fnd.none",),
    whole=True,
)
def foundry_no_address(s: Subject) -> Iterator[Hit]:
    """Foundry mode has no address."""
    if (
        s.provider == "foundry"
        and not s.base
        and not s.text("ANTHROPIC_FOUNDRY_RESOURCE")
        and not s.text("ANTHROPIC_BASE_URL")
    ):
        yield Hit(
            "neither ANTHROPIC_FOUNDRY_BASE_URL nor ANTHROPIC_FOUNDRY_RESOURCE is set",
            s.at(FLAGS["foundry"]),
            "set ANTHROPIC_FOUNDRY_BASE_URL to the gateway",
        )


@rule(
    "CGW510",
    "foundry-resource-is-url",
    "error",
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
    evidence=("atlas:2.1.330 claim.fnd.resource.url",),
)
def foundry_resource_is_url(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_FOUNDRY_RESOURCE is an address instead of a name."""
    if "/" in s.text("ANTHROPIC_FOUNDRY_RESOURCE"):
        yield Hit(
            "ANTHROPIC_FOUNDRY_RESOURCE is an address",
            s.at("ANTHROPIC_FOUNDRY_RESOURCE"),
            "write the resource's name, or use ANTHROPIC_FOUNDRY_BASE_URL",
        )


@rule(
    "CGW511",
    "several-providers",
    "warning",
    why="""Of several provider flags one wins (Bedrock, then Foundry, then Vertex), whatever the others say.""",
    bad=Example(user={"env": {**BEDROCK, **VERTEX, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=_with(BEDROCK, CLAUDE_CODE_USE_VERTEX=""),
    evidence=("atlas:2.1.330 both.bed+vtx", "atlas:2.1.330 both.vtx+fnd", "atlas:2.1.330 both.all3"),
)
def several_providers(s: Subject) -> Iterator[Hit]:
    """Several provider flags are on."""
    flags = [FLAGS[name] for name in ("bedrock", "foundry", "vertex") if s.on(FLAGS[name])]
    if len(flags) > 1:
        yield Hit(
            f"{' and '.join(flags)} are on; {flags[0]} wins", s.at(flags[1]), f'set {", ".join(flags[1:])} to ""'
        )


@rule(
    "CGW512",
    "path-of-another-provider",
    "error",
    why="""Each provider mode has its own wire format and its own route at the gateway.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/bedrock", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=_with(BEDROCK),
    evidence=("atlas:2.1.330 claim.base.other-route",),
)
def path_of_another_provider(s: Subject) -> Iterator[Hit]:
    """A base URL ends in the route of another provider."""
    for site in s.base_urls:
        last = [part for part in _segments(site) if part != "v1"][-1:]
        if last and last[0] in _FOREIGN.get(site.name, ()):
            yield Hit(
                f"{site.name} leads to the gateway's /{last[0]} route",
                site.at,
                "use the variable of that provider, and its CLAUDE_CODE_USE_ flag",
            )


@rule(
    "CGW513",
    "provider-not-switched-on",
    "error",
    why="""A provider's base URL counts only with its CLAUDE_CODE_USE_ flag. Without it, and without
    ANTHROPIC_BASE_URL, requests and the gateway's key go to api.anthropic.com.""",
    bad=Example(user={"env": {"ANTHROPIC_BEDROCK_BASE_URL": f"{GW}/bedrock", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=_with(BEDROCK),
    evidence=("atlas:2.1.330 flag.bed=''",),
    whole=True,
)
def provider_not_switched_on(s: Subject) -> Iterator[Hit]:
    """A provider's base URL is set, but the provider is off."""
    if s.provider == "anthropic" and not s.base and s.gateway_key:
        for provider, name in BASE.items():
            if provider != "anthropic" and s.text(name):
                yield Hit(
                    f"{name} is set, but {FLAGS[provider]} is not: the gateway's key goes to api.anthropic.com",
                    s.at(name),
                    f"set {FLAGS[provider]} to 1",
                )


@rule(
    "CGW514",
    "unused-base-url",
    "info",
    why="""The base URL of a provider that is not in use has no effect; the next person will think that it has.""",
    bad=_with(BEDROCK, ANTHROPIC_VERTEX_BASE_URL=f"{GW}/vertex_ai/v1"),
    good=_with(BEDROCK, ANTHROPIC_VERTEX_BASE_URL=""),
    evidence=("atlas:2.1.330 bed.anthbase.same",),
    fix="safe",
)
def unused_base_url(s: Subject) -> Iterator[Hit]:
    """A base URL belongs to a provider that is not in use."""
    if s.base:
        for site in s.base_urls:
            if site.name != s.base.name:
                edits = site.set("")
                fix = Fix(f'set {site.name} to ""', "safe", edits) if edits else None
                yield Hit(f"{site.name} has no effect: {s.base.name} is used", site.at, f'set {site.name} to ""', fix)


@rule(
    "CGW515",
    "capabilities-without-effect",
    "warning",
    why="""_SUPPORTED_CAPABILITIES counts in provider modes only, not behind ANTHROPIC_BASE_URL.""",
    bad=Example(user=working(ANTHROPIC_DEFAULT_OPUS_MODEL_SUPPORTED_CAPABILITIES="effort,thinking")),
    good=Example(user={**USER, "modelOverrides": {"claude-opus-5-5": "team-opus"}}),
    evidence=("documented: model configuration",),
)
def capabilities_without_effect(s: Subject) -> Iterator[Hit]:
    """_SUPPORTED_CAPABILITIES is set where it has no effect."""
    if s.provider == "anthropic" and s.base:
        for name in s.sites:
            if name.endswith("_SUPPORTED_CAPABILITIES") and s.text(name):
                yield Hit(
                    f"{name} has no effect behind ANTHROPIC_BASE_URL",
                    s.at(name),
                    "use modelOverrides in settings.json",
                )


@rule(
    "CGW516",
    "discovery-with-provider",
    "warning",
    why="""Model discovery asks the gateway's /v1/models, which only the Messages format has; with any
    CLAUDE_CODE_USE_ flag the client does not ask.""",
    bad=_with(BEDROCK, CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1"),
    good=Example(user=working(CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1")),
    evidence=(
        "atlas:2.1.330 claim.disc.bed",
        "atlas:2.1.330 claim.disc.token",
    ),
)
def discovery_with_provider(s: Subject) -> Iterator[Hit]:
    """Model discovery is switched on in a provider mode, where it does not run."""
    name = "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"
    if s.on(name) and s.provider != "anthropic":
        yield Hit(
            f"model discovery does not run with {FLAGS[s.provider]}",
            s.at(name),
            "name the models: ANTHROPIC_DEFAULT_*_MODEL",
        )


@rule(
    "CGW517",
    "workspace-missing",
    "error",
    why="""Claude Platform on AWS needs a workspace.""",
    bad=_with(AWS),
    good=_with(AWS, ANTHROPIC_AWS_WORKSPACE_ID="wrkspc_01"),
    evidence=("atlas:2.1.330 claim.aws.noworkspace",),
    whole=True,
)
def workspace_missing(s: Subject) -> Iterator[Hit]:
    """Claude Platform on AWS has no workspace."""
    if s.provider == "anthropic-aws" and not s.text("ANTHROPIC_AWS_WORKSPACE_ID"):
        yield Hit(
            "ANTHROPIC_AWS_WORKSPACE_ID is not set", s.at(FLAGS["anthropic-aws"]), "set ANTHROPIC_AWS_WORKSPACE_ID"
        )


@rule(
    "CGW518",
    "bedrock-base-slash",
    "info",
    why="""With a slash at the end the client's first request goes to //inference-profiles.""",
    bad=_with(BEDROCK, ANTHROPIC_BEDROCK_BASE_URL=f"{GW}/bedrock/"),
    good=_with(BEDROCK),
    evidence=(
        "atlas:2.1.330 claim.bed.slash",
        "atlas:2.1.330 claim.bed.noslash",
    ),
    fix="unsafe",
)
def bedrock_base_slash(s: Subject) -> Iterator[Hit]:
    """The Bedrock base URL ends in a slash."""
    site = s.site("ANTHROPIC_BEDROCK_BASE_URL")
    if site and s.provider == "bedrock" and site.value.strip().endswith("/"):
        edits = site.set(site.value.strip().rstrip("/"))
        yield Hit(
            "ANTHROPIC_BEDROCK_BASE_URL ends in a slash",
            site.at,
            "remove it",
            Fix("remove the slash", "unsafe", edits) if edits else None,
        )


@rule(
    "CGW519",
    "model-name-of-another-provider",
    "warning",
    why="""Model names differ by provider: Bedrock's start with a region prefix and "anthropic.", Vertex' may carry an
    @version. A gateway usually routes only its own provider's names.""",
    bad=Example(user=working(ANTHROPIC_MODEL="us.anthropic.claude-opus-5-5")),
    good=Example(user=working(ANTHROPIC_MODEL="claude-opus-5-5")),
    evidence=("atlas:2.1.330 model.anth.ANTHROPIC_MODEL", "atlas:2.1.330 model.bed.default"),
)
def model_name_of_another_provider(s: Subject) -> Iterator[Hit]:
    """A model is named as another provider names it."""
    if not s.base:
        return
    for name in ("ANTHROPIC_MODEL", *(f"ANTHROPIC_DEFAULT_{tier}_MODEL" for tier in ("OPUS", "SONNET", "HAIKU"))):
        model = s.text(name)
        if s.provider in {"anthropic", "vertex"} and model.startswith(
            ("us.anthropic.", "eu.anthropic.", "apac.anthropic.", "anthropic.claude")
        ):
            yield Hit(f"{name}: {model} is a Bedrock name", s.at(name), "use the name that the gateway lists")
        elif s.provider in {"anthropic", "bedrock"} and model.startswith("claude-") and "@" in model:
            yield Hit(f"{name}: {model} is a Vertex name", s.at(name), "use the name that the gateway lists")
