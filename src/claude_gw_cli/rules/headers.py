"""13x and 14x: ANTHROPIC_CUSTOM_HEADERS, where a line break and a colon decide what is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.rules.context import KEY_HEADERS, RuleContext
from claude_gw_cli.rules.fix import Fix, Safety
from claude_gw_cli.rules.rule import Example, RawFinding, rule
from claude_gw_cli.rules.samples import OTHER, TOKEN, gateway_env, working

_NAME = "ANTHROPIC_CUSTOM_HEADERS"
_TOKEN_CHARS = lazy(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TWO_IN_ONE = lazy(r",\s*[A-Za-z][A-Za-z0-9-]*\s*:\s|\\n")


@rule(
    "CGW130 custom-authorization-ignored warning",
    why="""ANTHROPIC_AUTH_TOKEN and apiKeyHelper beat an Authorization line of ANTHROPIC_CUSTOM_HEADERS, in any
    spelling and in every provider mode, unless a second line in another spelling follows (CGW136).""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS=f"Authorization: Bearer {OTHER}")),
    good=Example(user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=f"Authorization: Bearer {TOKEN}")),
    evidence="2.1.330: anth.ch.auth+tok anth.ch.auth+help bed.ch.auth+tok",
    fix="safe",
)
def custom_authorization_ignored(s: RuleContext) -> Iterator[RawFinding]:
    """A custom Authorization header is never sent, because a token or a helper fills it."""
    site = s.site(_NAME)
    if site and "authorization" in s.header_names and (s.text("ANTHROPIC_AUTH_TOKEN") or s.helper):
        sent = s.header("authorization")
        if sent and sent.source and sent.source.kind == "custom-header":
            return
        winner = "ANTHROPIC_AUTH_TOKEN" if s.text("ANTHROPIC_AUTH_TOKEN") else "apiKeyHelper"
        lines = site.value.replace("\r\n", "\n").split("\n")
        rest = "\n".join(line for line in lines if line.partition(":")[0].strip().lower() != "authorization")
        edits = site.set(rest)
        # A start with --bare runs no helper of a settings file: the line is what counts there.
        safety: Safety = "unsafe" if winner == "apiKeyHelper" else "safe"
        yield RawFinding(
            f"the Authorization line in {_NAME} is not sent: {winner} fills that header",
            site.at,
            f"remove the line, or remove {winner}",
            Fix("remove the Authorization line", safety, edits) if edits else None,
        )


@rule(
    "CGW131 custom-key-wins warning",
    why="""An x-api-key line in ANTHROPIC_CUSTOM_HEADERS replaces ANTHROPIC_API_KEY and the helper's value in that
    header.""",
    bad=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN, ANTHROPIC_CUSTOM_HEADERS=f"x-api-key: {OTHER}")),
    good=Example(user=gateway_env(ANTHROPIC_API_KEY=TOKEN, ANTHROPIC_CUSTOM_HEADERS="x-team: llm")),
    evidence="2.1.330: c2.anth.ch.xak+key",
)
def custom_key_wins(s: RuleContext) -> Iterator[RawFinding]:
    """A custom x-api-key header replaces ANTHROPIC_API_KEY."""
    if "x-api-key" in s.header_names and s.text("ANTHROPIC_API_KEY") and s.provider in {"anthropic", "vertex"}:
        custom = next(value for name, value in reversed(s.headers) if name.lower() == "x-api-key")
        if custom != s.text("ANTHROPIC_API_KEY"):
            yield RawFinding(
                f"the x-api-key line in {_NAME} replaces ANTHROPIC_API_KEY", s.at(_NAME), "keep one of the two"
            )


