"""tox.ini and supervisord's configuration: what the real programs were measured to read."""

from __future__ import annotations

import pytest

from claude_gw_cli import readers
from claude_gw_cli.readers.common import Unknown, final, known

NAME = "ANTHROPIC_MODEL"


def starts(path: str, text: str) -> list[dict[str, str | None]]:
    """The variables of each process; ``None`` for a value that the file does not say."""
    reader, *_ = readers.of_named(path, "", text)
    return [
        {name: known(item.value or ()) for name, item in final(start).items()}
        for start in readers.read(reader, text, path)
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("A1=b # comment", "b"),
        ("A1=https://x/#part", "https://x/"),
        (r"A1=a\#b", "a#b"),
        ('A1="quoted"', '"quoted"'),
        ("A1 = a b ", "a b"),
        ("A1=$HOME", "$HOME"),
        ("A1={env:HOME:/x}/y", None),
        ("A1={env:HOME:{posargs}}", None),
        ("A1=one\\\n   two", "onetwo"),
        ("A1=x\n  # a comment\n# another", "x"),
        ("# A1=y\n  A1=z", "z"),
    ],
)
@pytest.mark.parametrize("option", ["setenv", "set_env"])
def test_tox_takes_a_line_as_it_is(option: str, written: str, value: str | None) -> None:
    text = f"[testenv]\n{option} =\n  {written}\n  {NAME}=m\ncommands = claude\n"
    assert starts("tox.ini", text) == [{"A1": value, NAME: "m"}]


def test_each_environment_of_tox_is_one_process() -> None:
    text = (
        f"[tox]\nenv_list = a\n[testenv]\nsetenv =\n  {NAME}=old\nset_env =\n  {NAME}=m\n  ci: A1=factor\n"
        f"[testenv:b]\nsetenv = {NAME}=own\n[testenv:c]\nset_env =\n  {{[testenv]set_env}}\n  A2=2\n"
        f"[flake8]\nsetenv = {NAME}=no\n[testenv:d]\nset_env = {{[testenv:d]set_env}}\n"
    )
    assert starts("tox.ini", text) == [
        {NAME: "m"},
        {NAME: "m", "A1": "factor"},
        {NAME: "own"},
        {NAME: "m", "A2": "2"},
        {NAME: "m", "A1": "factor", "A2": "2"},
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"m"', "m"),
        ('"m # no comment"', "m # no comment"),
        ('"{env:HOME}/m"', None),
        ('"{env:HOME:{posargs}}"', None),
        ('"$HOME/m"', "$HOME/m"),
        ('{ replace = "env", name = "MODEL", default = "m" }', None),
        ('{ replace = "ref", of = ["env_run_base", "set_env", "M"] }', None),
    ],
)
@pytest.mark.parametrize("path", ["tox.toml", "pyproject.toml"])
def test_tox_fills_in_the_values_of_its_tables(path: str, written: str, value: str | None) -> None:
    table = "tool.tox." if path == "pyproject.toml" else ""
    assert starts(path, f"[{table}env_run_base]\nset_env.{NAME} = {written}\n") == [{NAME: value}]
    assert starts(path, f"[{table}env.ci.set_env]\n{NAME} = {written}\n") == [{NAME: value}]


@pytest.mark.parametrize(
    ("written", "nix", "terraform"),
    [
        ("true", "1", "true"),
        ("false", "", "false"),
        ("120", "120", "120"),
        ("config.x", None, None),
        ("true && x", None, None),
    ],
)
@pytest.mark.parametrize("end", ["", " ", " # why"])
def test_a_boolean_or_number_of_nix_and_terraform_is_a_text_of_the_variable(
    written: str, nix: str | None, terraform: str | None, end: str
) -> None:
    semicolon = "; # why" if "#" in end else f"{end};"
    assert starts("shell.nix", f"{{ env = {{\n  CLAUDE_CODE_USE_BEDROCK = {written}{semicolon}\n}}; }}\n") == [
        {"CLAUDE_CODE_USE_BEDROCK": nix}
    ]
    assert starts("a.tf", f"env = {{\n  CLAUDE_CODE_USE_BEDROCK = {written}{end}\n}}\n") == [
        {"CLAUDE_CODE_USE_BEDROCK": terraform}
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('A1="b,c"', "b,c"),
        ("A1='d'", "d"),
        ("A1=b#c", "b"),
        ("A1=http://x:80/v1", "http://x:80/v1"),
        ('A1 = "x=y"', "x=y"),
        ('A1="100%%"', "100%"),
        ('A1="%(ENV_HOME)s/x"', None),
        ('A1="b" ; comment', "b"),
    ],
)
def test_supervisord_reads_pairs(written: str, value: str | None) -> None:
    text = f"[program:a]\ncommand=claude\nenvironment={NAME}=m,{written}\n"
    assert starts("supervisord.conf", text) == [{NAME: "m", "A1": value}]
    text = f"[program:a]\nenvironment=\n  {written.replace(' ;', ',  ;')},\n  ; A1=no\n  {NAME}=m\nuser=me\n"
    assert starts("a.ini", text.replace(",,", ",")) == [{NAME: "m", "A1": value}]


def test_programs_inherit_from_the_daemon() -> None:
    daemon = f'[supervisord]\nenvironment={NAME}="m",A1="1"\n'
    assert starts("supervisord.conf", daemon) == [{NAME: "m", "A1": "1"}]
    text = f'{daemon}[program:a]\nenvironment=A1="2"\n[program:b]\ncommand=claude\n[group:c]\nprograms=a,b\n'
    assert starts("supervisord.conf", text) == [{NAME: "m", "A1": "2"}, {NAME: "m", "A1": "1"}]


@pytest.mark.parametrize("value", ["a b", "a~b", "a;b", "a@b", "", "$X", '"p ;q"'])
def test_a_value_that_supervisord_refuses_reaches_no_process(value: str) -> None:
    text = f"[program:a]\nenvironment={NAME}={value}\n"
    reader, *_ = readers.of_named("supervisord.conf", "", text)
    (start,) = readers.read(reader, text, "supervisord.conf")
    assert final(start)[NAME].lost.startswith("supervisord does not start")
    assert final(start)[NAME].instead == f'write {NAME}="VALUE"'


@pytest.mark.parametrize(
    ("name", "text"), [("setup.ini", "[a]\nb=1\n"), ("nginx.conf", "http {}\n"), ("tox.ini", "[x]\n")]
)
def test_other_files_of_such_names_are_not_read(name: str, text: str) -> None:
    assert not readers.of_named(name, "", text + f"# {NAME}\n")


def test_what_is_filled_in_keeps_its_text() -> None:
    text = f"[testenv]\nset_env =\n  {NAME}=a-{{env:X}}\n"
    reader, *_ = readers.of_named("tox.ini", "", text)
    (start,) = readers.read(reader, text, "tox.ini")
    assert final(start)[NAME].value == ("a-", Unknown("{env:X}"))
