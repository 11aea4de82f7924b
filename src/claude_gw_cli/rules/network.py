"""3xx: the way to the gateway - proxies, certificates, and addresses that lead nowhere."""

from __future__ import annotations

from claude_gw_cli.core.endpoint import exposure
from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.gates import invalid_proxy, is_url
from claude_gw_cli.core.predict.proxy import way_of
from claude_gw_cli.core.predict.url import parse_url
from claude_gw_cli.core.proxies import has_bare_percent
from claude_gw_cli.facts.providers import BY_NAME
from claude_gw_cli.facts.transport import PROXIES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.hints import TYPE_CHECKING, Iterator
from claude_gw_cli.record import lru_cache, replace
from claude_gw_cli.rules.context import RuleContext, url_parts
from claude_gw_cli.rules.literals import has_placeholder
from claude_gw_cli.rules.rule import RawFinding, rule

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_PASSWORD_ALONE = lazy(r"\s*(?:\w+://)?:[^@/]+@")
_ENDS = lazy(r"[,;\"'`\])>]+$")
"""What a base URL ends in where more was copied or typed than the address."""
_HOST_AND_PORT = lazy(r"[A-Za-z][A-Za-z0-9.-]*:\d")
_UNUSABLE = {
    "missing": ("does not exist", "correct the path; it must be absolute"),
    "unreadable": ("cannot be read", "give the path of a file that this account can read"),
    "not-pem": (
        "is not a PEM certificate",
        "give a PEM file; convert DER with: openssl x509 -inform der -in FILE -out FILE.pem",
    ),
}
"""State of a file -> what is wrong, and what to do."""


@rule("CGW303 lower-case-proxy-wins warning", needs=PROXIES)
def lower_case_proxy_wins(s: RuleContext) -> Iterator[RawFinding]:
    """A lower-case proxy variable overrides a different upper-case one."""
    for lower in (name for name in PROXIES if name.islower()):
        upper = lower.upper()
        if s.text(lower) and s.text(upper) and s.text(lower) != s.text(upper):
            yield RawFinding(f"{lower} wins over {upper}, and they differ", s.at(lower), f"unset {lower}")


@rule("CGW304 proxy-before-local-gateway warning", whole=True)
def proxy_before_local_gateway(s: RuleContext) -> Iterator[RawFinding]:
    """Requests to a gateway on this machine go through an HTTP proxy."""
    parts = url_parts(s.base.value) if s.base else None
    if not s.base or not parts or not parts.hostname or exposure(parts.hostname) != "none":
        return
    proxy = _proxy(s, s.base.text)
    if proxy:
        yield RawFinding(
            f"{proxy} sends requests for {parts.hostname} to the proxy",
            s.at(proxy),
            f"add {parts.hostname} to NO_PROXY",
        )


@rule("CGW305 certificate-file warning", whole=True)
def certificate_file(ctx: RuleContext) -> Iterator[RawFinding]:
    """A certificate or credential file cannot be used.

    The client works without it where nothing needs it (measured, 2.1.332); whether a gateway does, doctor finds out.
    """
    provider = BY_NAME[ctx.prediction.provider]
    for name, state in ctx.paths.items():
        if state in _UNUSABLE and ctx.text(name):
            what, advice = _UNUSABLE[state]
            is_read = "google" in provider.situations and not ctx.on(provider.skip or "")
            if name == "GOOGLE_APPLICATION_CREDENTIALS" and is_read:
                found = ctx.finding(name, f"the file in {name} {what}: the client sends nothing", advice)
                yield replace(found, severity="error")
            else:
                yield ctx.finding(name, f"the file in {name} {what}: the client goes on without it", advice)


