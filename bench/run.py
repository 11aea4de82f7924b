"""The timing table of cgw: `make bench`, or python bench/run.py [--quick] [--repeat 3] [--before COMMIT].

Measures the installed wheel through the console script that pip writes. Exit code 1 when a promise was missed.
A whole run (not --quick) also writes what it measured into docs/speed.md, and the growth curves as a picture.
With --repeat 3 there are three whole runs: the tables show the median of the runs, and their spread.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import doctor
import floors
import growth
import keys
import peers
import publish
import vault
from house import GATEWAY, House, build
from tables import Promise, Run, Table, memory, promises, show, slowest, with_earlier
from timing import Row, hyperfine, measure

HOT = "Commands that run often"
REPORTS = "Reports of many findings"
_FORMATS, _FEW, _MANY = ("human", "sarif"), 1_000, 10_000
_SHELL = "cgw env --shell"
SHELLS = ("bash", "zsh", "sh", "ksh", "fish", "tcsh", "nu", "powershell", "cmd")


# Command line -> the libraries that it cannot do without, and what would have to go for its target.
_WRITER = (
    "`json`, which imports `re`: no dependency writes JSON with a smaller import; the findings of `cgw check`, which "
    "are a part of the document"
)
LEAST = {
    "env --shell bash": ("", "code: the command line, the checks of a kept plan, the reference to the key"),
    "explain": ("jiter", "code, and the tables of facts that a prediction reads"),
    "explain --format json": ("jiter, json", _WRITER),
    "settings diff": ("jiter, tomledit, difflib", "`difflib`, which imports `re`"),
    "check gateway.json": ("jiter, re, urllib.parse", "regular expressions: thirty of them tell a key from others"),
}
# What a tree has, and files a second: what is promised, and what we want.
TREES: tuple[tuple[str, Callable[[Path, int], None], int, int | None], ...] = (
    ("settings files", growth.plant, 3_000, None),
    ("files of a repository", growth.plant_repository, 30_000, 12_000),
)


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
    time.sleep(1.1)  # what changed within a second is not kept
    for words in LEAST:
        house.cgw(*words.split(), codes=(0, 1))  # what the first one keeps is there in the next
    least = {words: floors.floor(house, words.split(), libraries) for words, (libraries, _) in LEAST.items()}

    def own(limit: float, words: str, target: float | None = None, codes: tuple[int, ...] = (0,)) -> Row:
        floor, why = (least[words].name, LEAST[words][1]) if words in least else ("", "")
        return Row(f"cgw {words}", [cgw, *words.split()], env, limit, codes, target=target, floor=floor, why=why)

    return [
        Row("python -c pass", [str(house.bin / "python"), "-c", "pass"], env),
        floors.imports(house, "re"),
        floors.imports(house, "json"),
        *least.values(),
        Row("sh -c :", ["/bin/sh", "-c", ":"], env),
        Row("helper script, warm", helper, client, 0.25, before=new_asker),
        Row("cgw helper run, warm", [cgw, "helper", "run", "helper"], client, 1.6, before=new_asker),
        own(1.6, "--version"),
        own(2.5, "--help", 5),
        own(2.5, "init --help", 5),
        Row("bash: completion script, 10 x TAB", ["/bin/bash", "--norc", "-c", tabs], env, 1, target=1),
        *(own(1.6, f"env --shell {name}", 1.25) for name in SHELLS),
        own(3.5, "explain", 2.5),
        own(5, "explain --format json", 3),
        own(4.5, "settings diff", 3, (0, 1)),
        own(3.6, "status", 3),
        own(3.6, "check settings.json", 3, (0, 1)),
        own(5.5, "check gateway.json", 3, (0, 1)),
    ]


def of_the_hot_rows(table: Table, runs: Sequence[Run]) -> list[Promise]:
    """Their promises: one line for all shells, and memory."""
    lines = list(promises(table, runs))
    shells = [line for line in lines if line.what.startswith(_SHELL)]
    lines.insert(lines.index(shells[0]), slowest(f"cgw env, the slowest of {len(shells)} shells", shells))
    return [
        *(line for line in lines if line not in shells),
        memory("memory of the helper script", "helper script, warm", "sh -c :", 1.2, runs),
        memory("memory of cgw env --shell bash", f"{_SHELL} bash", "python -c pass", 1.15, runs),
    ]


def _processor() -> str:
    """The processor's name, where Linux says it; else its kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


