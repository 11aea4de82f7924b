"""Texts from outside: a number has any number of digits (``int`` takes 4,300), and a text may be no text."""

from __future__ import annotations

import time

import pytest

from claude_gw_cli.__main__ import run
from claude_gw_cli.core import documents
from claude_gw_cli.core.predict.prediction import predict
from claude_gw_cli.core.snapshot import Snapshot
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.rules.context import RuleContext
from claude_gw_cli.rules.engine import run as run_rules

LONG = "9" * 5000
WITH_LONG_NUMBERS = [
    *(
        {"ANTHROPIC_BASE_URL": f"http://{host}/"}
        for host in (f"h:{LONG}", LONG, f"1.{LONG}", f"0x{LONG}", f"[::{LONG}]")
    ),
    *({"HTTPS_PROXY": proxy} for proxy in (f"h:{LONG}", f"http://h:{LONG}", f"http://{LONG}:1")),
    *({"HTTPS_PROXY": "http://p", "NO_PROXY": no} for no in (f"a:{LONG}", f"10.0.0.0/{LONG}", f"[::1]:{LONG}")),
    {"MAX_THINKING_TOKENS": LONG},
    {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": LONG},
    {"API_TIMEOUT_MS": LONG},
    {"CLAUDE_CODE_API_KEY_HELPER_TTL_MS": LONG},
    {"COLUMNS": LONG},
]


@pytest.mark.parametrize("variables", WITH_LONG_NUMBERS)
@pytest.mark.parametrize("line", ["explain", "check", "explain --client-version 2.0.45", "help env"])
def test_a_number_in_a_variable_has_any_number_of_digits(
    variables: dict[str, str], line: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in (
        {"ANTHROPIC_BASE_URL": "https://gw.example", "ANTHROPIC_AUTH_TOKEN": "k"} | variables
    ).items():
        monkeypatch.setenv(name, value)
    assert run(line.split()) in {0, 1, 2}, capfd.readouterr().err


@pytest.mark.parametrize("broken", ["\udca6", chr(0xD800), chr(0xDFFF)])
@pytest.mark.parametrize(
    "place", ["h{}/", "u{}:p{}@h/", "h/p{}", "h/?q{}", "h/#f{}", "[::{}]/", "h:{}/", "xn--{}.h/"]
)
@pytest.mark.parametrize("name", ["ANTHROPIC_BASE_URL", "HTTPS_PROXY", "NO_PROXY", "ANTHROPIC_CUSTOM_HEADERS"])
def test_what_is_no_text_in_a_variable_is_no_error(name: str, place: str, broken: str) -> None:
    """A byte of a file that is not UTF-8, or half of a pair in JSON."""
    value = f"http://{place.replace('{}', broken)}"
    env = {"ANTHROPIC_BASE_URL": "https://u:p@gw.example", "ANTHROPIC_AUTH_TOKEN": "k", name: value}
    snapshot = Snapshot(process=env, files=(), cwd="/w", home="/h", config_dir="/h/.claude", client_version=NEWEST)
    assert predict(snapshot).version == NEWEST
    assert [finding.code for finding in run_rules(RuleContext(snapshot))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("0" * 5000 + "80", 80),
        (LONG, 10**18),
        ("²", None),
        ("٣", None),
        ("-1", None),
        ("", None),
    ],
)
def test_digits_are_a_number(text: str, number: int | None) -> None:
    assert documents.natural(text) == number


@pytest.mark.parametrize("unit", ["1.", '"', "'", "a", "a . ", '"a".', "a='", "-", ". ", "a "])
def test_a_long_toml_text_is_parsed_in_proportion(unit: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        documents.from_toml(unit * (131_072 // len(unit)))
    assert time.process_time() - began < 1
