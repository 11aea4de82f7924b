"""The examples that need a real keyring, Vault, or Agent SDK, with real clients."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

_SPEC = importlib.util.spec_from_file_location("openbao", Path(__file__).with_name("openbao.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
openbao: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["openbao"] = openbao
_SPEC.loader.exec_module(openbao)

pytestmark = pytest.mark.real
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
EXAMPLE = EXAMPLES / "keyring" / "run.sh"
KEY = "sk-canary-9b2e0177"


def test_the_keyring_example(
    tmp_path: Path, cgw: Path, client: Callable[[str], Path], program: Callable[[str], str]
) -> None:
    program("gnome-keyring-daemon")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "cgw").symlink_to(cgw)
    (tmp_path / "bin" / "claude").symlink_to(client("2.1.330"))
    unlock = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1"
    with Gateway(key=KEY) as gateway:
        env = {
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
            "GATEWAY_URL": gateway.url,
            "NEW_KEY": KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_MAX_RETRIES": "0",
            "HTTPS_PROXY": gateway.url,
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(
            [program("dbus-run-session"), "--", "/bin/sh", "-c", f"{unlock}; exec sh {EXAMPLE}"],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ANSWER in done.stdout
    assert KEY not in done.stdout + done.stderr
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    private = [path for path in holders if path.parts[len(tmp_path.parts)] == ".cache"]
    assert holders == private, "only the helper's own cache holds the key"
    assert all(path.stat().st_mode & 0o077 == 0 for path in private)


def in_a_folder(tmp_path: Path, cgw: Path, name: str, url: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A copy of an example, run with programs of ``tmp_path/bin`` first."""
    shutil.copytree(EXAMPLES / name, tmp_path / name)
    (tmp_path / "bin").mkdir(exist_ok=True)
    (tmp_path / "bin" / "cgw").symlink_to(cgw)
    env = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "GATEWAY_URL": url,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_MAX_RETRIES": "0",
        "HTTPS_PROXY": url,
        "NO_PROXY": "127.0.0.1",
        **more,
    }
    return subprocess.run(
        ["sh", str(tmp_path / name / "run.sh")],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_the_vault_example(tmp_path: Path, cgw: Path, client: Callable[[str], Path], bao: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "claude").symlink_to(client("2.1.330"))
    with openbao.development(bao, tmp_path) as server, Gateway(key=openbao.KEY) as gateway:
        (tmp_path / ".vault-token").touch(0o600)
        (tmp_path / ".vault-token").write_text(server.token)  # as `bao login` leaves it
        done = in_a_folder(tmp_path, cgw, "vault-helper", gateway.url, VAULT_ADDR=server.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ANSWER in done.stdout
    assert openbao.KEY not in done.stdout + done.stderr + (tmp_path / ".claude" / "settings.json").read_text()


@pytest.mark.parametrize("name", ["sdk-typescript", "sdk-python"])
def test_an_agent_sdk_example(tmp_path: Path, cgw: Path, part: Callable[..., Path], name: str) -> None:
    """The installers are stand-ins that bring the installed packages; the SDK and its client are real."""
    (tmp_path / "bin").mkdir()
    if name == "sdk-typescript":
        modules = part("sdk-ts", "node_modules", "starters")
        (tmp_path / "bin" / "npm").write_text(f'#!/bin/sh\n[ "$*" = install ] && ln -s {modules} node_modules\n')
    else:
        environment = part("sdk-python", "bin/python", "starters").parent.parent
        script = f'#!/bin/sh\n[ "$*" = "-m venv .venv" ] && ln -s {environment} .venv\n'
        (tmp_path / "bin" / "python3").write_text(script)
    for program in (tmp_path / "bin").iterdir():
        program.chmod(0o755)
    with Gateway(key=KEY) as gateway:
        done = in_a_folder(tmp_path, cgw, name, gateway.url, GATEWAY_KEY=KEY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ANSWER in done.stdout
    assert KEY not in done.stdout + done.stderr
