"""3xx: the way to the gateway - proxies, certificates, and addresses that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from claude_gw_cli.core.endpoint import exposure
from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.gates import invalid_proxy, is_url
from claude_gw_cli.core.predict.proxy import way_of
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.rules.context import RuleContext, url_parts
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import TOKEN, USER, with_base, working

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
_PROXIES = (("https_proxy", "HTTPS_PROXY"), ("http_proxy", "HTTP_PROXY"))


@rule(
    "CGW303 lower-case-proxy-wins warning",
    why="""https_proxy beats HTTPS_PROXY, and http_proxy beats HTTP_PROXY. Changing the upper-case
    variable then has no effect.""",
    bad=Example(
        env={"HTTPS_PROXY": "http://proxy.example.com:3128", "https_proxy": "http://old-proxy.example.com:3128"},
        user=USER,
    ),
    good=Example(env={"HTTPS_PROXY": "http://proxy.example.com:3128"}, user=USER),
    evidence="2.1.330: claim.proxy.lower claim.proxy.upper",
)
def lower_case_proxy_wins(s: RuleContext) -> Iterator[RawFinding]:
    """A lower-case proxy variable overrides a different upper-case one."""
    for lower, upper in _PROXIES:
        if s.text(lower) and s.text(upper) and s.text(lower) != s.text(upper):
            yield RawFinding(f"{lower} wins over {upper}, and they differ", s.at(lower), f"unset {lower}")


@rule(
    "CGW304 proxy-before-local-gateway warning",
    why="""A proxy cannot reach this machine's loopback address: requests to a local gateway end at the proxy, unless
    NO_PROXY names the host.""",
    bad=Example(
        env={"HTTP_PROXY": "http://proxy.example.com:3128"},
        user={"env": {"ANTHROPIC_BASE_URL": "http://localhost:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    good=Example(
        env={"HTTP_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "localhost,127.0.0.1"},
        user={"env": {"ANTHROPIC_BASE_URL": "http://localhost:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    evidence="2.1.330: proxy.userinfo+tok claim.proxy.localhost claim.proxy.localhost.spared",
    whole=True,
)
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


@rule(
    "CGW305 certificate-file error",
    why="""If a CA bundle or client certificate cannot be read, the client trusts only the public CAs, and TLS to the
    gateway fails.""",
    bad=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem"), paths={"NODE_EXTRA_CA_CERTS": "missing"}),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem"), paths={"NODE_EXTRA_CA_CERTS": "ok"}),
    evidence="""2.1.330: claim.gcp.missing
    reported: anthropics/claude-code#22512""",
    whole=True,
)
def certificate_file(ctx: RuleContext) -> Iterator[RawFinding]:
    """A certificate or credential file cannot be used."""
    for name, state in ctx.paths.items():
        if state in _UNUSABLE and ctx.text(name):
            what, advice = _UNUSABLE[state]
            yield ctx.finding(name, f"the file in {name} {what}", advice)


