"""``jwt://NAME``: a token that this machine signs, by the table ``[jwt.NAME]``.

The algorithm is fixed by the type of the key and never by a wish: a PEM file is never an HMAC secret, and ``none``
does not exist. With ``transit`` Vault or OpenBao signs, and the key never leaves it.
"""

from __future__ import annotations

import os
import socket
import uuid

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.profile_members import check_names
from claude_gw_cli.core.secret import checked
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets import Context, FetchedSecret, Within, resolve
from claude_gw_cli.secrets.pin import PinnedReference
from claude_gw_cli.secrets.pin import pin as pin_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.reference import Reference

DEFAULT_LIFETIME = 3600
LONGEST_LIFETIME = 86_400
"""A gateway token that lives longer than a day is a static key in disguise."""

BACKDATED = 30
"""Seconds by which clocks may differ: PyJWT, authlib and joserfc refuse an ``iat`` or ``nbf`` of the next second."""

_TEXTS = ("key", "transit", "algorithm", "kid", "iss", "sub", "team")
_OWN_CLAIMS = ("iat", "nbf", "exp", "jti")


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """A freshly signed token."""
    table = _table(reference, context)
    now = context.clock()
    seconds = lifetime(table)
    headers = {"kid": table["kid"]} if "kid" in table else {}
    if "transit" in table:
        from claude_gw_cli.secrets import transit

        token, algorithm = transit.sign(
            str(table["transit"]), table.get("algorithm"), headers, lambda at: claims(table, at), context
        )
    else:
        with Within(f"[jwt.{reference.path}] key"):
            token, algorithm = _signed(table, headers, claims(table, int(now)), context)
    end = int(now) + seconds - backdated(table)
    facts = {"source": "jwt", "algorithm": algorithm, "lifetime": f"{seconds} s"}
    return FetchedSecret(checked(token, reference.text), end, facts)


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The table with its key's reference pinned; a change of the key file ends a cached token."""
    table = _table(reference, context)
    with Within(f"[jwt.{reference.path}] key"):
        inner = pin_reference(str(table.get("key", "vault://transit/key#signature")), context)
    if "key" in table:
        table["key"] = inner.reference
    seconds = float(lifetime(table) - backdated(table))
    return PinnedReference(reference.text, {"jwt": {reference.path: table}}, lifetime=seconds).with_inner(inner)


def _table(reference: Reference, context: Context) -> dict[str, Any]:
    table = dict(context.table("jwt", reference.path))
    where = f"[jwt.{reference.path}]"
    check_names("jwt", table, where)
    for key in _TEXTS:
        if key in table and not isinstance(table[key], str):
            raise UsageError(f"{where} {key} must be text", hint=f'Write it in quotes: {key} = "…"')
    extra = table.get("claims", {})
    if not isinstance(extra, dict):
        raise UsageError(f"{where} claims must be a table of name = value", hint='claims = { groups = ["a"] }')
    _check_audience(table, f"{where} aud")
    _check_audience(extra, f"{where} claims.aud")
    for name in _OWN_CLAIMS:
        if name in extra:
            raise UsageError(f"{where} claims.{name} is set by cgw", hint="Use lifetime = SECONDS for the end.")
    for name in ("iss", "sub"):
        if not isinstance(extra.get(name, ""), str):
            raise UsageError(f"{where} claims.{name} must be text", hint=f'Write it in quotes: {name} = "…"')
    _check_claim(extra, f"{where} claims")
    if ("key" in table) == ("transit" in table):
        raise UsageError(
            f"[jwt.{reference.path}] needs either key or transit",
            hint='key = "file:///path/to/private.pem" (any reference), or transit = "mount/key-name"',
        )
    return table


def _check_audience(claims: Mapping[str, Any], where: str) -> None:
    audience = claims.get("aud", "")
    texts = audience if isinstance(audience, list) and audience else [audience]
    if not all(isinstance(item, str) for item in texts):
        raise UsageError(f"{where} must be text, or a list of texts", hint='aud = "gateway"')


def _check_claim(value: object, where: str) -> None:
    """Refuse what JSON cannot say: a date, infinity."""
    if isinstance(value, dict):
        for name, item in value.items():
            _check_claim(item, f"{where}.{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_claim(item, f"{where}[{index}]")
    elif not isinstance(value, str | int | float) or value in (float("inf"), float("-inf")) or value != value:  # noqa: PLR0124
        kind = "a number" if isinstance(value, float) else f"a {type(value).__name__}"
        raise UsageError(f"{where} is {kind} that a JWT cannot hold", hint="Write it as text in quotes.")


def lifetime(table: Mapping[str, Any]) -> int:
    """Seconds that a token of this table lives."""
    value = table.get("lifetime", DEFAULT_LIFETIME)
    if not isinstance(value, int) or isinstance(value, bool) or not 10 <= value <= LONGEST_LIFETIME:
        raise UsageError(f"lifetime must be 10 to {LONGEST_LIFETIME} seconds, not {value!r}")
    return value


def claims(table: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The claims, with ``{user}``, ``{host}`` and ``{team}`` filled in.

    The user is the one of the process, not of ``$USER``: that variable can be set by a project. The token is issued
    some seconds ago: verifiers whose clock is behind refuse one from the future. Its end counts from there, because
    some of them also limit the time between ``iat`` and ``exp``.
    """
    words = {"user": _user(), "host": socket.gethostname(), "team": str(table.get("team", ""))}
    wanted = {name: table[name] for name in ("iss", "aud", "sub") if name in table} | table.get("claims", {})
    content = {name: _filled(value, words) for name, value in wanted.items()}
    issued = now - backdated(table)
    return {**content, "iat": issued, "nbf": issued, "exp": issued + lifetime(table), "jti": str(uuid.uuid4())}


def backdated(table: Mapping[str, Any]) -> int:
    """Seconds by which a token is issued in the past: 30, and at most a quarter of a short life."""
    return min(BACKDATED, lifetime(table) // 4)


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, words) for name, item in value.items()}
    if not isinstance(value, str):
        return value
    for name, word in words.items():
        value = value.replace("{" + name + "}", word)
    return value


def _user() -> str:
    if os.name != "posix":
        import getpass

        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())  # a container's uid without a name


def _signed(
    table: Mapping[str, Any], headers: dict[str, str], content: dict[str, Any], context: Context
) -> tuple[str, str]:
    import jwt

    from claude_gw_cli.secrets import jwt_keys

    text = resolve(str(table["key"]), context.for_material("key")).value.reveal()
    key, allowed, kid = jwt_keys.load(text)
    algorithm = str(table.get("algorithm", allowed[0]))
    if algorithm not in allowed:
        raise failure("CGW481", said=f"{algorithm!r} is not one of {', '.join(allowed)}")
    jwt_keys.check_length(key, algorithm)
    jwt_keys.register(algorithm)
    own = {"kid": kid} if kid else {}
    return jwt.encode(content, key, algorithm=algorithm, headers=own | headers), algorithm
