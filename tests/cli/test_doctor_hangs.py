"""`cgw doctor` where nothing answers, and Ctrl-C: it ends in time, and leaves no program behind."""

from __future__ import annotations

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

KEY = "sk-canary-3f9a-7c21-zq7x"


@pytest.fixture(autouse=True)
def elsewhere(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(isolated)
    monkeypatch.setenv("PATH", os.defpath)


def save(home: Path, url: str, secret: str = "env://CGW_TEST_KEY") -> None:
    folder = home / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(f'provider = "unified"\ngateway_url = "{url}"\nsecret = "{secret}"\n')


@pytest.fixture
def tarpit() -> Iterator[str]:
    """A gateway that takes every connection and never answers."""
    server = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                kept.append(server.accept()[0])
            except OSError:
                return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()
    for channel in kept:
        channel.close()


# A suite that runs in the background of a shell inherits an ignored SIGINT, which Python would keep.
COMMAND = [
    sys.executable,
    "-c",
    (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from claude_gw_cli.__main__ import run; sys.exit(run(['doctor']))"
    ),
]


def test_a_gateway_a_store_and_a_helper_that_all_hang_end_within_the_budget(isolated: Path, tarpit: str) -> None:
    save(isolated, tarpit, secret="exec:sleep 60")
    started = time.monotonic()
    done = subprocess.run(COMMAND, check=False, capture_output=True, text=True, timeout=60)
    assert time.monotonic() - started < 15  # ten, and start-up on a machine that is busy with other tests
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "FAIL Gateway answers" in done.stdout
    assert "FAIL Secret store" in done.stdout


def test_ctrl_c_ends_at_once_and_restores_the_terminal(
    isolated: Path, tarpit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(isolated, tarpit)
    for name, value in (("CGW_TEST_KEY", KEY), ("ANTHROPIC_BASE_URL", tarpit), ("ANTHROPIC_AUTH_TOKEN", KEY)):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process = subprocess.Popen(COMMAND, stdin=follower, stdout=follower, stderr=follower, start_new_session=True)
    try:
        shown = _read_until(leader, b"Gateway answers", 30)
        pressed = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        # Read on: a terminal that nobody reads fills up, and the program would wait for it, not for the probes.
        shown += _read_until(leader, b"\x1b[?25h", 20)
        code = process.wait(20)
        assert time.monotonic() - pressed < 5, "well within the probes' own budget of ten seconds"
        assert termios.tcgetattr(follower) == before
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(leader)
        os.close(follower)
    assert code == 130
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert b"Traceback" not in shown
    assert KEY.encode() not in shown


def test_ctrl_c_ends_what_the_probes_started(isolated: Path, tarpit: str) -> None:
    held, script = isolated / "held", isolated / "key.sh"
    os.mkfifo(held)
    script.write_text(
        f"#!/bin/sh\nexec 9>{held}\ntrap '' INT TERM HUP\necho started >&9\nsleep 60 & wait\nsleep 60\n"
    )
    script.chmod(0o700)
    save(isolated, tarpit, f"exec:{script}")
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        _read_until(reader, b"started", 30)
        os.killpg(process.pid, signal.SIGINT)
        _, complaint = process.communicate(timeout=20)
        assert process.returncode == 130
        assert b"Traceback" not in complaint
        assert select.select([reader], [], [], 20)[0], "a program holds the pipe open"
        assert os.read(reader, 1) == b""
    finally:
        os.close(reader)


def _read_until(descriptor: int, wanted: bytes, seconds: float) -> bytes:
    seen = b""
    end = time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < end:
        if select.select([descriptor], [], [], 0.1)[0]:
            seen += os.read(descriptor, 65_536)
    assert wanted in seen, seen
    return seen
