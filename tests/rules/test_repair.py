from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.contexts import USER_FILE, rule_context
from tests.rules.samples import BEDROCK, GW, OTHER, SCRIPT, TOKEN, USER, VERTEX, gateway_env, working

from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.record import replace
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import all_rules, run
from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.pages import Example, read_page
from claude_gw_cli.rules.repair import repair
from claude_gw_cli.rules.rule import Rule

FIXED = [rule for rule in all_rules().values() if rule.fix]
VALUES = st.sampled_from(
    [
        TOKEN,
        OTHER,
        "",
        " ",
        f"Bearer {TOKEN}",
        f'"{TOKEN}"',
        "0",
        "1",
        "true",
        "enabled",
        None,
        1,
        0,
        True,
        False,
        1.5,
    ]
)
NAMES = st.sampled_from(
    [
        "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_SKIP_BEDROCK_AUTH", "CLAUDE_CODE_USE_VERTEX",
        "CLAUDE_CODE_SKIP_VERTEX_AUTH", "CLAUDE_CODE_USE_FOUNDRY", "ANTHROPIC_FOUNDRY_API_KEY", "DISABLE_TELEMETRY",
        "CLAUDE_CODE_CONNECT_TIMEOUT_MS", "CLAUDE_CODE_MAX_RETRIES", "CLAUDE_CODE_SIMPLE",
    ]
)  # fmt: skip
URLS = st.sampled_from([GW, f"{GW}/v1", f"{GW}/", f"{GW}/bedrock", "", "llm.example.com"])
URL_NAMES = st.sampled_from(["ANTHROPIC_BASE_URL", "ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_VERTEX_BASE_URL"])
LINES = st.lists(
    st.sampled_from(
        [
            f"Authorization: Bearer {OTHER}",
            f"x-api-key: {OTHER}",
            "X-Team: a",
            "x-team: b",
            "plain",
            "authorization:x",
        ]
    ),
    max_size=3,
).map("\n".join)
ENV = st.builds(
    lambda values, urls, lines: {**values, **urls, **({"ANTHROPIC_CUSTOM_HEADERS": lines} if lines else {})},
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.dictionaries(URL_NAMES, URLS, max_size=2),
    LINES,
)
DOCUMENTS = st.builds(
    lambda env, helper, more: {"env": env, **({"apiKeyHelper": "~/bin/key.sh"} if helper else {}), **more},
    ENV,
    st.booleans(),
    st.sampled_from([{}, {"apiKeyHelperTtlMs": 1}, {"ANTHROPIC_AUTH_TOKEN": TOKEN}]),
)


def sent(judged: RuleContext) -> tuple[Any, ...]:
    """Everything about a prediction that says which credential goes where."""
    found = predict(judged.snapshot)
    headers = {
        name: (item.present, item.text(), item.source and item.source.kind, item.source and item.source.name)
        for name, item in found.headers.items()
        if item.present
    }
    return found.outcome, found.provider, found.request and found.request.url, headers


@pytest.mark.parametrize("rule", FIXED, ids=lambda rule: rule.code)
def test_a_fix_repairs_its_own_finding(rule: Rule) -> None:
    bad = read_page(rule.code).bad
    before = rule_context(bad)
    if not any(finding.code == rule.code and finding.fix for finding in run(before)):
        pytest.fail(
            f"{rule.code} declares a fix that its example does not show"
        ) if not bad.tracked and not bad.env else None
        return
    after = repair(before, {rule.code}, unsafe=rule.fix == "unsafe").context
    assert rule.code not in {finding.code for finding in run(after)}


@pytest.mark.parametrize("rule", FIXED, ids=lambda rule: rule.code)
def test_a_repaired_context_has_nothing_left_to_repair(rule: Rule) -> None:
    after = repair(rule_context(read_page(rule.code).bad), unsafe=True)
    again = repair(after.context, unsafe=True)
    assert again.titles == ()
    assert again.context == after.context


def test_an_unsafe_fix_is_not_applied_unasked() -> None:
    bad = rule_context(
        Example(user={"env": {"ANTHROPIC_BASE_URL": f"{GW}/v1", "ANTHROPIC_AUTH_TOKEN": f"Bearer {TOKEN}"}})
    )
    assert repair(bad).context == bad
    assert len(repair(bad, unsafe=True).titles) == 2


def test_a_fix_keeps_every_other_byte() -> None:
    text = '{\r\n\t"env" : {"DISABLE_TELEMETRY":"0",\r\n\t "N": 1.50 , "S": "\\u00e9"}, "zzz": []}'
    after = repair(rule_context(Example(user=text))).context.snapshot.files[0]
    assert after.file == USER_FILE
    assert after.text == text.replace('"0"', '""')


