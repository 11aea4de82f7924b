"""The differential tester: random configurations on real clients, held against the prediction.

    python tests/atlas/differential.py --seeds 0:40 2.0.45 2.1.100 2.1.330 [--log FILE]

A disagreement is shrunk on the real client to a configuration from which nothing can be taken away, and appended to
found.jsonl: a recording like any other, which the tests predict from then on. Exit code 1 when there was one.
``--log`` keeps every run as soon as it has ended, and a run that is in it already is not started again; ``--again
FILE`` compares such a log with today's prediction, without any client. Both count starts and disagreements by theme.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import laboratory  # noqa: E402 - this folder is no package
from generate import generate  # noqa: E402
from ground import THEMES, themes  # noqa: E402

FOUND = HERE / "found.jsonl"
Row = dict[str, Any]


def tried(version: str, config: Row, case: str) -> Row:
    """One run as a recording."""
    observed = laboratory.run(version, config)
    return {"version": version, "case": case, "interactive": False, "config": config, "observed": observed}


def shrunk(row: Row) -> Row:
    """The smallest configuration that still disagrees: parts go one by one, as long as the disagreement stays."""
    smallest = row
    shrinking = True
    while shrinking:
        shrinking = False
        for config in _smaller(smallest["config"]):
            candidate = tried(row["version"], config, row["case"])
            if laboratory.disagreements(candidate):
                smallest, shrinking = candidate, True
                break
    return smallest


def _smaller(config: Row) -> Iterator[Row]:
    """The configuration with one part less: a document, a member, a variable, a flag, a header line."""
    for path in list(_paths(config)):
        # The base URL of the process keeps every provider on loopback.
        if path[0] == "env" and path[-1].endswith("_BASE_URL"):
            continue
        less = copy.deepcopy(config)
        parent = less
        for step in path[:-1]:
            parent = parent[step]
        value = parent.pop(path[-1])
        if path == ("helper",) and "{HELPER}" in json.dumps(less):
            continue
        yield less
        if path[-1] == "ANTHROPIC_CUSTOM_HEADERS" and isinstance(value, str) and "\n" in value:
            lines = value.split("\n")
            for index in range(len(lines)):
                fewer = copy.deepcopy(less)
                place = fewer
                for step in path[:-1]:
                    place = place[step]
                place[path[-1]] = "\n".join(lines[:index] + lines[index + 1 :])
                yield fewer
    flags = config.get("flags") or []
    width = {"--settings": 2, "--model": 2, "--setting-sources": 2}
    index = 0
    while index < len(flags):
        count = width.get(flags[index], 1)
        yield {**config, "flags": flags[:index] + flags[index + count :]}
        index += count


def _paths(value: Row, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, item in value.items():
        path = (*above, name)
        if path != ("env",):
            yield path
        if isinstance(item, dict) and name != "files":
            yield from _paths(item, path)


def _logged(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _by_theme(rows: Iterable[Row], wrong: Iterable[Row]) -> Iterator[str]:
    """Starts and disagreements of each theme and release; a start counts for every theme that it touches."""
    starts = Counter(name for row in rows for name in (*themes(row["config"]), row["version"], "all starts"))
    found = Counter(name for row in wrong for name in (*themes(row["config"]), row["version"], "all starts"))
    for name in (*THEMES, *sorted(starts.keys() - THEMES.keys())):
        yield f"{name:36} {starts[name]:6} {found[name]:6} wrong"


def main() -> int:
    """Run, compare, shrink, keep."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("versions", nargs="*")
    options.add_argument("--seeds", default="0:40", help="FROM:TO, the same for every version")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--log", type=Path, help="append every run to this file")
    options.add_argument("--again", type=Path, help="compare an earlier log instead of running")
    given = options.parse_args()
    if given.again:
        rows = _logged(given.again)
        wrong = [(row, line) for row in rows for line in laboratory.disagreements(row)]
        print("\n".join([*(line for _, line in wrong), *_by_theme(rows, [row for row, _ in wrong])]))
        return 1 if wrong else 0
    first, last = map(int, given.seeds.split(":"))
    rows = _logged(given.log) if given.log and given.log.exists() else []
    known = {(row["version"], row["case"]) for row in rows}
    starts = [(version, seed) for seed in range(first, last) for version in given.versions]
    with ThreadPoolExecutor(given.workers) as pool:
        runs = [
            pool.submit(tried, version, generate(seed, version), f"seed.{seed}")
            for version, seed in starts
            if (version, f"seed.{seed}") not in known
        ]
        for done in as_completed(runs):
            rows.append(done.result())
            if given.log:
                with given.log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
    wrong_rows = [row for row in rows if laboratory.disagreements(row)]
    for row in wrong_rows:
        smallest = shrunk(row)
        print("\n".join(laboratory.disagreements(smallest)))
        with FOUND.open("a", encoding="utf-8") as file:
            file.write(json.dumps(smallest, ensure_ascii=False) + "\n")
    print("\n".join(_by_theme(rows, wrong_rows)))
    return 1 if wrong_rows else 0


if __name__ == "__main__":
    sys.exit(main())
