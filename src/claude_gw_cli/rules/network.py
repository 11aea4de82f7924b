"""3xx: the way to the gateway - proxies, certificates, and addresses that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.endpoint import exposure
from claude_gw_cli.rules.rule import Example, Hit, rule
from claude_gw_cli.rules.samples import TOKEN, USER, working
from claude_gw_cli.rules.subject import Subject, url_parts

_PROXIES = (("https_proxy", "HTTPS_PROXY"), ("http_proxy", "HTTP_PROXY"))


@rule(
    "CGW303",
    "lower-case-proxy-wins",
    "warning",
    why="""https_proxy beats HTTPS_PROXY, and http_proxy beats HTTP_PROXY. Whoever changes the upper-case one sees no
    effect.""",
    bad=Example(
        env={"HTTPS_PROXY": "http://proxy.example.com:3128", "https_proxy": "http://old-proxy.example.com:3128"},
        user=USER,
    ),
    good=Example(env={"HTTPS_PROXY": "http://proxy.example.com:3128"}, user=USER),
    evidence=(
        "atlas:2.1.330 claim.proxy.lower",
        "atlas:2.1.330 claim.proxy.upper",
    ),
)
def lower_case_proxy_wins(s: Subject) -> Iterator[Hit]:
    """A lower-case proxy variable overrides a different upper-case one."""
    for lower, upper in _PROXIES:
        if s.text(lower) and s.text(upper) and s.text(lower) != s.text(upper):
            yield Hit(f"{lower} wins over {upper}, and they differ", s.at(lower), f"unset {lower}")


@rule(
    "CGW304",
    "proxy-before-local-gateway",
    "warning",
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
    evidence=(
        "atlas:2.1.330 proxy.userinfo+tok",
        "atlas:2.1.330 claim.proxy.localhost",
        "atlas:2.1.330 claim.proxy.localhost.spared",
    ),
    whole=True,
)
def proxy_before_local_gateway(s: Subject) -> Iterator[Hit]:
    """Requests to a gateway on this machine go through an HTTP proxy."""
    parts = url_parts(s.base.value) if s.base else None
    if not parts or not parts.hostname or exposure(parts.hostname) != "none":
        return
    pairs = _PROXIES if parts.scheme == "https" else _PROXIES[1:]
    proxy = next((name for pair in pairs for name in pair if s.text(name)), None)
    spared = re.split(r"[,\s]+", (s.text("no_proxy") or s.text("NO_PROXY")).lower())
    if proxy and "*" not in spared and parts.hostname not in spared:
        yield Hit(
            f"{proxy} sends requests for {parts.hostname} to the proxy",
            s.at(proxy),
            f"add {parts.hostname} to NO_PROXY",
        )


@rule(
    "CGW305",
    "certificate-file",
    "error",
    why="""A CA bundle or client certificate that cannot be read leaves the client with the public CAs, and TLS to the
    gateway fails.""",
    bad=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem"), paths={"NODE_EXTRA_CA_CERTS": "missing"}),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem"), paths={"NODE_EXTRA_CA_CERTS": "ok"}),
    evidence=(
        "atlas:2.1.330 claim.gcp.missing",
        "anthropics/claude-code#22512",
    ),
    whole=True,
)
def certificate_file(s: Subject) -> Iterator[Hit]:
    """A certificate or credential file cannot be used."""
    for name, state in s.paths.items():
        if state != "ok" and s.text(name):
            text = {
                "missing": "does not exist",
                "unreadable": "cannot be read",
                "not-pem": "holds no PEM certificate",
            }[state]
            yield Hit(f"the file in {name} {text}", s.at(name), "correct the path; it must be absolute")


@rule(
    "CGW306",
    "plain-http",
    "error",
    why="""Over http:// everyone on the way reads the key and the conversation.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": "http://llm.example.com", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 claim.proxy.localhost",),
)
def plain_http(s: Subject) -> Iterator[Hit]:
    """A base URL is plain http to another machine."""
    yield from _plain_http(s, "public")


