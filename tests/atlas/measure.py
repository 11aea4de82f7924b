"""Measure a client release: python tests/atlas/measure.py VERSION (or `make atlas VERSION=x`).

Installs it from npm into the parts cache, runs the matrix on loopback, writes what it did to
tests/atlas/measured/VERSION.jsonl, and prints what is different from the nearest release that is known and from the
prediction. What is different is explained by rows of facts/ where that is possible, and the release in which it began
is found by measuring releases between. The proposal is printed and written to build/atlas-VERSION.md. Where the
prediction is right, NEWEST is raised. Exit code 1: facts/ needs a row. docs/atlas.md has the whole routine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "real")]

import catalog  # noqa: E402 - these folders are not packages
import laboratory  # noqa: E402
import parts  # noqa: E402
import recording  # noqa: E402
import retirements  # noqa: E402

from claude_gw_cli.core.learn import Change, explain  # noqa: E402
from claude_gw_cli.facts import models, newest  # noqa: E402
from claude_gw_cli.facts.overlay import Overlay  # noqa: E402
from claude_gw_cli.facts.retired import DAYS  # noqa: E402
from claude_gw_cli.facts.versions import NEWEST, version_key  # noqa: E402
from claude_gw_cli.world.laboratory import compared, matrix, measured  # noqa: E402

PACKAGE = "@anthropic-ai/claude-code"
MEASURED = HERE / "measured"
TOP = HERE.parents[1]
COMPARED = ("url", "authorization", "proxy-authorization", "x-api-key", "other_headers", "model")
Row = dict[str, Any]


def main(version: str) -> int:
    """Measure one release."""
    began = time.monotonic()
    if not installed(version):
        return 2
    program = laboratory.client(version)
    rows = list(measured(version, program, matrix()))
    minutes = (time.monotonic() - began) / 60
    nearest = nearest_to(version)
    changes = list(
        changed(rows, nearest, lambda row: next(measured(version, program, [(row["case"], row["config"])])))
    )
    MEASURED.mkdir(exist_ok=True)
    path = MEASURED / f"{version}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{version}: {len(rows)} cases in {minutes:.1f} minutes -> {path.relative_to(TOP)}")
    print(f"against {nearest}: {len(changes)} changes in the cases recorded for both" + "".join(changes))
    with compared(rows) as cases:
        wrong = {case.name: case.disagreements() for case in cases if case.disagreements()}
        _, explained, left = explain(version, cases)
    print(f"against the prediction: {len(wrong)} cases differ")
    for name, lines in wrong.items():
        print("".join(f"\n  {name}: {line}" for line in lines)[1:])
    missing = catalog_rows(version, catalog.catalog(program.resolve()))
    missing += retired_rows(retirements.retirements(program.resolve()))
    lines = [*proposal(version, explained, wrong, rows), *left_over(version, left, rows), *missing]
    if not lines:
        if version_key(version) > version_key(NEWEST):
            raise_newest(version)
        else:
            print(f"commit {path.relative_to(TOP)}; NEWEST is {NEWEST} and stays")
        return 0
    text = "".join(f"{line}\n" for line in (f"# Proposal for {version}", "", *lines))
    place = TOP / "build" / f"atlas-{version}.md"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")
    print(f"\n{text}\nwritten to {place.relative_to(TOP)}")
    return 1


def installed(version: str) -> bool:
    """Install a release; says what npm says, and what npm has, where there is no such release."""
    package = f"{PACKAGE}@{version}"
    missing = [*parts.debian(parts.NODE), *parts.npm(f"claude-{version}", package, laboratory.client(version))]
    if missing:
        print(f"missing: {', '.join(missing)}; npm's newest: {', '.join(released()[-5:])}", file=sys.stderr)
    return not missing


def released() -> list[str]:
    """Every release that npm has, oldest first."""
    command = ["npm", "view", PACKAGE, "versions", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return [version for version in json.loads(done.stdout or "[]") if "-" not in version]


def proposal(version: str, changes: Sequence[Change], wrong: dict[str, Any], rows: Sequence[Row]) -> Iterable[str]:
    """The rows of facts/ that explain the differences, each with the release in which it began."""
    observed = {row["case"]: row for row in rows}
    for change in changes:
        case = next((name for name in wrong if is_about(change.rows, observed[name])), next(iter(wrong)))
        since, before = first_with(version, observed[case])
        yield f"- {change.text.replace(version, since)} ({case}: {before} -> {since})"
        yield from (f"      {line}" for line in written(change.rows, version, since))


def is_about(change: Overlay, row: Row) -> bool:
    """Whether the change alone makes the prediction of this case right."""
    from claude_gw_cli.facts.overlay import InForce, merged
    from claude_gw_cli.facts.versions import use

    now = InForce.rows
    use(merged(now, change))
    try:
        return not laboratory.disagreements(row)
    finally:
        use(now)


def written(change: Overlay, version: str, since: str) -> Iterable[str]:
    """The change as lines of the tables."""
    for fact in change.facts.values():
        spans = " ".join(f"{span.since or ''}..{span.until or ''}" for span in fact.spans)
        yield f"facts/versions.txt: {fact.id} {spans}".replace(version, since)
    for row in change.headers:
        yield f"facts/headers.txt: {row.provider} {row.situation} {row.header} NEW-FACT: {' '.join(row.sources)}"
    for (provider, family), found in change.means.items():
        name = next(model for release, model in found if release == version)
        yield f"facts/models.txt, means {provider} {family}: {since} {name}"
    for provider, found in change.defaults.items():
        name = next(model for release, model in found if release == version)
        yield f"facts/models.txt, default {provider}: {since} {name}"


def left_over(version: str, left: Sequence[str], rows: Sequence[Row]) -> Iterable[str]:
    """Differences that no row of the tables explains: a new behaviour."""
    observed = {row["case"]: row for row in rows}
    for name in dict.fromkeys(line.partition(": ")[0] for line in left):
        since, before = first_with(version, observed[name])
        where = "a row of facts/versions.txt, used in core/predict"
        yield f"- a new behaviour since {since} ({name}: {before} -> {since}): {where}"
        yield from (f"      {line}" for line in left if line.startswith(f"{name}: "))


def first_with(version: str, row: Row) -> tuple[str, str]:
    """The first release that does in a case what this one does, and the one before it: by halving npm's list."""
    start = nearest_to(version) if version_key(version) <= version_key(NEWEST) else NEWEST
    between = [item for item in released() if version_key(start) < version_key(item) < version_key(version)]
    low, high, before, since = 0, len(between), start, version
    while low < high:
        middle = (low + high) // 2
        other = between[middle]
        print(f"measuring {row['case']} with {other}", flush=True)
        if installed(other) and same(laboratory.run(other, row["config"]), row["observed"]):
            high, since = middle, other
        else:
            low, before = middle + 1, other
    return since, before


