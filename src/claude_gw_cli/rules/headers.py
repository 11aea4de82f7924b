"""13x and 14x: ANTHROPIC_CUSTOM_HEADERS, where a line break and a colon decide what is sent."""

from __future__ import annotations

from claude_gw_cli.core.patterns import lazy
from claude_gw_cli.facts.headers import CLIENTS_SPELLINGS, PROTOCOL_HEADERS
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import KEY_HEADERS, RuleContext
from claude_gw_cli.rules.fix import Safety
from claude_gw_cli.rules.rule import RawFinding, rule

_NAME = "ANTHROPIC_CUSTOM_HEADERS"
_JSON = ("{", "[")
_TOKEN_CHARS = lazy(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TWO_IN_ONE = lazy(r",\s*(?=[A-Za-z][A-Za-z0-9-]*\s*:\s)|\\n")


@rule("CGW130 custom-authorization-ignored warning", fix="safe")
def custom_authorization_ignored(ctx: RuleContext) -> Iterator[RawFinding]:
    """A custom Authorization header is never sent, because a token or a helper fills it."""
    value = ctx.value(_NAME)
    winner = "ANTHROPIC_AUTH_TOKEN" if ctx.text("ANTHROPIC_AUTH_TOKEN") else "apiKeyHelper" if ctx.helper else ""
    if not value or not winner or "authorization" not in ctx.header_names:
        return
    sent = ctx.header("authorization")
    if sent and sent.source and sent.source.kind == "custom-header":
        return
    lines = value.value.replace("\r\n", "\n").split("\n")
    rest = "\n".join(line for line in lines if line.partition(":")[0].strip().lower() != "authorization")
    # With --bare the client runs no helper of a settings file: then the line is what counts.
    safety: Safety = "unsafe" if winner == "apiKeyHelper" else "safe"
    yield value.finding(
        f"the Authorization line in {_NAME} is not sent: {winner} fills that header",
        f"remove the line, or remove {winner}",
        value.fix("remove the Authorization line", safety, rest),
    )


@rule("CGW131 custom-key-wins warning")
def custom_key_wins(ctx: RuleContext) -> Iterator[RawFinding]:
    """A custom x-api-key header replaces ANTHROPIC_API_KEY."""
    custom = next((value for name, value in reversed(ctx.headers) if name.lower() == "x-api-key"), None)
    key = ctx.text("ANTHROPIC_API_KEY")
    if custom is not None and key not in {"", custom} and ctx.provider in {"anthropic", "vertex"}:
        message = f"the x-api-key line in {_NAME} replaces ANTHROPIC_API_KEY"
        yield ctx.finding(_NAME, message, "keep one of the two")


@rule("CGW132 custom-header-not-a-header warning")
def custom_header_not_a_header(ctx: RuleContext) -> Iterator[RawFinding]:
    """A line of ANTHROPIC_CUSTOM_HEADERS has no colon and is ignored."""
    if ctx.text(_NAME).startswith(_JSON):
        return
    for number, line in enumerate(ctx.text(_NAME).splitlines(), 1):
        if line.strip() and ":" not in line:
            message = f"line {number} of {_NAME} has no colon and is ignored"
            yield ctx.finding(_NAME, message, "write: Name: value")


@rule("CGW133 custom-headers-json error")
def custom_headers_json(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_CUSTOM_HEADERS holds JSON."""
    if ctx.text(_NAME).startswith(_JSON):
        message = f"{_NAME} holds JSON; the client reads lines of the form Name: value"
        yield ctx.finding(_NAME, message, "write one header per line")


@rule("CGW134 custom-headers-on-one-line warning", fix="unsafe")
def custom_headers_on_one_line(ctx: RuleContext) -> Iterator[RawFinding]:
    r"""Two custom headers are on one line, separated by a comma or a literal \n."""
    value = ctx.value(_NAME)
    if value and not value.text.startswith(_JSON) and _TWO_IN_ONE.search(value.value):
        yield value.finding(
            f"{_NAME} seems to hold several headers on one line; only the first is a header",
            "separate headers by a line break (in JSON: \\n)",
            value.fix("put each header on its own line", "unsafe", _TWO_IN_ONE.sub("\n", value.value)),
        )


_LATIN_1 = "\xff"
"""The last character that a header can carry: the client sends the bytes of Latin-1 (1.0.60 to 2.1.332)."""


@rule("CGW135 custom-header-impossible error")
def custom_header_impossible(ctx: RuleContext) -> Iterator[RawFinding]:
    """A custom header has a name or value that no request can carry."""
    if ctx.text(_NAME).startswith(_JSON):
        return
    for number, (name, value) in enumerate(ctx.headers, 1):
        if not _TOKEN_CHARS.fullmatch(name):
            message = f"header {number} has an invalid name: the client sends no request at all"
            yield ctx.finding(_NAME, message, "use letters, digits and dashes")
        elif max(value, default="") > _LATIN_1:
            message = f"the value of header {name} is not ASCII: the client sends no request at all"
            yield ctx.finding(_NAME, message, "use ASCII")


@rule("CGW136 custom-header-repeated warning")
def custom_header_repeated(ctx: RuleContext) -> Iterator[RawFinding]:
    """A custom header is given twice."""
    seen: set[str] = set()
    for name, _ in ctx.headers:
        if name.lower() in seen and _TOKEN_CHARS.fullmatch(name):
            yield ctx.finding(_NAME, f"header {name} is given twice; only the last is sent", "keep one line")
        seen.add(name.lower())


@rule("CGW147 custom-header-not-sent warning")
def custom_header_not_sent(ctx: RuleContext) -> Iterator[RawFinding]:
    """A custom header has the name of one that the client sets itself."""
    for name, _ in ctx.headers:
        spelled = CLIENTS_SPELLINGS.get(name.lower(), name)
        if name.lower() in PROTOCOL_HEADERS:
            yield ctx.finding(_NAME, f"the line {name} is not sent: the client sets that header itself", "remove it")
        elif spelled != name:
            message = f"the line {name} is not sent: the client sets {spelled} itself"
            yield ctx.finding(_NAME, message, f"remove it; to replace the client's own value write it as {spelled}")


@rule("CGW137 not-logged-in error", whole=True)
def not_logged_in(ctx: RuleContext) -> Iterator[RawFinding]:
    """The only credential is a custom header that the client does not accept as a login."""
    if ctx.provider != "anthropic" or not ctx.base or not ctx.header_names or "authorization" in ctx.header_names:
        return
    known = ctx.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN")
    if not (known or ctx.helper or ctx.snapshot.login or ctx.snapshot.claude_json.get("oauthAccount")):
        yield ctx.finding(
            _NAME,
            f'the client does not accept {_NAME} as a login and stops with "Not logged in"',
            f"sign in (claude auth login), or set ANTHROPIC_AUTH_TOKEN to any text, for example {PLACEHOLDER_TOKEN}",
        )


@rule("CGW138 custom-authorization-not-a-login error", unless="any-credential-header-counts", whole=True)
def custom_authorization_not_a_login(ctx: RuleContext) -> Iterator[RawFinding]:
    """This client version refuses to start when a custom Authorization header is the only credential."""
    if ctx.provider != "anthropic" or "authorization" not in ctx.header_names:
        return
    if not (ctx.first("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY") or ctx.helper):
        message = f"client {ctx.snapshot.client_version} does not accept a custom Authorization header as a login"
        yield ctx.finding(_NAME, message, "put the key into ANTHROPIC_AUTH_TOKEN")


@rule("CGW139 placeholder-token-leads error", whole=True)
def placeholder_token_leads(ctx: RuleContext) -> Iterator[RawFinding]:
    """Only the placeholder token is sent."""
    if ctx.text("ANTHROPIC_AUTH_TOKEN") == PLACEHOLDER_TOKEN and not ctx.header_names:
        yield ctx.finding(
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_AUTH_TOKEN says that the key is in ANTHROPIC_CUSTOM_HEADERS, but it is not set there",
            'export the key\'s header as well: eval "$(cgw env --resolve)"',
        )


@rule("CGW140 key-header-empty error")
def key_header_empty(ctx: RuleContext) -> Iterator[RawFinding]:
    """A header that should carry the gateway key is empty."""
    for name, value in ctx.headers:
        if name.lower() in KEY_HEADERS and value.lower() in {"", "bearer"}:
            yield ctx.finding(_NAME, f"header {name} is sent without a key", "give it the key, or remove the line")
