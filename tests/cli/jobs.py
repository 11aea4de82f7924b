"""Runs the examples' CI jobs as their systems do, on a machine where nothing is installed before a job installs it.

GitHub: each step in its own bash, ``$GITHUB_ENV`` carried over, local composite actions, secrets, inputs and the
environment in ``${{ }}``, the log with its masks. GitLab: all lines of a job in one bash, local includes with inputs,
``extends``, identity tokens. Installers are stand-ins that make the program appear where the real ones put it; the
client is one that sends what is predicted, or a given program.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

PREDICTED_CLIENT = f"""#!{sys.executable}
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
ACTION = "anthropics/claude-code-action@v1"


class Machine:
    """A fresh machine: a folder with a PATH, a HOME and what can be installed.

    Args:
        folder: an empty folder.
        has: what the image has: names of installers. What is not named answers "not found".
        user_programs: whether ``~/.local/bin`` is on PATH, as on GitHub's machines.
        client: the program that an installation of the client gives.
    """

    def __init__(
        self, folder: Path, has: tuple[str, ...], *, user_programs: bool, client: str = PREDICTED_CLIENT
    ) -> None:
        self.home, programs, offered = folder / "home", folder / "bin", folder / "offered"
        local = self.home / ".local" / "bin"
        for made in (local, programs, offered):
            made.mkdir(parents=True)
        self._write(offered / "claude", client)
        self._write(offered / "cgw", CGW)
        pipx = f'case "$1 $2" in "install claude-gw-cli"*) cp {offered}/cgw {local}/;; *) exit 9;; esac'
        self._write(offered / "pipx", f"#!/bin/sh\n{pipx}\n")
        installers = {
            "npm": f'[ "$*" = "install --global @anthropic-ai/claude-code" ] && cp {offered}/claude {programs}/',
            "pipx": pipx,
            "apt-get": f'for word; do [ "$word" != pipx ] || cp {offered}/pipx {programs}/; done',
        }
        for name in ("npm", "pipx", "apt-get", "pip", "pip3", "uv", "claude", "cgw"):
            if name in installers and name in has:
                self._write(programs / name, f"#!/bin/sh\n{installers[name]}\n")
            elif name not in ("pipx", "claude", "cgw"):
                self._write(programs / name, f"#!/bin/sh\necho {name}: command not found >&2\nexit 127\n")
        path = [*([local] if user_programs else []), programs, Path("/usr/bin"), Path("/bin")]
        self.env = {"HOME": str(self.home), "LC_ALL": "C.UTF-8", "PATH": os.pathsep.join(map(str, path))}

    def bash(self, script: str, env: Mapping[str, str], cwd: Path) -> str:
        """The output of a script, both streams; it must succeed."""
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(words, env={**self.env, **env}, cwd=cwd, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)


def github(workflow: Path, machine: Machine, cwd: Path, secrets: Mapping[str, str], env: Mapping[str, str]) -> str:
    """The log of a workflow's only job, with what is masked in it as ``***``."""
    (job,) = yaml.safe_load(workflow.read_text())["jobs"].values()
    runner = {"GITHUB_ACTIONS": "true", "GITHUB_ENV": str(machine.home / "env"), "RUNNER_TEMP": str(machine.home)}
    carried = {**runner, **env, **_texts(job.get("env", {}))}
    masks: list[str] = []
    log = ""

    def evaluated(text: object, inputs: Mapping[str, str]) -> str:
        known = {"secrets": secrets, "env": carried, "inputs": inputs}
        return re.sub(r"\$\{\{ (\w+)\.(\w+) \}\}", lambda found: known[found[1]][found[2]], str(text))

    def run(steps: list[dict[str, Any]], inputs: Mapping[str, str]) -> None:
        nonlocal log
        for step in steps:
            uses, given = str(step.get("uses", "")), step.get("with", {})
            own = {name: evaluated(value, inputs) for name, value in step.get("env", {}).items()}
            given = {name: evaluated(value, inputs) for name, value in given.items()}
            if uses.startswith("./"):
                action = yaml.safe_load((cwd / uses / "action.yml").read_text())
                assert all(inner.get("shell") or "uses" in inner for inner in action["runs"]["steps"])
                defaults = {name: str(row.get("default", "")) for name, row in action.get("inputs", {}).items()}
                run(action["runs"]["steps"], {**defaults, **given})
                continue
            if uses.startswith("anthropics/"):
                assert uses == ACTION
                said = _action(machine, given, {**carried, **own}, cwd)
            elif "run" in step:
                said = machine.bash(evaluated(step["run"], inputs), {**carried, **own}, cwd)
            else:
                assert uses.partition("@")[0] in {"actions/checkout", "actions/setup-node"}
                continue
            masks.extend(line[len("::add-mask::") :] for line in said.splitlines() if line.startswith("::add-mask::"))
            for mask in masks:
                said = said.replace(mask, "***")
            log += said
            carried.update(read_github_env(machine.home / "env"))

    run(job["steps"], {})
    return log


def _action(machine: Machine, inputs: Mapping[str, str], env: Mapping[str, str], cwd: Path) -> str:
    """The action: its own conditions as cgw knows them, then its own client, with the key among its inputs."""
    given = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
    words = [sys.executable, "-m", "claude_gw_cli", "explain", "--starter", "action", "--format", "json"]
    done = subprocess.run(
        words, env={**machine.env, **env, **given}, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)["outcome"] == "request", done.stdout
    client = machine.home.parent / "offered" / "claude"
    key = {"ANTHROPIC_API_KEY": inputs.get("anthropic_api_key", "")}
    return machine.bash(f"{client} -p 'As the input says'", {**env, **key}, cwd)


def gitlab(
    pipeline: Path, machine: Machine, env: Mapping[str, str], token: Callable[[str], str] | None = None
) -> str:
    """The log of a pipeline's jobs, one after the other; ``token(audience)`` gives an identity token."""
    cwd = pipeline.parent
    jobs: dict[str, Any] = yaml.safe_load(pipeline.read_text())
    for entry in jobs.pop("include", []):
        head, _, body = (cwd / entry["local"]).read_text().partition("\n---\n")
        inputs = {name: str(row.get("default", "")) for name, row in yaml.safe_load(head)["spec"]["inputs"].items()}
        inputs |= entry.get("inputs", {})
        for name, value in inputs.items():
            body = body.replace(f"$[[ inputs.{name} ]]", value)
        assert "$[[" not in body
        jobs |= yaml.safe_load(body)
    variables = {**env, "GITLAB_CI": "true", "CI_PROJECT_DIR": str(cwd), **_texts(jobs.pop("variables", {}))}
    log = ""
    for name, job in jobs.items():
        if name.startswith("."):
            continue
        whole = {**jobs.get(job.get("extends", ""), {}), **job}
        assert whole["image"] == "node:22-bookworm"
        own = {**variables, **_texts(whole.get("variables", {}))}
        for variable, row in whole.get("id_tokens", {}).items():
            assert token is not None
            own[variable] = token(row["aud"])
        log += machine.bash("\n".join([*whole.get("before_script", []), *whole["script"]]), own, cwd)
    return log


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


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