def same(one: Row, other: Row) -> bool:
    """Whether two observations of a case are the same in what is compared."""
    return all(comparable(one.get(name)) == comparable(other.get(name)) for name in COMPARED)


def comparable(value: Any) -> Any:
    """An observed value without what says nothing about the client: older recordings have another made-up token."""
    value = laboratory.lasting(value)
    return "Bearer ya29." if isinstance(value, str) and value.startswith("Bearer ya29.") else value


def raise_newest(version: str) -> None:
    """Set NEWEST: every prediction was right."""
    path = Path(newest.__file__)
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{NEWEST}"', f'"{version}"'), encoding="utf-8")
    print(f"set NEWEST in {path.relative_to(TOP)}; commit it with the recordings")


def catalog_rows(version: str, found: dict[str, Any] | None) -> list[str]:
    """What the client's own catalog says otherwise than facts/models.txt, as the rows that are missing there."""
    if found is None:
        return ["the client has no catalog of models: see tests/atlas/catalog.py"]
    known = {model.id for model in models.CATALOG}
    rows = [
        f"- facts/models.txt: {name} {item['names']}"
        for name, item in found["models"].items()
        if name not in known and len(item["names"]) > 1
    ]
    theirs = {"first_party": "anthropic", "anthropic_aws": "anthropic-aws", "anthropic_google_cloud": "google-cloud"}
    providers = {theirs.get(name, name): name for item in found["models"].values() for name in item["names"]}
    for family, entry in found["aliases"].items():
        for provider, name in providers.items():
            wanted = (entry.get("per_provider") or {}).get(name, entry["default"])
            if models.find_model(provider, family, version) != wanted:
                rows.append(f"- facts/models.txt, means {provider} {family}: {version} {wanted}")
    return rows


def retired_rows(found: dict[tuple[str, str], str]) -> list[str]:
    """The last days of models that the client knows and facts/retired.txt does not, or has otherwise."""
    return [f"- facts/retired.txt: {model} {day} {at}" for (model, at), day in found.items() - DAYS.items()]


def everything() -> Iterable[Row]:
    """Every recording with ``-p``: the atlas and what was measured since."""
    for name in ("observations.jsonl.gz", "turn2.jsonl.gz"):
        yield from (row for row in recording.recordings(name) if not row["interactive"])
    for path in sorted(MEASURED.glob("*.jsonl")):
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def nearest_to(version: str) -> str:
    """The known release before this one, else the one after it."""
    key = version_key(version)
    others = sorted({row["version"] for row in everything()} - {version}, key=version_key)
    nearest: str = next((other for other in reversed(others) if version_key(other) < key), others[0])
    return nearest


def changed(rows: Iterable[Row], nearest: str, again: Callable[[Row], Row]) -> Iterable[str]:
    """One line for each thing that both releases were asked and answered differently, also when asked again."""
    before = {
        (row["case"], json.dumps(row["config"])): row["observed"] for row in everything() if row["version"] == nearest
    }
    for row in rows:
        old = before.get((row["case"], json.dumps(row["config"])))
        if old is None or same(old, row["observed"]) or same(old, again(row)["observed"]):
            continue
        for name in COMPARED:
            was, now = comparable(old.get(name)), comparable(row["observed"].get(name))
            if was != now:
                yield f"\n  {row['case']}: {name}: {was!r} -> {now!r}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(
            "which release? python tests/atlas/measure.py 2.1.331 (--new lists those that the facts do not cover)"
        )
    if sys.argv[1] == "--new":
        print("".join(f"{item}\n" for item in released() if version_key(item) > version_key(NEWEST)), end="")
        sys.exit(0)
    sys.exit(main(sys.argv[1]))
