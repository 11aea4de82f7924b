"""URLs as the client's runtime parses them."""

from __future__ import annotations

import pytest

from claude_gw_cli.core.predict.url import parse_url, swallowed


@pytest.mark.parametrize(
    ("text", "origin", "path"),
    [
        ("http://gw.example/a", "http://gw.example", "/a"),
        ("HTTP://GW.Example:80/A", "http://gw.example", "/A"),
        ("https://gw.example:443", "https://gw.example", "/"),
        ("http:/gw.example/p", "http://gw.example", "/p"),
        ("http:gw.example", "http://gw.example", "/"),
        ("http:\\\\gw.example\\p\\q", "http://gw.example", "/p/q"),
        ("http://127.1:04000/z", "http://127.0.0.1:4000", "/z"),
        ("http://0x7f.1", "http://127.0.0.1", "/"),
        ("http://127.0.0.1./", "http://127.0.0.1", "/"),
        ("http://[::1]:4000/x", "http://[::1]:4000", "/x"),
        ("http://caf\u00e9.example", "http://xn--caf-dma.example", "/"),
        ("http://u:p@gw.example/%2e%2e/b", "http://gw.example", "/b"),
        ("http://gw.example/a/./b/../c", "http://gw.example", "/a/c"),
        ('http://gw.example/{t}/"a"/a b', "http://gw.example", "/%7Bt%7D/%22a%22/a%20b"),
        ("\n http://gw.ex\tample ", "http://gw.example", "/"),
    ],
)
def test_valid_addresses(text: str, origin: str, path: str) -> None:
    found = parse_url(text)
    assert found is not None
    assert (found.origin, found.path) == (origin, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gw.example",
        "//gw.example",
        "ftp://gw.example",
        "ws://gw.example",
        "http://",
        "http://gw.example:99999",
        "http://gw.example:4000x",
        "http://a.example:1,http://b.example:2",
        "http:// gw.example",
        "http://[::1",
        "http://300.0.0.1",
        "http://a%2fb",
        '"http://gw.example"',
    ],
)
def test_invalid_addresses(text: str) -> None:
    assert parse_url(text) is None


def test_a_query_takes_the_path() -> None:
    assert swallowed("q/v1/messages?beta=true", encoded=True) == "q%2Fv1%2Fmessages%3Fbeta=true"
    assert swallowed("x=1&y=2/v1", encoded=True) == "x=1&y=2%2Fv1"
    assert swallowed("q/v1/messages?beta=true", encoded=False) == "q/v1/messages?beta=true"


def test_no_secret_in_the_representation() -> None:
    assert "p4ss" not in repr(parse_url("http://u:p4ss@gw.example"))
