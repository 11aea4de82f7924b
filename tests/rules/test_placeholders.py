"""What is a key, what a person is to replace, and what stands where a server wants no key: many values, both ways."""

from __future__ import annotations

import pytest
from tests.rules.contexts import rule_context

from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


LOCAL = (
    *("http://localhost:4000", "http://127.0.0.1:8080/v1x", "http://[::1]:1234", "http://10.2.3.4:4000"),
    *("http://192.168.1.7", "http://172.20.0.2:11434", "http://ollama:11434", "http://host.docker.internal:4000"),
    *("https://gw.corp.internal", "http://nas.local:8000", "http://100.101.102.103:4000"),
)
PUBLIC = ("https://gw.example.com", "http://93.184.215.14:4000", "https://api.example.net/anthropic")
ALWAYS_DUMMIES = words(
    """
ollama lmstudio lm-studio local dummy dummy-key DUMMY none test fake mock not-needed no-key x anything EMPTY
placeholder any noauth sk-mock sk-dummy sk-local sk-ollama sk-test sk-fake-key sk-ant-dummy sk-ant-api03-dummy
sk-1234 1234 sk-anything free not-a-real-key sk-ant-api03-local sk-no-key-required no-key-required unused null
dummy123 test123 sk-ant-test-key-123 sk-ant-updated-key-789 test-glm-api-key Fake_Token_1 sk-openai-test-key-456
    """
)
LOCAL_DUMMIES = words(
    """
sk-litellm sk-master-1234 12345678 freecc litellm proxy copilot local-proxy
ollama-local cli-proxy-api sk-local-dev-key sk-local-1234567890 my-secret-key local-dev-only
claude LocalKey sk-proxy any-string-is-ok dev hunter2 0 free.local
    """
)
KEYS = words(
    """
sk-9f8e7d6c5b4a39281706 gw-4f1c9a7e22b0 sk-ant-api03-Zk3vQ9mT7xL2wB8nR5yU1cF6hJ4pS0aD
4f1c9a7e22b04d6f8a1b3c5d7e9f0a2b sk-Team7GatewayKey9aXq glpat-Ab3dEf6hIj9kLm2nOp5q
AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q sk-or-v1-4f1c9a7e22b04d6f8a1b3c5d7e9f0a2b fk-7Hq2Lp9Xw4Rt6Yz1
hvs.CAESIJ1a2b3c4d5e6f7g8h9i0j eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLTEyMw
sk-proj-ab12cd34ef56gh78ij90 Kx8vP2mQ9tR4wZ7yB1nC5dF3gH6jL0s prod-gateway-Vk39fjQm27 s3cr3t-Gateway-Key-77ab19
xai-Ab3dEf6hIj9kLm2nOp5q kqzvxwjrtmplshdgbfcn
    """
)
PLACEHOLDERS = (
    *(
        "TEAM_KEY_HERE",
        "YOUR_API_KEY",
        "YourKey",
        "YourApiKeyHere",
        "your-api-key",
        "your_api_key_here",
        "<your-key>",
    ),
    *("<API_KEY>", "{{API_KEY}}", "{{ api_key }}", "__API_KEY__", "sk-xxxx", "sk-xxxxxxxxxxxx", "sk-ant-xxxxx"),
    *("sk-ant-api03-xxxxxxxx", "sk-ant-...", "ANTHROPIC_AUTH_TOKEN", "LITELLM_KEY", "GATEWAY_TOKEN", "REPLACE_ME"),
    *(
        "replace-with-your-key",
        "CHANGE_ME",
        "changeme",
        "INSERT_KEY_HERE",
        "put-your-key-here",
        "sk-your-litellm-key",
    ),
    *("[YOUR_API_KEY]", "[API_KEY]", "TODO", "FIXME: key", "***", "sk-********", "@@API_KEY@@", "#{API_KEY}"),
    *("{API_KEY}", "your_token_here", "sk-XXXX-XXXX-XXXX", "sk-abc...xyz", "sk-xxx-abc", "your.key.here", "key-here"),
    *("<<KEY>>", "sk-<your-key>", "example", "example-key", "sk-example", "wJalrXUtnFEMIK7MDENGEXAMPLEKEY"),
    *("REDACTED", "***REDACTED***", "sk-redacted", "\u4f60\u7684API\u5bc6\u94a5", "sk-\u60a8\u7684\u5bc6\u94a5"),
    *("\u2022\u2022\u2022\u2022\u2022\u2022", "sk-ant-\u2026", "glpat-xxxxxxxxxxxxxxxxxxxx", "<your key>"),
)
ABOUT = {"CGW118", "CGW123", "CGW124", "CGW116", "CGW113"}


def codes(**env: str) -> set[str]:
    found = run(rule_context(Example(project={"env": env}, tracked=True)))
    return {item.code for item in found} & ABOUT


def with_key(base: str, key: str) -> set[str]:
    return codes(ANTHROPIC_BASE_URL=base, ANTHROPIC_AUTH_TOKEN=key)


