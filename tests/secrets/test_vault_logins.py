"""Every way of signing in to Vault: what is sent where, and that the token it gives reads the secret.

A fake server records it. AppRole, userpass, JWT and certificates also run against a real OpenBao (tests/real).
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

from .conftest import Fake

GIVEN = "hvs.given-by-the-login"
KEY = "sk-0123456789"
CANARY = "cgw-canary-login"
AWS = {"auth": "aws", "role": "llm", "access_key": "env://ID", "secret_key": "env://S"}


def sign_in(fake: Fake, env: dict[str, str], **table: object) -> Any:
    """Read the secret after a login; returns what was posted to the login's path."""
    method = str(table["auth"])
    path = f"/v1/auth/{table.get('auth_mount', method)}/login"
    path += "/me" if method == "userpass" else ""
    fake.put(path, 200, {"auth": {"client_token": GIVEN, "lease_duration": 600}})
    fake.put("/v1/secret/data/llm", 200, {"data": {"data": {"key": KEY}, "metadata": {"version": 1}}})
    context = Context(
        Grant("typed"),
        {"VAULT_TOKEN": "hvs.of-somebody-else", **env},
        tables={"vault": {"address": fake.url, **table}},
    )
    assert resolve("vault://secret/llm#key", context).value.reveal() == KEY
    assert fake.seen[0] == (path, None), "a login must carry no token"
    assert {token for _, token in fake.seen[1:]} == {GIVEN}
    return fake.posted[path]


