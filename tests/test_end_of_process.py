"""The process ends at once, and still does what was left to do: registered calls, threads, text in a buffer."""

from __future__ import annotations

import subprocess
import sys

import pytest

_COMMAND = """
import sys
from claude_gw_cli import __main__ as door
def command(_):
    {does}
    return 3
door.run = command
door.main()
"""
LEFT = {
    "text in a buffer": "sys.stdout.write('done')",
    "a registered call": "import atexit; atexit.register(lambda: print('done', end='', flush=True))",
    "a thread": "import threading, time; "
    "threading.Thread(target=lambda: (time.sleep(0.2), print('done', end='', flush=True))).start()",
    "a pool": "from concurrent.futures import ThreadPoolExecutor as Pool; import time; "
    "Pool(1).submit(lambda: (time.sleep(0.2), print('done', end='', flush=True)))",
    "the end of an object": "import weakref; sys.it = type('It', (), {})(); "
    "weakref.finalize(sys.it, lambda: print('done', end='', flush=True))",
}


def _run(does: str, after: str = "") -> list[str]:
    return ["/bin/sh", "-c", f'"$0" -c "$1" {after}', sys.executable, _COMMAND.format(does=does)]


@pytest.mark.parametrize("left", LEFT)
def test_what_is_left_is_done(left: str) -> None:
    done = subprocess.run(_run(LEFT[left]), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "done", "")


def test_a_thread_that_waits_for_the_network_holds_nothing_up() -> None:
    waits = "import threading, time; threading.Thread(target=time.sleep, args=(50,), daemon=True).start()"
    done = subprocess.run(_run(waits), capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (3, "")


def test_text_that_cannot_be_written_is_no_success() -> None:
    done = subprocess.run(_run("sys.stdout.write('x')", ">/dev/full"), capture_output=True, timeout=60, check=False)
    assert done.returncode not in (0, 3)


def test_nothing_left_takes_no_interpreter_apart() -> None:
    watched = "sys.it = type('It', (), {'__del__': lambda self: print('taken apart', flush=True)})()"
    done = subprocess.run(_run(watched), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")
