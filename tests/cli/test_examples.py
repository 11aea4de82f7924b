"""Every example is executed as it stands: the scripts by sh, the pipelines step by step as their runner would.

`claude` is the stand-in that sends what is predicted; the examples with a real client and a real keyring are in
tests/real.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
KEY = "sk-canary-0123456789"

CLAUDE = f"""#!{sys.executable}
import os, sys
from pathlib import Path
from claude_gw_cli.core.arguments import parse_arguments
from claude_gw_cli.world.predicted_client import as_predicted
arguments, _ = parse_arguments(sys.argv[1:], "2.1.330")
done = as_predicted("2.1.330", arguments)(dict(os.environ), Path.cwd())
print(done.stdout)
sys.exit(done.exit)
"""
CGW = f'#!/bin/sh\nexec {sys.executable} -m claude_gw_cli "$@"\n'


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A directory with what the examples call: claude, cgw, and installers that have nothing to do."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {"claude": CLAUDE, "cgw": CGW, "pip": "#!/bin/sh\n", "pipx": "#!/bin/sh\n"}.items():
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
    assert KEY not in done.stderr.replace(f"::add-mask::{KEY}", "")
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
    (cwd / "cgw.toml").write_text(text.replace("https://llm.example.com", gateway.url))


def test_the_github_workflow(tools: Path, gateway: Gateway, tmp_path: Path) -> None:
    """Each `run` step in its own shell, with the variables of $GITHUB_ENV carried over, as the runner does it."""
    work = tmp_path / "checkout"
    work.mkdir()
    team_profile("github-actions", gateway, work)
    carried: dict[str, str] = {}
    out = ""
    job = yaml.safe_load((EXAMPLES / "github-actions/claude.yml").read_text())["jobs"]["review"]
    of_the_job = {name: str(value) for name, value in job["env"].items()}
    for step in job["steps"]:
        if "run" not in step:
            continue
        own = {name: KEY if "secrets." in value else value for name, value in step.get("env", {}).items()}
        runner = {"GITHUB_ENV": str(tmp_path / "env"), "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTIONS": "true"}
        out += sh(step["run"], environment(tools, gateway, **of_the_job, **carried, **own, **runner), work)
        carried |= read_github_env(tmp_path / "env")
    assert carried["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert ANSWER in out
    assert KEY not in (tmp_path / "settings.json").read_text()


def read_github_env(path: Path) -> dict[str, str]:
    """The runner's own reading: ``NAME=VALUE``, or ``NAME<<DELIMITER``, lines, ``DELIMITER``."""
    found: dict[str, str] = {}
    lines = iter(path.read_text().splitlines() if path.exists() else [])
    for line in lines:
        if "=" in line.partition("<<")[0]:
            name, _, value = line.partition("=")
            found[name] = value
            continue
        name, _, delimiter = line.partition("<<")
        parts = []
        for part in lines:
            if part == delimiter:
                break
            parts.append(part)
        found[name] = "\n".join(parts)
    return found


def test_the_gitlab_pipeline(tools: Path, gateway: Gateway, tmp_path: Path) -> None:
    """All lines of a job in one shell, as the runner does it."""
    jobs = yaml.safe_load((EXAMPLES / "gitlab/.gitlab-ci.yml").read_text())
    variables = jobs.pop("variables")
    work = tmp_path / "checkout"
    work.mkdir()
    team_profile("gitlab", gateway, work)
    for name, job in jobs.items():
        script = "set -e\n" + "\n".join([*job.get("before_script", []), *job["script"]])
        out = sh(script, environment(tools, gateway, GATEWAY_KEY=KEY, **variables), work)
        assert (ANSWER in out) == (name == "review")
    assert KEY not in (work / "settings.json").read_text()
