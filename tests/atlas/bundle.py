"""Make and sign a facts bundle of this checkout's tables: python tests/atlas/bundle.py KEY (or `make facts KEY=x`).

KEY is the private half of an Ed25519 key as ``ssh-keygen`` keeps it, or its public half where an agent has the
private one. It is never in the repository; docs/facts.md says who has it. Writes dist/facts-NEWEST.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

from claude_gw_cli import __version__
from claude_gw_cli.core.bundle import SCHEMA, parse, tables
from claude_gw_cli.facts.headers import ROWS
from claude_gw_cli.facts.models import CATALOG, DEFAULTS, MEANS
from claude_gw_cli.facts.overlay import Overlay
from claude_gw_cli.facts.versions import NEWEST, every_fact
from claude_gw_cli.world.sshsig import NAMESPACE

DIST = Path(__file__).parents[2] / "dist"


def text(issued: str, rows: Overlay | None = None, newest: str = NEWEST, cgw: str = __version__) -> bytes:
    """The JSON of a bundle, by default of all packaged tables."""
    packaged = Overlay("", {fact.id: fact for fact in every_fact()}, ROWS, CATALOG, MEANS, DEFAULTS)
    head = {"schema": SCHEMA, "newest": newest, "issued": issued, "cgw": cgw}
    return (json.dumps({**head, **tables(rows or packaged)}, indent=1, ensure_ascii=False) + "\n").encode()


def main(key: str) -> int:
    """Write the bundle and say how to take it."""
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    DIST.mkdir(exist_ok=True)
    path = DIST / f"facts-{NEWEST}"
    path.write_bytes(text(now))
    parse(path.read_bytes())
    signature = path.with_name(f"{path.name}.sig")
    signature.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, str(path)], check=True)
    path.write_bytes(path.read_bytes() + signature.read_bytes())
    signature.unlink()
    print(f"wrote {path}; to take it: cgw facts update {path}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("which key? python tests/atlas/bundle.py ~/.ssh/cgw-facts")
    sys.exit(main(sys.argv[1]))
