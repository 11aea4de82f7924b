"""The completion scripts in bash, zsh, fish and nushell: what half-typed lines are offered, without a process.

bash and zsh are asked in a terminal of their own, where a key inserts everything that TAB would list; fish and
nushell answer without one. nushell is npm's in the parts. PowerShell is not here: nothing that runs these tests has
it.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from claude_gw_cli import emit
from claude_gw_cli.cli.commands import COMMANDS, GROUPS
from claude_gw_cli.cli.completion.script import script
from claude_gw_cli.facts.modes import PROVIDERS

pytestmark = pytest.mark.real

PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
NU = PARTS / "nushell/node_modules/.bin/nu"
HOSTILE = (
    "two words", "$(touch ran)", "`touch ran`", "; touch ran", "a\nb", "-rf", "'", '"', "*", "~", "$HOME", "a;b",
    "#x", "(touch ran)", "e'$(touch ran)", "\x1b[31m", "é",
)  # fmt: skip
# What a shell is asked to do at its start, so that Ctrl-X a inserts all that is offered and Ctrl-X p shows the line.
TERMINAL = {
    "bash": (
        ("bash", "--norc", "--noprofile", "-i"),
        (
            "PS1=; bind 'set enable-bracketed-paste off'; bind '\"\\C-xa\": insert-completions'; "
            "show() { printf '\\n<<%s>>\\n' \"$READLINE_LINE\"; READLINE_LINE=; READLINE_POINT=0; }; "
            "bind -x '\"\\C-xp\": show'; . {script}; echo re''ady\n"
        ),
    ),
    "zsh": (
        ("zsh", "-f", "-i"),
        (
            "PS1=; unset zle_bracketed_paste; setopt no_beep; autoload -Uz compinit; compinit -D -u; . {script}; "
            "all() { _main_complete; compstate[insert]=all; compstate[list]=; }; zle -C all complete-word all; "
            "show() { print -r -- ''; print -r -- \"<<$BUFFER>>\"; BUFFER=; }; zle -N show; "
            "bindkey '^Xa' all; bindkey '^Xp' show; echo re''ady\n"
        ),
    ),
}
FIRST = {command.words.split()[0] for command in COMMANDS.values() if not command.hidden} | {*GROUPS}
# Half a line, and what is offered for its last word.
LINES: dict[str, set[str]] = {
    "cgw ": FIRST,
    "cgw se": {"settings", "secret"},
    "cgw settings ": {"render", "diff", "apply", "undo", "status", "history"},
    "cgw settings apply --sc": {"--scope"},
    "cgw settings apply --scope ": {"user", "project", "local", "managed"},
    "cgw settings apply --scope=m": {"--scope=managed"},
    "cgw settings apply --force --scope l": {"local"},
    "cgw -q settings diff --profile ": {"work", "lab-2"},
    "cgw init --scope ": {"none", "user", "project", "local", "managed"},
    "cgw init --provider ": {*PROVIDERS},
    "cgw env --shell ": {*emit.DIALECTS},
    "cgw env --profile ": {"work", "lab-2"},
    "cgw env --profile w": {"work"},
    "cgw env --profile=w": {"--profile=work"},
    "cgw env --profile ./f": {"./file.json"},
    "cgw profile show ": {"work", "lab-2"},
    "cgw profile show -- ": {"work", "lab-2"},
    "cgw helper test ": {"work"},
    "cgw rule CGW10": {f"CGW10{number}" for number in range(1, 10)},
    "cgw secret set ke": {"keyring://", "keepassxc:///"},
    "cgw secret set keyring:": {"keyring://"},
    "cgw init --secret=op": {"--secret=op://"},
    "cgw check f": {"file.json"},
    "cgw check file.json f": {"file.json"},
    "cgw check --managed-dir ": {"sub"},
    "cgw init --from=f": {"--from=file.json"},
    "cgw init --model ": set(),
    "cgw run -- cat fi": {"file.json"},
    "cgw run --profile work -- prog": {"program-of-the-test"},
    "cgw --show-completion ": {"bash", "zsh", "fish", "nu", "powershell"},
}


@pytest.fixture
def place(tmp_path: Path, isolated: Path) -> Path:
    """A directory with a file, a folder and a program; in the home two profiles, a helper, and hostile file names."""
    work, config = tmp_path / "work", isolated / ".config/cgw"
    (work / "sub").mkdir(parents=True)
    (work / "file.json").write_text("{}")
    program = tmp_path / "bin/program-of-the-test"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in ("profiles/work.toml", "profiles/lab-2.toml", "profiles/notes.txt", "helpers/work.spec"):
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).touch()
    (config / "profiles/folder.toml").mkdir()
    for name in HOSTILE:
        (config / "profiles" / f"{name}.toml").touch()
    return work


def environment(place: Path) -> dict[str, str]:
    path = f"{place.parent / 'bin'}:/usr/bin:/bin"
    return {"HOME": os.environ["HOME"], "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def offered(shell: str, place: Path, lines: list[str], log: Path | None = None) -> dict[str, str]:
    """The lines after everything that is offered was inserted.

    Args:
        shell: ``bash`` or ``zsh``.
        place: the working directory.
        lines: half-typed lines.
        log: where strace writes what is started.
    """
    made = place.parent / f"cgw.{shell}"
    made.write_text(script(shell))
    argv, start = TERMINAL[shell]
    trace = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-o", str(log)) if log else ()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(place)
        os.execvpe((*trace, *argv)[0], (*trace, *argv), environment(place))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 9000, 0, 0))
    try:
        os.write(terminal, start.replace("{script}", shlex.quote(str(made))).encode())
        _until(terminal, rb"\nready\r")
        seen = {}
        for line in lines:
            os.write(terminal, line.encode() + b"\x18a\x18p")
            seen[line] = _until(terminal, rb"(?s)<<(.*)>>").decode()
        return seen
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def _until(terminal: int, mark: bytes) -> bytes:
    data, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            data += os.read(terminal, 65536)
            if found := re.search(mark, data):
                return found[found.re.groups]
    pytest.fail(f"the shell did not answer: {data[-500:]!r}")


def words_after(line: str, whole: str) -> set[str]:
    """What was inserted in place of the line's last word; nothing where the line is as it was."""
    begin, _, last = line.rpartition(" ")
    assert whole.startswith(f"{begin} "), whole
    return {word.removesuffix("b/") + "b" * word.endswith("b/") for word in shlex.split(whole[len(begin) :])} - {last}


