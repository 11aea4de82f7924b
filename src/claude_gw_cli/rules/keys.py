"""11x and 12x: the text of a key: whether it can be a key, what was copied with it, and when it expires."""

from __future__ import annotations

from claude_gw_cli.core.documents import from_json, number
from claude_gw_cli.core.patterns import IGNORECASE, lazy
from claude_gw_cli.facts.keys import NAME_PLACEHOLDERS, RESOLVED_BEFORE, RESOLVED_FORMATS
from claude_gw_cli.facts.modes import PLACEHOLDER_TOKEN
from claude_gw_cli.facts.variables import BASE_URLS, OWN_NAMES
from claude_gw_cli.hints import Iterator
from claude_gw_cli.rules.context import KEY_HEADERS, RuleContext, VariableValue
from claude_gw_cli.rules.literals import (
    EXPANSION,
    PLACEHOLDER,
    has_placeholder,
    is_dummy,
    is_local,
    is_made_up,
    is_placeholder,
    reference_kind,
)
from claude_gw_cli.rules.rule import RawFinding, rule

CREDENTIALS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_FOUNDRY_API_KEY", "ANTHROPIC_AWS_API_KEY")
_HELD = (*CREDENTIALS, "ANTHROPIC_CUSTOM_HEADERS")
_LOGIN = "sk-ant-oat"
_NAME = lazy("|".join(NAME_PLACEHOLDERS), IGNORECASE)
_RESOLVED = lazy(RESOLVED_BEFORE)
_BEARER = lazy(r"\s*bearer\s+", IGNORECASE, needs=("bearer",))
_WHITESPACE = lazy(r"[ \t\u00a0]")
_COPIED = lazy(r"(?:export\s+)?[A-Z]+(?:_[A-Z]+)+=(?=[^=])")
_YEAR = 365 * 86_400
_KEY_ONLY = "store only the key"
_UNITS = ((86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


def key_values(ctx: RuleContext) -> Iterator[VariableValue]:
    """The value of each variable that holds a key; not cgw's placeholder, not a claude.ai login (see CGW143)."""
    return (value for value in _values(ctx) if not value.text.startswith(_LOGIN))


def _values(ctx: RuleContext) -> Iterator[VariableValue]:
    for name in CREDENTIALS:
        value = ctx.value(name)
        if value and value.text != PLACEHOLDER_TOKEN and not _is_replaced(ctx, value):
            yield value


def _is_replaced(ctx: RuleContext, value: VariableValue) -> bool:
    """Whether another program puts the key in its place before the process starts; its text says nothing then."""
    return ctx.format in RESOLVED_FORMATS and bool(_RESOLVED.match(value.text))


@rule("CGW111 double-bearer error", fix="unsafe", needs=("ANTHROPIC_AUTH_TOKEN",))
def double_bearer(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_AUTH_TOKEN starts with "Bearer "."""
    effect = 'so the client sends "Bearer Bearer ..."'
    yield from _bearer(ctx, "ANTHROPIC_AUTH_TOKEN", effect, _KEY_ONLY)


@rule("CGW112 bearer-in-api-key error", fix="unsafe", needs=("ANTHROPIC_API_KEY",))
def bearer_in_api_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_API_KEY starts with "Bearer "."""
    advice = f"{_KEY_ONLY}, or use ANTHROPIC_AUTH_TOKEN for a bearer token"
    yield from _bearer(ctx, "ANTHROPIC_API_KEY", "which is sent as part of the key", advice)


def _bearer(ctx: RuleContext, name: str, effect: str, advice: str) -> Iterator[RawFinding]:
    value = ctx.value(name)
    if value and (match := _BEARER.match(value.value)):
        fix = value.fix(f"{name}: remove the prefix", "unsafe", value.value[match.end() :])
        yield value.finding(f'{name} starts with "Bearer ", {effect}', advice, fix)


@rule("CGW113 credential-with-blank error", needs=CREDENTIALS)
def credential_with_whitespace(ctx: RuleContext) -> Iterator[RawFinding]:
    """A credential contains a space or tab."""
    for value in _values(ctx):
        found = _WHITESPACE.search(value.text)
        is_said = value.source is not None and EXPANSION.search(value.text)  # CGW207
        meant = is_placeholder(value.text) or is_said  # CGW118
        if found and not _BEARER.match(value.text) and "\n" not in value.text and not meant:
            place = f"character {found.start() + 1} of {len(value.text)}"
            yield value.finding(f"{value.name} has whitespace at {place}", _KEY_ONLY)


@rule("CGW114 credential-in-quotes error", fix="unsafe", needs=CREDENTIALS)
def credential_in_quotes(ctx: RuleContext) -> Iterator[RawFinding]:
    """A credential includes quotes or other text it was copied with, and the client sends that too."""
    for value in _values(ctx):
        text = value.text
        if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
            what, rest = "is wrapped in quotes", text[1:-1]
        elif len(text) > 1 and text[-1] in ";,":
            what, rest = f"ends in {text[-1]!r}", text[:-1]
        elif found := _COPIED.match(text):
            what, rest = "starts with a variable's name and an equals sign", text[found.end() :]
        else:
            continue
        fix = value.fix(f"{value.name}: keep only the key", "unsafe", rest)
        yield value.finding(f"{value.name} {what}, which is sent as part of the key", _KEY_ONLY, fix)


@rule("CGW115 credential-with-line-break error", needs=CREDENTIALS)
def credential_with_line_break(ctx: RuleContext) -> Iterator[RawFinding]:
    """A credential contains a line break."""
    for value in _values(ctx):
        if "\n" in value.text or "\r" in value.text:
            message = f"{value.name} has several lines; the client sends no request with it"
            yield value.finding(message, "store one line, only the key")


@rule("CGW116 credential-not-ascii error", needs=CREDENTIALS)
def credential_not_ascii(ctx: RuleContext) -> Iterator[RawFinding]:
    """A credential contains a character that is not ASCII."""
    for value in _values(ctx):
        odd = next(((i, char) for i, char in enumerate(value.text, 1) if not char.isascii()), None)
        if odd and not is_placeholder(value.text):
            yield value.finding(
                f"{value.name} has U+{ord(odd[1]):04X} at character {odd[0]} of {len(value.text)}",
                "copy the key again from its source, not through a document or chat",
            )


@rule("CGW117 credential-with-padding warning", unless="token-trimmed", fix="unsafe", needs=("ANTHROPIC_AUTH_TOKEN",))
def credential_with_padding(ctx: RuleContext) -> Iterator[RawFinding]:
    """ANTHROPIC_AUTH_TOKEN starts with whitespace that this client version sends."""
    value = ctx.value("ANTHROPIC_AUTH_TOKEN")
    if value and value.value != value.value.lstrip():  # trailing whitespace is not sent
        yield value.finding(
            f"ANTHROPIC_AUTH_TOKEN starts with whitespace, which client {ctx.snapshot.client_version} sends",
            _KEY_ONLY,
            value.fix(f"{value.name}: trim the value", "unsafe", value.text),
        )


@rule("CGW118 placeholder-credential error")
def placeholder_credential(ctx: RuleContext) -> Iterator[RawFinding]:
    """A credential, an address or another value is still a placeholder from documentation."""
    if ctx.template:
        return
    for value in _values(ctx):
        if is_placeholder(value.value) and not _is_unchecked(ctx, value.text) and not _is_expression(value):
            yield value.finding(
                f"{value.name} holds a placeholder, not a key",
                "put the real key into a store: cgw init NAME --provider P --auth helper --secret REF",
            )
        elif is_made_up(value.text) and not is_placeholder(value.text) and ctx.host and not _is_local(ctx):
            message = f"{value.name} is a usual dummy, and {ctx.host} is not on this machine or network"
            yield value.finding(message, "write the real key, unless that gateway checks none", severity="info")
    for name in (*BASE_URLS, *OWN_NAMES):
        found = ctx.value(name)
        if (
            found
            and not _is_expression(found)
            and (has_placeholder(found.text) or (name in OWN_NAMES and _NAME.search(found.text)))
        ):
            yield found.finding(f"{name} still holds a placeholder", "write the real value in its place")
    custom = ctx.value("ANTHROPIC_CUSTOM_HEADERS")
    for header, text in ctx.headers if custom else ():
        if custom and PLACEHOLDER.search(text):
            yield custom.finding(f"the custom header {header} still holds a placeholder", "write the real value")


def _is_expression(value: VariableValue) -> bool:
    """Whether a file's value has an expression of GitHub's that nothing expands there, which is CGW207's."""
    return value.source is not None and "${{" in value.text


def _is_unchecked(ctx: RuleContext, key: str) -> bool:
    """Whether a key is a usual dummy for a server on this machine or network, such as ``xxx``."""
    return is_dummy(key) and _is_local(ctx)


def _is_local(ctx: RuleContext) -> bool:
    return ctx.base is not None and is_local(ctx.base.value)


@rule("CGW121 expired-token error", needs=_HELD)
def expired_token(ctx: RuleContext) -> Iterator[RawFinding]:
    """A JWT in a variable has expired."""
    for name, value, seconds in _lifetimes(ctx):
        if seconds <= 0:
            message = f"the token in {name} expired {_duration(-seconds)} ago"
            yield value.finding(message, "let a helper fetch it: cgw helper install")


@rule("CGW122 token-will-expire warning", needs=_HELD)
def token_will_expire(ctx: RuleContext) -> Iterator[RawFinding]:
    """A settings file sets a JWT that expires within a year."""
    for name, value, seconds in _lifetimes(ctx):
        if value.source and 0 < seconds <= _YEAR:
            message = f"the token in {name} expires in {_duration(seconds)}"
            yield value.finding(message, "let a helper renew it: cgw helper install")


@rule("CGW143 login-as-gateway-key error", needs=CREDENTIALS)
def login_as_gateway_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A claude.ai login is set where the gateway's key belongs."""
    # With the gateway's own key in another header the login is intended: such a gateway passes it on.
    if not ctx.host or not ctx.gateway_base or ctx.header_names & KEY_HEADERS:
        return
    for value in _values(ctx):
        if value.text.startswith(_LOGIN):
            yield value.finding(
                f"{value.name} holds a claude.ai login, and it is sent to {ctx.host}",
                "use the gateway's own key, and renew the login: claude setup-token",
            )


@rule("CGW144 reference-as-key error", needs=CREDENTIALS)
def reference_as_key(ctx: RuleContext) -> Iterator[RawFinding]:
    """A credential says where the key is instead of being the key."""
    for value in _values(ctx):
        if what := reference_kind(value.value):
            yield value.finding(
                f"{value.name} holds {what}, and the client sends it as the key",
                "let a helper read it: cgw init --auth helper --secret REFERENCE (a file is file:///path)",
            )


def _lifetimes(ctx: RuleContext) -> Iterator[tuple[str, VariableValue, float]]:
    """Every token with a known expiry: its name, the value that holds it, and the seconds that are left."""
    custom = ctx.value("ANTHROPIC_CUSTOM_HEADERS")
    held = [(value.name, value, value.value) for value in _values(ctx)]
    held += [
        (f"the custom header {name}", custom, _BEARER.sub("", value, count=1))
        for name, value in ctx.headers
        if custom and name.lower() in KEY_HEADERS
    ]
    for name, value, token in held if ctx.snapshot.now else ():
        if (expiry := _expiry(token)) is not None:
            yield name, value, expiry - ctx.snapshot.now


def _expiry(token: str) -> float | None:
    """``exp`` of a JWT in seconds since the epoch, unverified; ``None`` for anything else."""
    parts = token.strip().split(".")
    if len(parts) != 3 or not parts[0].startswith("eyJ"):
        return None
    try:
        import base64

        claims = from_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    expiry = claims.get("exp") if isinstance(claims, dict) else None
    return number(expiry)


def _duration(seconds: float) -> str:
    size, unit = next((item for item in _UNITS if seconds >= 2 * item[0]), _UNITS[-1])
    return f"{int(seconds // size)} {unit}"
