from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from claude_gw_cli.helper.trial import run_as_client

ENV = {"PATH": os.defpath}


@pytest.mark.parametrize(
    ("script", "problem", "complaint"),
    [
        ("echo 'vault: permission denied' >&2; exit 3", "it exited 3", "vault: permission denied"),
        ("echo two words", "whitespace", ""),
        ("exit 0", "empty key", ""),
    ],
)
def test_what_the_client_would_not_take_is_told(tmp_path: Path, script: str, problem: str, complaint: str) -> None:
    run = run_as_client(script, ENV, str(tmp_path))
    assert run.key is None
    assert problem in run.problem
    assert run.complaint == complaint


def test_a_token_between_blanks_is_the_key(tmp_path: Path) -> None:
    run = run_as_client("echo ' sk-from-helper '; echo warned >&2", ENV, str(tmp_path))
    assert run.key is not None
    assert run.key.reveal() == "sk-from-helper"
    assert (run.problem, run.complaint) == ("", "warned")


def test_a_helper_that_hangs_is_stopped_with_the_children_that_hold_its_pipes(tmp_path: Path) -> None:
    started = time.monotonic()
    run = run_as_client("sleep 60 & wait", ENV, str(tmp_path), 0.5)
    assert time.monotonic() - started < 10
    assert "did not end within" in run.problem
