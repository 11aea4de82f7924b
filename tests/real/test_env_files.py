"""The dotenv format as Node's dotenv reads it: npm's `dotenv` in `$CGW_PARTS_DIR` (default ~/.cache/cgw-parts)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from claude_gw_cli import emit
from claude_gw_cli.core.errors import UsageError

pytestmark = pytest.mark.real

HOSTILE = json.loads((Path(__file__).parent.parent / "vectors" / "hostile.json").read_text())
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
READ = "console.log(JSON.stringify(require(process.argv[1]).parse(require('fs').readFileSync(0))))"


def carries(value: str) -> bool:
    try:
        emit.render("dotenv", [("X", value)], [])
    except UsageError:
        return False
    return True


def test_node_reads_the_same_bytes() -> None:
    package = PARTS / "dotenv" / "node_modules" / "dotenv"
    assert package.is_dir(), f"install it: npm install --prefix {PARTS / 'dotenv'} dotenv"
    sets = [(f"T{index}", value) for index, value in enumerate(HOSTILE.values()) if carries(value)]
    assert len(sets) > 55
    text = emit.render("dotenv", sets, ["GONE"]).encode()
    done = subprocess.run(["node", "-e", READ, package], input=text, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == {**dict(sets), "GONE": ""}
