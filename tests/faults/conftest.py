"""What `make real` installs: the OpenBao server, and a cgw of an older commit in an environment of its own."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent.parent
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
OLDER = "211f444"
"""Before the ownership record named its scope, the helper's file its route, and the cache its second schema."""

_SPEC = importlib.util.spec_from_file_location("real_conftest", TOP / "tests" / "real" / "conftest.py")
assert _SPEC is not None
assert _SPEC.loader is not None
_real = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_real)
bao = _real.bao


@pytest.fixture(scope="session")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script of the older cgw; built as a wheel and kept for the next run."""
    program = PARTS / f"cgw-{OLDER}" / "bin" / "cgw"
    with (PARTS / f"cgw-{OLDER}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two workers, one builds it
        if not program.exists():
            _build(program, tmp_path_factory.mktemp("older"))
    return program


def _build(program: Path, source: Path) -> None:
    archive = subprocess.run(
        ["git", "-C", str(TOP), "archive", "--format=tar", OLDER], capture_output=True, check=False
    )
    if archive.returncode:
        pytest.fail(f"the commit {OLDER} is not in this clone: git fetch --unshallow")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        tar.extractall(source, filter="data")
    subprocess.run([sys.executable, "-m", "venv", program.parent.parent], check=True)
    subprocess.run([program.with_name("pip"), "install", "-q", source], check=True)
