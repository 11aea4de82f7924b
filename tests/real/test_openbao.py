"""Vault references against real OpenBao servers: unsealed, sealed, uninitialised, behind TLS; logins and failures."""

from __future__ import annotations

import base64
import importlib.util
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper.install import install
from claude_gw_cli.secrets import Context, resolve

_SPEC = importlib.util.spec_from_file_location("openbao", Path(__file__).with_name("openbao.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
openbao: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["openbao"] = openbao
_SPEC.loader.exec_module(openbao)

pytestmark = pytest.mark.real
KEY = openbao.KEY


@pytest.fixture(scope="module")
def dev(bao: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with openbao.development(bao, tmp_path_factory.mktemp("bao")) as server:
        server("secrets", "enable", "-path=old", "-version=1", "kv")
        server("kv", "put", "old/llm", f"key={KEY}")
        server("kv", "put", "old/short", f"key={KEY}", "ttl=600")
        server("kv", "put", "old/long", f"key={KEY}", "ttl=2h")
        server("kv", "put", "old/odd", f"key={KEY}", "ttl=soon")
        server("secrets", "enable", "-path=brief", "-version=1", "-default-lease-ttl=15m", "kv")
        server("kv", "put", "brief/llm", f"key={KEY}")
        server("secrets", "enable", "-path=leased", "-options=leased_passthrough=true", "-version=1", "kv")
        server("kv", "put", "leased/llm", f"key={KEY}", "ttl=15m")
        server("auth", "enable", "approle")
        server("policy", "write", "llm", "-", stdin='path "secret/data/llm" { capabilities = ["read"] }')
        server("write", "auth/approle/role/llm", "token_policies=llm", "token_ttl=10m")
        server("auth", "enable", "userpass")
        server("write", "auth/userpass/users/me", "password=pw", "token_policies=llm")
        yield server


def fetch(server: Any, reference: str, env: Any = None, **vault: Any) -> Any:
    return resolve(reference, Context(Grant("typed"), server.env | (env or {}), tables={"vault": vault}))


def refusal(server: Any, reference: str, env: Any = None, **vault: Any) -> str:
    with pytest.raises(CgwError) as caught:
        fetch(server, reference, env, **vault)
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize(
    "reference", ["vault://secret/llm#key", "vault://old/llm#key", "vault://secret/llm?version=1#key"]
)
def test_both_kv_versions_are_read(dev: Any, reference: str) -> None:
    assert fetch(dev, reference).value.reveal() == KEY


@pytest.mark.parametrize(
    ("reference", "env", "code"),
    [
        ("vault://secret/llm#nope", {}, "CGW462"),
        ("vault://secret/nope#key", {}, "CGW474"),
        ("vault://secret/data/llm#key", {}, "CGW474"),
        ("vault://secret/llm?version=9#key", {}, "CGW474"),
        ("vault://nomount/llm#key", {}, "CGW472"),
        ("vault://secret/llm#key", {"VAULT_TOKEN": "hvs.expired"}, "CGW470"),
    ],
)
def test_each_mistake_has_its_own_answer(dev: Any, reference: str, env: dict[str, str], code: str) -> None:
    assert refusal(dev, reference, env) == code


@pytest.mark.parametrize(
    "reference", ["vault://old/llm?version=1#key", *(f"vault://secret/llm?version={n}#key" for n in ("0", "-1", "x"))]
)
def test_a_version_is_never_ignored(dev: Any, reference: str) -> None:
    with pytest.raises(UsageError, match="version"):
        fetch(dev, reference)


def test_a_deleted_and_a_destroyed_version(dev: Any) -> None:
    dev("kv", "put", "secret/gone", "key=x")
    dev("kv", "delete", "secret/gone")
    assert refusal(dev, "vault://secret/gone#key") == "CGW461"
    dev("kv", "destroy", "-versions=1", "secret/gone")
    assert refusal(dev, "vault://secret/gone#key") == "CGW461"


def test_approle_with_a_plain_and_a_wrapped_secret_id(dev: Any, tmp_path: Path) -> None:
    login = {"auth": "approle", "role_id": dev.json("read", "auth/approle/role/llm/role-id")["data"]["role_id"]}
    made = dev.json("write", "-f", "auth/approle/role/llm/secret-id")["data"]["secret_id"]
    anonymous = {"VAULT_TOKEN": "", "BAO_TOKEN": "", "SID": made}
    login["secret_id"] = "env://SID"
    assert fetch(dev, "vault://secret/llm#key", anonymous, **login).value.reveal() == KEY
    assert refusal(dev, "vault://old/llm#key", anonymous, **login) == "CGW472"
    assert refusal(dev, "vault://secret/llm#key", anonymous | {"SID": "wrong"}, **login) == "CGW471"
    wrapped = dev.json("write", "-wrap-ttl=60s", "-f", "auth/approle/role/llm/secret-id")["wrap_info"]["token"]
    again = anonymous | {"SID": wrapped, "HOME": str(tmp_path)}
    for env in (again, again, again | {"SID": ""}):  # opened once, then kept; the last as after a reboot
        gone = {"secret_id": "env://GONE"} if not env["SID"] else {}
        fetched = fetch(dev, "vault://secret/llm#key", env, secret_id_wrapped=True, **login | gone)
        assert fetched.value.reveal() == KEY
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o600"]
    elsewhere = again | {"HOME": str(tmp_path / "other")}
    assert refusal(dev, "vault://secret/llm#key", elsewhere, secret_id_wrapped=True, **login) == "CGW473"
    spent = dev.json("write", "-wrap-ttl=60s", "-f", "auth/approle/role/llm/secret-id")["wrap_info"]["token"]
    assert fetch(dev, "vault://secret/llm#key", again | {"SID": spent}, secret_id_wrapped=True, **login).value


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("old/llm", None),
        ("old/short", 600),
        ("old/odd", None),
        ("old/long", 7200),
        ("brief/llm", 900),
        ("leased/llm", 900),
    ],
)
def test_a_secret_is_read_again_when_its_lease_or_its_mount_says(dev: Any, path: str, seconds: int | None) -> None:
    start = time.time()
    fetched = fetch(dev, f"vault://{path}#key")
    assert fetched.value.reveal() == KEY
    if seconds is None:  # the server's default for every secret, 32 days, says nothing
        assert fetched.expires_at is None
    else:
        assert abs(fetched.expires_at - start - seconds) < 10
    assert fetched.facts["engine"] == ("dynamic" if path == "leased/llm" else "kv version 1")


def test_a_lease_ends_with_the_token_that_made_it(dev: Any) -> None:
    token = dev.json("token", "create", "-ttl=120s")["auth"]["client_token"]
    start = time.time()
    fetched = fetch(dev, "vault://leased/llm#key", {"VAULT_TOKEN": token, "BAO_TOKEN": ""})
    assert fetched.expires_at - start < 125


def test_a_helper_reads_a_secret_again_before_its_lease_ends(dev: Any, tmp_path: Path) -> None:
    """The lease is shorter than the helper's usual cache and than the client's own five minutes."""
    dev("kv", "put", "leased/short", f"key={KEY}", "ttl=8s")
    env = dev.env | {"HOME": str(tmp_path)}
    profile = Profile(
        name="leased", provider="unified", gateway_url="http://127.0.0.1:4000", secret="vault://leased/short#key"
    )
    script = install(profile, env, Grant("own")).path

    def ask() -> str:
        done = subprocess.run([script], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    start = time.monotonic()
    assert ask() == KEY
    dev("kv", "put", "leased/short", "key=sk-next-0123456789", "ttl=8s")
    while (found := ask()) == KEY and time.monotonic() - start < 30:
        time.sleep(0.5)
    assert found == "sk-next-0123456789"
    assert time.monotonic() - start < 10  # the lease, and what the last question took


def test_a_helper_shows_no_key_to_other_processes(dev: Any, tmp_path: Path, program: Callable[[str], str]) -> None:
    env = dev.env | {"HOME": str(tmp_path)}
    profile = Profile(
        name="watched", provider="unified", gateway_url="http://127.0.0.1:4000", secret="vault://secret/llm#key"
    )
    script, log = install(profile, env, Grant("own"), cache="none").path, tmp_path / "trace"
    # -v shows the environment of each program too
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
    assert done.stdout.strip() == KEY
    assert f"HOME={tmp_path}" in log.read_text()
    assert KEY not in log.read_text()


def test_a_helper_takes_neither_server_nor_token_from_a_project(dev: Any, tmp_path: Path) -> None:
    token_file = tmp_path / ".vault-token"
    token_file.touch(0o600)
    token_file.write_text(dev.token)
    env = {"PATH": dev.env["PATH"], "HOME": str(tmp_path), "VAULT_ADDR": dev.url}
    profile = Profile(
        name="w", provider="unified", gateway_url="http://127.0.0.1:4000", secret="vault://secret/llm#key"
    )
    script = install(profile, env, Grant("own")).path
    hostile = {
        "VAULT_ADDR": "http://127.0.0.1:1",
        "VAULT_NAMESPACE": "evil",
        "VAULT_TOKEN": "hvs.evil",
        "BAO_TOKEN": "x",
    }
    done = subprocess.run([script], env=env | hostile, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == KEY, done.stderr


def test_userpass(dev: Any) -> None:
    login = {"auth": "userpass", "username": "me", "password": "env://PW"}
    assert fetch(dev, "vault://secret/llm#key", {"PW": "pw"}, **login).value.reveal() == KEY
    assert refusal(dev, "vault://secret/llm#key", {"PW": "no"}, **login) == "CGW471"


def test_a_login_by_jwt(dev: Any, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    dev("auth", "enable", "jwt")
    dev("write", "auth/jwt/config", f"jwt_validation_pubkeys={public.decode()}")
    dev(*("write", "auth/jwt/role/llm", "role_type=jwt", "bound_audiences=bao", "user_claim=sub", "policies=llm"))
    (tmp_path / "token").write_text(jwt.encode({"aud": "bao", "sub": "me", "exp": time.time() + 60}, key, "ES256"))
    login = {"auth": "jwt", "role": "llm", "jwt_file": str(tmp_path / "token")}
    assert fetch(dev, "vault://secret/llm#key", {"VAULT_TOKEN": ""}, **login).value.reveal() == KEY


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [("rsa-2048", "RS256"), ("rsa-2048", "PS384"), ("ecdsa-p256", None), ("ecdsa-p521", None), ("ed25519", None)],
)
def test_transit_signs_a_jwt_that_anybody_can_verify(dev: Any, kind: str, algorithm: str | None) -> None:
    if "transit/" not in dev("secrets", "list"):
        dev("secrets", "enable", "transit")
    dev("write", "-f", f"transit/keys/{kind}", f"type={kind}")
    table = {"transit": f"transit/{kind}", "sub": "me", "kid": "k"} | ({"algorithm": algorithm} if algorithm else {})
    token = resolve("jwt://work", Context(Grant("typed"), dev.env, tables={"jwt": {"work": table}})).value.reveal()
    public = dev.json("read", f"transit/keys/{kind}")["data"]["keys"]["1"]["public_key"]
    verifier: Any = Ed25519PublicKey.from_public_bytes(base64.b64decode(public)) if kind == "ed25519" else public
    used = jwt.get_unverified_header(token)["alg"]
    assert used == algorithm or algorithm is None
    assert jwt.decode(token, verifier, algorithms=[used])["sub"] == "me"


def test_a_sealed_and_an_uninitialised_server(bao: Path, tmp_path: Path) -> None:
    with openbao.configured(bao, tmp_path) as server:
        anyone = {"VAULT_TOKEN": "hvs.any"}
        uninitialised = refusal(server, "vault://secret/llm#key", anyone)
        made = server.json("operator", "init", "-key-shares=1", "-key-threshold=1")
        server.token = made["root_token"]
        assert refusal(server, "vault://secret/llm#key") == "CGW459"
        server("operator", "unseal", made["unseal_keys_b64"][0])
        server("secrets", "enable", "-path=secret", "-version=2", "kv")
        server("kv", "put", "secret/llm", f"key={KEY}")
        assert fetch(server, "vault://secret/llm#key").value.reveal() == KEY
        server("operator", "seal")
        assert refusal(server, "vault://secret/llm#key") == "CGW459"
    assert uninitialised in {"CGW458", "CGW459"}  # OpenBao answers 503 for both on secret paths


def certify(stem: Path, openssl: str) -> tuple[Path, Path]:
    """A self-signed certificate for this machine and its key."""
    certificate, key = stem.with_suffix(".pem"), stem.with_suffix(".key")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={stem.name}"]
    words += ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *words], check=True, capture_output=True)
    return certificate, key


def test_tls_with_a_company_ca_and_logins_by_approle_and_certificate(
    bao: Path, tmp_path: Path, program: Callable[[str], str]
) -> None:
    certificate, key = certify(tmp_path / "ca", program("openssl"))
    with openbao.configured(bao, tmp_path, (certificate, key)) as server:
        made = server.json("operator", "init", "-key-shares=1", "-key-threshold=1")
        server.token = made["root_token"]
        server("operator", "unseal", made["unseal_keys_b64"][0])
        server("secrets", "enable", "-path=secret", "-version=2", "kv")
        server("kv", "put", "secret/llm", f"key={KEY}")
        server("auth", "enable", "approle")
        server("policy", "write", "llm", "-", stdin='path "secret/data/llm" { capabilities = ["read"] }')
        server("write", "auth/approle/role/llm", "token_policies=llm")
        login = {
            "auth": "approle",
            "role_id": server.json("read", "auth/approle/role/llm/role-id")["data"]["role_id"],
            "secret_id": "env://SID",
        }
        env = {"SID": server.json("write", "-f", "auth/approle/role/llm/secret-id")["data"]["secret_id"]}
        assert fetch(server, "vault://secret/llm#key", env, **login).value.reveal() == KEY
        assert refusal(server, "vault://secret/llm#key", env | {"VAULT_CACERT": "", "BAO_CACERT": ""}) == "CGW466"
        mine, my_key = certify(tmp_path / "me", program("openssl"))
        server("auth", "enable", "cert")
        server("write", "auth/cert/certs/llm", f"certificate=@{mine}", "token_policies=llm")
        by_certificate = {"auth": "cert", "client_cert": str(mine), "client_key": str(my_key)}
        for role in ({}, {"role": "llm"}):
            assert fetch(server, "vault://secret/llm#key", **by_certificate, **role).value.reveal() == KEY
        theirs, their_key = certify(tmp_path / "them", program("openssl"))
        stranger = {"auth": "cert", "client_cert": str(theirs), "client_key": str(their_key)}
        assert refusal(server, "vault://secret/llm#key", **stranger) == "CGW471"


def test_a_helper_over_vault_cold_and_warm(dev: Any, bao: Path, tmp_path: Path) -> None:
    env = dev.env | {"HOME": str(tmp_path)}
    work = tmp_path / "work"
    work.mkdir()
    profile = Profile(
        name="bao", provider="unified", gateway_url="http://127.0.0.1:4000", secret="vault://secret/llm#key"
    )
    script = install(profile, env, Grant("own")).path
    plain = "import os, hvac; c = hvac.Client(os.environ['VAULT_ADDR'], os.environ['VAULT_TOKEN'])\n"
    plain += "print(c.secrets.kv.v2.read_secret('llm', raise_on_deleted_version=True)['data']['data']['key'])"

    def milliseconds(runs: int, *command: str, before: Callable[[], object] = lambda: None) -> float:
        times = []
        for _ in range(runs):
            before()
            start = time.perf_counter()
            done = subprocess.run(command, env=env, cwd=work, check=True, capture_output=True, text=True)
            times.append((time.perf_counter() - start) * 1000)
            assert done.stdout.strip() == KEY
        return statistics.median(times)

    value = tmp_path / ".cache" / "cgw" / "helper-bao" / "value"
    cold = milliseconds(7, script, before=lambda: value.unlink(missing_ok=True))
    milliseconds(2, script)
    warm = milliseconds(20, script)
    tool = milliseconds(7, str(bao), "kv", "get", "-field=key", "secret/llm")
    naked = milliseconds(7, sys.executable, "-c", plain)
    print(f"\ncold {cold:.0f} ms: {cold / tool:.2f} x `bao kv get` ({tool:.0f} ms),", end=" ")
    print(f"{cold / naked:.2f} x plain hvac ({naked:.0f} ms); warm {warm:.1f} ms")
    assert warm < tool / 3
    assert cold < naked * 2
