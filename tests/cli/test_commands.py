"""The command table: it agrees with the functions that it names, and lines are read as people expect it."""

from __future__ import annotations

import inspect
import os
import typing
from collections.abc import Callable

import pytest

from claude_gw_cli.cli import command_line
from claude_gw_cli.cli.command_line import parse, split
from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS, Command, find
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.profile_members import KEYWORDS

from .conftest import Cgw

ALL = pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.words)
NOT_PASSED_ON = {"", "trust_repository"}


def signature(function: Callable[..., int]) -> inspect.Signature:
    """The signature with its annotations, also those that are imported for checking only."""
    from claude_gw_cli.core.model import SettingsScope

    found = inspect.signature(function)
    # At runtime these are the words alone (hints.py).
    names = function.__globals__ | {
        "SettingsScope": typing.Literal.__getitem__(SettingsScope),
        "Literal": typing.Literal,
    }
    fields = [item.replace(annotation=eval(item.annotation, names)) for item in found.parameters.values()]
    return found.replace(parameters=fields)


@ALL
def test_a_row_is_what_its_function_takes(command: Command) -> None:
    fields = dict(signature(command.function()).parameters)
    anything = next((fields.pop(name) for name, item in list(fields.items()) if item.kind is item.VAR_KEYWORD), None)
    for item in command.parameters:
        if item.name in NOT_PASSED_ON:
            continue
        if item.name not in fields and anything is not None:
            assert item.kind == "option"
            assert anything.annotation == str | None
            assert item.name in KEYWORDS, item.name
            continue
        field = fields.pop(item.name)
        assert field.kind is field.KEYWORD_ONLY, "options are passed by name"
        kinds = [item for item in typing.get_args(field.annotation) or (field.annotation,) if item is not type(None)]
        match item.kind:
            case "flag":
                assert (field.annotation, field.default) == (bool, False), item.name
            case "arguments" | "program":
                assert field.annotation == tuple[str, ...], item.name
            case _ if item.required:
                assert (field.annotation, field.default) == (str, inspect.Parameter.empty), item.name
            case _:
                assert field.default == item.default, item.name
                if kinds != [str]:
                    words = [word for kind in kinds for word in typing.get_args(kind) or (kind,)]
                    assert {*words} == {*item.allowed()}, f"{item.name}: the type and the row name other choices"
                assert (type(None) in typing.get_args(field.annotation)) == (item.default is None), item.name
    assert not fields, f"{command.words}: no row for {[*fields]}"


def test_no_two_rows_and_no_group_have_the_same_words() -> None:
    assert len(COMMANDS) >= 25
    groups = {words.split()[0] for words in COMMANDS if " " in words}
    assert groups == {*GROUPS}
    assert not groups & {*COMMANDS}
    for command in COMMANDS.values():
        spellings = [spelling for item in (*command.parameters, *GLOBAL_FLAGS) for spelling in item.spellings]
        assert len(spellings) == len({*spellings}), command.words


@ALL
def test_every_help_page_says_what_everything_is_for(command: Command) -> None:
    for item in command.parameters:
        assert item.kind == "program" or item.help_text()
        assert "{choices}" not in item.help_text()
        assert item.default is None or item.default in item.allowed()


# A line, and what its command's function is given.
LINES: dict[str, dict[str, object]] = {
    "env": {},
    "env --profile x --shell=fish --unset": {"profile": "x", "shell": "fish", "unset": True},
    "env --profile --unset": {"profile": "--unset"},
    "env --profile= --reveal --resolve": {"profile": "", "reveal": True, "resolve": True},
    "run claude -p --profile x -- --help": {"command": ("claude", "-p", "--profile", "x", "--", "--help")},
    "run --profile x -- claude -- y": {"profile": "x", "command": ("claude", "--", "y")},
    "run -- -- x": {"command": ("--", "x")},
    "run": {"command": ()},
    "settings apply --scope local --drop-in -y --write-secret --force": {
        "scope": "local", "drop_in": True, "write_secret": True, "force": True,
    },
    "settings diff --scope user --scope project": {"scope": "project"},
    "settings status --out -": {"out": "-"},
    "helper run": {},
    "helper run work": {"name": "work"},
    "helper install --standalone work --cache none": {"standalone": True, "name": "work", "cache": "none"},
    "secret test env://X --profile p": {"ref": "env://X", "profile": "p"},
    "secret set -- -x": {"ref": "-x"},
    "check a --format json b -- --fix -": {"paths": ("a", "b", "--fix", "-"), "format_": "json"},
    "check - --fail-on=info": {"paths": ("-",), "fail_on": "info"},
    "explain --interactive -- --model m": {"interactive": True, "words": ("--model", "m")},
    "explain --profile=p -- x --profile q": {"profile": "p", "words": ("x", "--profile", "q")},
    "rule --all": {"everything": True},
    "profile use work": {"name": "work"},
    "init n --provider vertex --opus-model m --from f -y": {
        "name": "n", "provider": "vertex", "opus_model": "m", "source": "f", "yes": True,
    },
    "demo --client /x=y": {"client": "/x=y"},
    "help settings apply": {"words": ("settings", "apply")},
    "version": {},
    "--show-completion fish": {"shell": "fish"},
}  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_well_formed_line_gives_these_values(line: str) -> None:
    command, rest = find(line.split())
    assert command is not None
    given = parse(command, rest)
    empty = {item.name: () for item in command.parameters if item.kind == "arguments"}
    assert given == empty | LINES[line]


