"""11x and 12x: the key itself - whether its text can be a key, how long it lasts, and who can read it."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.rules.context import KEY_HEADERS, RuleContext, VariableValue, url_parts
from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.literals import PLACEHOLDER, reference_kind
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import OTHER, SCRIPT, TOKEN, gateway_env

_CREDENTIALS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_AWS_API_KEY")
_LOGIN = "sk-ant-oat"


def key_sites(s: RuleContext) -> Iterator[VariableValue]:
    """Where each variable that holds a key gets its value; no placeholder of cgw's, no claude.ai login (CGW143's)."""
    return (site for site in _values(s) if not site.value.strip().startswith(_LOGIN))


def _values(s: RuleContext) -> Iterator[VariableValue]:
    for name in _CREDENTIALS:
        site = s.site(name)
        if site and site.value.strip() != PLACEHOLDER_TOKEN:
            yield site


@rule(
    "CGW111 double-bearer error",
    why="""The client writes "Bearer " in front of ANTHROPIC_AUTH_TOKEN itself; a value that brings its own becomes
    "Bearer Bearer ...", which no gateway accepts.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"Bearer {TOKEN}")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence="2.1.330: val.tok.bearer-prefix",
    fix="unsafe",
)
def double_bearer(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_AUTH_TOKEN starts with "Bearer "."""
    site = s.site("ANTHROPIC_AUTH_TOKEN")
    if site and (match := _BEARER.match(site.value)):
        yield RawFinding(
            'ANTHROPIC_AUTH_TOKEN starts with "Bearer ", so the client sends "Bearer Bearer ..."',
            site.at,
            "store the key alone",
            _unsafe("remove the prefix", site, site.value[match.end() :]),
        )


@rule(
    "CGW112 bearer-in-api-key error",
    why="""x-api-key carries the bare key; the client sends ANTHROPIC_API_KEY as it stands, prefix included.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY=f"Bearer {TOKEN}")),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN)),
    evidence="2.1.330: val.key.bearer-prefix",
    fix="unsafe",
)
def bearer_in_api_key(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_API_KEY starts with "Bearer "."""
    site = s.site("ANTHROPIC_API_KEY")
    if site and (match := _BEARER.match(site.value)):
        yield RawFinding(
            'ANTHROPIC_API_KEY starts with "Bearer ", which is sent as part of the key',
            site.at,
            "store the key alone, or use ANTHROPIC_AUTH_TOKEN for a bearer token",
            _unsafe("remove the prefix", site, site.value[match.end() :]),
        )


@rule(
    "CGW113 credential-with-blank error",
    why="""Blanks inside a key are sent as they are; a key with a space or tab in it is two things pasted together
    or cut in the middle, and the gateway refuses it.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"{TOKEN}\tprod")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence="2.1.330: val.tok.tab val.key.inner-sp",
)
def credential_with_blank(s: RuleContext) -> Iterator[RawFinding]:
    """A credential has a space or tab inside."""
    for site in _values(s):
        value = site.value.strip()
        found = _BLANK.search(value)
        if found and not _BEARER.match(value) and "\n" not in value:
            yield RawFinding(
                f"{site.name} has a blank at character {found.start() + 1} of {len(value)}",
                site.at,
                "store the key alone",
            )


@rule(
    "CGW114 credential-in-quotes error",
    why="""Quotes around a key are part of it: the client removes blanks at the ends, not quotes. So is what else was
    copied with it from a script: a semicolon or comma behind it, the variable's name in front.""",
    bad=Example(env={"ANTHROPIC_AUTH_TOKEN": f'"{TOKEN}"'}, user=gateway_env()),
    good=Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user=gateway_env()),
    evidence="2.1.330: val.tok.quotes val.key.quotes claim.tok.semicolon claim.tok.assignment",
    fix="unsafe",
)
def credential_in_quotes(s: RuleContext) -> Iterator[RawFinding]:
    """A credential is wrapped in quotes, or in what else it was copied with, and that is sent with it."""
    for site in _values(s):
        value = site.value.strip()
        if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
            what, rest = "is wrapped in quotes", value[1:-1]
        elif len(value) > 1 and value[-1] in ";,":
            what, rest = f"ends in {value[-1]!r}", value[:-1]
        elif found := _COPIED.match(value):
            what, rest = "starts with a variable's name and an equals sign", value[found.end() :]
        else:
            continue
        yield RawFinding(
            f"{site.name} {what}, which is sent as part of the key",
            site.at,
            "store the key alone",
            _unsafe("keep the key alone", site, rest),
        )


