"""Where the first model request goes: base URL, path and region, as the client joins them (atlas sections 7, 8)."""

from __future__ import annotations

from claude_gw_cli.core.layers import WHITESPACE, Effective, truthy
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.models import body_model, extra_body
from claude_gw_cli.core.predict.providers import Route, aws_region, base_text, vertex_host
from claude_gw_cli.core.predict.url import escape, parse_url, swallowed
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.models import region_variable
from claude_gw_cli.facts.providers import Provider
from claude_gw_cli.facts.transport import PROXIES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.facts.wires import WIRES

_INVALID = "API Error: Invalid URL"
# What JavaScript's URL leaves alone.
_PATH = "-_.!~*'()%/:@&=+$,;|[]^\\"
_REGION = lazy(r"[A-Za-z]+(-[A-Za-z]+[0-9]+)?")
# What a name server can be asked for; other hosts are valid in a URL and are never found.
_NAME = frozenset("._-0123456789abcdefghijklmnopqrstuvwxyz")


def request_target(
    route: Route, snapshot: Snapshot, effective: Effective, chosen: str | None
) -> tuple[str, str | None, str]:
    """``(url, model, refusal)`` of the first model request; a refusal when the client cannot build it.

    ``chosen`` is the model's name as it is sent; CLAUDE_CODE_EXTRA_BODY may replace it.
    """
    provider = route.provider
    version = snapshot.client_version
    body = body_model(effective)
    model = chosen if body is None else body
    refusal = _missing(provider, effective, version)
    if refusal:
        return "", model, refusal
    region = region_of(route, snapshot, effective, chosen or "")
    base = base_url_of(provider, effective, region, version)
    swallows = "?" in base.partition("#")[0] and holds("query-keeps-messages-path", version)
    wire = WIRES["messages" if swallows else provider.wire]
    path = wire.request.format(
        model=escape(model or "", wire.kept),
        project=effective.text("ANTHROPIC_VERTEX_PROJECT_ID").strip(WHITESPACE),
        region=region,
    )
    proxied = any(effective.text(name) for name in PROXIES)
    url = _joined(base, path, version, proxied=proxied)
    if provider.wire == "invoke" and body is not None and extra_body(effective)["model"] is None:
        return "", model, "API Error: Path parameters result in path with invalid segments"
    return url, model, "" if url else _INVALID


def base_url_of(provider: Provider, effective: Effective, region: str, version: str) -> str:
    """The base URL in effect: the configured one, or the cloud's own."""
    base = base_text(provider, effective)
    if base:
        return base
    if provider.regions == "google":
        return vertex_host(region, version)
    return provider.cloud.format(region=region, resource=effective.text(provider.resource or "").strip(WHITESPACE))


def _joined(base: str, path: str, version: str, *, proxied: bool) -> str:
    """The client's join of base and path; ``""`` when the result is not a URL that it can send to.

    It removes one slash at the base's end and parses what it gets: a fragment ends the URL, a query takes the path.
    """
    if _lacks_scheme(base) and holds("host-without-scheme", version):
        base = f"http://{base}"
    whole = parse_url(base.removesuffix("/") + path, caret=holds("caret-encoded", version))
    if whole is None or not (whole.host.startswith("[") or _NAME.issuperset(whole.host)):
        return ""
    if whole.userinfo:
        alone = not whole.userinfo.partition(":")[2]
        reached = holds("base-url-user-alone" if alone else "base-url-userinfo", version)
        if not reached and not (alone and proxied and holds("user-alone-reaches-proxy", version)):
            return ""
    folder = whole.path
    if holds("root-slashes-collapse", version):
        folder = f"/{folder.lstrip('/')}"
    if whole.query is None:
        return whole.origin + folder
    return f"{whole.origin}{folder}?" + swallowed(whole.query, encoded=holds("query-in-base-swallows-path", version))


def _lacks_scheme(base: str) -> bool:
    """Whether a text begins with a host and a port: ``gateway:4000``."""
    host, _, port = base.partition(":")
    plain = host.isascii() and host[:1].isalpha() and _NAME.issuperset(host.lower()) and "_" not in host
    return plain and host not in ("http", "https") and port[:1].isdecimal()


def _missing(provider: Provider, effective: Effective, version: str) -> str:
    """What the provider cannot start without, as the client says it."""
    for name, said in provider.required:
        if not effective.present(name):
            return said
    if provider.resource:
        base = effective.present(provider.base)
        resource = effective.present(provider.resource)
        if base and resource:
            return "API Error: baseURL and resource are mutually exclusive"
        if not base and not resource:
            return (
                "API Error: Must provide one of the `baseURL` or `resource` arguments, "
                f"or the `{provider.resource}` environment variable"
            )
        fact, said = provider.resource_refusal
        name = effective.text(provider.resource).strip(WHITESPACE)
        if not base and holds(fact, version) and not lazy(provider.resource_form).fullmatch(name):
            return said
    return ""


def region_of(route: Route, snapshot: Snapshot, effective: Effective, model: str) -> str:
    """The region in the host or the path of a request for a model."""
    provider = route.provider
    if provider.regions != "google":
        return aws_region(snapshot, effective)
    version = snapshot.client_version
    skip = provider.skip is not None and truthy(effective.text(provider.skip))
    if skip and holds("vertex-blank-location", version):
        return "%20"
    for name in (region_variable(model), "CLOUD_ML_REGION"):
        text = effective.text(name)
        if not holds("vertex-regions-checked", version) and text:
            return escape(text, _PATH)
        if _REGION.fullmatch(text.strip(WHITESPACE)):
            return text.strip(WHITESPACE)
    return "us-east5"
