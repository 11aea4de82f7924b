"""Every source of a rule can be looked up, and no finding shows a value that could be a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import USER, profile, working

from claude_gw_cli.facts.variables import VARIABLES
from claude_gw_cli.rules.engine import ORDER, all_rules, run
from claude_gw_cli.rules.fix import Fix
from claude_gw_cli.rules.pages import Example, read_page
from claude_gw_cli.rules.rule import Rule

ROOT = Path(__file__).parent.parent.parent
RULES = list(all_rules().values())
ids = [rule.code for rule in RULES]
VERSION = r"\d+\.\d+\.\d+"
SOURCES = {
    "measured": rf"(?:.*\b{VERSION}\b.*|tests/\S+\.py, .*)",
    "read": rf".*\b{VERSION}, \w+\.py.*",
    "reported": r"[\w.-]+/[\w.-]+#\d+",
    "changelog": rf"{VERSION}(?: to {VERSION})?",
    "seen": r"public configurations",
}
SECRET_KINDS = {"secret", "headers", "json"}
SENTINEL = "zqx-4f1c9a7e22b0d3"


@pytest.mark.parametrize("code", ids)
def test_every_source_can_be_looked_up(code: str) -> None:
    evidence = read_page(code).evidence
    assert evidence
    for item in evidence:
        assert_found(item)


def assert_found(item: str) -> None:
    kind, _, rest = item.partition(": ")
    if item.startswith("atlas:"):
        return  # test_evidence.py reads the recording
    if kind == "documented" and not rest.startswith("https://"):
        page, _, section = rest.partition(", ")
        assert f"## {section}\n" in (ROOT / page).read_text(encoding="utf-8")
    elif kind == "documented":
        assert re.fullmatch(r"https://[\w.-]+/[\w./-]+(?:#[\w-]+|, \S.*)", rest), f"{item}: no anchor, no section"
    else:
        assert re.fullmatch(SOURCES[kind], rest), item
    if kind == "measured" and rest.startswith("tests/"):
        assert (ROOT / rest.partition(",")[0]).is_file()


def secret_values(name: str, value: Any) -> Iterator[str]:
    """The texts of a document that may be secrets: whole values, and the values of header lines."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from secret_values(key, item)
    elif isinstance(value, str):
        known = VARIABLES.get(name)
        if name.upper() in VARIABLES and VARIABLES[name.upper()].kind in SECRET_KINDS:
            known = VARIABLES[name.upper()]
        if known is not None and known.kind in SECRET_KINDS:
            yield from (part.strip() for part in re.split(r"[\s:]+", value) if len(part.strip()) > 5)


def shown(example: Example) -> str:
    found = run(rule_context(example))
    return "\n".join(
        f"{item.message}\n{item.help}\n{item.fix.title if isinstance(item.fix, Fix) else ''}" for item in found
    )


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_no_finding_of_an_example_shows_a_secret_value(rule: Rule) -> None:
    example = read_page(rule.code).bad
    text = shown(example)
    documents = (example.env, example.user, example.project, example.local, example.managed)
    values = [value for item in documents if isinstance(item, Mapping) for value in secret_values("", item)]
    names = {
        "Bearer",
        "Authorization",
        "x-api-key",
        "x-litellm-api-key",
        "x-team",
        "X-Team",
        "x-env",
        "anthropic-beta",
    }
    assert not [value for value in values if value in text and value not in names]


@pytest.mark.parametrize("name", [name for name, known in VARIABLES.items() if known.kind == "secret"])
@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "Bearer {}",
        '"{}"',
        "{} tail",
        "{};",
        "export ANTHROPIC_AUTH_TOKEN={}",
        "${{X}}{}",
        "{}\u2011x",
        "{}\nx",
        " {}",
    ],
)
def test_no_rule_shows_a_credential_in_any_form(name: str, form: str) -> None:
    value = form.format(SENTINEL)
    for example in (
        Example(env={name: value}, user=USER),
        Example(user=working(**{name: value})),
        Example(user={**USER, name: value}),
        Example(user=working(ANTHROPIC_CUSTOM_HEADERS=f"x-api-key: {value}")),
        Example(user={**USER, "apiKeyHelper": f"echo {value}"}),
        Example(user=json.dumps(working(**{name: value}))[:-1]),
    ):
        assert SENTINEL not in shown(example)


def test_findings_are_sorted_by_severity_then_file_and_line() -> None:
    example = Example(
        user=working(DISABLE_TELEMETRY="0", ANTHROPIC_API_KEY="<YOUR_KEY>", CLAUDE_CODE_MAX_RETRIES=3),
        project={"env": {"ANTHROPIC_BASE_URL": "https://elsewhere.example.net"}},
        env={"HTTPS_PROXY": "nonsense"},
    )
    found = list(run(rule_context(example)))
    ranks = [(ORDER[item.severity], item.location.file or "", item.location.line or 0) for item in found]
    assert ranks == sorted(ranks)
    assert len({rank[0] for rank in ranks}) == 3
    assert len({rank[1] for rank in ranks}) >= 2


def test_an_unproven_source_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        assert_found("documented: somewhere")
    with pytest.raises(AssertionError):
        assert_found("documented: https://example.com/page")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://llm.example.com", "CGW306"),
        ("http://10.0.0.7:4000", "CGW307"),
        ("http://127.0.0.1:4000", ""),
        ("https://llm.example.com", ""),
    ],
)
def test_a_profile_with_plain_http_is_found_before_it_is_applied(url: str, code: str) -> None:
    found = [item.code for item in run(rule_context(Example(profile=profile(gateway_url=url))))]
    assert [item for item in found if item in {"CGW306", "CGW307"}] == ([code] if code else [])
