"""3xx: the way to the gateway - proxies, certificates, and addresses that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from claude_gw_cli.core.endpoint import exposure
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.core.predict.gates import PROXIES, invalid_proxy, is_url
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.rules.context import RuleContext, url_parts
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import TOKEN, USER, working

_PROXIES = (("https_proxy", "HTTPS_PROXY"), ("http_proxy", "HTTP_PROXY"))


@rule(
    "CGW303 lower-case-proxy-wins warning",
    why="""https_proxy beats HTTPS_PROXY, and http_proxy beats HTTP_PROXY. Whoever changes the upper-case one sees no
    effect.""",
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
    if not parts or not parts.hostname or exposure(parts.hostname) != "none":
        return
    pairs = _PROXIES if parts.scheme == "https" else _PROXIES[1:]
    proxy = next((name for pair in pairs for name in pair if s.text(name)), None)
    if proxy and not _spared(s, parts.hostname):
        yield RawFinding(
            f"{proxy} sends requests for {parts.hostname} to the proxy",
            s.at(proxy),
            f"add {parts.hostname} to NO_PROXY",
        )


@rule(
    "CGW305 certificate-file error",
    why="""A CA bundle or client certificate that cannot be read leaves the client with the public CAs, and TLS to the
    gateway fails.""",
    bad=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem"), paths={"NODE_EXTRA_CA_CERTS": "missing"}),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem"), paths={"NODE_EXTRA_CA_CERTS": "ok"}),
    evidence="""2.1.330: claim.gcp.missing
    reported: anthropics/claude-code#22512""",
    whole=True,
)
def certificate_file(s: RuleContext) -> Iterator[RawFinding]:
    """A certificate or credential file cannot be used."""
    for name, state in s.paths.items():
        if state != "ok" and s.text(name):
            text = {
                "missing": "does not exist",
                "unreadable": "cannot be read",
                "not-pem": "holds no PEM certificate",
            }[state]
            advice = {
                "missing": "correct the path; it must be absolute",
                "unreadable": "give the path of a file that this account can read",
                "not-pem": "give a PEM file; DER is converted by: openssl x509 -inform der -in FILE -out FILE.pem",
            }[state]
            yield RawFinding(f"the file in {name} {text}", s.at(name), advice)


