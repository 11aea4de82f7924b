"""Tokens as gateways verify them: four libraries with default options, and clocks that differ by seconds; OAuth
against a strict issuer."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper.install import install
from claude_gw_cli.secrets import Context, resolve

pytestmark = pytest.mark.real
SECRET = "cgw-shared-secret-" + "0123456789" * 6
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS: dict[str, Any] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}
# The name of RFC 9864, which gateways with these libraries (PyJWT 2.15, authlib 1.9) refuse.
UNKNOWN = {("pyjwt", "Ed25519"), ("authlib", "Ed25519")}
ALGORITHMS = ("HS256", "HS384", "HS512", *KEYS)

VERIFY = r"""
import json, sys, time
import jwt, joserfc.jwt, joserfc.jwk
from authlib.jose import JsonWebToken
cases, seen, real = json.load(sys.stdin), [], time.time
# these libraries read the clock through datetime as well, so the token's times are moved instead
for case in cases:
    algorithm, token, key = case["algorithm"], case["token"], case["key"]
    def pyjwt(): return jwt.decode(token, key, algorithms=[algorithm], audience="gateway")
    def authlib():
        claims = JsonWebToken([algorithm]).decode(token, key); claims.validate(); return claims
    def joserfc_():
        kind = {"H": "oct", "E": "EC"}.get(algorithm[0], "RSA") if algorithm[:2] != "Ed" else "OKP"
        read = joserfc.jwt.decode(token, joserfc.jwk.import_key(key, kind), algorithms=[algorithm])
        joserfc.jwt.JWTClaimsRegistry().validate(read.claims); return read.claims
    for name, verify in (("pyjwt", pyjwt), ("authlib", authlib), ("joserfc", joserfc_)):
        try: good = verify()["sub"] == "me"
        except Exception as error: good = f"{type(error).__name__}: {error}"
        seen.append([name, algorithm, case["behind"], good])
print(json.dumps(seen))
"""

JOSE = """
import * as jose from 'jose';
const seen = [];
for (const c of JSON.parse(await new Response(process.stdin).text())) {
  const hmac = c.algorithm.startsWith('HS');
  const key = hmac ? new TextEncoder().encode(c.key) : await jose.importSPKI(c.key, c.algorithm);
  let good;
  try { good = (await jose.jwtVerify(c.token, key, {audience: 'gateway'})).payload.sub === 'me'; }
  catch (error) { good = String(error); }
  seen.push(['jose', c.algorithm, c.behind, good]);
}
console.log(JSON.stringify(seen));
"""


def cases(folder: Path, behind: int) -> list[dict[str, object]]:
    """A token of each algorithm, signed by a clock that is ahead of the verifier's."""
    import time

    found = []
    for algorithm in ALGORITHMS:
        table: dict[str, Any] = {
            "aud": ["other", "gateway"],
            "sub": "me",
            "iss": "https://me",
            "algorithm": algorithm,
        }
        if algorithm in KEYS:
            path = folder / f"{algorithm}.pem"
            path.touch(0o600)
            pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
            path.write_bytes(KEYS[algorithm].private_bytes(pem, private, serialization.NoEncryption()))
            public = serialization.PublicFormat.SubjectPublicKeyInfo
            table["key"], key = f"file://{path}", KEYS[algorithm].public_key().public_bytes(pem, public).decode()
        else:
            table["key"], key = "env://SECRET", SECRET
        context = Context(
            Grant("typed"), {"SECRET": SECRET}, tables={"jwt": {"w": table}}, clock=lambda: time.time() + behind
        )
        token = resolve("jwt://w", context).value.reveal()
        found.append({"algorithm": algorithm, "token": token, "key": key, "behind": behind})
    return found


