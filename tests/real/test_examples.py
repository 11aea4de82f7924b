"""The example that needs a real keyring, with a real client: the key is in no settings file and in no variable."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

pytestmark = pytest.mark.real
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "keyring" / "run.sh"
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
