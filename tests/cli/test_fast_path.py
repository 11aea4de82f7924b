from __future__ import annotations

import typer.main

from claude_gw_cli.cli import app, fast_path

COMMON = {"--yes", "-y", "--help", "-h"}


def declared(name: str):
    """The Typer command behind a name such as ``settings diff``."""
    command = typer.main.get_command(app.build())
    for word in name.split():
        command = command.commands[word]
    return command


def test_every_hot_command_has_the_options_that_the_app_declares() -> None:
    assert len(fast_path.FAST_COMMANDS) >= 5
    for name, hot in fast_path.FAST_COMMANDS.items():
        values, flags, words = set(), set(), 0
        for parameter in declared(name).params:
            names = set(parameter.opts) - COMMON
            if parameter.param_type_name == "argument":
                words = -1 if parameter.nargs == -1 else 1
            elif getattr(parameter, "is_flag", False):
                flags |= names
            else:
                values |= names
        assert set(hot.values) == values, name
        assert set(hot.flags) == flags, name
        assert hot.words == words, name


def test_a_line_that_is_not_plain_goes_to_the_app() -> None:
    for line in (
        [],
        ["--help"],
        ["env", "--help"],
        ["env", "--shel", "sh"],
        ["env", "--shell"],
        ["env", "--shell", "--unset"],
        ["env", "word"],
        ["helper", "run"],
        ["helper", "run", "a", "b"],
        ["init", "--yes"],
        ["check", "--yes"],
    ):
        assert fast_path.run(line) is None, line


def test_options_are_read_in_both_spellings() -> None:
    hot = fast_path.FAST_COMMANDS["explain"]
    assert fast_path._parse(hot, ["--profile", "x", "--format=json", "--interactive", "--", "--model", "m"]) == (
        {"profile": "x", "format_": "json", "interactive": True},
        ["--model", "m"],
    )
