"""The file formats, read back by the real reader where it is Python's, else by the reader's own rules."""

from __future__ import annotations

import io
import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import dotenv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_gw_cli import emit
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.emit import ci
from claude_gw_cli.emit.common import Keyed

HOSTILE = json.loads((Path(__file__).parent.parent / "vectors" / "hostile.json").read_text())
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
nasty = st.text(st.sampled_from(" \n\t\r'\"\\$`{}#=%a"))


def carried(dialect: str, value: str) -> str | None:
    """The file's text with two variables around the value, or None when the dialect refuses it."""
    try:
        return emit.render(dialect, [("X", value), ("AFTER", "1")], ["GONE"])
    except UsageError:
        return None


def actions_file(text: str) -> dict[str, str]:
    """As actions/runner's FileCommandManager reads $GITHUB_ENV on Linux."""
    lines, found = iter(text.split("\n")[:-1]), {}
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            found[line[:equals]] = line[equals + 1 :]
        else:
            assert heredoc > 0
            block = []
            while (inner := next(lines)) != line[heredoc + 2 :]:
                block.append(inner)
            found[line[:heredoc]] = "\n".join(block)
    return found


def docker_file(text: str) -> dict[str, str]:
    """As docker/cli's parseKeyValueFile: bufio.ScanLines drops one CR, the rest is the value."""
    lines = [line.removesuffix("\r") for line in text.split("\n")[:-1]]
    return dict(line.split("=", 1) for line in lines)


def gitlab_report(text: str) -> dict[str, str]:
    """As GitLab's ParseDotenvArtifactService: one line each, both sides stripped."""
    pairs = (line.split("=", 1) for line in text.split("\n")[:-1])
    return {name.strip(): value.strip() for name, value in pairs}


