"""What reverse proxies do to a client's requests: one row per program, and per version where they differ.

Each was measured with its smallest valid configuration as a reverse proxy before a recording server, on
loopback, and 204 times with the real client 2.1.332 before LiteLLM 1.108.7. A configuration can change
everything here: a row says what to expect, `cgw doctor` finds out what is so.
"""

from __future__ import annotations

from claude_gw_cli.facts.versions import Span
from claude_gw_cli.hints import Literal
from claude_gw_cli.record import dataclass

MEASURED = "measured on loopback, default limits"


@dataclass(frozen=True, slots=True)
class Front:
    """One program in a span of its releases, as a reverse proxy."""

    name: str
    """As in `front = "…"` of a profile."""
    title: str
    span: Span
    versions: str
    """Those that were measured."""
    marks: tuple[tuple[str, str], ...] = ()
    """(header of its answers, text in it, lower case). An empty text: the header alone. Empty: it leaves no trace."""
    pages: tuple[str, ...] = ()
    """Texts of its error pages, lower case; a page names its program also where another one passes it on."""
    removes: frozenset[str] = frozenset()
    """Request headers that it does not pass on, in lower case."""
    signed_in: frozenset[str] = frozenset()
    """Those that it removes besides, once it asks for a user name and password itself."""
    underscores: bool = False
    """It removes every request header with an underscore in its name, without an error."""
    keeps: tuple[tuple[str, str], ...] = ()
    """(header, configuration that passes it on); ``_`` for every name with an underscore."""
    head: int | None = None
    """Bytes of one request header, or of all of them, from which on it refuses; ``None``: passed at 70 kB."""
    refusal: str = ""
    """What that refusal looks like."""
    count: int | None = None
    """The most headers of a request that it takes; ``None``: at least 3,000, or not measured. The client's has 21."""
    body: int | None = None
    """Bytes of a request body that it takes without configuration; ``None``: at least 12 MB."""
    body_shows: Literal["at once", "after the body", "no"] = "no"
    """Whether a limit that is configured is answered before a body was sent (``Expect: 100-continue``)."""
    holds: str = ""
    """When it holds a stream back until its end."""
    silent: int | None = None
    """Seconds without a byte after which it cuts a request or stream; ``None``: not within 70 s."""
    total: int | None = None
    """Seconds after which it cuts a stream that is not silent."""
    paths: str = ""
    """What it does to ``%2F``, ``%3A`` and ``//``."""


_PROXY = frozenset({"proxy-authorization"})

FRONTS: tuple[Front, ...] = (
    Front(
        "nginx",
        "nginx",
        Span(),
        "1.22.1, 1.31.3",
        (("server", "nginx"), ("server", "openresty")),
        ("<center>nginx",),
        underscores=True,
        keeps=(("_", "underscores_in_headers on;"),),
        head=8_192,
        refusal="400, a web page",
        count=1_000,
        body=1_048_576,
        body_shows="at once",
        holds="with gzip for text/event-stream, or over HTTP/1.0 to the gateway (the default before 1.29)",
        silent=60,
        paths="proxy_pass with a path decodes %2F and %3A and merges //; without a path all are kept",
    ),
    Front(
        "apache",
        "Apache",
        Span(),
        "2.4.71",
        (("server", "apache"),),
        ("<address>apache",),
        signed_in=_PROXY,
        keeps=(("proxy-authorization", "SetEnv Proxy-Chain-Auth On"),),
        head=8_190,
        refusal="400, a web page",
        count=100,
        paths="%3A becomes :, %2F is answered 404 (AllowEncodedSlashes NoDecode and nocanon keep it), // is merged",
    ),
    Front(
        "haproxy",
        "HAProxy",
        Span(),
        "2.6.12, 2.8.25",
        pages=(
            "request forbidden by administrative rules",
            "no server is available to handle this request",
            "the server didn't respond in time",
            "the server returned an invalid or incomplete response",
            "your browser sent an invalid request",
            "you have sent too many requests in a given amount of time",
        ),
        head=15_360,
        refusal="400, a web page",
        count=100,
        body_shows="at once",
        silent=50,
        paths="kept",
    ),
    Front(
        "caddy",
        "Caddy",
        Span(since="2.11.4"),
        "2.11.7",
        (("via", "caddy"), ("server", "caddy")),
        removes=_PROXY,
        underscores=True,
        keeps=(
            (
                "proxy-authorization",
                "header_up Proxy-Authorization {http.request.header.Proxy-Authorization} in reverse_proxy",
            ),
        ),
        head=20_000,
        refusal="431",
        count=500,
        body_shows="no",
        paths="kept by handle_path; rewrite decodes %2F and %3A",
    ),
    Front(
        "caddy",
        "Caddy",
        Span(until="2.11.3"),
        "2.6.2, 2.10.0",
        (("via", "caddy"), ("server", "caddy")),
        removes=_PROXY,
        paths="kept by handle_path; rewrite decodes %2F and %3A",
    ),
    Front(
        "squid",
        "Squid as an accelerator",
        Span(),
        "5.7",
        (("via", "(squid"), ("server", "squid"), ("x-squid-error", "")),
        ("generated by squid",),
        removes=frozenset({"authorization", "proxy-authorization"}),
        keeps=(("authorization", "login=PASSTHRU in cache_peer"),),
        head=65_536,
        refusal="431",
        body_shows="at once",
        paths="kept",
    ),
    Front(
        "varnish",
        "Varnish",
        Span(),
        "7.1.1",
        (("x-varnish", ""), ("via", "varnish")),
        ("varnish cache server", "guru meditation"),
        head=8_192,
        refusal="400 with an empty body; from 32 kB on the connection is closed",
        count=58,
        holds="with do_stream = false or do_gzip = true",
        silent=60,
        paths="kept; a GET goes through the cache, without Proxy-Authorization",
    ),
    Front(
        "lighttpd",
        "lighttpd",
        Span(),
        "1.4.69",
        (("server", "lighttpd"),),
        head=8_192,
        refusal="431",
        count=826,
        body_shows="at once",
        holds="unless server.stream-response-body = 1",
        paths="%2F is decoded, %3A kept, // merged",
    ),
    Front(
        "envoy",
        "Envoy",
        Span(),
        "1.40.0",
        (("server", "envoy"), ("x-envoy-", "")),
        pages=(
            "upstream connect error or disconnect/reset before headers",
            "upstream request timeout",
        ),
        head=61_440,
        refusal="431",
        count=100,
        silent=15,
        total=15,
        paths="kept",
    ),
    Front(
        "traefik",
        "Traefik",
        Span(),
        "3.7.15",
        removes=_PROXY,
        body_shows="at once",
        paths="%2F and %3A kept, // merged",
    ),
    Front(
        "trafficserver",
        "Apache Traffic Server",
        Span(),
        "9.2.9",
        (("server", "ats/"), ("via", "trafficserver")),
        removes=_PROXY,
        head=131_072,
        refusal="the connection is closed",
        silent=30,
        paths="kept, // at the start of the path merged",
    ),
    Front(
        "nghttpx",
        "nghttpx",
        Span(),
        "1.52.0",
        (("server", "nghttpx"), ("via", "nghttpx")),
        head=65_536,
        refusal="431",
        count=100,
        silent=60,
        paths="%2F and %3A kept, // merged",
    ),
    Front(
        "node-http-proxy",
        "node's http-proxy",
        Span(),
        "1.18.1",
        head=16_384,
        refusal="431",
        paths="%2F and %3A kept, // merged",
    ),
    Front(
        "tinyproxy",
        "tinyproxy",
        Span(),
        "1.11.1",
        (("via", "tinyproxy"), ("server", "tinyproxy")),
        signed_in=_PROXY,
        paths="kept",
    ),
)
"""The first of a name is the newest."""

