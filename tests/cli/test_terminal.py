"""What cgw does to a terminal: colour only where it is welcome, pages that fit, questions that can be left."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli.out import use_color

from .conftest import Cgw
from .terminals import Terminal

# Enough for `cgw doctor` to have every kind of row, and no gateway to wait for.
PROFILE = 'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nsecret = "env://CGW_TEST_KEY"\n'


@pytest.fixture
def terminal(work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Terminal]]:
    """Start cgw on a terminal that has colours, NO_COLOR not set, no Claude Code in reach, one profile."""
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("PATH", os.defpath)
    folder = isolated / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(PROFILE)
    started: list[Terminal] = []

    def start(*argv: str, **given: Any) -> Terminal:
        started.append(Terminal(*argv, **given))
        return started[-1]

    yield start
    for item in started:
        item.close()


@pytest.mark.parametrize("line", ["--help", "init --help", "run -h"])
def test_help_is_plain_for_who_wants_no_colour(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    argv = line.split()
    styled = terminal(*argv)
    assert styled.finish() == 0
    assert b"\x1b[1mUsage:\x1b[0m cgw" in styled.shown
    flag = terminal(*argv, "--no-color")
    assert flag.finish() == 0
    monkeypatch.setenv("NO_COLOR", "1")
    variable = terminal(*argv)
    assert variable.finish() == 0
    assert flag.shown == variable.shown
    assert b"\x1b" not in variable.shown
    assert b"Usage: cgw" in variable.shown


@pytest.mark.parametrize("argv", [["demo"], ["doctor"]], ids=" ".join)
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_live_pages_are_plain_lines_where_no_cursor_may_move(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch, argv: list[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    plain = terminal(*argv)
    plain.finish()
    assert b"\x1b" not in plain.shown
    assert plain.shown.count(b"\r\n") > 10
    assert b"\r" not in plain.shown.replace(b"\r\n", b"")


def test_live_pages_are_live_on_a_capable_terminal(terminal: Callable[..., Terminal]) -> None:
    for command in ("demo", "doctor"):
        live = terminal(command)
        live.finish()
        assert b"\x1b[?25l" in live.shown
        assert live.shown.rindex(b"\x1b[?25h") > live.shown.rindex(b"\x1b[?25l")


def test_no_color_does_not_change_the_terminal_that_a_command_is_told_of(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGW_TEST_KEY", "cgw-canary-1")
    started = terminal("run", "--no-color", "--", "sh", "-c", "echo term=$TERM")
    assert started.finish() == 0
    assert started.shown == b"term=xterm-256color\r\n"


def test_fancy_asks_for_a_capable_terminal_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(StringIO):
        def isatty(self) -> bool:
            return True

    assert not use_color(Screen())  # NO_COLOR=1 is set for every test
    monkeypatch.setenv("NO_COLOR", "")  # which by https://no-color.org is not set
    assert use_color(Screen())
    assert not use_color(StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not use_color(Screen())


@pytest.mark.parametrize("columns", [80, 110])
def test_the_demo_fits_its_terminal_without_loss(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    plain = terminal("demo", columns=columns)
    assert plain.finish() == 0
    lines = plain.shown.decode().splitlines()
    assert max(map(len, lines)) <= columns
    rows = [line for line in lines if "✓" in line]
    for header in ("authorization", "x-api-key", "x-litellm-api-key", "proxy-authorization"):
        assert any(header in row for row in rows)
    assert any("bedrock" in row and "this machine" in row for row in rows)
    assert all(row.count("✓") == 2 for row in rows)
    assert any("/vertex_ai/v1" in row for row in rows) == (columns == 110)
    monkeypatch.delenv("NO_COLOR")
    live = terminal("demo", columns=columns)
    assert live.finish() == 0
    final = live.shown.decode().rpartition("\x1b[2K")[2]
    assert "proxy-authorization" in final
    assert final.count("✓") == 2 * len(rows)
    assert "…" not in final.replace("sk-c…", "")


def test_an_option_with_a_value_says_so(cgw: Cgw) -> None:
    page = " ".join(cgw("init", "--help").out.split())
    for words in ("--gateway-url URL ", "--secret REF ", "--from FILE|URL ", "--dry-run Print", "--yes Ask"):
        assert words in page


def test_the_help_of_run_shows_where_the_command_goes(cgw: Cgw) -> None:
    assert cgw("run", "--help").out.startswith("Usage: cgw run [OPTIONS] -- COMMAND [ARG]...\n")


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        (["--", "CMD", "-p", "x"], ["-p", "x"]),
        (["--profile", "work", "--", "CMD", "--flag", "--", "y"], ["--flag", "--", "y"]),
        (["CMD", "-v", "--no-color", "--version"], ["-v", "--no-color", "--version"]),
        (["CMD", "--profile", "theirs", "--help"], ["--profile", "theirs", "--help"]),
        (["CMD", "--", "z"], ["--", "z"]),
        (["-q", "CMD", "-q"], ["-q"]),
    ],
    ids=["after --", "a second --", "global flags", "its own --profile", "a -- of its own", "-q twice"],
)
def test_run_hands_every_word_of_the_command_on(
    terminal: Callable[..., Terminal],
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    handed_on: list[str],
) -> None:
    monkeypatch.setenv("CGW_TEST_KEY", "cgw-canary-1")
    script = work / "command"
    script.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    script.chmod(0o755)
    started = terminal("run", *(str(script) if word == "CMD" else word for word in given))
    assert started.finish() == 0
    assert started.shown.decode() == "".join(f"{word}|" for word in handed_on)


@pytest.mark.parametrize(
    "argv",
    [
        ["--version"],
        ["env", "--version"],
        ["-q", "--version"],
        ["settings", "apply", "--version"],
        ["run", "--version"],
    ],
    ids=" ".join,
)
def test_the_version_is_told_wherever_it_is_asked_for(cgw: Cgw, argv: list[str]) -> None:
    from claude_gw_cli import __version__
    from claude_gw_cli.facts.newest import NEWEST

    assert cgw(*argv).out == f"cgw {__version__} (facts: {NEWEST}, packaged)\n"


@pytest.mark.parametrize("argv", [[], ["-q"], ["--help"]], ids=" ".join)
def test_without_a_command_the_help_ends_with_where_to_start(cgw: Cgw, argv: list[str]) -> None:
    done = cgw(*argv)
    assert done.out.rstrip().splitlines()[-1].strip() == "Start here: cgw init   or, to look around: cgw demo"
    assert done.err == ""


def test_findings_fit_the_terminal(terminal: Callable[..., Terminal]) -> None:
    path = Path("settings.json")
    path.write_text(
        '{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com", "ANTHROPIC_AUTH_TOKEN": "gw-0a1b2c3d4e"}}'
    )
    path.chmod(0o644)
    shown = terminal("check", "settings.json", "--no-color", columns=60)
    assert shown.finish() == 1
    lines = shown.shown.decode().splitlines()
    assert "CGW124" in lines[0]
    assert max(map(len, lines)) <= 60


def test_what_takes_longer_than_a_second_says_so_on_a_terminal_only(
    terminal: Callable[..., Terminal], work: Path, cgw: Cgw
) -> None:
    slow = work / "slow"
    slow.write_text("#!/bin/sh\nsleep 1.5\necho sk-fake-0123456789\n")
    slow.chmod(0o755)
    shown = terminal("secret", "test", f"exec:{slow}")
    assert shown.finish() == 0
    assert "Fetching the key …" in shown.text
    quiet = terminal("secret", "test", f"exec:{slow}", "--quiet")
    assert quiet.finish() == 0
    assert "Fetching" not in quiet.text
    done = cgw("secret", "test", f"exec:{slow}")
    assert "Fetching" not in done.err + done.out
