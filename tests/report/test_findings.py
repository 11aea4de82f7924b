from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.rules.contexts import rule_context

from claude_gw_cli.core.masking import masked_line
from claude_gw_cli.core.model import Finding, Location
from claude_gw_cli.report.findings import Checked, as_dict, slim, summary, to_json, to_jsonl
from claude_gw_cli.report.human import closing, human
from claude_gw_cli.report.lines import concise, github
from claude_gw_cli.report.sarif import fingerprint, to_sarif
from claude_gw_cli.rules.engine import all_rules, run
from claude_gw_cli.rules.fix import Fix, SetValue
from claude_gw_cli.rules.pages import read_page

SCHEMA = json.loads((Path(__file__).parent / "sarif-2.1.0-rtm.5.json").read_text())
EVERYTHING = [finding for rule in all_rules().values() for finding in run(rule_context(read_page(rule.code).bad))]
NASTY = Finding(
    "CGW101", "two-credentials", "warning", "100% wrong,\r\nsaid: größe ✗ \"quoted\" <b>",
    Location("a,b:c%.json", 3, 5, "/env/A"), "do\nthis"
)  # fmt: skip


def test_json_has_the_published_shape() -> None:
    report = json.loads("".join(to_json([NASTY], Checked(["a"], ignored=2))))
    assert report["schema_version"] == 1
    assert report["checked"] == ["a"]
    assert report["summary"] == {"error": 0, "warning": 1, "info": 0}
    (finding,) = report["findings"]
    assert {"code", "slug", "severity", "message", "file", "line", "column", "pointer", "help", "url", "fix"} <= set(
        finding
    )
    assert finding["fix"] is None
    assert finding["url"] == "urn:cgw:rule:CGW101"


def test_a_fix_is_named_with_its_safety() -> None:
    finding = Finding("CGW302", "presence-counts", "warning", "m", Location("f"), "h", Fix("unset it", "safe", ()))
    assert as_dict(finding)["fix"] == {"safety": "safe", "title": "unset it"}


def test_a_thousand_findings_share_their_texts_and_reports_are_the_same() -> None:
    fix = Fix("set it", "safe", (SetValue("f", ("env", "A"), "x" * 1000),))
    many = [
        Finding(
            "CGW302",
            "s",
            "warning",
            f"message {number % 3}",
            Location(f"f{number}", 1, 2, f"/env/A{number % 1}"),
            f"help {number % 5}",
            fix if number % 2 else None,
        )
        for number in range(3000)
    ]
    shared: dict[object, Any] = {}
    kept = [slim(finding, shared) for finding in many]
    assert list(to_sarif(kept)) == list(to_sarif(many))
    assert list(to_json(kept, Checked([]))) == list(to_json(many, Checked([])))
    assert len({id(text) for finding in kept for text in (finding.message, finding.help)}) == 8
    assert len({id(finding.location.pointer) for finding in kept}) == 1
    assert len({id(finding.fix) for finding in kept}) == 2
    for number in range(5000):
        slim(Finding("C", "s", "info", str(number)), shared)
    assert len(shared) < 1100, "texts that no other finding has are not kept"


def test_jsonl_is_one_line_a_finding() -> None:
    lines = [to_jsonl(finding) for finding in EVERYTHING]
    assert all(line.count("\n") == 1 for line in lines)
    assert [json.loads(line)["code"] for line in lines] == [finding.code for finding in EVERYTHING]


def test_sarif_validates_against_the_official_schema() -> None:
    document = json.loads("".join(to_sarif([*EVERYTHING, NASTY, Finding("CGW999", "probe", "info", "elsewhere")])))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    (log,) = document["runs"]
    assert len(log["results"]) == len(EVERYTHING) + 2
    for result in log["results"]:
        if "ruleIndex" in result:
            assert log["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_an_empty_sarif_log_is_valid() -> None:
    jsonschema.Draft4Validator(SCHEMA).validate(json.loads("".join(to_sarif([]))))


def test_a_fingerprint_knows_the_place_and_not_the_text() -> None:
    first = Finding("CGW111", "s", "error", "one", Location("f", 3, 5, "/env/A"))
    moved = Finding("CGW111", "s", "error", "another text", Location("f", 9, 1, "/env/A"))
    other = Finding("CGW111", "s", "error", "one", Location("f", 3, 5, "/env/B"))
    assert fingerprint(first, "f") == fingerprint(moved, "f") != fingerprint(other, "f")
    assert fingerprint(first, "f") != fingerprint(first, "g")


def test_every_result_of_a_log_has_a_fingerprint_and_a_place_of_its_own() -> None:
    twice = Finding("CGW135", "s", "error", "header 1", Location("/repo/a b.json", 3, 5, "/env/A"))
    again = Finding("CGW135", "s", "error", "header 2", Location("/repo/a b.json", 3, 5, "/env/A"))
    variable = Finding("CGW111", "s", "error", "m", Location(variable="ANTHROPIC_AUTH_TOKEN"))
    text = "".join(to_sarif([twice, again, variable], lambda path: path.removeprefix("/repo/")))
    results = json.loads(text)["runs"][0]["results"]
    assert len({result["partialFingerprints"]["cgw/v1"] for result in results}) == 3
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in results]
    assert places == [
        {"uri": "a%20b.json", "uriBaseId": "%SRCROOT%"},
        {"uri": "a%20b.json", "uriBaseId": "%SRCROOT%"},
        {"uri": "environment", "uriBaseId": "%SRCROOT%"},
    ]


