"""Findings for a person: what, where with the offending line, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from claude_gw_cli.core.model import Finding
from claude_gw_cli.report.findings import Checked
from claude_gw_cli.report.lines import place, visible
from claude_gw_cli.report.masking import MAX_WIDTH, shown_line
from claude_gw_cli.rules.fix import Fix

_COLORS = {"error": "1;31", "warning": "1;33", "info": "1;36", "dim": "2", "good": "32"}
LineOf = Callable[[str, int], str | None]
"""(file, 1-based line) -> that line's text."""


def human(finding: Finding, line_of: LineOf, *, color: bool = False) -> str:
    """One finding as a block of lines; every value of the shown line that could be secret is masked."""
    paint = _painter(color=color)
    at = finding.location
    head = paint(finding.severity, f"{finding.severity}[{finding.code}]")
    out = [f"{head}: {visible(finding.message)}", f"  {paint('dim', '-->')} {place(at)}"]
    source = line_of(at.file, at.line) if at.file and at.line else None
    margin = len(str(at.line)) if source is not None else 1
    bar = paint("dim", f"{' ' * margin} |")
    if source is not None and at.pointer:
        text, start, width = _window(source, at.column or 1)
        out += [
            bar,
            f"{paint('dim', f'{at.line} |')} {text}",
            f"{bar} {' ' * start}{paint(finding.severity, '^' * width)}",
        ]
    if finding.help:
        first, *more = map(visible, finding.help.split("\n"))
        out += [
            f"{' ' * margin} {paint('dim', '=')} help: {first}",
            *(f"{' ' * margin}         {line}" for line in more),
        ]
    if isinstance(finding.fix, Fix):
        option = "--fix" if finding.fix.safety == "safe" else "--unsafe-fixes"
        out.append(f"{' ' * margin} {paint('dim', '=')} fix: {finding.fix.title} (cgw check {option})")
    return "\n".join(out) + "\n\n"


def closing(counts: Mapping[str, int], checked: Checked, *, color: bool = False) -> str:
    """The last line: what was looked at and what was found; says so when all is well.

    Args:
        counts: severity -> number of findings.
        checked: what was looked at.
        color: paint good news green.
    """
    what = f"{len(checked.names)} {'source' if len(checked.names) == 1 else 'sources'}"
    client = f" for client {checked.client}" if checked.client else ""
    accepted = f", {checked.ignored} ignored with a reason" if checked.ignored else ""
    found = ", ".join(_plural(count, name) for name, count in counts.items() if count)
    if not found:
        return _painter(color=color)("good", f"All well: {what} checked{client}{accepted}.") + "\n"
    return f"{found} in {what}{client}{accepted}. Explain one: cgw rule CODE\n"


def _plural(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 or name == "info" else f"{count} {name}s"


def _window(line: str, column: int) -> tuple[str, int, int]:
    """The masked line, cut to a window around the column; where the caret starts and how wide it is."""
    line = line.rstrip("\r\n").replace("\t", " ")
    before, after = visible(shown_line(line[: column - 1])), visible(shown_line(line[column - 1 :]))
    width = _name_width(after)
    if len(before) > MAX_WIDTH // 2:
        before = "…" + before[len(before) - MAX_WIDTH // 2 :]
    text = before + after
    return (text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"), len(before), width


def _name_width(text: str) -> int:
    end = text.find('"', 1) + 1 if text.startswith('"') else len(text.split(" ", 1)[0])
    return max(1, min(end or len(text), MAX_WIDTH // 2))


def _painter(*, color: bool) -> Callable[[str, str], str]:
    def paint(style: str, text: str) -> str:
        return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if color else text

    return paint
