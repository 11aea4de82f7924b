"""What was measured, as a part of ``docs/speed.md`` and as a picture of the growth curves."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from house import REPOSITORY
from tables import Promise, Run, Table

PAGE = REPOSITORY / "docs" / "speed.md"
PICTURE = REPOSITORY / "docs" / "pictures" / "speed-growth.svg"
_BEGIN, _END = "<!-- make bench writes from here -->\n", "<!-- to here -->\n"
_LEFT, _TOP, _WIDTH, _HEIGHT, _GAP = 60, 40, 200, 150, 70


def summary(promises: Sequence[Promise], commit: str | None) -> str:
    """What is promised and wanted, as Markdown: medians of the runs; their spread where they differ."""
    earlier = f"build of {commit}" if commit else "earlier build"
    lines = [
        f"| what | unit | {earlier} | new | another tool | limit | target |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in promises:
        limit, target = (_bound(one, bound) for bound in (one.limit, one.target))
        peer = f"{one.peer}: {_spread(one.peers)}" if one.peers else ""
        cells = one.what, one.unit, _spread(one.earlier), _spread(one.new), peer, limit, target
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def missed(promises: Sequence[Promise]) -> str:
    """The targets that are not met, each with what the least that it needs takes by itself, as Markdown."""
    lines = [
        "**Targets that are not met, and why**\n",
        "| target that is not met | unit | target | now | it needs in any case | alone | what would have to go |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in promises:
        if not one.holds(one.target):
            target = _bound(one, one.target).removesuffix(", missed")
            cells = one.what, one.unit, target, _spread(one.new), one.floor, _spread(one.floors), one.why
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _spread(values: Sequence[float]) -> str:
    if not values:
        return ""
    low, middle, high = (_number(value) for value in (min(values), statistics.median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _bound(one: Promise, bound: float | None) -> str:
    if bound is None:
        return ""
    least = "" if one.most else "at least "
    return f"{least}{bound:,g}" + ("" if one.holds(bound) else ", missed")


def table(table: Table, runs: Sequence[Run]) -> str:
    """The times of a table as Markdown: medians of the runs, without the rows of an earlier build."""
    lines = [f"| {table.title} | CPU, ms | wall clock, ms | ratio | peak, MB |", "|---|---|---|---|---|"]
    for row in table.rows:
        if row.new:
            continue
        every = [run[row.name] for run in runs]
        cpu, wall = (
            statistics.median(statistics.median(part) for part in parts)
            for parts in ([times.cpu for times in every], [times.wall for times in every])
        )
        peaks = [times.peak for times in every if times.peak]
        peak = f"{statistics.median(peaks):.1f}" if peaks else ""
        ratio = statistics.median(table.ratio(run, row.name) for run in runs)
        name = row.name.replace("|", "\\|")
        lines.append(f"| {name} | {cpu:.1f} | {wall:.1f} | {ratio:.2f} | {peak} |")
    return "\n".join(lines) + "\n"


def write(head: str, tables: Sequence[str], curves: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    """Replace the measured part of the page, and the picture.

    Args:
        head: machine, versions and date.
        tables: as ``table`` gives them.
        curves: title -> (count, value) of each point; the title says the unit of the value.
    """
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise SystemExit(f"{PAGE} has no place for what was measured: {_BEGIN.strip()} … {_END.strip()}")
    picture = f"![How it grows: {', '.join(curves)}](pictures/{PICTURE.name})\n"
    PAGE.write_text(
        before + _BEGIN + "\n" + "\n".join([head + "\n", *tables, picture]) + "\n" + _END + after, encoding="utf-8"
    )
    PICTURE.write_text(drawn(curves), encoding="utf-8")


def drawn(curves: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """The curves side by side, both axes logarithmic, as SVG."""
    whole, high = _LEFT + len(curves) * (_WIDTH + _GAP), _TOP + _HEIGHT + 45
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {high}">'
    parts = [
        head,
        "<style>text{font:11px sans-serif}</style>",
        f'<rect width="{whole}" height="{high}" fill="#fff"/>',
    ]
    for index, (title, points) in enumerate(curves.items()):
        left = _LEFT + index * (_WIDTH + _GAP)
        parts += _panel(left, title, points)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: int, title: str, points: Sequence[tuple[int, float]]) -> list[str]:
    values = [value for _, value in points]
    low, high = 10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values) * 1.001))
    widest = max(math.log10(points[-1][0]), 1)

    def place(count: int, value: float) -> tuple[float, float]:
        across, up = math.log10(count) / widest, math.log10(value / low) / math.log10(high / low)
        return round(left + across * _WIDTH, 1), round(_TOP + _HEIGHT - up * _HEIGHT, 1)

    lines = [
        f'<text x="{left}" y="{_TOP - 16}" font-weight="bold">{title}</text>',
        f'<path d="M{left} {_TOP}V{_TOP + _HEIGHT}H{left + _WIDTH}" fill="none" stroke="#888"/>',
    ]
    level = low
    while level <= high * 1.001:
        y = place(1, level)[1]
        lines.append(f'<path d="M{left} {y}h{_WIDTH}" stroke="#ddd"/>')
        lines.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{level:g}</text>')
        level *= 10
    spots = [place(*point) for point in points]
    lines.append(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in spots)}" fill="none" stroke="#06c" stroke-width="2"/>'
    )
    for (count, value), (x, y) in zip(points, spots, strict=True):
        lines.append(f'<circle cx="{x}" cy="{y}" r="3" fill="#06c"><title>{count:,}: {value:.3g}</title></circle>')
        lines.append(f'<text x="{x}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">{_short(count)}</text>')
    return lines


def _short(count: int) -> str:
    return f"{count // 1000}k" if count >= 1000 else str(count)
