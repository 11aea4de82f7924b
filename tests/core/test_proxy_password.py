"""The user name and password before a host, as the client sends them and as cgw's own requests do."""

from __future__ import annotations

from base64 import b64decode

import pytest

from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.proxies import basic, encoded
from claude_gw_cli.core.snapshot import Snapshot


@pytest.mark.parametrize(
    ("authority", "pair"),
    [
        ("team:hunter2@proxy:3128", "team:hunter2"),
        ("ada%40corp:p%3Aw@proxy", "ada@corp:p:w"),
        ("ada:za%C5%BC%C3%B3%C5%82%C4%87@proxy", "ada:zażółć"),  # beyond Latin-1
        ("ada:zażółć@proxy", "ada:zażółć"),
        ("ada@proxy", "ada:"),
    ],
)
def test_what_is_sent(authority: str, pair: str) -> None:
    assert b64decode(basic(authority)).decode() == pair
    assert encoded(authority) == basic(authority)


def test_a_bare_percent_sign_is_sent_by_cgw_and_not_by_the_client() -> None:
    assert basic("u:100%@proxy") == ""
    assert b64decode(encoded("u:100%@proxy")) == b"u:100%"


@pytest.mark.parametrize(("version", "sent"), [("2.1.101", None), ("2.1.227", None), ("2.1.332", "Basic OnB3")])
def test_a_password_without_a_user_name(version: str, sent: str | None) -> None:
    """Measured with HTTPS_PROXY at a recorder, where the tunnel's request has the same header."""
    env = {"ANTHROPIC_API_KEY": "sk-ant-fake", "ANTHROPIC_BASE_URL": "http://gw.example"}
    env["HTTP_PROXY"] = "http://:pw@127.0.0.1:3128"
    found = predict(Snapshot(env, (), "/w", "/h", "/h/.claude", version)).headers["proxy-authorization"]
    assert (found.text() if found.present else None) == sent
