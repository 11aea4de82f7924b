"""Measure which proxy the client takes: python tests/atlas/proxies.py [VERSION ...] (default: all of proxies.jsonl).

A line of proxies.jsonl is one start: ``version``, ``url`` of the gateway, ``env`` of the process, ``settings`` (the
``env`` of the user settings), and what it did, ``way``: the letter of the proxy that it came to, ``direct``,
``socket``, or ``none``. ``{A}`` to ``{D}`` are four proxies, ``{S}`` is a socket. Every start runs in a network of
its own without the outside, in which each address is this machine and the names of NAMES are 127.0.0.9: "direct" is
a connection that was seen, as any other. To add a start, append a line without ``way`` and run this with its version.
Prints what is different from before and from ``core.proxies``; exit code 1 when the latter is wrong.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "real"), str(HERE.parent.parent / "src")]

FILE = HERE / "proxies.jsonl"
WORKERS = 2
PROXIES = {"A": 3101, "B": 3102, "C": 3103, "D": 3104}
GATEWAYS = (80, 443, 4000, 8443)
NAMES = (
    "gw.corp.example corp.example xcorp.example a.localhost b.a.localhost localhost. gw.corp.example. "
    "xn--bcher-kva.example"
)
NETWORK = (
    "ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo && "
    'mount --bind "$1" /etc/hosts && shift && exec "$@"'
)
PATIENCE = 240
"""Seconds that a start may take on a busy machine."""
GRACE = 0.5
"""Seconds after the first connection in which another one may come."""
Row = dict[str, Any]


def rows() -> list[Row]:
    """Every line of the file."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def measured(wanted: Iterable[Row], programs: dict[str, Path]) -> list[Row]:
    """The same rows with the way that the real client takes now."""

    def again(row: Row) -> Row:
        with tempfile.TemporaryDirectory(prefix="proxies-", ignore_cleanup_errors=True) as name:
            hosts = Path(name) / "hosts"
            hosts.write_text(f"127.0.0.1 localhost\n::1 localhost\n127.0.0.9 {NAMES}\n", encoding="utf-8")
            order = json.dumps({**row, "program": str(programs[row["version"]]), "root": name})
            own = ["unshare", "-rnm", "sh", "-c", NETWORK, "sh", str(hosts), sys.executable, __file__, "--inside"]
            done = subprocess.run(own, input=order, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{row}: {done.stderr[-600:]}")
            return {**row, "way": done.stdout.strip()}

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(again, wanted))


def inside(row: Row) -> str:
    """Start the client once, in the network that was made for it."""
    from claude_gw_cli.world.client import QUIET

    root = Path(row["root"])
    (root / "home" / ".claude").mkdir(parents=True)
    (root / "work").mkdir()

    places = {**{letter: f"127.0.0.1:{port}" for letter, port in PROXIES.items()}, "S": str(root / "socket")}

    def filled(values: dict[str, str]) -> dict[str, str]:
        for letter, place in places.items():
            values = {key: text.replace(f"{{{letter}}}", place) for key, text in values.items()}
        return values

    settings = {"env": filled(row.get("settings") or {})}
    (root / "home" / ".claude" / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    env = {
        **dict(QUIET),
        "PATH": os.environ["PATH"],
        "HOME": str(root / "home"),
        "CLAUDE_CODE_MAX_RETRIES": "0",
        "ANTHROPIC_BASE_URL": row["url"],
        "ANTHROPIC_AUTH_TOKEN": "sk-fake-00000000",
        **filled(row["env"]),
    }
    ears = selectors.DefaultSelector()
    for letter, port in PROXIES.items():
        ears.register(socket.create_server(("127.0.0.1", port)), selectors.EVENT_READ, letter)
    local = socket.socket(socket.AF_UNIX)
    local.bind(places["S"])
    local.listen()
    ears.register(local, selectors.EVENT_READ, "socket")
    for port in GATEWAYS:
        everywhere = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        ears.register(everywhere, selectors.EVENT_READ, "direct")
    client = subprocess.Popen(
        [row["program"], "-p", "hi"],
        env=env,
        cwd=root / "work",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ways: set[str] = set()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and (ways or client.poll() is None):
        for key, _ in ears.select(0.1):
            channel, _ = key.fileobj.accept()  # type: ignore[union-attr]
            channel.close()
            if not ways:
                end = time.monotonic() + GRACE
            ways.add(key.data)
    ended = client.poll() is not None
    client.kill()
    client.wait()
    if not ways and not ended:
        sys.exit(f"no connection in {PATIENCE} seconds")
    return "+".join(sorted(ways)) or "none"


def predicted(row: Row) -> str:
    """The way that cgw predicts, in the words of the recordings."""
    from claude_gw_cli.core.predict.gates import is_proxy
    from claude_gw_cli.core.proxies import choose_way

    way = choose_way(row["url"], {**row["env"], **(row.get("settings") or {})}, row["version"])
    letters = (letter for letter in PROXIES if f"{{{letter}}}" in way.proxy)
    if way.kind == "proxy" and not is_proxy(
        way.variable, re.sub(r"\{.\}", "127.0.0.1:3128", way.proxy), row["version"]
    ):
        return "none"  # the client does not start
    return next(letters, "?") if way.kind == "proxy" else way.kind


def described(row: Row) -> str:
    """A start in one line."""
    return f"{row['version']} {row['url']} {row['env']} {row.get('settings') or ''}"


def main(versions: Collection[str]) -> int:
    """Measure and write; exit code 1 when a prediction is wrong."""
    import parts

    known = rows()
    wanted = [row for row in known if row["version"] in versions or not versions]
    programs = {version: parts.client(version) for version in {row["version"] for row in wanted}}
    for version, program in programs.items():
        package = f"@anthropic-ai/claude-code@{version}"
        if missing := [*parts.debian(parts.NODE), *parts.npm(f"claude-{version}", package, program)]:
            print(f"missing: {', '.join(missing)}", file=sys.stderr)
            return 2
    fresh = {described(row): row for row in measured(wanted, programs)}
    result = [fresh.get(described(row), row) for row in known]
    FILE.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in result), encoding="utf-8")
    for row in wanted:
        if row.get("way") != fresh[described(row)]["way"]:
            print(f"{described(row)}: {row.get('way')} -> {fresh[described(row)]['way']}")
    wrong = [
        f"{described(row)}: predicted {predicted(row)}, {row['way']}"
        for row in result
        if predicted(row) != row["way"]
    ]
    print("\n".join([f"{len(wanted)} starts, {len(wrong)} disagree with the prediction", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--inside"]:
        print(inside(json.load(sys.stdin)))
    else:
        sys.exit(main(sys.argv[1:]))