@rule(
    "CGW132 custom-header-not-a-header warning",
    why="""A line without a colon is dropped without a word.""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team llm")),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm")),
    evidence="2.1.330: anth.ch.nocolon",
)
def custom_header_not_a_header(s: RuleContext) -> Iterator[RawFinding]:
    """A line of ANTHROPIC_CUSTOM_HEADERS has no colon and is ignored."""
    if s.text(_NAME).startswith(("{", "[")):
        return
    for index, line in enumerate(s.text(_NAME).splitlines()):
        if line.strip() and ":" not in line:
            yield RawFinding(
                f"line {index + 1} of {_NAME} has no colon and is ignored", s.at(_NAME), "write: Name: value"
            )


@rule(
    "CGW133 custom-headers-json error",
    why="""The variable holds "Name: value" lines. A JSON object is read as one header with an impossible name.""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS='{"x-team": "llm"}')),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm")),
    evidence="2.1.330: anth.ch.json",
)
def custom_headers_json(s: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_CUSTOM_HEADERS holds JSON."""
    if s.text(_NAME).startswith(("{", "[")):
        yield RawFinding(
            f"{_NAME} holds JSON; the client reads lines of the form Name: value",
            s.at(_NAME),
            "write one header per line",
        )


@rule(
    "CGW134 custom-headers-on-one-line warning",
    why="""Only a real line break separates headers. A comma, or a backslash and an n, becomes part of the first
    header's value, and the second header is never sent.""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm, x-env: prod")),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm\nx-env: prod")),
    evidence="2.1.330: anth.ch.comma",
    fix="unsafe",
)
def custom_headers_on_one_line(s: RuleContext) -> Iterator[RawFinding]:
    r"""Two custom headers stand on one line, separated by a comma or a literal \n."""
    site = s.site(_NAME)
    if site and not site.value.strip().startswith(("{", "[")) and _TWO_IN_ONE.search(site.value):
        lines = re.sub(r",\s*(?=[A-Za-z][A-Za-z0-9-]*\s*:\s)|\\n", "\n", site.value)
        edits = site.set(lines)
        yield RawFinding(
            f"{_NAME} seems to hold several headers on one line; only the first is a header",
            site.at,
            "separate headers by a line break (in JSON: \\n)",
            Fix("put each header on its own line", "unsafe", edits) if edits else None,
        )


@rule(
    "CGW135 custom-header-impossible error",
    why="""A header name with a blank or a value beyond ASCII makes the client stop before the first request.""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x team: llm")),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm")),
    evidence="2.1.330: c2.ch.badname anth.ch.nonascii",
)
def custom_header_impossible(s: RuleContext) -> Iterator[RawFinding]:
    """A custom header has a name or value that no request can carry."""
    if s.text(_NAME).startswith(("{", "[")):
        return
    for index, (name, value) in enumerate(s.headers):
        if not _TOKEN_CHARS.fullmatch(name):
            yield RawFinding(
                f"header {index + 1} has an impossible name: the client sends no request at all",
                s.at(_NAME),
                "use letters, digits and dashes",
            )
        elif not value.isascii():
            yield RawFinding(
                f"the value of header {name} is not ASCII: the client sends no request at all",
                s.at(_NAME),
                "use ASCII",
            )


@rule(
    "CGW136 custom-header-repeated warning",
    why="""Of two lines with one name only the last is sent.""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: llm\nX-Team: data")),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-team: data")),
    evidence="2.1.330: claim.header.repeated",
)
def custom_header_repeated(s: RuleContext) -> Iterator[RawFinding]:
    """A custom header is given twice."""
    seen: set[str] = set()
    for name, _ in s.headers:
        if name.lower() in seen and _TOKEN_CHARS.fullmatch(name):
            yield RawFinding(f"header {name} is given twice; only the last is sent", s.at(_NAME), "keep one line")
        seen.add(name.lower())


