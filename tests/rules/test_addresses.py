"""Addresses that are written in an unusual way: what the client makes of them decides."""

from __future__ import annotations

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import working

from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example


def found(address: str, code: str) -> list[tuple[str, str]]:
    example = Example(user=working(ANTHROPIC_BASE_URL=address))
    return [(item.severity, item.help or "") for item in run(rule_context(example)) if item.code == code]


@pytest.mark.parametrize("written", ["http:/{}", "http:///{}", "http:\\\\{}"])
@pytest.mark.parametrize("place", ["127.0.0.1:4000", "llm.example.com"])
def test_slashes_that_the_client_does_not_need(written: str, place: str) -> None:
    assert found(written.format(place), "CGW309") == [("warning", f"write http://{place}")]


@pytest.mark.parametrize(
    ("address", "step"),
    [
        ("ftp://llm.example.com", "write https://llm.example.com"),
        ("ws://127.0.0.1:4000", "write http://127.0.0.1:4000"),
        ("http://127.0.0.1:99999", "write http://127.0.0.1:PORT"),
        ("https://llm.example.com:99999/x", "write https://llm.example.com:PORT"),
        ("llm.example.com", "write https://llm.example.com"),
    ],
)
def test_what_is_no_address_is_corrected_to_one(address: str, step: str) -> None:
    assert found(address, "CGW309") == [("error", step)]


@pytest.mark.parametrize("end", ["?", "#", "?a=b", "#a", "/x?", "/x#"])
def test_a_query_or_fragment_swallows_the_path_though_it_is_empty(end: str) -> None:
    assert [severity for severity, _ in found(f"https://llm.example.com{end}", "CGW507")] == ["error"]


@pytest.mark.parametrize(
    "address", ["https://llm.example.com", "https://llm.example.com/", "http://localhost:4000/x/"]
)
def test_usual_addresses(address: str) -> None:
    assert found(address, "CGW309") == found(address, "CGW507") == []


@pytest.mark.parametrize(
    ("value", "wrong"), [("Jürgen", False), ("ÿ", False), ("Łukasz", True), ("J😀", True), ("a b", False)]
)
def test_a_header_carries_latin_1(value: str, *, wrong: bool) -> None:
    example = Example(user=working(ANTHROPIC_CUSTOM_HEADERS=f"X-User: {value}"))
    assert ["CGW135" for item in run(rule_context(example)) if item.code == "CGW135"] == ["CGW135"] * wrong
