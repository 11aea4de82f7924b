"""What is promised of each row, and what was measured: one table of rows, and one promise for each of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from timing import Row, Times

Run = Mapping[str, Times]
"""What one run measured: name of a row -> its times."""
FASTEST = "the fastest other tool"
"""As a row's ``peer``: the one with the least ratio of those after it."""


@dataclass(frozen=True)
class Table:
    """Rows that are measured together. Ratios are to the first row, by ``clock``: ``cpu``, or ``wall``."""

    title: str
    rows: Sequence[Row]
    clock: str = "cpu"
    rounds: int | None = None
    """Measured rounds of a run where they are fewer than those of the other tables."""

    def ratio(self, run: Run, name: str) -> float:
        """A row's median in a run, as a ratio to the first row's."""
        return self.median(run, name) / self.median(run, self.rows[0].name)

    def median(self, run: Run, name: str) -> float:
        times = run[name]
        return statistics.median(times.cpu if self.clock == "cpu" else times.wall)


@dataclass(frozen=True)
class Promise:
    """One line of the table that compares builds and tools: a value of each run. ``most`` is False for a rate.

    ``floors`` is what ``floor``, without which it cannot be done, takes by itself; ``why`` what would have to go.
    """

    what: str
    unit: str
    new: Sequence[float]
    earlier: Sequence[float] = ()
    peer: str = ""
    peers: Sequence[float] = ()
    limit: float | None = None
    target: float | None = None
    most: bool = True
    floor: str = ""
    floors: Sequence[float] = ()
    why: str = ""

    def holds(self, bound: float | None) -> bool:
        """Whether the median of the runs is within a bound."""
        value = statistics.median(self.new)
        return bound is None or (value <= bound if self.most else value >= bound)


def with_earlier(rows: Sequence[Row], earlier: Sequence[Row], commit: str) -> list[Row]:
    """The rows, and those that are about cgw once more with an earlier build."""
    return [
        *rows,
        *(
            replace(
                row,
                name=f"{commit}: {row.name}",
                limit=None,
                target=None,
                peer="",
                ahead=None,
                new=row.name,
                floor="",
            )
            for row in earlier
            if row.limit is not None or row.target is not None
        ),
    ]


def promises(table: Table, runs: Sequence[Run]) -> Iterator[Promise]:
    """What was promised of the rows of a table, and what came of it in each run."""
    old = {row.new: row.name for row in table.rows if row.new}
    unit = table.rows[0].name
    for row in table.rows:
        if row.limit is None and row.target is None and not row.peer:
            continue
        peer = row.peer
        if peer == FASTEST:
            others = [other.name for other in table.rows[1:] if other is not row]
            peer = min(others, key=lambda name: table.ratio(runs[0], name), default="")

        def ratios(name: str) -> list[float]:
            return [table.ratio(run, name) for run in runs] if name in runs[0] else []

        new, earlier, peers = (ratios(name) for name in (row.name, old.get(row.name, ""), peer))
        floors = ratios(row.floor)
        yield Promise(
            row.name, unit, new, earlier, peer, peers, row.limit, row.target, True, row.floor, floors, row.why
        )
        if row.ahead is not None and peers:
            times = [other / own for other, own in zip(peers, new, strict=True)]
            yield Promise(
                peer, row.name, times, target=row.ahead, most=False, floor=f"see {row.name}" if row.why else ""
            )


def slowest(what: str, lines: Sequence[Promise]) -> Promise:
    """Of several lines with the same bounds one, with the largest value of each run."""
    new, earlier = (
        [max(run) for run in zip(*part, strict=True)]
        for part in ([line.new for line in lines], [line.earlier for line in lines])
    )
    return replace(lines[0], what=what, new=new, earlier=earlier)


def memory(what: str, of: str, unit: str, target: float, runs: Sequence[Run]) -> Promise:
    """A row's largest memory, as a ratio to that of another row."""
    ratios = [(run[of].peak or math.nan) / (run[unit].peak or math.nan) for run in runs]
    return Promise(what, unit, ratios, limit=target, target=target)


def show(table: Table, run: Run, second: Mapping[str, float] | None = None) -> None:
    """Print what one run measured of a table."""
    heads = f"{'wall ms':>9} {'cpu ms':>9} {'ratio':>6} {'peak MB':>8} {'hyperfine':>10}"
    print(f"\n{table.title} (ratio: {table.clock})\n{'':52} {heads}")
    for row in table.rows:
        times = run[row.name]
        wall, cpu = statistics.median(times.wall), statistics.median(times.cpu)
        other = f"{second[row.name]:10.1f}" if second and row.name in second else ""
        peak = times.peak or math.nan
        print(
            f"{row.name:52} {wall:9.1f} {cpu:9.1f} {table.ratio(run, row.name):6.2f} {peak:8.1f} {other}", flush=True
        )