SIGN_INS: tuple[tuple[str, str], ...] = (
    ("login.microsoftonline.com", "Microsoft Entra ID"),
    ("cloudflareaccess.com", "Cloudflare Access"),
    ("/cdn-cgi/access/", "Cloudflare Access"),
    ("x-goog-iap-generated-response", "Google's Identity-Aware Proxy"),
    ("accounts.google.com", "Google's sign-in"),
    ("/oauth2/start", "oauth2-proxy"),
    (".okta.com", "Okta"),
    (".auth0.com", "Auth0"),
    ("amazoncognito.com", "Amazon Cognito"),
    ("/protocol/openid-connect/", "Keycloak"),
    ("authelia", "Authelia"),
    ("authentik", "authentik"),
)
"""(text in the address, page or header names of an answer, what asks for a sign-in); from their documentation."""

NAMES: tuple[str, ...] = tuple(dict.fromkeys(front.name for front in FRONTS))


def named(name: str) -> Front:
    """The newest row of a name.

    Raises:
        KeyError: there is none.
    """
    found = next((front for front in FRONTS if front.name == name), None)
    if found is None:
        raise KeyError(name)
    return found


def find_fronts(headers: tuple[tuple[str, str], ...], body: str = "") -> tuple[Front, ...]:
    """The programs that an answer names, in the order of the table.

    Args:
        headers: of the answer, names in lower case.
        body: of the answer; an error page may name its program.
    """
    text = body[:4096].lower()
    found: dict[str, Front] = {}
    for front in FRONTS:
        marked = any(
            (name == mark or (mark.endswith("-") and name.startswith(mark))) and word in value.lower()
            for mark, word in front.marks
            for name, value in headers
        )
        if marked or any(page in text for page in front.pages):
            found.setdefault(front.name, front)
    return tuple(found.values())


def find_by_page(body: str) -> tuple[Front, ...]:
    """The programs that an error page is of."""
    return find_fronts((), body)


def kept_by(front: Front, header: str) -> str:
    """The configuration with which a program passes on a request header that it removes; empty: none is known."""
    named = dict(front.keeps)
    return named.get(header) or (named.get("_", "") if "_" in header else "")


def drops(front: Front, header: str, *, signs_in: bool = False) -> bool:
    """Whether a program is known to remove this request header (in lower case).

    Args:
        front: the program.
        header: the name.
        signs_in: it asks for a user name and password itself.
    """
    return (
        header in front.removes or (signs_in and header in front.signed_in) or (front.underscores and "_" in header)
    )
