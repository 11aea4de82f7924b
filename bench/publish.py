"""What a whole run measured, as a part of ``docs/speed.md`` and as a picture of the growth curves."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from house import REPOSITORY
from timing import Row, Times

PAGE = REPOSITORY / "docs" / "speed.md"
PICTURE = REPOSITORY / "docs" / "pictures" / "speed-growth.svg"
_BEGIN, _END = "<!-- make bench writes from here -->\n", "<!-- to here -->\n"
_LEFT, _TOP, _WIDTH, _HEIGHT, _GAP = 60, 40, 200, 150, 70


def table(title: str, rows: Sequence[Row], times: Mapping[str, Times]) -> str:
    """A table as Markdown. Ratios are to its first row; ``missed`` beside what is above its limit."""
    base = times[rows[0].name]
    lines = [
        f"| {title} | CPU, ms | ratio | wall clock, ms | ratio | peak, MB | at most |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cpu, wall = (statistics.median(part) for part in (times[row.name].cpu, times[row.name].wall))
        peak = f"{times[row.name].peak:.1f}" if times[row.name].peak else ""
        ratios = cpu / statistics.median(base.cpu), wall / statistics.median(base.wall)
        limit = "" if row.target is None else f"{row.target:g}" + ("" if max(ratios) <= row.target else ", missed")
        name = row.name.replace("|", "\\|")
        lines.append(f"| {name} | {cpu:.1f} | {ratios[0]:.2f} | {wall:.1f} | {ratios[1]:.2f} | {peak} | {limit} |")
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
