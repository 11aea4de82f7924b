"""P53: a key in hand is printed whichever standard streams the client closed, and nothing else gets it."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.core.secret import Secret
from claude_gw_cli.helper import cache, runtime

from .conftest import Bench

KEY = "sk-first-0123456789\n"
Make = Callable[..., Bench]
CLOSED = [" ".join(chosen) for count in range(4) for chosen in itertools.combinations(("<&-", ">&-", "2>&-"), count)]
STATES = ("cold", "fresh", "old, and the source fails")


@pytest.mark.parametrize("closed", CLOSED, ids=lambda closed: closed or "none")
@pytest.mark.parametrize("state", STATES)
def test_the_key_is_printed_where_standard_output_is_open(state: str, closed: str, bench: Make) -> None:
    b = bench()
    if state != "cold":
        b.ask()
    if state.startswith("old"):
        entry = b.cache.load()
        assert entry is not None
        b.cache.store(entry.value, cache.now() - 1, cache.now() + 60, 0, entry)
        b.source.set("sk-other-0123456789", status=1)
    command = f"exec {b.helper.command} {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, env=b.env, cwd=b.cwd, check=False
    )
    assert "Traceback" not in done.stderr
    if ">&-" in closed.split():
        assert (done.stdout, KEY.strip() in done.stderr, done.returncode == 0) == ("", False, False)
    else:
        assert (done.stdout, done.returncode) == (KEY, 0), done.stderr
    top = Path(b.source.folder)
    held = {path.name for path in top.rglob("*") if path.is_file() and KEY.strip().encode() in path.read_bytes()}
    assert held <= {"value", "source"}


@pytest.mark.parametrize("number", range(3))
def test_what_is_opened_next_does_not_become_a_standard_stream(number: int, tmp_path: Path) -> None:
    code = (
        f"import os; os.close({number})\n"
        "from claude_gw_cli.world.regular import fill_standard_streams\n"
        "fill_standard_streams()\n"
        f"opened = os.open({str(tmp_path / 'lock')!r}, os.O_RDWR | os.O_CREAT)\n"
        f"assert opened > 2\n"
        f"try: os.write({number}, b'key')\n"
        "except OSError: pass\n"
        "else: assert False\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert (tmp_path / "lock").read_bytes() == b""


@pytest.mark.parametrize("pieces", [1, 5, 10_000])
def test_a_key_that_is_taken_in_pieces_arrives_whole(
    pieces: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:pieces]))
    assert runtime._print(Secret("sk-0123456789"), "a note") == 0
    assert capfd.readouterr().out == "sk-0123456789\n"


@pytest.mark.parametrize("flood", ["yes note >&2 & sleep 0.1", "head -c 3000000 /dev/zero >&2"])
def test_what_a_source_says_on_stderr_costs_no_key(flood: str, bench: Make) -> None:
    b = bench()
    program = b.source.folder / "source"
    program.write_text(f"#!/bin/sh\n{flood}\nprintf %s '{KEY}'\n")
    out, status, _ = b.ask()
    assert (out, status) == (KEY, 0)
