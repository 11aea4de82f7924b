"""Where the first model request goes: base URL, path and region, as the client joins them (atlas sections 7, 8)."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from claude_gw_cli.core.layers import BLANKS, Effective, truthy
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.models import choose_model
from claude_gw_cli.core.predict.providers import Route
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.headers import Provider
from claude_gw_cli.facts.models import VERTEX_REGIONS
from claude_gw_cli.facts.versions import holds

_INVALID = "API Error: Invalid URL"
# What JavaScript's encodeURIComponent and URL leave alone.
_COMPONENT = "-_.!~*'()"
_BEDROCK_ID = f"{_COMPONENT}:@&=+$,;"
_PATH = f"{_COMPONENT}%/:@&=+$,;|[]^\\"
_REGION = lazy(r"[a-z]+(-[a-z]+[0-9]+)?")


def request_target(
    route: Route, snapshot: Snapshot, effective: Effective, *, subscription: bool = False
) -> tuple[str, str | None, str]:
    """``(url, model, refusal)`` of the first model request; a refusal when the client cannot build it."""
    provider = route.provider
    version = snapshot.client_version
    model = choose_model(provider.name, snapshot, effective, subscription=subscription)
    refusal = _missing(provider, effective)
    if refusal:
        return "", model, refusal
    region = _region(provider, snapshot, effective, model or "")
    base = effective.text(provider.base).strip(BLANKS)
    if not base:
        base = provider.cloud.format(
            region=region, resource=effective.text("ANTHROPIC_FOUNDRY_RESOURCE").strip(BLANKS)
        )
    if provider.name == "bedrock":
        path = f"/model/{quote(model or '', safe=_BEDROCK_ID)}/invoke-with-response-stream"
    elif provider.name == "vertex":
        project = effective.text("ANTHROPIC_VERTEX_PROJECT_ID").strip(BLANKS)
        name = quote(model or "", safe=_PATH)
        path = f"/projects/{project}/locations/{region}/publishers/anthropic/models/{name}:streamRawPredict"
    else:
        path = "/v1/messages?beta=true"
    url = _joined(base, path, version)
    return url, model, "" if url else _INVALID


def _joined(base: str, path: str, version: str) -> str:
    """The client's join of base and path; ``""`` when the result is no URL.

    One slash at the base's end is removed (two stay one), a fragment ends the URL, a query swallows the path.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9.-]*:\d", base) and holds("host-without-scheme", version):
        base = f"http://{base}"
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s]", base):
        return ""
    base, fragment, _ = base.partition("#")
    try:
        parts = urlsplit(base)
    except ValueError:  # a bracket that is not closed
        return ""
    if "@" in parts.netloc and not holds("base-url-userinfo", version):
        return ""
    root = f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"
    folder = _normal(parts.path)
    if "?" in base:
        swallowed = f"{parts.query}{path}"
        if holds("query-in-base-swallows-path", version):
            name, equals, value = swallowed.partition("=")
            swallowed = f"{name}{equals}{quote(value, safe='')}"
        return f"{root}{folder or '/'}?{swallowed}"
    if fragment:
        return f"{root}{folder or '/'}"
    if not folder.strip("/") and holds("root-slashes-collapse", version):
        folder = ""
    return root + folder.removesuffix("/") + path


def _normal(path: str) -> str:
    """A path as a URL parser leaves it: dot segments resolved, unsafe characters percent-encoded."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            kept = kept[:-1] if len(kept) > 1 else kept
        elif segment != ".":
            kept.append(segment)
    return quote("/".join(kept), safe=_PATH)


def _missing(provider: Provider, effective: Effective) -> str:
    """What the provider cannot start without, as the client says it."""
    if provider.name == "vertex" and not effective.present("ANTHROPIC_VERTEX_PROJECT_ID"):
        return "API Error: No projectId was given and it could not be resolved from credentials."
    if provider.name == "foundry":
        base = effective.present(provider.base)
        resource = effective.present("ANTHROPIC_FOUNDRY_RESOURCE")
        if base and resource:
            return "API Error: baseURL and resource are mutually exclusive"
        if not base and not resource:
            return (
                "API Error: Must provide one of the `baseURL` or `resource` arguments, "
                "or the `ANTHROPIC_FOUNDRY_RESOURCE` environment variable"
            )
    return ""


def _region(provider: Provider, snapshot: Snapshot, effective: Effective, model: str) -> str:
    if provider.name != "vertex":
        names = ("AWS_REGION", "AWS_DEFAULT_REGION")
        return next((effective.text(name).strip(BLANKS) for name in names if effective.present(name)), "us-east-1")
    version = snapshot.client_version
    skip = provider.skip is not None and truthy(effective.text(provider.skip))
    if skip and holds("vertex-blank-location", version):
        return "%20"
    own = next((variable for start, variable in VERTEX_REGIONS if model.startswith(start)), "CLOUD_ML_REGION")
    for name in (own, "CLOUD_ML_REGION"):
        text = effective.text(name)
        if not holds("vertex-regions-checked", version) and text:
            return quote(text, safe=_PATH)
        if _REGION.fullmatch(text.strip(BLANKS)):
            return text.strip(BLANKS)
    return "us-east5"
