"""``jwt://``: the key's type fixes the algorithm; the lifetime is bounded; the claims are filled in."""

from __future__ import annotations

import base64
import datetime as dt
import getpass
import json
import socket
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from claude_gw_cli.core.errors import RefusedError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

SECRET = "s" * 64
KEYS: dict[str, Any] = {
    "rsa": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "weak": rsa.generate_private_key(public_exponent=65537, key_size=1024),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
ALLOWED = {
    "hmac": {"HS256", "HS384", "HS512"},
    "rsa": {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
    "p256": {"ES256"},
    "p384": {"ES384"},
    "p521": {"ES512"},
    "ed25519": {"EdDSA", "Ed25519"},
}
ALGORITHMS = [*sorted(set().union(*ALLOWED.values())), "none", "HS256 "]


def reference(kind: str, folder: Path) -> str:
    if kind == "hmac":
        return "env://SECRET"
    path = folder / f"{kind}.pem"
    path.touch(0o600)
    path.write_bytes(
        KEYS[kind].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return f"file://{path}"


def context(key: str, **table: Any) -> Context:
    return Context(Grant("typed"), {"SECRET": SECRET}, tables={"jwt": {"work": {"key": key, **table}}})


@pytest.mark.parametrize("kind", ALLOWED)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_only_the_keys_own_algorithms_sign(kind: str, algorithm: str, tmp_path: Path) -> None:
    asked = context(reference(kind, tmp_path), algorithm=algorithm, aud="gw")
    if algorithm not in ALLOWED[kind]:
        with pytest.raises(UsageError, match="does not work with this signing key"):
            resolve("jwt://work", asked)
        return
    token = resolve("jwt://work", asked).value.reveal()
    public: Any = SECRET if kind == "hmac" else KEYS[kind].public_key()
    assert jwt.decode(token, public, algorithms=[algorithm], audience="gw")["aud"] == "gw"


def test_claims_header_and_end() -> None:
    table = {
        "iss": "https://me",
        "aud": ["gw"],
        "sub": "{user}@{host}",
        "kid": "k1",
        "team": "blue",
        "lifetime": 60,
        "claims": {"groups": ["{team}", "x"], "n": 3, "odd": "{user.__class__}", "in": {"a": [{"b": "{team}"}]}},
    }
    material = resolve("jwt://work", context("env://SECRET", **table))
    token = material.value.reveal()
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="gw")
    assert claims["sub"] == f"{getpass.getuser()}@{socket.gethostname()}"
    assert (claims["groups"], claims["n"], claims["odd"]) == (["blue", "x"], 3, "{user.__class__}")
    assert claims["in"] == {"a": [{"b": "blue"}]}
    assert claims["exp"] - claims["iat"] == 60
    assert claims["nbf"] == claims["iat"]
    assert material.expires_at == claims["exp"]
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "k1"}
    again = resolve("jwt://work", context("env://SECRET", **table)).value.reveal()
    assert jwt.decode(again, SECRET, algorithms=["HS256"], audience="gw")["jti"] != claims["jti"]


@pytest.mark.parametrize("lifetime", [0, -1, 86_401, "60", True, 1.5])
def test_a_lifetime_beyond_policy_is_refused(lifetime: object) -> None:
    with pytest.raises(UsageError, match="lifetime"):
        resolve("jwt://work", context("env://SECRET", lifetime=lifetime))


@pytest.mark.parametrize(
    ("table", "says"),
    [({"alg": "HS256"}, "no key 'alg'"), ({"transit": "t/k"}, "either key or transit"), ({"claims": "x"}, "claims")],
)
def test_a_wrong_table_is_named(table: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        resolve("jwt://work", context("env://SECRET", **table))


def test_a_missing_table_lists_the_others() -> None:
    with pytest.raises(UsageError, match=r"no table \[jwt.other\] \(there is: work\)"):
        resolve("jwt://other", context("env://SECRET"))


def test_weak_public_and_broken_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="1024 bits"):
        resolve("jwt://work", context(reference("weak", tmp_path)))
    short = Context(Grant("typed"), {"SECRET": "s" * 31}, tables={"jwt": {"work": {"key": "env://SECRET"}}})
    with pytest.raises(UsageError, match="and HS256 needs"):
        resolve("jwt://work", short)
    path = tmp_path / "x"
    path.touch(0o600)
    for text, says in (
        ("-----BEGIN PUBLIC KEY-----\nx\n", "cannot sign"),
        ("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n", "cannot be read"),
    ):
        path.write_text(text)
        with pytest.raises(UsageError, match=says):
            resolve("jwt://work", context(f"file://{path}"))
    path.chmod(0o644)
    with pytest.raises(RefusedError, match="open to other users"):
        resolve("jwt://work", context(f"file://{path}"))


def test_pinning_watches_the_key_file_and_knows_the_lifetime(tmp_path: Path) -> None:
    key = reference("p256", tmp_path)
    pinned = pin("jwt://work", context(key, lifetime=120))
    assert pinned.watch == (str(tmp_path / "p256.pem"),)
    assert pinned.lifetime == 90
    assert pinned.tables["jwt"]["work"]["key"] == key


def sign(text: str, **table: Any) -> str:
    made = Context(Grant("typed"), {"SECRET": text}, tables={"jwt": {"work": {"key": "env://SECRET", **table}}})
    return resolve("jwt://work", made).value.reveal()


@pytest.mark.parametrize("kind", ["rsa", "p256", "p384", "p521", "ed25519"])
def test_a_json_web_key_signs_and_gives_its_kid(kind: str) -> None:
    names: dict[str, Any] = {"rsa": RSAAlgorithm, "ed25519": OKPAlgorithm}
    entry = json.loads(names.get(kind, ECAlgorithm).to_jwk(KEYS[kind])) | {"kid": "k7"}
    signing = entry | {"use": "sig", "key_ops": ["sign"]}
    texts = (entry, {"keys": [entry]}, [entry], signing)
    for text in (*(json.dumps(item, indent=1) for item in texts), "\ufeff" + json.dumps(entry)):
        token = sign(text)
        header = jwt.get_unverified_header(token)
        assert header["kid"] == "k7"
        jwt.decode(token, KEYS[kind].public_key(), algorithms=[header["alg"]])
    assert jwt.get_unverified_header(sign(json.dumps(entry), kid="mine"))["kid"] == "mine"
    public = {name: value for name, value in entry.items() if name not in {"d", "p", "q", "dp", "dq", "qi"}}
    others = ({"use": "enc"}, {"key_ops": ["verify"]}, {"key_ops": "sign"}, {"kid": 5}, {"kid": ["k7"]})
    kinds = ({"kty": "x"}, {"kty": ["RSA"]}, {"d": "!"}, {"alg": "HS256"}, {"alg": 5})
    sets: tuple[Any, ...] = ({"keys": []}, {"a": 1}, [], [entry, entry], [5], {"keys": 5})
    for wrong in (public, *sets, *(entry | more for more in (*others, *kinds))):
        with pytest.raises(UsageError):
            sign(json.dumps(wrong))


def test_a_shared_secret_as_json_web_key() -> None:
    secret = b"0123456789" * 5
    entry = {"kty": "oct", "k": base64.urlsafe_b64encode(secret).decode().rstrip("="), "alg": "HS256"}
    assert jwt.decode(sign(json.dumps(entry)), secret, algorithms=["HS256"])
    with pytest.raises(UsageError, match="does not work"):
        sign(json.dumps(entry), algorithm="HS384")


def der(key: Any, *, private: bool) -> bytes:
    encoding = serialization.Encoding.DER
    if private:
        return bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return bytes(key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("kind", ["rsa", "p256", "ed25519"])
@pytest.mark.parametrize("private", [True, False])
def test_der_in_base64_is_not_a_shared_secret(kind: str, private: bool) -> None:
    text = base64.b64encode(der(KEYS[kind], private=private)).decode()
    for form in (
        text,
        text.replace("+", "-").replace("/", "_"),
        "\n".join(text[i : i + 64] for i in range(0, len(text), 64)),
        text.rstrip("="),
        text[:45],
        base64.b64decode(text).hex(),
    ):
        with pytest.raises(UsageError, match="DER"):
            sign(form)


def test_a_public_key_of_ssh_is_not_a_shared_secret() -> None:
    form = serialization.PublicFormat.OpenSSH
    text = KEYS["ed25519"].public_key().public_bytes(serialization.Encoding.OpenSSH, form).decode()
    with pytest.raises(UsageError, match="ssh"):
        sign(text)


def test_a_key_that_is_marked_for_pss_signs_nothing_else() -> None:
    plain = der(KEYS["rsa"], private=True)
    mark = bytes.fromhex("06092a864886f70d010101" + "0500")
    start = plain.index(mark)
    inner = plain[4 : start - 2] + bytes.fromhex("300b06092a864886f70d01010a") + plain[start + len(mark) :]
    marked = b"\x30\x82" + len(inner).to_bytes(2, "big") + inner
    body = base64.encodebytes(marked).decode()
    text = f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n"
    assert jwt.get_unverified_header(sign(text))["alg"] == "PS256"
    with pytest.raises(UsageError, match="'RS256' is not one of PS256, PS384, PS512"):
        sign(text, algorithm="RS256")


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ({"iss": 5}, "[jwt.work] iss"),
        ({"sub": 5}, "[jwt.work] sub"),
        ({"kid": ["k"]}, "[jwt.work] kid"),
        ({"algorithm": 256}, "[jwt.work] algorithm"),
        ({"aud": 5}, "[jwt.work] aud"),
        ({"aud": ["a", 5]}, "[jwt.work] aud"),
        ({"aud": []}, "[jwt.work] aud"),
        ({"claims": {"when": dt.date(2026, 1, 1)}}, "[jwt.work] claims.when"),
        ({"claims": {"a": {"b": [dt.time(1)]}}}, "[jwt.work] claims.a.b[0]"),
        ({"claims": {"x": float("inf")}}, "[jwt.work] claims.x"),
        ({"claims": {"x": float("nan")}}, "[jwt.work] claims.x"),
        ({"claims": {"exp": 5}}, "[jwt.work] claims.exp"),
        ({"claims": {"iss": 5}}, "[jwt.work] claims.iss"),
        ({"claims": {"aud": 5}}, "[jwt.work] claims.aud"),
        ({"claims": {"aud": ["a", 5]}}, "[jwt.work] claims.aud"),
    ],
)
def test_a_claim_of_the_wrong_type_is_named_with_its_place(table: dict[str, Any], place: str) -> None:
    with pytest.raises(UsageError) as caught:
        sign(SECRET, **table)
    assert place in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("lifetime", "back"), [(3600, 30), (120, 30), (60, 15), (10, 2)])
