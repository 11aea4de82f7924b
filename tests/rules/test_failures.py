"""Every code that an error can carry has a page, and every page a place in the code that raises it."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path

import pytest

import claude_gw_cli
from claude_gw_cli.__main__ import run
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_USAGE
from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.rules.failures import FAILURES, failure_page, find_failure
from claude_gw_cli.secrets import vault_errors

SOURCE = Path(inspect.getfile(claude_gw_cli)).parent


def test_the_codes_of_the_pages_are_those_that_the_code_uses() -> None:
    texts = [path.read_text("utf-8") for path in SOURCE.rglob("*.py") if path.parent.name != "rules"]
    used = {code for text in texts for code in re.findall(r'"(CGW\d{3})"', text)} - set(all_rules())
    assert used == set(FAILURES)
    assert not set(FAILURES) & set(all_rules())


def test_the_exit_codes_of_the_pages_are_those_of_the_errors() -> None:
    rows = [*vault_errors._BY_STATUS.values(), *vault_errors._BY_CAUSE.values()]
    assert {row[0]: row[1].exit_code for row in rows} == {row[0]: FAILURES[row[0]].exit_code for row in rows}
    allowed = {EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_USAGE}
    assert {item.exit_code for item in FAILURES.values()} == allowed


@pytest.mark.parametrize("code", FAILURES)
def test_each_page_says_what_to_do(code: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", code.lower()]) == 0
    page, failure = capfd.readouterr().out, FAILURES[code]
    assert page == failure_page(failure)
    assert failure.remedy in page
    assert find_failure(failure.slug) is failure
    assert run(["rule", code, "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["remedy"] == failure.remedy


def test_the_list_names_failures_beside_rules(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "--all"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*all_rules(), *FAILURES]
    assert run(["rule", "--all", "--format", "json"]) == 0
    assert [item["code"] for item in json.loads(capfd.readouterr().out)["failures"]] == list(FAILURES)
