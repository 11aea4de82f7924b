"""Standalone helpers with nothing on PATH but the tools that they name, under dash and busybox sh."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper.standalone import install

_SPEC = importlib.util.spec_from_file_location("openbao", Path(__file__).with_name("openbao.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
openbao: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["openbao"] = openbao
_SPEC.loader.exec_module(openbao)

pytestmark = pytest.mark.real
SHELLS = (["dash"], ["busybox", "sh"])
GATEWAY = "http://127.0.0.1:4000"
Find = Callable[[str], str]


@pytest.fixture(scope="module")
def dev(bao: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with openbao.development(bao, tmp_path_factory.mktemp("bao")) as server:
        yield server


def tools(folder: Path, *programs: str) -> str:
    folder.mkdir()
    for program in programs:
        (folder / Path(program).name).symlink_to(program)
    return str(folder)


def run(
    shell: list[str], script: str, program: Find, env: dict[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    command = [program(shell[0]), *shell[1:], script]
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, timeout=60, check=False)


def profile(secret: str, **tables: Any) -> Profile:
    return Profile(name="alone", provider="unified", gateway_url=GATEWAY, auth="helper", secret=secret, tables=tables)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@pytest.mark.parametrize("kind", ["curl", "bao"])
def test_vault_kv(dev: Any, bao: Path, tmp_path: Path, program: Find, shell: list[str], kind: str) -> None:
    script = install(profile("vault://secret/llm#key"), dev.env | {"HOME": str(tmp_path)}, Grant("typed")).path
    names = [program(name) for name in (("curl", "jq", "grep", "tr") if kind == "curl" else ("grep", "tr"))]
    path = tools(tmp_path / "bin", *names, *([str(bao)] if kind == "bao" else []))
    env = {"PATH": path, "HOME": str(tmp_path), "VAULT_TOKEN": dev.token, "VAULT_FORMAT": "json"}
    assert run(shell, script, program, env, tmp_path).stdout == openbao.KEY + "\n"
    refused = run(shell, script, program, env | {"VAULT_TOKEN": "hvs.expired"}, tmp_path)
    assert (refused.stdout, refused.returncode != 0) == ("", True)
    (tmp_path / ".vault-token").write_text(dev.token)
    assert run(shell, script, program, {"PATH": path, "HOME": str(tmp_path)}, tmp_path).stdout == openbao.KEY + "\n"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@pytest.mark.parametrize("length", [32, 64, 65, 200])
def test_a_jwt_of_hs256(tmp_path: Path, program: Find, shell: list[str], length: int) -> None:
    key = ("k%'\\\"$" * 50)[:length]
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text(key + "\n")
    table = {"key": f"file://{path}", "iss": 'it\'s "me"', "sub": "{user}", "kid": "k1", "lifetime": 120}
    helper = install(profile("jwt://work", jwt={"work": table}), {"HOME": str(tmp_path)}, Grant("typed"))
    assert helper.ttl_ms == 36_000
    named = [program(name) for name in ("openssl", "od", "tr", "wc", "date", "grep", "cat")]
    env = {"PATH": tools(tmp_path / "bin", *named), "HOME": str(tmp_path)}
    done = run(shell, helper.path, program, env, tmp_path)
    claims = jwt.decode(done.stdout.strip(), key, algorithms=["HS256"])
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ('it\'s "me"', 120)


def test_no_key_is_in_any_argument(dev: Any, tmp_path: Path, program: Find) -> None:
    env = dev.env | {"HOME": str(tmp_path), "SIGNING": "canary-" * 8}
    table = {"work": {"key": "env://SIGNING"}}
    for secret in ("vault://secret/llm#key", "jwt://work"):
        script = install(profile(secret, jwt=table), env, Grant("typed")).path
        trace = tmp_path / "trace"
        command = [program("strace"), "-f", "-s", "4096", "-e", "execve", "-o", str(trace), "/bin/sh", script]
        subprocess.run(command, env=env, cwd=tmp_path, check=True, capture_output=True)
        text = trace.read_text()
        assert "execve(" in text
        for canary in (dev.token, "canary-", openbao.KEY):
            assert canary not in text


@pytest.mark.parametrize("secret", ["vault://secret/llm#key", "jwt://work"])
def test_shellcheck_and_the_guard(dev: Any, tmp_path: Path, program: Find, secret: str) -> None:
    env = dev.env | {"HOME": str(tmp_path), "SIGNING": "s" * 40}
    script = install(profile(secret, jwt={"work": {"key": "env://SIGNING"}}), env, Grant("typed")).path
    checked = subprocess.run([program("shellcheck"), script], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    elsewhere = run(["dash"], script, program, env | {"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, tmp_path)
    assert (elsewhere.stdout, elsewhere.returncode) == ("", 77)
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text('{"env": {"\\u0041NTHROPIC_BASE_URL": "http://x"}}')
    project = run(["dash"], script, program, env, tmp_path)
    assert (project.stdout, project.returncode) == ("", 77)
    assert os.stat(script).st_mode & 0o777 == 0o700


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_what_may_lead_the_key_astray_is_refused(tmp_path: Path, program: Find, shell: list[str]) -> None:
    home = tmp_path / "home"
    work = home / "work"
    (work / ".claude").mkdir(parents=True)
    (home / "key").write_text("k" * 40)
    (home / "key").chmod(0o600)
    signed = profile("jwt://work", jwt={"work": {"key": f"file://{home}/key"}})
    out = tmp_path / "shared"
    script = install(signed, {"HOME": str(home)}, Grant("typed"), out=str(out)).path
    assert str(home) not in Path(script).read_text()
    named = [program(name) for name in ("openssl", "od", "tr", "wc", "date", "grep", "cat")]
    env = {"PATH": tools(tmp_path / "bin", *named), "HOME": str(home)}
    settings = work / ".claude" / "settings.json"

    def answer(**more: str) -> tuple[bool, int]:
        done = run(shell, script, program, env | more, work)
        return bool(done.stdout), done.returncode

    assert answer() == (True, 0)
    for more in (
        {"HTTP_PROXY": "http://p:1"},
        {"all_proxy": "http://p:1"},
        {"NODE_TLS_REJECT_UNAUTHORIZED": "0"},
        {"NODE_EXTRA_CA_CERTS": "ca.pem"},
        {"SSL_CERT_FILE": f"{work}/ca.pem"},
        {"ANTHROPIC_UNIX_SOCKET": "/s"},
        {"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1"},
    ):
        assert answer(**more) == (False, 77), more
    assert answer(HTTP_PROXY="http://p:1", NO_PROXY="localhost,127.0.0.1") == (True, 0)
    assert answer(NODE_EXTRA_CA_CERTS="/etc/ssl/corp.pem", NODE_TLS_REJECT_UNAUTHORIZED="1") == (True, 0)
    for text in (
        '{"env": {"https_proxy": "x"}}',
        '{"env": {"NODE_EXTRA_CA_CERTS": "x"}}',
        '{"env": {"\\u0041": "x"}}',
    ):
        settings.write_text(text)
        assert answer() == (False, 77), text
    settings.write_bytes(b"\xff\xfe" + '{"env": {"A": "1"}}'.encode("utf-16-le"))
    assert answer() == (False, 77)
    settings.write_text('{"env": {"TEAM": "1", "NODE_ENV": "test"}, "permissions": {"allow": ["Bash(ls:*)"]}}')
    assert answer() == (True, 0)
    without = env | {"PATH": tools(tmp_path / "less", *(name for name in named if not name.endswith("/tr")))}
    done = run(shell, script, program, without, work)
    assert (done.stdout, done.returncode) == ("", 77), "what cannot be looked at is refused"
