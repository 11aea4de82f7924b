"""`cgw trace` with a stand-in for the client: the fence, the copy of the user's start, and what is said about it."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli.trace import _sent_key
from claude_gw_cli.core.compare import agrees
from claude_gw_cli.core.observation import Observation
from claude_gw_cli.core.predict.model import HeaderPrediction
from claude_gw_cli.core.redirect import on_recorder
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.world import paths

from .terminals import Terminal

GATEWAY = "https://gateway.example/team"
TOKEN = "tok-0123456789"
CLIENT = """#!{python}
import json, os, urllib.request
folder = os.environ["CLAUDE_CONFIG_DIR"]
env = dict(os.environ)
for file in (f"{{folder}}/settings.json", ".claude/settings.json", ".claude/settings.local.json"):
    if os.path.exists(file):
        env.update(json.load(open(file)).get("env", {{}}))
open(f"{{folder}}/.claude.json", "w").write("{{}}")
body = {{"model": "claude-opus-5-5", "max_tokens": 9, "messages": [1], "tools": [1]}}
headers = {{"user-agent": "claude-cli/2.1.330", "content-type": "application/json"}}
headers["{header}"] = "Bearer " + env["ANTHROPIC_AUTH_TOKEN"]
url = env["ANTHROPIC_BASE_URL"].rstrip("/") + "/v1/messages?beta=true"
urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).read()
"""


@pytest.fixture
def client(tmp_path: Path) -> Callable[[str], str]:
    """A program that passes for client 2.1.330 and sends its token in the given header."""

    def make(header: str) -> str:
        folder = tmp_path / "claude-code"
        folder.mkdir()
        folder.joinpath("package.json").write_text('{"name": "@anthropic-ai/claude-code", "version": "2.1.330"}')
        program = folder / "claude"
        program.write_text(CLIENT.format(python=sys.executable, header=header))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(program)

    return make


def test_what_is_sent_is_what_is_predicted(
    cgw: Callable[..., Any], client: Callable[[str], str], isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": GATEWAY}}))
    before = settings.read_bytes()
    result = cgw("trace", "--client", client("authorization"), "--format", "json")
    document = json.loads(result.out)
    assert document["observed"] is True
    assert document["request"]["url"] == f"{GATEWAY}/v1/messages?beta=true"
    assert document["headers"]["authorization"]["value"] == "Bearer tok-…"
    assert document["headers"]["authorization"]["source"]["name"] == "ANTHROPIC_AUTH_TOKEN"
    assert document["findings"] == []
    assert TOKEN not in result.out + result.err
    assert settings.read_bytes() == before
    assert [path.name for path in isolated.rglob("*")] == [".claude", "settings.json"]


def test_a_difference_is_a_finding(
    cgw: Callable[..., Any], client: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", GATEWAY)
    record = tmp_path / "record.json"
    result = cgw("trace", "--client", client("x-api-key"), "--record", str(record), fails=1)
    assert "authorization: predicted Bearer tok-…, observed nothing" in result.out
    row = json.loads(record.read_text())
    assert row["observed"]["x-api-key"] == f"Bearer {row['config']['env']['ANTHROPIC_AUTH_TOKEN']}"
    assert TOKEN not in record.read_text() + result.out + result.err
    assert "gateway.example" not in record.read_text()
    assert (
        "exists already"
        in cgw("trace", "--client", str(tmp_path / "claude-code" / "claude"), "--record", str(record), fails=74).err
    )


def test_a_project_that_sets_the_base_url_is_seen_through_links(
    cgw: Callable[..., Any], client: Callable[[str], str], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://elsewhere.example")
    project = work / ".claude" / "settings.json"
    project.parent.mkdir()
    project.write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": GATEWAY}}))
    before = project.read_bytes()
    document = json.loads(cgw("trace", "--client", client("authorization"), "--format", "json").out)
    assert document["request"]["url"] == f"{GATEWAY}/v1/messages?beta=true"
    assert document["variables"]["ANTHROPIC_BASE_URL"]["scope"] == "project"
    assert project.read_bytes() == before


@pytest.mark.parametrize("place", ["home", "link to the file", "link to the directory", "local link"])
def test_the_users_own_settings_read_as_the_projects_do_not_lead_to_the_gateway(
    cgw: Callable[..., Any],
    client: Callable[[str], str],
    isolated: Path,
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": GATEWAY}}))
    if place == "home":
        monkeypatch.chdir(isolated)
    elif place == "link to the directory":
        (work / ".claude").symlink_to(settings.parent)
    else:
        (work / ".claude").mkdir()
        name = "settings.json" if place == "link to the file" else "settings.local.json"
        (work / ".claude" / name).symlink_to(settings)
    before = settings.read_bytes()
    document = json.loads(cgw("trace", "--client", client("authorization"), "--format", "json").out)
    assert document["request"]["url"] == f"{GATEWAY}/v1/messages?beta=true"
    assert document["findings"] == []
    assert settings.read_bytes() == before


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("plain", [True, False])
def test_no_name_is_broken_on_a_narrow_terminal(
    client: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, columns: int, *, plain: bool
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", GATEWAY)
    if not plain:
        monkeypatch.delenv("NO_COLOR")
        monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal("trace", "--client", client("authorization"), columns=columns)
    assert terminal.finish() == 0
    terminal.close()
    lines = terminal.text.replace("\r", "").splitlines()
    assert [line for line in lines if len(line) > columns and " " in line.strip() and GATEWAY not in line] == []
    assert [word for word in ("authorization", "proxy-authorization", "predicted") if word not in terminal.text] == []
    assert f"{GATEWAY}/v1/messages?beta=true" in terminal.text.replace("\n" + " " * 13, "")


def with_helper(program: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Let a stand-in for the client send what its helper gives, and name that helper in the user's settings."""
    asks = 'env["ANTHROPIC_AUTH_TOKEN"] = os.popen(env["HELPER"]).read().strip()\nbody ='
    both = 'headers["x-api-key"] = env["ANTHROPIC_AUTH_TOKEN"]\nurl ='
    program.write_text(program.read_text().replace("body =", asks).replace("url =", both))
    settings = isolated / ".claude" / "settings.json"
    settings.parent.mkdir(exist_ok=True)
    document = json.loads(settings.read_text()) if settings.exists() else {"env": {"ANTHROPIC_BASE_URL": GATEWAY}}
    document["apiKeyHelper"] = command or document["apiKeyHelper"]
    document["env"]["CLAUDE_CODE_ENTRYPOINT"] = "sdk-cli"
    settings.write_text(json.dumps(document))
    monkeypatch.setenv("HELPER", str(document["apiKeyHelper"]))


