"""P52: files are opened by one door, which takes regular files of a limited size; a new place that opens one fails.

To read a file: ``world.files.read_bytes``, ``read_private``, or ``world.regular.content`` with a limit of its own.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import CgwError, FileError
from claude_gw_cli.world import files, regular

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"
OPENERS = {"open", "io.open", "os.open", "os.fdopen", "Path.open", "mmap.mmap", "tomllib.load", "json.load"}
METHODS = {"read_text", "open"}  # of a Path; ``read_bytes`` too, where it is not the door's own
PARSERS = {"load"}
# file:function -> why it may open a file by itself.
ALLOWED = {
    "world/regular.py:opened": "the door",
    "world/atomic.py:Folder.*": "the writer: the file that it replaces, and its own temporary file",
    "world/locks.py:Lock.*": "a lock of cgw's own in a private directory",
    "world/snapshot.py:_opened": "as the client: also /dev/null and `--settings <(…)`, with a limit",
    "world/snapshot.py:_file": "reads what _opened opened",
    "world/audit.py:_append": "appends to cgw's own history, in a private directory",
    "world/process.py:*": "/proc",
    "helper/runtime.py:client_process": "/proc",
    "helper/recorder.py:*": "/proc",
    "helper/guard.py:*": "/proc",
    "helper/cache.py:_boot_id": "/proc",
    "helper/cache.py:Cache.mark": "creates an empty mark in a private directory",
    "cli/completion/script.py:*": "a file of the package",
    "world/laboratory.py:*": "a file of the package, and what a traced start wrote into its own directory",
    "cli/trace.py:_write": "writes a new file (mode x)",
    "cli/out.py:_abandon": "/dev/null",
    "__main__.py:run": "/dev/null",
}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def opens(call: ast.Call) -> bool:
    name = dotted(call.func)
    if name in OPENERS:
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "read_bytes":
        return name != "files.read_bytes"
    return call.func.attr in METHODS


def openers(tree: ast.AST, function: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inner = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.Call) and opens(node):
            yield function
        yield from openers(node, inner)


def row(place: str) -> str | None:
    file, _, function = place.partition(":")
    wanted = (place, f"{file}:{function.partition('.')[0]}.*", f"{file}:*")
    return next((name for name in wanted if name in ALLOWED), None)


def test_files_are_opened_by_one_door() -> None:
    found = {
        f"{path.relative_to(SRC)}:{function}"
        for path in SRC.rglob("*.py")
        for function in openers(ast.parse(path.read_text()))
    }
    assert {place for place in found if row(place) is None} == set()
    assert {row(place) for place in found} == ALLOWED.keys(), "a row that nothing needs any more"


@pytest.mark.parametrize(
    "text", ["open(p)", "os.open(p, 0)", "Path(p).read_text()", "p.read_bytes()", "json.load(f)", "p.open()"]
)
def test_the_walk_sees(text: str) -> None:
    assert [*openers(ast.parse(f"def f():\n  return {text}"))] == ["f"]


@pytest.mark.parametrize("kind", ["pipe", "device", "terminal", "directory", "too large", "NUL"])
def test_the_door_takes_regular_files_of_a_limited_size(kind: str, tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind in {"device", "terminal"}:
        os.symlink({"device": "/dev/zero", "terminal": "/dev/ptmx"}[kind], path)
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "too large":
        Path(path).touch()
        os.truncate(path, 3 << 30)
    else:
        path += "\0"
    before = len(os.listdir("/dev/fd"))
    for read in (files.read_bytes, regular.content):
        with pytest.raises(FileError):
            read(path)
    with pytest.raises(CgwError):
        files.read_private(path)
    assert len(os.listdir("/dev/fd")) == before, "nothing stays open"


def test_a_file_that_grows_while_it_is_read_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    with pytest.raises(regular.TooLargeError) as caught:
        regular.content(str(path), 99)
    assert caught.value.head == b"x" * 100
    size = os.stat_result((*os.stat(path)[:6], 0, *os.stat(path)[7:]))
    monkeypatch.setattr(os, "fstat", lambda _: size)
    with pytest.raises(regular.TooLargeError):
        regular.content(str(path), 99)
