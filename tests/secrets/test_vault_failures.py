"""What a Vault server refuses, each with its own answer; by a fake that can be made to do it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

from .conftest import Fake

TOKEN = "hvs.cgw-canary-77aa"
SECRET = "/v1/secret/data/llm"


def ask(fake: Fake, seconds: float = 9, **table: Any) -> CgwError:
    context = Context.make(Grant("typed"), {"VAULT_TOKEN": TOKEN}, seconds, {"vault": {"address": fake.url, **table}})
    with pytest.raises(CgwError) as caught:
        resolve("vault://secret/llm#key", context)
    assert TOKEN not in f"{caught.value} {caught.value.hint}"
    return caught.value


def secret(data: dict[str, object] | None, **metadata: object) -> dict[str, Any]:
    return {"data": {"data": data, "metadata": {"version": 3, **metadata}}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, {"errors": ["bad"]}, UsageError, "CGW452"),
        (403, {"errors": ["permission denied"]}, RefusedError, "CGW470"),
        (404, {"errors": []}, UnavailableError, "CGW474"),
        (404, secret(None, deletion_time="2026-01-01T00:00:00Z"), UnavailableError, "CGW461"),
        (405, {"errors": []}, UsageError, "CGW453"),
        (412, {"errors": []}, UnavailableError, "CGW454"),
        (429, {"errors": []}, UnavailableError, "CGW455"),
        (472, {"errors": []}, UnavailableError, "CGW456"),
        (473, {"errors": []}, UnavailableError, "CGW457"),
        (500, {"errors": ["boom"]}, UnavailableError, "CGW464"),
        (501, {"errors": []}, UnavailableError, "CGW458"),
        (502, b"<html>", UnavailableError, "CGW464"),
        (503, {"errors": ["Vault is sealed"]}, UnavailableError, "CGW459"),
        (418, {"errors": []}, UnavailableError, "CGW465"),
        (200, b"<html>", UnavailableError, "CGW450"),
        (200, [], UnavailableError, "CGW450"),
        (200, secret({"other": "x"}), UsageError, "CGW462"),
        (200, secret({"key": {"nested": 1}}), UsageError, "CGW463"),
        (200, secret(None, destroyed=True), UnavailableError, "CGW461"),
    ],
)
def test_each_failure_has_its_own_code_exit_and_remedy(
    fake: Fake, status: int, body: object, kind: type[CgwError], code: str
) -> None:
    fake.put("/v1/auth/token/lookup-self", 403, {"errors": ["permission denied"]})
    fake.put(SECRET, status, body)
    error = ask(fake)
    assert (type(error), error.code) == (kind, code)
    assert error.hint
    assert "\n" not in error.message


def test_a_missing_permission_is_told_from_an_expired_token(fake: Fake) -> None:
    fake.put(SECRET, 403, {"errors": ["permission denied"]})
    fake.put("/v1/auth/token/lookup-self", 200, {"data": {}})
    assert ask(fake).code == "CGW472"


def test_the_token_does_not_follow_a_redirect(fake: Fake) -> None:
    with Fake() as other:
        thread = threading.Thread(target=other.serve_forever, args=(0.02,))
        thread.start()
        fake.put(SECRET, 307, {}, Location=other.url + SECRET)
        error = ask(fake)
        other.shutdown()
        thread.join()
        assert (error.code, other.seen) == ("CGW460", [])
        assert other.url in error.message


@pytest.mark.parametrize(
    "address", ["http://vault.example.com:8200", "http://127.0.0.1.example.com", "http://10.0.0.1"]
)
def test_the_token_is_not_sent_in_the_clear(address: str) -> None:
    context = Context.make(Grant("typed"), {"VAULT_TOKEN": TOKEN}, 5, {"vault": {"address": address}})
    with pytest.raises(RefusedError, match="not https"):
        resolve("vault://secret/llm#key", context)


@pytest.mark.parametrize("address", ["https://u:p@host", "vault.example.com", "https://", "https://a b"])
def test_an_odd_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        resolve(
            "vault://secret/llm#key",
            Context.make(Grant("typed"), {"VAULT_TOKEN": TOKEN, "VAULT_ADDR": address}, 5, {}),
        )


def test_a_servers_words_cannot_drive_the_terminal(fake: Fake) -> None:
    fake.put(SECRET, 500, {"errors": ["\x1b]0;title\x07 boom \u202e" + "x" * 5000]})
    error = ask(fake)
    assert "boom" in error.message
    assert error.message.isprintable()
    assert len(error.message) < 400
    fake.put(SECRET, 500, b'{"errors": ["' + b"x" * 10_000_000 + b'"]}')
    assert len(ask(fake).message) < 400


def test_retry_after_goes_with_the_error(fake: Fake) -> None:
    fake.put(SECRET, 429, {}, Retry_After="17")
    assert ask(fake).retry_after == 17


def test_a_silent_server_ends_at_the_deadline(fake: Fake) -> None:
    fake.delay = 3
    start = time.monotonic()
    assert ask(fake, seconds=1).code == "CGW467"
    assert time.monotonic() - start < 2.5


def test_nobody_listens() -> None:
    context = Context.make(Grant("typed"), {"VAULT_TOKEN": TOKEN}, 5, {"vault": {"address": "http://127.0.0.1:1"}})
    with pytest.raises(UnavailableError) as caught:
        resolve("vault://secret/llm#key", context)
    assert caught.value.code == "CGW468"


def test_the_working_environment_has_no_say(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    with Fake() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        fake.put(SECRET, 200, secret({"key": "sk-0123456789"}))
        context = Context.make(
            Grant("typed"), {"VAULT_TOKEN": TOKEN, "HTTP_PROXY": proxy.url}, 5, {"vault": {"address": fake.url}}
        )
        assert resolve("vault://secret/llm#key", context).value.reveal() == "sk-0123456789"
        assert proxy.seen == []


def test_without_a_token_the_way_to_one_is_named(fake: Fake, tmp_path: Path) -> None:
    context = Context.make(Grant("typed"), {"HOME": str(tmp_path)}, 5, {"vault": {"address": fake.url}})
    with pytest.raises(RefusedError, match=r"neither VAULT_TOKEN nor .*\.vault-token") as caught:
        resolve("vault://secret/llm#key", context)
    assert f"vault login -address={fake.url}, or bao login" in caught.value.hint


def test_a_token_that_was_not_set_when_the_helper_was_written_is_not_called_missing(
    fake: Fake, tmp_path: Path
) -> None:
    home = {"HOME": str(tmp_path)}
    pinned = pin("vault://secret/llm#key", Context.make(Grant("typed"), home, 5, {"vault": {"address": fake.url}}))
    later = Context.make(Grant("typed"), home | {"VAULT_TOKEN": TOKEN}, 5, pinned.tables)
    with pytest.raises(RefusedError, match=r"was not set when the helper was installed.*cgw helper install"):
        resolve(pinned.reference, later)
    then = Context.make(Grant("typed"), home | {"VAULT_TOKEN": TOKEN}, 5, {"vault": {"address": fake.url}})
    pinned = pin("vault://secret/llm#key", then)
    with pytest.raises(RefusedError, match="neither VAULT_TOKEN nor"):  # it is read, and is not set now
        resolve(pinned.reference, Context.make(Grant("typed"), home, 5, pinned.tables))


@pytest.mark.parametrize(
    ("table", "says"),
    [({"auth": "magic"}, "magic"), ({"auth": "approle"}, "role_id"), ({"adress": "x"}, "adress")],
)
def test_a_wrong_table_is_named(fake: Fake, table: dict[str, Any], says: str) -> None:
    assert says in ask(fake, **table).message


def test_a_lease_ends_with_the_token_that_made_it(fake: Fake) -> None:
    fake.put("/v1/sys/internal/ui/mounts/db/creds/r", 200, {"data": {"path": "db/", "type": "database"}})
    fake.put(
        "/v1/db/creds/r", 200, {"lease_id": "db/1", "lease_duration": 600, "data": {"password": "pw-0123456789"}}
    )
    fake.put("/v1/auth/userpass/login/me", 200, {"auth": {"client_token": TOKEN, "lease_duration": 120}})
    table = {"address": fake.url, "auth": "userpass", "username": "me", "password": "env://PW"}
    context = Context(Grant("typed"), {"PW": "pw"}, tables={"vault": table}, clock=lambda: 1000.0)
    material = resolve("vault://db/creds/r#password", context)
    assert (material.value.reveal(), material.expires_at) == ("pw-0123456789", 1120.0)
