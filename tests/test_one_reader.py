"""P52: files are opened by one door, which takes regular files of a limited size; a new place that opens one fails.

To read a file: ``world.files.read_bytes``, ``read_private``, or ``world.regular.content`` with a limit of its own.
"""

from __future__ import annotations

import ast
import base64
import datetime as dt
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claude_gw_cli.__main__ import run
from claude_gw_cli.core import documents, expiry
from claude_gw_cli.core.errors import CgwError, FileError, RefusedError
from claude_gw_cli.core.merge import canonical
from claude_gw_cli.world import files, regular
from claude_gw_cli.world.tree import gateway_config

SRC = Path(__file__).parent.parent / "src" / "claude_gw_cli"
OPENERS = {"open", "io.open", "os.open", "os.fdopen", "Path.open", "mmap.mmap", "tomllib.load", "json.load"}
METHODS = {"read_text", "open"}  # of a Path; ``read_bytes`` too, where it is not the door's own
PARSERS = (
    "json.loads", "json.load", "jiter.from_json", "json_text.loads", "Document.parse", "tomllib.loads",
    "tomllib.load", "plistlib.loads", "literal_eval", "yaml.load", "yaml.safe_load", "yaml.compose_all",
    "yaml.safe_load_all", "raw_decode", "fromstring",
)  # fmt: skip
# file:function -> why it may call a parser by itself; ``core.documents`` turns every error into a ValueError.
PARSES = {
    "core/documents.py:*": "the door",
    "emit/fleet.py:*": "reads back what it has just written",
    "readers/launchd.py:read": "every error of the parser is named there",
    "readers/yamltree.py:documents": "every error of the parser is named there",
    "world/agents.py:_scalar": "a line that is no YAML is taken as it is",
    "world/tree.py:gateway_config": "every error of the parser is named there",
    "facts/__init__.py:packaged": "a file of the package",
    "facts/bodies.py:_extra": "every error of the parser is named there",
    "world/profile_layout.py:rewritten": "with comments and layout; every error is a refusal there",
}
# file:function -> why it may open a file by itself.
ALLOWED = {
    "world/regular.py:opened": "the door",
    "world/regular.py:fill_standard_streams": "/dev/null",
    "world/atomic.py:Folder.*": "the writer: the file that it replaces, and its own temporary file",
    "world/locks.py:Lock.*": "a lock of cgw's own in a private directory",
    "world/snapshot.py:_opened": "as the client: also /dev/null and `--settings <(…)`, with a limit",
    "world/snapshot.py:_file": "reads what _opened opened",
    "world/audit.py:_append": "appends to cgw's own history, in a private directory",
    "world/process.py:*": "/proc",
    "world/spread.py:_deliver": "/dev/null",
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
# file:function -> why it may turn something into a whole number by itself; ``documents.natural`` takes any digits.
CONVERTS = {
    "core/documents.py:*": "the door",
    "core/jsonscan.py:_number": "looks at the number of digits first",
    "core/layers.py:_js_number": "the exponent of a float",
    "core/settings_schema.py:_is_in_range": "a value within bounds",
    "facts/*": "looks at the number of digits first, or data of the package",
    "rules/environment.py:timeout_in_seconds": "looks at the number of digits first",
    "rules/helpers.py:ttl_tiny": "four digits",
    "cli/settings_history.py:history": "looks at the number of digits first",
    "cli/rule_contexts.py:not_understood": "a place in cgw's own message",
    "cli/help_page.py:_columns": "nine digits",
    "cli/status.py:_health": "the clock",
    "cli/wizard/screen.py:*": "one key stroke",
    "helper/cache.py:*": "ValueError is a miss",
    "helper/runtime.py:*": "a number of the kernel's, or a time",
    "helper/standalone.py:*": "a number of the profile's schema, or a time",
    "secrets/http.py:retry_after": "looks at the number of digits first",
    "secrets/jwt.py:fetch": "the clock",
    "secrets/vault.py:*": "a number of the profile's schema, or nine digits",
    "world/health.py:*": "the clock, or ValueError is no result",
    "world/process.py:began": "a number of the kernel's",
    "world/shared_source.py:_blob": "a number of git's",
}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


# file:function -> why it may take all that there is: elsewhere, a number of bytes is said.
DRAINS = {
    "cli/completion/script.py:*": "a file of the package",
    "cli/typed.py:_Typed.readline": "the user's terminal",
    "helper/cache.py:_boot_id": "/proc",
    "helper/guard.py:command_line": "/proc",
    "helper/recorder.py:*": "/proc",
    "helper/runtime.py:client_process": "/proc",
    "world/process.py:*": "/proc",
    "secrets/keyring_child.py:_use": "its parent, which has limited it",
    "world/laboratory.py:can_have_own_etc": "`true`",
    "world/laboratory.py:helper_run": "a script of the matrix",
    "world/predicted_client.py:*": "the demo's own helper and gateway",
    "world/shared_source.py:_git": "the size is asked first",
}
# file:function -> why it may write to the terminal by itself; ``cli.out`` escapes what it is given.
SHOWS = {
    "cli/out.py:*": "the door",
    "cli/wizard/plain.py:*": "the wizard's own text; the answers around it are escaped where they are made",
    "cli/checklist.py:*": "a page in memory, written by the door",
    "helper/runtime.py:*": "the helper, which imports nothing of cli: its own escape, and the key",
    "secrets/keyring_child.py:*": "a pipe to its parent",
    "world/atomic.py:*": "a file",
    "world/audit.py:_append": "a file",
    "__main__.py:run": "a fixed text",
}


def shows(call: ast.Call) -> bool:
    name = dotted(call.func)
    return name in {"print", "os.write"} or name.endswith(
        ("stdout.write", "stderr.write", "buffer.write", "console.print")
    )


def drains(call: ast.Call) -> bool:
    """Takes all that a stream or a program gives, however long."""
    name = dotted(call.func).rpartition(".")[2]
    if name in {"read", "readline", "readlines"}:
        return isinstance(call.func, ast.Attribute) and not call.args
    kept = any(word.arg == "capture_output" for word in call.keywords)
    return kept or name in {"communicate", "check_output", "getoutput"}


def parses(call: ast.Call) -> bool:
    return dotted(call.func).endswith(PARSERS)


def converts(call: ast.Call) -> bool:
    """``int`` of something that may be a text with decimal digits: no arithmetic, no base of its own."""
    if dotted(call.func) == "map":
        return dotted(call.args[0]) == "int"
    maybe_text = ast.Name | ast.Attribute | ast.Subscript | ast.Call
    return dotted(call.func) == "int" and len(call.args) == 1 and isinstance(call.args[0], maybe_text)


def opens(call: ast.Call) -> bool:
    name = dotted(call.func)
    if name in OPENERS:
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "read_bytes":
        return name != "files.read_bytes"
    return call.func.attr in METHODS


def calls(tree: ast.AST, wanted: Callable[[ast.Call], bool], function: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        inner = function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.Call) and wanted(node):
            yield function
        yield from calls(node, wanted, inner)


def row(place: str, allowed: dict[str, str]) -> str | None:
    file, _, function = place.partition(":")
    wanted = (place, f"{file}:{function.partition('.')[0]}.*", f"{file}:*", f"{file.partition('/')[0]}/*")
    return next((name for name in wanted if name in allowed), None)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [(opens, ALLOWED), (parses, PARSES), (shows, SHOWS), (converts, CONVERTS), (drains, DRAINS)],
    ids=["open", "parse", "show", "int", "drain"],
)
def test_files_are_opened_and_parsed_and_text_is_shown_by_one_door(
    wanted: Callable[[ast.Call], bool], allowed: dict[str, str]
) -> None:
    found = {
        f"{path.relative_to(SRC)}:{function}"
        for path in SRC.rglob("*.py")
        for function in calls(ast.parse(path.read_text()), wanted)
    }
    others = {place for place in found if row(place, allowed) is None}
    assert others == set(), "call what the table in this file names the door, or add a row that says why not"
    assert {row(place, allowed) for place in found} == allowed.keys(), "a row that nothing needs any more"