@pytest.mark.parametrize("base", LOCAL)
def test_a_made_up_word_beside_a_local_address_is_no_exposed_key(base: str) -> None:
    for key in (*ALWAYS_DUMMIES, *LOCAL_DUMMIES):
        assert not with_key(base, key), key
        assert not codes(ANTHROPIC_BASE_URL=base, ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {key}"), key


@pytest.mark.parametrize("base", PUBLIC)
def test_beside_a_public_address_only_a_usual_dummy_is_none(base: str) -> None:
    for key in ALWAYS_DUMMIES:
        assert with_key(base, key) == {"CGW118"}, key
    for key in LOCAL_DUMMIES:
        assert with_key(base, key) == {"CGW124"}, key


@pytest.mark.parametrize("base", [*LOCAL, *PUBLIC])
def test_a_key_is_exposed_beside_any_address(base: str) -> None:
    for key in KEYS:
        assert with_key(base, key) == {"CGW124"}, key
        assert codes(ANTHROPIC_BASE_URL=base, ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {key}") == {
            "CGW124"
        }, key


@pytest.mark.parametrize("key", PLACEHOLDERS)
def test_a_placeholder_is_said_and_is_no_exposed_key(key: str) -> None:
    for base in ("http://localhost:4000", "https://gw.example.com"):
        assert with_key(base, key) == {"CGW118"}


# Variable -> what a person is to replace in it, and what is meant.
PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ANTHROPIC_BASE_URL": (
        (
            *("https://<host>", "https://{{HOST}}/v1x", "https://your-gateway.example.com", "https://YOUR_HOST:4000"),
            *(
                "https://gw.yourcompany.com",
                "https://__GATEWAY__",
                "https://xxx.com/anthropic",
                "https://xxxx.cloud.example",
            ),
            *("https://llm.your.domain", "https://gw.example.com/<team>", "https://your-resource.openai.azure.com"),
        ),
        (
            *("https://gw.example.com", "http://localhost:4000", "https://gw.example.com?team=<x>"),
            *("https://exxxample.com", "https://hereford.example.com", "https://todo.example.com/here"),
        ),
    ),
    "ANTHROPIC_VERTEX_PROJECT_ID": (
        (
            "<project>",
            "your-project-id",
            "YOUR_PROJECT",
            "PROJECT_ID",
            "MY_GCP_PROJECT",
            "my-project-id",
            "xxxx",
            "__P__",
        ),
        ("team-llm-42", "example-project", "my-project", "project-x"),
    ),
    "CLOUD_ML_REGION": (("<region>", "YOUR_REGION", "us-xxxx1", "GCP_REGION", "{{region}}"), ("us-east5", "global")),
    "AWS_REGION": (("<region>", "your-region", "xx-xxxx-1", "AWS_REGION"), ("us-east-1", "eu-west-3", "US-EAST-1")),
    "ANTHROPIC_FOUNDRY_RESOURCE": (("<resource>", "YOUR_RESOURCE", "your-resource", "RESOURCE_NAME"), ("team-llm",)),
    "ANTHROPIC_CUSTOM_HEADERS": (
        ("x-team: <team>", "x-key: Bearer YOUR_KEY", "a: b\nx-litellm-api-key: sk-xxxx", "api-key: {{KEY}}"),
        ("x-team: llm", "x-team: example", "x-note: here"),
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_placeholder_is_found_in_every_value_that_a_person_fills_in(name: str) -> None:
    faulty, meant = PLACES[name]
    rest = {} if name == "ANTHROPIC_BASE_URL" else {"ANTHROPIC_BASE_URL": "https://gw.example.com"}
    for value in faulty:
        assert "CGW118" in codes(**rest, **{name: value}), value
    for value in meant:
        assert "CGW118" not in codes(**rest, **{name: value}), value


@pytest.mark.parametrize("value", PLACES["ANTHROPIC_BASE_URL"][0])
@pytest.mark.parametrize("text", ["{}", "{}/", "<gateway-url>"])
def test_an_address_with_a_placeholder_is_not_called_invalid_too(value: str, text: str) -> None:
    found = run(rule_context(Example(project={"env": {"ANTHROPIC_BASE_URL": text.format(value)}})))
    assert {item.code for item in found} & {"CGW118", "CGW309"} == {"CGW118"}


def gateway(*, master_key: str = "os.environ/K", **params: str) -> set[str]:
    entry = {"model_name": "*", "litellm_params": {"model": "openai/x", **params}}
    config = {"model_list": [entry], "general_settings": {"master_key": master_key}}
    return {item.code for item in run(rule_context(Example(gateway=config, tracked=True)))}


def test_a_master_key_is_never_a_word() -> None:
    for key in ("sk-1234", "sk-12345", *PLACEHOLDERS, "dummy", "changeme", "secret"):
        assert gateway(master_key=key) == {"CGW540"}, key
    for key in KEYS:
        assert gateway(master_key=key) == {"CGW534"}, key


def test_a_local_model_s_key_may_be_a_word() -> None:
    for base in LOCAL:
        for key in (*ALWAYS_DUMMIES, *LOCAL_DUMMIES):
            assert not gateway(api_base=base, api_key=key), key
        for key in KEYS:
            assert gateway(api_base=base, api_key=key) == {"CGW534"}, key
    assert gateway(api_key="sk-proxy") == {"CGW534"}
    assert gateway(api_base="https://api.example.com", api_key="sk-proxy") == {"CGW534"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("api_base", "https://<host>"), ("vertex_project", "your-project"), ("aws_region_name", "<r>")],
)
def test_a_placeholder_of_a_model_s_place_is_said(name: str, value: str) -> None:
    assert gateway(**{name: value}) == {"CGW540"}
