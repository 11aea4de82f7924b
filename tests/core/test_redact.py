"""What may be shown of a settings file."""

from __future__ import annotations

import json

import pytest

from claude_gw_cli.core.jsontext import parse
from claude_gw_cli.core.redact import is_suspect, masked_words, redact
from claude_gw_cli.facts.modes import CREDENTIAL_VARIABLES

KEY = "cgw-canary-0123456789"


@pytest.mark.parametrize("name", sorted({*CREDENTIAL_VARIABLES, "Authorization", "X-Api-Key", "DB_PASSWORD"}))
def test_a_credential_is_masked_wherever_it_stands(name: str) -> None:
    if name == "ANTHROPIC_FOUNDRY_RESOURCE":
        assert not is_suspect(name)  # a host name, listed with the credentials because it conflicts
        return
    for text in (
        json.dumps({"env": {name: KEY}}),
        json.dumps({"servers": [{"x": "a: b", name: 'q"' + KEY}]}, indent=1),
    ):
        assert KEY not in redact(text)
        assert parse(redact(text)).locate(()) == (1, 1)


def test_layout_blanks_and_harmless_values_stay() -> None:
    text = '{"apiKeyHelper": "/bin/h", "env": {"ANTHROPIC_API_KEY": "", "MAX_TOKENS": "1"},\r\n "s": "token: x"}'
    assert redact(text) == text
    assert not is_suspect("CLAUDE_CODE_API_KEY_HELPER_TTL_MS")
    assert not is_suspect("ANTHROPIC_BASE_URL")


def test_keys_in_commands_and_addresses_are_masked_and_paths_are_not() -> None:
    path = "/home/me/projects/a-folder-with-a-long-name-2026/get-key.sh"
    shown = redact(
        json.dumps(
            {
                "apiKeyHelper": f"{path} --key {KEY}",
                "env": {
                    "ANTHROPIC_BASE_URL": f"https://me:{KEY}@gw.example.com/x?k={KEY}",
                    "U": "https://gw/x?beta=true",
                },
            }
        )
    )
    assert KEY not in shown
    for kept in (path, "@gw.example.com/x?", "https://gw/x?beta=true"):
        assert kept in shown


def test_a_long_text_is_looked_through_in_a_moment() -> None:
    assert masked_words("a1=" * 100_000) == "a1=a…"
    assert masked_words("ab" * 100_000) == "ab" * 100_000


@pytest.mark.parametrize(
    "key",
    [
        "sk-ant-api03-abcdefghij",
        "sk-gwkey-1a2b3c4d5e6f7g8h",
        "gw-team7-abcdefghijkl",
        "glpat-abcdefghijklmnop",
        "ghp_abcdefghijklmnop",
        "github_pat_11ABCDEFG0abc",
        "hvs.CAESIJabcdefghij",
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-123456789012-abc",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "AIzaSyA1234567890abc",
        "ya29.a0AfH6SMBabcdef",
        "npm_abcdefghijklmnop",
        "dop_v1_abcdefghijklm",
    ],
)
def test_a_key_is_masked_by_its_form_in_any_member(key: str) -> None:
    for document in ({"note": key}, {"list": ["a", key]}, {"hooks": {"x": [{"command": f"curl -d {key} x"}]}}):
        assert key not in redact(json.dumps(document))
        assert json.loads(redact(json.dumps(document)))


@pytest.mark.parametrize(
    "word",
    [
        "gw-internal.corp.example",
        "sk-learn",
        "claude-opus-5-5",
        "task-runner-2026",
        "keyring://gw/key",
        "eyJ",
        "npm_x",
    ],
)
def test_names_that_only_look_like_keys_stay(word: str) -> None:
    text = json.dumps({"note": word})
    assert redact(text) == text
