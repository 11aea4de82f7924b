"""Measure what the rules claim: python tests/atlas/claims.py [CASE ...] (default: every line of claims.jsonl).

A line is a start of the client that shows what one rule says, or what it says is safe. To add one, append a line with
``version``, ``case`` and ``config``, run this with its name, and let the rule's ``evidence`` name it. The release it
asks for is installed from npm where it is missing. Prints what is different from before and from the prediction.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "real")]

import laboratory  # noqa: E402 - these folders are not packages
import parts  # noqa: E402

FILE = HERE / "claims.jsonl"
WORKERS = 2
Row = dict[str, Any]


def rows() -> list[Row]:
    """Every line of the file."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def measured(wanted: Collection[Row], program: Callable[[str], Path]) -> list[Row]:
    """The same rows with what the real client does now."""

    def again(row: Row) -> Row:
        observed = laboratory.run(row["version"], row["config"], program(row["version"]), whole=True)
        return {**row, "observed": observed}

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(again, wanted))


def changed(before: Row, after: Row) -> list[str]:
    """What a new run shows otherwise, one line each."""
    old, new = before.get("observed", {}), after["observed"]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [f"{before['version']} {before['case']}: {name}: {old.get(name)!r} -> {new.get(name)!r}" for name in names]


def main(cases: Collection[str]) -> int:
    """Measure and write; exit code 1 when a prediction is wrong."""
    known = rows()
    wanted = [row for row in known if not cases or row["case"] in cases]
    for version in {row["version"] for row in wanted}:
        package = f"@anthropic-ai/claude-code@{version}"
        if missing := [*parts.debian(parts.NODE), *parts.npm(f"claude-{version}", package, parts.client(version))]:
            print(f"missing: {', '.join(missing)}", file=sys.stderr)
            return 2
    fresh = {(row["version"], row["case"]): row for row in measured(wanted, parts.client)}
    result = [fresh.get((row["version"], row["case"]), row) for row in known]
    FILE.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in result), encoding="utf-8")
    differences = [line for row in wanted for line in changed(row, fresh[row["version"], row["case"]])]
    wrong = [line for row in fresh.values() for line in laboratory.disagreements(row)]
    print("\n".join([*differences, f"{len(wanted)} starts, {len(wrong)} disagree with the prediction", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
