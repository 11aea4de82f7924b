"""What TAB costs: python bench/completion.py CGW [nu=PROGRAM] prints programs started, system calls and CPU time.

CGW is the console script whose completion is measured, also the one that a completion script may start. Each shell
reads the script and completes a line ten times, and none: a tenth of the difference is one TAB. strace counts. CPU
time, children included, is taken without it: the least of seven runs. PowerShell is not measured: it is not on these
machines. nushell completes one line in one process of its language server, with the script and without one, so
its row includes reading the script.
"""

from __future__ import annotations

import os
import pty
import re
import resource
import select
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TIMES = 10
LINE = "cgw env --profile "
TRACED = ("strace", "-f", "-c", "-o")
_BASH = (
    'compopt() {{ :; }}; . {script}; COMP_LINE="cgw env --profile "; COMP_POINT=18; COMP_CWORD=3; '
    'COMP_WORDS=(cgw env --profile ""); f=$(complete -p cgw); f=${{f#*-F }}; f=${{f%% *}}; '
    "for ((n = 0; n < {times}; n++)); do $f cgw; done"
)
_FISH = "source {script}; for n in (seq {times}); complete -C '{line}' > /dev/null; end"
_ZSH = (
    "PS1=; setopt no_beep; autoload -Uz compinit; compinit -D -u; . {script}; "
    "all() {{ _main_complete; compstate[insert]=all; compstate[list]=; }}; zle -C all complete-word all; "
    "show() {{ print -r -- ''; print -r -- \"<<$#BUFFER>>\"; BUFFER=; }}; zle -N show; "
    "bindkey '^Xa' all; bindkey '^Xp' show; echo re''ady\n"
)


def main(cgw: str, nu: str) -> None:
    """Print the table."""
    print("| shell | programs started by a TAB | system calls | CPU time |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in ("work", "lab"):
            profile = home / f".config/cgw/profiles/{name}.toml"
            profile.parent.mkdir(parents=True, exist_ok=True)
            profile.write_text('provider = "unified"\n')
        env = {
            "HOME": folder,
            "PATH": f"{Path(cgw).absolute().parent}:{os.defpath}",
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        for shell in ("bash", "zsh", "fish", *(["nu"] if nu else [])):
            made = home / f"cgw.{shell}"
            told = env | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}  # what cgw was before its own scripts
            done = subprocess.run(
                [cgw, "--show-completion", shell], env=told, capture_output=True, text=True, check=False
            )
            if done.returncode:
                print(f"| {shell} | there is no script | | |")
                continue
            made.write_text(done.stdout)
            show(shell, lambda times, trace, shell=shell, made=made: run(shell, made, env, times, trace, nu))


def show(shell: str, once: Callable[[int, tuple[str, ...]], float]) -> None:
    """One row."""
    times = 1 if shell == "nu" else TIMES
    counts = [counted(once, number) for number in (0, times)]
    seconds = [min(once(number, ()) for _ in range(7)) for number in (0, times)]
    started, calls = ((counts[1][place] - counts[0][place]) / times for place in (0, 1))
    print(
        f"| {shell} | {started:.1f} | {calls:,.0f} | {(seconds[1] - seconds[0]) / times * 1000:.1f} ms |", flush=True
    )


def counted(once: Callable[[int, tuple[str, ...]], float], times: int) -> tuple[int, int]:
    """Programs that were started, and system calls, by `strace -c -f`."""
    with tempfile.NamedTemporaryFile("r") as log:
        once(times, (*TRACED, log.name))
        rows = [line.split() for line in log.read().splitlines() if re.match(r"\s*\d+\.\d+ ", line)]
    found = {row[-1]: int(row[3]) for row in rows}
    failed = {row[-1]: int(row[4]) for row in rows if len(row) > 5}
    return found["execve"] - failed.get("execve", 0), found["total"]


def run(shell: str, script: Path, env: dict[str, str], times: int, trace: tuple[str, ...], nu: str) -> float:
    """The CPU seconds of a shell that completes so many times."""
    quoted = shlex.quote(str(script))
    if shell == "zsh":
        return in_terminal([*trace, "zsh", "-f", "-i"], env, _ZSH.format(script=quoted), times)
    if shell == "nu":
        text = f"source {script if times else '/dev/null'}\n{LINE}"
        file = script.with_suffix(".half.nu")
        file.write_text(text)
        words = [nu, "-n", "--ide-complete", str(len(text)), str(file)]
    elif shell == "fish":
        words = ["fish", "-N", "-c", _FISH.format(script=quoted, times=times, line=LINE)]
    else:
        words = ["bash", "--norc", "-c", _BASH.format(script=quoted, times=times)]
    before = spent()
    subprocess.run([*trace, *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return spent() - before


def spent() -> float:
    """CPU seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_terminal(argv: list[str], env: dict[str, str], start: str, times: int) -> float:
    """The same in a terminal, which zsh's completion needs."""
    before = spent()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], argv, env)
    os.write(terminal, start.encode())
    until(terminal, rb"\nready\r")
    for _ in range(times):
        os.write(terminal, LINE.encode() + b"\x18a\x18p")
        until(terminal, rb"<<\d+>>")
    os.write(terminal, b"exit\n")
    try:
        while os.read(terminal, 65_536):
            pass
    except OSError:  # how Linux tells that nothing holds the other end any more
        pass
    os.close(terminal)
    os.waitpid(pid, 0)
    return spent() - before


def until(terminal: int, mark: bytes) -> None:
    """Read until a mark is shown."""
    data, end = b"", time.monotonic() + 60
    while not re.search(mark, data):
        assert time.monotonic() < end, data[-500:]
        if select.select([terminal], [], [], 0.5)[0]:
            data += os.read(terminal, 65_536)


if __name__ == "__main__":
    given = dict(word.split("=", 1) for word in sys.argv[2:])
    main(sys.argv[1], given.get("nu", ""))
