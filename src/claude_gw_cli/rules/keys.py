"""11x and 12x: the key itself - whether its text can be a key, how long it lasts, and who can read it."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator

from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.variables import SECRET_NAMES
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import Example, Hit, rule
from claude_gw_cli.rules.samples import OTHER, SCRIPT, TOKEN, USER, gateway_env
from claude_gw_cli.rules.subject import Site, Subject

_CREDENTIALS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_AWS_API_KEY")


def key_sites(s: Subject) -> Iterator[Site]:
    """Where each variable that holds a key gets its value, without the text that only stands for a key."""
    for name in _CREDENTIALS:
        site = s.site(name)
        if site and site.value.strip() != PLACEHOLDER_TOKEN:
            yield site


@rule(
    "CGW111",
    "double-bearer",
    "error",
    why="""The client writes "Bearer " in front of ANTHROPIC_AUTH_TOKEN itself; a value that brings its own becomes
    "Bearer Bearer ...", which no gateway accepts.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"Bearer {TOKEN}")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence=("atlas:2.1.330 val.tok.bearer-prefix",),
    fix="unsafe",
)
def double_bearer(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_AUTH_TOKEN starts with "Bearer "."""
    site = s.site("ANTHROPIC_AUTH_TOKEN")
    if site and (match := _BEARER.match(site.value)):
        yield Hit(
            'ANTHROPIC_AUTH_TOKEN starts with "Bearer ", so the client sends "Bearer Bearer ..."',
            site.at,
            "store the key alone",
            _unsafe("remove the prefix", site, site.value[match.end() :]),
        )


@rule(
    "CGW112",
    "bearer-in-api-key",
    "error",
    why="""x-api-key carries the bare key; the client sends ANTHROPIC_API_KEY as it stands, prefix included.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY=f"Bearer {TOKEN}")),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN)),
    evidence=("atlas:2.1.330 val.key.bearer-prefix",),
    fix="unsafe",
)
def bearer_in_api_key(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_API_KEY starts with "Bearer "."""
    site = s.site("ANTHROPIC_API_KEY")
    if site and (match := _BEARER.match(site.value)):
        yield Hit(
            'ANTHROPIC_API_KEY starts with "Bearer ", which is sent as part of the key',
            site.at,
            "store the key alone, or use ANTHROPIC_AUTH_TOKEN for a bearer token",
            _unsafe("remove the prefix", site, site.value[match.end() :]),
        )


@rule(
    "CGW113",
    "credential-with-blank",
    "error",
    why="""Blanks inside a key are sent as they are; a key with a space or tab in it is two things pasted together
    or cut in the middle, and the gateway refuses it.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"{TOKEN}\tprod")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence=("atlas:2.1.330 val.tok.tab", "atlas:2.1.330 val.key.inner-sp"),
)
def credential_with_blank(s: Subject) -> Iterator[Hit]:
    """A credential has a space or tab inside."""
    for site in key_sites(s):
        value = site.value.strip()
        found = _BLANK.search(value)
        if found and not _BEARER.match(value) and "\n" not in value:
            yield Hit(
                f"{site.name} has a blank at character {found.start() + 1} of {len(value)}",
                site.at,
                "store the key alone",
            )


@rule(
    "CGW114",
    "credential-in-quotes",
    "error",
    why="""Quotes around a key are part of it: the client removes blanks at the ends, not quotes.""",
    bad=Example(env={"ANTHROPIC_AUTH_TOKEN": f'"{TOKEN}"'}, user=gateway_env()),
    good=Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user=gateway_env()),
    evidence=("atlas:2.1.330 val.tok.quotes", "atlas:2.1.330 val.key.quotes"),
    fix="unsafe",
)
def credential_in_quotes(s: Subject) -> Iterator[Hit]:
    """A credential is wrapped in quotes, which are sent with it."""
    for site in key_sites(s):
        value = site.value.strip()
        if len(value) > 1 and value[0] in "\"'`" and value[-1] == value[0]:
            yield Hit(
                f"{site.name} is wrapped in quotes, and they are sent as part of the key",
                site.at,
                "store the key without quotes",
                _unsafe("remove the quotes", site, value[1:-1]),
            )


