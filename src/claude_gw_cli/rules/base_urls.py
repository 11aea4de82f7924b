"""5xx: base URLs, and the path that the client appends to them."""

from __future__ import annotations

from itertools import pairwise

from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import BASE, FLAGS, RuleContext, VariableValue, url_parts
from claude_gw_cli.rules.rule import RawFinding, rule

_VERTEX, _BEDROCK = BASE["vertex"], BASE["bedrock"]
_MESSAGES = {mode.base_variable for mode in MODES if mode.wire == "messages"}
_ROUTES = {mode.base_path.split("/")[1]: mode.wire for mode in MODES if mode.base_path}
_ROUTES |= {name.removesuffix("_ai"): wire for name, wire in _ROUTES.items()}
_OTHER_ROUTES = {
    mode.base_variable: tuple(name for name, wire in _ROUTES.items() if wire != mode.wire) for mode in MODES
}
"""Base URL -> first parts of LiteLLM's paths for other forms of requests; other gateways say vertex for vertex_ai."""
_ENDPOINTS = (("v1", "messages"), ("v1", "chat", "completions"), ("chat", "completions"))


def _segments(value: VariableValue) -> list[str]:
    parts = url_parts(value.value)
    return [part for part in parts.path.split("/") if part] if parts else []


@rule("CGW501 base-url-ends-in-v1 error", fix="unsafe")
def base_url_ends_in_v1(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL for the Messages format ends in /v1."""
    for value in ctx.base_urls:
        ignored = value.name == "ANTHROPIC_BASE_URL" and ctx.provider != "anthropic"
        if value.name in _MESSAGES and not ignored and _segments(value)[-1:] == ["v1"]:
            fix = value.fix("remove /v1", "unsafe", value.text.rstrip("/").removesuffix("/v1"))
            yield value.finding(f"{value.name} ends in /v1; requests go to /v1/v1/messages", "end it before /v1", fix)


@rule("CGW502 base-url-is-endpoint error")
def base_url_is_endpoint(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL names the whole endpoint."""
    for value in ctx.base_urls:
        segments = _segments(value)
        first = None
        if value.name == _VERTEX and "projects" in segments:
            first = "projects"
        elif value.name == _BEDROCK and segments[-1:] == ["model"]:
            first = "model"
        elif segments[-1:] in (["messages"], ["completions"], ["invoke"]):
            first = "/".join(next((end for end in _ENDPOINTS if (*segments,)[-len(end) :] == end), segments[-1:]))
        if first is not None:
            message = f"{value.name} is a whole endpoint; the client appends its own path"
            yield value.finding(message, f"end it before /{first}")


@rule("CGW503 vertex-base-without-version warning", needs=(_VERTEX,))
def vertex_base_without_version(ctx: RuleContext) -> Iterator[RawFinding]:
    """The Vertex base URL does not end in /v1."""
    value = ctx.value(_VERTEX)
    if value and ctx.provider == "vertex" and url_parts(value.value):
        segments = _segments(value)
        if segments[-1:] != ["v1"] and not {"vertex_ai", "vertex", "v1beta1"} & set(segments):
            message = "ANTHROPIC_VERTEX_BASE_URL does not end in /v1, and the client adds no version"
            yield value.finding(message, "end it in /v1 (LiteLLM: /vertex_ai/v1)")


@rule("CGW506 path-twice error")
def path_twice(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL repeats a part of its path."""
    for value in ctx.base_urls:
        if any(first == second for first, second in pairwise(_segments(value))):
            yield value.finding(f"{value.name} repeats a part of its path", "remove the repetition")


@rule("CGW507 base-url-with-query error")
def base_url_with_query(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL has a query or fragment."""
    for value in ctx.base_urls:
        parts = url_parts(value.value)
        if parts and ("?" in value.value or "#" in value.value):  # an empty one swallows the path, too
            message = f"{value.name} has a query or fragment, and the client appends its path to that"
            yield value.finding(message, "remove that part; fixed values can be sent with ANTHROPIC_CUSTOM_HEADERS")


@rule("CGW512 path-of-another-provider error")
def path_of_another_provider(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL ends in the route of another provider."""
    for value in ctx.base_urls:
        last = [part for part in _segments(value) if part != "v1"][-1:]
        if last and last[0] in _OTHER_ROUTES.get(value.name, ()):
            message = f"{value.name} points to the gateway's /{last[0]} route"
            yield value.finding(message, "use the variable of that provider, and its CLAUDE_CODE_USE_ flag")


@rule("CGW514 unused-base-url info", fix="safe")
def unused_base_url(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL belongs to a provider that is not in use."""
    for value in ctx.base_urls if ctx.base else ():
        if ctx.base and value.name != ctx.base.name:
            title = f'set {value.name} to ""'
            fix = value.fix(title, "safe", "") if _is_never_used(ctx, value) else None
            advice = title if fix else f"{title}, unless it is used in another directory or shell"
            yield value.finding(f"{value.name} has no effect: {ctx.base.name} is used", advice, fix)


def _is_never_used(ctx: RuleContext, value: VariableValue) -> bool:
    """Whether the file itself keeps this base URL out of use: it turns a stronger provider on, or this one off.

    Otherwise a flag in a shell or in another file would bring it into use.
    """
    own = next(name for name, variable in reversed(BASE.items()) if variable == value.name)
    order = list(BASE)
    decisive = ctx.provider if order.index(ctx.provider) < order.index(own) else own
    flags = ctx.values.get(FLAGS.get(decisive, ""), ())
    return bool(flags) and value.source is not None and flags[-1].source == value.source


@rule("CGW518 bedrock-base-slash info", fix="unsafe", needs=(_BEDROCK,))
def bedrock_base_slash(ctx: RuleContext) -> Iterator[RawFinding]:
    """The Bedrock base URL ends in a slash."""
    value = ctx.value(_BEDROCK)
    if value and ctx.provider == "bedrock" and value.text.endswith("/"):
        fix = value.fix("remove the slash", "unsafe", value.text.rstrip("/"))
        yield value.finding("ANTHROPIC_BEDROCK_BASE_URL ends in a slash", "remove it", fix)
