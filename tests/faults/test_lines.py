"""The table of lines has every command; this needs no strace, so it is in `make test`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.faults.homes import make_home, took_place
from tests.faults.lines import KEY, LINES, Line

from claude_gw_cli.cli import uninstall
from claude_gw_cli.cli.commands import COMMANDS

WRITING = {name: line for name, line in LINES.items() if line.writes or line.holds_key}
MORE = {
    "helper install": Line("helper install helped --out {home}/shared-helper --force"),
    "secret set": Line("secret set file://{home}/keys/new", stdin=KEY),
    "settings apply": Line("settings apply --profile work --out {home}/other.json"),
}
"""Commands that write another kind of thing with other options."""
REPAIRED = {"check"}
"""What it changes is the user's own text."""


def test_every_command_has_a_line() -> None:
    assert LINES.keys() == COMMANDS.keys(), "give the command a line in tests/faults/lines.py"


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ('7 mkdir("/h/a") = -1 EIO (INJECTED)', True),
        ('7 mkdir("/other") = -1 EIO (INJECTED)', False),
        ('7 mkdir("/h/a" <unfinished ...>\n8 close(3</h>) = 0\n7 <... mkdir resumed>) = -1 EIO (INJECTED)', True),
        ('7 mkdir("/other" <unfinished ...>\n8 close(3</h>) = 0\n7 <... mkdir resumed>) = -1 (INJECTED)', False),
        ('7 mkdir("/h/a") = -1 EEXIST', False),
    ],
)
def test_a_fault_is_seen_in_one_part_or_in_two(log: str, found: bool) -> None:
    assert took_place(log, "/h") is found


@pytest.mark.real  # it takes a minute
@pytest.mark.parametrize("line", [*WRITING.values(), *MORE.values()], ids=[*WRITING, *(f"{name} 2" for name in MORE)])
def test_uninstall_removes_or_names_everything_that_a_command_wrote(line: Line, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", Line(""))
    before = home.tree()
    for words in (*line.before, line.words):
        home.run(words, line.stdin)
    ended = home.run("uninstall --yes")
    after = home.tree()
    changed = {name for name in after if before.get(name) != after[name]}
    unnamed = {name for name in changed if name not in ended.err and name not in ended.out}
    assert not unnamed or line.words.split()[0] in REPAIRED, ended


def test_every_action_at_a_path_that_the_user_names_is_told_by_uninstall() -> None:
    """Each call of ``audit.note`` that gives a file and a digest; those below cgw's own directories go with them."""
    found = set()
    for path in Path(uninstall.__file__).parents[1].rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.note":
                action = call.args[1]
                if isinstance(action, ast.Constant) and {"file", "sha256"} <= {word.arg for word in call.keywords}:
                    found.add(action.value)
    assert found - {"profile write"} == uninstall._LEFT.keys()