class Bench:
    """Runs of everything: tables with their runs, and points of the curves."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.options, self.quick, self.commit = options, options.quick, options.before or ""
        self.rounds = 5 if self.quick else options.rounds
        self.house = build(folder)
        self.before = build(folder / "before", self.commit) if self.commit else None
        self.houses = (self.house, self.before) if self.before else (self.house,)
        self.tables: dict[str, tuple[Table, list[Run]]] = {}
        self.trees: dict[str, list[tuple[list[growth.Point], growth.Point | None]]] = {}
        self.curves: dict[str, list[tuple[int, float]]] = {}

    def measure(self, table: Table) -> None:
        times = measure(table.rows, self.house.work, table.rounds or self.rounds, 1 if table.rounds else 3)
        kept, runs = self.tables.setdefault(table.title, (table, []))
        runs.append(times)
        first = len(runs) == 1 and not table.rounds
        show(kept, times, hyperfine(table.rows, self.house.work, self.rounds) if first else None)

    def run(self, turn: int) -> None:
        """One whole run."""
        self.measure(self.table(HOT, tuple(map(hot_rows, self.houses))))
        with vault.rows(*self.houses) as cold:
            if cold:
                self.measure(self.table("A helper with nothing in its cache", cold))
        with keys.rows(*self.houses) as local:
            self.measure(self.table("A key of this machine, with nothing in the cache", local))
        with doctor.rows(*self.houses) as examined:
            self.measure(self.table("cgw doctor, a healthy gateway on loopback", examined))
        self.measure(Table(REPORTS, growth.reports(self.house, _FORMATS, (_FEW, _MANY)), rounds=1))
        most = 10_000 if self.quick or turn else max(10_000, self.options.files)
        counts = tuple(count for count in (1, 10, 100, 1_000, 10_000, 100_000) if count <= most)
        for kind, plant, _, _ in TREES:
            found = growth.grow(self.house, self.before, counts, kind, plant)
            self.trees.setdefault(kind, []).append(found)
            if not turn:
                self.curves |= growth.curves(kind, found[0])
        if not turn:
            self.curves |= growth.profiles(self.house, (1, 10, 100) if self.quick else (1, 10, 100, 1_000, 3_000))
            self.curves |= growth.cold_helpers(self.house, (1, 5) if self.quick else (1, 5, 10, 20, 50))
        if not (self.quick or self.options.no_peers):
            for table in peers.tables(self.house, self.before, self.commit):
                self.measure(table)

    def table(self, title: str, rows: tuple[list[Row], ...]) -> Table:
        return Table(title, with_earlier(*rows, self.commit) if self.before else rows[0])

    def promises(self) -> list[Promise]:
        """Every line of the summary."""
        found: list[Promise] = []
        for title, (table, runs) in self.tables.items():
            found += of_the_hot_rows(table, runs) if title == HOT else promises(table, runs)
        reports = self.tables[REPORTS][1]
        for name in _FORMATS:
            what, few, many = f"memory of cgw check, {_MANY:,} findings", *(f"{n:,} findings" for n in (_FEW, _MANY))
            found.append(memory(f"{what} ({name})", f"{many} ({name})", f"{few} ({name})", 1.5, reports))
        for kind, _, limit, target in TREES:
            found += growth.promised(kind, self.trees[kind], limit, target)
        return found


def main() -> int:
    """Run the whole bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=1, help="whole runs (default: 1)")
    parser.add_argument("--rounds", type=int, default=15, help="measured rounds per table (default: 15)")
    parser.add_argument("--quick", action="store_true", help="5 rounds, 10,000 files at most, no peers")
    parser.add_argument("--no-peers", action="store_true", help="do not install or measure other tools")
    parser.add_argument("--before", metavar="COMMIT", help="measure the build of a commit in the same table, too")
    help_ = "files of the largest tree, 10,000 at least (default: 100,000)"
    parser.add_argument("--files", type=int, default=100_000, help=help_)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cgw-bench-"))
    try:
        bench = Bench(folder, options)
        system = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
        head = (
            f"Python {platform.python_version()}, {system} on {_processor()}, load {os.getloadavg()[0]:.1f} on "
            f"{os.cpu_count()} CPUs, {options.repeat} x medians of {bench.rounds}, {time.strftime('%Y-%m-%d')}"
        )
        print(head)
        for turn in range(options.repeat):
            bench.run(turn)
        lines = bench.promises()
        summary = publish.summary(lines, options.before)
        missed = publish.missed(lines)
        print(f"\n{summary}\n{missed}")
        if not options.quick:
            details = [publish.table(table, runs) for table, runs in bench.tables.values()]
            publish.write(head, [summary, missed, *details], bench.curves)
            print(f"written: {publish.PAGE} and {publish.PICTURE}")
    finally:
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if all(line.holds(line.limit) for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