@rule(
    "CGW307",
    "plain-http-inside",
    "info",
    why="""Inside one network, plain http shows the key to everyone on it. In a compose file or a cluster that may be
    meant.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": "http://10.0.0.7:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user={"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 claim.proxy.localhost",),
)
def plain_http_inside(s: Subject) -> Iterator[Hit]:
    """A base URL is plain http to a private address."""
    yield from _plain_http(s, "inside")


@rule(
    "CGW308",
    "proxy-invalid",
    "error",
    why="""The client stops at start when a proxy address is not an http(s) URL; SOCKS is not supported.""",
    bad=Example(env={"HTTPS_PROXY": "socks5://127.0.0.1:1080"}, user=USER),
    good=Example(env={"HTTPS_PROXY": "http://127.0.0.1:3128"}, user=USER),
    evidence=(
        "atlas:2.1.330 claim.proxy.nonsense",
        "atlas:2.1.330 claim.proxy.socks.https",
    ),
)
def proxy_invalid(s: Subject) -> Iterator[Hit]:
    """A proxy variable is not an http or https address."""
    for name in (name for pair in _PROXIES for name in pair):
        if s.text(name) and url_parts(s.text(name)) is None:
            yield Hit(f"{name} is not an http(s) address", s.at(name), "write http://HOST:PORT")


@rule(
    "CGW309",
    "base-url-invalid",
    "error",
    why="""Without http:// or https:// the client says "Invalid URL" and sends nothing.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": "llm.example.com:4000", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 anth.base.nosc",),
)
def base_url_invalid(s: Subject) -> Iterator[Hit]:
    """A base URL is not an http or https address."""
    for site in s.base_urls:
        if url_parts(site.value) is None and "$" not in site.value:
            yield Hit(f"{site.name} is not an http(s) address", site.at, "write https://HOST")


@rule(
    "CGW310",
    "base-url-with-credentials",
    "error",
    why="""A user name or password in a URL ends up in logs and screenshots, and is not the gateway's key.""",
    bad=Example(
        user={"env": {"ANTHROPIC_BASE_URL": "https://team:s3cret@llm.example.com", "ANTHROPIC_AUTH_TOKEN": TOKEN}}
    ),
    good=Example(user=USER),
    evidence=(
        "atlas:2.1.330 claim.ui.key",
        "atlas:2.1.330 claim.ui.tok",
        "atlas:2.1.227 claim.ui.key",
        "atlas:2.1.101 claim.ui.key",
    ),
)
def base_url_with_credentials(s: Subject) -> Iterator[Hit]:
    """A base URL contains a user name or password."""
    for site in s.base_urls:
        parts = url_parts(site.value)
        if parts and (parts.username or parts.password):
            yield Hit(
                f"{site.name} contains credentials",
                site.at,
                "remove them; the key belongs in ANTHROPIC_AUTH_TOKEN or a helper",
            )


@rule(
    "CGW314",
    "client-certificate-incomplete",
    "error",
    why="""Mutual TLS needs the certificate and its key; with one of them the gateway refuses the connection.""",
    bad=Example(user=working(CLAUDE_CODE_CLIENT_CERT="/etc/llm/me.pem")),
    good=Example(user=working(CLAUDE_CODE_CLIENT_CERT="/etc/llm/me.pem", CLAUDE_CODE_CLIENT_KEY="/etc/llm/me.key")),
    evidence=("documented: network configuration, mTLS",),
    whole=True,
)
def client_certificate_incomplete(s: Subject) -> Iterator[Hit]:
    """Only one of client certificate and client key is set."""
    pair = ("CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY")
    given = [name for name in pair if s.text(name)]
    if len(given) == 1:
        yield Hit(
            f"{given[0]} is set without its partner", s.at(given[0]), f"set {pair[1 - pair.index(given[0])]} too"
        )


@rule(
    "CGW315",
    "certificates-in-shell-only",
    "info",
    why="""Settings reach every session; an export reaches only what this shell starts. An editor, the desktop app or
    a background session has the gateway's address then, but not the CA that its certificate needs.""",
    bad=Example(env={"NODE_EXTRA_CA_CERTS": "/etc/ssl/corp.pem"}, user=USER),
    good=Example(user=working(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem")),
    evidence=("documented: network configuration", "anthropics/claude-code#22512"),
    whole=True,
)
def certificates_in_shell_only(s: Subject) -> Iterator[Hit]:
    """The gateway's address is in settings, the CA bundle for it only in the shell."""
    bundle = s.site("NODE_EXTRA_CA_CERTS")
    if bundle and bundle.scope == "process" and s.base and s.base.source and s.base.value.startswith("https://"):
        yield Hit(
            f"NODE_EXTRA_CA_CERTS is exported here only, the base URL stands in {s.base.scope} settings",
            bundle.at,
            "set NODE_EXTRA_CA_CERTS in the env of the same settings file",
        )


def _plain_http(s: Subject, wanted: str) -> Iterator[Hit]:
    for site in s.base_urls:
        parts = url_parts(site.value)
        if parts and parts.scheme == "http" and parts.hostname and exposure(parts.hostname) == wanted:
            advice = "use https://" if wanted == "public" else "use https:// where the gateway offers it"
            yield Hit(f"{site.name} sends the key to {parts.hostname} unencrypted", site.at, advice)