def test_the_lines_are_of_many_commands() -> None:
    assert len({command.words for command, _ in map(find, map(str.split, LINES)) if command}) > 15


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("env --shel sh", "there is no option --shel\n  Did you mean --shell? Options: cgw env --help\n"),
        ("check --nope", "there is no option --nope\n  Options: cgw check --help\n"),
        (
            "run --porfile x -- true",
            "there is no option --porfile\n  Did you mean --profile? Options: cgw run --help\n",
        ),
        ("env --shell", "--shell needs a value\n  Usage: cgw env [OPTIONS]\n  Options: cgw env --help\n"),
        ("env --unset=1", "--unset takes no value\n  Usage: cgw env [OPTIONS]\n"),
        (
            "env word",
            "unexpected argument 'word'\n  Write it as: cgw env --profile word\n  Usage: cgw env [OPTIONS]\n",
        ),
        (
            "init work https://llm.example.com --secret env://K --scope user --yes",
            (
                "unexpected argument 'https://llm.example.com'\n  Write it as: cgw init work --provider unified "
                "--gateway-url https://llm.example.com --secret env://K --scope user --yes\n"
            ),
        ),
        (
            "settings apply user --force",
            "unexpected argument 'user'\n  Write it as: cgw settings apply --scope user --force\n",
        ),
        ("doctor work --live", "unexpected argument 'work'\n  Write it as: cgw doctor --profile work --live\n"),
        (
            "explain work -- --bare",
            "unexpected argument 'work'\n  Write it as: cgw explain --profile work -- --bare\n",
        ),
        ("trace work", "unexpected argument 'work'\n  Write it as: cgw trace --profile work\n"),
        ("helper run a b", "unexpected argument 'b'\n  Usage: cgw helper run [NAME]\n"),
        ("secret set", "REF is missing\n  Usage: cgw secret set [OPTIONS] REF\n"),
        ("profile use", "NAME is missing\n  Usage: cgw profile use [OPTIONS] NAME\n"),
        ("settings", "cgw settings needs a command\n  It is one of: render, diff, apply, undo, status, history\n"),
        ("settings aply", "there is no command 'cgw settings aply'\n  Did you mean: cgw settings apply\n"),
        ("evn", "there is no command 'cgw evn'\n  Did you mean: cgw env\n  Commands: cgw --help\n"),
        ("help evn", "there is no command 'cgw evn'\n  Did you mean: cgw env\n"),
        ("--nope", "there is no option --nope\n  Options and commands: cgw --help\n"),
    ],
)
def test_a_line_that_is_not_well_formed_is_refused_with_what_may_be_meant(cgw: Cgw, line: str, says: str) -> None:
    assert cgw(*line.split(), fails=2).err.startswith(f"cgw: error: {says}")


@pytest.mark.parametrize("name", ["\x1b[31mx", "--\x1b]0;x\x07"])
def test_a_word_that_is_quoted_is_escaped(cgw: Cgw, name: str) -> None:
    assert "\x1b" not in cgw(name, fails=2).err


@pytest.mark.parametrize(
    ("line", "flags", "words"),
    [
        ("env -q --shell sh --no-color", ["-q", "--no-color"], ["env", "--shell", "sh"]),
        ("-v explain -- -v", ["-v"], ["explain", "--", "-v"]),
        ("-q run --profile p claude -v", ["-q"], ["run", "--profile", "p", "claude", "-v"]),
        ("run -q -- claude --version", ["-q"], ["run", "--", "claude", "--version"]),
        ("run --trust-repository claude -q", [], ["run", "--trust-repository", "claude", "-q"]),
    ],
)
def test_global_flags_are_found_in_cgws_own_part_of_the_line(line: str, flags: list[str], words: list[str]) -> None:
    assert split(line.split()) == (flags, words)