def systemd_file(text: str) -> dict[str, str]:
    """As systemd's parse_env_file reads double quotes."""
    pattern = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\["\\`$])*)"|([^"\n]*))\n', re.DOTALL)
    found, position = {}, 0
    while position < len(text):
        match = pattern.match(text, position)
        assert match
        found[match[1]] = match[3] if match[2] is None else re.sub(r'\\(["\\`$])', r"\1", match[2])
        position = match.end()
    return found


def python_dotenv(text: str) -> dict[str, str | None]:
    return dotenv.dotenv_values(stream=io.StringIO(text, newline=""))


READERS: dict[str, Any] = {
    "dotenv": python_dotenv, "docker": docker_file, "github": actions_file,
    "gitlab": gitlab_report, "systemd": systemd_file,
}  # fmt: skip


@pytest.mark.parametrize("dialect", READERS)
@given(value=values | nasty)
def test_what_is_carried_reads_back(dialect: str, value: str) -> None:
    text = carried(dialect, value)
    if text is not None:
        emptied = {} if dialect == "gitlab" else {"GONE": ""}
        assert READERS[dialect](text) == {**emptied, "X": value, "AFTER": "1"}


@pytest.mark.parametrize("dialect", READERS)
def test_every_hostile_value_reads_back_or_is_refused(dialect: str) -> None:
    texts = {label: carried(dialect, value) for label, value in HOSTILE.items()}
    kept = {label: READERS[dialect](text)["X"] for label, text in texts.items() if text is not None}
    assert kept == {label: HOSTILE[label] for label in kept}
    assert {"plain", "one word", "header line", "non-ASCII", "URL with query", "bracket that globs"} <= set(kept)


@pytest.mark.parametrize(
    ("dialect", "labels"),
    [
        ("docker", {"newline", "header block", "CR", "CRLF"}),
        (
            "dotenv",
            {
                "CR",
                "newline",
                "header block",
                "empty",
                "both quotes",
                "trailing backslash",
                "backslashes",
                "PowerShell",
            },
        ),
        ("gitlab", {"newline", "header block", "CR", "leading space", "trailing space", "command substitution"}),
        ("systemd", {"CR", "CRLF", "control characters", "byte order mark"}),
        ("devcontainer", {"command substitution"}),
    ],
)
def test_what_a_format_cannot_carry_is_refused_by_name(dialect: str, labels: set[str]) -> None:
    for label in labels:
        with pytest.raises(UsageError, match=rf"^{dialect} cannot carry X: "):
            emit.render(dialect, [("X", HOSTILE[label])], [])


def test_github_carries_every_hostile_value() -> None:
    sets = [(f"T{index}", value) for index, value in enumerate(HOSTILE.values())]
    assert actions_file(emit.render("github", sets, [])) == dict(sets)


def test_docker_refuses_a_line_that_its_scanner_cannot_hold() -> None:
    assert carried("docker", "x" * 65_533)  # with "X=" 65,535: measured with docker 28.2, one more fails
    assert carried("docker", "x" * 65_534) is None


def test_github_draws_again_when_the_delimiter_occurs_in_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = count()
    monkeypatch.setattr(ci, "_random_hex", lambda _: f"{next(draws):02}")
    assert emit.render("github", [("X", "a\nghadelimiter_00")], []) == (
        "X<<ghadelimiter_01\na\nghadelimiter_00\nghadelimiter_01\n"
    )


def test_github_delimiters_cannot_be_guessed() -> None:
    drawn = {emit.render("github", [("X", "a")], []).split("\n")[0] for _ in range(8)}
    assert len(drawn) == 8
    assert all(re.fullmatch(r"X<<ghadelimiter_[0-9a-f]{32}", line) for line in drawn)


def test_masks_hide_each_line_of_each_secret() -> None:
    assert (
        ci.masks(["sk-1", "two\r\n\nlines 50%", ""]) == "::add-mask::sk-1\n::add-mask::two\n::add-mask::lines 50%25\n"
    )


SETS = [("A", "plain"), ("B", "it's \u00e9\n")]


def test_json_is_an_object_with_null_for_what_goes() -> None:
    assert json.loads(emit.render("json", SETS, ["GONE"])) == {"GONE": None, **dict(SETS)}


def test_a_name_that_is_both_set_and_unset_is_set() -> None:
    assert json.loads(emit.render("json", SETS, ["A"])) == dict(SETS)


def test_vscode_names_the_extension_s_own_settings() -> None:
    assert json.loads(emit.render("vscode", SETS, ["GONE"])) == {
        "claudeCode.environmentVariables": [
            {"name": "GONE", "value": ""},
            {"name": "A", "value": "plain"},
            {"name": "B", "value": "it's \u00e9\n"},
        ],
        "claudeCode.disableLoginPrompt": True,
    }


@pytest.mark.parametrize("value", ["sk-ab$cd9$1x", "sk-ab$$cd", "https://gw.example.com/v1?x=1&y=$z#f", "a$"])
def test_dotenv_refuses_what_bun_and_dotenv_cli_expand_in_all_quotes(value: str) -> None:
    assert carried("dotenv", value) is None


@pytest.mark.parametrize("value", ["a\\nb", "C:\\table", "{{x}}", '"sk"', "'a'", "a\u2028b", "a\fb", "a\n", ""])
def test_dotenv_refuses_what_one_of_its_readers_changes(value: str) -> None:
    assert carried("dotenv", value) is None


def test_gitlab_takes_twenty_variables_and_writes_no_empty_ones() -> None:
    sets = [(f"N{index}", "1") for index in range(20)]
    assert emit.render("gitlab", sets, ["GONE"]).count("\n") == 20
    with pytest.raises(UsageError, match=r"^gitlab cannot carry LAST: a dotenv report has at most 20 variables"):
        emit.render("gitlab", [*sets, ("LAST", "1")], [])


def test_gitlab_takes_less_than_five_kilobytes() -> None:
    assert len(emit.render("gitlab", [("X", "y" * 5_116)], [])) == 5_119
    with pytest.raises(UsageError, match=r"^gitlab cannot carry X: the dotenv report would not be below 5120 bytes"):
        emit.render("gitlab", [("X", "y" * 5_117)], [])


def test_docker_says_how_a_line_break_gets_in() -> None:
    with pytest.raises(UsageError) as caught:
        emit.render("docker", [("X", "a\nb")], [])
    assert (
        caught.value.hint
        == 'docker and podman take it from the environment: eval "$(cgw env)"; docker run -e X IMAGE'
    )


def test_the_key_is_referred_to_where_a_text_is_kept_in_an_image_or_an_artifact() -> None:
    header = Keyed.of("x-api-key: ", "${localEnv:K}", "\nX-Team: a", "K")
    assert json.loads(emit.render("devcontainer", [*SETS, ("H", header)], ["GONE"])) == {
        "containerEnv": dict(SETS),
        "remoteEnv": {"GONE": None, "H": "x-api-key: ${localEnv:K}\nX-Team: a"},
    }
    assert emit.render("gitlab", [("H", Keyed.of("Bearer ", "$K", "", "K"))], []) == "H=Bearer $K\n"
    with pytest.raises(UsageError, match=r"^devcontainer cannot carry H: "):
        emit.render("devcontainer", [("H", Keyed.of("${localEnv:X}", "${localEnv:K}", "", "K"))], [])


def test_devcontainer_sets_for_all_and_unsets_for_the_tools() -> None:
    assert json.loads(emit.render("devcontainer", SETS, ["GONE"])) == {
        "containerEnv": dict(SETS),
        "remoteEnv": {"GONE": None},
    }
    assert json.loads(emit.render("devcontainer", SETS, [])) == {"containerEnv": dict(SETS)}
