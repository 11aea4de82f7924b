"""docs/security.md: every place that writes is in its table, and every test that it names exists."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "claude_gw_cli"
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

WRITES = (
    "write_private", "files.replace", "os.replace", "write_text", "write_bytes", "write_shared", "Lock",
    "TemporaryDirectory", "NamedTemporaryFile", "mkdtemp", "mkstemp", "os.mkdir", "os.makedirs", "set_password",
    "os.symlink", "os.link", "copyfile", "copytree",
)  # fmt: skip
_PLANS = "`~/.cache/cgw/plans/`, `~/.cache/cgw/validated/`"
_SETTINGS = "`settings.json`, `settings.local.json`"
_RECORDS = "`~/.local/state/cgw/settings/`"
_CACHE = "`$XDG_RUNTIME_DIR/cgw/helper-NAME/`, else `~/.cache/cgw/helper-NAME/`"
_TEMPORARY = "`$TMPDIR/cgw-*`"
_COMPLETION = "the shell's completion directory and startup file"
_BELOW = ""  # what is below the writers, and /dev/null
# file:function -> the row of the page's table.
WRITERS = {
    "__main__.py:run": _BELOW,
    "cli/check.py:_write": "files that `cgw check --fix` names",
    "cli/profile.py:export": "the path of `cgw profile export --out FILE`",
    "cli/secret.py:store": "the path of `cgw secret set file:///PATH`",
    "cli/settings_render.py:_write": "the path of `cgw settings render --out FILE`",
    "cli/trace.py:_write": "the path of `cgw trace --record FILE`",
    "helper/cache.py:Cache._write": _CACHE,
    "helper/cache.py:Cache.lock": _CACHE,
    "helper/guard.py:_approve": "`~/.cache/cgw/helper-NAME/approved`",
    "helper/guard.py:check": "`~/.cache/cgw/helper-NAME/approved`",
    "helper/recorder.py:announced": "`~/.cache/cgw/helper-NAME/recorder`",
    "cli/profile_change.py:_saved": "`~/.local/state/cgw/edited/NAME.toml`",
    "helper/install.py:_write": "`~/.config/cgw/helpers/NAME.spec`",
    "helper/shared.py:share": "the path of `cgw helper install --out PATH`",
    "helper/shared.py:write_shared": "the path of `cgw helper install --out PATH`",
    "helper/standalone.py:install": "`~/.config/cgw/helpers/NAME.standalone`",
    "secrets/keyring_child.py:_use": "the OS keyring, `cgw` and `cgw-cache`",
    "secrets/vault_auth.py:_unwrapped": "`~/.local/state/cgw/vault/`",
    "world/atomic.py:*": _BELOW,
    "world/files.py:*": _BELOW,
    "world/completion.py:_record": "`~/.local/state/cgw/completion.json`",
    "world/completion.py:install": _COMPLETION,
    "world/completion.py:uninstall": _COMPLETION,
    "world/audit.py:note": "`~/.local/state/cgw/audit.jsonl`, `audit.1.jsonl`",
    "world/audit.py:_append": "`~/.local/state/cgw/audit.jsonl`, `audit.1.jsonl`",
    "world/config.py:_read_again": _PLANS,
    "world/config.py:save": "`~/.config/cgw/profiles/NAME.toml`",
    "world/config.py:write_shared": "the path of `cgw profile export --out FILE`",
    "world/chosen.py:choose": "`~/.config/cgw/default`",
    "world/editor.py:edited": "`~/.cache/cgw/edit-*`",
    "world/facts.py:install": "`~/.local/share/cgw/facts/`",
    "world/facts.py:keep_learned": "`~/.local/share/cgw/facts/`",
    "world/health.py:remember": "`~/.local/state/cgw/health.json`",
    "world/isolated_start.py:*": _TEMPORARY,
    "world/laboratory.py:*": _TEMPORARY,
    "world/loopback/clouds.py:*": _TEMPORARY,
    "world/origins.py:keep": "`~/.config/cgw/origins/NAME.json`",
    "world/origins.py:rename": "`~/.config/cgw/origins/NAME.json`",
    "world/shared_source.py:*": _TEMPORARY,
    "world/ownership.py:Store.lock": _RECORDS,
    "world/ownership.py:Store.announce": _RECORDS,
    "world/ownership.py:Store.rename": _RECORDS,
    "world/ownership.py:Store.confirm": _RECORDS,
    "world/ownership.py:Store.keep": _RECORDS,
    "world/planfile.py:store": _PLANS,
    "world/profile_run.py:*": _TEMPORARY,
    "world/settings.py:*": _SETTINGS,
    "world/trust.py:_record": "`~/.config/cgw/trusted`",
}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_write(call: ast.Call) -> bool:
    name = dotted(call.func)
    if name == "threading.Lock":
        return False
    if name == "open" and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
        return any(letter in str(call.args[1].value) for letter in "wax+")
    if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
        return True
    return any(name == write or name.endswith(f".{write}") for write in WRITES)


def writers(tree: ast.AST, function: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inner = function
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.Call) and is_write(node):
            yield function
        yield from writers(node, inner)


def found() -> set[str]:
    places = set()
    for path in SRC.rglob("*.py"):
        name = str(path.relative_to(SRC))
        for function in writers(ast.parse(path.read_text())):
            places.add(f"{name}:*" if f"{name}:*" in WRITERS else f"{name}:{function}")
    return places


def test_every_place_that_writes_is_in_the_table() -> None:
    assert found() == WRITERS.keys(), "give the writer a row in docs/security.md, and name the row here"
    rows = [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")]
    for writer, row in WRITERS.items():
        assert row in {_BELOW, *rows}, writer


def test_the_walk_sees() -> None:
    text = "def f():\n  open(p, 'w')\ndef g():\n  files.replace(p, b'')\ndef h():\n  open(p, 'rb')"
    assert set(writers(ast.parse(text))) == {"f", "g"}


ROWS = {number: row.split(" | ") for number, row in re.findall(r"^\| (P\d+) \| (.*) \|$", PAGE, re.MULTILINE)}


def named_in(row: list[str]) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", row[1])


def test_every_property_has_a_row_and_every_test_it_names_exists() -> None:
    assert list(ROWS) == [f"P{number}" for number in range(1, 58)]
    for number, row in ROWS.items():
        _, held_by, cases, tried, survived, date = row
        assert named_in(row) or "no test yet" in held_by, number
        assert all((cases.isdigit(), tried, survived)), number
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", date), number


def test_the_numbers_of_cases_are_those_of_the_tests(cases: Counter[str]) -> None:
    named = {test for row in ROWS.values() for test in named_in(row)}
    if not named <= cases.keys():  # this file is run alone
        files = sorted({test.partition("::")[0] for test in named})
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q", "-m", "", *files]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        cases = Counter(line.partition("[")[0] for line in found.stdout.splitlines() if "::" in line)
    assert named - cases.keys() == set()
    wrong = {
        number: total
        for number, row in ROWS.items()
        if (total := sum(cases[test] for test in named_in(row))) != int(row[2])
    }
    assert wrong == {}, "correct the column of cases in docs/security.md"
