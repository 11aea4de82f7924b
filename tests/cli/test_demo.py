"""`cgw demo` on a machine without Claude Code: every mode, with the stand-in that sends what is predicted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_gw_cli.cli import demo
from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.world.client import Run
from claude_gw_cli.world.predicted_client import as_predicted
from claude_gw_cli.world.profile_run import run_profile


@pytest.fixture(autouse=True)
def no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(demo, "find_client", lambda env, explicit=None: None)


def test_every_mode_is_walked_and_answered_and_the_output_says_that_it_was_simulated(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert demo.demo() == 0
    out, err = capfd.readouterr()
    assert "a simulation that sends what cgw predicts" in out
    assert "not installed" in err
    for mode in MODES:
        assert f"\n{mode.provider}  " in out
    assert out.count("✓") == 2 * len(list(demo.profiles()))
    assert "✗" not in out
    assert "sk-cgw-" not in out + err
    assert "\x1b" not in out


def test_no_row_is_answered_without_its_key(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = as_predicted("2.1.330")

    def forgetful(env: dict[str, str], folder: Path) -> Run:
        (Path(env["HOME"]) / ".claude" / "settings.json").unlink()
        return honest({name: value for name, value in env.items() if "sk-cgw-" not in value}, folder)

    monkeypatch.setattr("claude_gw_cli.world.predicted_client.as_predicted", lambda version: forgetful)
    assert demo.demo() == 1
    out, _ = capfd.readouterr()
    assert "✓" not in out
    assert "\n0 of " in out
    assert "unified, gateway, static, authorization, settings: " in out


def test_what_an_old_client_cannot_do_is_said_and_not_counted_as_failure(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claude_gw_cli.facts.versions.NEWEST", "2.0.45")
    assert demo.demo() == 0
    out, _ = capfd.readouterr()
    assert "mantle, gateway, static, authorization: " in out
    assert "needs Claude Code 2.1.94" in out


def test_a_client_that_says_nothing_useful_is_a_failure_with_its_own_words() -> None:
    profile = next(demo.profiles())
    said = run_profile(profile, "environment", lambda env, folder: Run(1, "", "\n  boom happened\n", 0.1))
    assert (said.answered, said.reason) == (False, "boom happened")
    silent = run_profile(profile, "environment", lambda env, folder: Run(0, "", "", 0.1))
    assert silent.reason == "no request reached the gateway (exit 0)"
    stuck = run_profile(profile, "environment", lambda env, folder: Run(None, "", "", 60.0))
    assert stuck.reason == "stopped: no answer in time"


def test_a_rehearsal_inherits_nothing_but_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-of-the-person")
    monkeypatch.setenv("AWS_PROFILE", "work")
    seen: list[dict[str, str]] = []

    def start(env: Mapping[str, str], folder: Path) -> Run:
        seen.append(dict(env))
        return Run(0, "", "", 0.0)

    for profile in demo.profiles():
        run_profile(profile, "environment", start)
    for env in seen:
        assert env["PATH"] == os.environ["PATH"]
        assert env["HOME"] != os.environ["HOME"]
        assert "AWS_PROFILE" not in env
        assert "sk-of-the-person" not in env.values()


def test_the_stand_in_sends_nothing_to_another_machine(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "ANTHROPIC_BASE_URL": "https://gw.example.com", "ANTHROPIC_AUTH_TOKEN": "sk-test"}
    run = as_predicted("2.1.330")(env, tmp_path)
    assert (run.exit, run.stdout) == (1, "the request would leave this machine: gw.example.com")