def test_every_algorithm_is_verified_by_four_libraries_with_clocks_apart(
    tmp_path: Path, part: Callable[[str, str], Path], program: Callable[[str], str]
) -> None:
    text = json.dumps([case for behind in (-2, 0, 2, 20) for case in cases(tmp_path, behind)])
    script = part("jose", "node_modules").parent / "verify.mjs"
    script.write_text(JOSE)
    seen = []
    commands: list[list[str | Path]] = [
        [part("jwt", "bin/python"), "-W", "ignore", "-c", VERIFY],
        [program("node"), script],
    ]
    for command in commands:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        seen += json.loads(done.stdout)
    assert len(seen) == 4 * 4 * len(ALGORITHMS)
    assert {(name, algorithm) for name, algorithm, _, good in seen if good is not True} == UNKNOWN


ISSUER = """
import Provider from 'oidc-provider';
const clients = ['client_secret_basic', 'client_secret_post'].map((method) => ({
  client_id: 'a:b ' + method, client_secret: 'p+q%/=:&' + method, grant_types: ['client_credentials'],
  redirect_uris: [], response_types: [], token_endpoint_auth_method: method}));
const provider = new Provider('http://127.0.0.1', {
  clients, scopes: ['llm'], features: {clientCredentials: {enabled: true}, devInteractions: {enabled: false}}});
const server = provider.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


@pytest.fixture(scope="module")
def issuer(part: Callable[[str, str], Path], program: Callable[[str], str]) -> Iterator[str]:
    """The token endpoint of a real OpenID provider."""
    script = part("oidc", "node_modules").parent / "issuer.mjs"
    script.write_text(ISSUER)
    server = subprocess.Popen(
        [program("node"), script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    try:
        assert server.stdout
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/token"
    finally:
        server.terminate()
        server.communicate(timeout=30)


def ask(issuer: str, method: str, secret: str, **table: str) -> Any:
    table = {"token_url": issuer, "client_id": f"a:b client_secret_{method}", "client_secret": "env://S"} | table
    context = Context(Grant("typed"), {"S": secret}, tables={"oauth": {"w": {"client_auth": method, **table}}})
    return resolve("oauth://w", context)


@pytest.mark.parametrize("method", ["basic", "post"])
def test_a_strict_issuer_gives_a_token_for_a_secret_with_reserved_characters(issuer: str, method: str) -> None:
    fetched = ask(issuer, method, f"p+q%/=:&client_secret_{method}", scope="llm")
    assert len(fetched.value) >= 40
    assert fetched.facts["scope"] == "llm"
    assert fetched.expires_at is not None


def test_a_dropped_scope_is_said(issuer: str) -> None:
    fetched = ask(issuer, "basic", "p+q%/=:&client_secret_basic", scope="llm admin")
    assert fetched.facts["scope"] == "llm (NOT granted: admin)"


@pytest.mark.parametrize("method", ["basic", "post"])
def test_the_issuers_own_words_are_kept_and_the_secret_is_not(issuer: str, method: str) -> None:
    with pytest.raises(CgwError, match="invalid_client: client authentication failed") as caught:
        ask(issuer, method, "cgw-canary-wrong")
    assert caught.value.exit_code == 77
    shown = f"{caught.value} {caught.value.hint}"
    assert "cgw-canary" not in shown
    assert base64.b64encode(b"cgw-canary")[:8].decode() not in shown


def test_a_helper_shows_neither_secret_nor_token_to_other_processes(
    issuer: str, tmp_path: Path, program: Callable[[str], str]
) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("p+q%/=:&client_secret_basic")
    table = {"token_url": issuer, "client_id": "a:b client_secret_basic", "client_secret": f"file://{secret}"}
    profile = Profile(
        name="watched",
        provider="unified",
        gateway_url="http://127.0.0.1:4000",
        secret="oauth://w",
        tables={"oauth": {"w": table}},
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    script, log = install(profile, env, Grant("own"), cache="none").path, tmp_path / "trace"
    words: list[str | Path] = [
        program("strace"),
        "-f",
        "-qq",
        "-v",
        "-s",
        "9999",
        "-e",
        "trace=execve",
        "--seccomp-bpf",
    ]
    words += ["-o", log]
    done = subprocess.run([*words, script], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    token, seen = done.stdout.strip(), log.read_text()
    assert len(token) >= 40
    assert f"HOME={tmp_path}" in seen
    assert token not in seen
    assert "p+q%" not in seen