def test_a_helper_that_gives_no_key_is_never_what_was_predicted(
    cgw: Callable[..., Any], client: Callable[[str], str], isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = client("authorization")
    with_helper(Path(program), isolated, monkeypatch, "false")
    result = cgw("trace", "--client", program, fails=1)
    assert "The helper withheld its key: it gave no key in this start" in result.out
    assert "was predicted" not in result.out
    document = json.loads(cgw("trace", "--client", program, "--format", "json", fails=1).out)
    assert document["withheld"].startswith("it gave no key")


def test_cgws_own_helper_answers_the_recorder(
    cgw: Callable[..., Any], client: Callable[[str], str], isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = isolated / "key"
    key.write_text(TOKEN)
    key.chmod(0o600)
    cgw("init", "work", "--provider", "unified", "--auth", "helper", "--gateway-url", GATEWAY, "--secret",
        f"file://{key}", "--yes")  # fmt: skip
    program = client("authorization")
    unapplied = json.loads(cgw("trace", "--profile", "work", "--client", program, "--format", "json").out)
    assert unapplied["outcome"] == "request"
    assert "The plain `claude` stops: Not logged in" in unapplied["sentences"][0]
    cgw("settings", "apply", "--scope", "user", "--profile", "work", "--yes")
    with_helper(Path(program), isolated, monkeypatch, "")
    document = json.loads(cgw("trace", "--client", program, "--format", "json").out)
    assert document["withheld"] is None
    assert document["headers"]["authorization"]["value"] == "Bearer tok-…"
    assert not list(isolated.rglob("recorder"))


@pytest.mark.parametrize(("more", "withheld"), [((), None), (("--standalone",), "its script needs no cgw")])
def test_a_script_for_all_machines(
    cgw: Callable[..., Any],
    client: Callable[[str], str],
    isolated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
    withheld: str | None,
) -> None:
    monkeypatch.setenv("SIGNING_KEY", "s" * 32)
    folder = isolated / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(
        f'provider = "unified"\ngateway_url = "{GATEWAY}"\nauth = "helper"\nsecret = "jwt://me"\n'
        '[jwt.me]\nalgorithm = "HS256"\nkey = "env://SIGNING_KEY"\n'
    )
    script = tmp_path / "shared.sh"
    cgw("helper", "install", "work")
    cgw("helper", "install", "work", "--out", str(script), "--force", *more)
    program = client("authorization")
    with_helper(Path(program), isolated, monkeypatch, str(script))
    result = cgw("trace", "--client", program, "--format", "json", fails=1 if withheld else 0)
    document = json.loads(result.out)
    assert (document["withheld"] or "").startswith(withheld or "")
    assert (document["withheld"] is None) is (withheld is None)
    assert document["headers"]["authorization"]["value"].startswith("Bearer eyJ" if withheld is None else "Bearer")


def test_a_base_url_that_managed_settings_pin_cannot_be_traced(
    cgw: Callable[..., Any], client: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    managed = tmp_path / "managed"
    managed.mkdir()
    managed.joinpath("managed-settings.json").write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": GATEWAY}}))
    monkeypatch.setattr(paths, "managed_dir", lambda: str(managed))
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    result = cgw("trace", "--client", client("authorization"), fails=69)
    assert "managed settings set ANTHROPIC_BASE_URL" in result.err
    assert result.out == ""


def test_without_a_client_the_way_out_is_named(cgw: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "cgw explain" in cgw("trace", fails=69).err


@pytest.mark.parametrize(
    ("base", "there"),
    [
        ("https://gw.example/anthropic", "http://127.0.0.1:1/anthropic"),
        (" HTTPS://u:p@gw.example:8443/a/?x=1 ", "http://u:p@127.0.0.1:1/a/?x=1"),
        ("https://gw.example", "http://127.0.0.1:1"),
        ("gw.example/anthropic", None),
        ("", None),
    ],
)
def test_a_base_url_keeps_its_path_on_the_recorder(base: str, there: str | None) -> None:
    assert on_recorder(base, "http://127.0.0.1:1") == there


@pytest.mark.parametrize(
    ("header", "came", "verdict"),
    [
        (HeaderPrediction(), None, True),
        (HeaderPrediction(), "x", False),
        (HeaderPrediction(True, "Bearer ", Secret("a")), "Bearer a", True),
        (HeaderPrediction(True, "Bearer ", Secret("a")), "Bearer b", False),
        (HeaderPrediction(True, "Bearer ", Secret("a")), None, False),
        (HeaderPrediction(True, "Bearer ", Secret("a"), certain=False), None, True),
        (HeaderPrediction(True, "Bearer ", None), "Bearer whatever", True),
        (HeaderPrediction(True, "AWS4-HMAC-SHA256 ", None), "Bearer whatever", False),
    ],
)
def test_a_header_agrees_as_far_as_its_prediction_goes(
    header: HeaderPrediction, came: str | None, verdict: bool
) -> None:
    assert agrees(header, came) is verdict


def test_what_a_project_would_run_is_not_started_unless_it_is_trusted(
    cgw: Callable[..., Any], client: Callable[[str], str], work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", GATEWAY)
    monkeypatch.delenv("CGW_TRUST_REPOSITORY", raising=False)
    project, program = work / ".claude/settings.json", client("authorization")
    project.parent.mkdir()
    hook = {"SessionStart": [{"hooks": [{"type": "command", "command": f"touch {work}/ran"}]}]}
    for settings in ({"hooks": hook}, {"apiKeyHelper": "./key.sh"}, {"env": {"NODE_OPTIONS": "--require ./x.js"}}):
        project.write_text(json.dumps(settings))
        for options in ([], ["--yes"]):
            told = cgw("trace", "--client", program, *options, fails=77).err
            assert str(project) in told
            assert "nothing was started" in told
    project.write_text(json.dumps({"hooks": hook}))
    assert f"hooks in {project}" in cgw("trace", "--client", program, "--trust-repository").err
    monkeypatch.delenv("CGW_TRUST_REPOSITORY", raising=False)
    accepted = {"projects": {str(work.parent): {"hasTrustDialogAccepted": True}}}
    (isolated / ".claude.json").write_text(json.dumps(accepted))
    cgw("trace", "--client", program)
    project.write_text("{}")
    (isolated / ".claude.json").unlink()
    cgw("trace", "--client", program)
    for folder in (work, work.parent):
        (folder / ".mcp.json").write_text("{}")
        assert str(folder / ".mcp.json") in cgw("trace", "--client", program, fails=77).err
        (folder / ".mcp.json").unlink()


def test_a_start_that_stops_as_predicted_is_no_success(
    cgw: Callable[..., Any], client: Callable[[str], str], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    program = client("authorization")
    Path(program).write_text("#!/bin/sh\necho 'Not logged in · Please run /login'\nexit 1\n")
    out = cgw("trace", "--client", program).out
    assert "! The client sent nothing and stopped, as predicted." in out
    assert "✓" not in out


@pytest.mark.parametrize(
    ("headers", "is_key"),
    [
        ({}, False),
        ({"authorization": ""}, False),
        ({"authorization": "Bearer"}, False),
        ({"x-api-key": "", "user-agent": "claude-cli/2"}, False),
        ({"authorization": f"Bearer {TOKEN}"}, True),
        ({"x-gateway-key": TOKEN}, True),
    ],
)
def test_a_start_that_sends_no_key_is_told_from_one_that_does(headers: dict[str, str], *, is_key: bool) -> None:
    """It can be just what was predicted; a gateway refuses it all the same."""
    assert _sent_key(Observation(1, headers=headers)) == is_key