@rule(
    "CGW115",
    "credential-with-line-break",
    "error",
    why="""A header cannot hold a line break: the client stops before the first request.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"{TOKEN}\n{OTHER}")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence=("atlas:2.1.330 val.tok.inner-nl",),
)
def credential_with_line_break(s: Subject) -> Iterator[Hit]:
    """A credential has a line break inside."""
    for site in key_sites(s):
        value = site.value.strip()
        if "\n" in value or "\r" in value:
            yield Hit(
                f"{site.name} spans several lines; the client sends no request with it",
                site.at,
                "store one line, the key alone",
            )


@rule(
    "CGW116",
    "credential-not-ascii",
    "error",
    why="""Keys are ASCII. A typographic dash, a zero-width space or an accented letter comes from a document or a
    chat window, and the gateway cannot match it.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="gw\u20114f1c9a7e22b0")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence=("atlas:2.1.330 val.tok.nonascii", "atlas:2.1.330 val.key.nonascii"),
)
def credential_not_ascii(s: Subject) -> Iterator[Hit]:
    """A credential has a character that is not ASCII."""
    for site in key_sites(s):
        value = site.value.strip()
        if not value.isascii():
            index = next(i for i, char in enumerate(value) if not char.isascii())
            yield Hit(
                f"{site.name} has U+{ord(value[index]):04X} at character {index + 1} of {len(value)}",
                site.at,
                "copy the key again from its source, not through a document or chat",
            )


