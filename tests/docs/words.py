"""Run the client into each failure of words.toml and compare what it prints: python tests/docs/words.py.

``make real`` does the same for the rows of ``QUICK``. Where the client's words are new, change the row.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Row = dict[str, Any]
QUICK = (401, 404, 413)
"""Statuses that every run of the real tests tries: the three whose words mislead most."""


def table() -> tuple[str, list[Row]]:
    """The client's version and the rows."""
    content = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
    return content["version"], content["row"]


def says(row: Row, program: Path) -> str:
    """What the client prints in this situation; the gateway's address is replaced by GATEWAY."""
    body = row.get("body", "").encode()

    class Answer(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(row["status"])
            self.send_header("Content-Type", row.get("type", "application/json"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST  # noqa: N815 - the names that the base class calls

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server, tempfile.TemporaryDirectory() as home:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        environment = row.get("environment", {"ANTHROPIC_AUTH_TOKEN": "sk-fake-0123456789"})
        if "status" in row:
            environment = {"ANTHROPIC_BASE_URL": f"http://{address}", **environment}
        run = subprocess.run(
            [program, "-p", "hi"],
            env={
                "PATH": os.environ["PATH"],
                "HOME": home,
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                "CLAUDE_CODE_MAX_RETRIES": "0",
                **environment,
            },
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        server.shutdown()
    return run.stdout.strip().replace(address, "GATEWAY")


def main() -> int:
    """Compare every row; exit code 1 when one differs."""
    sys.path.insert(0, str(HERE.parent / "real"))
    import parts

    version, rows = table()
    differs = 0
    for row in rows:
        said = says(row, parts.client(version))
        if said != row["says"]:
            differs += 1
            print(f"{row['case']}\n  was: {row['says']}\n  now: {said}")
    print(f"{len(rows)} situations with {version}, {differs} differ")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
