"""Mistakes that people reported, in the variants that a rule's own example does not show."""

from __future__ import annotations

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import BEDROCK, GW, SCRIPT, TOKEN, VERTEX, gateway_env, working

from claude_gw_cli.record import replace
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example

ELSEWHERE = {"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example.net"}}
ANTHROPIC_KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-fakefakefake"}
HELPER = {"apiKeyHelper": "~/bin/key.sh"}
FOUNDRY = {"CLAUDE_CODE_USE_FOUNDRY": "1", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH": "1"}
MANTLE = {
    "CLAUDE_CODE_USE_MANTLE": "1",
    "CLAUDE_CODE_SKIP_MANTLE_AUTH": "1",
    "ANTHROPIC_BEDROCK_MANTLE_BASE_URL": GW,
}


def no_base(mode: dict[str, str], token: str) -> dict[str, str]:
    return {name: value for name, value in mode.items() if "BASE_URL" not in name} | {"ANTHROPIC_AUTH_TOKEN": token}


PROXY = "http://proxy.example.net:3128"


def address(url: str) -> dict[str, dict[str, str]]:
    return {"env": {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": TOKEN}}


def codes(example: Example) -> set[str]:
    return {finding.code for finding in run(rule_context(example)) if finding.code not in {"CGW123", "CGW126"}}


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        pytest.param(Example(project=ELSEWHERE, env=ANTHROPIC_KEY), "CGW125", id="a project takes my Anthropic key"),
        *(
            pytest.param(Example(user=working(), project={"env": {name: value}}), "CGW152", id=f"a project's {name}")
            for name, value in (
                ("https_proxy", PROXY),
                ("ALL_PROXY", PROXY),
                ("NODE_OPTIONS", "--max-old-space-size=4096 --require ./hook.js"),
                ("ANTHROPIC_UNIX_SOCKET", "./gateway.sock"),
                ("BUN_OPTIONS", "--preload ./hook.js"),
            )
        ),
        pytest.param(
            Example(project={"env": {"HTTPS_PROXY": PROXY}}, local=working()),
            "CGW152",
            id="a project's proxy for the key in local settings",
        ),
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
        pytest.param(
            Example(
                user=working(), project={"env": {**VERTEX, "ANTHROPIC_VERTEX_BASE_URL": "https://evil.example/v1"}}
            ),
            "CGW125",
            id="a project's other provider takes my key",
        ),
        pytest.param(
            Example(env=working()["env"], user={"env": {"ANTHROPIC_BASE_URL": ""}}), "CGW104", id="an emptied address"
        ),
        pytest.param(
            Example(user=gateway_env() | HELPER, helper=SCRIPT, project={"env": {"ANTHROPIC_BASE_URL": ""}}),
            "CGW104",
            id="an emptied address beside a helper",
        ),
        pytest.param(Example(user={"env": no_base(BEDROCK, TOKEN)}), "CGW104", id="Bedrock without an address"),
        pytest.param(
            Example(user={"env": no_base(BEDROCK, TOKEN) | {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": GW}}),
            "CGW104",
            id="Bedrock's address under AWS's own name",
        ),
        pytest.param(
            Example(user={"env": no_base(BEDROCK, TOKEN) | {"BEDROCK_BASE_URL": GW}}),
            "CGW211",
            id="a misnamed address",
        ),
        pytest.param(Example(user={"env": no_base(VERTEX, TOKEN)}), "CGW104", id="Vertex without an address"),
        pytest.param(
            Example(user={"env": {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "team", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
            "CGW104",
            id="a gateway key to Azure",
        ),
        pytest.param(
            Example(user={"env": {**MANTLE, "ANTHROPIC_AUTH_TOKEN": TOKEN}}, client="2.1.0"),
            "CGW513",
            id="a client that does not know Mantle",
        ),
        pytest.param(
            Example(user={"env": {**MANTLE, "ANTHROPIC_AUTH_TOKEN": TOKEN}}, client="2.1.0"),
            "CGW604",
            id="Mantle too early",
        ),
        pytest.param(
            Example(user=working(), env={"https_proxy": "proxy.corp"}), "CGW308", id="a proxy without a port"
        ),
        pytest.param(
            Example(user=working(), env={"https_proxy": "proxy.corp:3128"}, client="2.1.300"),
            "CGW308",
            id="a proxy without a scheme in a client that wants one",
        ),
        pytest.param(
            Example(user=working(), env={"HTTP_PROXY": "127.0.0.1:3128"}),
            "CGW308",
            id="HTTP_PROXY without a scheme",
        ),
        pytest.param(
            Example(user=working(), env={"https_proxy": "http://me:50%off@proxy.corp:3128"}),
            "CGW308",
            id="a bare percent sign in a proxy's password",
        ),
        pytest.param(
            Example(user=working(), env={"HTTPS_PROXY": "http://:pw@proxy.corp:3128"}, client="2.1.227"),
            "CGW308",
            id="a proxy's password alone, old client",
        ),
        pytest.param(Example(user=address("https://<your-host>")), "CGW118", id="a placeholder for an address"),
        pytest.param(Example(user=address("https://llm.corp .example.com")), "CGW309", id="a blank in an address"),
        pytest.param(Example(user=address("https://llm.example.com:99999")), "CGW309", id="an impossible port"),
        pytest.param(Example(user=address("llm.example.com:4000")), "CGW306", id="HOST:PORT is plain http"),
        pytest.param(Example(user=address("localhost:4000"), client="2.1.101"), "CGW309", id="HOST:PORT, old client"),
        pytest.param(
            Example(user={"env": {**VERTEX, "ANTHROPIC_VERTEX_BASE_URL": f"{GW}/v1/projects/p/locations/us-east5"}}),
            "CGW502",
            id="Vertex' path twice",
        ),
        pytest.param(
            Example(user={"env": {**BEDROCK, "ANTHROPIC_BEDROCK_BASE_URL": f"{GW}/bedrock/model"}}),
            "CGW502",
            id="Bedrock's path twice",
        ),
        pytest.param(
            Example(user={"env": {**BEDROCK, "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
            "CGW511",
            id="two of Amazon's",
        ),
        pytest.param(
            Example(user=working() | {"model": "us.anthropic.claude-opus-5-5"}),
            "CGW519",
            id="Bedrock's name as a key",
        ),
        pytest.param(
            Example(
                user=gateway_env() | HELPER,
                helper=SCRIPT,
                project={"env": {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}},
            ),
            "CGW316",
            id="a project switches the check of certificates off",
        ),
    ],
)
def test_it_is_found(example: Example, expected: str) -> None:
    assert expected in codes(example)


@pytest.mark.parametrize(
    ("example", "silent"),
    [
        pytest.param(
            Example(env=working()["env"], user={"env": {"ANTHROPIC_BASE_URL": "", "ANTHROPIC_AUTH_TOKEN": ""}}),
            "CGW104",
            id="address and key emptied together",
        ),
        pytest.param(
            Example(
                user=working(), project={"env": {"ANTHROPIC_BASE_URL": "", "ANTHROPIC_API_KEY": "sk-ant-api03-fake"}}
            ),
            "CGW125",
            id="a project that goes to Anthropic",
        ),
        pytest.param(
            Example(user={"env": {**no_base(VERTEX, "ya29.fake")}}), "CGW104", id="Google's own token by hand"
        ),
        pytest.param(
            Example(user={"env": no_base(BEDROCK, "") | {"AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-7e1f"}}),
            "CGW104",
            id="Bedrock's own key with a superfluous skip-auth",
        ),
        pytest.param(
            Example(user={"env": no_base(BEDROCK, "")}, env={"HTTPS_PROXY": "http://proxy.example.com:3128"}),
            "CGW104",
            id="a proxy that adds the credential",
        ),
        *(
            pytest.param(example, "CGW152", id=f"a way that is mine {index}")
            for index, example in enumerate(
                (
                    Example(user=working(HTTPS_PROXY=PROXY), project={"env": {"HTTPS_PROXY": PROXY}}),
                    Example(user=working(), project={"env": {"HTTPS_PROXY": PROXY, "NO_PROXY": ".example.com"}}),
                    Example(user=working(), project={"env": {"HTTPS_PROXY": ""}}, env={"BUN_OPTIONS": "--smol"}),
                    Example(
                        user=working(), project={"env": {"NODE_OPTIONS": "--no-warnings --max-old-space-size=9"}}
                    ),
                    Example(project=working(HTTPS_PROXY=PROXY)),
                    Example(user={"env": {"HTTPS_PROXY": PROXY}}, project=working()),
                    Example(project=working(), local={"env": {"HTTPS_PROXY": PROXY}}),
                )
            )
        ),
        pytest.param(
            Example(env={"ALL_PROXY": "socks5://h:1080"}, user=working()), "CGW308", id="one that is ignored"
        ),
        pytest.param(
            Example(env={"https_proxy": "socks5://h:1080", "NO_PROXY": ".example.com"}, user=working()),
            "CGW308",
            id="a gateway that needs no proxy",
        ),
        pytest.param(
            Example(user=working(), env={"https_proxy": "http://me:50%25off@proxy.corp:3128"}),
            "CGW308",
            id="an encoded percent sign in a proxy's password",
        ),
        pytest.param(
            Example(env={"HTTPS_PROXY": "nonsense", "https_proxy": "http://proxy.corp:3128"}, user=working()),
            "CGW308",
            id="a second proxy that is not looked at",
        ),
        pytest.param(Example(user=address("localhost:4000")), "CGW309", id="HOST:PORT on this machine"),
        pytest.param(
            Example(user={"env": {**BEDROCK, "CLAUDE_CODE_USE_MANTLE": "1", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
            "CGW511",
            id="Mantle beside Bedrock",
        ),
        pytest.param(
            Example(user=working(NODE_TLS_REJECT_UNAUTHORIZED="0", ANTHROPIC_BASE_URL="https://localhost:4000")),
            "CGW316",
            id="a certificate of this machine's own",
        ),
    ],
)
def test_it_is_no_finding(example: Example, silent: str) -> None:
    assert silent not in codes(example)


@pytest.mark.parametrize(
    ("version", "said"),
    [("2.1.101", "sends no request"), ("2.1.227", "are not sent"), ("2.1.330", "sent as Authorization: Basic")],
)
def test_a_user_name_in_an_address_is_told_for_this_client(version: str, said: str) -> None:
    document = {"env": {"ANTHROPIC_BASE_URL": "https://team:s3cret@llm.example.com", "ANTHROPIC_API_KEY": TOKEN}}
    found = [item for item in run(rule_context(Example(user=document, client=version))) if item.code == "CGW310"]
    assert said in found[0].message


def test_a_stored_login_is_said_to_be_sent() -> None:
    judged = rule_context(Example(user=gateway_env()))
    judged = replace(judged, snapshot=replace(judged.snapshot, login="/home/u/.claude/.credentials.json"))
    (found,) = (item for item in run(judged) if item.code == "CGW119")
    assert "your claude.ai login is sent to https://llm.example.com" in found.message


def test_values_that_say_the_same_as_managed_settings_are_no_finding() -> None:
    assert not codes(
        Example(managed=gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), user={"env": {"ANTHROPIC_BASE_URL": GW}})
    )


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        ("60", 60), ("600", 600), ("10s", 10), (" 120 ", 120), ("1", 1), ("999", 999),
        ("1000", 0), ("600000", 0), ("0", 0), ("-1", 0), ("", 0), ("none", 0),
    ],
)  # fmt: skip
def test_a_time_limit_that_seems_to_be_in_seconds(value: str, milliseconds: int) -> None:
    found = [item for item in run(rule_context(Example(user=working(API_TIMEOUT_MS=value)))) if item.code == "CGW323"]
    assert [f"after {milliseconds} ms" in item.message for item in found] == [True] * bool(milliseconds)