@rule(
    "CGW115 credential-with-line-break error",
    why="""A header cannot hold a line break: the client stops before the first request.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"{TOKEN}\n{OTHER}")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence="2.1.330: val.tok.inner-nl",
)
def credential_with_line_break(s: RuleContext) -> Iterator[RawFinding]:
    """A credential has a line break inside."""
    for site in _values(s):
        value = site.value.strip()
        if "\n" in value or "\r" in value:
            yield RawFinding(
                f"{site.name} spans several lines; the client sends no request with it",
                site.at,
                "store one line, the key alone",
            )


@rule(
    "CGW116 credential-not-ascii error",
    why="""Keys are ASCII. A typographic dash, a zero-width space or an accented letter comes from a document or a
    chat window, and the gateway cannot match it.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="gw\u20114f1c9a7e22b0")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence="2.1.330: val.tok.nonascii val.key.nonascii",
)
def credential_not_ascii(s: RuleContext) -> Iterator[RawFinding]:
    """A credential has a character that is not ASCII."""
    for site in _values(s):
        value = site.value.strip()
        if not value.isascii():
            index = next(i for i, char in enumerate(value) if not char.isascii())
            yield RawFinding(
                f"{site.name} has U+{ord(value[index]):04X} at character {index + 1} of {len(value)}",
                site.at,
                "copy the key again from its source, not through a document or chat",
            )


@rule(
    "CGW117 credential-with-padding warning",
    why="""Clients before 2.1.221 sent blanks in front of ANTHROPIC_AUTH_TOKEN; gateways differ in what they make of
    them. Newer clients trim.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"  {TOKEN}"), client="2.1.200"),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), client="2.1.200"),
    evidence="""2.1.112: c2.val.tok.pad
    2.1.251: c2.val.tok.pad""",
    before="2.1.221",
    fix="unsafe",
)
def credential_with_padding(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_AUTH_TOKEN starts with blanks that this client version sends."""
    site = s.site("ANTHROPIC_AUTH_TOKEN")
    if site and site.value != site.value.lstrip():  # those at the end do not travel
        yield RawFinding(
            f"ANTHROPIC_AUTH_TOKEN begins with blanks, which client {s.snapshot.client_version} sends",
            site.at,
            "store the key alone",
            _unsafe("trim the value", site, site.value.strip()),
        )


@rule(
    "CGW118 placeholder-credential error",
    why="""A text like <YOUR_KEY> is sent like any key, and the gateway answers 401.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="<YOUR_GATEWAY_KEY>")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence="seen: public configurations",
)
def placeholder_credential(s: RuleContext) -> Iterator[RawFinding]:
    """A credential is still the placeholder of some documentation."""
    for site in _values(s):
        if PLACEHOLDER.search(site.value):
            yield RawFinding(
                f"{site.name} holds a placeholder, not a key",
                site.at,
                "put the real key into a store: cgw init NAME --provider P --auth helper --secret REF",
            )


@rule(
    "CGW121 expired-token error",
    why="""The client does not look at a token's expiry and sends it anyway; every request is refused.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: claim.jwt.expired claim.header.jwt.expired",
)
def expired_token(s: RuleContext) -> Iterator[RawFinding]:
    """A JWT in a variable has expired."""
    for name, at, expiry, _ in _ends(s):
        if expiry <= s.snapshot.now:
            yield RawFinding(
                f"the token in {name} expired {_ago(s.snapshot.now - expiry)} ago",
                at,
                "let a helper fetch it: cgw helper install",
            )


@rule(
    "CGW122 token-will-expire warning",
    why="""A token with an expiry in a static variable works until then and not a second longer; only a helper can
    renew it. An end that is more than a year away is nobody's worry today.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="eyJhbGciOiJub25lIn0.eyJleHAiOjE3OTI1OTIwMDB9.c2ln")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="reported: musistudio/claude-code-router#1628",
)
def token_will_expire(s: RuleContext) -> Iterator[RawFinding]:
    """A JWT stands in a static settings value and will expire there within a year."""
    for name, at, expiry, static in _ends(s):
        if static and s.snapshot.now < expiry <= s.snapshot.now + _YEAR:
            yield RawFinding(
                f"the token in {name} expires in {_ago(expiry - s.snapshot.now)}",
                at,
                "let a helper renew it: cgw helper install",
            )


@rule(
    "CGW143 login-as-gateway-key error",
    why="""A token that starts with sk-ant-oat is a person's claude.ai login. In ANTHROPIC_AUTH_TOKEN or
    ANTHROPIC_API_KEY it goes to the gateway, which can then act as that person.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="sk-ant-oat01-fakefakefake")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence="2.1.330: claim.tok.login",
)
def login_as_gateway_key(s: RuleContext) -> Iterator[RawFinding]:
    """A claude.ai login stands where the gateway's key belongs."""
    parts = url_parts(s.base.value) if s.base else None
    host = parts.hostname or "" if parts else ""
    if not host or f".{host}".endswith(".anthropic.com"):
        return
    # Beside a key of the gateway's own in another header the login is meant: such a gateway hands it on.
    if s.header_names & KEY_HEADERS:
        return
    for site in _values(s):
        if site.value.strip().startswith(_LOGIN):
            yield RawFinding(
                f"{site.name} holds a claude.ai login, and it is sent to {host}",
                site.at,
                "use the gateway's own key, and renew the login: claude setup-token",
            )