def test_every_command_that_uses_a_profile_can_be_told_to_trust_the_repository() -> None:
    for command in COMMANDS.values():
        if "--profile" in command.spelled():
            assert "--trust-repository" in command.spelled(), command.words


def test_trusting_the_repository_holds_for_this_process(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGW_TRUST_REPOSITORY", "")  # so that the test leaves nothing behind
    seen: list[object] = []

    def doctor(**given: object) -> int:
        seen.append((given, os.environ.get("CGW_TRUST_REPOSITORY")))
        return 0

    monkeypatch.setattr("claude_gw_cli.cli.doctor.doctor", doctor)
    cgw("doctor", "--live")
    cgw("doctor", "--trust-repository", "--live")
    assert seen == [({"live": True}, ""), ({"live": True}, "1")]


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("apply", "cgw settings apply"),
        ("undo", "cgw settings undo"),
        ("list", "cgw helper list, cgw rule or cgw profile list"),
        ("remove", "cgw helper uninstall, cgw secret rm, cgw profile rm or cgw uninstall"),
        ("profile remove work", "cgw profile rm"),
        ("helper remove", "cgw helper uninstall"),
        ("secret remove env://X", "cgw secret rm"),
        ("settings remove", "cgw settings undo"),
        ("--json", "--format json, as in: cgw check --format json"),
        ("check --json", "--format json"),
        ("profile list --json", "--format json"),
    ],
)
def test_what_people_type_for_another_command_names_that_command(cgw: Cgw, line: str, use: str) -> None:
    assert f"Use: {use}\n" in cgw(*line.split(), fails=2).err


def test_words_for_another_command_are_no_commands_and_not_hidden_by_one() -> None:
    for command in COMMANDS.values():
        for line in command.also:
            assert find(line.split())[0] is None, f"cgw {line} is a command"
            with pytest.raises(UsageError, match=f"'cgw {line}'") as raised:
                command_line.run(line.split())
            assert f"cgw {command.words}" in raised.value.hint


@ALL
@pytest.mark.parametrize("columns", [40, 80])
def test_a_help_page_has_every_word_of_its_row_and_fits(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch, command: Command, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    page = cgw(*command.words.split(), "--help").out
    assert page.startswith(f"Usage: cgw {command.words}")
    words = page.split()
    told = [command.help, *(item.help_text() for item in command.parameters)]
    assert {word for text in told for word in text.split()} <= {*words}
    assert {spelling for item in command.parameters for spelling in item.spellings} <= {
        word.rstrip(",") for word in words
    }
    longest = max(len(word) for word in words)
    assert all(len(line) <= max(columns, longest + 6) for line in page.splitlines())
    assert page == cgw("help", "--", *command.words.split()).out


def test_the_pages_of_cgw_and_of_a_group_list_their_commands(cgw: Cgw) -> None:
    page = cgw("--help").out
    for command in COMMANDS.values():
        first, _, second = command.words.partition(" ")
        if not command.hidden:
            assert f"\n  {first} " in page
            assert not second or f"\n  {second} " in cgw(first, "--help").out


def test_help_and_version_are_also_commands(cgw: Cgw) -> None:
    assert cgw("version").out == cgw("--version").out == cgw("env", "--version").out
    assert cgw("help").out == cgw("--help").out
    assert cgw("help", "settings", "apply").out == cgw("settings", "apply", "--help").out
    assert "\n  version" not in cgw("--help").out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("check --format jsno", "unknown format 'jsno'\n  Did you mean json? It is one of: human, concise, json,"),
        ("rule --all --format xml", "unknown format 'xml'\n  It is one of: human, json\n"),
        (
            "check --fail-on warn",
            "unknown severity 'warn'\n  Did you mean warning? It is one of: error, warning, info",
        ),
        (
            "settings apply --scope usr",
            "unknown scope 'usr'\n  Did you mean user? It is one of: user, project, local",
        ),
        ("init --scope usr", "unknown scope 'usr'\n  Did you mean user? It is one of: none, user, project, local"),
        (
            "init --provider vertx",
            "unknown provider 'vertx'\n  Did you mean vertex? It is one of: unified, anthropic,",
        ),
        ("init --key-format foo", "unknown key format 'foo'\n  It is one of: bearer, bare\n"),
        ("helper install --cache ram", "unknown cache 'ram'\n  It is one of: file, keyring, none\n"),
        ("settings diff --scope=", "unknown scope ''\n  It is one of: user"),
    ],
)
def test_a_value_that_is_not_a_choice_is_refused_in_one_way(cgw: Cgw, line: str, says: str) -> None:
    assert f"cgw: error: {says}" in cgw(*line.split(), fails=2).err
