from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_gw_cli.facts.modes import MODES


def profile(name: str) -> Path:
    return Path(os.environ["HOME"]) / f".config/cgw/profiles/{name}.toml"


def test_vertex_alone_succeeds_with_defaults_and_names_what_is_still_to_fill_in(cgw) -> None:
    done = cgw("init", "--provider", "vertex", "--yes")
    assert done.out == f"{profile('vertex')}\n"
    for word in ("--project-id", "--secret", "--gateway-url", "http://localhost:4000"):
        assert word in done.err


def test_filling_in_keeps_what_was_there(cgw) -> None:
    cgw("init", "--provider", "vertex", "--gateway-url", "https://gw", "--yes")
    cgw("init", "vertex", "--provider", "vertex", "--project-id", "p", "--secret", "env://K", "--yes")
    text = profile("vertex").read_text()
    assert 'gateway_url = "https://gw"' in text
    assert 'project_id = "p"' in text
    assert profile("vertex").with_suffix(".toml.bak").exists()


def test_an_existing_profile_is_not_replaced_without_yes(cgw) -> None:
    cgw("init", "--provider", "unified", "--yes")
    before = profile("unified").read_text()
    done = cgw("init", "unified", "--provider", "unified", "--gateway-url", "https://other", fails=2)
    assert "exists" in done.err
    assert profile("unified").read_text() == before
    cgw("init", "unified", "--provider", "unified")


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: f"{mode.provider} {mode.credentials}")
def test_every_mode_can_be_made_from_flags(cgw, mode) -> None:
    options = ["--project-id", "p", "--workspace-id", "w", "--secret", "env://K", "--yes"]
    cgw("init", "x", "--provider", mode.provider, "--credentials", mode.credentials, *options)
    shown = cgw("profile", "show", "x").out
    assert mode.base_variable in shown
    assert "{KEY}" in shown


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--provider", "nonsense"], ["'nonsense'", "unified, anthropic"]),
        (["--provider", "vertx"], ["Did you mean vertex?"]),
        ([], ["--provider"]),
        (["--provider", "unified", "--auth", "helpr"], ["'helpr'", "helper"]),
        (["--provider", "unified", "--gateway-url", "gw"], ["not an http(s) address"]),
        (["--provider", "unified", "--scope", "usr"], ["'usr'"]),
        (["--provider", "unified", "--secret", "sk-ant-this-is-a-key-0123456789"], ["cgw secret set"]),
        (["--provider", "unified", "--key-header", "a b"], ["header name"]),
        (["a/b", "--provider", "unified"], ["profile name"]),
        (["--provider", "vertex", "--credentials", "client", "--auth", "helper"], ["apiKeyHelper"]),
        (["--provider", "unified", "--secret", "evn://FOO"], ["'evn'", "env://NAME"]),
        (["--provider", "unified", "--secret", "exec:pass 'x"], ["exec"]),
        (["--provider", "unified", "--min-client-version", "abc"], ["2.1.227"]),
        (["--provider", "vertex", "--project-id", "my project"], ["one word"]),
        (["--provider", "vertex", "--region", "us east"], ["one word"]),
        (["--provider", "unified", "--model", ""], ["one word"]),
        (["--provider", "unified", "--model", "a\nb"], ["one word"]),
        (["--from", "https://user:hunter2@127.0.0.1:9/p.toml"], ["user name or password"]),
    ],
    ids=" ".join,
)
def test_a_mistake_is_named_and_nothing_is_written(cgw, argv: list[str], words: list[str]) -> None:
    done = cgw("init", *argv, "--yes", fails=2)
    for word in words:
        assert word in done.err
    assert "sk-ant-this" not in done.err
    assert "hunter2" not in done.err
    assert not profile("unified").exists()


def test_the_hint_for_every_session_is_one_that_works(cgw) -> None:
    static = cgw("init", "a", "--provider", "unified", "--secret", "env://K", "--yes")
    assert "cgw init a --auth helper --scope user --yes" in static.err
    header = cgw("init", "b", "--provider", "unified", "--key-header", "x-gw", "--secret", "env://K", "--yes")
    assert "--write-secret" in header.err
    helper = cgw("init", "c", "--provider", "unified", "--auth", "helper", "--secret", "env://K", "--yes")
    assert "cgw settings apply --scope user --profile c\n" in helper.err
    assert '"$(cgw env --profile c --resolve)"' in helper.err, "without it no key would be exported"


def test_dry_run_prints_the_profile_and_writes_nothing(cgw) -> None:
    done = cgw("init", "--provider", "bedrock", "--secret", "env://K", "--dry-run", "--yes")
    assert 'provider = "bedrock"' in done.out
    assert not profile("bedrock").exists()


def test_from_a_file_starts_from_a_teams_profile(cgw, work: Path) -> None:
    (work / "team.toml").write_text('provider = "vertex"\ngateway_url = "https://team"\nproject_id = "p"\n')
    cgw("init", "mine", "--from", "team.toml", "--secret", "env://MINE", "--yes")
    text = profile("mine").read_text()
    assert 'gateway_url = "https://team"' in text
    assert 'secret = "env://MINE"' in text


def test_plain_http_is_not_a_source_for_profiles(cgw) -> None:
    done = cgw("init", "x", "--from", "http://example.com/p.toml", "--yes", fails=77)
    assert "plain http" in done.err


def test_the_profile_commands(cgw) -> None:
    assert "no profile yet" in cgw("profile", "list").err
    cgw("init", "one", "--provider", "unified", "--secret", "env://K", "--yes")
    cgw("init", "two", "--provider", "bedrock", "--secret", "env://K", "--yes")
    cgw("profile", "use", "two")
    listed = cgw("profile", "list").out.splitlines()
    assert [line[:5] for line in listed] == ["  one", "* two"]
    assert 'provider = "bedrock"' in cgw("profile", "export").out
    cgw("profile", "rm", "two", "--yes")
    assert cgw("profile", "list").out.startswith("* one")
    assert "no profile 'two'" in cgw("profile", "show", "two", fails=2).err


def test_run_replaces_the_process_with_the_profiles_environment(cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    cgw("init", "u", "--provider", "unified", "--gateway-url", "http://127.0.0.1:1", "--secret", "env://K", "--yes")
    monkeypatch.setenv("K", "cgw-canary-1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "old")
    code = "import os; print(os.environ['ANTHROPIC_AUTH_TOKEN'], os.environ.get('ANTHROPIC_API_KEY'), os.getpid())"
    process = subprocess.Popen(
        [sys.executable, "-m", "claude_gw_cli", "run", "--", sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    out, _ = process.communicate(timeout=30)
    assert out.split() == ["cgw-canary-1", "None", str(process.pid)]


def test_run_says_what_is_wrong_with_the_command(cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    cgw("init", "u", "--provider", "unified", "--secret", "env://K", "--yes")
    monkeypatch.setenv("K", "cgw-canary-1")
    assert "no command" in cgw("run", fails=2).err
    assert "command not found" in cgw("run", "--", "no-such-command-here", fails=127).err
    assert "Permission denied" in cgw("run", "--", "/etc/passwd", fails=126).err