@rule(
    "CGW144 reference-as-key error",
    why="""The client takes what a variable holds for the key itself: a reference to a store, the path of a file or
    another program's way to name a variable is sent as it stands, and the gateway answers 401.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="keyring://cgw/work")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence="2.1.330: claim.tok.reference claim.tok.path",
)
def reference_as_key(s: RuleContext) -> Iterator[RawFinding]:
    """A credential says where the key is instead of being the key."""
    for site in _values(s):
        if what := reference_kind(site.value):
            yield RawFinding(
                f"{site.name} holds {what}, and the client sends it as the key",
                site.at,
                "let a helper read it: cgw init --auth helper --secret REFERENCE (a file is file:///path)",
            )


_BEARER = lazy(r"\s*bearer\s+", re.IGNORECASE)
_BLANK = lazy(r"[ \t\u00a0]")
_YEAR = 365 * 86_400
_COPIED = lazy(r"(?:export\s+)?[A-Z]+(?:_[A-Z]+)+=(?=[^=])")


def _unsafe(title: str, site: VariableValue, value: str) -> Fix | None:
    edits = site.set(value)
    return Fix(f"{site.name}: {title}", "unsafe", edits) if edits else None


def _ends(s: RuleContext) -> Iterator[tuple[str, Location, float, bool]]:
    """Every token whose end is known: what it stands in, where that is, the end, and whether a file holds it."""
    custom = s.site("ANTHROPIC_CUSTOM_HEADERS")
    held = [(site.name, site, site.value) for site in _values(s)]
    held += [
        (f"the custom header {name}", custom, _BEARER.sub("", value, count=1))
        for name, value in s.headers
        if custom and name.lower() in KEY_HEADERS
    ]
    for name, site, value in held:
        expiry = _expiry(value) if s.snapshot.now else None
        if expiry is not None:
            yield name, site.at, expiry, site.source is not None


def _expiry(value: str) -> float | None:
    """``exp`` of a JWT in seconds since the epoch, unverified; ``None`` for anything else."""
    parts = value.strip().split(".")
    if len(parts) != 3 or not parts[0].startswith("eyJ"):
        return None
    try:
        import base64

        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return None
    expiry = claims.get("exp") if isinstance(claims, dict) else None
    return float(expiry) if isinstance(expiry, int | float) and not isinstance(expiry, bool) else None


def _ago(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} seconds"