@rule(
    "CGW306 plain-http error",
    why="""Over http:// everyone on the way reads the key and the conversation.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": "http://llm.example.com", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence="2.1.330: claim.proxy.localhost",
)
def plain_http(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL is plain http to another machine."""
    yield from _plain_http(s, "public")


@rule(
    "CGW307 plain-http-inside info",
    why="""Inside one network, plain http shows the key to everyone on it. In a compose file or a cluster that may be
    meant.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": "http://10.0.0.7:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user={"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence="2.1.330: claim.proxy.localhost",
)
def plain_http_inside(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL is plain http to a private address."""
    yield from _plain_http(s, "inside")


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
    """The proxy that the client would use is no address, or one of a kind that it cannot use."""
    if broken := invalid_proxy(s.effective, s.snapshot.client_version):
        yield RawFinding(
            f"{broken} cannot be read as a URL: the client does not start", s.at(broken), "write http://HOST:PORT"
        )
        return
    used = next((name for name in PROXIES if s.text(name)), None)
    url = urlsplit(s.prediction.request.url) if s.prediction.request else None
    if used is None or url is None or url.scheme != "https" or _spared(s, url.hostname or ""):
        return
    if s.text(used).lower().startswith("socks"):
        yield RawFinding(
            f"{used} is a SOCKS proxy, through which the client reaches no https address",
            s.at(used),
            "give an HTTP proxy, or name the gateway's host in NO_PROXY",
        )


@rule(
    "CGW309 base-url-invalid error",
    why="""Without http:// or https://, with a blank or an angle bracket in the host, or with a port beyond 65535 the
    client says "Invalid URL" and sends nothing. HOST:PORT alone is plain http since 2.1.113.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": "llm.example.com", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence="2.1.330: anth.base.nosc claim.base.host claim.base.placeholder claim.base.inner-blank claim.base.port",
)
def base_url_invalid(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL is not an http or https address."""
    for site in s.base_urls:
        text = _with_scheme(s, site.value.strip())
        if "$" not in text and (url_parts(text) is None or not is_url(text)):
            yield RawFinding(f"{site.name} is not an http(s) address", site.at, "write https://HOST")


@rule(
    "CGW310 base-url-with-credentials error",
    why="""A user name or password in a URL ends up in logs and screenshots, and is not the gateway's key. Clients
    until 2.1.112 send no request to such an address, until 2.1.278 they drop both, and since 2.1.280 both go out as
    `Authorization: Basic` where nothing else fills that header.""",
    bad=Example(
        user={"env": {"ANTHROPIC_BASE_URL": "https://team:s3cret@llm.example.com", "ANTHROPIC_AUTH_TOKEN": TOKEN}}
    ),
    good=Example(user=USER),
    evidence="""2.1.330: claim.ui.key claim.ui.tok
    2.1.227: claim.ui.key
    2.1.101: claim.ui.key
    2.1.227: claim.ui.tok""",
)
def base_url_with_credentials(s: RuleContext) -> Iterator[RawFinding]:
    """A base URL contains a user name or password."""
    for site in s.base_urls:
        parts = url_parts(site.value)
        if parts and (parts.username or parts.password):
            version = s.snapshot.client_version
            effect = f"client {version} sends no request to such an address"
            if holds("base-url-userinfo", version):
                effect = "they are not sent" if not s.base or s.base.name == site.name else "it is not used"
                sent = s.header("authorization")
                if sent and sent.source and sent.source.name == site.name:
                    effect = "they are sent as Authorization: Basic"
            yield RawFinding(
                f"{site.name} contains a user name or password; {effect}",
                site.at,
                "remove them; the key belongs in ANTHROPIC_AUTH_TOKEN or a helper",
            )


@rule(
    "CGW314 client-certificate-incomplete error",
    why="""Mutual TLS needs the certificate and its key; with one of them the gateway refuses the connection.""",
    bad=Example(user=working(CLAUDE_CODE_CLIENT_CERT="/etc/llm/me.pem")),
    good=Example(user=working(CLAUDE_CODE_CLIENT_CERT="/etc/llm/me.pem", CLAUDE_CODE_CLIENT_KEY="/etc/llm/me.key")),
    evidence="documented: https://code.claude.com/docs/en/network-config#mtls-authentication",
    whole=True,
)
def client_certificate_incomplete(s: RuleContext) -> Iterator[RawFinding]:
    """Only one of client certificate and client key is set."""
    pair = ("CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY")
    given = [name for name in pair if s.text(name)]
    if len(given) == 1:
        yield RawFinding(
            f"{given[0]} is set without its partner", s.at(given[0]), f"set {pair[1 - pair.index(given[0])]} too"
        )


@rule(
    "CGW315 certificates-in-shell-only info",
    why="""Settings reach every session; an export reaches only what this shell starts. An editor, the desktop app or
    a background session has the gateway's address then, but not the CA that its certificate needs.""",
    bad=Example(env={"NODE_EXTRA_CA_CERTS": "/etc/ssl/corp.pem"}, user=USER),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem")),
    evidence="""documented: https://code.claude.com/docs/en/network-config#ca-certificate-store
    reported: anthropics/claude-code#22512""",
    whole=True,
)
def certificates_in_shell_only(s: RuleContext) -> Iterator[RawFinding]:
    """The gateway's address is in settings, the CA bundle for it only in the shell."""
    bundle = s.site("NODE_EXTRA_CA_CERTS")
    if bundle and bundle.scope == "process" and s.base and s.base.source and s.base.value.startswith("https://"):
        yield RawFinding(
            f"NODE_EXTRA_CA_CERTS is exported here only, the base URL stands in {s.base.scope} settings",
            bundle.at,
            "set NODE_EXTRA_CA_CERTS in the env of the same settings file",
        )


@rule(
    "CGW316 certificates-not-checked error",
    why="""With NODE_TLS_REJECT_UNAUTHORIZED=0 the client takes any certificate for the gateway's: whoever stands on
    the way, a proxy for one, can read the key and the conversation. A project's settings do that to everybody who
    opens it.""",
    bad=Example(user=working(NODE_TLS_REJECT_UNAUTHORIZED="0")),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem")),
    evidence="""measured: tests/real/test_tls.py, clients 1.0.60 to 2.1.330
    documented: https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue""",
)
def certificates_not_checked(s: RuleContext) -> Iterator[RawFinding]:
    """The client accepts any certificate."""
    switch = s.site("NODE_TLS_REJECT_UNAUTHORIZED")
    if not switch or switch.value != "0" or not (s.base or s.gateway_key):
        return
    parts = url_parts(s.base.value) if s.base else None
    host = parts.hostname or "" if parts else ""
    if s.base and (not parts or parts.scheme != "https" or exposure(host) == "none"):
        return
    watched = any(s.text(name) for name in PROXIES) and not _spared(s, host)
    # Inside one network it is no worse than the plain http that is only worth knowing there (CGW307).
    if switch.scope == "project" or watched or not s.base or exposure(host) == "public":
        yield RawFinding(
            "NODE_TLS_REJECT_UNAUTHORIZED=0: anyone on the way to the gateway can read the key",
            switch.at,
            "remove it, and give the gateway's own CA as NODE_EXTRA_CA_CERTS",
        )


_HOST_AND_PORT = lazy(r"[A-Za-z][A-Za-z0-9.-]*:\d")


def _with_scheme(s: RuleContext, text: str) -> str:
    """A base URL as the client reads it: HOST:PORT is plain http."""
    bare = _HOST_AND_PORT.match(text) and holds("host-without-scheme", s.snapshot.client_version)
    return f"http://{text}" if bare else text


def _spared(s: RuleContext, host: str) -> bool:
    """Whether NO_PROXY keeps requests to a host off the proxy."""
    named = re.split(r"[,\s]+", (s.text("no_proxy") or s.text("NO_PROXY")).lower())
    names = [name.partition(":")[0].removeprefix("*").lstrip(".") for name in named if name]
    return "*" in named or any(name and f".{host}".endswith(f".{name}") for name in names)


def _plain_http(s: RuleContext, wanted: str) -> Iterator[RawFinding]:
    for site in s.base_urls:
        parts = url_parts(_with_scheme(s, site.value.strip()))
        if parts and parts.scheme == "http" and parts.hostname and exposure(parts.hostname) == wanted:
            advice = "use https://" if wanted == "public" else "use https:// where the gateway offers it"
            yield RawFinding(f"{site.name} sends the key to {parts.hostname} unencrypted", site.at, advice)