@rule(
    "CGW117",
    "credential-with-padding",
    "warning",
    why="""Clients before 2.1.221 sent blanks in front of ANTHROPIC_AUTH_TOKEN; gateways differ in what they make of
    them. Newer clients trim.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=f"  {TOKEN}"), client="2.1.200"),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), client="2.1.200"),
    evidence=("atlas:2.1.112 c2.val.tok.pad", "atlas:2.1.251 c2.val.tok.pad"),
    before="2.1.221",
    fix="unsafe",
)
def credential_with_padding(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_AUTH_TOKEN starts or ends with blanks that this client version sends."""
    site = s.site("ANTHROPIC_AUTH_TOKEN")
    if site and site.value != site.value.strip():
        yield Hit(
            f"ANTHROPIC_AUTH_TOKEN has blanks around it, which client {s.snapshot.client_version} sends",
            site.at,
            "store the key alone",
            _unsafe("trim the value", site, site.value.strip()),
        )


@rule(
    "CGW118",
    "placeholder-credential",
    "error",
    why="""A text like <YOUR_KEY> is sent like any key, and the gateway answers 401.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="<YOUR_GATEWAY_KEY>")),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN)),
    evidence=("seen in public configurations",),
)
def placeholder_credential(s: Subject) -> Iterator[Hit]:
    """A credential is still the placeholder of some documentation."""
    for site in key_sites(s):
        if _PLACEHOLDER.search(site.value):
            yield Hit(
                f"{site.name} holds a placeholder, not a key",
                site.at,
                "put the real key into a store: cgw init NAME --provider P --auth helper --secret REF",
            )


@rule(
    "CGW121",
    "expired-token",
    "error",
    why="""The client does not look at a token's expiry and sends it anyway; every request is refused.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 claim.jwt.expired",),
)
def expired_token(s: Subject) -> Iterator[Hit]:
    """A JWT in a variable has expired."""
    for site in key_sites(s):
        expiry = _expiry(site.value)
        if expiry and s.snapshot.now and expiry <= s.snapshot.now:
            yield Hit(
                f"the token in {site.name} expired {_ago(s.snapshot.now - expiry)} ago",
                site.at,
                "let a helper fetch it: cgw helper install",
            )


@rule(
    "CGW122",
    "token-will-expire",
    "warning",
    why="""A token with an expiry in a static variable works until then and not a second longer; only a helper can
    renew it.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="eyJhbGciOiJub25lIn0.eyJleHAiOjQwMDAwMDAwMDB9.c2ln")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("musistudio/claude-code-router#1628",),
)
def token_will_expire(s: Subject) -> Iterator[Hit]:
    """A JWT stands in a static settings value and will expire there."""
    for site in key_sites(s):
        expiry = _expiry(site.value) if site.source else None
        if expiry and s.snapshot.now and expiry > s.snapshot.now:
            yield Hit(
                f"the token in {site.name} expires in {_ago(expiry - s.snapshot.now)}",
                site.at,
                "let a helper renew it: cgw helper install",
            )


@rule(
    "CGW123",
    "literal-key",
    "info",
    why="""A key in settings.json is plain text at rest, in backups and in screen sharing. In a file that only you
    can read and that git does not track, or in managed settings, this is a choice, not a mistake.""",
    bad=Example(user=USER),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("anthropics/claude-code#13106",),
)
def literal_key(s: Subject) -> Iterator[Hit]:
    """A settings file that git does not track holds a literal key."""
    for site in _literal_secrets(s):
        if not _exposed(site) and not _next_commit_takes(site):
            where = (
                "managed settings, which every user of the machine reads"
                if site.scope == "managed"
                else "a private file"
            )
            yield Hit(
                f"{site.name} is a literal key in {where}",
                site.at,
                "keep it in a store: cgw init NAME --provider P --auth helper --secret keyring://cgw/NAME",
            )


@rule(
    "CGW124",
    "exposed-key",
    "error",
    why="""A key in a file that git tracks, or that other accounts can read, is known to more people than it is
    meant for.""",
    bad=Example(project=USER, tracked=True),
    good=Example(project=gateway_env(), env={"ANTHROPIC_AUTH_TOKEN": TOKEN}),
    evidence=("anthropics/claude-code#13106",),
    fix="safe",
)
def exposed_key(s: Subject) -> Iterator[Hit]:
    """A literal key stands in a file that is tracked by git or readable by others."""
    for site in _literal_secrets(s):
        reason = _exposed(site)
        if reason and site.source:
            fix = None
            if not site.source.tracked and site.scope in {"user", "local"}:
                fix = Fix("make the file private (0600)", "safe", (Chmod(site.source.file, 0o600),))
            yield Hit(
                f"{site.name} is a literal key in a file that {reason}",
                site.at,
                "replace the key at the gateway, then keep the new one in a store: cgw secret set keyring://cgw/NAME",
                fix,
            )


@rule(
    "CGW142",
    "key-not-ignored",
    "warning",
    why="""A key in a repository's settings that no ignore rule covers is private only until the next `git add .`;
    after that it is in the history of every clone.""",
    bad=Example(local=USER, ignored=False),
    good=Example(local=USER),
    evidence=("anthropics/claude-code#13106",),
)
def key_not_ignored(s: Subject) -> Iterator[Hit]:
    """A literal key stands in a repository's file that git does not ignore."""
    for site in _literal_secrets(s):
        if site.source and _next_commit_takes(site) and not _exposed(site):
            yield Hit(
                f"{site.name} is a literal key in a file that the next `git add .` takes",
                site.at,
                f"echo {site.source.file.rsplit('/', 1)[-1]} >> .gitignore, or keep the key in a store",
            )


_BEARER = re.compile(r"\s*bearer\s+", re.IGNORECASE)
_BLANK = re.compile(r"[ \t\u00a0]")
_PLACEHOLDER = re.compile(
    r"<[^>]+>|\byour[-_ ]|[-_]your[-_]|change[-_]?me|replace[-_]?(me|this|with)|x{6,}|\.\.\.$|…|\*{4,}|^todo\b|"
    r"(insert|enter|paste)[-_ ](your|key|token)",
    re.IGNORECASE,
)


def _unsafe(title: str, site: Site, value: str) -> Fix | None:
    edits = site.set(value)
    return Fix(f"{site.name}: {title}", "unsafe", edits) if edits else None


def _literal_secrets(s: Subject) -> Iterator[Site]:
    for sites in (s.sites[name] for name in s.sites if name in SECRET_NAMES):
        for site in sites:
            if site.source and site.value.strip() and site.value.strip() != PLACEHOLDER_TOKEN:
                yield site
    for site in s.sites.get("ANTHROPIC_CUSTOM_HEADERS", ()):
        if site.source and any(name in site.value.lower() for name in ("authorization:", "api-key:")):
            yield site


def _exposed(site: Site) -> str:
    source = site.source
    if source is None:
        return ""
    if source.tracked:
        return "git tracks"
    # Managed settings have to be readable, or the users' clients stop: a key there is the administrator's choice.
    if site.scope != "managed" and source.mode is not None and source.mode & 0o077:
        return f"other accounts can open (mode {source.mode & 0o777:04o})"
    return ""


def _next_commit_takes(site: Site) -> bool:
    return site.scope in {"project", "local"} and site.source is not None and site.source.unignored


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
