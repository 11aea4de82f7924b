"""``oauth://``: client credentials and token exchange against a fake issuer."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import pytest

from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin

SECRET = "cgw-canary-oauth"


class Issuer(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.status, self.body = 200, json.dumps({"access_token": "at-0123456789", "expires_in": 600}).encode()
        self.clock = 5000.0
        self.form: dict[str, list[str]] = {}
        self.authorization: str | None = None
        super().__init__(("127.0.0.1", 0), Handler)

    def answer(self, status: int, body: Any) -> None:
        self.status, self.body = status, body if isinstance(body, bytes) else json.dumps(body).encode()


class Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_POST(self) -> None:
        self.server.form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.authorization = self.headers["Authorization"]
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(self.server.clock if timestamp is None else timestamp)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        pass


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def context(issuer: Issuer, **table: str) -> Context:
    url = f"http://127.0.0.1:{issuer.server_address[1]}/token"
    work = {"token_url": url, "client_id": "cgw", "client_secret": "env://S", **table}
    return Context(
        Grant("typed"), {"S": SECRET, "T": "subject-token"}, tables={"oauth": {"work": work}}, clock=lambda: 1000.0
    )


def test_client_credentials_by_basic_authentication(issuer: Issuer) -> None:
    material = resolve("oauth://work", context(issuer, scope="llm", audience="gw"))
    assert (material.value.reveal(), material.expires_at) == ("at-0123456789", 1600.0)
    assert issuer.form == {"grant_type": ["client_credentials"], "scope": ["llm"], "audience": ["gw"]}
    assert issuer.authorization == "Basic " + base64.b64encode(f"cgw:{SECRET}".encode()).decode()


@pytest.mark.parametrize("seconds", [600, 600.0, "600"])
def test_the_end_is_counted_from_the_relative_lifetime(issuer: Issuer, seconds: object) -> None:
    issuer.answer(200, {"access_token": "at-0123456789", "expires_in": seconds})
    assert resolve("oauth://work", context(issuer)).expires_at == 1600.0


@pytest.mark.parametrize("seconds", [None, 0, -1, True, 10**400, "soon", float("inf"), float("nan"), [], {}])
def test_without_one_the_issuers_date_makes_the_end_of_a_jwt_right(issuer: Issuer, seconds: object) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"iat": 5000, "exp": 5600}).encode()).decode().rstrip("=")
    for token, end in ((f"eyJh.{claims}.x", 1600.0), ("at-0123456789", None)):
        issuer.answer(200, {"access_token": token, "expires_in": seconds})
        assert resolve("oauth://work", context(issuer)).expires_at == end  # this machine's clock says 1000


def test_client_credentials_in_the_form(issuer: Issuer) -> None:
    resolve("oauth://work", context(issuer, client_auth="post"))
    assert (issuer.form["client_id"], issuer.form["client_secret"]) == (["cgw"], [SECRET])
    assert issuer.authorization is None


@pytest.mark.parametrize("secret", ["two words", "ü", " x", '{"a": 1}', "null", "a+b%=:"])
def test_a_client_secret_is_any_line_of_text(issuer: Issuer, secret: str) -> None:
    for method in ("basic", "post"):
        made = context(issuer, client_auth=method)
        made.env = {"S": f"{secret}\n"}
        resolve("oauth://work", made)
        if method == "post":
            assert issuer.form["client_secret"] == [secret]
        else:
            sent = base64.b64decode((issuer.authorization or "").removeprefix("Basic ")).decode()
            assert unquote_plus(sent.partition(":")[2]) == secret


@pytest.mark.parametrize("secret", ["a\nb", "a\0b", "a\x7fb"])
def test_a_client_secret_is_one_line(issuer: Issuer, secret: str) -> None:
    made = context(issuer)
    made.env = {"S": secret}
    with pytest.raises(UsageError, match="not one line"):
        resolve("oauth://work", made)


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BearerToken", "N_A", None, 5])
def test_other_types_of_tokens_are_taken(issuer: Issuer, kind: object) -> None:
    issuer.answer(200, {"access_token": "at-0123456789", "token_type": kind})
    assert resolve("oauth://work", context(issuer)).value.reveal() == "at-0123456789"


def test_token_exchange(issuer: Issuer) -> None:
    resolve("oauth://work", context(issuer, grant="token_exchange", subject_token="env://T"))
    assert issuer.form["grant_type"] == ["urn:ietf:params:oauth:grant-type:token-exchange"]
    assert issuer.form["subject_token"] == ["subject-token"]
    assert issuer.form["subject_token_type"] == ["urn:ietf:params:oauth:token-type:jwt"]


def without_a_secret(issuer: Issuer, **table: str) -> Context:
    made = context(issuer, **table)
    work = made.tables["oauth"]["work"]
    assert isinstance(work, dict)
    del work["client_secret"], work["client_id"]
    return made


def test_a_token_is_exchanged_without_a_client(issuer: Issuer) -> None:
    resolve("oauth://work", without_a_secret(issuer, grant="token_exchange", subject_token="env://T"))
    assert (issuer.form.get("client_id"), issuer.authorization) == (None, None)
    assert issuer.form["subject_token"] == ["subject-token"]


def test_a_signed_assertion_is_a_grant(issuer: Issuer) -> None:
    resolve("oauth://work", without_a_secret(issuer, grant="jwt_bearer", assertion="env://T"))
    assert issuer.form == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "assertion": ["subject-token"],
    }


def test_a_client_proves_who_it_is_by_a_token(issuer: Issuer) -> None:
    made = without_a_secret(issuer, client_assertion="env://T", scope="llm")
    made.tables["oauth"]["work"]["client_id"] = "cgw"  # type: ignore[index]
    resolve("oauth://work", made)
    assert issuer.form == {
        "grant_type": ["client_credentials"],
        "scope": ["llm"],
        "client_id": ["cgw"],
        "client_assertion": ["subject-token"],
        "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    }
    assert issuer.authorization is None
    assert pin("oauth://work", made).ambient == ("T",)


@pytest.mark.parametrize(
    ("table", "needs"),
    [
        ({}, "client_id"),
        ({"grant": "token_exchange"}, "subject_token"),
        ({"grant": "jwt_bearer"}, "assertion"),
        ({"grant": "jwt_bearer", "assertion": "env://T", "client_secret": "env://S"}, "client_id"),
    ],
)
def test_each_grant_names_what_it_needs(issuer: Issuer, table: dict[str, str], needs: str) -> None:
    made = without_a_secret(issuer)
    made.tables["oauth"]["work"].update(table)  # type: ignore[attr-defined]
    with pytest.raises(UsageError, match=f"needs {needs}$"):
        resolve("oauth://work", made)


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (
            400,
            {"error": "invalid_client", "error_description": "no\x1b[31m such"},
            RefusedError,
            "invalid_client: no",
        ),
        (401, b"<html>", RefusedError, "401"),
        (307, {}, UnavailableError, "307"),
        (500, {}, UnavailableError, "500"),
        (200, {}, UnavailableError, "no access token"),
        (200, b"<html>", UnavailableError, "no access token"),
        (200, {"access_token": "two words"}, UsageError, "whitespace"),
        (200, {"access_token": "at-0123456789", "token_type": "DPoP"}, UsageError, "DPoP and needs a proof"),
        (200, {"access_token": "at-0123456789", "token_type": "mac"}, UsageError, "mac and needs a proof"),
    ],
)
def test_a_refusal_is_told_without_the_secret(
    issuer: Issuer, status: int, body: object, kind: type[CgwError], says: str
) -> None:
    issuer.answer(status, body)
    with pytest.raises(kind, match=says) as caught:
        resolve("oauth://work", context(issuer))
    assert caught.value.message.isprintable()
    assert SECRET not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"token_url": "http://issuer.example.com/t"}, "not https"),
        ({"token_url": ""}, "token_url"),
        ({"grant": "password"}, "grant"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_wrong_table_is_named(issuer: Issuer, table: dict[str, str], says: str) -> None:
    with pytest.raises(CgwError, match=says):
        resolve("oauth://work", context(issuer, **table))


def test_pinning_keeps_the_references_and_their_variables(issuer: Issuer) -> None:
    pinned = pin("oauth://work", context(issuer))
    assert pinned.ambient == ("S",)
    assert SECRET not in json.dumps(pinned.tables)


@pytest.mark.parametrize(("client", "secret"), [("a:b", "p+q%=/"), ("cgw", "ä~!")])
def test_basic_is_form_encoded_first(issuer: Issuer, client: str, secret: str) -> None:
    asked = context(issuer, client_id=client)
    asked.env = {"S": secret} if secret.isascii() else {"S": "x~!"}
    resolve("oauth://work", asked)
    assert issuer.authorization is not None
    sent = base64.b64decode(issuer.authorization.removeprefix("Basic ")).decode()
    assert tuple(map(unquote_plus, sent.split(":"))) == (client, asked.env["S"])


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_methods_long_names_are_known_and_others_refused(issuer: Issuer, method: str) -> None:
    resolve("oauth://work", context(issuer, client_auth=method))
    assert (issuer.authorization is None) == method.endswith("post")
    with pytest.raises(UsageError, match="client_auth"):
        resolve("oauth://work", context(issuer, client_auth="digest"))


@pytest.mark.parametrize(
    ("status", "body", "code", "says"),
    [
        (200, {"error": "invalid_scope", "error_description": "no such scope"}, 77, "invalid_scope: no such scope"),
        (200, b"<html><title>Sign in</title>", 69, "Sign in"),
        (503, {"error": "temporarily_unavailable"}, 69, "temporarily_unavailable"),
        (400, {"error": "bad", "error_description": f"secret {SECRET} is wrong"}, 77, "secret … is wrong"),
        (200, {"error": 5, "access_token": None}, 77, "5"),
        (200, b"[" * 100_000, 69, "no access token"),
    ],
)
def test_the_issuers_words_are_kept_and_what_was_sent_is_masked(
    issuer: Issuer, status: int, body: object, code: int, says: str
) -> None:
    issuer.answer(status, body)
    with pytest.raises(CgwError) as caught:
        resolve("oauth://work", context(issuer))
    assert (caught.value.exit_code, says in caught.value.message) == (code, True), caught.value.message
    assert SECRET not in caught.value.message


@pytest.mark.parametrize(
    ("granted", "said"),
    [("a", "a (NOT granted: b)"), ("a b", "a b"), (None, "a b asked for; the issuer does not say what it granted")],
)
def test_a_scope_that_was_dropped_is_said(issuer: Issuer, granted: str | None, said: str) -> None:
    issuer.answer(200, {"access_token": "at-0123456789"} | ({"scope": granted} if granted else {}))
    assert resolve("oauth://work", context(issuer, scope="a b")).facts["scope"] == said


def test_a_token_that_ends_before_it_can_be_used_is_an_error(issuer: Issuer) -> None:
    issuer.answer(200, {"access_token": "at-0123456789", "expires_in": 1})
    with pytest.raises(UsageError, match="lives 1 s"):
        resolve("oauth://work", context(issuer))
