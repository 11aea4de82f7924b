"""Every example is executed as it stands: the scripts by sh, the pipelines by ``jobs``, as their systems do.

`claude` is the stand-in that sends what is predicted; the examples that need a real client, keyring or Vault are in
tests/real.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

from .jobs import CGW, PREDICTED_CLIENT, Machine, github, gitlab, read_github_env

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
KEY = "sk-canary-0123456789"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory with what the scripts call."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {"claude": PREDICTED_CLIENT, "cgw": CGW}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(key=KEY) as running:
        yield running


def environment(tools: Path, gateway: Gateway, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    return {**kept, "PATH": f"{tools}:{os.environ['PATH']}", "GATEWAY_URL": gateway.url, "LITELLM_KEY": KEY, **more}


def sh(script: str, env: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(
        ["sh", "-c", script], env=env, cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert KEY not in done.stderr
    return done.stdout


def test_a_solo_developer_with_litellm(tools: Path, gateway: Gateway, tmp_path: Path) -> None:
    out = sh(f"sh {EXAMPLES}/solo-litellm/run.sh", environment(tools, gateway), tmp_path)
    assert ANSWER in out


def test_bedrock_behind_the_gateway(tools: Path, gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o600)
    env = environment(tools, gateway, KEY_FILE=str(tmp_path / "key"), SHELL="/bin/sh")
    out = sh(f"sh {EXAMPLES}/bedrock-gateway/run.sh", env, tmp_path)
    assert ANSWER in out
    assert "/bedrock/model/" in gateway.requests[-1].path


def test_vertex_with_credentials_of_this_machine(tools: Path, tmp_path: Path) -> None:
    (tmp_path / "adc.json").write_text(json.dumps({"type": "external_account", "token_url": "http://127.0.0.1:1"}))
    with Gateway(key=KEY, key_header="x-litellm-api-key") as gateway:
        env = environment(tools, gateway, PROJECT_ID="p", GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "adc.json"))
        assert ANSWER in sh(f"sh {EXAMPLES}/vertex-client/run.sh", env, tmp_path)
        assert "/vertex_ai/v1/projects/p/" in gateway.requests[-1].path


def team_profile(folder: str, gateway: Gateway, cwd: Path) -> None:
    text = (EXAMPLES / folder / "cgw.toml").read_text()
    assert "https://llm.example.com" in text
    cwd.mkdir()
    (cwd / "cgw.toml").write_text(text.replace("https://llm.example.com", gateway.url))


def test_the_github_workflow(gateway: Gateway, tmp_path: Path) -> None:
    work = tmp_path / "checkout"
    team_profile("github-actions", gateway, work)
    machine = Machine(tmp_path, ("npm", "pipx"), user_programs=True)
    log = github(EXAMPLES / "github-actions/claude.yml", machine, work, {"GATEWAY_KEY": KEY}, {})
    assert ANSWER in log
    assert KEY not in log
    assert read_github_env(machine.home / "env")["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert KEY not in (machine.home / "settings.json").read_text()


def test_the_gitlab_pipeline(gateway: Gateway, tmp_path: Path) -> None:
    work = tmp_path / "checkout"
    team_profile("gitlab", gateway, work)
    pipeline = work / ".gitlab-ci.yml"
    pipeline.write_text((EXAMPLES / "gitlab/.gitlab-ci.yml").read_text())
    log = gitlab(pipeline, Machine(tmp_path, ("npm", "apt-get"), user_programs=False), {"GATEWAY_KEY": KEY})
    assert ANSWER in log
    assert KEY not in log
    assert KEY not in (work / "settings.ci.json").read_text()


@pytest.mark.parametrize("folder", ["github-actions", "gitlab"])
def test_settings_of_a_change_do_not_take_the_key_elsewhere(gateway: Gateway, tmp_path: Path, folder: str) -> None:
    work = tmp_path / "checkout"
    team_profile(folder, gateway, work)
    (work / ".claude").mkdir()
    (work / ".claude/settings.json").write_text(json.dumps({"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}}))
    if folder == "github-actions":
        machine = Machine(tmp_path, ("npm", "pipx"), user_programs=True)
        log = github(EXAMPLES / "github-actions/claude.yml", machine, work, {"GATEWAY_KEY": KEY}, {})
    else:
        machine = Machine(tmp_path, ("npm", "apt-get"), user_programs=False)
        (work / ".gitlab-ci.yml").write_text((EXAMPLES / "gitlab/.gitlab-ci.yml").read_text())
        log = gitlab(work / ".gitlab-ci.yml", machine, {"GATEWAY_KEY": KEY})
    assert ANSWER in log
