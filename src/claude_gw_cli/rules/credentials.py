"""1xx: which credential is sent, and whether it is the one that was meant."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator

from claude_gw_cli.core.model import Location
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.variables import SECRET_NAMES
from claude_gw_cli.rules.fix import Chmod, Fix
from claude_gw_cli.rules.rule import Example, Hit, rule
from claude_gw_cli.rules.samples import BEDROCK, GW, OTHER, SCRIPT, TOKEN, USER, VERTEX, gateway_env
from claude_gw_cli.rules.subject import BASE, FLAGS, SKIP, Site, Subject, url_parts

_CREDENTIALS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_AWS_API_KEY")


def _key_sites(s: Subject) -> Iterator[Site]:
    for name in _CREDENTIALS:
        site = s.site(name)
        if site and site.value.strip() != PLACEHOLDER_TOKEN:
            yield site


@rule(
    "CGW101",
    "two-credentials",
    "warning",
    why="""ANTHROPIC_AUTH_TOKEN fills Authorization and ANTHROPIC_API_KEY fills x-api-key; neither suppresses the
    other. Which of the two the gateway believes is the gateway's choice, so this works by luck.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, ANTHROPIC_API_KEY=OTHER)),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, ANTHROPIC_API_KEY="")),
    evidence=("atlas:2.1.330 anth.key+tok",),
)
def two_credentials(s: Subject) -> Iterator[Hit]:
    """Two different credentials are sent at once, in two headers."""
    token, key = s.site("ANTHROPIC_AUTH_TOKEN"), s.site("ANTHROPIC_API_KEY")
    if not token or not key or s.provider != "anthropic" or token.value.strip() == key.value.strip():
        return
    if token.value.strip() == PLACEHOLDER_TOKEN:
        return
    yield Hit(
        "ANTHROPIC_AUTH_TOKEN (Authorization) and ANTHROPIC_API_KEY (x-api-key) are both sent, with different values",
        key.at,
        'keep one; cancel the other with "" in the same settings file',
    )


