"""Signing keys: a PEM text, a JSON Web Key or a shared secret, and the algorithms that each of them allows.

The type of the key decides, never a wish. What looks like a key of another type is not taken for a shared secret: a
gateway that knows the public half of it could be shown a token that anybody can make.
"""

from __future__ import annotations

import base64
import binascii
import json

from claude_gw_cli.core.documents import from_json
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.failures import failure
from claude_gw_cli.core.words import counted
from claude_gw_cli.hints import TYPE_CHECKING, Any
from claude_gw_cli.secrets.text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

HMAC_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}  # RFC 7518, 3.2: at least as long as the hash
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512", "secp256k1": "ES256K"}
_EDWARDS = ("Ed25519", "Ed448")  # RFC 9864
_PSS = ("PS256", "PS384", "PS512")
_RSA = ("RS256", "RS384", "RS512", *_PSS)
# DER of the object identifiers of RSASSA-PSS and of SHA-256, SHA-384 and SHA-512 (RFC 8017, appendix C).
_PSS_KEY = bytes.fromhex("2a864886f70d01010a")
_HEX = frozenset("0123456789abcdefABCDEF")
# What comes first in the sequence of a key or certificate: a version, a long integer (modulus), or a sequence that is
# long or begins with an object identifier.
_DER_STARTS = tuple(
    bytes.fromhex(start)
    for start in (
        "020100",
        "020101",
        "0281",
        "0282",
        "3081",
        "3082",
        "300506",
        "300d06",
        "301006",
        "301306",
        "301406",
    )
)
_HASHES = {bytes.fromhex(f"6086480165030402{number:02x}"): bits for number, bits in ((1, 256), (2, 384), (3, 512))}


def load(text: str) -> tuple[Any, tuple[str, ...], str | None]:
    """The key for PyJWT, the algorithms that its type allows (the preferred first), and its own ``kid``.

    Raises:
        UsageError: a public or encrypted key, or one of a type that JWTs do not know.
    """
    text = text.strip().removeprefix("\ufeff").lstrip()
    if "-----BEGIN" in text:
        return *_pem(_unfolded(text)), None
    if text.startswith(("{", "[")):
        return _jwk(text)
    _refuse_disguised(text)
    return text.encode(), tuple(HMAC_BYTES), None


def register(algorithm: str) -> None:
    """Teach PyJWT a name of RFC 9864, which it does not know (2.15): the signature is the one of ``EdDSA``."""
    from jwt import register_algorithm
    from jwt.algorithms import OKPAlgorithm

    if algorithm in _EDWARDS:
        try:
            register_algorithm(algorithm, OKPAlgorithm())
        except ValueError:
            pass  # it knows it


def _unfolded(text: str) -> str:
    r"""A PEM text with its lines, which become ``\n`` or spaces on the way through a variable or a form."""
    text = text.strip("\"'").replace("\\r", "").replace("\\n", "\n")
    begin, _, rest = text.partition("KEY-----")
    body, end, _ = rest.partition("-----END")
    if not end or "-----" in body or ":" in body or "\n" in body.strip():
        return text
    label = begin.rpartition("-----BEGIN")[2]
    data = "".join(body.split())
    lines = "\n".join(data[start : start + 64] for start in range(0, len(data), 64))
    return f"-----BEGIN{label}KEY-----\n{lines}\n-----END{label}KEY-----\n"


def check_length(key: Any, algorithm: str) -> None:
    """Refuse a shared secret that is shorter than its hash."""
    if algorithm in HMAC_BYTES and len(key) < HMAC_BYTES[algorithm]:
        raise failure(
            "CGW482", said=f"it has {counted(len(key), 'byte')}, and {algorithm} needs {HMAC_BYTES[algorithm]}"
        )


def _pem(text: str) -> tuple[Any, tuple[str, ...]]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    if "PRIVATE KEY" not in text:
        raise failure("CGW483")
    read = serialization.load_ssh_private_key if "OPENSSH" in text else serialization.load_pem_private_key
    try:
        key = read(text.encode(), password=None)
    except TypeError:
        raise failure("CGW484") from None
    except (ValueError, UnsupportedAlgorithm):
        raise failure("CGW485") from None
    allowed = _allowed(key)
    return key, _pss_only(text) or allowed if allowed == _RSA else allowed


