"""The real parts as fixtures. A missing part is a failure: `python tests/real/parts.py` installs them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("real_parts", Path(__file__).with_name("parts.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
parts = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(parts)


SLOWEST = (
    "test_client_answered", "test_rule_claims", "test_trace", "test_every_command", "test_helper_guard",
    "test_differential", "test_settings_faults", "test_helper_client", "test_doctor_litellm",
)  # fmt: skip
"""Files that take a minute or more: `make real` gives its workers whole files, and begins with these."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first, so that no worker waits long for the other one at the end."""
    turn = {name: number for number, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: turn.get(item.path.stem, len(turn)))


def _there(program: Path, group: str) -> Path:
    if not program.exists():
        pytest.fail(f"{program} is missing; install it: python tests/real/parts.py {group}")
    return program


@pytest.fixture(scope="session")
def client() -> Callable[[str], Path]:
    """The program of a released client: ``client("2.1.330")``."""
    return lambda version: _there(parts.client(version), "clients")


@pytest.fixture(scope="session")
def bao() -> Path:
    """The OpenBao server and command."""
    return _there(parts.venv_program("openbao", "bao"), "openbao")


@pytest.fixture(scope="session")
def litellm() -> Path:
    """The LiteLLM proxy."""
    return _there(parts.venv_program("litellm", "litellm"), "litellm")


@pytest.fixture(scope="session")
def part() -> Callable[..., Path]:
    """A program or a folder of a group, by default ``stores``: ``part("aws", "bin/aws")``."""
    return lambda name, path, group="stores": _there(parts.PARTS / name / path, group)


@pytest.fixture(scope="session")
def front_parts() -> tuple[Path, Path]:
    """The Python environment and the folder that hold the programs of `fronts_lab`."""
    venv = _there(parts.venv_program("fronts", "caddy"), "fronts").parent.parent
    newest = _there(parts.PARTS / "fronts-debian" / "usr" / "sbin" / "varnishd", "fronts")
    return venv, newest.parent.parent.parent


@pytest.fixture(scope="session")
def nu() -> Path:
    """nushell."""
    return _there(parts.npm_program("nushell", "nu"), "shells")


@pytest.fixture(scope="session")
def cgw() -> Path:
    """The console script under test, as installed beside this Python."""
    return _there(Path(sys.executable).with_name("cgw"), "(pip install -e .)")


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """A program of the system: ``program("zsh")``."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.fail(f"{name} is missing; install it: python tests/real/parts.py all")
        return found

    return find


@pytest.fixture
def clean_env(cgw: Path) -> Callable[[Path], dict[str, str]]:
    """What `env -i` leaves plus the minimum: PATH (with `cgw`), a HOME of its own, no updates, no telemetry."""

    def make(home: Path) -> dict[str, str]:
        return {
            "PATH": f"{cgw.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_MAX_RETRIES": "0",
        }

    return make
