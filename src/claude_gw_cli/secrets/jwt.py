"""``jwt://NAME``: a token that this machine signs, by the table ``[jwt.NAME]``.

The algorithm is fixed by the type of the key and never by a wish: a PEM file is never an HMAC secret, and ``none``
does not exist. With ``transit`` Vault or OpenBao signs, and the key never leaves it.
"""

from __future__ import annotations

import os
import socket
import uuid
from typing import TYPE_CHECKING, Any

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.secret import checked
from claude_gw_cli.secrets import Context, FetchedSecret, resolve
from claude_gw_cli.secrets.pin import PinnedReference
from claude_gw_cli.secrets.pin import pin as pin_reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claude_gw_cli.core.reference import Reference

DEFAULT_LIFETIME = 3600
LONGEST_LIFETIME = 86_400
"""A gateway token that lives longer than a day is a static key in disguise."""

_KEYS = {"key", "transit", "algorithm", "kid", "iss", "aud", "sub", "lifetime", "claims", "team"}
_HMAC_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}  # RFC 7518, 3.2: at least as long as the hash
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


def fetch(reference: Reference, context: Context) -> FetchedSecret:
    """A freshly signed token."""
    table = _table(reference, context)
    now = context.clock()
    seconds = lifetime(table)
    headers = {"kid": str(table["kid"])} if "kid" in table else {}
    if "transit" in table:
        from claude_gw_cli.secrets import transit

        token, algorithm = transit.sign(
            str(table["transit"]), table.get("algorithm"), headers, lambda at: claims(table, at), context
        )
    else:
        token, algorithm = _signed(table, headers, claims(table, int(now)), context)
    facts = {"source": "jwt", "algorithm": algorithm, "lifetime": f"{seconds} s"}
    return FetchedSecret(checked(token, reference.text), int(now) + seconds, facts)


def pin(reference: Reference, context: Context) -> PinnedReference:
    """The table with its key's reference pinned; a change of the key file ends a cached token."""
    table = _table(reference, context)
    tables: dict[str, Any] = {"jwt": {reference.path: table}}
    if "transit" in table:
        from claude_gw_cli.core.reference import parse
        from claude_gw_cli.secrets import vault

        inner = vault.pin(parse("vault://transit/key#signature"), context)
    else:
        inner = pin_reference(str(table["key"]), context)
        table["key"] = inner.reference
    return PinnedReference(
        reference.text, {**inner.tables, **tables}, inner.watch, inner.ambient, inner.plugins, float(lifetime(table))
    )


def _table(reference: Reference, context: Context) -> dict[str, Any]:
    table = dict(context.table("jwt", reference.path))
    for key in table:
        if key not in _KEYS:
            raise UsageError(
                f"[jwt.{reference.path}] has no key {key!r}", hint=f"Known keys: {', '.join(sorted(_KEYS))}"
            )
    if ("key" in table) == ("transit" in table):
        raise UsageError(
            f"[jwt.{reference.path}] needs either key or transit",
            hint='key = "file:///path/to/private.pem" (any reference), or transit = "mount/key-name"',
        )
    return table


def lifetime(table: Mapping[str, Any]) -> int:
    """Seconds that a token of this table lives."""
    value = table.get("lifetime", DEFAULT_LIFETIME)
    if not isinstance(value, int) or isinstance(value, bool) or not 10 <= value <= LONGEST_LIFETIME:
        raise UsageError(f"lifetime must be 10 to {LONGEST_LIFETIME} seconds, not {value!r}")
    return value


def claims(table: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The claims, with ``{user}``, ``{host}`` and ``{team}`` filled in.

    The user is the one of the process, not of ``$USER``: that variable can be set by a project.
    """
    words = {"user": _user(), "host": socket.gethostname(), "team": str(table.get("team", ""))}
    extra = table.get("claims", {})
    if not isinstance(extra, dict):
        raise UsageError("claims must be a table of name = value")
    wanted = {name: table[name] for name in ("iss", "aud", "sub") if name in table} | extra
    content = {name: _filled(value, words) for name, value in wanted.items()}
    return {**content, "iat": now, "nbf": now, "exp": now + lifetime(table), "jti": str(uuid.uuid4())}


def _filled(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(item, words) for item in value]
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

    text = resolve(str(table["key"]), context.for_signing_key()).value.reveal()
    key, allowed = _key(text)
    algorithm = str(table.get("algorithm", allowed[0]))
    if algorithm not in allowed:
        raise failure("CGW481", said=f"{algorithm!r} is not one of {', '.join(allowed)}")
    if algorithm in _HMAC_BYTES and len(key) < _HMAC_BYTES[algorithm]:
        needed = _HMAC_BYTES[algorithm]
        raise failure("CGW482", said=f"it has {len(key)} bytes, and {algorithm} needs {needed}")
    return jwt.encode(content, key, algorithm=algorithm, headers=headers), algorithm


def _key(text: str) -> tuple[Any, tuple[str, ...]]:
    """The key and the algorithms that its type allows, the preferred first.

    Raises:
        UsageError: a public or encrypted key, or one of a type that JWTs do not know.
    """
    if "-----BEGIN" not in text:
        return text.strip().encode(), tuple(_HMAC_BYTES)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if "PRIVATE KEY" not in text:
        raise failure("CGW483")
    load = serialization.load_ssh_private_key if "OPENSSH" in text else serialization.load_pem_private_key
    try:
        key = load(text.encode(), password=None)
    except TypeError:
        raise failure("CGW484") from None
    except (ValueError, UnsupportedAlgorithm):
        raise failure("CGW485") from None
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < 2048:
            raise failure("CGW482", said=f"RSA with {key.key_size} bits; 2048 are needed")
        return key, _RSA
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return key, (_CURVES[key.curve.name],)
    if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        return key, ("EdDSA",)
    raise UsageError(
        "this type of key cannot sign a JWT", hint="Use RSA, an EC key (P-256, P-384, P-521) or Ed25519."
    )
