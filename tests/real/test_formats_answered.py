"""The real client, started with nothing but what one output of `cgw env` gave its own reader, is answered.

The profile has a key header of its own and a further header, so that one value has a space, a colon and, where the
format carries it, a line break. Where a text refers to the key, its reader gets it as documented.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from claude_gw_cli import emit
from claude_gw_cli.emit.formats import FILE_FORMATS
from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

pytestmark = pytest.mark.real
KEY = "sk-canary-0123456789"


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


formats = _module(Path(__file__).with_name("test_env_files.py"))
dotenv = _module(Path(__file__).with_name("test_dotenv_readers.py"))
jobs = _module(Path(__file__).parent.parent / "cli" / "jobs.py")


def gitlab(file: Path) -> Mapping[str, str]:
    """As GitLab reads a report, and the runner expands it."""
    pairs = (line.split("=", 1) for line in file.read_text().splitlines())
    return {name: value.strip().replace("$GW_KEY", KEY) for name, value in pairs}


def kubernetes(file: Path) -> Mapping[str, str]:
    """As the kubelet starts the container of the example that is printed."""
    objects = {item["kind"]: item for item in yaml.safe_load_all(file.read_text())}
    (container,) = objects["PodTemplate"]["template"]["spec"]["containers"]
    env = dict(objects["ConfigMap"]["data"])
    for row in container["env"]:
        value = KEY if "valueFrom" in row else str(row["value"])
        env[row["name"]] = value.replace("$(GW_KEY)", env.get("GW_KEY", "")).replace("$$", "$")
    return env


def action(file: Path) -> Mapping[str, str]:
    job = yaml.safe_load(file.read_text().replace("${{ secrets.GW_KEY }}", KEY))
    return {**job["env"], "ANTHROPIC_API_KEY": job["steps"][0]["with"]["anthropic_api_key"]}


def jenkins(file: Path) -> Mapping[str, str]:
    head = f"def string(m) {{ m }}\ndef withCredentials(l, c) {{ c() }}\nenv = [GW_KEY: '{KEY}']\n"
    file.write_text(head + file.read_text())
    found: Mapping[str, str] = formats.groovy(file)
    return found


def buildkite(file: Path) -> Mapping[str, str]:
    """With an agent that has the secret."""
    (file.parent / "bin").mkdir()
    agent = file.parent / "bin" / "buildkite-agent"
    agent.write_text(f'#!/bin/sh\n[ "$*" = "secret get GW_KEY" ] && printf %s {KEY}\n')
    agent.chmod(0o755)
    found: Mapping[str, str] = formats.through_bash(file, PATH=f"{file.parent}/bin:/usr/bin:/bin")
    return found


def drop_in(file: Path) -> Mapping[str, str]:
    """With the file that the text says how to write."""
    assert "EnvironmentFile=%E/cgw/key.env" in file.read_text()
    words = [sys.executable, "-m", "claude_gw_cli", "env", "--profile", str(file.parent / "p.toml"), "--resolve"]
    env = {"GW_KEY": KEY, "HOME": str(file.parent), "PATH": "/usr/bin:/bin"}
    written = subprocess.run([*words, "--shell", "systemd"], env=env, capture_output=True, text=True, check=True)
    (file.parent / "key.env").write_text(written.stdout)
    return {**formats.drop_in(file), **formats.environment_file(file.parent / "key.env")}


def through(shell: str) -> Callable[[Path], Mapping[str, str]]:
    def read(file: Path) -> Mapping[str, str]:
        found: Mapping[str, str] = dotenv.shell(shell)(file)
        return found

    return read


READERS: dict[str, Callable[[Path], Mapping[str, str]]] = {
    "bash": through("bash"),
    "zsh": through("zsh"),
    "dotenv": dotenv.DOTENV["node 24"],
    "docker": dotenv.docker,
    "github": lambda file: dict(jobs.read_github_env(file)),
    "gitlab": gitlab,
    "systemd": formats.environment_file,
    "systemd-dropin": drop_in,
    "environment.d": formats.environment_d,
    "etc-environment": formats.pam_env,
    "launchd": formats.property_list,
    "direnv": formats.direnv,
    "mise": formats.mise,
    "compose": formats.compose,
    "kubernetes": kubernetes,
    "circleci": formats.through_bash,
    "buildkite": buildkite,
    "azure": formats.azure,
    "jenkins": jenkins,
    "json": formats.as_json,
    "vscode": formats.vscode,
    "devcontainer": formats.devcontainer,
    "sdk-ts": formats.as_javascript,
    "sdk-python": formats.as_python,
    "action": action,
}
ONE_LINE = {"azure", "dotenv", "docker", "gitlab", "environment.d", "etc-environment"}
"""Formats that refuse a line break by name: there the profile has no further header."""


def test_every_file_format_is_started() -> None:
    assert set(FILE_FORMATS) <= set(READERS)
    assert set(READERS) <= set(emit.DIALECTS)


@pytest.mark.parametrize("dialect", READERS)
def test_the_client_is_answered(
    dialect: str, tmp_path: Path, cgw: Path, client: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = formats.run
    monkeypatch.setattr(
        formats, "run", lambda *words, env=None, **more: original(*words, env={"GW_KEY": KEY, **(env or {})}, **more)
    )
    header = "authorization" if dialect == "action" else "x-litellm-api-key"
    with Gateway(key=KEY, key_header=header) as gateway:
        more = "" if dialect in ONE_LINE else '[headers]\nX-Team = "platform core"\n'
        (tmp_path / "p.toml").write_text(
            f'provider = "unified"\ngateway_url = "{gateway.url}"\nsecret = "env://GW_KEY"\n'
            f'key_header = "{header}"\n{more}[models]\ndefault = "claude-opus-5-5[1m]"\n'
        )
        words: list[str | Path] = [cgw, "env", "--profile", tmp_path / "p.toml", "--shell", dialect]
        env = {"GW_KEY": KEY, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        (tmp_path / "text").write_bytes(done.stdout)
        found = {name: value for name, value in READERS[dialect](tmp_path / "text").items() if "GW_KEY" not in name}
        given = {name: value for name, value in found.items() if name.startswith(("ANTHROPIC_", "CLAUDE_", "AWS_"))}
        start = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **enclosed(gateway.url), **given}
        answer = subprocess.run(
            [client("2.1.330"), "-p", "hi"], env=start, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        (sent,) = [request for request in gateway.requests if request.is_model_request]
    assert ANSWER in answer.stdout, answer.stdout + answer.stderr
    assert sent.model == "claude-opus-5-5"
    assert sent.header("x-team") == (None if dialect in ONE_LINE else "platform core")


def test_what_the_client_is_given_is_all_there_is(tmp_path: Path, client: Callable[[str], Path]) -> None:
    """Without an output the same start is not answered."""
    with Gateway(key=KEY) as gateway:
        start = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **enclosed(gateway.url)}
        done = subprocess.run(
            [client("2.1.330"), "-p", "hi"], env=start, cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert ANSWER not in done.stdout