def test_a_name_that_is_no_utf8_is_a_percent_code_in_a_log() -> None:
    finding = Finding("CGW111", "s", "error", "m", Location("a\udcff/settings.json", 1, 1))
    result = json.loads("".join(to_sarif([finding])))["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "a%FF/settings.json"


def test_no_terminal_obeys_a_foreign_name() -> None:
    finding = Finding(
        "CGW205", "s", "error", "A\x1b[31m is null", Location("e\x1b[2J\n\u202e/s.json", 1, 1), "do\r it"
    )
    for text in (concise(finding), human(finding, lambda _file, _line: "\x1b[0m")):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b[31m is null" in text
    assert concise(finding).count("\n") == 1


def parse_command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it (actions/runner, ActionCommand)."""
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)\n", line, re.DOTALL)
    assert found

    def data(text: str) -> str:
        return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    def prop(text: str) -> str:
        return data(text.replace("%3A", ":").replace("%2C", ","))

    pairs = dict(pair.split("=", 1) for pair in found[2].split(","))
    return found[1], {name: prop(value) for name, value in pairs.items()}, data(found[3])


def test_an_annotation_survives_line_breaks_percent_commas_and_unicode() -> None:
    line = github(NASTY)
    assert line.count("\n") == 1
    level, properties, message = parse_command(line)
    assert level == "warning"
    assert properties == {"file": "a,b:c%.json", "line": "3", "col": "5", "title": "CGW101 two-credentials"}
    assert message == NASTY.message + "\ndo\nthis"


def test_an_annotation_without_a_file_annotates_the_run() -> None:
    _, properties, _ = parse_command(github(Finding("CGW301", "s", "info", "m", Location(variable="A"))))
    assert set(properties) == {"title"}


def test_concise_is_one_line() -> None:
    assert concise(NASTY).startswith("a,b:c%.json:3:5: warning CGW101 100% wrong, said:")
    assert concise(Finding("CGW301", "s", "error", "m", Location(variable="A"))) == "environment:A: error CGW301 m\n"


def test_the_human_form_points_at_the_member() -> None:
    finding = Finding(
        "CGW111", "double-bearer", "error", "m", Location("f.json", 12, 5, "/env/ANTHROPIC_AUTH_TOKEN"), "h"
    )
    text = human(finding, lambda _file, _line: '    "ANTHROPIC_AUTH_TOKEN": "Bearer gw-0123456789"')
    assert text.splitlines()[:6] == [
        "error[CGW111]: m",
        "  --> f.json:12:5",
        "   |",
        '12 |     "ANTHROPIC_AUTH_TOKEN": "Bearer gw-0…"',
        "   |     ^^^^^^^^^^^^^^^^^^^^^^",
        "   = help: h",
    ]


def test_a_long_line_is_cut_around_the_member() -> None:
    line = '{"env":{' + ",".join(f'"A{index}":"1"' for index in range(500)) + ',"ANTHROPIC_MODEL":"m"}}'
    column = line.index('"ANTHROPIC_MODEL"') + 1
    text = human(
        Finding("CGW519", "s", "warning", "m", Location("f", 1, column, "/env/ANTHROPIC_MODEL")), lambda *_: line
    )
    shown, caret = text.splitlines()[3:5]
    assert len(shown) < 140
    start = caret.index("^")
    assert shown[start : start + caret.count("^")] == '"ANTHROPIC_MODEL"'


def test_lines_fit_a_terminal_and_stay_whole_in_a_pipe() -> None:
    finding = Finding(
        "CGW111", "s", "error", "many words " * 12, Location("f.json", 12, 5, "/env/A"), "do\n" + "more words " * 12,
        Fix("repair " * 12, "safe", ()),
    )  # fmt: skip
    source = "    " + '"A": 1, ' * 30
    text = human(finding, lambda *_: source, width=60, color=True)
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert max(len(line) for line in plain.splitlines()) <= 60
    assert " ".join(plain.split()).count("words") == 24
    more = [line for line in plain.splitlines() if line.startswith("           more words")]
    assert len(more) > 1  # under the first
    whole = human(finding, lambda *_: source)
    assert "many words " * 11 in whole
    assert "more words " * 11 in whole


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    finding = Finding("CGW204", "s", "info", "A\x1b[2J is", Location("f\x07.json", 1, 3, "/env/A"), "h\x9b")
    text = human(finding, lambda *_: '{ "A\x1b[2J\udc80": 1 }') + concise(finding)
    assert text.replace("\n", "").isprintable()


def test_colour_only_on_request() -> None:
    assert "\x1b" not in human(NASTY, lambda *_: None)
    assert "\x1b[1;33m" in human(NASTY, lambda *_: None, color=True)


def test_good_news_is_said() -> None:
    assert closing(summary([]), Checked(["a", "b"], ignored=1, client="2.1.330")) == (
        "All well: 2 sources checked for client 2.1.330, 1 ignored with a reason.\n"
    )
    assert closing(summary([NASTY]), Checked(["a"])).startswith("1 warning in 1 source.")


@pytest.mark.parametrize("width", [60, 72, 80, 100])
@pytest.mark.parametrize(
    "command", ["cgw secret set file://~/.config/cgw/keys/NAME", "export NO_PROXY=llm.example.com"]
)
def test_a_command_at_the_end_of_a_help_is_on_one_line(width: int, command: str) -> None:
    finding = Finding(
        "CGW204", "s", "info", "m", Location("f.json", 1, 3, "/env/A"), f"{'replace it, ' * 4}then: {command}"
    )
    lines = human(finding, lambda *_: None, width=width).splitlines()
    assert any(line.strip() == command or line.endswith(f": {command}") for line in lines)
    assert all(len(line) <= width for line in lines)


CANARY = "cgwcanary0123456789abcdef"


@pytest.mark.parametrize(
    "line",
    [
        f'"ANTHROPIC_AUTH_TOKEN": "{CANARY}"',
        f'"ANTHROPIC_AUTH_TOKEN": "Bearer {CANARY}",',
        f'  "env": {{"ANTHROPIC_API_KEY":"{CANARY}","X":"y"}}',
        f'"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: {CANARY}\\nx-team: a"',
        f'"SOME_OTHER": "{CANARY}"',
        f'"apiKeyHelper": "echo {CANARY}"',
        f'"ANTHROPIC_BASE_URL": "https://me:{CANARY}@gw.example.com"',
        f'"ANTHROPIC_AUTH_TOKEN": "{CANARY}',
        f"'ANTHROPIC_AUTH_TOKEN': '{CANARY}'",
        f"  master_key: {CANARY}",
        f"api_key: {CANARY}  # the key",
        f'secret = "{CANARY}"',
        f'["{CANARY}"]',
    ],
)
def test_a_shown_line_hides_every_value_that_could_be_secret(line: str) -> None:
    assert CANARY not in masked_line(line)
    assert "0123456789" not in masked_line(line)


@pytest.mark.parametrize(
    "line",
    [
        '    "ANTHROPIC_BASE_URL": "https://llm.example.com/v1",',
        '  "model": "claude-opus-5-5",',
        '    "CLAUDE_CODE_USE_BEDROCK": "1"',
        '  "apiKeyHelper": "~/bin/key.sh"',
        "  master_key: os.environ/LITELLM_MASTER_KEY",
        '    "ANTHROPIC_AUTH_TOKEN": null,',
    ],
)
def test_a_public_line_is_shown_as_it_is(line: str) -> None:
    assert masked_line(line) == line


def test_no_format_shows_a_key_of_any_example() -> None:
    keys = re.compile(r"4f1c9a7e22b0|99d0c3b1a4e8|5d1e7c90aa|s3cret|fakefake|eyJhb")
    for rule in all_rules().values():
        judged = rule_context(read_page(rule.code).bad)
        texts = {item.file: (item.text or "").splitlines() for item in judged.snapshot.files}
        found = list(run(judged))
        line_of = lambda file, line, texts=texts: (texts.get(file, []) + [""] * line)[line - 1]  # noqa: E731 - a table look-up
        everything = "".join(human(item, line_of) + concise(item) + github(item) + to_jsonl(item) for item in found)
        assert not keys.search(everything + "".join(to_sarif(found))), rule.code
