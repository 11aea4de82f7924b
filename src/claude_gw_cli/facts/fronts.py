"""What reverse proxies do to a client's requests: a row per program, and per version where they differ.

Each was measured with its smallest valid configuration as a reverse proxy before a recording server, on
loopback, and 204 times with the real client 2.1.332 before LiteLLM 1.108.7. A configuration can change
everything here: a row says what to expect, `cgw doctor` finds out what is so. The rows are in fronts.toml.
"""

from __future__ import annotations

from claude_gw_cli.facts import packaged
from claude_gw_cli.facts.versions import Span
from claude_gw_cli.hints import Any, Literal
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
    too_many: int = 429
    """The status with which it refuses more requests than it is configured to take."""
    holds: str = ""
    """When it holds a stream back until its end."""
    silent: int | None = None
    """Seconds without a byte after which it cuts a request or stream; ``None``: not within 70 s."""
    total: int | None = None
    """Seconds after which it cuts a stream that is not silent."""
    paths: str = ""
    """What it does to ``%2F``, ``%3A`` and ``//``."""


def _front(row: dict[str, Any]) -> Front:
    span = Span(row.pop("since", None), row.pop("until", None))
    for name, value in row.items():
        if name in ("removes", "signed_in"):
            row[name] = frozenset(value)
        elif isinstance(value, list):
            row[name] = tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return Front(span=span, **row)


FRONTS: tuple[Front, ...] = tuple(map(_front, packaged("facts/fronts.toml")["front"]))
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
