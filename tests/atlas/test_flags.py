"""Options and agents are predicted as the real clients took them (``flags.jsonl``, which ``flags.py`` measures)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import flags
import laboratory

from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.world import agents

ROWS = flags.rows()


@pytest.mark.parametrize("version", sorted({row["version"] for row in ROWS}))
def test_every_recorded_start_is_predicted(version: str) -> None:
    wrong = [line for row in ROWS if row["version"] == version for line in flags.disagreements(row)]
    assert not wrong, "\n".join(wrong)


def test_the_recordings_show_what_each_case_is_about() -> None:
    newest = {row["case"]: row for row in ROWS if row["version"] == "2.1.332"}
    assert set(newest) == set(flags.CASES)
    assert newest["agent.variable"]["observed"]["model"] == "claude-haiku-5-5"
    assert newest["agent.model-flag"]["observed"]["model"] == "claude-opus-5-5"
    assert newest["root.base-url"]["observed"]["authorization"] == "Bearer theirs"
    assert newest["effort.xhigh.sonnet-4-6"]["fields"]["effort"] == "high"
    assert len({row["version"] for row in ROWS}) >= 3


def test_the_agent_that_decides_is_named() -> None:
    found = laboratory.predicted("2.1.332", flags.CASES["agent.variable"]).sentences
    assert any("names the model haiku, which counts instead of ANTHROPIC_MODEL" in line for line in found)
    assert "rev.md" in " ".join(found)
    assert not any("The agent" in line for line in laboratory.predicted("2.1.332", flags.start()).sentences)


@pytest.mark.parametrize(
    ("words", "betas", "tools", "rest"),
    [
        (["--betas", "a", "b", "--bare"], ("a", "b"), None, ()),
        (["--betas=a", "b"], ("a",), None, ("b",)),
        (["--betas", "a", "--betas", "b"], ("a", "b"), None, ()),
        (["--tools", ""], (), ("",), ()),
        (["--tools", "Bash", "Read", "--betas", "a"], ("a",), ("Bash", "Read"), ()),
        (["--add-dir", "x", "y", "-p", "hi"], (), None, ("-p", "hi")),
    ],
)
def test_an_option_with_several_values_ends_at_the_next_option(
    words: list[str], betas: tuple[str, ...], tools: tuple[str, ...] | None, rest: tuple[str, ...]
) -> None:
    found, stops = parse_arguments(words, "2.1.332")
    assert (found.betas, found.tools, found.rest, stops) == (betas, tools, rest, ())


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("---\nname: rev\ndescription: a: b: c\nmodel: m\n---\n", "m"),
        ("---\r\nname: rev\r\ndescription: d\r\nmodel: m\r\n---\r\nx", "m"),
        ("---\nname: 'rev'\ndescription: >\n  long\nmodel: \"m\" # why\n---\n", "m"),
        ("---\nname: rev\ndescription: d\nmodel: [m]\n---\n", ""),
        ("---\nname: rev\ndescription: d\nmodel: INHERIT\n---\n", ""),
        ("name: rev\ndescription: d\nmodel: m\n", None),
        ("---\nname: [rev]\ndescription: d\n---\n", None),
        ("---\nname: rev\ndescription:\n---\n", None),
        ("", None),
    ],
)
def test_the_head_of_a_file_describes_the_agent(tmp_path: Path, text: str, model: str | None) -> None:
    folder = tmp_path / ".claude" / "agents"
    folder.mkdir(parents=True)
    (folder / "any.md").write_text(text, encoding="utf-8", newline="")
    (folder / "pipe.md").symlink_to("/dev/zero")
    arguments, _ = parse_arguments([], "2.1.332")
    where = agents.Where(arguments, str(tmp_path / "none"), str(tmp_path), "/home", str(tmp_path / "etc"), "2.1.332")
    found = agents.find("rev", where)
    assert (found and found.model) == model
