"""Variants of the rules about a LiteLLM file that their own examples do not show."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rules.contexts import rule_context

from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example


def config(**more: Any) -> dict[str, Any]:
    model = {"model_name": "claude-*", "litellm_params": {"model": "anthropic/claude-*", **more.pop("params", {})}}
    return {
        "model_list": [model],
        "general_settings": {"master_key": "os.environ/K", **more.pop("general", {})},
        **more,
    }


def found(given: dict[str, Any], *, tracked: bool = True) -> list[tuple[str, str | None]]:
    return [(item.code, item.location.pointer) for item in run(rule_context(Example(gateway=given, tracked=tracked)))]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (config(general={"database_url": "postgresql://llm:hunter2@db:5432/llm"}), "/general_settings/database_url"),
        (
            config(environment_variables={"OPENAI_API_KEY": "sk-4f1c9a7e22b0"}),
            "/environment_variables/OPENAI_API_KEY",
        ),
        (config(params={"aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG"}), None),
        (config(params={"vertex_credentials": '{"private_key": "-----BEGIN PRIVATE KEY-----\\nMII"}'}), None),
        (config(params={"api_key": "gw-4f1c9a7e22b0"}), "/model_list/0/litellm_params/api_key"),
    ],
)
def test_a_literal_in_a_tracked_file(given: dict[str, Any], pointer: str | None) -> None:
    ((code, place),) = found(given)
    assert code == "CGW534"
    assert pointer is None or place == pointer
    assert not found(given, tracked=False)


@pytest.mark.parametrize(
    "given",
    [
        config(params={"api_key": "os.environ/ANTHROPIC_API_KEY"}),
        config(params={"api_key": "dummy"}),
        config(params={"api_key": "fake-key"}),
        config(general={"database_url": "os.environ/DATABASE_URL"}),
        config(general={"database_url": "postgresql://<user>:<password>@<host>:<port>/<dbname>"}),
        config(environment_variables={"LANGFUSE_HOST": "https://cloud.langfuse.com", "LANGFUSE_PUBLIC_KEY": "pk-1"}),
        config(litellm_settings={"callbacks": ["langfuse"], "max_tokens": 4096}),
    ],
)
def test_a_configuration_without_secrets(given: dict[str, Any]) -> None:
    assert not found(given)


@pytest.mark.parametrize("text", ["${KEY}", "$KEY", "os.environ.KEY", "os.environ['KEY']", "os.getenv('KEY')"])
def test_only_one_way_to_name_a_variable_is_replaced(text: str) -> None:
    assert [code for code, _ in found(config(params={"api_key": text}))] == ["CGW538"]


def test_a_setting_in_the_wrong_table() -> None:
    assert found(config(litellm_settings={"enable_jwt_auth": True})) == [
        ("CGW539", "/litellm_settings/enable_jwt_auth")
    ]
    assert found(config(database_url="os.environ/DATABASE_URL")) == [("CGW539", "/database_url")]


def test_the_master_key_may_come_from_the_file_s_own_variables() -> None:
    given = config(environment_variables={"LITELLM_MASTER_KEY": "os.environ/MK"})
    given["general_settings"] = {}
    assert not found(given)
    del given["environment_variables"]
    assert [code for code, _ in found(given)] == ["CGW535"]
    assert "LITELLM_MASTER_KEY" in next(iter(run(rule_context(Example(gateway=given))))).message


def test_a_file_that_names_itself_again_is_judged() -> None:
    given = config()
    given["again"] = given
    assert not found(given)
