"""Whatever stands in a file, the rules answer; none of them stumbles."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.rules.contexts import rule_context

from claude_gw_cli.core.model import Profile
from claude_gw_cli.facts.settings_keys import INVENTED, KNOWN, SINCE
from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.report.human import human
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.pages import Example
from claude_gw_cli.rules.repair import repair

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
ODD = st.sampled_from(
    [
        "http://[::1", "http://[bad]/", "https://h:99999/v1", "https://h:x", "//", "http:///v1", "://", "eyJ.e30.x",
        "eyJh.eyJleHAiOiJ4In0.x", "eyJh.!!!.x", "Bearer", "Bearer ", "\x00", "\n:\n:", "a:\n :b", "'", "~", "$", "%",
        "/a b/c", "bash -lc", "1e999", "-1", "1", "enabled", "{", "[", "null", "\ud800",
    ]
)  # fmt: skip
VALUES = ODD | ANYTHING
NAMES = st.sampled_from([*sorted(VARIABLES), "ANTHROPIC_BASEURL", "x/y~z", ""]) | st.text(max_size=12)
KEYS = st.sampled_from(
    sorted(KNOWN & {*SINCE, "apiKeyHelper", "forceLoginMethod", "allowedProviders", "env"} | set(INVENTED))
)
DOCUMENT = st.builds(
    lambda env, more: {**more, "env": env},
    st.dictionaries(NAMES, VALUES, max_size=5) | ANYTHING,
    st.dictionaries(KEYS | st.text(max_size=8), VALUES, max_size=3),
)


def text_line(text: str, line: int) -> str:
    lines = text.split("\n")
    return lines[min(line, len(lines)) - 1]


@settings(max_examples=150, deadline=None)
@given(user=DOCUMENT | st.text(), project=DOCUMENT, managed=DOCUMENT, env=st.dictionaries(NAMES, ODD, max_size=4))
@example(user='{"env": {"ANTHROPIC_BASE_URL": "http://[::1"}}', project={}, managed={}, env={})
def test_rules_reports_and_fixes_take_any_document(
    user: Any, project: Any, managed: Any, env: dict[str, str]
) -> None:
    documents: dict[str, Any] = {
        name: given if isinstance(given, str) else json.dumps(given)
        for name, given in (("user", user), ("project", project), ("managed", managed))
    }
    judged = rule_context(Example(env=env, **documents))
    for finding in run(judged):
        assert human(finding, lambda _file, line: text_line(judged.snapshot.files[0].text or "", line))
    assert repair(judged, unsafe=True).context.snapshot.process == env


MODELS = st.lists(
    st.dictionaries(st.sampled_from(["model_name", "litellm_params"]), ANYTHING, max_size=2), max_size=3
)


@settings(max_examples=60, deadline=None)
@given(
    gateway=st.dictionaries(st.sampled_from(["model_list", "general_settings", "x"]), ANYTHING | MODELS, max_size=3),
    header=st.text(max_size=10),
    url=ODD,
)  # fmt: skip
def test_gateway_rules_take_any_configuration(gateway: dict[str, Any], header: str, url: str) -> None:
    profile = Profile("work", "unified", gateway_url=url, key_header=header)
    list(run(rule_context(Example(profile=profile, gateway=gateway or {"x": 1}))))