@rule(
    "CGW102",
    "helper-beside-token",
    "warning",
    why="""ANTHROPIC_AUTH_TOKEN beats apiKeyHelper in Authorization. From 2.1.77 the client no longer waits for the
    helper then, so whether its value still reaches x-api-key is a race against the first request.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN) | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 anth.tok+help", "atlas:2.1.330 race.tok+help.slow1.0"),
)
def helper_beside_token(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_AUTH_TOKEN shadows apiKeyHelper."""
    token = s.site("ANTHROPIC_AUTH_TOKEN")
    if token and s.helper:
        yield Hit(
            f"ANTHROPIC_AUTH_TOKEN wins over the apiKeyHelper of {s.helper[0].file} in the Authorization header",
            token.at,
            'remove the token, or set it to "" beside the helper',
        )


@rule(
    "CGW103",
    "helper-beside-api-key",
    "warning",
    why="""With both, the helper's value travels in Authorization and ANTHROPIC_API_KEY in x-api-key; the helper
    never reaches x-api-key. A rotated key in one and a stale one in the other is hard to see.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN) | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY="") | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("atlas:2.1.330 anth.key+help",),
)
def helper_beside_api_key(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_API_KEY is sent beside apiKeyHelper."""
    key = s.site("ANTHROPIC_API_KEY")
    if key and s.helper and s.provider == "anthropic":
        yield Hit(
            f"ANTHROPIC_API_KEY fills x-api-key while the apiKeyHelper of {s.helper[0].file} fills Authorization",
            key.at,
            'remove the key, or set it to "" beside the helper',
        )


@rule(
    "CGW104",
    "gateway-bypassed",
    "error",
    why="""A provider flag turns ANTHROPIC_BASE_URL off: the client then talks to the cloud provider directly unless
    that provider's own base URL is set. Left-over CLAUDE_CODE_USE_* flags are the usual cause.""",
    bad=Example(
        env={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"},
        user={"env": {"ANTHROPIC_BASE_URL": GW}},
    ),
    good=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN, CLAUDE_CODE_USE_BEDROCK="")),
    evidence=("atlas:2.1.330 l4.fnd.anthbase-only",),
)
def gateway_bypassed(s: Subject) -> Iterator[Hit]:
    """A provider flag makes the client ignore ANTHROPIC_BASE_URL."""
    base = s.site("ANTHROPIC_BASE_URL")
    if not base or s.provider == "anthropic" or s.base or s.text("ANTHROPIC_FOUNDRY_RESOURCE"):
        return
    flag = FLAGS[s.provider]
    yield Hit(
        f"{flag} is on, so ANTHROPIC_BASE_URL is ignored and requests go to the cloud provider",
        s.at(flag),
        f'set {flag} to "", or give the gateway as {BASE[s.provider]}',
    )


@rule(
    "CGW105",
    "api-key-not-sent",
    "error",
    why="""Behind Bedrock, Foundry and Mantle ANTHROPIC_API_KEY alone reaches no header (Bedrock sent it as x-api-key
    until 2.1.227). The gateway sees a request without a key.""",
    bad=Example(user={"env": {**BEDROCK, "ANTHROPIC_API_KEY": TOKEN}}),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 bed.key", "atlas:2.1.330 fnd.skip.key", "atlas:2.1.330 x.mantle.key"),
)
def api_key_not_sent(s: Subject) -> Iterator[Hit]:
    """ANTHROPIC_API_KEY is the only gateway key, and this provider mode does not send it."""
    if s.provider == "anthropic" or not s.skips or not s.text("ANTHROPIC_API_KEY"):
        return
    if s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or s.headers:
        return
    sent = s.header("x-api-key")
    if sent is None or not sent.present:
        yield Hit(
            f"ANTHROPIC_API_KEY is not sent in {s.provider} mode: the gateway receives no key",
            s.at("ANTHROPIC_API_KEY"),
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


@rule(
    "CGW106",
    "api-key-in-vertex",
    "warning",
    why="""In Vertex mode ANTHROPIC_API_KEY travels in x-api-key. LiteLLM does not look there on its Vertex route
    and answers 401.""",
    bad=Example(user={"env": {**VERTEX, "ANTHROPIC_API_KEY": TOKEN}}),
    good=Example(user={"env": {**VERTEX, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 vtx.key", "measured: LiteLLM 1.106.2, every key position at every endpoint"),
)
def api_key_in_vertex(s: Subject) -> Iterator[Hit]:
    """The only gateway key in Vertex mode is ANTHROPIC_API_KEY."""
    if s.provider != "vertex" or not s.skips or s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or s.headers:
        return
    if s.text("ANTHROPIC_API_KEY"):
        yield Hit(
            "ANTHROPIC_API_KEY travels in x-api-key, which LiteLLM refuses on its Vertex route",
            s.at("ANTHROPIC_API_KEY"),
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


@rule(
    "CGW107",
    "bedrock-token-wins",
    "error",
    why="""AWS_BEARER_TOKEN_BEDROCK fills Authorization before everything else, even with
    CLAUDE_CODE_SKIP_BEDROCK_AUTH=1: the gateway receives the AWS token instead of its own key.""",
    bad=Example(
        env={"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-7e1f"},
        user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    good=Example(
        env={"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-7e1f"},
        user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN, "AWS_BEARER_TOKEN_BEDROCK": ""}},
    ),
    evidence=("atlas:2.1.330 bed.bearer+tok", "atlas:2.1.330 bed.bearer+help"),
    since="1.0.50",
)
def bedrock_token_wins(s: Subject) -> Iterator[Hit]:
    """AWS_BEARER_TOKEN_BEDROCK is sent to the gateway instead of the gateway's key."""
    if s.provider != "bedrock" or not s.skips or not s.text("AWS_BEARER_TOKEN_BEDROCK"):
        return
    if s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or "authorization" in s.header_names:
        yield Hit(
            "AWS_BEARER_TOKEN_BEDROCK takes the Authorization header from the gateway key",
            s.at("AWS_BEARER_TOKEN_BEDROCK"),
            'set AWS_BEARER_TOKEN_BEDROCK to "" in the settings file that configures the gateway',
        )


@rule(
    "CGW108",
    "skip-auth-missing",
    "error",
    why="""Without the skip-auth flag the client signs for the cloud itself and removes the Authorization of
    ANTHROPIC_AUTH_TOKEN, apiKeyHelper and ANTHROPIC_CUSTOM_HEADERS: the gateway's key is never sent.""",
    bad=Example(
        env={"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": "fakefakefakefakefakefake"},
        user={"env": {**BEDROCK, "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "", "ANTHROPIC_AUTH_TOKEN": TOKEN}},
    ),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=(
        "atlas:2.1.330 bed.noskip.aws+tok",
        "atlas:2.1.330 vtx.gcp.ea+tok",
        "atlas:2.1.330 bed.noskip.nocreds+tok",
    ),
)
def skip_auth_missing(s: Subject) -> Iterator[Hit]:
    """A gateway key is set for a cloud provider, but its skip-auth flag is not."""
    if s.provider not in {"bedrock", "vertex"} or s.skips or not s.base:
        return
    if s.text("ANTHROPIC_AUTH_TOKEN") or s.helper or "authorization" in s.header_names:
        yield Hit(
            f"without {SKIP[s.provider]}=1 the gateway key is dropped and the cloud credential is sent instead",
            s.base.at,
            f"set {SKIP[s.provider]} to 1; or, if this machine holds the cloud credential on purpose, carry the "
            "gateway key in a custom header such as x-litellm-api-key",
        )


@rule(
    "CGW109",
    "skip-auth-with-cloud-credential",
    "warning",
    why="""With the skip-auth flag the client does not sign: cloud credentials that the same configuration sets up
    are never used, and the gateway gets a request without any credential.""",
    bad=Example(user={"env": dict(BEDROCK), "awsAuthRefresh": "aws sso login --profile llm"}),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 bed.skip.aws", "atlas:2.1.330 vtx.skip.gcp.md"),
)
def skip_auth_with_cloud_credential(s: Subject) -> Iterator[Hit]:
    """Cloud credentials are configured, but the skip-auth flag stops the client from using them."""
    if s.provider not in {"bedrock", "vertex"} or not s.skips or s.gateway_key or s.text("AWS_BEARER_TOKEN_BEDROCK"):
        return
    keys = ("awsAuthRefresh", "awsCredentialExport") if s.provider == "bedrock" else ("gcpAuthRefresh",)
    for key in keys:
        for source, value in s.settings(key):
            if value:
                yield Hit(
                    f"{key} provides a cloud credential that {SKIP[s.provider]} keeps out of every request",
                    Location(source.file, pointer=f"/{key}"),
                    f"remove {SKIP[s.provider]}, or give the gateway a key with ANTHROPIC_AUTH_TOKEN",
                )


@rule(
    "CGW110",
    "no-credential",
    "info",
    why="""With skip-auth and nothing else the client sends requests without any credential. That is right only
    where the network itself is the lock.""",
    bad=Example(user={"env": dict(BEDROCK)}),
    good=Example(user={"env": {**BEDROCK, "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
    evidence=("atlas:2.1.330 bed.none", "atlas:2.1.330 vtx.none"),
    whole=True,
)
def no_credential(s: Subject) -> Iterator[Hit]:
    """Requests go to the gateway without any credential."""
    if s.provider not in {"bedrock", "vertex"} or not s.skips or not s.base:
        return
    if not (s.gateway_key or s.headers or s.text("AWS_BEARER_TOKEN_BEDROCK")):
        yield Hit(
            f"no credential is sent to the {s.provider} gateway",
            s.base.at,
            "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper",
        )


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
    for site in _key_sites(s):
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
    for site in _key_sites(s):
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
    for site in _key_sites(s):
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
    for site in _key_sites(s):
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
    for site in _key_sites(s):
        if _PLACEHOLDER.search(site.value):
            yield Hit(
                f"{site.name} holds a placeholder, not a key",
                site.at,
                "put the real key into a store and let a helper read it: cgw init",
            )


@rule(
    "CGW119",
    "login-sent-to-gateway",
    "error",
    why="""A base URL without a credential leaves the person's own login in charge: a claude.ai session token is then
    sent to the gateway. Without a login the client refuses to start.""",
    bad=Example(user={"env": {"ANTHROPIC_BASE_URL": GW}}),
    good=Example(user=USER),
    evidence=(
        "atlas:2.1.330 c2.anth.none",
        "documented: LLM gateways, ANTHROPIC_BASE_URL alone leaves the login active",
    ),
    whole=True,
)
def login_sent_to_gateway(s: Subject) -> Iterator[Hit]:
    """A base URL is set, but no credential for it."""
    if s.provider != "anthropic" or not s.base or _is_anthropic(s.base.value) or s.text("CLAUDE_CODE_OAUTH_TOKEN"):
        return
    if not (s.text("ANTHROPIC_AUTH_TOKEN") or s.text("ANTHROPIC_API_KEY") or s.helper or s.headers):
        yield Hit(
            "ANTHROPIC_BASE_URL has no credential of its own: a claude.ai login would be sent to it, and without "
            "one the client does not start",
            s.base.at,
            "set ANTHROPIC_AUTH_TOKEN or apiKeyHelper: cgw settings apply",
        )


@rule(
    "CGW120",
    "oauth-token-to-gateway",
    "error",
    why="""CLAUDE_CODE_OAUTH_TOKEN is a claude.ai subscription token. With a gateway as base URL and no gateway
    credential, it is sent there as Authorization.""",
    bad=Example(env={"CLAUDE_CODE_OAUTH_TOKEN": "oat-5d1e7c90aa"}, user={"env": {"ANTHROPIC_BASE_URL": GW}}),
    good=Example(env={"CLAUDE_CODE_OAUTH_TOKEN": ""}, user=USER),
    evidence=("atlas:2.1.330 oat",),
)
def oauth_token_to_gateway(s: Subject) -> Iterator[Hit]:
    """A claude.ai OAuth token is sent to the gateway."""
    if (
        not s.text("CLAUDE_CODE_OAUTH_TOKEN")
        or s.provider != "anthropic"
        or not s.base
        or _is_anthropic(s.base.value)
    ):
        return
    sent = s.header("authorization")
    if sent and sent.source and sent.source.name == "CLAUDE_CODE_OAUTH_TOKEN":
        yield Hit(
            "CLAUDE_CODE_OAUTH_TOKEN, a claude.ai login, is sent to the gateway",
            s.at("CLAUDE_CODE_OAUTH_TOKEN"),
            "unset it here, and set the gateway's own key",
        )


@rule(
    "CGW121",
    "expired-token",
    "error",
    why="""The client does not look at a token's expiry and sends it anyway; every request is refused.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN="eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.c2ln")),
    good=Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT),
    evidence=("measured: 2.1.330 sends an expired JWT as it is",),
)
def expired_token(s: Subject) -> Iterator[Hit]:
    """A JWT in a variable has expired."""
    for site in _key_sites(s):
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
    for site in _key_sites(s):
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
        if not _exposed(site):
            where = (
                "managed settings, which every user of the machine reads"
                if site.scope == "managed"
                else "a private file"
            )
            yield Hit(
                f"{site.name} is a literal key in {where}",
                site.at,
                "keep it in a store: cgw init --auth helper --secret keyring://cgw/NAME",
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
    "CGW125",
    "redirected-key",
    "error",
    why="""Settings of a project beat those of the user. With `claude -p` no trust question is asked: the base URL of
    a repository receives the key that the user set up for another gateway.""",
    bad=Example(user=USER, project={"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example.net"}}),
    good=Example(user=USER, project={"env": {"ANTHROPIC_MODEL": "claude-sonnet-5-5"}}),
    evidence=("atlas:2.1.330 l4.base-in-project+key-env",),
    whole=True,
)
def redirected_key(s: Subject) -> Iterator[Hit]:
    """A project's base URL receives a key that was set up for another gateway."""
    if not s.base or s.base.scope not in {"project", "local"}:
        return
    key_scope = _key_scope(s)
    mine = [site for site in s.sites[s.base.name][:-1] if site.scope in {"process", "user"} and site.value.strip()]
    if key_scope not in {"process", "user"} or not mine:
        return
    here, there = _origin(s.base.value), _origin(mine[-1].value)
    if here != there:
        yield Hit(
            f"the {s.base.scope} settings send your {key_scope} key to {here} instead of {there}",
            s.base.at,
            "remove the base URL from the project, or give the project its own key in .claude/settings.local.json",
        )


@rule(
    "CGW126",
    "split-scopes",
    "info",
    why="""Base URL and key come from different places. Whoever sees only one of them (a background session without
    your shell, another checkout) sends the key elsewhere or nothing at all.""",
    bad=Example(env={"ANTHROPIC_AUTH_TOKEN": TOKEN}, user={"env": {"ANTHROPIC_BASE_URL": GW}}),
    good=Example(user=USER),
    evidence=("atlas:2.1.330 scope.base.proc+project.key", "anthropics/claude-code#26935"),
    whole=True,
)
def split_scopes(s: Subject) -> Iterator[Hit]:
    """The base URL and the key for it stand in different scopes."""
    key_scope = _key_scope(s)
    if s.base and key_scope and key_scope != s.base.scope and "managed" not in {key_scope, s.base.scope}:
        yield Hit(
            f"the base URL is set in {s.base.scope} scope, its key in {key_scope} scope",
            s.base.at,
            "keep both in one place: cgw settings apply",
        )


@rule(
    "CGW127",
    "anthropic-key-to-gateway",
    "warning",
    why="""A key that starts with sk-ant- belongs to Anthropic. A gateway that is not Anthropic's can read it, use it
    and bill it to you; few gateways want it.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY="sk-ant-api03-fakefakefake")),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN)),
    evidence=("atlas:2.1.330 anth.key",),
)
def anthropic_key_to_gateway(s: Subject) -> Iterator[Hit]:
    """An Anthropic key is sent to a gateway."""
    if not s.base or _is_anthropic(s.base.value):
        return
    for site in _key_sites(s):
        if site.value.strip().startswith("sk-ant-"):
            yield Hit(
                f"{site.name} holds a key of Anthropic's, and the base URL is {_origin(s.base.value)}",
                site.at,
                "use the gateway's own key",
            )


@rule(
    "CGW128",
    "foundry-key-wins",
    "error",
    why="""ANTHROPIC_FOUNDRY_API_KEY suppresses ANTHROPIC_AUTH_TOKEN, apiKeyHelper and ANTHROPIC_API_KEY altogether:
    only x-api-key is sent.""",
    bad=Example(
        user={"env": {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW,
            "ANTHROPIC_FOUNDRY_API_KEY": OTHER, "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }}
    ),
    good=Example(
        user={"env": {
            "CLAUDE_CODE_USE_FOUNDRY": "1", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1", "ANTHROPIC_FOUNDRY_BASE_URL": GW,
            "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }}
    ),
    evidence=("atlas:2.1.330 fnd.noskip.fkey+tok", "atlas:2.1.330 fnd.skip.fkey+tok"),
    since="2.1.257",
)  # fmt: skip
def foundry_key_wins(s: Subject) -> Iterator[Hit]:
    """In Foundry mode ANTHROPIC_FOUNDRY_API_KEY or _AUTH_TOKEN keeps the gateway key out of the request."""
    if s.provider != "foundry" or not (s.text("ANTHROPIC_AUTH_TOKEN") or s.helper):
        return
    for name in ("ANTHROPIC_FOUNDRY_AUTH_TOKEN", "ANTHROPIC_FOUNDRY_API_KEY"):
        if s.text(name):
            yield Hit(f"{name} is sent, and the gateway key is not", s.at(name), "keep one of the two")
            return


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


def _is_anthropic(url: str) -> bool:
    parts = url_parts(url)
    host = parts.hostname or "" if parts else ""
    return host == "anthropic.com" or host.endswith(".anthropic.com")


def _origin(url: str) -> str:
    parts = url_parts(url)
    if not parts:
        return "an invalid address"
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname}{port}"


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


def _key_scope(s: Subject) -> str | None:
    token = s.site("ANTHROPIC_AUTH_TOKEN")
    if token and token.value.strip() != PLACEHOLDER_TOKEN:
        return token.scope
    if s.helper:
        return s.helper[0].scope
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS"):
        if site := s.site(name):
            return site.scope
    return None


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
