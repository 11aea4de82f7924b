"""What may be shown of a settings file."""

from __future__ import annotations

import json

import pytest

from claude_gw_cli.core.jsontext import parse
from claude_gw_cli.core.redact import is_suspect, redact
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
