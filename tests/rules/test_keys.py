"""Variants of the key rules that their own examples do not show."""

from __future__ import annotations

import base64
import json

import pytest
from tests.rules.contexts import NOW, rule_context
from tests.rules.samples import SCRIPT, TOKEN, gateway_env

from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example

DAY = 86_400
LOGIN = "sk-ant-oat01-fakefakefake"


def codes(example: Example) -> set[str]:
    return {item.code for item in run(rule_context(example))} - {"CGW123", "CGW126"}


def token(end: float) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": int(end)}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{payload}.c2ln"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("keyring://cgw/work", {"CGW144"}),
        ("op://dev/gateway/key", {"CGW144"}),
        ("/run/secrets/gw_key", {"CGW144"}),
        ("{env:GW_KEY}", {"CGW144"}),
        ("os.environ/GW_KEY", {"CGW144"}),
        (f"ANTHROPIC_AUTH_TOKEN={TOKEN}", {"CGW114"}),
        (f"{TOKEN};", {"CGW114"}),
        (f"{TOKEN},", {"CGW114"}),
        ("/9j/4AAQSkZJRgABAQ==", set()),
        ("QUJDREVGR0g=", set()),
        ("dummy", {"CGW118"}),
        (LOGIN, {"CGW143"}),
        (token(NOW + 30 * DAY), {"CGW122"}),
        (token(NOW + 26_698 * DAY), set()),
        (token(NOW - DAY), {"CGW121"}),
    ],
)
def test_a_value_in_a_file(value: str, expected: set[str]) -> None:
    assert codes(Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=value))) == expected


@pytest.mark.parametrize(("days", "expected"), [(-1, {"CGW121"}), (30, {"CGW122"}), (400, set())])
def test_a_token_in_a_custom_header_ends_too(days: int, expected: set[str]) -> None:
    line = f"Authorization: Bearer {token(NOW + days * DAY)}"
    assert codes(Example(user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=line))) == expected


def test_a_login_that_a_gateway_hands_on_is_meant() -> None:
    values = {"ANTHROPIC_AUTH_TOKEN": LOGIN, "ANTHROPIC_CUSTOM_HEADERS": f"x-litellm-api-key: Bearer {TOKEN}"}
    assert not codes(Example(user=gateway_env(**values)))
    assert "CGW143" not in codes(Example(env={"ANTHROPIC_AUTH_TOKEN": LOGIN}))


@pytest.mark.parametrize(
    ("ttl", "tiny"),
    [("0", True), ("900", True), ("3600", True), ("1800", True), ("5000", False), ("6000", False), ("60000", False)],
)
def test_a_ttl_in_seconds(ttl: str, tiny: bool) -> None:
    document = gateway_env(CLAUDE_CODE_API_KEY_HELPER_TTL_MS=ttl) | {"apiKeyHelper": "~/bin/key.sh"}
    assert ("CGW413" in codes(Example(user=document, helper=SCRIPT))) is tiny


@pytest.mark.parametrize(
    ("command", "start_files"),
    [
        ("bash -ic 'print-key'", True),
        ("zsh -lic print-key", True),
        (". ~/.bashrc && print-key", True),
        ('source "$HOME/.zshrc"; print-key', True),
        (". ~/.bashrc >/dev/null && print-key", False),
        (". ~/.gateway.env && print-key", False),
        ("bash -c 'print-key --list'", False),
        ("sh ~/bin/key.sh -i", False),
    ],
)
def test_a_helper_that_runs_start_up_files(command: str, start_files: bool) -> None:
    assert ("CGW404" in codes(Example(user=gateway_env() | {"apiKeyHelper": command}))) is start_files