def _allowed(key: Any) -> tuple[str, ...]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < 2048:
            raise failure("CGW482", said=f"RSA with {key.key_size} bits; 2048 are needed")
        return _RSA
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return (_CURVES[key.curve.name],)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return ("EdDSA", "Ed25519")
    if isinstance(key, ed448.Ed448PrivateKey):
        return ("EdDSA", "Ed448")
    raise UsageError(
        "this type of key cannot sign a JWT", hint="Use RSA, an EC key (P-256, P-384, P-521) or Ed25519."
    )


def _pss_only(text: str) -> tuple[str, ...]:
    """The algorithms of a key that is marked for RSASSA-PSS alone; the library takes the mark off (RFC 4055, 1.2)."""
    lines = [line for line in text.splitlines() if "-----" not in line and ":" not in line]
    try:
        start = base64.b64decode("".join(lines))[:120]
    except binascii.Error:
        return ()
    if _PSS_KEY not in start:
        return ()
    bits = next((bits for mark, bits in _HASHES.items() if mark in start), None)
    return (f"PS{bits}",) if bits else _PSS


def _jwk(text: str) -> tuple[Any, tuple[str, ...], str | None]:
    """A JSON Web Key (RFC 7517), or a set with one."""
    from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm
    from jwt.exceptions import PyJWTError

    try:
        document = from_json(text)
    except ValueError as error:
        raise failure("CGW485", said=f"a JSON Web Key: {shown(str(error))}") from None
    entries = document.get("keys", [document]) if isinstance(document, dict) else document
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise UsageError("the JSON Web Key Set does not hold one key", hint="Store the one key that signs.")
    entry: Mapping[str, Any] = entries[0]
    readers: dict[str, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm, "OKP": OKPAlgorithm, "oct": HMACAlgorithm}
    kind = entry.get("kty")
    if not isinstance(kind, str) or kind not in readers:
        raise UsageError(
            f"the JSON Web Key has the type {shown(str(kind))!r}", hint=f"kty is one of: {', '.join(readers)}"
        )
    if kind != "oct" and "d" not in entry:
        raise failure("CGW483", said="a JSON Web Key without its private part")
    _check_purpose(entry)
    try:
        key: Any = readers[kind].from_jwk(json.dumps(entry))
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        raise failure("CGW485", said=f"a JSON Web Key of type {kind} that is damaged or incomplete") from None
    allowed = tuple(HMAC_BYTES) if kind == "oct" else _allowed(key)
    own = entry.get("alg")
    if own is not None:
        if own not in allowed:
            raise failure(
                "CGW481", said=f"the JSON Web Key says {shown(str(own))!r}; {', '.join(allowed)} is possible"
            )
        allowed = (str(own),)
    return key, allowed, entry.get("kid")


def _check_purpose(entry: Mapping[str, Any]) -> None:
    """Refuse a JSON Web Key that says it is for something else (RFC 7517, 4.2 and 4.3), or whose id is not text."""
    purposes = {"use": entry.get("use", "sig") == "sig", "key_ops": "sign" in _texts(entry.get("key_ops", ["sign"]))}
    for name, is_for_signing in purposes.items():
        if not is_for_signing:
            raise UsageError(
                f"the JSON Web Key is not for signatures: its {name} is {shown(json.dumps(entry[name]))}",
                hint=f"Use the key that signs, or remove {name} from this one.",
            )
    if not isinstance(entry.get("kid", ""), str):
        raise UsageError("the JSON Web Key's kid is not text", hint='Write it in quotes: "kid": "…"')


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _refuse_disguised(text: str) -> None:
    """Refuse a key pair's text as a shared secret: base64 of DER, or a public key of ssh."""
    if text.startswith(("ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-")):
        raise failure("CGW483", said="a public key of ssh")
    joined = "".join(text.split())
    start = joined[: min(len(joined), 64) // 4 * 4]  # the end may be missing
    try:
        data = base64.b64decode(start, altchars=b"-_" if {"-", "_"} & set(start) else None)
        if set(joined) <= _HEX:
            data = bytes.fromhex(joined[:64])
    except (binascii.Error, ValueError):
        return
    if _is_der(data):
        raise UsageError(
            "the key is DER in base64 or hexadecimal digits and not a shared secret",
            hint="Make a PEM of it: base64 -d FILE | openssl pkey -inform DER -out key.pem; chmod 600 key.pem",
            code="CGW485",
        )


def _is_der(data: bytes) -> bool:
    """True for the start of an ASN.1 sequence that begins as keys and certificates do; its end may be missing."""
    if len(data) < 20 or data[0] != 0x30:
        return False
    start = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    return data.startswith(_DER_STARTS, start)
