from __future__ import annotations

import subprocess
import sys
import time

import pytest

from claude_gw_cli.world import children, process


def test_the_start_of_the_interpreter_counts() -> None:
    look = "from claude_gw_cli.world.process import began; print(time.monotonic() - began())"
    code = f"import time; time.sleep(0.3); {look}"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 0.3 <= float(done.stdout) < 5


def test_a_process_that_did_something_else_before_begins_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_YOUNG", -1.0)
    before = time.monotonic()
    assert process.began() >= before


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "pass"])
def test_nothing_is_left_when_the_process_ends(end: str) -> None:
    code = (
        "import threading, time; from claude_gw_cli.world import children\n"
        "def run(): children.start(['/bin/sh', '-c', 'echo started; sleep 60 & wait']).wait()\n"
        f"threading.Thread(target=run, daemon=True).start(); time.sleep(0.5)\n{end}"
    )
    # What is left would keep the pipe open.
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)
    assert done.stdout == "started\n", done.stderr


def test_a_program_that_ended_is_not_signalled_again() -> None:
    program = children.start(["/bin/true"])
    program.wait(20)
    children.end(program)
    children.release(program)
