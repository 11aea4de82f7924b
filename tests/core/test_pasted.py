from __future__ import annotations

import time

import pytest

from claude_gw_cli.core.pasted import key_in, shown_while_typed

KEY = "sk-fake-0123456789abcdef"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl"
HEX = "3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"


@pytest.mark.parametrize(
    ("pasted", "key"),
    [
        (KEY, KEY),
        (f"  {KEY}\n", KEY),
        (f"Bearer {KEY}", KEY),
        (f"authorization: Bearer {KEY}", KEY),
        (f'-H "x-api-key: {KEY}"', KEY),
        (f"ANTHROPIC_AUTH_TOKEN={KEY}", KEY),
        (f"export ANTHROPIC_AUTH_TOKEN='{KEY}'", KEY),
        (f'"ANTHROPIC_AUTH_TOKEN": "{KEY}",', KEY),
        (f"$env:LITELLM_API_KEY = '{KEY}'", KEY),
        (HEX, HEX),
        (JWT, JWT),
        ("hvs.CAESIFakeFakeFake0123456789", "hvs.CAESIFakeFakeFake0123456789"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ],
)  # fmt: skip
def test_a_key_is_found_in_what_was_copied_around_it(pasted: str, key: str) -> None:
    assert key_in(pasted) == key
    assert key[6:] not in shown_while_typed(pasted)
    assert len(shown_while_typed(pasted)) == len(pasted)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<",
        "127.0.0.1:4000",
        "http://127.0.0.1:4000",
        "https://llm-gateway-prod-eu.example.com/anthropic",
        "a1b2c3d4e5f6a7b8.example.com",
        "vault://secret/llm#key",
        "env://LITELLM_API_KEY",
        "exec:pass show llm/gateway",
        "keyring://cgw/work",
        "s.internal.example.com:4000",
        "us-east5",
        "my-project-123456",
        "x-litellm-api-key",
        "Ocp-Apim-Subscription-Key",
        "litellm-2",
        "team profile",
    ],
)
def test_other_answers_are_not_keys(answer: str) -> None:
    assert key_in(answer) == ""
    assert shown_while_typed(answer) == answer


def test_what_begins_as_a_key_is_masked_before_it_is_one() -> None:
    assert [shown_while_typed(KEY[:length]) for length in (2, 3, 5, 8)] == ["sk", "sk-", "sk-f*", "sk-f****"]
    assert shown_while_typed("sk-llm") == "sk-l**"
    assert shown_while_typed("sk-llm.example.com") == "sk-llm.example.com"


@pytest.mark.parametrize("mark", ['"', "'", ",", ";", "=", "a='", "Bearer "])
def test_a_long_text_is_looked_at_once(mark: str) -> None:
    began = time.process_time()
    for text in (f"x{mark * 65_536}", f"x{mark * 65_536}\nA", f"{mark * 65_536}\n{mark * 99}"):
        assert not key_in(text)
    assert time.process_time() - began < 2
