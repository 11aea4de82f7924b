"""``[client]``: each option's variable or setting, what is refused, and the page that lists them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.core import values
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.core.patch import settings_patch
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.facts.client_options import OPTIONS, Option
from claude_gw_cli.facts.settings_keys import KNOWN, SINCE
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.rules.names import is_known, released

PAGE = Path(__file__).parent.parent.parent / "docs" / "client.md"


def profile(table: dict[str, Any], default: str | None = None, **more: Any) -> Profile:
    made = Profile(
        name="p",
        provider="unified",
        secret="env://K",
        models=Models(default=default),
        tables={"client": table},
        **more,
    )
    values.check(made)
    return made


def variables(table: dict[str, Any], default: str | None = None, **more: Any) -> dict[str, str]:
    return {item.name: item.before for item in make_plan(profile(table, default, **more)).sets if not item.slot}


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    def written(row: Option) -> str:
        if row.setting:
            return f"`{row.setting}` in settings.json"
        texts = ", ".join(f"`{text}`" for text in (row.on, row.off) if text)
        return f"`{row.variable}`{f' = {texts}' if texts else ''}" if row.variable else "the tiers' variables"

    def takes(row: Option) -> str:
        match row.kind:
            case "switch":
                return "true, false"
            case "count" | "seconds":
                return f"{'seconds' if row.kind == 'seconds' else 'number'}, {row.low} to {row.high}"
            case "word":
                return ", ".join(word for word, _ in row.words)
        return row.kind

    rows = [f"| `{row.name}` | {takes(row)} | {row.what} | {written(row)} | {row.since} |" for row in OPTIONS]
    head = "| option | value | what it does | becomes | since |\n|---|---|---|---|---|\n"
    text = PAGE.read_text()
    begin, end = text.index("<!-- table -->\n") + len("<!-- table -->\n"), text.index("<!-- end -->")
    wanted = text[:begin] + head + "".join(f"{row}\n" for row in rows) + text[end:]
    if request.config.getoption("--update"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted, "make update"


@pytest.mark.parametrize("row", OPTIONS, ids=lambda row: row.name)
def test_every_name_is_the_clients_own_and_no_newer_than_the_row_says(row: Option) -> None:
    assert not (row.variable and row.setting)
    if row.setting:
        assert row.setting in KNOWN
        assert SINCE.get(row.setting, "") == row.since or row.setting not in SINCE
    if row.variable:
        assert is_known(row.variable)
        documented = VARIABLES[row.variable].since if row.variable in VARIABLES else None
        assert documented is None or documented == row.since
        span = released(row.variable)
        assert not (span and row.since and span.too_old(row.since))
        assert not span or not span.before


def test_switches_numbers_and_words_become_texts() -> None:
    table = {
        "betas": False,
        "long_context": True,
        "timeout": 1.5,
        "retries": 0,
        "effort": "none",
        "tool_search": False,
    }
    assert (
        variables(table).items()
        >= {
            "CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS": "1",
            "API_TIMEOUT_MS": "1500",
            "CLAUDE_CODE_MAX_RETRIES": "0",
            "CLAUDE_CODE_EFFORT_LEVEL": "unset",
            "ENABLE_TOOL_SEARCH": "false",
        }.items()
    )
    assert "CLAUDE_CODE_DISABLE_1M_CONTEXT" not in variables(table)


def test_helpers_of_others_are_settings() -> None:
    plan = make_plan(profile({"aws_auth_refresh": "aws sso login", "otel_headers_helper": "/opt/headers"}))
    assert plan.settings == (("awsAuthRefresh", "aws sso login"), ("otelHeadersHelper", "/opt/headers"))
    written = {entry.pointer: entry.value for entry in settings_patch(plan).entries}
    assert written[("awsAuthRefresh",)] == "aws sso login"


TIERS = tuple(f"ANTHROPIC_DEFAULT_{tier}_MODEL" for tier in ("OPUS", "SONNET", "HAIKU"))


@pytest.mark.parametrize("model", ["my-model", "gpt-oss-120b", "arn:aws:bedrock:eu-west-1:1:inference-profile/x"])
def test_a_model_that_only_the_gateway_knows_is_also_that_of_every_tier(model: str) -> None:
    assert [variables({}, model)[name] for name in TIERS] == [model] * 3
    assert not set(TIERS) & set(variables({"tiers": False}, model))
    own = Models(default=model, haiku="small")
    made = Profile(name="p", provider="unified", secret="env://K", models=own)
    assert [item.before for item in make_plan(made).sets if item.name in TIERS] == [model, model, "small"]


@pytest.mark.parametrize(
    "model", ["opus", "sonnet[1m]", "claude-opus-5-5", "eu.anthropic.claude-sonnet-4-6", "default", None]
)
def test_the_clients_own_models_do_not(model: str | None) -> None:
    assert not set(TIERS) & set(variables({}, model))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"effrt": "low"}, "effrt"),
        ({"effort": "most"}, "effort is one of: low"),
        ({"effort": 3}, "effort is one of"),
        ({"thinking": "no"}, "thinking is true or false"),
        ({"thinking": 0}, "thinking is true or false"),
        ({"retries": True}, "retries is a whole number"),
        ({"retries": 16}, "from 0 to 15"),
        ({"retries": 1.5}, "whole number"),
        ({"timeout": float("nan")}, "timeout is a number"),
        ({"timeout": 0}, "timeout is a number"),
        ({"context_window": -1}, "context_window"),
        ({"ca_file": "~/ca.pem"}, "ca_file is an absolute path"),
        ({"ca_file": "/a\nb"}, "ca_file is an absolute path"),
        ({"subagent_model": "two words"}, "subagent_model"),
        ({"aws_auth_refresh": " "}, "aws_auth_refresh is a command"),
        ({"gcp_auth_refresh": ["gcloud"]}, "gcp_auth_refresh is a command"),
    ],
)
def test_what_is_not_valid_is_refused_by_name(table: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        profile(table)
    assert caught.value.hint


def test_one_thing_is_said_once() -> None:
    with pytest.raises(UsageError, match="say the same thing"):
        profile({"timeout": 60}, env={"API_TIMEOUT_MS": "1"})


def test_an_option_that_the_oldest_client_ignores_is_a_note() -> None:
    made = make_plan(profile({"structured_outputs": False, "timeout": 9}, min_client_version="2.1.227"))
    (note,) = [note.text for note in made.notes if "[client]" in note.text]
    assert note.startswith("[client] structured_outputs does nothing before Claude Code 2.1.288")


def test_a_repository_names_no_file_and_no_program() -> None:
    table = {row.name: {"file": "/x", "command": "x"}.get(row.kind, "system") for row in OPTIONS if row.only_own}
    assert set(table) == {
        *("ca_file", "certificate_store", "client_certificate", "client_key"),
        *("otel_headers_helper", "aws_auth_refresh", "aws_credential_export", "gcp_auth_refresh"),
    }
    found = dict(values.repository_problems(profile({**table, "timeout": 5}), {}))
    assert set(found) == set(table)
