"""The timing table of cgw: `make bench`, or python bench/run.py [--quick] [--no-peers] [--runs N].

Measures the installed wheel through the console script that pip writes. Exit code 1 when a promise was missed.
A whole run (not --quick) also writes what it measured into docs/speed.md, and the growth curves as a picture.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import doctor
import growth
import peers
import publish
import vault
from house import GATEWAY, House, build
from timing import Row, hyperfine, measure, show

SHELLS = ("bash", "zsh", "sh", "ksh", "fish", "tcsh", "nu", "powershell", "cmd")


# What a tree has, and files a second that are promised.
TREES = (("settings files", growth.plant, 3_000), ("files of a repository", growth.plant_repository, 12_000))


def hot_rows(house: House) -> list[Row]:
    """The promises of the project's speed, as ratios to an interpreter that does nothing."""
    cgw, env = str(house.bin / "cgw"), house.env
    client = env | {"ANTHROPIC_BASE_URL": GATEWAY}
    cache = house.home / ".cache/cgw/helper-helper"

    def new_asker() -> None:
        # Each client asks once per TTL; the same process asking twice at once would mean that the key was refused.
        for mark in cache.glob("asked.*"):
            mark.unlink()

    script = house.home / "cgw.bash"
    script.write_text(house.cgw("--show-completion", "bash"))
    # Readline sets these words before it calls the function; outside of a completion compopt only fails.
    line = 'COMP_LINE="cgw env --profile "; COMP_POINT=18; COMP_WORDS=(cgw env --profile ""); COMP_CWORD=3'
    tabs = f"compopt() {{ :; }}; . {script}; {line}; for ((n = 0; n < 10; n++)); do _cgw; done"
    helper = ["/bin/sh", str(house.helper("helper"))]
    return [
        Row("python -c pass", [str(house.bin / "python"), "-c", "pass"], env),
        Row("python -c 'import re'", [str(house.bin / "python"), "-c", "import re"], env),
        Row("sh -c :", ["/bin/sh", "-c", ":"], env),
        Row("helper script, warm", helper, client, 0.25, before=new_asker),
        Row("cgw helper run, warm", [cgw, "helper", "run", "helper"], client, 1.6, before=new_asker),
        Row("cgw --version", [cgw, "--version"], env, 1.6),
        Row("bash: completion script, 10 x TAB", ["/bin/bash", "--norc", "-c", tabs], env, 1),
        *(Row(f"cgw env --shell {name}", [cgw, "env", "--shell", name], env, 1.6) for name in SHELLS),
        Row("cgw explain", [cgw, "explain"], env, 3.5),
        Row("cgw explain --format json", [cgw, "explain", "--format", "json"], env, 5),
        Row("cgw settings diff", [cgw, "settings", "diff"], env, 4.5, codes=(0, 1)),
        Row("cgw status", [cgw, "status"], env, 3.6),
        Row("cgw check settings.json", [cgw, "check", "settings.json"], env, 3.6, codes=(0, 1)),
        Row("cgw check gateway.json", [cgw, "check", "gateway.json"], env, 5.5, codes=(0, 1)),
    ]


def _processor() -> str:
    """The processor's name, where Linux says it; else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def main() -> int:
    """Run the whole bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30, help="measured rounds per table (default: 30)")
    parser.add_argument("--quick", action="store_true", help="5 rounds, 10,000 files at most, no peers")
    parser.add_argument("--no-peers", action="store_true", help="do not install or measure other tools")
    parser.add_argument("--before", metavar="COMMIT", help="measure the build of a commit in the same table, too")
    parser.add_argument("--files", type=int, default=100_000, help="files of the largest tree (default: 100,000)")
    options = parser.parse_args()
    runs = 5 if options.quick else options.runs
    folder = Path(tempfile.mkdtemp(prefix="cgw-bench-"))
    tables: list[str] = []

    def measured(title: str, rows: list[Row], count: int, *, twice: bool = False) -> bool:
        times = measure(rows, house.work, count)
        tables.append(publish.table(title, rows, times))
        return show(title, rows, times, hyperfine(rows, house.work, count) if twice else None)

    try:
        house = build(folder)
        before = build(folder / "before", options.before) if options.before else None
        system = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
        head = (
            f"Python {platform.python_version()}, {system} on {_processor()}, "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs, medians of {runs}, {time.strftime('%Y-%m-%d')}"
        )
        print(head)
        rows = hot_rows(house)
        if before:
            rows += [
                replace(row, name=f"{options.before}: {row.name}", target=None)
                for row in hot_rows(before)
                if "cgw" in row.name
            ]
        kept = measured("Commands that run often", rows, runs, twice=True)
        with vault.rows(house) as cold:
            if cold:
                kept &= measured("A helper with nothing in its cache", cold, runs)
        most = 10_000 if options.quick else options.files
        trees = (1, 10, 100, 1_000, 10_000, 100_000)
        counts = tuple(count for count in trees if count <= most)
        curves: dict[str, list[tuple[int, float]]] = {}
        for kind, plant, rate in TREES:
            good, found = growth.grow(house, counts, kind, plant, rate)
            kept, curves = kept and good, curves | found
        curves |= growth.profiles(house, (1, 10, 100) if options.quick else (1, 10, 100, 1_000, 3_000))
        curves |= growth.cold_helpers(house, (1, 5) if options.quick else (1, 5, 10, 20, 50))
        if not (options.quick or options.no_peers):
            for title, others in peers.tables(house):
                kept &= measured(title, others, max(5, runs // 3))
        with doctor.rows(house) as examined:
            kept &= measured("cgw doctor, a healthy gateway on loopback", examined, runs)
        if not options.quick:
            publish.write(head, tables, curves)
            print(f"written: {publish.PAGE} and {publish.PICTURE}")
    finally:
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