@pytest.mark.parametrize("shell", TERMINAL)
def test_half_a_line_in_a_terminal(shell: str, place: Path) -> None:
    seen = offered(shell, place, [*LINES])
    assert {line: words_after(line, whole) for line, whole in seen.items()} == LINES
    assert not (place / "ran").exists()


def fish(place: Path, lines: list[str], *before: str) -> dict[str, list[str]]:
    """What fish offers for each line, each with a tab and what it means."""
    made = place.parent / "cgw.fish"
    made.write_text(script("fish"))
    ask = "".join(f"echo '== {line}'; complete -C '{line}'; " for line in lines)
    done = subprocess.run(
        [*before, "fish", "-N", "-c", f"source {shlex.quote(str(made))}; {ask}"],
        cwd=place, env=environment(place), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return {part.partition("\n")[0]: part.splitlines()[1:] for part in done.stdout.split("== ")[1:]}


def test_half_a_line_in_fish(place: Path) -> None:
    seen = fish(place, [*LINES])
    words = {line: {row.partition("\t")[0] for row in rows} for line, rows in seen.items()}
    assert {line: {"sub" if word == "sub/" else word for word in found} for line, found in words.items()} == LINES
    assert "--scope\tWhich file: user, project, local or managed." in seen["cgw settings apply --sc"]
    assert not (place / "ran").exists()


def test_half_a_line_in_nushell(place: Path) -> None:
    """Its language server's view: the offsets are those of the whole text, which begins with the script."""
    made = place.parent / "cgw.nu"
    made.write_text(script("nu"))
    lines = {
        "cgw settings apply --sc": {"--scope"},
        "cgw settings apply --scope ": LINES["cgw settings apply --scope "],
        **{
            line: LINES[line]
            for line in (
                "cgw env --profile ",
                "cgw env --shell ",
                "cgw profile show ",
                "cgw helper test ",
                "cgw init --provider ",
                "cgw init --scope ",
                "cgw rule CGW10",
            )
        },
        "cgw secret set ke": {"keyring://", "keepassxc:///"},
    }
    for line, expected in lines.items():
        text = f"source {made}\n{line}"
        (place / "half.nu").write_text(text)
        done = subprocess.run(
            [str(NU), "-n", "--ide-complete", str(len(text)), "half.nu"],
            cwd=place, env=environment(place), capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert {*json.loads(done.stdout)["completions"]} == expected, line
    assert not (place / "ran").exists()


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("cgw run --profile work -- claude --foo=bar -x -- y", "run --profile work -- claude --foo=bar -x -- y"),
        ("cgw settings apply --force --scope user -- x", "settings apply --force --scope user -- x"),
        ("cgw frob --unknown x", "frob --unknown x"),
        ("cgw -q env --shell nu", "--quiet env --shell nu"),
        ("cgw check --format json a b --fix", "check --format json a b --fix"),
    ],
)
def test_nushell_still_starts_cgw_with_the_line_that_was_typed(place: Path, line: str, argv: str) -> None:
    made = place.parent / "cgw.nu"
    made.write_text(script("nu"))
    program = place.parent / "bin/cgw"
    program.write_text('#!/bin/sh\necho "$*"\n')
    program.chmod(0o755)
    done = subprocess.run(
        [str(NU), "-n", "-c", f"source {made}; {line}"],
        cwd=place, env=environment(place), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == f"{argv}\n"


WITHOUT_A_PROGRAM = [line for line in LINES if not line.startswith("cgw run")]


@pytest.mark.parametrize("shell", TERMINAL)
def test_no_program_is_started(shell: str, place: Path) -> None:
    log = place.parent / "started"
    offered(shell, place, WITHOUT_A_PROGRAM, log)
    assert log.read_text().count("execve(") == 1, "the shell itself"


def test_no_program_is_started_by_fish(place: Path) -> None:
    log = place.parent / "started"
    fish(place, WITHOUT_A_PROGRAM, "strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=execve", "-o", str(log))
    assert log.read_text().count("execve(") == 1, "the shell itself"


def test_the_bash_script_passes_shellcheck(place: Path) -> None:
    made = place / "cgw.bash"
    made.write_text(script("bash"))
    subprocess.run(["shellcheck", "-s", "bash", str(made)], check=True)
