"""A command that is ended in the middle: by Ctrl-C, by SIGTERM, by a terminal that closes.

Its exit code is 128 and the signal's number; no program that it started goes on, whichever session that is in, no
file is left or half written, and the terminal is as it was.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.terminals import Terminal

KEY = "sk-canary-0123456789abcdef0123456789abcdef"
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
PROFILE = 'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nsecret = "exec:{source}"\n'


def until(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@pytest.fixture
def home(isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two profiles whose source tells its process number, and then never answers."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "source"
    source.write_text(f"#!/bin/sh\necho {KEY} >&2\nsleep 300 &\necho $$ $! > {tmp_path}/started\nwait\n")
    source.chmod(0o700)
    client = tmp_path / "claude"
    client.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "2.1.332 (Claude Code)" && exit\n'
        f"sleep 300 &\necho $$ $! >> {tmp_path}/started\nwait\n"
    )
    client.chmod(0o700)
    folder = isolated / ".config/cgw/profiles"
    folder.mkdir(parents=True, mode=0o700)
    for name, more in (("work", ""), ("helped", 'auth = "helper"\n')):
        (folder / f"{name}.toml").write_text(more + PROFILE.format(source=source))
    assert (
        subprocess.run([sys.executable, "-m", "claude_gw_cli", "helper", "install", "helped"], check=False).returncode
        == 0
    )
    return isolated


@pytest.fixture
def started(home: Path, tmp_path: Path) -> Iterator[Callable[[], list[int]]]:
    """The process numbers of the source and of what it started, once it runs."""
    file = tmp_path / "started"

    def numbers() -> list[int]:
        until(lambda: file.exists() and file.read_text().endswith("\n"), "the source was not started")
        return [int(word) for word in file.read_text().split()]

    yield numbers
    for number in numbers() if file.exists() else ():
        if runs(number):
            os.kill(number, signal.SIGKILL)


def runs(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked at in /proc")
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize(
    "line",
    [
        "env --profile work --shell sh",
        "run --profile work -- true",
        "settings apply --profile work --write-secret --yes",
        "settings render --profile work --write-secret --out {home}/ci.json",
        "secret test exec:{source}",
        "helper run helped",
        "helper refresh helped",
        "helper test helped",
        "doctor --profile helped",
        "SCRIPT",
        "demo --client {client}",
        "trace --profile helped --client {client}",
    ],
)
def test_a_command_that_is_ended_leaves_nothing_behind(
    home: Path, tmp_path: Path, started: Callable[[], list[int]], line: str, number: signal.Signals
) -> None:
    words = [word.format(home=home, source=tmp_path / "source", client=tmp_path / "claude") for word in line.split()]
    script = home / ".config/cgw/helpers/helped"
    command = [str(script)] if line == "SCRIPT" else [sys.executable, "-m", "claude_gw_cli", *words]
    before = {path for path in home.rglob("*") if ".cache" not in path.parts}
    with subprocess.Popen(
        # A suite that runs in the background of a shell inherits an ignored SIGINT, which Python would keep.
        ["env", "--default-signal=INT,TERM,HUP", *command],
        env=os.environ | {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        started()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    numbers = started()  # several clients start at once
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    assert KEY not in out + err
    until(lambda: not any(map(runs, numbers)), "the source goes on")
    assert not list((tmp_path / "tmp").iterdir())
    assert {path for path in home.rglob("*") if ".cache" not in path.parts} == before


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("line", ["secret set file://{home}/key", "profile rm work", "uninstall"])
def test_a_question_that_is_ended_gives_the_terminal_back(home: Path, line: str, number: signal.Signals) -> None:
    before = {path for path in home.rglob("*") if ".cache" not in path.parts}
    terminal = Terminal(*line.format(home=home).split())
    mode = termios.tcgetattr(terminal.leader)
    terminal.wait_for("Key for" if "set" in line else "?")
    if "set" in line:
        terminal.type(KEY.encode())
    terminal.process.send_signal(number)
    assert terminal.finish() in {130, 128 + number}
    assert termios.tcgetattr(terminal.leader)[:4] == mode[:4]
    assert "Traceback" not in terminal.text
    assert KEY not in terminal.text
    assert {path for path in home.rglob("*") if ".cache" not in path.parts} == before


@pytest.mark.parametrize("number", [*SIGNALS, None], ids=lambda number: number.name if number else "again")
def test_what_was_saved_in_the_editor_is_kept(
    home: Path, tmp_path: Path, number: signal.Signals | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C is for the editor while it runs; after it, a Ctrl-C at the question keeps what was written."""
    editor = tmp_path / "editor"
    waits = "" if number is None else 'trap "exit 0" INT\necho EDITING\nsleep 300 &\nwait\n'
    editor.write_text(f'#!/bin/sh\necho "nonsense = 1" >> "$1"\n{waits}')
    editor.chmod(0o700)
    monkeypatch.setenv("EDITOR", shlex.quote(str(editor)))
    profile = home / ".config/cgw/profiles/work.toml"
    text = profile.read_text()
    terminal = Terminal("profile", "edit", "work")
    if number is not None:
        terminal.wait_for("EDITING")
        if number == signal.SIGINT:
            terminal.type(b"\x03")  # arrives at both
        else:
            terminal.process.send_signal(number)
    if number in {signal.SIGINT, None}:
        terminal.wait_for("Edit it again?")
        terminal.type(b"\x03")
    assert terminal.finish() == (130 if number in {signal.SIGINT, None} else 128 + (number or 0))
    assert profile.read_text() == text
    kept = home / ".local/state/cgw/edited/work.toml"
    assert kept.read_text() == text + "nonsense = 1\n"
    assert "edited/work.toml" in "".join(terminal.text.split())
    assert not list((home / ".cache/cgw").glob("edit-*"))


@pytest.mark.parametrize("name", ["TERM", "HUP"])
def test_a_signal_that_is_ignored_stays_so(home: Path, started: Callable[[], list[int]], name: str) -> None:
    """As under nohup."""
    command = [sys.executable, "-m", "claude_gw_cli", "env", "--profile", "work", "--shell", "sh"]
    with subprocess.Popen(["env", f"--ignore-signal={name}", *command], stdout=subprocess.PIPE) as process:
        numbers = started()
        process.send_signal(getattr(signal, f"SIG{name}"))
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.kill()
    for number in numbers:
        os.kill(number, signal.SIGKILL)
