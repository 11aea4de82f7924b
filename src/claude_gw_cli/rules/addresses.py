"""5xx: base URLs, and the path that the client appends to them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from claude_gw_cli.rules.context import BASE, FLAGS, RuleContext, VariableValue, url_parts
from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import BEDROCK, GW, TOKEN, USER, VERTEX, working

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


def _segments(site: VariableValue) -> list[str]:
    parts = url_parts(site.value)
    return [part for part in parts.path.split("/") if part] if parts else []


@rule(
    "CGW501 base-url-ends-in-v1 error",
    why="""The client appends /v1/messages itself. A base URL that ends in /v1, a habit from OpenAI-style clients,
    gives /v1/v1/messages: 404, which the client reports as a model that may not exist.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/v1", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence="2.1.330: anth.base/v1/",
    fix="unsafe",
)
def base_url_ends_in_v1(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL for the Messages format ends in /v1."""
    for site in s.base_urls:
        ignored = site.name == "ANTHROPIC_BASE_URL" and s.provider != "anthropic"
        if site.name in _MESSAGES and not ignored and _segments(site)[-1:] == ["v1"]:
            shorter = site.value.strip().rstrip("/").removesuffix("/v1")
            edits = site.set(shorter)
            yield RawFinding(
                f"{site.name} ends in /v1; requests go to /v1/v1/messages",
                site.at,
                "end it before /v1",
                Fix("remove /v1", "unsafe", edits) if edits else None,
            )


@rule(
    "CGW502 base-url-is-endpoint error",
    why="""The base URL is what stands before the path that the client appends (/v1/messages; for Bedrock /model/...,
    for Vertex /projects/...), not the endpoint itself.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/v1/messages", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence="2.1.330: anth.base/v1/messages claim.base.chat claim.base.vtx.projects claim.base.bed.model",
)
def base_url_is_endpoint(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL names the whole endpoint."""
    for site in s.base_urls:
        segments = _segments(site)
        first = None
        if site.name == "ANTHROPIC_VERTEX_BASE_URL" and "projects" in segments:
            first = "projects"
        elif site.name == "ANTHROPIC_BEDROCK_BASE_URL" and segments[-1:] == ["model"]:
            first = "model"
        elif segments[-1:] in (["messages"], ["completions"], ["invoke"]):
            known = (("v1", "messages"), ("v1", "chat", "completions"), ("chat", "completions"))
            first = "/".join(next((item for item in known if (*segments,)[-len(item) :] == item), segments[-1:]))
        if first is not None:
            yield RawFinding(
                f"{site.name} is a whole endpoint; the client appends its own path",
                site.at,
                f"end it before /{first}",
            )


@rule(
    "CGW503 vertex-base-without-version warning",
    why="""In Vertex mode the client adds no version: it asks for BASE/projects/..., so the base has to end in /v1.
    LiteLLM's /vertex_ai also answers without it; most others do not.""",
    bad=_with(VERTEX, ANTHROPIC_VERTEX_BASE_URL=GW),
    good=_with(VERTEX),
    evidence="2.1.330: vtx.base/ vtx.base/v1",
)
def vertex_base_without_version(s: RuleContext) -> Iterator[RawFinding]:
    """The Vertex base URL does not end in /v1."""
    site = s.site("ANTHROPIC_VERTEX_BASE_URL")
    if site and s.provider == "vertex" and url_parts(site.value):
        segments = _segments(site)
        if segments[-1:] != ["v1"] and not {"vertex_ai", "vertex", "v1beta1"} & set(segments):
            yield RawFinding(
                "ANTHROPIC_VERTEX_BASE_URL does not end in /v1, and the client adds no version",
                site.at,
                "end it in /v1 (LiteLLM: /vertex_ai/v1)",
            )


