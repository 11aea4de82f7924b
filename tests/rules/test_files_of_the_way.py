"""Files for the way to the gateway that cannot be used: an error only where the client then sends nothing."""

from __future__ import annotations

import pytest
from tests.rules.contexts import rule_context

from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example

GOOGLE = "GOOGLE_APPLICATION_CREDENTIALS"
GATEWAY = {"ANTHROPIC_BASE_URL": "https://llm.example.com", "ANTHROPIC_AUTH_TOKEN": "gw-4f1c9a7e22b0"}
VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "ANTHROPIC_VERTEX_BASE_URL": "https://llm.example.com/vertex_ai/v1",
    "ANTHROPIC_VERTEX_PROJECT_ID": "p",
    "CLOUD_ML_REGION": "us-east5",
    "ANTHROPIC_CUSTOM_HEADERS": "x-litellm-api-key: Bearer gw-4f1c9a7e22b0",
}


@pytest.mark.parametrize("state", ["missing", "unreadable", "not-pem"])
@pytest.mark.parametrize(
    ("name", "env", "severity"),
    [
        ("NODE_EXTRA_CA_CERTS", GATEWAY, "warning"),
        ("NODE_EXTRA_CA_CERTS", GATEWAY | {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}, "warning"),
        ("CLAUDE_CODE_CLIENT_CERT", GATEWAY, "warning"),
        ("CLAUDE_CODE_CLIENT_KEY", GATEWAY, "warning"),
        ("AWS_CA_BUNDLE", GATEWAY, "warning"),
        (GOOGLE, GATEWAY, "warning"),
        (GOOGLE, VERTEX | {"CLAUDE_CODE_SKIP_VERTEX_AUTH": "1"}, "warning"),
        (GOOGLE, VERTEX, "error"),
    ],
)
def test_a_file_that_cannot_be_used(name: str, env: dict[str, str], severity: str, state: str) -> None:
    context = rule_context(Example(env=env | {name: "/nowhere/file"}, paths={name: state}))
    (found,) = (finding for finding in run(context) if finding.code == "CGW305")
    assert found.severity == severity
    assert found.message.endswith("sends nothing" if severity == "error" else "goes on without it")


@pytest.mark.parametrize("name", ["CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY"])
def test_one_half_of_a_client_certificate_is_a_warning(name: str) -> None:
    context = rule_context(Example(env=GATEWAY | {name: "/etc/me.pem"}))
    (found,) = (finding for finding in run(context) if finding.code == "CGW314")
    assert found.severity == "warning"
