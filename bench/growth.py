"""How ``cgw check`` grows with the number of files: seconds, files a second, peak memory."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from house import House

_PER_FOLDER = 100
RATE = 3000


def grow(house: House, counts: tuple[int, ...]) -> bool:
    """Print the curve; True when every tree is checked at the promised rate and memory does not follow its size."""
    print(f"\ncgw check on a tree\n{'files':>10} {'seconds':>8} {'files/s':>8} {'cpu s':>8} {'peak MB':>8}")
    peaks, rates = [], []
    for count in counts:
        tree = house.folder / f"tree-{count}"
        _plant(tree, count)
        start = time.perf_counter()
        argv = [str(house.bin / "cgw"), "check", "--format", "concise", str(tree)]
        quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
        child = os.posix_spawn(argv[0], argv, house.env, file_actions=quiet)
        _, status, usage = os.wait4(child, 0)
        seconds, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"cgw check {tree}: exit code {os.waitstatus_to_exitcode(status)}")
        peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
        peaks.append(peak)
        rates.append(count / seconds)
        print(f"{count:10} {seconds:8.2f} {count / seconds:8.0f} {cpu:8.2f} {peak:8.1f}", flush=True)
    good = min(rates[1:]) >= RATE and max(peaks) <= 1.5 * min(peaks)
    print(f"{'':10} >= {RATE} files/s from the second line on, peak within 1.5 times: {'ok' if good else 'MISSED'}")
    return good


def _plant(tree: Path, count: int) -> None:
    """Settings files as teams have them: each with its own gateway path, one in ten with a mistake."""
    for number in range(count):
        folder = tree / f"group-{number // _PER_FOLDER:05}" / f"project-{number % _PER_FOLDER:02}" / ".claude"
        folder.mkdir(parents=True)
        env: dict[str, object] = {
            "ANTHROPIC_BASE_URL": f"https://gateway.example/team-{number}",
            "ANTHROPIC_MODEL": "claude-opus-5-5",
            "CLAUDE_CODE_API_KEY_HELPER_TTL_MS": "300000",
        }
        if number % 10 == 0:
            env["ANTHROPIC_BASE_URL"] = f"https://gateway.example/team-{number}/v1"
        settings = {"permissions": {"allow": ["Bash(ls:*)", f"Read(src/{number}/**)"]}, "env": env}
        (folder / "settings.json").write_text(json.dumps(settings, indent=2))