@settings(max_examples=150, deadline=None)
@given(user=DOCUMENTS, project=st.none() | DOCUMENTS, process=ENV)
def test_a_safe_fix_never_changes_what_is_sent(
    user: dict[str, Any], project: dict[str, Any] | None, process: dict[str, Any]
) -> None:
    env = {name: str(value) for name, value in process.items() if value is not None}
    before = rule_context(Example(env=env, user=user, project=project, helper=SCRIPT, mode=0o644))
    after = repair(before).context
    assert sent(after) == sent(before)
    assert not any(isinstance(item.fix, Fix) and item.fix.safety == "safe" for item in run(after))


def alone(judged: RuleContext, file: str, process: dict[str, str]) -> RuleContext:
    """One settings file of a world as it counts in another directory and another shell."""
    files = tuple(item for item in judged.snapshot.files if item.file == file)
    return replace(judged, snapshot=replace(judged.snapshot, process=process, files=files))


def assert_each_file_still_does_the_same(before: RuleContext, process: dict[str, str]) -> None:
    after = repair(before).context
    for source in before.snapshot.files:
        assert sent(alone(after, source.file, process)) == sent(alone(before, source.file, process)), source.file


@pytest.mark.parametrize("rule", [rule for rule in FIXED if rule.fix == "safe"], ids=lambda rule: rule.code)
@pytest.mark.parametrize("process", [{}, {"ANTHROPIC_AUTH_TOKEN": TOKEN}, VERTEX], ids=["empty", "token", "vertex"])
def test_a_safe_fix_of_an_example_changes_nothing_elsewhere(rule: Rule, process: dict[str, str]) -> None:
    assert_each_file_still_does_the_same(rule_context(read_page(rule.code).bad), process)


@settings(max_examples=300, deadline=None)
@given(user=DOCUMENTS, project=st.none() | DOCUMENTS, process=ENV, elsewhere=ENV)
def test_a_safe_fix_changes_nothing_in_another_directory_or_shell(
    user: dict[str, Any], project: dict[str, Any] | None, process: dict[str, Any], elsewhere: dict[str, Any]
) -> None:
    here, there = (
        {name: str(value) for name, value in given.items() if value is not None} for given in (process, elsewhere)
    )
    assert_each_file_still_does_the_same(
        rule_context(Example(env=here, user=user, project=project, helper=SCRIPT, mode=0o644)), there
    )


@pytest.mark.parametrize(
    ("example", "code"),
    [
        (Example(user=USER, project={"env": VERTEX}), "CGW514"),
        (Example(user=USER, env=VERTEX), "CGW514"),
        (Example(user=working(ANTHROPIC_VERTEX_BASE_URL=f"{GW}/vertex_ai/v1")), "CGW514"),
        (
            Example(
                env={"ANTHROPIC_AUTH_TOKEN": TOKEN},
                user={
                    "env": {"ANTHROPIC_BASE_URL": GW, "ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {OTHER}"}
                },
            ),
            "CGW130",
        ),
        (
            Example(
                user=gateway_env(ANTHROPIC_CUSTOM_HEADERS=f"Authorization: Bearer {OTHER}")
                | {"apiKeyHelper": "~/bin/key.sh"},
                helper=SCRIPT,
            ),
            "CGW130",
        ),
    ],
    ids=[
        *("another file's provider", "a shell's provider", "a provider that a shell may switch on"),
        *("a shell's token", "a helper that --bare ignores"),
    ],
)
def test_a_fix_whose_reason_is_elsewhere_is_not_safe(example: Example, code: str) -> None:
    judged = rule_context(example)
    found = [finding for finding in run(judged) if finding.code == code]
    assert found
    assert not any(isinstance(item.fix, Fix) and item.fix.safety == "safe" for item in found)
    assert repair(judged).context == judged


def test_a_custom_authorization_that_beats_the_token_stays() -> None:
    lines = "Authorization: Bearer a\nauthorization: Bearer b"
    before = rule_context(Example(user={"env": {"ANTHROPIC_BASE_URL": GW, "ANTHROPIC_CUSTOM_HEADERS": lines,
                                           "ANTHROPIC_AUTH_TOKEN": TOKEN}}))  # fmt: skip
    found = {finding.code for finding in run(before)}
    assert "CGW136" in found
    assert "CGW130" not in found
    assert sent(repair(before).context) == sent(before)


@pytest.mark.parametrize("base", [BEDROCK, VERTEX], ids=["bedrock", "vertex"])
def test_a_safe_fix_keeps_the_provider(base: dict[str, str]) -> None:
    document = {"env": {**base, "ANTHROPIC_BASE_URL": GW, "ANTHROPIC_AUTH_TOKEN": TOKEN, "DISABLE_TELEMETRY": "0"}}
    before = rule_context(Example(user=document, mode=0o644))
    after = repair(before)
    assert len(after.titles) >= 3
    assert sent(after.context) == sent(before)
