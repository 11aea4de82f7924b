"""The table of dialects: its contract, its golden texts, and what it refuses before any text exists."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli import emit
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.emit import ci
from claude_gw_cli.emit.formats import FILE_FORMATS

CONTRACT = (
    "bash zsh sh ksh fish tcsh nu powershell cmd dotenv docker github gitlab systemd json vscode devcontainer "
    "sdk-ts sdk-python action environment.d etc-environment compose mise direnv circleci buildkite azure jenkins "
    "kubernetes systemd-dropin launchd"
)
SETS = [("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000"), ("ANTHROPIC_MODEL", "opus[1m]"), ("NOTE", "X-A: b")]
FOR = {"action": [("ANTHROPIC_AUTH_TOKEN", "${{ secrets.KEY }}")]}
UNSETS = ["ANTHROPIC_API_KEY"]
UNSUPPORTED = max(emit._UNSUPPORTED)
GOLDEN = Path(__file__).parent / "golden.txt"


def test_the_dialects_of_the_contract_are_there() -> None:
    assert set(CONTRACT.split()) <= set(emit.DIALECTS)


def test_a_program_is_one_shell() -> None:
    names = [name for _, programs, _ in emit.SHELLS.values() for name in programs.split()]
    assert len(names) == len(set(names))
    assert not emit._UNSUPPORTED & set(names)
    assert not emit.SHELLS.keys() & FILE_FORMATS.keys()


def test_the_text_of_every_dialect_is_the_golden_one(
    monkeypatch: pytest.MonkeyPatch, golden: Callable[[Path, str], None]
) -> None:
    monkeypatch.setattr(ci, "_random_hex", lambda count: "ab" * count)
    texts = [
        f"=== {dialect}: {emit.usage_hint(dialect)}\n{emit.render(dialect, SETS + FOR.get(dialect, []), UNSETS)}"
        for dialect in emit.DIALECTS
    ]
    golden(GOLDEN, "".join(texts))


@pytest.mark.parametrize(
    "dialect",
    [name for name in emit.DIALECTS if name not in {"json", "vscode", "devcontainer", "sdk-ts", "sdk-python"}],
)
def test_nothing_gives_nothing(dialect: str) -> None:
    assert emit.render(dialect, [], []) == ""


@pytest.mark.parametrize("dialect", emit.DIALECTS)
@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A;id", "É", "A=B", "A\n", "$(id)", "A.B"])
def test_a_bad_name_is_refused_before_any_text(dialect: str, name: str) -> None:
    for sets, unsets in ([("GOOD", "1"), (name, "1")], []), ([], ["GOOD", name]):
        with pytest.raises(UsageError, match="is not a variable name"):
            emit.render(dialect, sets, unsets)


@pytest.mark.parametrize("dialect", emit.DIALECTS)
@pytest.mark.parametrize("value", ["sk-fake\0", "\ud800sk-fake", b"sk-fake\xff".decode(errors="surrogateescape")])
def test_what_no_environment_can_hold_is_refused_without_showing_it(dialect: str, value: str) -> None:
    with pytest.raises(UsageError, match=rf"^{dialect} cannot carry KEY: ") as caught:
        emit.render(dialect, [("KEY", value)], [])
    assert "sk-fake" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(("typed", "near"), [("bsh", "bash"), ("powershel", "powershell"), ("github-env", "github")])
def test_an_unknown_dialect_names_the_nearest_and_all(typed: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"unknown shell or format '{typed}'") as caught:
        emit.render(typed, [], [])
    assert caught.value.hint == f"Did you mean {near}? It is one of: {', '.join(emit.DIALECTS)}"


def test_an_unknown_dialect_like_nothing_lists_all() -> None:
    with pytest.raises(UsageError, match=r"'xyzzy'$"):
        emit.render("xyzzy", [], [])


@pytest.mark.parametrize(
    ("parent", "shell", "dialect"),
    [
        ("bash", "/bin/zsh", "bash"),
        ("-zsh", "/bin/bash", "zsh"),
        ("/usr/bin/fish", "/bin/bash", "fish"),
        ("dash", None, "sh"),
        ("busybox", None, "sh"),
        ("ash", None, "sh"),
        ("mksh", None, "ksh"),
        ("-csh", None, "tcsh"),
        ("nu", None, "nu"),
        ("pwsh", None, "powershell"),
        (r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe", None, "powershell"),
        ("CMD.EXE", None, "cmd"),
        ("make", "/usr/bin/fish", "fish"),
        (None, "/bin/ksh93", "ksh"),
        (UNSUPPORTED, "/bin/bash", None),
        ("python3", f"/bin/{UNSUPPORTED}", None),
        ("python3", None, "sh"),
        (None, None, "sh"),
        (None, "", "sh"),
    ],
)
def test_the_calling_shell_is_told_or_not_guessed(parent: str | None, shell: str | None, dialect: str | None) -> None:
    assert emit.detect({} if shell is None else {"SHELL": shell}, parent) == dialect


def test_the_room_is_light_enough_for_the_hot_path() -> None:
    code = "import sys; import claude_gw_cli.emit; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"typing", "re", "json", "dataclasses", "pathlib", "difflib", "collections"} & {*loaded}
