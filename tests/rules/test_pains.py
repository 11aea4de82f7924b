"""Mistakes that people reported, in the variants that a rule's own example does not show."""

from __future__ import annotations

import pytest

from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.example import subject
from claude_gw_cli.rules.rule import Example
from claude_gw_cli.rules.samples import GW, SCRIPT, TOKEN, gateway_env

ELSEWHERE = {"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example.net"}}
ANTHROPIC_KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-fakefakefake"}
HELPER = {"apiKeyHelper": "~/bin/key.sh"}


def codes(example: Example) -> set[str]:
    return {finding.code for finding in run(subject(example)) if finding.code not in {"CGW123", "CGW126"}}


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        pytest.param(Example(project=ELSEWHERE, env=ANTHROPIC_KEY), "CGW125", id="a project takes my Anthropic key"),
        pytest.param(Example(project=gateway_env(**ANTHROPIC_KEY)), "CGW127", id="a project's own Anthropic key"),
        pytest.param(
            Example(managed=gateway_env() | HELPER, helper=SCRIPT, env={"CLAUDE_CODE_OAUTH_TOKEN": "oat-5d1e"}),
            "CGW129",
            id="a CI login beside the fleet's helper",
        ),
        pytest.param(
            Example(user=gateway_env(ANTHROPIC_CUSTOM_HEADERS="x-key: $(get-key)", ANTHROPIC_AUTH_TOKEN=TOKEN)),
            "CGW207",
            id="a command in a header",
        ),
        pytest.param(
            Example(
                managed=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), local={"env": {"ANTHROPIC_AUTH_TOKEN": "gw-mine-01"}}
            ),
            "CGW223",
            id="my own key under managed settings",
        ),
    ],
)
def test_it_is_found(example: Example, expected: str) -> None:
    assert expected in codes(example)


def test_values_that_say_the_same_as_managed_settings_are_no_finding() -> None:
    assert not codes(
        Example(managed=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), user={"env": {"ANTHROPIC_BASE_URL": GW}})
    )
