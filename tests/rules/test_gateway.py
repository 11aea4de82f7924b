"""Variants of the rules about a LiteLLM file that their own examples do not show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.rules.contexts import rule_context

from claude_gw_cli.cli.check import check
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


MODEL = (
    "model_list: [{{model_name: a, {params}: {{model: x/y, {member}}}}}]\n"
    "general_settings: {{{general}: os.environ/K}}\n"
)


@pytest.mark.parametrize(
    ("params", "member", "general", "seen"),
    [
        ("litellm_param", "", "master_key", [(1, 30)]),
        ("litelm_params", "", "master_key", [(1, 30)]),
        ("litellm_params", "api_bas: b", "master_key", [(1, 59)]),
        ("litellm_params", "aws_region: b", "master_ky", [(2, 20)]),
        ("litellm_params", "s3_region_name: b, vertex_ai_project: c", "master_key", []),
        ("x", "", "master_key", [(1, 14)]),
    ],
)
def test_a_misspelled_member_is_named_where_it_is(
    isolated: Path,
    tmp_path: Path,
    params: str,
    member: str,
    general: str,
    seen: list[tuple[int, int]],
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "litellm.yaml"
    path.write_text(MODEL.format(params=params, member=member, general=general))
    check(paths=(str(path),), format_="json")
    found = json.loads(capfd.readouterr().out)["findings"]
    assert [(item["line"], item["column"]) for item in found if item["code"] == "CGW542"] == seen


def test_an_access_key_is_one_half_of_a_secret(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "litellm.yaml"
    path.write_text(
        MODEL.format(params="litellm_params", member="aws_access_key_id: AKIA" + "Q7" * 8, general="master_key")
    )
    path.chmod(0o644)
    check(paths=(str(path),), format_="json")
    (found,) = (item for item in json.loads(capfd.readouterr().out)["findings"] if item["code"] == "CGW534")
    assert (found["line"], found["column"]) == (1, 59)
    check(paths=(str(path),), fix=True, format_="json")
    assert "CGW534" not in capfd.readouterr().out
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("model", "place"),
    [
        ({"model_name": "m", "litellm_params": None}, "/litellm_params"),
        ({"model_name": "m", "litellm_params": {}}, "/litellm_params"),
        ({"model_name": "m", "litellm_params": {"model": None, "api_key": "os.environ/K"}}, "/litellm_params/model"),
        ({"model_name": "m", "litellm_params": {"api_key": "os.environ/K"}}, "/litellm_params"),
        ({"model_name": "m", "litellm_params": "anthropic/m"}, "/litellm_params"),
        ({"model_name": "", "litellm_params": {"model": "anthropic/m"}}, "/model_name"),
        ({"litellm_params": {"model": "anthropic/m"}}, ""),
        (None, ""),
        ("anthropic/m", ""),
    ],
)
def test_a_model_that_lacks_what_litellm_needs(model: Any, place: str) -> None:
    assert found(config(model_list=[model])) == [("CGW542", f"/model_list/0{place}")]


def test_models_that_are_no_list() -> None:
    assert ("CGW542", "/model_list") in found(config(model_list={"model_name": "m"}))
    assert found(config(model_list=None)) == []
