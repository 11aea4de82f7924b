"""Hosts that can be taken for another one."""

from __future__ import annotations

import pytest

from claude_gw_cli.core.resemblance import resemblance

OWN = ("https://llm.example.com:4000/v1", "https://gw.acme.co.uk", "http://10.0.0.11:4000")


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("llm.exarnple.com", "llm.example.com"),
        ("llm.examp1e.com", "llm.example.com"),
        ("llm.exmaple.com", "llm.example.com"),
        ("llm.example.co", "llm.example.com"),
        ("llm-example.com", "llm.example.com"),
        ("llm.example.com.evil.net", "llm.example.com"),
        ("llm.\u0435xample.com", "llm.example.com"),
        ("llm.xn--xample-2of.com", "llm.example.com"),
        ("llm.ex\u00e4mple.com", "llm.example.com"),
        ("gw.acne.co.uk", "gw.acme.co.uk"),
        ("api.anthropc.com", "api.anthropic.com"),
        ("api.anthropic.com.gateway.dev", "api.anthropic.com"),
        ("anthropic.com.gateway.dev", "api.anthropic.com"),
        ("login.example.com.evil.net", "llm.example.com"),
        ("x.acme.co.uk.evil.net", "gw.acme.co.uk"),
    ],
)
def test_a_host_of_another_owner_that_looks_the_same_is_named(host: str, other: str) -> None:
    assert f"looks like {other}," in resemblance(f"https://{host}/x", OWN)


@pytest.mark.parametrize(
    "host",
    [
        "llm.example.com", "LLM.example.com", "lln.example.com", "gw2.acme.co.uk", "gw1.example.org",
        "gw2.example.org", "localhost", "127.0.0.1", "10.0.0.12", "litellm", "[::1]", "api.anthropic.com",
        "apj.anthropic.com",
        "[bad", "xn--\u00e4", "",
    ],
)  # fmt: skip
def test_a_host_of_the_same_owner_or_an_unlike_one_is_not(host: str) -> None:
    assert not resemblance(f"https://{host}", (*OWN, "https://gw3.example.org"))
