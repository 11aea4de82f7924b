"""`cgw init` on a terminal in each starting situation, to the end: the real client is answered, and all goes again.

The gateway is this machine's loopback one, the key in Vault is in a real OpenBao. The screens of the same situations
are in docs/screens.md (tests/docs/captures.py).
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_wizard import KEY
from tests.docs import captures

from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway

_SPEC = importlib.util.spec_from_file_location("openbao", Path(__file__).with_name("openbao.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
openbao: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["openbao"] = openbao
_SPEC.loader.exec_module(openbao)

pytestmark = pytest.mark.real
NEWEST = "2.1.330"


@pytest.fixture(scope="module")
def places(bao: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A gateway that insists on the key, and OpenBao with the key in it."""
    with Gateway(KEY) as gateway, openbao.development(bao, tmp_path_factory.mktemp("bao")) as server:
        server("kv", "put", "secret/llm", f"key={KEY}")
        yield {"url": gateway.url, "vault": server.url, "token": server.token}


@pytest.fixture
def home(
    client: Callable[[str], Path], program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cgw-", dir="/tmp") as name:
        monkeypatch.delenv("NO_COLOR", raising=False)
        path = f"{client(NEWEST).parent}:{Path(program('node')).parent}:{os.defpath}"
        for variable, value in {"HOME": name, "PATH": path, "PYTHONUTF8": "1", "TERM": "xterm-256color"}.items():
            monkeypatch.setenv(variable, value)
        Path(name, "project").mkdir()
        monkeypatch.chdir(Path(name, "project"))
        yield Path(name)


def files(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["nothing", "litellm", "key", "settings", "vault"])
def test_each_start_ends_in_an_answer_and_goes_again(
    name: str, cgw: Path, home: Path, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def setenv(variable: str, value: str) -> None:
        monkeypatch.setenv(variable, places["token"] if variable == "VAULT_TOKEN" else value)

    captures.put_files(name, home, places)
    before = files(home)
    end = captures.wizard(name, 80, home, places, setenv)[-1]
    assert "No problems found." in end
    assert end.endswith("Next: claude")
    asked = subprocess.run(
        ["claude", "-p", "hi"],
        env={**os.environ, **enclosed(places["url"])},
        capture_output=True,
        text=True,
        timeout=150,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert ANSWER in asked.stdout, asked.stdout + asked.stderr
    subprocess.run([str(cgw), "uninstall", "--yes"], check=True, capture_output=True)
    after = files(home)
    assert {path: after.get(path) for path in before} == before
    assert not [path for path in after if path not in before and "/.claude" not in path], (
        "what the client wrote stays"
    )
