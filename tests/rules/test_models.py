"""Models that a configuration names: out of service at their provider (CGW520), replaced by an agent's (CGW521)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import BEDROCK, FOUNDRY, GW, TOKEN, USER, VERTEX, gateway_env, working

from claude_gw_cli.cli.check import check
from claude_gw_cli.core.model import Finding, Models, Profile
from claude_gw_cli.core.snapshot import Agent
from claude_gw_cli.facts.retired import DAYS
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example

NOT_NAMED = "asks for a model that is not named here"
OLD, OLD_NAME = "claude-3-7-sonnet", "claude-3-7-sonnet-20250219"


def at(day: str, hours: float = 0.0) -> float:
    return dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() + 3600 * hours


def of(context: RuleContext, now: float | None = None) -> list[Finding]:
    if now is not None:
        context = replace(context, snapshot=replace(context.snapshot, now=now))
    return [item for item in run(context) if item.code == "CGW520"]


def found(example: Example, now: float | None = None) -> list[Finding]:
    return of(rule_context(example), now)


def messages(example: Example, now: float | None = None) -> list[str]:
    return [item.message for item in found(example, now)]


@pytest.mark.parametrize(
    ("example", "pointer", "setting"),
    [
        (Example(user=working(ANTHROPIC_MODEL=OLD_NAME)), "/env/ANTHROPIC_MODEL", "ANTHROPIC_MODEL"),
        (Example(user=working(ANTHROPIC_MODEL=f"{OLD_NAME}[1m]")), "/env/ANTHROPIC_MODEL", "ANTHROPIC_MODEL"),
        (Example(user=working(ANTHROPIC_MODEL=f"anthropic/{OLD}")), "/env/ANTHROPIC_MODEL", "ANTHROPIC_MODEL"),
        (
            Example(user=working(CLAUDE_CODE_SUBAGENT_MODEL="Claude-3.7-sonnet")),
            "/env/CLAUDE_CODE_SUBAGENT_MODEL",
            "CLAUDE_CODE_SUBAGENT_MODEL",
        ),
        (
            Example(user=working(ANTHROPIC_SMALL_FAST_MODEL="claude-3-5-haiku-latest")),
            "/env/ANTHROPIC_SMALL_FAST_MODEL",
            "ANTHROPIC_SMALL_FAST_MODEL",
        ),
        (
            Example(user=working(ANTHROPIC_DEFAULT_SONNET_MODEL="claude-sonnet-4-20250514")),
            "/env/ANTHROPIC_DEFAULT_SONNET_MODEL",
            "ANTHROPIC_DEFAULT_SONNET_MODEL",
        ),
        (
            Example(user=working(CLAUDE_CODE_EXTRA_BODY='{"model": "claude-3-7-sonnet"}')),
            "/env/CLAUDE_CODE_EXTRA_BODY",
            "model in CLAUDE_CODE_EXTRA_BODY",
        ),
        (Example(user=working(), project={"model": OLD}), "/model", "model"),
        (Example(user=working() | {"advisorModel": OLD}), "/advisorModel", "advisorModel"),
        (Example(user=working() | {"fallbackModel": ["opus", OLD]}), "/fallbackModel/1", "fallbackModel.1"),
        (
            Example(user=working() | {"modelOverrides": {"claude-opus-5-5": OLD}}),
            "/modelOverrides/claude-opus-5-5",
            "modelOverrides.claude-opus-5-5",
        ),
        (
            Example(
                user=working()
                | {"hooks": {"Stop": [{"hooks": [{"type": "prompt", "prompt": "is it done?", "model": OLD}]}]}}
            ),
            "/hooks/Stop/0/hooks/0/model",
            "hooks.Stop.0.hooks.0.model",
        ),
    ],
)
def test_each_place_that_names_a_model(example: Example, pointer: str, setting: str) -> None:
    (one,) = found(example)
    assert one.severity == "warning"
    assert one.location.pointer == pointer
    assert "was retired at Anthropic on 2026-0" in one.message
    family = "haiku" if "haiku" in one.message else "sonnet"
    assert one.help == f"set {setting} to claude-{family}-5-5, if the gateway has it"


@pytest.mark.parametrize(
    "name",
    [
        "team-sonnet",
        "my-claude-3-7-sonnet",
        "claude-3-7-sonnet-experimental",
        "sonnet",
        "gpt-5",
        "claude-opus-5-5",
        "claude-sonnet-4-6",
        "claude-haiku-4-5-20251001",
        "claude-",
        "arn:aws:bedrock:us-east-1:1:application-inference-profile/x",
    ],
)
def test_a_name_that_is_not_of_such_a_model(name: str) -> None:
    assert not found(Example(user=working(ANTHROPIC_MODEL=name)), at("2030-01-01"))


MODES = {
    "anthropic": gateway_env(),
    "bedrock": {"env": BEDROCK},
    "vertex": {"env": VERTEX},
    "foundry": {"env": FOUNDRY},
}


@pytest.mark.parametrize(("provider", "model"), [(at, model) for model, at in DAYS if at in MODES])
def test_a_model_has_the_day_of_its_provider_in_every_spelling(provider: str, model: str) -> None:
    bare = model.removesuffix("-0")
    day = DAYS[model, provider]
    off = {"CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP": "1", "ANTHROPIC_AUTH_TOKEN": TOKEN}
    for name in (bare, f"{bare}-20250101", f"us.anthropic.{bare}-20250101-v1:0", f"{bare}@20250101"):
        env = {**MODES[provider]["env"], **off, "CLAUDE_CODE_SUBAGENT_MODEL": name}
        for hours, said in ((-1, "will be retired"), (1, "was retired")):
            (one,) = found(Example(user={"env": env}), at(day, hours))
            text = one.message
            assert one.severity == ("info" if hours < 0 else "warning")
            assert f"{said} at " in text
            assert text.endswith(day)


def test_a_day_that_one_provider_has_is_not_that_of_another() -> None:
    names = {"ANTHROPIC_MODEL": "claude-sonnet-4-5", "ANTHROPIC_AUTH_TOKEN": TOKEN}
    now = at("2027-06-01")
    assert not messages(Example(user={"env": {**BEDROCK, **names}}), now)
    (text,) = messages(Example(user={"env": {**VERTEX, **names}}), now)
    assert "at Google Vertex AI on 2026-11-30" in text


@pytest.mark.parametrize(
    ("mode", "client", "model", "says", "step"),
    [
        (FOUNDRY, "2.1.331", None, f"{NOT_NAMED}: claude-sonnet-4-5", "SONNET"),
        (FOUNDRY, "2.1.332", None, None, None),
        (FOUNDRY, "2.1.331", "sonnet", "ANTHROPIC_MODEL: sonnet is claude-sonnet-4-5", "SONNET"),
        (VERTEX, "2.1.331", "sonnet", "ANTHROPIC_MODEL: sonnet is claude-sonnet-4-5@20250929", "SONNET"),
        (VERTEX, "2.1.332", "sonnet", None, None),
        (VERTEX, "2.1.331", "opusplan", "ANTHROPIC_MODEL: opusplan is claude-sonnet-4-5@20250929", "SONNET"),
        (VERTEX, "2.1.331", None, None, None),
        ({"ANTHROPIC_BASE_URL": GW}, "2.0.45", None, f"{NOT_NAMED}: claude-sonnet-4-5", "SONNET"),
        ({"ANTHROPIC_BASE_URL": GW}, "2.0.10", "claude-sonnet-4-6", "for small tasks", "HAIKU"),
    ],
)
def test_a_default_and_an_alias_count_as_the_client_takes_them(
    mode: dict[str, str], client: str, model: str | None, says: str | None, step: str | None
) -> None:
    env = {**mode, "ANTHROPIC_AUTH_TOKEN": TOKEN, **({"ANTHROPIC_MODEL": model} if model else {})}
    seen = [item for item in found(Example(user={"env": env}, client=client), at("2026-12-01")) if says]
    assert bool(seen) == bool(says)
    assert not says or any(
        says in item.message and f"set ANTHROPIC_DEFAULT_{step}_MODEL to" in item.help for item in seen
    )
    set_to = {
        "ANTHROPIC_DEFAULT_SONNET_MODEL": "claude-sonnet-5-5",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-4-5",
    }
    assert not found(Example(user={"env": {**env, **set_to}}, client=client), at("2026-12-01"))


def test_what_replaces_an_alias_is_reported_once() -> None:
    env = {"ANTHROPIC_MODEL": "sonnet", "ANTHROPIC_DEFAULT_SONNET_MODEL": OLD}
    (one,) = found(Example(user=working(**env)))
    assert one.location.pointer == "/env/ANTHROPIC_DEFAULT_SONNET_MODEL"


def test_a_file_alone_does_not_decide_about_the_default() -> None:
    context = rule_context(Example(user={"env": {**FOUNDRY, "ANTHROPIC_AUTH_TOKEN": TOKEN}}, client="2.1.331"))
    assert of(context, at("2026-12-01"))
    assert not of(replace(context, whole=False), at("2026-12-01"))


def test_without_a_time_nothing_is_known() -> None:
    assert not found(Example(user=working(ANTHROPIC_MODEL=OLD)), 0.0)


def test_the_model_of_the_agent_that_leads() -> None:
    context = rule_context(Example(user=USER))
    agent = Agent("rev", "/home/u/repo/.claude/agents/rev.md", OLD)
    (one,) = of(replace(context, snapshot=replace(context.snapshot, agent=agent)))
    assert one.location.file == agent.file
    assert one.help.startswith(f"set model in {agent.file} to claude-sonnet-5-5")


def test_the_models_of_subagents_on_this_machine(
    isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", GW)
    monkeypatch.chdir(tmp_path)
    places = (
        tmp_path / ".claude" / "agents",
        isolated / ".claude" / "agents",
        tmp_path / "etc" / ".claude" / "agents",
    )
    for number, folder in enumerate(places):
        folder.mkdir(parents=True)
        for name, model in ((f"old{number}", OLD), (f"new{number}", "haiku"), (f"none{number}", "inherit")):
            text = f"---\nname: {name}\ndescription: d\nmodel: {model}\n---\nx\n"
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
    check(format_="json", managed_dir=str(tmp_path / "etc"))
    seen = [x for x in json.loads(capfd.readouterr().out)["findings"] if x["code"] == "CGW520"]
    assert sorted(x["file"] for x in seen) == sorted(str(place / f"old{n}.md") for n, place in enumerate(places))
    assert all("was retired at Anthropic on 2026-02-19" in x["message"] for x in seen)


def profile(**members: Any) -> Profile:
    return Profile("work", **{"provider": "unified", "gateway_url": GW, "secret": "env://KEY", **members})


@pytest.mark.parametrize(
    ("given", "pointer", "says", "step"),
    [
        (profile(models=Models(default=OLD)), "/models/default", "models.default: claude-3-7", "models.default"),
        (profile(models=Models(haiku="claude-3-5-haiku")), "/models/haiku", "models.haiku: ", "models.haiku"),
        (
            profile(env={"ANTHROPIC_SMALL_FAST_MODEL": OLD}),
            "/env/ANTHROPIC_SMALL_FAST_MODEL",
            "env.ANTHROPIC_SMALL_FAST_MODEL: ",
            "env.ANTHROPIC_SMALL_FAST_MODEL to",
        ),
        (
            profile(tables={"client": {"subagent_model": OLD}}),
            "/client/subagent_model",
            "client.subagent_model: ",
            "client.subagent_model to",
        ),
        (
            profile(provider="foundry", min_client_version="2.1.331"),
            "/provider",
            f"client 2.1.331 {NOT_NAMED}: claude-sonnet-4-5",
            "models.sonnet to claude-sonnet-5-5",
        ),
        (
            profile(provider="vertex", project_id="p", models=Models(default="sonnet"), min_client_version="2.1.331"),
            "/models/default",
            "models.default: sonnet is claude-sonnet-4-5@20250929: ",
            "models.sonnet to claude-sonnet-5-5",
        ),
    ],
)
def test_a_profile_is_the_start_that_it_means(given: Profile, pointer: str, says: str, step: str) -> None:
    seen = [item for item in found(Example(profile=given), at("2026-12-01")) if "small tasks" not in item.message]
    assert [(item.location.file, item.location.pointer) for item in seen] == [("cgw.toml", pointer)]
    assert seen[0].message.startswith(f"profile work: {says}")
    assert seen[0].help.startswith(f"set {step}")
    assert not found(Example(profile=profile(provider="foundry")), at("2026-12-01"))


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"model": f"anthropic/{OLD_NAME}"}, "set it to anthropic/claude-sonnet-5-5"),
        ({"model": OLD_NAME}, "set it to claude-sonnet-5-5"),
        (
            {"model": "bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0"},
            "set it to bedrock/us.anthropic.claude-sonnet-5-5",
        ),
        (
            {"model": "bedrock/converse/anthropic.claude-opus-4-20250514-v1:0"},
            "set it to bedrock/converse/anthropic.claude-opus-5-5",
        ),
        ({"model": "vertex_ai/claude-3-7-sonnet@20250219"}, "set it to vertex_ai/claude-sonnet-5-5"),
        ({"model": "claude-sonnet-4-5", "custom_llm_provider": "vertex_ai"}, "set it to claude-sonnet-5-5"),
        ({"model": f"anthropic/{OLD}", "api_base": "https://other.example.com"}, ""),
        ({"model": f"openai/{OLD}"}, ""),
        ({"model": "anthropic/claude-*"}, ""),
        ({"model": "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"}, ""),
        ({"model": 42}, ""),
    ],
)
def test_the_models_that_litellm_asks_for(params: dict[str, Any], says: str) -> None:
    config = {
        "model_list": [{"model_name": "m", "litellm_params": params}],
        "general_settings": {"master_key": "os.environ/K"},
    }
    seen = found(Example(gateway=config), at("2026-12-01"))
    assert [(item.location.pointer, item.help) for item in seen] == (
        [("/model_list/0/litellm_params/model", says)] if says else []
    )


def leads(model: str, **user: str) -> Example:
    return Example(user=working(**user), agents={"rev": model}, project={"agent": "rev"})


def replaced(context: RuleContext) -> list[tuple[str, str, str | None]]:
    return [(x.severity, x.message, x.location.file) for x in run(context) if x.code == "CGW521"]


@pytest.mark.parametrize(
    ("example", "says"),
    [
        (leads("haiku", ANTHROPIC_MODEL="opus"), ("warning", "asks for haiku, not for opus (ANTHROPIC_MODEL)")),
        (leads("team-small", ANTHROPIC_MODEL="team-big"), ("warning", "not for team-big (ANTHROPIC_MODEL)")),
        (
            leads("haiku", ANTHROPIC_DEFAULT_MODEL="team-big"),
            ("warning", "asks for haiku, not for team-big (ANTHROPIC_DEFAULT_MODEL)"),
        ),
        (
            replace(leads("haiku"), user=working() | {"model": "sonnet"}),
            ("warning", "asks for haiku, not for sonnet (model)"),
        ),
        (leads("haiku"), ("info", "asks for haiku, whatever a profile names")),
        (leads("inherit", ANTHROPIC_MODEL="opus"), None),
        (leads("opus", ANTHROPIC_MODEL="claude-opus-5-5"), None),
        (leads("haiku", ANTHROPIC_MODEL="team-small", ANTHROPIC_DEFAULT_HAIKU_MODEL="team-small"), None),
    ],
)
def test_a_repositorys_agent_that_replaces_the_model(example: Example, says: tuple[str, str] | None) -> None:
    found = replaced(rule_context(example))
    assert len(found) == bool(says)
    if says:
        severity, message, file = found[0]
        assert severity == says[0]
        assert message.startswith("the agent rev, which the key agent lets lead, ")
        assert message.endswith(says[1])
        assert file == "/home/u/repo/.claude/settings.json"


def test_an_agent_that_the_person_or_the_administrator_chose_is_none_of_the_repositorys() -> None:
    agent = Agent("rev", "/home/u/.claude/agents/rev.md", "haiku")
    given = {"agent": "rev", "env": {"ANTHROPIC_MODEL": "opus"}}
    for example in (Example(user=given), Example(local=given), Example(managed=given)):
        context = rule_context(example)
        assert not replaced(replace(context, snapshot=replace(context.snapshot, agent=agent)))


def test_a_plugin_that_lets_its_agent_lead() -> None:
    switched = {"enabledPlugins": {"off@mk": False, "demo@mk": True}}
    context = rule_context(Example(user=working(ANTHROPIC_MODEL="opus") | switched))
    agent = Agent("demo:rev", "/home/u/.claude/plugins/cache/mk/demo/1.0.0/agents/rev.md", "haiku")
    ((severity, message, file),) = replaced(replace(context, snapshot=replace(context.snapshot, agent=agent)))
    assert severity == "warning"
    assert message == "the agent demo:rev, which its plugin lets lead, asks for haiku, not for opus (ANTHROPIC_MODEL)"
    assert file == "/home/u/.claude/settings.json"


def test_a_file_of_a_repository_is_read_with_its_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ".claude"
    (folder / "agents").mkdir(parents=True)
    (folder / "agents" / "rev.md").write_text("---\nname: rev\ndescription: d\nmodel: haiku\n---\nx\n")
    settings = folder / "settings.json"
    settings.write_text('{"agent": "rev"}')
    monkeypatch.chdir(tmp_path)
    for path in (".", str(settings)):
        check(paths=(path,), format_="json")
        found = [x for x in json.loads(capfd.readouterr().out)["findings"] if x["code"] == "CGW521"]
        assert [x["severity"] for x in found] == ["info"], path
        assert str(folder / "agents" / "rev.md") in found[0]["help"]


@pytest.mark.parametrize(
    ("mode", "name", "owner"),
    [
        ("anthropic", "us.anthropic.claude-opus-5-5-v1:0", "Bedrock"),
        ("anthropic", "global.anthropic.claude-opus-5-5", "Bedrock"),
        ("vertex", "us-gov.anthropic.claude-opus-5-5-v1:0", "Bedrock"),
        ("vertex", "anthropic.claude-opus-5-5", "Bedrock"),
        ("anthropic", "claude-opus-5-5@20260801", "Vertex"),
        ("bedrock", "claude-opus-5-5@20260801", "Vertex"),
        ("bedrock", "jp.anthropic.claude-opus-5-5-v1:0", ""),
        ("vertex", "claude-opus-5-5@20260801", ""),
        ("anthropic", "team/anthropic-opus", ""),
        ("anthropic", "my-claude@home", ""),
    ],
)
def test_the_name_of_another_provider_is_told_by_its_form(mode: str, name: str, owner: str) -> None:
    env = {**MODES[mode]["env"], "ANTHROPIC_AUTH_TOKEN": TOKEN, "ANTHROPIC_MODEL": name}
    found = [item.message for item in run(rule_context(Example(user={"env": env}))) if item.code == "CGW519"]
    assert found == ([f"ANTHROPIC_MODEL: {name} is a {owner} name"] if owner else [])
