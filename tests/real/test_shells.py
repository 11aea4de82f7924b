"""Every hostile value through the real shells, in every way a person may feed them the text.

PowerShell and cmd are not here: nothing that runs these tests has them. nushell is the `nu` on PATH, or npm's in
`$CGW_PARTS_DIR/nushell` (default ~/.cache/cgw-parts).
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli import emit
from claude_gw_cli.emit.next_step import in_shell

pytestmark = pytest.mark.real

VECTORS: dict[str, str] = {
    f"{file}: {label}": value
    for file in ("hostile", "realistic", "further")
    for label, value in json.loads((Path(__file__).parent.parent / "vectors" / f"{file}.json").read_text()).items()
}
SETS = [(f"CGW_T{index:02}", value) for index, value in enumerate(VECTORS.values())]
GONE = ["CGW_WAS_SET", "CGW_WAS_NOT_SET"]
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
LOCALES = ("C", "C.UTF-8")

QUOTED = 'eval "$(cat text)"'
UNQUOTED = "eval $(cat text)"
BASH = (
    "set -eu",
    "set -euf",
    "set -eu; shopt -s nullglob dotglob extglob",
    "set -eu; shopt -s failglob",
    "set -eu; shopt -s failglob extglob; set -o posix",
    "set -eu; set -o history; set -H",
    "set -eu; IFS=$'\\n\\t'",
    "set -eu; shopt -s globasciiranges nocaseglob; IFS=",
)
ZSH = (
    "set -eu",
    "setopt NO_GLOB",
    "set -eu; setopt SH_WORD_SPLIT",
    "set -eu; setopt SH_WORD_SPLIT GLOB_SUBST",
    "set -eu; setopt RC_QUOTES KSH_GLOB GLOB_SUBST NULL_GLOB",
    "set -eu; setopt GLOB_SUBST EXTENDED_GLOB MAGIC_EQUAL_SUBST CSH_NULL_GLOB",
    "set -eu; setopt BANG_HIST IGNORE_BRACES POSIX_BUILTINS",
)
POSIX = ("set -eu", "set -euf", "set -eu; IFS='\n\t'")
FAMILIES = {
    ("bash", "bash", "--norc"): BASH,
    ("bash", "sh", "--norc"): (*BASH[:5], BASH[6]),
    ("zsh", "zsh", "-f"): ZSH,
    ("zsh", "sh", "-f"): ("emulate sh; set -eu", "emulate ksh; set -eu"),
    ("dash", "sh"): POSIX,
    ("busybox", "sh", "sh"): POSIX,
    ("ksh", "ksh"): POSIX,
    ("ksh", "bash"): POSIX,
}
CASES = [
    (shell, dialect, tuple(options), f"{prelude}; {form}; ./dump")
    for (shell, dialect, *options), preludes in FAMILIES.items()
    for prelude, form in itertools.product(preludes, (QUOTED, UNQUOTED, ". ./text"))
]
CASES += [("fish", "fish", ("-N",), f"{form}; ./dump") for form in ("cat text | source", "eval (cat text)", QUOTED)]
CASES += [
    ("tcsh", "tcsh", ("-f",), f"{form}; ./dump") for form in ("source text", "eval `cat text`", 'eval "`cat text`"')
]
CASES += [
    ("nu", "nu", ("-n",), "source text; ./dump"),
    ("nu", "json", ("-n",), "cat text | from json | load-env; ./dump"),
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a program that dumps its environment, and files that unquoted patterns would match."""
    dump = tmp_path / "dump"
    dump.write_text(
        f"#!{sys.executable} -IS\nimport os, sys\n"
        r"sys.stdout.buffer.write(b''.join(k + b'=' + v + b'\0' for k, v in os.environb.items()))"
        "\n"
    )
    dump.chmod(0o755)
    model = f"CGW_T{list(VECTORS).index('hostile: bracket that globs'):02}"
    for bait in ("opus1", "opusm", "a", "b", f"{model}=opus1;", f"{model}='opus1';", f"{model}=$'opus1';"):
        (tmp_path / bait).touch()
    return tmp_path


def run(place: Path, shell: str, options: tuple[str, ...], script: str, locale: str) -> dict[str, bytes]:
    program = shutil.which(shell, path=f"{os.environ['PATH']}:{PARTS / 'nushell' / 'node_modules' / '.bin'}")
    assert program, f"{shell} is not installed"
    home = place / "home"
    home.mkdir(exist_ok=True)
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": locale, "CGW_WAS_SET": "1"}
    done = subprocess.run(
        [program, *options, "-c", script], cwd=place, env=environ, capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert done.stderr == b""
    pairs = (pair.partition(b"=") for pair in done.stdout.split(b"\0")[:-1])
    return {name.decode(): value for name, _, value in pairs if name.startswith(b"CGW_")}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("shell", "dialect", "options", "script"), CASES)
def test_every_value_arrives_byte_for_byte(
    place: Path, shell: str, dialect: str, options: tuple[str, ...], script: str, locale: str
) -> None:
    (place / "text").write_bytes(emit.render(dialect, SETS, GONE).encode())
    arrived = run(place, shell, options, script, locale)
    wrong = {
        label: (value.encode(), arrived.get(name))
        for (label, value), (name, _) in zip(VECTORS.items(), SETS, strict=True)
        if arrived.get(name) != value.encode()
    }
    if (shell, locale) == ("tcsh", "C") and "`" in script:
        # Its own bug, see emit/tcsh.py: between backticks, in a locale that has no such characters.
        assert list(wrong) == ["hostile: 10 kB"]
        return
    assert not wrong
    assert not {*GONE} & {*arrived}


def test_fish_hides_a_universal_variable_and_leaves_it_to_other_sessions(place: Path) -> None:
    (place / "text").write_text(emit.render("fish", [], ["CGW_UNIVERSAL", "CGW_WAS_SET"]))
    here = run(place, "fish", (), "set -Ux CGW_UNIVERSAL 1; cat text | source; or exit 1; ./dump", "C")
    assert here == {"CGW_UNIVERSAL": b""}
    later = run(place, "fish", (), "./dump", "C")
    assert later == {"CGW_UNIVERSAL": b"1", "CGW_WAS_SET": b"1"}


def test_the_vectors_are_hostile_enough() -> None:
    assert len(SETS) >= 60


@pytest.mark.parametrize("shell", ["dash", "ksh", "fish", "tcsh"])
def test_the_commands_of_messages_are_those_of_the_shell(
    shell: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    lines = [in_shell(emit.canonical(shell), text) for text in ("export A_B=x/y", "export C_D=z", "unset C_D")]
    script = tmp_path / "script"
    script.write_text("\n".join([*lines, "env"]) + "\n", encoding="utf-8")
    environment = {"PATH": os.defpath, "HOME": str(tmp_path)}
    done = subprocess.run([program(shell), script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "A_B=x/y" in done.stdout
    assert "C_D" not in done.stdout
