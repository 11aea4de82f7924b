"""Completion scripts: what is in them, where they are put, and that they are taken back. The shells themselves are in
``tests/real/test_completion.py``; PowerShell's script is tested here only, as text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from claude_gw_cli import emit
from claude_gw_cli.cli.commands import COMMANDS, GROUPS
from claude_gw_cli.cli.completion.grammar import FROM_DISK, grammar
from claude_gw_cli.cli.completion.script import RENDERERS, script
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.reference import FORMS
from claude_gw_cli.facts.modes import PROVIDERS
from claude_gw_cli.rules.engine import all_rules
from claude_gw_cli.world import completion

from .conftest import Cgw

SHELLS = pytest.mark.parametrize("shell", RENDERERS)
SHOWN = [command for command in COMMANDS.values() if not command.hidden]


def tree(home: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(home.rglob("*"))}


def test_the_grammar_is_the_table() -> None:
    known = grammar()
    assert {*known.nodes} == {"", *GROUPS, *(command.words for command in SHOWN)}
    assert len(SHOWN) > 25
    for command in SHOWN:
        node = known.nodes[command.words]
        kinds = {option.spelling: option.kind for option in node.options}
        for item in command.parameters:
            for spelling in item.spellings:
                assert spelling in kinds or spelling in {option.short for option in node.options}
            if item.kind == "option":
                kind = kinds[item.spellings[0]]
                assert kind is not None
                assert kind in known.lists or kind in FROM_DISK or kind == ""
                if item.choices:
                    assert [word for word, _ in known.lists[kind]] == [*item.allowed()]
            elif item.kind == "flag":
                assert kinds[max(item.spellings, key=len)] is None


def test_every_kind_of_value_that_the_table_names_is_known() -> None:
    known = grammar()
    named = {item.completes for command in COMMANDS.values() for item in command.parameters} - {""}
    assert named >= {"profile", "helper", "shell", "rule", "reference", "file", "directory", "starter"}
    assert named <= FROM_DISK | {*known.lists}


def test_the_lists_are_those_of_their_tables() -> None:
    lists = {name: [word for word, _ in words] for name, words in grammar().lists.items()}
    assert lists["shell"] == [*emit.DIALECTS]
    assert {*all_rules()} <= {*lists["rule"]}
    assert lists["provider"] == [*PROVIDERS]
    assert [word.partition(":")[0] for word in lists["reference"]] == [*FORMS]
    assert {"env://", "keyring://", "file:///", "exec:", "vault://"} <= {*lists["reference"]}
    assert lists["shell-with-completion"] == [*RENDERERS]


@SHELLS
def test_a_script_has_every_command_option_and_value(shell: str) -> None:
    text = script(shell)
    known = grammar()
    for words, node in known.nodes.items():
        assert words in text
        assert all(option.spelling in text for option in node.options)
    for values in known.lists.values():
        assert all(word in text for word, _ in values)
    assert "@BELOW_HOME@" not in text
    assert "Library/Application Support/" not in text
    assert "Library/Application Support" in script(shell, "darwin")
    assert all(line.isascii() for line in text.splitlines())


def test_the_powershell_script_is_data_in_single_quotes_and_closed() -> None:
    text = script("powershell")
    assert "Register-ArgumentCompleter -Native -CommandName cgw" in text
    code = re.sub(r"'(?:[^']|'')*'", "''", text)
    code = "\n".join(line.partition("#")[0] for line in code.splitlines())
    assert "'" not in code.replace("''", "")
    for begin, end in ("{}", "()", "[]"):
        assert code.count(begin) == code.count(end)
    data = text[text.index("$table") : text.index("# Profiles and helpers")]
    assert not re.search(r"[$`](?!null|true|false|table|lists)", re.sub(r"'(?:[^']|'')*'", "''", data))


@SHELLS
def test_show_prints_the_script(cgw: Cgw, shell: str) -> None:
    assert cgw("--show-completion", shell).out == script(shell)


def test_the_shell_is_detected_or_refused(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claude_gw_cli.world.process.parent_name", lambda: "-zsh")
    assert cgw("--show-completion").out == script("zsh")
    assert cgw("--show-completion", "pwsh").out == script("powershell")
    assert cgw("--show-completion", "nushell").out == script("nu")
    monkeypatch.setattr("claude_gw_cli.world.process.parent_name", lambda: "tcsh")
    assert "there is no completion for tcsh\n  Name the shell: cgw --install" in cgw("--show-completion", fails=2).err
    says = "unknown shell 'elvish'\n  Did you mean fish? It is one of: bash, zsh, fish, nu, powershell\n"
    assert says in cgw("--install-completion", "elvish", fails=2).err


STARTUP = {"bash": ".bashrc", "zsh": ".zshrc", "powershell": ".config/powershell/Microsoft.PowerShell_profile.ps1"}


@SHELLS
@pytest.mark.parametrize("existing", [None, "", "alias a=b\n", "alias a=b", "alias a=b\r\n\n"])
def test_what_is_installed_is_taken_back_byte_for_byte(
    cgw: Cgw, isolated: Path, shell: str, existing: str | None
) -> None:
    startup = isolated / STARTUP[shell] if shell in STARTUP else None
    if startup and existing is not None:
        startup.parent.mkdir(parents=True, exist_ok=True)
        startup.write_bytes(existing.encode())
    before = tree(isolated)
    cgw("--install-completion", shell)
    once = tree(isolated)
    cgw("--install-completion", shell)
    assert tree(isolated) == once, "a second time changes nothing"
    [item] = completion.recorded({"HOME": str(isolated)})
    assert Path(item.script).read_text() == script(shell)
    if startup:
        assert startup.read_bytes().startswith((existing or "").encode())
        assert startup.read_text().count(item.script) in (1, 2, 3)
    listed = cgw("uninstall", "--dry-run")
    assert f"remove  {item.script} (completion for {shell})\n" in listed.out
    assert not startup or f"undo    {startup}: {item.added.strip()}\n" in listed.out
    assert not startup or str(startup) not in listed.err, "it is not the user's own line"
    assert tree(isolated) == once
    cgw("uninstall", "--yes")
    assert tree(isolated) == before


@pytest.mark.parametrize("shells", [("bash", "zsh"), ("zsh", "bash"), ("bash", "zsh", "fish")])
def test_directories_that_several_scripts_share_go_with_the_last(
    cgw: Cgw, isolated: Path, shells: tuple[str, ...]
) -> None:
    before = tree(isolated)
    for shell in shells:
        cgw("--install-completion", shell)
    cgw("uninstall", "--yes")
    assert tree(isolated) == before


def test_what_the_user_wrote_after_it_stays(cgw: Cgw, isolated: Path) -> None:
    (isolated / ".zshrc").write_text("alias a=b")
    cgw("--install-completion", "zsh")
    with (isolated / ".zshrc").open("a") as file:
        file.write("alias c=d\n")
    cgw("uninstall", "--yes")
    assert (isolated / ".zshrc").read_text() == "alias a=b\nalias c=d\n"
    assert [path.name for path in isolated.iterdir()] == [".zshrc"]


def test_a_startup_file_that_is_a_link_stays_one(cgw: Cgw, isolated: Path, tmp_path: Path) -> None:
    shared = tmp_path / "zshrc"
    shared.write_text("alias a=b\n")
    (isolated / ".zshrc").symlink_to(shared)
    cgw("--install-completion", "zsh")
    assert shared.read_text().startswith("alias a=b\n[ ! -r ")
    cgw("uninstall", "--yes")
    assert (isolated / ".zshrc").is_symlink()
    assert shared.read_text() == "alias a=b\n"


def test_bash_completion_needs_no_line(cgw: Cgw, isolated: Path) -> None:
    (isolated / ".bashrc").write_text(". /usr/share/bash-completion/bash_completion\n")
    before = tree(isolated)
    cgw("--install-completion", "bash")
    assert (isolated / ".bashrc").read_text() == ". /usr/share/bash-completion/bash_completion\n"
    assert (isolated / ".local/share/bash-completion/completions/cgw").read_text() == script("bash")
    cgw("uninstall", "--yes")
    assert tree(isolated) == before


def test_the_places_follow_the_environment(isolated: Path, tmp_path: Path) -> None:
    env = {"HOME": str(isolated), "XDG_CONFIG_HOME": str(tmp_path / "c"), "ZDOTDIR": str(tmp_path / "z")}
    env["XDG_DATA_HOME"] = str(tmp_path / "it's data")
    assert completion.install("fish", "x", env).script == str(tmp_path / "c/fish/completions/cgw.fish")
    assert completion.install("nu", "x", env).script == str(tmp_path / "c/nushell/autoload/cgw.nu")
    done = completion.install("zsh", "x", env)
    assert done.startup == str(tmp_path / "z/.zshrc")
    quoted = str(tmp_path / "it's data/cgw/completion/cgw.zsh").replace("'", "'\"'\"'")
    assert done.added == f"[ ! -r '{quoted}' ] || . '{quoted}'\n"
    del env["XDG_CONFIG_HOME"]
    mac = completion.install("nu", "x", env, "darwin")
    assert mac.script == str(isolated / "Library/Application Support/nushell/autoload/cgw.nu")
    with pytest.raises(UsageError, match="only PowerShell itself knows"):
        completion.install("powershell", "x", env, "win32")


def test_what_cannot_be_removed_is_named_and_its_record_kept(cgw: Cgw, isolated: Path) -> None:
    cgw("--install-completion", "zsh")
    (isolated / ".zshrc").unlink()
    (isolated / ".zshrc").mkdir()
    done = cgw("uninstall", "--yes", fails=1)
    assert f"completion for zsh: {isolated}/.zshrc is not a regular file" in done.err
    assert completion.recorded({"HOME": str(isolated)})
    (isolated / ".zshrc").rmdir()
    cgw("uninstall", "--yes")
    assert tree(isolated) == {}


@pytest.mark.parametrize("record", ["{", "[1]", '[{"shell": "zsh"}]', "null"])
def test_a_record_that_is_not_one_is_as_none(isolated: Path, record: str) -> None:
    path = isolated / ".local/state/cgw/completion.json"
    path.parent.mkdir(parents=True)
    path.write_text(record)
    path.chmod(0o600)
    env = {"HOME": str(isolated)}
    assert completion.recorded(env) == []
    completion.install("fish", "x", env)
    assert [row["shell"] for row in json.loads(path.read_text())] == ["fish"]


def test_only_the_last_argument_takes_the_rest_in_nushell() -> None:
    text = script("nu", "linux")
    blocks = text.split("export extern ")[1:]
    assert len(blocks) > 30
    assert not [block.splitlines()[0] for block in blocks if block.count("\n        ...") > 1]
