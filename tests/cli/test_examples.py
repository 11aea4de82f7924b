"""Every example is executed as it stands: the scripts by sh, the pipelines by ``jobs``, as their systems do.

`claude` is the stand-in that sends what is predicted; the examples that need a real client, keyring or Vault are in
tests/real.
"""

from __future__ import annotations

import json
import os
import plistlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

from .conftest import Cgw
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


DOCKER = """
import os, re, sys
# What the example uses of docker: the image is the client and PATH, the variables are those of the file alone.
words = sys.argv[1:]
if words[0] == "build":
    text = open("Dockerfile").read()
    assert re.search(r"^RUN npm install --global @anthropic-ai/claude-code$", text, re.M), text
    assert not re.search("KEY|TOKEN|BASE_URL", text)
else:
    command = words[words.index("claude-code") + 1 :]
    lines = open(words[words.index("--env-file") + 1]).read().splitlines()
    env = dict(line.split("=", 1) for line in lines) | {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    os.execvpe(command[0], command, env)
"""


def test_a_container(tools: Path, gateway: Gateway, tmp_path: Path) -> None:
    (tools / "docker").write_text(f"#!{sys.executable}{DOCKER}")
    (tools / "docker").chmod(0o755)
    (tmp_path / "t").mkdir()
    env = environment(tools, gateway, GATEWAY_KEY=KEY, TMPDIR=str(tmp_path / "t"))
    out = sh(f"sh -x {EXAMPLES}/container/run.sh 2>{tmp_path}/trace", env, tmp_path)
    assert ANSWER in out
    assert KEY not in (tmp_path / "trace").read_text(), "no command line has the key"
    assert not list((tmp_path / "t").iterdir()), "the file is gone"


def predicted(tools: Path, gateway: Gateway, variables: dict[str, str], cwd: Path) -> str:
    """The client's answer with these variables alone."""
    return sh("claude -p hi", {"PATH": environment(tools, gateway)["PATH"], "HOME": str(cwd), **variables}, cwd)


def test_a_development_container(tools: Path, gateway: Gateway, tmp_path: Path, cgw: Cgw) -> None:
    """The file has what cgw prints of its profile, and the container's variables answer."""
    document = jsonc((EXAMPLES / "devcontainer/.devcontainer/devcontainer.json").read_text())
    assert document["postCreateCommand"] == "npm install --global @anthropic-ai/claude-code"
    profile = str(EXAMPLES / "devcontainer/cgw.toml")
    printed = json.loads(cgw("env", "--profile", profile, "--trust-repository", "--shell", "devcontainer").out)
    assert {name: document[name] for name in printed} == printed
    values = {**document["containerEnv"], **document["remoteEnv"], "ANTHROPIC_BASE_URL": gateway.url}
    local = {name: text.replace("${localEnv:GATEWAY_KEY}", KEY) for name, text in values.items() if text is not None}
    assert ANSWER in predicted(tools, gateway, local, tmp_path)


def jsonc(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads("\n".join(line for line in text.splitlines() if not line.startswith("//")))
    return document


def test_a_job_in_kubernetes(gateway: Gateway, tmp_path: Path, cgw: Cgw) -> None:
    """The container runs its own command with the variables that kubelet would give it."""
    folder = EXAMPLES / "kubernetes"
    kinds = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    documents = {item["kind"]: item for name in kinds for item in yaml.safe_load_all((folder / name).read_text())}
    profile = str(folder / "cgw.toml")
    printed = cgw("env", "--profile", profile, "--trust-repository", "--shell", "kubernetes").out
    assert documents["ConfigMap"] == next(yaml.safe_load_all(printed))
    (container,) = documents["Job"]["spec"]["template"]["spec"]["containers"]
    (reference,) = (row["configMapRef"]["name"] for row in container["envFrom"])
    assert reference == documents["ConfigMap"]["metadata"]["name"]
    env = documents["ConfigMap"]["data"] | {"ANTHROPIC_BASE_URL": gateway.url}
    for row in container["env"]:
        wanted = row["valueFrom"]["secretKeyRef"]
        said = f"create secret generic {wanted['name']} --from-file={wanted['key']}=/dev/stdin"
        assert said in (folder / "run.sh").read_text()
        env[row["name"]] = KEY
    machine = Machine(tmp_path, ("npm",), user_programs=False)
    assert container["command"] == ["sh", "-ec"]
    (script,) = container["args"]
    assert ANSWER in machine.bash(script, env, tmp_path)


def test_a_platform_team(tools: Path, gateway: Gateway, tmp_path: Path) -> None:
    sh(f"sh {EXAMPLES}/platform-team/render.sh {tmp_path}/dist", environment(tools, gateway), tmp_path)
    linux = tmp_path / "dist/linux"
    assert (linux / "helper").stat().st_mode & 0o777 == 0o755
    assert str(tmp_path) not in (linux / "helper").read_text(), "no user's path"
    settings = json.loads((linux / "managed-settings.json").read_text())
    assert settings["apiKeyHelper"] == "/usr/local/lib/cgw/helper"
    plist = plistlib.loads((tmp_path / "dist/macos/claude-code.mobileconfig").read_bytes())
    assert plist["PayloadContent"][0]["env"] == settings["env"]
    # on a machine where a stand-in for that path prints the key
    helper = tools / "helper"
    helper.write_text(f"#!/bin/sh\necho {KEY}\n")
    helper.chmod(0o755)
    settings |= {"apiKeyHelper": str(helper)}
    settings["env"]["ANTHROPIC_BASE_URL"] = gateway.url
    (linux / "managed-settings.json").write_text(json.dumps(settings))
    words = f"cgw explain --managed-dir {linux} --format json"
    found = json.loads(sh(words, environment(tools, gateway, HOME=str(tmp_path)), tmp_path))
    assert (found["outcome"], found["headers"]["authorization"]["source"]["scope"]) == ("request", "managed")
    assert found["request"]["url"].startswith(gateway.url)


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
