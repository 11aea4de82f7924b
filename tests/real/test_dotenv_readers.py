"""Env files as the programs that read them do: every value arrives byte for byte, or was refused by name.

"dotenv" has no standard: what the programs and libraries here do not read alike is refused. The readers of
`--shell docker` are the command lines of Docker, podman and kubectl, and Compose with `format: raw`. All values are
in one file, so that none changes a later one. 272 values: those of tests/vectors; 160 of them are random.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest

from claude_gw_cli import emit
from claude_gw_cli.core.errors import UsageError

pytestmark = pytest.mark.real

VECTORS = Path(__file__).parent.parent / "vectors"
VALUES = [
    value
    for file in ("hostile", "realistic")
    for value in json.loads((VECTORS / f"{file}.json").read_text()).values()
]
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
NPM = PARTS / "env-readers" / "node_modules"
PYTHON = PARTS / "env-readers-py" / "bin"
DUMP = [sys.executable, "-I", "-c", "import os, json; print(json.dumps(dict(os.environ)))"]
JS = "console.log(JSON.stringify(process.env))"

Found = Mapping[str, Any]
Reader = Callable[[Path], Found]


def run(*words: str | Path, cwd: Path, **env: str) -> str:
    """What a program prints, started without this machine's variables."""
    path = f"{PYTHON}:{NPM / '.bin'}:{os.environ['PATH']}"
    base = {"PATH": path, "HOME": str(cwd), "LC_ALL": "C.UTF-8", "TERM": "dumb", "CI": "1"}
    done = subprocess.run(
        list(words),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        env={**base, **env},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, (done.stdout.decode()[-300:], done.stderr.decode()[-600:])
    return done.stdout.decode()


def last_object(text: str) -> Found:
    """The JSON object in the last line, whatever a program prints before it."""
    found: Found = json.loads(text.strip().rpartition("\n")[2])
    return found


def command(*words: str | Path) -> Reader:
    """A program that starts a command with the variables of ``F``."""

    def read(file: Path) -> Found:
        given = [str(file) if word == "F" else word for word in words]
        return last_object(run(*given, *DUMP, cwd=file.parent))

    return read


def script(*words: str | Path) -> Reader:
    """A program that is given ``F`` and prints JSON."""

    def read(file: Path) -> Found:
        return last_object(run(*(str(word).replace("{F}", str(file)) for word in words), cwd=file.parent))

    return read


def python(code: str) -> Reader:
    """A library of Python; ``f`` is the file."""
    return script(PYTHON / "python", "-c", f"import json; f = '{{F}}'; {code}")


def node(version: int) -> Reader:
    return script(PARTS / f"node-{version}/node_modules/node/bin/node", "--env-file={F}", "-e", JS)


def npm_dotenv(version: str) -> Reader:
    module = PARTS / f"dotenv{version}/node_modules/dotenv"
    return script(
        "node", "-e", f"console.log(JSON.stringify(require('{module}').parse(require('fs').readFileSync('{{F}}'))))"
    )


def next_env(file: Path) -> Found:
    file.rename(file.with_name(".env"))
    code = f"require('{NPM}/@next/env').loadEnvConfig('{file.parent}'); {JS}"
    return last_object(run("node", "-e", code, cwd=file.parent))


def just(file: Path) -> Found:
    (file.parent / "justfile").write_text(f"set dotenv-path := '{file}'\nx:\n  @{shlex.join(DUMP)}\n")
    return last_object(run(PYTHON / "just", "x", cwd=file.parent))


def mise(file: Path) -> Found:
    (file.parent / "mise.toml").write_text(f"[env]\n_.file = '{file}'\n")
    program = PARTS / "mise/node_modules/@jdxcode/mise-linux-x64/bin/mise"
    trusted = {"MISE_TRUSTED_CONFIG_PATHS": str(file.parent), "MISE_OFFLINE": "1"}
    return last_object(run(program, "exec", "--", *DUMP, cwd=file.parent, **trusted))


def go_task(file: Path) -> Found:
    tasks = {"version": "3", "dotenv": [str(file)], "tasks": {"x": {"silent": True, "cmds": [shlex.join(DUMP)]}}}
    (file.parent / "Taskfile.yml").write_text(json.dumps(tasks))
    return last_object(run(PYTHON / "task", "x", cwd=file.parent))


def poe(file: Path) -> Found:
    (file.parent / "pyproject.toml").write_text(
        f"[tool.poe.tasks.x]\nenvfile = {json.dumps(str(file))}\ncmd = {json.dumps(shlex.join(DUMP))}\n"
    )
    return last_object(run(PYTHON / "poe", "-q", "x", cwd=file.parent))


def foreman(file: Path) -> Found:
    program = file.parent / "dump"
    program.write_text(f"#!/bin/sh\nexec {shlex.join(DUMP)}\n")
    program.chmod(0o755)
    return last_object(run(NPM / ".bin/nf", "run", "-e", file, program, cwd=file.parent))


def varlock(file: Path) -> Found:
    names = re.findall(r"^(T\d+)=", file.read_text(), re.MULTILINE)
    head = "# @defaultSensitive=false @defaultRequired=false\n# ---\n"
    file.with_name(".env.schema").write_text(head + "".join(f"# @type=string\n{name}=\n" for name in names))
    file.rename(file.with_name(".env"))
    return last_object(run(NPM / ".bin/varlock", "run", "--", *DUMP, cwd=file.parent))


def direnv(file: Path) -> Found:
    (file.parent / ".envrc").write_text(f"dotenv {file}\n")
    run("direnv", "allow", ".", cwd=file.parent)
    return last_object(run("direnv", "exec", ".", *DUMP, cwd=file.parent))


def compose(**entry: str) -> Reader:
    def read(file: Path) -> Found:
        service = {"image": "x", "env_file": [{"path": str(file), **entry}]}
        (file.parent / "compose.yaml").write_text(json.dumps({"services": {"x": service}}))
        printed = run(PARTS / "compose/bin/docker-compose", "config", "--format", "json", cwd=file.parent)
        found = json.loads(printed)["services"]["x"]["environment"]
        return {name: value.replace("$$", "$") for name, value in found.items()}

    return read


def shell(name: str) -> Reader:
    return lambda file: last_object(run(name, "-c", f"set -a; . {file}; {shlex.join(DUMP)}", cwd=file.parent))


DOTENV: dict[str, Reader] = {
    **{f"node {version}": node(version) for version in (20, 22, 24, 26)},
    "npm dotenv 16": npm_dotenv("-16"),
    "npm dotenv 17": npm_dotenv("-17"),
    "npm dotenv 18": npm_dotenv("-18"),
    "dotenv-cli": command(PARTS / "dotenv-cli/node_modules/.bin/dotenv", "-o", "-e", "F", "--"),
    "env-cmd": command(NPM / ".bin/env-cmd", "-f", "F", "--"),
    "dotenvx": command(NPM / ".bin/dotenvx", "run", "--quiet", "-f", "F", "--"),
    "@next/env": next_env,
    "bun": script(NPM / ".bin/bun", "--env-file={F}", "-e", JS),
    "deno": script(NPM / ".bin/deno", "eval", "--env-file={F}", "console.log(JSON.stringify(Deno.env.toObject()))"),
    "uv": command(PYTHON / "uv", "run", "--no-project", "--env-file", "F"),
    "just": just,
    "mise": mise,
    "go-task": go_task,
    "poethepoet": poe,
    "honcho": command(PYTHON / "honcho", "-e", "F", "run"),
    "foreman of npm": foreman,
    "foreman of Ruby": script(
        "ruby",
        "-rforeman/env",
        "-rjson",
        "-e",
        "x = {}; Foreman::Env.new('{F}').entries { |k, v| x[k] = v }; puts x.to_json",
    ),
    "dotenv of Ruby": script(
        "ruby", "-rdotenv", "-rjson", "-e", "puts Dotenv::Parser.call(File.read('{F}')).to_json"
    ),
    "python-dotenv": python("import dotenv; print(json.dumps(dotenv.dotenv_values(f)))"),
    "python-dotenv run": command(PYTHON / "dotenv", "-f", "F", "run", "--"),
    "pydantic-settings": python(
        "from pydantic_settings import BaseSettings as B, DotEnvSettingsSource as S; "
        "print(json.dumps(S(B, env_file=f, case_sensitive=True)._read_env_files()))"
    ),
    "django-environ": python(
        "import environ, os; environ.Env.read_env(f, overwrite=True); print(json.dumps(dict(os.environ)))"
    ),
    "environs": python("import environs; e = environs.Env(); print(json.dumps(environs.dotenv_values(f)))"),
    "python-decouple": python("import decouple; print(json.dumps(decouple.RepositoryEnv(f).data))"),
    "starlette": python("from starlette.config import Config; print(json.dumps(Config(f).file_values))"),
    "podman-compose": python("import podman_compose; print(json.dumps(podman_compose.dotenv_to_dict(f)))"),
    "varlock": varlock,
    "direnv": direnv,
    "compose": compose(),
    "dash": shell("dash"),
    "bash": shell("bash"),
    "zsh": shell("zsh"),
}


class Daemon(BaseHTTPRequestHandler):
    """The part of Docker's API that `docker create` asks; keeps the ``Env`` that it sends."""

    sent: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self._say({"ApiVersion": "1.48", "MinAPIVersion": "1.24", "Os": "linux"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        Daemon.sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["Env"]
        self._say({"Id": "0" * 64, "Warnings": []}, 201)

    def _say(self, answer: object, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Api-Version", "1.48")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def address_string(self) -> str:
        return "client"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        pass


def docker(file: Path) -> Found:
    path = str(file.parent / "s")
    with socketserver.ThreadingUnixStreamServer(path, Daemon) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        run("docker", "create", "--env-file", file, "x", cwd=file.parent, DOCKER_HOST=f"unix://{path}")
        server.shutdown()
    return dict(item.split("=", 1) for item in Daemon.sent if "=" in item)


def kubectl(file: Path) -> Found:
    import base64

    words = ["create", "secret", "generic", "x", f"--from-env-file={file}", "--dry-run=client", "-o", "json"]
    data = json.loads(run("kubectl", *words, cwd=file.parent))["data"]
    return {name: base64.b64decode(value).decode() for name, value in data.items()}


def podman(file: Path) -> Found:
    """A container that is made and not started, in a store of its own, whose path must be short."""
    with tempfile.TemporaryDirectory(prefix="p", dir="/tmp", ignore_cleanup_errors=True) as name:
        places = [f"--{place}={name}/{place}" for place in ("root", "runroot", "tmpdir")]
        base = ["podman", *places, "--storage-driver=vfs", "--cgroup-manager=cgroupfs"]
        rootfs = ["--network=none", "--rootfs", str(file.parent), "true"]
        made = run(*base, "create", f"--env-file={file}", *rootfs, cwd=file.parent).strip()
        listed = json.loads(run(*base, "inspect", made, "--format={{json .Config.Env}}", cwd=file.parent))
    return dict(item.split("=", 1) for item in listed)


DOCKER: dict[str, Reader] = {
    "docker": docker,
    "podman": podman,
    "kubectl": kubectl,
    "compose raw": compose(format="raw"),
}
READERS = {("dotenv", name): read for name, read in DOTENV.items()}
READERS |= {("docker", name): read for name, read in DOCKER.items()}


def refused(dialect: str, name: str, value: str) -> str | None:
    """What the refusal says; ``None`` when the dialect carries the value."""
    try:
        emit.render(dialect, [(name, value)], [])
    except UsageError as error:
        return error.message
    return None


@pytest.mark.parametrize(("dialect", "name"), READERS, ids=lambda text: text.replace(" ", "-"))
def test_a_value_arrives_byte_for_byte_or_is_refused_by_name(dialect: str, name: str, tmp_path: Path) -> None:
    sets: list[tuple[str, str]] = []
    for index, value in enumerate(VALUES):
        if (said := refused(dialect, f"T{index}", value)) is None:
            sets.append((f"T{index}", value))
        else:
            assert said.startswith(f"{dialect} cannot carry T{index}: ")
    assert len(sets) >= 68
    file = tmp_path / "text"
    file.write_bytes(emit.render(dialect, sets, []).encode())
    found = READERS[dialect, name](file)
    assert {key: found.get(key) for key, _ in sets} == dict(sets)
