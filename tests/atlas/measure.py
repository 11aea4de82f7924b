"""Measure a client release: python tests/atlas/measure.py VERSION (or `make atlas VERSION=x`).

Installs it from npm into the parts cache, runs the case matrix on loopback, writes what it did to
tests/atlas/measured/VERSION.jsonl, and prints what is different from the nearest release that is known and from the
prediction. Exit code 1: a prediction is wrong, and facts/ needs a row. docs/atlas.md has the whole routine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "real")]

import cases  # noqa: E402 - these folders are not packages
import catalog  # noqa: E402
import laboratory  # noqa: E402
import parts  # noqa: E402
import recording  # noqa: E402

from claude_gw_cli.facts import models  # noqa: E402
from claude_gw_cli.facts.versions import version_key  # noqa: E402

MEASURED = HERE / "measured"
WORKERS = 2
Row = dict[str, Any]


def main(version: str) -> int:
    """Measure one release."""
    package = f"@anthropic-ai/claude-code@{version}"
    missing = [*parts.debian(parts.NODE), *parts.npm(f"claude-{version}", package, laboratory.client(version))]
    if missing:
        print(f"missing: {', '.join(missing)}", file=sys.stderr)
        return 2
    known = newest_of_each_case(everything())
    names = [name for name in cases.NAMES if name in known]

    def measured(name: str) -> Row:
        config = known[name]["config"]
        observed = laboratory.run(version, config)
        return {"version": version, "case": name, "interactive": False, "config": config, "observed": observed}

    with ThreadPoolExecutor(WORKERS) as pool:
        rows = list(pool.map(measured, names))
    MEASURED.mkdir(exist_ok=True)
    path = MEASURED / f"{version}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    nearest = nearest_to(version)
    changes = list(changed(rows, nearest))
    print(f"{version}: {len(rows)} cases -> {path.relative_to(HERE.parent.parent)}")
    print(f"against {nearest}: {len(changes)} changes in the cases recorded for both" + "".join(changes))
    wrong = [line for row in rows for line in laboratory.disagreements(row)]
    wrong += catalog_rows(version, catalog.catalog(laboratory.client(version).resolve()))
    print(f"against the prediction: {len(wrong)} disagreements" + "".join(f"\n  {line}" for line in wrong))
    return 1 if wrong else 0


def catalog_rows(version: str, found: dict[str, Any] | None) -> list[str]:
    """What the client's own catalog says otherwise than facts/models.py, as the rows that are missing there."""
    if found is None:
        return ["the client has no catalog of models: see tests/atlas/catalog.py"]
    known = {model.id for model in models.CATALOG}
    rows = [
        f"facts/models.py, CATALOG: {name} {item['names']}"
        for name, item in found["models"].items()
        if name not in known and len(item["names"]) > 1
    ]
    theirs = {"first_party": "anthropic", "anthropic_aws": "anthropic-aws", "anthropic_google_cloud": "google-cloud"}
    providers = {theirs.get(name, name): name for item in found["models"].values() for name in item["names"]}
    for family, entry in found["aliases"].items():
        for provider, name in providers.items():
            wanted = (entry.get("per_provider") or {}).get(name, entry["default"])
            if models.find_model(provider, family, version) != wanted:
                rows.append(f'facts/models.py, MEANS["{provider}", "{family}"]: ("{version}", "{wanted}")')
    return rows


def everything() -> Iterable[Row]:
    """Every recording with ``-p``: the atlas and what was measured since."""
    for name in ("observations.jsonl.gz", "turn2.jsonl.gz"):
        yield from (row for row in recording.recordings(name) if not row["interactive"])
    for path in sorted(MEASURED.glob("*.jsonl")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def newest_of_each_case(rows: Iterable[Row]) -> dict[str, Row]:
    """Case -> its recording on the newest release that has one."""
    found: dict[str, Row] = {}
    for row in rows:
        other = found.get(row["case"])
        if other is None or version_key(other["version"]) < version_key(row["version"]):
            found[row["case"]] = row
    return found


def nearest_to(version: str) -> str:
    """The known release before this one, else the one after it."""
    key = version_key(version)
    others = sorted({row["version"] for row in everything()} - {version}, key=version_key)
    return next((other for other in reversed(others) if version_key(other) < key), others[0])


def changed(rows: Iterable[Row], nearest: str) -> Iterable[str]:
    """One line for each thing that both releases were asked and answered differently."""
    before = {
        (row["case"], json.dumps(row["config"])): row["observed"] for row in everything() if row["version"] == nearest
    }
    for row in rows:
        old = before.get((row["case"], json.dumps(row["config"])))
        if old is None:
            continue
        for name in ("url", "authorization", "proxy-authorization", "x-api-key", "other_headers", "model"):
            was, now = laboratory.lasting(old.get(name)), laboratory.lasting(row["observed"].get(name))
            if was != now:
                yield f"\n  {row['case']}: {name}: {was!r} -> {now!r}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("which release? python tests/atlas/measure.py 2.1.331")
    sys.exit(main(sys.argv[1]))
