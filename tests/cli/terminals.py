"""A terminal of its own for one `cgw`, driven by a test. A key is typed after what it answers is shown."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

# A new session has no terminal yet. The first one that it opens is its own from then on: there Ctrl-C arrives.
# A suite that runs in the background of a shell, or under nohup, inherits ignored signals, which Python would keep.
START = (
    "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "[signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTERM, signal.SIGHUP)]; "
    "os.open(os.ttyname(0), os.O_RDWR); from claude_gw_cli.__main__ import main; main()"
)


_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])")


class Terminal:
    """`cgw` on a terminal of its own, both streams."""

    def __init__(self, *argv: str, columns: int = 80, before: str = "") -> None:
        self.leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
        self.shown = b""
        self._seen = 0
        self.process = subprocess.Popen(
            [sys.executable, "-c", before + START, *argv],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            env=dict(
                os.environ
            ),  # and not the COLUMNS that readline, which pytest imports, puts behind Python's back
        )
        os.close(follower)

    @property
    def text(self) -> str:
        """Everything that was shown, without colours and movements of the cursor."""
        return _SEQUENCE.sub(b"", self.shown).decode("utf-8", "replace")

    def wait_for(self, words: str) -> None:
        """Until these words are shown, after those that were waited for before; lines may break anywhere."""
        end = time.monotonic() + 60
        while (place := re.sub(r"\s+", " ", self.text).find(words, self._seen)) < 0:
            assert time.monotonic() < end, self.text
            assert self._read(), self.text
        self._seen = place + len(words)

    def answer(self, question: str, keys: bytes) -> None:
        """Wait for a question and type the keys."""
        self.wait_for(question)
        self.type(keys)

    def type(self, keys: bytes) -> None:
        os.write(self.leader, keys)

    def finish(self) -> int:
        """Everything that is shown until the end; the exit code."""
        end = time.monotonic() + 60
        while self._read():
            assert time.monotonic() < end, self.shown
        return self.process.wait(30)

    def _read(self) -> bool:
        if not select.select([self.leader], [], [], 0.2)[0]:
            return True
        try:
            read = os.read(self.leader, 65_536)
        except OSError:  # how Linux tells that nobody holds the other end any more
            return False
        self.shown += read
        return bool(read)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.leader)