@rule(
    "CGW137 not-logged-in error",
    why="""For its own API the client wants a credential that it knows: a key in any header but Authorization does
    not count, and it stops with "Not logged in". A claude.ai login counts, and is then sent beside the key.""",
    bad=Example(user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {TOKEN}")),
    good=Example(
        user=gateway_env(
            ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {TOKEN}", ANTHROPIC_AUTH_TOKEN=PLACEHOLDER_TOKEN
        )
    ),
    evidence="2.1.330: anth.ch.only-xlitellm claim.login.litellm",
    whole=True,
)
def not_logged_in(s: RuleContext) -> Iterator[RawFinding]:
    """The only credential is a custom header that the client does not take for a login."""
    if s.provider != "anthropic" or not s.base or not s.header_names or "authorization" in s.header_names:
        return
    known = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN")
    logged_in = s.snapshot.login or s.snapshot.claude_json.get("oauthAccount")
    if not (any(s.text(name) for name in known) or s.helper or logged_in):
        yield RawFinding(
            f'the client does not take {_NAME} for a login and stops with "Not logged in"',
            s.at(_NAME),
            f"set ANTHROPIC_AUTH_TOKEN to any text, for example {PLACEHOLDER_TOKEN}",
        )


@rule(
    "CGW138 custom-authorization-not-a-login error",
    why="""Until 2.0.44 a custom Authorization header did not count as a login.""",
    bad=Example(user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=f"Authorization: Bearer {TOKEN}"), client="2.0.14"),
    good=Example(user=working(), client="2.0.14"),
    evidence="""2.0.44: c2.anth.ch.auth-only
    2.1.330: c2.anth.ch.auth-only""",
    before="2.0.45",
    whole=True,
)
def custom_authorization_not_a_login(s: RuleContext) -> Iterator[RawFinding]:
    """This client version refuses to start with a custom Authorization header alone."""
    if s.provider != "anthropic" or "authorization" not in s.header_names:
        return
    if not (s.text("ANTHROPIC_AUTH_TOKEN") or s.text("ANTHROPIC_API_KEY") or s.helper):
        yield RawFinding(
            f"client {s.snapshot.client_version} does not take a custom Authorization header for a login",
            s.at(_NAME),
            "put the key into ANTHROPIC_AUTH_TOKEN",
        )


@rule(
    "CGW139 placeholder-token-leads error",
    why="""ANTHROPIC_AUTH_TOKEN holds the text that only makes the client start, and no other header carries a key:
    the gateway receives the placeholder.""",
    bad=Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=PLACEHOLDER_TOKEN)),
    good=Example(
        user=gateway_env(
            ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {TOKEN}", ANTHROPIC_AUTH_TOKEN=PLACEHOLDER_TOKEN
        )
    ),
    evidence="2.1.330: anth.tok",
    whole=True,
)
def placeholder_token_leads(s: RuleContext) -> Iterator[RawFinding]:
    """The placeholder token is the only thing sent."""
    if s.text("ANTHROPIC_AUTH_TOKEN") == PLACEHOLDER_TOKEN and not s.header_names:
        yield RawFinding(
            "ANTHROPIC_AUTH_TOKEN says that the key is in ANTHROPIC_CUSTOM_HEADERS, but it is not there",
            s.at("ANTHROPIC_AUTH_TOKEN"),
            "export the key's header as well: cgw env --resolve",
        )


@rule(
    "CGW140 key-header-empty error",
    why="""A header line with nothing behind the colon is sent empty: the gateway sees a key header and refuses it.
    An unset shell variable in an export is the usual cause.""",
    bad=Example(user=working(ANTHROPIC_CUSTOM_HEADERS="x-litellm-api-key: Bearer ")),
    good=Example(user=working(ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {TOKEN}")),
    evidence="2.1.330: anth.ch.emptyval",
)
def key_header_empty(s: RuleContext) -> Iterator[RawFinding]:
    """A header that should carry the gateway key is empty."""
    for name, value in s.headers:
        if name.lower() in KEY_HEADERS and value.lower() in {"", "bearer"}:
            yield RawFinding(
                f"header {name} is sent without a key", s.at(_NAME), "give it the key, or remove the line"
            )
