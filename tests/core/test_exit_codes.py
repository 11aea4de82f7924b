"""The exit codes are one table: in `core.errors`, in the README, and nothing else ends a command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from claude_gw_cli.core import errors
from claude_gw_cli.core.errors import CgwError

TOP = Path(__file__).parent.parent.parent
SRC = TOP / "src" / "claude_gw_cli"
CODES = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
# The client's own codes, which programs that stand for it end with, and what a shell says of a signal.
FOREIGN = {"world/predicted_client.py", "secrets/keyring_child.py", "helper/runtime.py"}


def kinds(of: type[CgwError] = CgwError) -> Iterator[type[CgwError]]:
    yield of
    for below in of.__subclasses__():
        yield from kinds(below)


def test_every_error_has_a_code_of_the_table() -> None:
    assert {kind.exit_code for kind in kinds()} <= CODES
    assert {0, 1, 2, 69, 70, 74, 75, 77} == CODES


def test_the_readme_names_every_code_with_its_meaning() -> None:
    (line,) = re.findall(r"^0 done .*(?:\n.+)*", (TOP / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:^|· ?\n?)\s*(\d+) \w+", line)
    assert {int(code) for code in named} == CODES


def test_no_command_ends_with_a_number_of_its_own() -> None:
    """A number in ``sys.exit`` or ``os._exit`` is one of the table."""
    found = [
        (path.relative_to(SRC).as_posix(), node.args[0].value)
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"sys.exit", "os._exit", "SystemExit"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert [place for place in found if place[1] not in CODES and place[0] not in FOREIGN] == []