@rule("CGW306 plain-http error")
def plain_http(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is plain http to another machine."""
    yield from _plain_http(ctx, "public", "use https://")


_HOSTS_OF_CONTAINERS = frozenset({"host.docker.internal", "host.containers.internal", "host.lima.internal"})
"""Names under which a container reaches the machine that it runs on: such a request stays on it."""


@rule("CGW307 plain-http-inside info")
def plain_http_inside(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is plain http to a private address."""
    yield from _plain_http(ctx, "inside", "use https:// where the gateway offers it")


_USUAL_PORT = lazy(r"[^:]*(?::80)?")


def _exposure(ctx: RuleContext, parts: SplitResult) -> str:
    """Who could read plain http; in Kubernetes, ``service.namespace:4000`` is another pod."""
    host = parts.hostname or ""
    found = exposure(host)
    is_service = ctx.in_cluster and host.count(".") == 1 and not _USUAL_PORT.fullmatch(parts.netloc)
    return "inside" if found == "public" and is_service else found


def _plain_http(ctx: RuleContext, reach: str, advice: str) -> Iterator[RawFinding]:
    for value in ctx.base_urls:
        parts = _parts(_with_scheme(ctx, value.text))
        if parts and parts.hostname in _HOSTS_OF_CONTAINERS:
            continue
        if parts and parts.scheme == "http" and parts.hostname and _exposure(ctx, parts) == reach:
            yield value.finding(f"{value.name} sends the key to {parts.hostname} unencrypted", advice)
    for item in ctx.snapshot.profiles:
        parts = url_parts(item.gateway_url)
        if parts and parts.scheme == "http" and parts.hostname and exposure(parts.hostname) == reach:
            at = Location(ctx.profile_files.get(item.name), pointer="/gateway_url")
            yield RawFinding(f"profile {item.name} sends the key to {parts.hostname} unencrypted", at, advice)


@rule("CGW308 proxy-invalid error", whole=True)
def proxy_invalid(s: RuleContext) -> Iterator[RawFinding]:
    """The proxy that the client would use is not a valid URL, or of a kind or with a password that it cannot use."""
    if broken := invalid_proxy(s.effective, s.snapshot.client_version):
        yield RawFinding(
            f"{broken} cannot be read as a URL: the client does not start", s.at(broken), "write http://HOST:PORT"
        )
        return
    if "UnsupportedProxyProtocol" in (s.prediction.reason or ""):
        used = next(name for name in PROXIES if s.text(name))
        yield RawFinding(
            f"{used} names a proxy that is not an http or https one (SOCKS, for example): the client sends nothing",
            s.at(used),
            "give an HTTP proxy, or name the gateway's host in NO_PROXY",
        )
        return
    used = _proxy(s, s.base.text) if s.base else ""
    version = s.snapshot.client_version
    if used and has_bare_percent(s.text(used)):
        sends = "neither to the proxy" if holds("bare-percent-in-proxy", version) else "nothing, and prints nothing"
        yield RawFinding(
            f"{used}: a percent sign in the user name or password is not followed by two hexadecimal digits: the "
            f"client sends {sends}",
            s.at(used),
            "write %25 for the percent sign",
        )
    elif used and _PASSWORD_ALONE.match(s.text(used)) and not holds("proxy-password-alone", version):
        message = f"{used}: client {version} sends a proxy's password only with a user name before it"
        yield s.finding(used, message, "write http://USER:PASSWORD@HOST:PORT")


@rule("CGW309 base-url-invalid error")
def base_url_invalid(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is not an http or https URL."""  # with a placeholder in it: CGW118
    for value in ctx.base_urls:
        text = _with_scheme(ctx, value.text)
        is_good = _parts(text) is not None and not _ENDS.search(text)
        if is_good or "$" in text or has_placeholder(text):
            continue
        if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
            yield value.finding(f"{value.name}: the quotes are part of the value", "write it without the quotes")
        elif parts_end := _ENDS.search(text):
            yield value.finding(f"{value.name} ends in {parts_end[0]!r}", "write it without that sign")
        elif read := parse_url(text):
            said = f"{value.name} is not written as a URL, though the client reads it as {read.origin}"
            yield value.finding(said, f"write {read.origin}{read.path.rstrip('/')}", severity="warning")
        else:
            address = text.rpartition("://")[2].lstrip("/")
            parts = url_parts(f"http://{address}")
            is_local = parts is not None and exposure(parts.hostname or "") == "none"
            scheme = "http" if is_local else "https"
            place = parts.netloc if parts and " " not in text and parts.hostname else "HOST"
            place = place if parse_url(f"http://{place}") else f"{place.rpartition(':')[0] or 'HOST'}:PORT"
            yield value.finding(f"{value.name} is not an http(s) URL", f"write {scheme}://{place}")


@lru_cache(maxsize=64)
def _parts(text: str) -> SplitResult | None:
    """The parts of what the client takes as a URL, too."""
    return url_parts(text) if is_url(text) else None


def _with_scheme(ctx: RuleContext, text: str) -> str:
    """A base URL as the client reads it: HOST:PORT is plain http."""
    bare = _HOST_AND_PORT.match(text) and holds("host-without-scheme", ctx.snapshot.client_version)
    return f"http://{text}" if bare else text


@rule("CGW310 base-url-with-credentials error")
def base_url_with_credentials(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL contains a user name or password."""
    version = ctx.snapshot.client_version
    for value in ctx.base_urls:
        parts = url_parts(value.value)
        if not parts or not (parts.username or parts.password):
            continue
        sent = ctx.header("authorization")
        if not holds("base-url-userinfo", version):
            effect = f"client {version} sends no request to such a URL"
        elif sent and sent.source and sent.source.name == value.name:
            effect = "they are sent as Authorization: Basic"
        else:
            effect = "they are not sent" if not ctx.base or ctx.base.name == value.name else "it is not used"
        yield value.finding(
            f"{value.name} contains a user name or password; {effect}",
            "remove them; the key belongs in ANTHROPIC_AUTH_TOKEN or a helper",
        )


@rule("CGW314 client-certificate-incomplete warning", whole=True)
def client_certificate_incomplete(ctx: RuleContext) -> Iterator[RawFinding]:
    """Only one of client certificate and client key is set."""
    pair = ("CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY")
    for name, other in (pair, pair[::-1]):
        if ctx.text(name) and not ctx.text(other):
            yield ctx.finding(name, f"{name} is set, but {other} is not", f"set {other} too")


@rule("CGW315 certificates-in-shell-only info", whole=True)
def certificates_in_shell_only(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's URL is in settings, its CA bundle only in the shell."""
    bundle, base = ctx.value("NODE_EXTRA_CA_CERTS"), ctx.base
    if bundle and bundle.scope == "process" and base and base.source and base.value.startswith("https://"):
        yield bundle.finding(
            f"NODE_EXTRA_CA_CERTS is only exported here, but the base URL is set in {base.scope} settings",
            "set NODE_EXTRA_CA_CERTS in the env of the same settings file",
        )


@rule("CGW316 certificates-not-checked error", needs=("NODE_TLS_REJECT_UNAUTHORIZED",))
def certificates_not_checked(ctx: RuleContext) -> Iterator[RawFinding]:
    """The client accepts any certificate."""
    switch = ctx.value("NODE_TLS_REJECT_UNAUTHORIZED")
    if not switch or switch.value != "0" or not (ctx.base or ctx.gateway_key):
        return
    parts = url_parts(ctx.base.value) if ctx.base else None
    if ctx.base and (not parts or parts.scheme != "https" or exposure(ctx.host) == "none"):
        return
    proxied = ctx.base and _proxy(ctx, ctx.base.text)
    # Inside a network this is no worse than plain http, which is only worth a note there (CGW307).
    if switch.scope == "project" or proxied or not ctx.base or exposure(ctx.host) == "public":
        yield switch.finding(
            "NODE_TLS_REJECT_UNAUTHORIZED=0: anyone on the network path to the gateway can read the key",
            "remove it, and set NODE_EXTRA_CA_CERTS to the gateway's own CA",
        )


def _proxy(ctx: RuleContext, url: str) -> str:
    """The variable whose proxy a request to this address uses; ``""`` when it goes direct."""
    way = way_of(_with_scheme(ctx, url.strip()), ctx.effective, ctx.snapshot.client_version)
    return way.variable if way.kind == "proxy" else ""