@pytest.mark.parametrize(
    ("table", "posted"),
    [
        ({"auth": "kubernetes", "role": "llm", "jwt": "env://S"}, {"role": "llm", "jwt": CANARY}),
        ({"auth": "jwt", "role": "llm", "jwt": "env://S"}, {"role": "llm", "jwt": CANARY}),
        ({"auth": "gcp", "role": "llm", "jwt": "env://S"}, {"role": "llm", "jwt": CANARY}),
        ({"auth": "gcp", "role": "llm", "jwt": "env://S", "auth_mount": "g2"}, {"role": "llm", "jwt": CANARY}),
        ({"auth": "approle", "role_id": "r", "secret_id": "env://S"}, {"role_id": "r", "secret_id": CANARY}),
        ({"auth": "userpass", "username": "me", "password": "env://S"}, {"password": CANARY}),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if "auth" in value else "",
)
def test_a_login_by_one_post(fake: Fake, table: dict[str, object], posted: dict[str, str]) -> None:
    assert sign_in(fake, {"S": CANARY}, **table) == posted


def test_the_token_that_kubernetes_mounts(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("eyJ.of-the.pod\n")
    (tmp_path / "token").chmod(0o644)  # as the platform mounts it
    posted = sign_in(fake, {}, auth="kubernetes", role="llm", jwt_file=str(tmp_path / "token"))
    assert posted == {"role": "llm", "jwt": "eyJ.of-the.pod"}


def test_a_pod_without_its_token_is_told(fake: Fake) -> None:
    table = {"address": fake.url, "auth": "kubernetes", "role": "llm", "jwt_file": "/nonexistent"}
    with pytest.raises(CgwError, match="/nonexistent") as caught:
        resolve("vault://secret/llm#key", Context(Grant("typed"), {}, tables={"vault": table}))
    assert caught.value.code == "CGW475"
    assert fake.seen == []


def test_a_login_by_aws_sends_a_signed_request_and_never_the_key(fake: Fake) -> None:
    env = {"ID": "AKIAIOSFODNN7EXAMPLE", "S": CANARY, "T": "session-0123456789"}
    options = {"session_token": "env://T", "region": "eu-central-1", "server_id": "vault.example.com"}
    posted = sign_in(fake, env, **AWS, **options)
    assert posted["role"] == "llm"
    assert base64.b64decode(posted["iam_request_url"]) == b"https://sts.amazonaws.com/"
    assert b"GetCallerIdentity" in base64.b64decode(posted["iam_request_body"])
    headers = json.loads(base64.b64decode(posted["iam_request_headers"]))
    assert headers["X-Amz-Security-Token"] == [env["T"]]
    assert headers["X-Vault-AWS-IAM-Server-ID"] == ["vault.example.com"]
    (authorization,) = headers["Authorization"]
    assert f"Credential={env['ID']}/" in authorization
    assert "/eu-central-1/sts/" in authorization
    assert "x-vault-aws-iam-server-id" in authorization
    assert CANARY not in json.dumps(posted) + json.dumps(headers)


def test_a_login_by_aws_needs_no_more_than_a_key_pair(fake: Fake) -> None:
    posted = sign_in(fake, {"ID": "AKIAIOSFODNN7EXAMPLE", "S": CANARY}, **AWS)
    assert "X-Amz-Security-Token" not in json.loads(base64.b64decode(posted["iam_request_headers"]))


@pytest.mark.parametrize("role", [{}, {"role": "llm"}])
def test_a_login_by_certificate(fake: Fake, tmp_path: Path, role: dict[str, str]) -> None:
    for name in ("cert", "key"):
        (tmp_path / name).write_text("looked at by TLS only")
    files = {"client_cert": str(tmp_path / "cert"), "client_key": str(tmp_path / "key")}
    assert sign_in(fake, {}, auth="cert", **files, **role) == ({"name": "llm"} if role else {})


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"auth": "cert"}, "client_cert"),
        ({"auth": "cert", "client_cert": "/x"}, "client_key"),
        ({"auth": "kubernetes"}, "role"),
        ({"auth": "gcp", "role": "llm"}, "jwt"),
        ({"auth": "aws", "role": "llm"}, "access_key"),
        ({"ca_file": "certs/ca.pem"}, "relative path"),
        ({"auth": "jwt", "role": "llm", "jwt_file": "token"}, "relative path"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_sent(fake: Fake, table: dict[str, object], says: str) -> None:
    context = Context(Grant("typed"), {"VAULT_TOKEN": "hvs.x"}, tables={"vault": {"address": fake.url, **table}})
    with pytest.raises(UsageError, match=says):
        resolve("vault://secret/llm#key", context)
    assert fake.seen == []


@pytest.mark.parametrize("key", ["ca_file", "client_cert"])
def test_a_certificate_file_that_is_not_there_is_no_bug_of_ours(key: str) -> None:
    table = {"address": "https://127.0.0.1:1", key: "/nonexistent"}
    with pytest.raises(UsageError, match="/nonexistent") as caught:
        resolve("vault://secret/llm#key", Context(Grant("typed"), {"VAULT_TOKEN": "hvs.x"}, tables={"vault": table}))
    assert caught.value.code == "CGW469"


def test_a_login_that_gives_no_token(fake: Fake) -> None:
    fake.put("/v1/auth/gcp/login", 200, {"auth": {"mfa_requirement": {}}})
    table = {"address": fake.url, "auth": "gcp", "role": "llm", "jwt": "env://S"}
    with pytest.raises(CgwError, match="gave no token") as caught:
        resolve("vault://secret/llm#key", Context(Grant("typed"), {"S": CANARY}, tables={"vault": table}))
    assert caught.value.code == "CGW471"
    assert CANARY not in f"{caught.value} {caught.value.hint}"


def test_an_installed_helper_holds_references_and_absolute_paths(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    table = {"address": "https://vault.example.com", "ca_file": "~/ca.pem", **AWS}
    context = Context(Grant("typed"), {"HOME": str(tmp_path), "ID": CANARY, "S": CANARY}, tables={"vault": table})
    pinned = pin("vault://secret/llm#key", context)
    assert pinned.tables["vault"]["ca_file"] == str(tmp_path / "ca.pem")
    assert pinned.ambient == ("ID", "S")
    assert CANARY not in json.dumps(pinned.tables)


def test_the_servers_clock_makes_the_end_of_a_stored_jwt_right(fake: Fake) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"iat": 5000, "exp": 5600}).encode()).decode().rstrip("=")
    fake.put("/v1/secret/data/llm", 200, {"data": {"data": {"key": f"eyJh.{claims}.x"}, "metadata": {}}})
    fake.clock = 5000.0
    context = Context(
        Grant("typed"), {"VAULT_TOKEN": "hvs.x"}, tables={"vault": {"address": fake.url}}, clock=lambda: 1000.0
    )
    assert resolve("vault://secret/llm#key", context).expires_at == 1600.0


def test_a_token_that_vault_signs_is_issued_by_vaults_clock(fake: Fake) -> None:
    fake.clock = 5000.0
    fake.put("/v1/transit/keys/k", 200, {"data": {"type": "ed25519"}})
    fake.put("/v1/transit/sign/k", 200, {"data": {"signature": "vault:v1:c2ln"}})
    tables: dict[str, dict[str, object]] = {
        "vault": {"address": fake.url},
        "jwt": {"work": {"transit": "transit/k", "lifetime": 600}},
    }
    material = resolve(
        "jwt://work", Context(Grant("typed"), {"VAULT_TOKEN": "hvs.x"}, tables=tables, clock=lambda: 1000.0)
    )
    payload = material.value.reveal().split(".")[1]
    issued = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert (issued["iat"], issued["nbf"], issued["exp"], material.expires_at) == (4970, 4970, 5570, 1570)
