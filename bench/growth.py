"""How cgw grows: with the number of files, of profiles, and of helpers that start at once."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from house import GATEWAY, KEY, House
from timing import Row, largest, once

_PER_FOLDER = 100
_SOURCE = "def work(value):\n    return value + 1\n\n\n" * 20
_USUAL = {
    "module.py": _SOURCE, "view.ts": _SOURCE, "style.css": _SOURCE, "README.md": _SOURCE, "test_module.py": _SOURCE,
    "package.json": '{"name": "part", "version": "1.0.0", "scripts": {"build": "tsc"}}',
    "Dockerfile": "FROM python:3.12\nCOPY . /app\nENV PORT=8080\n", "Makefile": "all:\n\tpython -m build\n",
    "deploy.yml": "services:\n  web:\n    image: nginx\n    environment:\n      PORT: 8080\n", ".env": "PORT=8080\n",
}  # fmt: skip
"""Files of one folder of a repository; in one of 25 such folders a settings file is beside them."""
_LARGE = 1000


def grow(
    house: House, counts: tuple[int, ...], kind: str, plant: Callable[[Path, int], None], rate: int
) -> tuple[bool, dict[str, list[tuple[int, float]]]]:
    """Print the curve of a tree; whether it is as promised, and the curves (count, value).

    Promised from 1,000 files on: the rate, and memory that does not follow the number of files.
    """
    print(f"\ncgw check on a tree: {kind}\n{'files':>10} {'seconds':>8} {'files/s':>8} {'cpu s':>8} {'peak MB':>8}")
    seconds: list[tuple[int, float]] = []
    peaks: list[tuple[int, float]] = []
    for count in counts:
        tree = house.folder / f"tree-{count}"
        plant(tree, count)
        row = Row(
            "check", [str(house.bin / "cgw"), "check", "--format", "concise", str(tree)], house.env, codes=(0, 1)
        )
        wall, cpu = (milliseconds / 1000 for milliseconds in once(row, house.work, house.folder / "errors"))
        peak = largest(row, house.work) or math.nan
        peaks.append((count, peak))
        seconds.append((count, wall))
        shutil.rmtree(tree)
        print(f"{count:10} {wall:8.2f} {count / wall:8.0f} {cpu:8.2f} {peak:8.1f}", flush=True)
    large = [(count, wall) for count, wall in seconds if count >= _LARGE]
    sizes = [peak for count, peak in peaks if count >= _LARGE]
    good = min(count / wall for count, wall in large[1:] or large) >= rate and not max(sizes) > 1.5 * min(sizes)
    print(f"{'':10} >= {rate} files/s above {_LARGE} files, peak within 1.5 times: {'ok' if good else 'MISSED'}")
    return good, {f"check, {kind}: seconds": seconds, f"check, {kind}: peak MB": peaks}


def profiles(house: House, counts: tuple[int, ...]) -> dict[str, list[tuple[int, float]]]:
    """Milliseconds of ``cgw status`` beside ever more profiles, the least of five."""
    folder = house.home / ".config/cgw/profiles"
    own = {path.name for path in folder.iterdir()}
    points = []
    for count in counts:
        for number in range(count):
            (folder / f"other-{number}.toml").write_text(
                'provider = "unified"\ngateway_url = "https://gateway.example"\n'
            )
        points.append((count, min(_milliseconds(house, "status") for _ in range(5))))
        print(f"cgw status beside {count} profiles: {points[-1][1]:.1f} ms", flush=True)
    for path in folder.iterdir():
        if path.name not in own:
            path.unlink()
    return {"status, profiles: ms": points}


def cold_helpers(house: House, counts: tuple[int, ...]) -> dict[str, list[tuple[int, float]]]:
    """Milliseconds until the last of some helpers answers that start at once with nothing in the cache."""
    cache = house.home / ".cache/cgw/helper-helper"
    argv = ["/bin/sh", str(house.helper("helper"))]
    points = []
    for count in counts:
        shutil.rmtree(cache, ignore_errors=True)
        start = time.perf_counter()
        env = house.env | {"ANTHROPIC_BASE_URL": GATEWAY}
        running = [subprocess.Popen(argv, env=env, stdout=subprocess.PIPE) for _ in range(count)]
        answers = {child.communicate()[0].decode().strip() for child in running}
        points.append((count, (time.perf_counter() - start) * 1000))
        if answers != {KEY}:
            raise SystemExit(f"{count} helpers at once answered {len(answers)} different texts")
        print(f"{count} cold helpers at once: {points[-1][1]:.0f} ms", flush=True)
    return {"cold helpers at once: ms": points}


def _milliseconds(house: House, *words: str) -> float:
    start = time.perf_counter()
    subprocess.run([str(house.bin / "cgw"), *words], env=house.env, cwd=house.work, capture_output=True, check=True)
    return (time.perf_counter() - start) * 1000


def plant(tree: Path, count: int) -> None:
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


def plant_repository(tree: Path, count: int) -> None:
    """Files as repositories have them; one in 250 configures the client."""
    for number in range(0, count, len(_USUAL)):
        folder = tree / f"group-{number // 1000:05}" / f"part-{number % 1000:03}"
        folder.mkdir(parents=True)
        for name, text in list(_USUAL.items())[: count - number]:
            (folder / name).write_text(text)
        if number % 250 == 0:
            (folder / ".claude").mkdir()
            (folder / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_MODEL": "opus"}}')
