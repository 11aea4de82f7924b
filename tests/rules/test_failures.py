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
from claude_gw_cli.core.failures import failure, failures
from claude_gw_cli.report.markdown import rendered
from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.rules.failures import failure_page, find_failure

SOURCE = Path(inspect.getfile(claude_gw_cli)).parent


def test_the_codes_of_the_pages_are_those_that_the_code_uses() -> None:
    files = [path for path in SOURCE.rglob("*.py") if path.parent.name != "rules" and path.name != "failures.py"]
    texts = [path.read_text("utf-8") for path in files]
    used = {code for text in texts for code in re.findall(r'"(CGW\d{3})"', text)} - set(all_rules())
    assert used == set(failures())
    assert not set(failures()) & set(all_rules())


def test_an_error_has_the_texts_and_the_exit_code_of_its_page() -> None:
    for code, row in failures().items():
        if row.exit_code != EXIT_FINDINGS:
            error = failure(code, "vault://a/b#c", "the server's words", host="https://v.example.com")
            assert (error.code, error.exit_code) == (code, row.exit_code)
            assert error.message.startswith("vault://a/b#c: ")
            assert error.message.endswith(": the server's words")
            assert not set("{}`") & set(error.message + error.hint)
    assert failure("CGW459").message == "the server is sealed, or in maintenance (503)"


def test_exit_codes_of_failures_are_known() -> None:
    allowed = {EXIT_FINDINGS, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_USAGE}
    assert {item.exit_code for item in failures().values()} == allowed


@pytest.mark.parametrize("code", failures())
def test_each_page_says_what_to_do(code: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", code.lower()]) == 0
    page, row = capfd.readouterr().out, failures()[code]
    assert page == rendered(failure_page(row), None, color=False)
    assert "**" not in page
    assert row.remedy.replace("{host}", "HOST") in page
    assert find_failure(row.slug) is row
    assert run(["rule", code, "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["remedy"] in page


def test_the_list_names_failures_beside_rules(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "--all"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["CODE", *all_rules(), *failures()]
    assert run(["rule", "--all", "--format", "json"]) == 0
    assert [item["code"] for item in json.loads(capfd.readouterr().out)["failures"]] == list(failures())