@pytest.mark.parametrize(
    "text", ["open(p)", "os.open(p, 0)", "Path(p).read_text()", "p.read_bytes()", "json.load(f)", "p.open()"]
)
def test_the_walk_sees(text: str) -> None:
    assert [*calls(ast.parse(f"def f():\n  return {text}"), opens)] == ["f"]


@pytest.mark.parametrize(("text", "found"), [("int(a)", 1), ("map(int, b)", 1), ("int(a[0])", 1), ("int(a / 2)", 0)])
def test_the_walk_sees_numbers(text: str, found: int) -> None:
    assert len([*calls(ast.parse(text), converts)]) == found


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


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1])
def test_a_file_is_read_by_one_call(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(data := os.urandom(size))
    calls: list[int] = []
    read = os.read

    def counted(handle: int, most: int) -> bytes:
        calls.append(most)
        return read(handle, most)

    monkeypatch.setattr(os, "read", counted)
    assert regular.content(str(path))[0] == files.read_bytes(str(path)) == data
    assert len(calls) == 2, "one by each of them"


@pytest.mark.parametrize("said", [0, 1, 99, 101, 70_000, 200_000])
def test_what_is_read_does_not_depend_on_what_was_said_of_the_size(
    said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a virtual file system says 0; one that another program writes has another size a moment later."""
    path = tmp_path / "file"
    for size in (0, 1, 100, 70_000, 150_000):
        path.write_bytes(data := os.urandom(size))
        status = os.stat_result((*os.stat(path)[:6], said, *os.stat(path)[7:]))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fstat", lambda _, status=status: status)
            found = [regular.content(str(path))[0], files.read_bytes(str(path))]
        assert found == [data, data]


HOSTILE_JSON = [
    "[" * 100_000,
    '{"a":' * 100_000,
    "9" * 5000,
    "",
    "nul",
    "\0",
    '{"a": 1',
    "\ud800",
    "[1,]",
    b"\xff\xfe\x00",
]
HOSTILE_TOML = [
    f"a = {'[' * 5000}",
    f"a = {'9' * 5000}",
    f"{'1.' * 30_000}a = 1",
    f"{'a . ' * 30_000}a = 1",
    "[" + '"x".' * 30_000 + "a]",
    "a = {b=" * 3000,
    "a = 0000-00-00",
    "\0",
    "a = 1\na = 2",
    "=",
    "[",
]


@pytest.mark.parametrize("text", HOSTILE_JSON)
def test_whatever_json_is_wrong_is_one_kind_of_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        documents.from_json(text)


@pytest.mark.parametrize("text", HOSTILE_TOML)
def test_whatever_toml_is_wrong_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        documents.from_toml(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('secret = "env://A"\nkey = sk-live-abc\n', "at line 2, column 7"),
        ('\r\nkey = "sk-live-abc\r\nx = 1', "at line 2, column 19"),
        ('[env]\né = "é" sk-live-abc', "at line 2, column 9"),
        ('key = "sk-live-abc"\nkey = "sk-live-abc"', "at line 2, column 1"),
        ('key = """\nsk-live-abc', "at line 2, column 12"),
        ("sk-live-abc = 99999999999999999999", "at line 1, column 15"),
    ],
)
def test_a_fault_in_toml_has_its_place_and_quotes_no_line(text: str, place: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        documents.from_toml(text)
    assert str(raised.value).endswith(f" ({place})")
    assert "sk-live" not in str(raised.value)


def test_toml_has_one_kind_of_line_end_and_plain_values() -> None:
    found = documents.from_toml('a = """x\r\ny"""\r\n[b]\r\nc = {d = [1, true, 1.5],\r\n e = 07:30}\r\n')
    assert found == {"a": "x\ny", "b": {"c": {"d": [1, True, 1.5], "e": dt.time(7, 30)}}}
    assert type(found["b"]) is dict
    assert type(found["b"]["c"]["d"]) is list


TAGS = ("null", "bool", "int", "float", "binary", "timestamp", "omap", "pairs", "set", "str", "seq", "map")


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("value", ["x", "''", "[]", "[1]", "{a: 1}", "0x", "_", '"\\ud800"', "2001-02-30", "&a [*a]"])
def test_whatever_yaml_is_wrong_is_no_configuration(tag: str, value: str) -> None:
    for text in (f"model_list: !!{tag} {value}", f"!!{tag} {value}", f"? !!{tag} {value}\n: 1"):
        found, reason, _ = gateway_config(text)
        assert isinstance(found, Mapping)
        assert bool(found) != bool(reason)


@pytest.mark.parametrize("text", HOSTILE_TOML)
@pytest.mark.parametrize(
    "line", ["check .", "profile list", "profile show", "status", "env", "explain", "init --from cgw.toml --yes"]
)
def test_a_profile_that_no_parser_takes_is_named(
    text: str,
    line: str,
    isolated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cgw.toml").write_text(text)
    assert run(line.split()) in {0, 1, 2}
    assert "internal error" not in capfd.readouterr().err


@pytest.mark.parametrize(
    "payload",
    ["[" * 12_000, '{"exp": 1' + "0" * 400 + "}", '{"exp": 1e999}', '{"exp": NaN}', '{"exp": [1]}', "[1]", "null",
     '{"exp": 1, "iat": 1' + "0" * 400 + "}", '{"exp": true, "iat": {}}'],
)  # fmt: skip
def test_a_token_with_any_claims_has_an_end_or_none(payload: str) -> None:
    token = f"ey.{base64.urlsafe_b64encode(payload.encode()).decode().rstrip('=')}.x"
    end = expiry.token_end(token, 0.0)
    assert end is None or end == 1


@pytest.mark.parametrize(
    ("value", "number"),
    [(10**400, None), (float("nan"), None), (float("inf"), None), (True, None), ("1", None), (5, 5.0), (-1.5, -1.5)],
)
def test_a_number_has_any_size(value: object, number: float | None) -> None:
    assert documents.number(value) == number


def test_root_makes_nothing_in_another_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sudo cgw` with the user's HOME would leave directories that the user cannot use."""
    home = tmp_path / "home"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, 65534, 65534)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(RefusedError, match="belongs to another user") as caught:
        files.private_dir(str(home / ".config" / "cgw"))
    assert "sudo" in caught.value.hint
    assert "chown" not in caught.value.hint
    assert not [*home.iterdir()]


@given(st.text())
@example("\ud800")
@example('a"b')
@example("a\\b")
@example("\x7f")
@example("\x7f\u2028 é…")
def test_a_quoted_text_is_what_json_writes(text: str) -> None:
    assert documents.quoted(text) == json.dumps(text, ensure_ascii=False)
    assert canonical(text) == json.dumps(text, sort_keys=True, separators=(",", ":"))
