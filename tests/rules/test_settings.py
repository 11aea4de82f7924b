"""Settings files in the variants that a rule's own example does not show."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.rules.contexts import HOME, MANAGED_FILE, PROJECT_FILE, USER_FILE, WORK, rule_context
from tests.rules.samples import BEDROCK, GW, SCRIPT, TOKEN, USER, VERTEX, gateway_env, working

from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding, Profile
from claude_gw_cli.core.snapshot import ClientArguments, Snapshot
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example

HELPER = {"apiKeyHelper": "~/bin/key.sh"}
FORCED = {"forceLoginMethod": "claudeai"}
PINNED = {"allowedProviders": ["customEndpoint"], "env": {"ANTHROPIC_BASE_URL": GW}}


def found(example: Example, code: str) -> list[Finding]:
    return [finding for finding in run(rule_context(example)) if finding.code == code]


def loud(example: Example) -> dict[str, str]:
    return {item.code: item.severity for item in run(rule_context(example)) if item.severity != "info"}


def alone(file: str, data: Any) -> list[str]:
    """The codes above info for one file judged by itself."""
    text = rule_context(Example(user=data)).snapshot.files[0].text or ""
    source = document("managed" if file == MANAGED_FILE or ".d/" in file else "user", file, text, ClientArguments())
    snapshot = Snapshot({}, (source,), WORK, HOME, "", "2.1.330")
    return [item.code for item in run(RuleContext(snapshot, whole=False)) if item.severity != "info"]


@pytest.mark.parametrize(
    ("text", "said", "remedy"),
    [
        ('{"env": {} // x\n}', "comments", "remove the comments"),
        ('{"env": {},}', "trailing comma", "remove the comma"),
        ("{'env': {}}", "double quotes", "quote every name"),
        ('{"env": {"A": "b', "not closed", "close the string"),
        ('{"env": {"A": "b"', "middle of a value", "restore it"),
        ('{"env": {}}\n{"env": {}}\n', "expected the end of the file", "one JSON object"),
        ("[]", "not an object", "one JSON object"),
        ("\udcfe\udcff\x00{\x00}", "UTF-16", "UTF-8"),
        ("{\x00}\x00", "U+0000", "UTF-8"),
        ('{"env": \udc80}', "the byte 0x80", "UTF-8"),
        ('{"env": {"A": "\\x"}}', "invalid escape", "correct it there"),
        ('{"env" {}}', "expected ':'", "correct it there"),
    ],
)
def test_a_broken_file_is_told_what_fits_its_cause(text: str, said: str, remedy: str) -> None:
    (finding,) = found(Example(user=text), "CGW201")
    assert said in finding.message
    assert remedy in finding.help
    assert finding.message.encode("utf-8")


def test_a_file_that_cannot_be_read_is_no_json_lesson() -> None:
    judged = rule_context(Example(user=USER))
    files = tuple(
        replace(file, status="invalid", text=None, data={}, reason="Is a directory") for file in judged.snapshot.files
    )
    (finding,) = run(replace(judged, snapshot=replace(judged.snapshot, files=files)))
    assert (finding.code, finding.help) == ("CGW201", "put a readable file there")


def test_a_managed_key_of_the_wrong_type_is_dropped_by_itself() -> None:
    example = Example(managed={**gateway_env(ANTHROPIC_AUTH_TOKEN=TOKEN), "apiKeyHelper": 5})
    (finding,) = found(example, "CGW202")
    assert (finding.location.file, finding.location.pointer) == (MANAGED_FILE, "/apiKeyHelper")
    assert "drops this key: apiKeyHelper" in finding.message
    assert loud(example) == {"CGW202": "error"}


@pytest.mark.parametrize(
    ("example", "stops"),
    [
        pytest.param(
            Example(managed=FORCED, user={"env": VERTEX | {"ANTHROPIC_AUTH_TOKEN": TOKEN}}), True, id="vertex"
        ),
        pytest.param(Example(managed=FORCED, user=gateway_env() | HELPER, helper=SCRIPT), True, id="helper"),
        pytest.param(Example(managed=FORCED, env={"ANTHROPIC_API_KEY": "sk-ant-api03-x"}), True, id="direct"),
        pytest.param(Example(managed={"forceLoginOrgUUID": ["u"]}, user=USER), True, id="organization"),
        pytest.param(
            Example(managed=FORCED, user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=f"x-api-key: {TOKEN}")),
            False,
            id="custom header",
        ),
        pytest.param(Example(managed=FORCED, user={"env": BEDROCK}, env={"AWS_PROFILE": "p"}), False, id="cloud"),
        pytest.param(Example(managed={"forceLoginMethod": "sso"}, user=USER), False, id="no such method"),
        pytest.param(Example(user=USER, project=FORCED), False, id="not managed"),
        pytest.param(Example(managed=FORCED, user=USER, client="2.1.145"), False, id="older client"),
    ],
)
def test_a_forced_login_stops_what_it_stops(example: Example, stops: bool) -> None:
    assert bool(found(example, "CGW213")) == stops


@pytest.mark.parametrize(
    ("example", "said"),
    [
        pytest.param(Example(managed={"allowedProviders": ["anthropic"]}, user=USER), "counts as custom", id="own"),
        pytest.param(Example(managed={"allowedProviders": "customEndpoint"}, user=USER), "no provider", id="text"),
        pytest.param(Example(managed={"allowedProviders": []}, user=USER), "no provider", id="empty"),
        pytest.param(
            Example(managed=PINNED, user={"env": BEDROCK | {"ANTHROPIC_AUTH_TOKEN": TOKEN}}),
            "ANTHROPIC_BEDROCK_BASE_URL",
            id="another mode's address",
        ),
        pytest.param(
            Example(
                managed={"allowedProviders": ["vertex"]}, env={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "p"}
            ),
            "does not list bedrock",
            id="another cloud",
        ),
        pytest.param(
            Example(managed={"allowedProviders": ["nonsense", *PINNED["allowedProviders"]]}, user=USER),
            "and they do not",
            id="mixed",
        ),
        pytest.param(Example(managed=PINNED, env={"ANTHROPIC_AUTH_TOKEN": TOKEN}), "", id="pinned"),
        pytest.param(
            Example(
                managed={"allowedProviders": ["bedrock"]}, env={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "p"}
            ),
            "",
            id="direct",
        ),
        pytest.param(
            Example(
                managed={"allowedProviders": ["anthropic", "customEndpoint"]},
                env={"ANTHROPIC_API_KEY": "sk-ant-api03-x"},
            ),
            "",
            id="a second one unused",
        ),
    ],
)
def test_allowed_providers_are_judged_as_the_client_does(example: Example, said: str) -> None:
    messages = [finding.message for finding in found(example, "CGW219")]
    assert len(messages) == bool(said)
    assert all(said in message for message in messages)


def test_managed_settings_by_themselves_say_only_what_they_alone_decide() -> None:
    drop_in = f"{MANAGED_FILE.removesuffix('.json')}.d/10-providers.json"
    assert alone(MANAGED_FILE, {"allowedProviders": ["customEndpoint"]}) == ["CGW219"]
    assert alone(MANAGED_FILE, {"allowedProviders": ["nobody"]}) == ["CGW219"]
    assert alone(drop_in, {"allowedProviders": ["customEndpoint"]}) == []  # another drop-in may pin it
    assert alone(MANAGED_FILE, {"allowedProviders": ["bedrock"]}) == []
    assert alone(MANAGED_FILE, {"allowedProviders": ["customEndpoint"], "env": BEDROCK}) == []


@pytest.mark.parametrize(
    "low", ["3", "99", "99.0", "099.0.0", "V99.0.0", "=99.0.0", "99.0.0-", "99.0.0.1", "soon", 5]
)
def test_only_whole_versions_make_a_range(low: Any) -> None:
    managed = {"requiredMinimumVersion": low, "requiredMaximumVersion": "2.1.330"}
    assert not found(Example(managed=managed, user=USER), "CGW220")


RANGES = (
    *(
        ("requiredMinimumVersion", text)
        for text in ("v99.0.0", " 99.0.0 ", "\t99.0.0\n", "99.0.0-beta.1+x", "2.1.333-a")
    ),
    *(("requiredMaximumVersion", text) for text in ("v1.0.0", " 1.0.0", "1.0.0+b", "2.1.331-zz", "2.1.332-beta")),
)


@pytest.mark.parametrize(("key", "text"), RANGES)
def test_a_version_is_read_as_the_client_reads_it(key: str, text: str) -> None:
    judged = rule_context(Example(managed={key: text}, user=USER, client="2.1.332"))
    assert [item.code for item in run(judged) if item.code == "CGW611"] == ["CGW611"]
    assert "required by your organization" in (judged.prediction.reason or "").replace("allowed", "required")
    managed = {"requiredMinimumVersion": text, "requiredMaximumVersion": "0.0.1"}
    assert found(Example(managed=managed, user=USER), "CGW220")


@pytest.mark.parametrize("value", ["u", [], ["u"], "", None, False, 0, 5, {}, [5]])
def test_a_pinned_organization_of_any_value_forces_its_login(value: Any) -> None:
    example = Example(managed={"forceLoginOrgUUID": value}, user=USER)
    (finding,) = found(example, "CGW213")
    assert (finding.location.file, finding.location.pointer) == (MANAGED_FILE, "/forceLoginOrgUUID")
    assert "first-party login" in (rule_context(example).prediction.reason or "")


def with_drop_in(managed: dict[str, Any], drop_in: dict[str, Any]) -> RuleContext:
    judged = rule_context(Example(managed=managed, user=USER))
    place = f"{MANAGED_FILE.removesuffix('.json')}.d/10.json"
    added = document("managed", place, json.dumps(drop_in), ClientArguments(), kind="drop-in", mode=0o644)
    return replace(judged, snapshot=replace(judged.snapshot, files=(*judged.snapshot.files, added)))


@pytest.mark.parametrize(
    ("managed", "drop_in", "code"),
    [
        ({"allowedProviders": ["anthropic"]}, PINNED, ""),
        (PINNED, {"allowedProviders": ["anthropic"]}, ""),
        (PINNED, {"allowedProviders": "bedrock"}, ""),
        ({"allowedProviders": ["bedrock"]}, {"allowedProviders": ["vertex"]}, "CGW219"),
        ({"requiredMinimumVersion": "99.0.0"}, {"requiredMinimumVersion": "1.0.0"}, ""),
        ({"requiredMinimumVersion": "1.0.0"}, {"requiredMinimumVersion": "99.0.0"}, "CGW611"),
        ({"requiredMinimumVersion": "99.0.0"}, {"requiredMinimumVersion": "zz"}, ""),
        ({"requiredMinimumVersion": "99.0.0"}, {"requiredMinimumVersion": 5}, "CGW611"),
        ({"forceLoginMethod": "claudeai"}, {"forceLoginMethod": "zz"}, "CGW213"),
        ({"forceLoginMethod": "claudeai"}, {"forceLoginMethod": 5}, "CGW213"),
        ({"forceLoginOrgUUID": ["u"]}, {"forceLoginOrgUUID": []}, "CGW213"),
    ],
)
def test_managed_documents_count_together(managed: dict[str, Any], drop_in: dict[str, Any], code: str) -> None:
    judged = with_drop_in(managed, drop_in)
    seen = {item.code for item in run(judged)} & {"CGW213", "CGW219", "CGW611"}
    assert seen == ({code} if code else set())
    assert judged.prediction.outcome == ("refused" if code else "request")


@pytest.mark.parametrize(
    ("example", "severity"),
    [
        pytest.param(
            Example(user=working(ANTHROPIC_BASEURL="https://x.example.com")), "warning", id="beside the right"
        ),
        pytest.param(
            Example(user={"env": {"ANTHROPIC_BASEURL": GW, "ANTHROPIC_AUTH_TOKEN": TOKEN}}), "error", id="url"
        ),
        pytest.param(
            Example(user={"env": {"ANTHROPIC_BASEURL": "https://api.anthropic.com", "ANTHROPIC_AUTH_TOKEN": TOKEN}}),
            "warning",
            id="no gateway",
        ),
        pytest.param(Example(user=gateway_env(ANTHROPIC_AUTH_TOKN=TOKEN)), "error", id="key"),
        pytest.param(Example(user=gateway_env(anthropic_auth_token=TOKEN)), "error", id="lower case"),
        pytest.param(Example(user=gateway_env(apiKeyHelper="~/bin/key.sh")), "warning", id="a key of the file"),
        pytest.param(Example(env={"ANTHROPIC_BASEURL": GW, "ANTHROPIC_AUTH_TOKEN": TOKEN}), "error", id="exported"),
        pytest.param(Example(env={"CLAUDE_CODE_USE_BEDROK": "1"}), "warning", id="a flag exported"),
    ],
)
def test_a_misspelled_variable_weighs_what_it_costs(example: Example, severity: str) -> None:
    assert [finding.severity for finding in found(example, "CGW211")] == [severity]
    assert not found(example, "CGW216")


def test_a_blank_in_a_name_is_seen_in_the_message() -> None:
    (finding,) = found(Example(user=gateway_env(**{"ANTHROPIC_AUTH_TOKEN ": TOKEN})), "CGW211")
    assert finding.message == "the client does not read 'ANTHROPIC_AUTH_TOKEN '"


@pytest.mark.parametrize(
    "env",
    [
        {"ANTHROPIC_API_BASE": GW, "CLAUDE_API_KEY": "x", "VERTEX_REGION": "r"},
        {"ANTHROPIC_API_KEYS": "a,b"},
        {"ANTHROPIC_BASEURL": GW, "ANTHROPIC_BASE_URL": GW, "ANTHROPIC_AUTH_TOKEN": TOKEN},
        {"anthropic_log": "debug"},
    ],
)
def test_other_programs_variables_in_the_environment_are_theirs(env: dict[str, str]) -> None:
    assert not found(Example(env=env), "CGW211")


def test_windows_does_not_tell_small_letters_from_capitals() -> None:
    judged = rule_context(Example(user=gateway_env(anthropic_auth_token=TOKEN)))
    windows = replace(judged, snapshot=replace(judged.snapshot, platform="win32"))
    assert "CGW211" not in {finding.code for finding in run(windows)}


def test_a_base_url_outside_env_sends_the_key_elsewhere() -> None:
    example = Example(user={"ANTHROPIC_BASE_URL": GW, "env": {"ANTHROPIC_AUTH_TOKEN": TOKEN}})
    assert loud(example) == {"CGW210": "error"}


@pytest.mark.parametrize(("key", "value"), [("baseUrl", GW), ("authToken", TOKEN), ("apiKeyHelperTtl", 5)])
def test_an_invented_key_weighs_what_it_costs(key: str, value: Any) -> None:
    right = {"baseUrl": "ANTHROPIC_BASE_URL", "authToken": "ANTHROPIC_AUTH_TOKEN"}.get(key, "")
    rest = {name: text for name, text in USER["env"].items() if name != right}
    assert loud(Example(user={"env": rest, key: value}))["CGW209"] == ("error" if right else "warning")


@pytest.mark.parametrize("name", ["//", "//language", "// permission", "//env", "//model"])
def test_a_member_that_is_a_comment_is_left_alone(name: str) -> None:
    text = f'{{"{name}": "who to ask", "{name}": "why", "language": "en", "env": {{"//ANTHROPIC_BASEURL": "x"}}}}'
    assert not loud(Example(user=text))


def test_the_most_severe_finding_of_a_file_comes_first() -> None:
    env = {
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": 1,
        "ANTHROPIC_BASE_URL": f"{GW}/v1",
        "ANTHROPIC_AUTH_TOKEN": "${K}",
    }
    seen = [(item.severity, item.location.line) for item in run(rule_context(Example(user={"env": env})))]
    order = {"error": 0, "warning": 1, "info": 2}
    assert seen == sorted(seen, key=lambda item: (order[item[0]], item[1] or 0))
    assert {"error", "info"} <= {severity for severity, _ in seen}


def test_a_key_that_an_earlier_client_wrote_is_left_alone() -> None:
    assert not loud(Example(user={**USER, "feedbackSurveyState": {"lastShownTime": 1}}))
    assert loud(Example(user={**USER, "feedbackSurveyRates": 1})) == {"CGW208": "warning"}


def test_what_a_project_cannot_set_overrides_nothing() -> None:
    example = Example(env={"HOME": HOME}, user=USER, project={"env": {"HOME": "/x"}})
    assert loud(example) == {"CGW217": "warning"}
    (finding,) = found(example, "CGW217")
    assert finding.location.file == PROJECT_FILE


def test_a_help_that_needs_a_profile_says_so_where_there_is_none() -> None:
    bad = Example(project=gateway_env() | HELPER, helper=SCRIPT)
    (finding,) = found(bad, "CGW212")
    assert finding.help.endswith("(without a profile, before it: cgw init NAME --provider P --secret REF …)")
    profile = Profile("work", "unified", gateway_url=GW, secret="env://KEY")
    (finding,) = found(replace(bad, profile=profile), "CGW212")
    assert finding.help.endswith("cgw settings apply --scope user")


def test_a_user_file_is_named_where_it_stands() -> None:
    (finding,) = found(Example(user={"env": {"ANTHROPIC_BASEURL": GW}}), "CGW211")
    assert (finding.location.file, finding.location.line, finding.severity) == (USER_FILE, 3, "warning")


@pytest.mark.parametrize(("tracked", "wanted"), [(True, ["CGW212"]), (False, [])])
def test_a_helper_of_one_s_own_is_nothing_for_a_repository(tracked: bool, wanted: list[str]) -> None:
    document = {"env": {"ANTHROPIC_BASE_URL": GW}, "apiKeyHelper": "/home/alice/.config/cgw/helpers/work"}
    found = run(rule_context(Example(project=document, tracked=tracked)))
    assert [item.code for item in found if item.code == "CGW212"] == wanted


@pytest.mark.parametrize(
    "text", ["TEAM_KEY_HERE", "YourKeyHere", "sk-xxxx", "{{API_KEY}}", "__KEY__", "GATEWAY_TOKEN"]
)
def test_a_placeholder_is_not_an_exposed_key(text: str) -> None:
    from claude_gw_cli.rules.literals import no_key

    assert no_key(text)
    assert found(Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=text)), "CGW118")


@pytest.mark.parametrize("text", ["ollama", "lmstudio", "local", "sk-mock"])
def test_a_dummy_is_not_an_exposed_key(text: str) -> None:
    from claude_gw_cli.rules.literals import no_key

    assert no_key(text)
    (said,) = found(Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=text)), "CGW118")
    assert said.severity == "info"


FOUNDRY_NAMES = ["myres", "ab", "1a", "a--b", "MyRes", " myres ", "myres\n", "a" * 64]
FOUNDRY_OTHERS = [
    *("a", "-ab", "ab-", "a_b", "a.b", "my res", "a" * 65, "\u00e91", "<resource>", "{{X}}"),
    *("x.services.ai.azure.com", "https://x.services.ai.azure.com"),
]


@pytest.mark.parametrize("text", [*FOUNDRY_NAMES, *FOUNDRY_OTHERS])
def test_a_foundry_resource_is_a_name(text: str) -> None:
    env = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": TOKEN, "ANTHROPIC_FOUNDRY_RESOURCE": text}
    for settings in ({"user": {"env": env}}, {"env": env}):
        judged = rule_context(Example(**settings))
        is_named = text in FOUNDRY_OTHERS and text not in {"<resource>", "{{X}}"}  # placeholders
        assert [item.code for item in run(judged) if item.code == "CGW510"] == ["CGW510"] * is_named
        reason = judged.prediction.reason or ""
        assert reason.startswith("API Error: ANTHROPIC_FOUNDRY_RESOURCE must be") == (text in FOUNDRY_OTHERS)


def test_an_older_client_makes_a_host_of_any_resource() -> None:
    env = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": TOKEN, "ANTHROPIC_FOUNDRY_RESOURCE": "a.b"}
    for client, sends in (("2.1.283", True), ("2.1.284", False)):
        request = rule_context(Example(user={"env": env}, client=client)).prediction.request
        assert bool(request) == sends
        assert request is None or request.url.startswith("https://a.b.services.ai.azure.com/")


def test_a_pinned_fleet_is_not_the_newest_client() -> None:
    assert "CGW611" not in alone(MANAGED_FILE, {"requiredMaximumVersion": "2.1.300"})


@pytest.mark.parametrize("name", ["custom_auth", "enable_jwt_auth", "enable_oauth2_auth"])
def test_another_login_makes_a_gateway_not_open(name: str) -> None:
    gateway = {"model_list": [], "general_settings": {name: "on"}}
    assert found(Example(gateway={"model_list": []}), "CGW535")
    assert not found(Example(gateway=gateway), "CGW535")
