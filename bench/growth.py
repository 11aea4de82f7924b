"""How cgw grows: with the number of files, of profiles, and of helpers that start at once."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from house import GATEWAY, KEY, House
from tables import Promise
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
_LARGE, _RATED = 1_000, 10_000


@dataclass(frozen=True)
class Point:
    """One tree: its files, seconds of wall clock, and the largest memory of a process in MB."""

    files: int
    seconds: float
    peak: float


def grow(
    house: House, before: House | None, counts: tuple[int, ...], kind: str, plant: Callable[[Path, int], None]
) -> tuple[list[Point], Point | None]:
    """Print a curve, and measure an earlier build on one of its trees. The trees are kept for the next run."""
    print(f"\ncgw check on a tree: {kind}\n{'files':>10} {'seconds':>8} {'files/s':>8} {'cpu s':>8} {'peak MB':>8}")
    points = [_check(house, kind, plant, count) for count in counts]
    return points, _check(before, kind, plant, _RATED, house.folder) if before else None


def promised(
    kind: str, runs: Sequence[tuple[list[Point], Point | None]], limit: int, target: int | None
) -> Iterator[Promise]:
    """Files a second on one of the trees, with the earlier build on the same; and memory from 1,000 files on."""
    new = [point for run, _ in runs for point in run if point.files == _RATED]
    earlier = [old for _, old in runs if old]
    what = f"cgw check of {_RATED:,} files ({kind})"
    rates, old = ([point.files / point.seconds for point in points] for points in (new, earlier))
    yield Promise(what, "files a second", rates, old, limit=limit, target=target, most=False)
    large = [[point.peak for point in run if point.files >= _LARGE] for run, _ in runs]
    last = runs[0][0][-1].files
    if all(len(sizes) > 1 for sizes in large):
        flat = [max(sizes) / min(sizes) for sizes in large]
        yield Promise(f"memory of cgw check, up to {last:,} files ({kind})", f"{_LARGE:,} files", flat, limit=1.5)


def curves(kind: str, points: Sequence[Point]) -> dict[str, list[tuple[int, float]]]:
    """The curves of the picture."""
    return {
        f"check, {kind}: seconds": [(point.files, point.seconds) for point in points],
        f"check, {kind}: peak MB": [(point.files, point.peak) for point in points],
    }


def _check(
    house: House, kind: str, plant: Callable[[Path, int], None], count: int, trees: Path | None = None
) -> Point:
    tree = (trees or house.folder) / f"tree-{kind.replace(' ', '-')}-{count}"
    if not tree.exists():
        plant(tree, count)
    command = [str(house.bin / "cgw"), "check", "--format", "concise", str(tree)]
    row = Row("check", command, house.env, codes=(0, 1))
    wall, cpu = (milliseconds / 1000 for milliseconds in once(row, house.work, house.folder / "errors"))
    peak = largest(row, house.work) or math.nan
    print(f"{count:10} {wall:8.2f} {count / wall:8.0f} {cpu:8.2f} {peak:8.1f}", flush=True)
    return Point(count, wall, peak)


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


def reports(house: House, formats: Sequence[str], counts: Sequence[int]) -> list[Row]:
    """``cgw check`` of as many settings files as there are findings, for each format and number of them."""
    trees = {count: house.folder / f"findings-{count}" for count in counts}
    for count, tree in trees.items():
        if not tree.exists():
            plant(tree, count, mistaken=1)
    return [
        Row(f"{count:,} findings ({name})", [str(house.bin / "cgw"), "check", "--format", name, str(tree)], house.env,
            codes=(1,))
        for name in formats for count, tree in trees.items()
    ]  # fmt: skip


def plant(tree: Path, count: int, mistaken: int = 10) -> None:
    """Settings files as teams have them: each with its own gateway path, one in so many with a mistake."""
    for number in range(count):
        folder = tree / f"group-{number // _PER_FOLDER:05}" / f"project-{number % _PER_FOLDER:02}" / ".claude"
        folder.mkdir(parents=True)
        env: dict[str, object] = {
            "ANTHROPIC_BASE_URL": f"https://gateway.example/team-{number}",
            "ANTHROPIC_MODEL": "claude-opus-5-5",
            "CLAUDE_CODE_API_KEY_HELPER_TTL_MS": "300000",
        }
        if number % mistaken == 0:
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