@rule(
    "CGW506 path-twice error",
    why="""A path that stands twice in a base URL comes from adding the provider's path to a URL that had it.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/anthropic/anthropic", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/anthropic", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="2.1.330: anth.base/anthropic/",
)
def path_twice(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL repeats a part of its path."""
    for site in s.base_urls:
        segments = _segments(site)
        if any(first == second for first, second in pairwise(segments)):
            yield RawFinding(f"{site.name} repeats a part of its path", site.at, "remove the repetition")


@rule(
    "CGW507 base-url-with-query error",
    why="""The client appends its path to the end of the base URL: behind a ? or # it becomes part of the query.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}?team=llm", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm")),
    evidence="2.1.330: claim.base.query",
)
def base_url_with_query(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL has a query or fragment."""
    for site in s.base_urls:
        parts = url_parts(site.value)
        if parts and (parts.query or parts.fragment):
            yield RawFinding(
                f"{site.name} has a query or fragment, and the client's path ends up in it",
                site.at,
                "send fixed values with ANTHROPIC_CUSTOM_HEADERS",
            )


@rule(
    "CGW512 path-of-another-provider error",
    why="""Each provider mode has its own wire format and its own route at the gateway.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/bedrock", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=_with(BEDROCK),
    evidence="2.1.330: claim.base.other-route",
)
def path_of_another_provider(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL ends in the route of another provider."""
    for site in s.base_urls:
        last = [part for part in _segments(site) if part != "v1"][-1:]
        if last and last[0] in _FOREIGN.get(site.name, ()):
            yield RawFinding(
                f"{site.name} leads to the gateway's /{last[0]} route",
                site.at,
                "use the variable of that provider, and its CLAUDE_CODE_USE_ flag",
            )


@rule(
    "CGW514 unused-base-url info",
    why="""The base URL of a provider that is not in use has no effect; the next person will think that it has.""",
    bad=_with(BEDROCK, ANTHROPIC_VERTEX_BASE_URL=f"{GW}/vertex_ai/v1"),
    good=_with(BEDROCK, ANTHROPIC_VERTEX_BASE_URL=""),
    evidence="2.1.330: bed.anthbase.same",
    fix="safe",
)
def unused_base_url(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL belongs to a provider that is not in use."""
    if s.base:
        for site in s.base_urls:
            if site.name != s.base.name:
                title = f'set {site.name} to ""'
                fix = Fix(title, "safe", site.set("")) if _never_counts(s, site) else None
                advice = title if fix else f"{title}, unless it is used in another directory or shell"
                yield RawFinding(f"{site.name} has no effect: {s.base.name} is used", site.at, advice, fix)


def _never_counts(s: RuleContext, site: VariableValue) -> bool:
    """Whether the file itself keeps this base URL out of use: a stronger provider is on there, or its own is off.

    Otherwise a flag in a shell or in another file would bring it into use.
    """
    own = next(name for name, variable in BASE.items() if variable == site.name)
    order = list(BASE)
    decides = s.provider if order.index(s.provider) < order.index(own) else own
    flags = s.sites.get(FLAGS.get(decides, ""), ())
    return bool(flags) and site.source is not None and flags[-1].source == site.source


@rule(
    "CGW518 bedrock-base-slash info",
    why="""With a slash at the end the client's first request goes to //inference-profiles.""",
    bad=_with(BEDROCK, ANTHROPIC_BEDROCK_BASE_URL=f"{GW}/bedrock/"),
    good=_with(BEDROCK),
    evidence="2.1.330: claim.bed.slash claim.bed.noslash",
    fix="unsafe",
)
def bedrock_base_slash(s: RuleContext) -> Iterator[RawFinding]:
    """The Bedrock base URL ends in a slash."""
    site = s.site("ANTHROPIC_BEDROCK_BASE_URL")
    if site and s.provider == "bedrock" and site.value.strip().endswith("/"):
        edits = site.set(site.value.strip().rstrip("/"))
        yield RawFinding(
            "ANTHROPIC_BEDROCK_BASE_URL ends in a slash",
            site.at,
            "remove it",
            Fix("remove the slash", "unsafe", edits) if edits else None,
        )