@rule(
    "CGW306 plain-http error",
    why="""With http:// anyone on the network path can read the key and the conversation.""",
    bad=with_base("http://llm.example.com"),
    good=Example(user=USER),
    evidence="2.1.330: claim.proxy.localhost",
)
def plain_http(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is plain http to another machine."""
    yield from _plain_http(ctx, "public", "use https://")


_HOSTS_OF_CONTAINERS = frozenset({"host.docker.internal", "host.containers.internal", "host.lima.internal"})
"""Names under which a container reaches the machine that it runs on: such a request stays on it."""


@rule(
    "CGW307 plain-http-inside info",
    why="""Inside a network, plain http shows the key to everyone on that network. In a compose file or a cluster this
    may be intended.""",
    bad=with_base("http://10.0.0.7:4000"),
    good=with_base("http://127.0.0.1:4000"),
    evidence="2.1.330: claim.proxy.localhost",
)
def plain_http_inside(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is plain http to a private address."""
    yield from _plain_http(ctx, "inside", "use https:// where the gateway offers it")


def _plain_http(ctx: RuleContext, reach: str, advice: str) -> Iterator[RawFinding]:
    for value in ctx.base_urls:
        parts = url_parts(_with_scheme(ctx, value.text))
        if parts and parts.hostname in _HOSTS_OF_CONTAINERS:
            continue
        if parts and parts.scheme == "http" and parts.hostname and exposure(parts.hostname) == reach:
            yield value.finding(f"{value.name} sends the key to {parts.hostname} unencrypted", advice)
    for item in ctx.snapshot.profiles:
        parts = url_parts(item.gateway_url)
        if parts and parts.scheme == "http" and parts.hostname and exposure(parts.hostname) == reach:
            at = Location(ctx.profile_files.get(item.name), pointer="/gateway_url")
            yield RawFinding(f"profile {item.name} sends the key to {parts.hostname} unencrypted", at, advice)


@rule(
    "CGW308 proxy-invalid error",
    why="""Of https_proxy, HTTPS_PROXY, http_proxy and HTTP_PROXY the client takes the first that is set, and does not
    start when that one cannot be read as a URL. A host alone is none; HOST:PORT without a scheme is refused by
    2.1.203 to 2.1.326. An https gateway cannot be reached through a SOCKS proxy (plain http works, by luck).""",
    bad=Example(env={"HTTPS_PROXY": "socks5://127.0.0.1:1080"}, user=USER),
    good=Example(env={"HTTPS_PROXY": "127.0.0.1:3128"}, user=USER),
    evidence="""2.1.330: claim.proxy.nonsense claim.proxy.host
    2.1.326: claim.proxy.ipport
    2.1.330: claim.proxy.socks.https
    2.1.113: claim.proxy.socks.https
    2.1.330: claim.proxy.socks.project claim.proxy.nonsense.shadowed claim.proxy.hostport
    2.1.327: claim.proxy.ipport
    2.1.330: claim.proxy.socks.http claim.proxy.socks.spared""",
    whole=True,
)
def proxy_invalid(s: RuleContext) -> Iterator[RawFinding]:
    """The proxy that the client would use is not a valid URL, or of a kind that it cannot use."""
    if broken := invalid_proxy(s.effective, s.snapshot.client_version):
        yield RawFinding(
            f"{broken} cannot be read as a URL: the client does not start", s.at(broken), "write http://HOST:PORT"
        )
        return
    url = s.prediction.request.url if s.prediction.request else ""
    used = _proxy(s, url) if url.startswith("https:") else ""
    if used and s.text(used).lower().startswith("socks"):
        yield RawFinding(
            f"{used} is a SOCKS proxy, through which the client reaches no https address",
            s.at(used),
            "give an HTTP proxy, or name the gateway's host in NO_PROXY",
        )


@rule(
    "CGW309 base-url-invalid error",
    why="""Without http:// or https://, with whitespace or an angle bracket in the host, or with a port above 65535
    the client says "Invalid URL" and sends nothing. HOST:PORT without a scheme is plain http since 2.1.113.""",
    bad=with_base("llm.example.com"),
    good=Example(user=USER),
    evidence="""2.1.330: anth.base.nosc claim.base.host claim.base.placeholder claim.base.inner-blank
    2.1.330: claim.base.port""",
)
def base_url_invalid(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL is not an http or https URL."""
    for value in ctx.base_urls:
        text = _with_scheme(ctx, value.text)
        if "$" not in text and (url_parts(text) is None or not is_url(text)):
            yield value.finding(f"{value.name} is not an http(s) URL", "write https://HOST")


def _with_scheme(ctx: RuleContext, text: str) -> str:
    """A base URL as the client reads it: HOST:PORT is plain http."""
    bare = _HOST_AND_PORT.match(text) and holds("host-without-scheme", ctx.snapshot.client_version)
    return f"http://{text}" if bare else text


@rule(
    "CGW310 base-url-with-credentials error",
    why="""A user name or password in a URL gets into logs and screenshots, and is not the gateway's key. Clients
    until 2.1.112 send no request to such a URL, until 2.1.278 they drop both, and since 2.1.280 they send both as
    `Authorization: Basic` if nothing else fills that header.""",
    bad=with_base("https://team:s3cret@llm.example.com"),
    good=Example(user=USER),
    evidence="""2.1.330: claim.ui.key claim.ui.tok
    2.1.227: claim.ui.key
    2.1.101: claim.ui.key
    2.1.227: claim.ui.tok""",
)
def base_url_with_credentials(ctx: RuleContext) -> Iterator[RawFinding]:
    """A base URL contains a user name or password."""
    version, sent = ctx.snapshot.client_version, ctx.header("authorization")
    for value in ctx.base_urls:
        parts = url_parts(value.value)
        if not parts or not (parts.username or parts.password):
            continue
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


@rule(
    "CGW314 client-certificate-incomplete error",
    why="""Mutual TLS needs the certificate and its key; with only one of them the gateway refuses the connection.""",
    bad=Example(user=working(CLAUDE_CODE_CLIENT_CERT="/etc/llm/me.pem")),
    good=Example(user=working(CLAUDE_CODE_CLIENT_CERT="/etc/llm/me.pem", CLAUDE_CODE_CLIENT_KEY="/etc/llm/me.key")),
    evidence="documented: https://code.claude.com/docs/en/network-config#mtls-authentication",
    whole=True,
)
def client_certificate_incomplete(ctx: RuleContext) -> Iterator[RawFinding]:
    """Only one of client certificate and client key is set."""
    pair = ("CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY")
    for name, other in (pair, pair[::-1]):
        if ctx.text(name) and not ctx.text(other):
            yield ctx.finding(name, f"{name} is set, but {other} is not", f"set {other} too")


@rule(
    "CGW315 certificates-in-shell-only info",
    why="""Settings apply to every session; an export applies only to what this shell starts. An editor, the desktop
    app or a background session then has the gateway's URL, but not the CA that its certificate needs.""",
    bad=Example(env={"NODE_EXTRA_CA_CERTS": "/etc/ssl/corp.pem"}, user=USER),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem")),
    evidence="""documented: https://code.claude.com/docs/en/network-config#ca-certificate-store
    reported: anthropics/claude-code#22512""",
    whole=True,
)
def certificates_in_shell_only(ctx: RuleContext) -> Iterator[RawFinding]:
    """The gateway's URL is in settings, its CA bundle only in the shell."""
    bundle, base = ctx.value("NODE_EXTRA_CA_CERTS"), ctx.base
    if bundle and bundle.scope == "process" and base and base.source and base.value.startswith("https://"):
        yield bundle.finding(
            f"NODE_EXTRA_CA_CERTS is only exported here, but the base URL is set in {base.scope} settings",
            "set NODE_EXTRA_CA_CERTS in the env of the same settings file",
        )


@rule(
    "CGW316 certificates-not-checked error",
    why="""With NODE_TLS_REJECT_UNAUTHORIZED=0 the client accepts any certificate as the gateway's: a proxy or any
    other machine on the network path can read the key and the conversation. A project's settings do this to everyone
    who opens the project.""",
    bad=Example(user=working(NODE_TLS_REJECT_UNAUTHORIZED="0")),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem")),
    evidence="""measured: tests/real/test_tls.py, clients 1.0.60 to 2.1.330
    documented: https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue""",
)
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