def test_a_token_is_issued_some_seconds_ago(lifetime: int, back: int) -> None:
    table = {"key": "env://SECRET", "lifetime": lifetime}
    made = Context(Grant("typed"), {"SECRET": SECRET}, tables={"jwt": {"work": table}}, clock=lambda: 2_000_000_000)
    found = resolve("jwt://work", made)
    claims = jwt.decode(found.value.reveal(), options={"verify_signature": False})
    assert (claims["iat"], claims["nbf"], claims["exp"]) == (
        *(2_000_000_000 - back, 2_000_000_000 - back),
        2_000_000_000 - back + lifetime,
    )
    assert found.expires_at == claims["exp"]


@pytest.mark.parametrize("fold", ["\\n", "\\r\\n", " ", "", "quoted"])
@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_pem_that_lost_its_lines_on_the_way_is_read(kind: str, fold: str, tmp_path: Path) -> None:
    reference(kind, tmp_path)
    text = (tmp_path / f"{kind}.pem").read_text()
    text = f'"{text}"'.replace("\n", "\\n") if fold == "quoted" else text.replace("\n", fold)
    table = {"key": "env://PEM", "sub": "me"}
    token = resolve("jwt://w", Context(Grant("typed"), {"PEM": text}, tables={"jwt": {"w": table}})).value.reveal()
    algorithm = jwt.get_unverified_header(token)["alg"]
    assert jwt.decode(token, KEYS[kind].public_key(), algorithms=[algorithm])["sub"] == "me"


def test_the_name_of_rfc_9864_is_kept_where_the_key_or_the_table_says_it() -> None:
    key = {**json.loads(OKPAlgorithm.to_jwk(KEYS["ed25519"])), "alg": "Ed25519"}
    for table in ({"key": "env://JWK"}, {"key": "env://PLAIN", "algorithm": "Ed25519"}):
        plain = {name: value for name, value in key.items() if name != "alg"}
        env = {"JWK": json.dumps(key), "PLAIN": json.dumps(plain)}
        token = resolve("jwt://w", Context(Grant("typed"), env, tables={"jwt": {"w": table}})).value.reveal()
        assert jwt.get_unverified_header(token)["alg"] == "Ed25519"
        head, _, signature = token.rpartition(".")
        KEYS["ed25519"].public_key().verify(base64.urlsafe_b64decode(signature + "=="), head.encode())
    env = {"JWK": json.dumps({**key, "alg": "Ed448"})}  # another curve's name
    with pytest.raises(UsageError):
        resolve("jwt://w", Context(Grant("typed"), env, tables={"jwt": {"w": {"key": "env://JWK"}}}))
