"""P54: what is asked has an end, and its answer a limit. A new place that asks a program or a server fails here.

To ask a program: ``secrets.process.run``. To ask a server: ``secrets.http.answered`` with a ``Session``,
``world.download``, or ``world.probe``.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.test_one_door import dotted, kind

from claude_gw_cli.secrets import process
from claude_gw_cli.world import client

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"
# file:function -> (what ends it, what limits what is kept).
ASKS = {
    "secrets/process.py:run": ("its argument, for the whole", "MAX_OUTPUT of each stream, as they come"),
    "secrets/session.py:Session._connection": ("http.answered's thread", "_read's limit"),
    "secrets/session.py:Session._tls_connection": ("http.answered's thread", "_read's limit"),
    "secrets/session.py:_OverTls.connect": ("http.answered's thread", "_read's limit"),
    "secrets/vault_auth.py:_client": ("opens nothing: it sends through a Session", "_read's limit"),
    "world/download.py:_fetched": ("download's thread", "download's limit"),
    "world/probe/connection.py:_opened": ("its deadline, for the whole exchange", "the reader of each answer"),
    "world/detect.py:recognized": ("together's deadline", "4 KB"),
    "world/detect.py:listens": ("0.2 s", "reads nothing"),
    "world/git.py:_run": ("its timeout", "git's answer about paths"),
    "world/shared_source.py:_git": ("its deadline", "the size is asked first"),
    "world/client.py:run_client": ("its deadline, for the whole run", "_MOST_OUTPUT of each stream"),
    "world/spread.py:_forked": ("this process's end", "the findings of this check"),
    "world/laboratory.py:can_have_own_etc": ("its timeout", "`true`"),
    "world/laboratory.py:helper_run": ("a script of the matrix", "a script of the matrix"),
    "world/predicted_client.py:_run_helper": ("its timeout", "the demo's own helper"),
    "world/predicted_client.py:_post": ("its timeout", "the demo's own gateway"),
}
# They are no fetch: nothing is read of what they start.
STARTS = {
    "cli/run.py:run": "becomes the user's command",
    "world/children.py:start": "its callers are above",
    "world/editor.py:_run": "the user's editor, for as long as the user wants",
}


def asks(tree: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        inner = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.Call) and kind(dotted(node.func)) in {"starts a program", "connects"}:
            yield function, node
        yield from asks(node, inner)


FOUND = [
    (f"{path.relative_to(SRC)}:{function}", call)
    for path in SRC.rglob("*.py")
    for function, call in asks(ast.parse(path.read_text()))
]


def test_every_place_that_asks_says_what_ends_it_and_what_limits_it() -> None:
    assert {place for place, _ in FOUND} == ASKS.keys() | STARTS.keys()
    assert all(ends and limits for ends, limits in ASKS.values())


@pytest.mark.parametrize("place", sorted(place for place, (ends, _) in ASKS.items() if ends == "its timeout"))
def test_a_place_that_names_its_timeout_has_one(place: str) -> None:
    file, _, function = place.partition(":")
    (named,) = (
        node
        for node in ast.walk(ast.parse((SRC / file).read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == function
    )
    assert "timeout" in {word.arg for node in ast.walk(named) if isinstance(node, ast.Call) for word in node.keywords}


@pytest.mark.parametrize(
    "script",
    [
        "sleep 60",
        "trap '' TERM; sleep 60",
        "while :; do echo x; sleep 0.1; done",
        "sleep 60 & echo done",
        "cat /dev/zero",
    ],
)
def test_a_program_ends_at_the_deadline_whatever_it_does(script: str) -> None:
    began = time.monotonic()
    outcome = process.run(["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}, 1.0)
    assert time.monotonic() - began < 4
    assert len(outcome.output) <= process.MAX_OUTPUT + 65_536


@pytest.mark.parametrize("script", ["yes", "yes >&2", "cat /dev/zero", "yes & sleep 60", "trap '' TERM; yes"])
def test_what_a_client_or_a_settings_helper_prints_is_limited(script: str, tmp_path: Path) -> None:
    """`cgw doctor` runs the helper that the settings name, whatever it is."""
    began = time.monotonic()
    run = client.run_client("/bin/sh", {"PATH": "/usr/bin:/bin"}, tmp_path, ("-c", script), timeout=1.0)
    assert run.exit is None
    assert time.monotonic() - began < 4
    assert 0 < len(run.stdout) + len(run.stderr) <= 2 * client._MOST_OUTPUT


@pytest.mark.parametrize(
    ("script", "stdin", "ended"),
    [
        ("cat", "é" * 200_000, (0, "é" * 200_000, "")),
        ("exit 3", "x" * 500_000, (3, "", "")),
        ("printf 'a\\r\\nb\\rc'; echo e >&2", "", (0, "a\nb\nc", "e\n")),
        ("exec >&- 2>&-; sleep 0.3; exit 5", "", (5, "", "")),
        ("printf '\\377'", "", (0, "\ufffd", "")),
        ("kill -9 $$", "", (-9, "", "")),
    ],
)
def test_a_run_gives_what_the_program_gave(
    script: str, stdin: str, ended: tuple[int, str, str], tmp_path: Path
) -> None:
    run = client.run_client("/bin/sh", {"PATH": "/usr/bin:/bin"}, tmp_path, ("-c", script), stdin=stdin, timeout=20)
    assert (run.exit, run.stdout, run.stderr) == ended
