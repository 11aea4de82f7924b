"""Finding the user's client, its version, and one isolated run of it. The client here is a shell script."""

from __future__ import annotations

import gc
import json
import os
import time
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import UnavailableError, UsageError
from claude_gw_cli.world.children import Reader
from claude_gw_cli.world.client import Run, client_version, enclosed, find_client, run_client

ENV = {"PATH": os.defpath}


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_client_on_path_is_found_before_the_places_where_installers_put_it(tmp_path: Path) -> None:
    usual = script(tmp_path / ".local" / "bin" / "claude", "exit 0")
    env = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    assert find_client(env) == str(usual)
    on_path = script(tmp_path / "bin" / "claude", "exit 0")
    assert find_client(env) == str(on_path)


def test_no_client_is_no_error_but_a_wrong_explicit_path_is(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    assert find_client(env) is None
    with pytest.raises(UsageError, match="not a program"):
        find_client(env, str(tmp_path / "claude"))


def test_the_version_is_read_from_the_npm_package_without_a_start(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@anthropic-ai" / "claude-code"
    real = script(package / "bin" / "claude.exe", "echo started >&2; exit 1")
    (package / "package.json").write_text(json.dumps({"name": "@anthropic-ai/claude-code", "version": "2.1.330"}))
    link = tmp_path / "claude"
    link.symlink_to(real)
    assert client_version(link, ENV) == "2.1.330"


def test_the_version_is_read_from_the_native_installers_file_name_without_a_start(tmp_path: Path) -> None:
    real = script(tmp_path / "versions" / "2.1.100", "exit 1")
    link = tmp_path / "claude"
    link.symlink_to(real)
    assert client_version(link, ENV) == "2.1.100"


def test_otherwise_the_client_is_asked_and_may_stay_silent(tmp_path: Path) -> None:
    assert client_version(script(tmp_path / "a", 'echo "2.0.45 (Claude Code) $1"'), ENV) == "2.0.45"
    assert client_version(script(tmp_path / "b", "echo oops; exit 1"), ENV) is None
    assert client_version(tmp_path / "absent", ENV) is None


def test_a_run_sees_exactly_the_given_environment_folder_arguments_and_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-the-person")
    claude = script(tmp_path / "claude", 'env; pwd; cat; echo "$@" >&2; exit 3')
    run = run_client(claude, {**ENV, "X": "1"}, tmp_path, ("-p", "hi there"), stdin="typed\n")
    assert run.exit == 3
    assert "X=1\n" in run.stdout
    assert "sk-of-the-person" not in run.stdout
    assert run.stdout.endswith(f"{tmp_path}\ntyped\n")
    assert run.stderr == "-p hi there\n"
    assert 0 < run.seconds < 60


def test_a_client_that_hangs_is_stopped_together_with_what_it_started(tmp_path: Path) -> None:
    claude = script(tmp_path / "claude", "echo begun; sleep 300 & echo $! >child; wait")
    run = run_client(claude, ENV, tmp_path, timeout=1)
    assert run.exit is None
    assert run.stdout == "begun\n"
    assert run.seconds < 60
    child = int((tmp_path / "child").read_text())
    stat = Path(f"/proc/{child}/stat")
    end = time.monotonic() + 30  # the signal has been sent; the kernel takes its time on a busy machine
    while stat.exists() and stat.read_text().split()[2] not in "ZX" and time.monotonic() < end:
        time.sleep(0.02)
    assert not stat.exists() or stat.read_text().split()[2] in "ZX"


def test_a_client_that_cannot_start_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be started"):
        run_client(tmp_path / "claude", ENV, tmp_path)


def test_an_enclosed_client_has_one_way_out_and_no_chatter() -> None:
    env = enclosed("http://127.0.0.1:1")
    assert {env[name] for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")} == {
        "http://127.0.0.1:1"
    }
    assert env["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] == "1"


@pytest.mark.parametrize(
    ("stdout", "stderr", "reason"),
    [
        ("", "⚠ Claude Sonnet 4.5 was retired on November 30, 2026. Consider another.\nNo access\n", "No access"),
        ("", "⚠ opus-4 is automatically remapped\n\n⚠ and another notice\n Not logged in \n", "Not logged in"),
        ("API Error: Invalid URL\n", "⚠ Claude Sonnet 4.5 will be retired.\n", "API Error: Invalid URL"),
        ("", "\n⚠ the only line\n", "⚠ the only line"),
        ("\n", " \n", ""),
    ],
)
def test_a_notice_is_not_the_reason_of_a_failure(stdout: str, stderr: str, reason: str) -> None:
    assert Run(1, stdout, stderr, 0.1).reason == reason


def test_a_pipe_that_is_held_open_is_closed_by_whoever_reads_it(recwarn: pytest.WarningsRecorder) -> None:
    theirs, ours = os.pipe()
    reader = Reader(os.fdopen(theirs, "rb"), 4)
    os.write(ours, b"abcdef")
    reader.close()
    assert reader.stream
    assert not reader.stream.closed, "it would be another file's number while the thread reads"
    os.close(ours)
    reader.join(5)
    assert (reader.stream.closed, bytes(reader.data), reader.full) == (True, b"abcd", True)
    del reader
    gc.collect()
    assert not recwarn.list
