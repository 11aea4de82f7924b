"""Findings for a person: what, where with the offending line, and what to do next. Pure."""

from __future__ import annotations

from claude_gw_cli.core.masking import masked_line
from claude_gw_cli.core.model import Finding
from claude_gw_cli.core.words import counted
from claude_gw_cli.core.wrap import wrapped
from claude_gw_cli.hints import Callable, Mapping
from claude_gw_cli.report.findings import Checked
from claude_gw_cli.report.lines import place, visible
from claude_gw_cli.rules.fix import Fix

_COLORS = {"error": "1;31", "warning": "1;33", "info": "1;36", "dim": "2", "good": "32"}
_NARROWEST = 30
_WIDEST = 120
_FEW = 5
"""So many files that are passed over are named each."""
_LONGEST = 16_384
"""Characters of a line that is shown in part: each time, the whole of it is masked."""
_HERE = "\ufdd6"
"""A noncharacter that marks the finding's column while the line is masked as a whole."""


def human(
    finding: Finding, line_of: Callable[[str, int], str | None], *, color: bool = False, width: int | None = None
) -> str:
    """One finding as a block of lines; every value of the shown line that could be secret is masked.

    Args:
        finding: what to show.
        line_of: (file, 1-based line) -> that line's text.
        color: paint it.
        width: the terminal's columns; ``None`` leaves every line whole.
    """
    paint = _painter(color=color)
    at = finding.location
    head = f"{finding.severity}[{finding.code}]"
    first, *more = _lines(f"{head}: {finding.message}", width, 4)
    out = [paint(finding.severity, head) + first[len(head) :], *more, f"  {paint('dim', '-->')} {place(at)}"]
    source = line_of(at.file, at.line) if at.file and at.line else None
    if source is not None and len(source) > _LONGEST:
        source = None
    margin = len(str(at.line)) if source is not None else 1
    bar = paint("dim", f"{' ' * margin} |")
    is_placed = at.pointer or at.variable or (at.line, at.column) != (1, 1)
    if source is not None and source.strip() and is_placed:
        limit = _WIDEST if width is None else max(min(_WIDEST, width - margin - 3), _NARROWEST)
        text, start, carets = _window(source, at.column or 1, limit)
        out += [
            bar,
            f"{paint('dim', f'{at.line} |')} {text}",
            f"{bar} {' ' * start}{paint(finding.severity, '^' * carets)}",
        ]
    if finding.help:
        out += _note("help", finding.help, margin, width, paint)
    if isinstance(finding.fix, Fix):
        option = "--fix" if finding.fix.safety == "safe" else "--unsafe-fixes"
        out += _note("fix", f"{finding.fix.title} (cgw check {option})", margin, width, paint)
    return "\n".join(out) + "\n\n"


def _note(name: str, text: str, margin: int, width: int | None, paint: Callable[[str, str], str]) -> list[str]:
    """``= name: text`` under the finding, its further lines below the first."""
    indent = " " * (margin + len(name) + 5)
    lines = [part for line in text.split("\n") for part in _lines(indent + line, width, 0)]
    return [f"{' ' * margin} {paint('dim', '=')} {name}: {lines[0].lstrip()}", *lines[1:]]


def _lines(text: str, width: int | None, hang: int) -> list[str]:
    """The text in lines of a terminal's width; control characters in it are shown."""
    return wrapped(visible(text), width and max(width, _NARROWEST), hang=hang).split("\n")


def closing(counts: Mapping[str, int], checked: Checked, *, color: bool = False, width: int | None = None) -> str:
    """The last line: what was looked at and what was found; says so when all is well.

    Args:
        counts: severity -> number of findings.
        checked: what was looked at.
        color: paint good news green.
        width: the terminal's columns, if any.
    """
    count = checked.count or len(checked.names)
    what = f"{count} source{'s' * (count != 1)}"
    client = f" for client {checked.client}" if checked.client else ""
    accepted = f", {checked.ignored} ignored with a reason" if checked.ignored else ""
    found = ", ".join(_plural(count, name) for name, count in counts.items() if count)
    aside = _passed_over(checked, width)
    if not found and not count:
        return aside + "Nothing was checked.\n"
    if not found:
        return aside + _painter(color=color)("good", f"All well: {what} checked{client}{accepted}.") + "\n"
    text = f"{found} in {what}{client}{accepted}. Explain one: cgw rule {checked.code}"
    return aside + "\n".join(_lines(text, width, 0)) + "\n"


def _passed_over(checked: Checked, width: int | None) -> str:
    """``not judged: 3 files (2 larger than 1 MB, 1 not JSON)``; names where there are few."""
    if not checked.passed_over:
        return ""
    count = len(checked.passed_over)
    if count <= _FEW:
        lines = [f"not judged: {file}: {reason}" for file, reason in checked.passed_over]
    else:
        reasons = [reason.partition(": ")[0] for _, reason in checked.passed_over]
        kinds = ", ".join(f"{reasons.count(reason)} {reason}" for reason in dict.fromkeys(reasons))
        lines = [f"not judged: {counted(count, 'file')} ({kinds}); --format json names them"]
    return "".join(f"{part}\n" for line in lines for part in _lines(line, width, 4))


def _plural(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 or name == "info" else f"{count} {name}s"


def _window(line: str, column: int, limit: int) -> tuple[str, int, int]:
    """The masked line, cut to a window around the column; where the caret starts and how wide it is."""
    line = visible(line.rstrip("\r\n").replace("\t", " "))
    before, _, after = masked_line(line[: column - 1] + _HERE + line[column - 1 :]).partition(_HERE)
    width = _name_width(after, limit // 2)
    if len(before) > limit // 2:
        before = "…" + before[len(before) - limit // 2 :]
    text = before + after
    return (text if len(text) <= limit else text[: limit - 1] + "…"), len(before), width


def _name_width(text: str, limit: int) -> int:
    end = text.find('"', 1) + 1 if text.startswith('"') else len(text.split(" ", 1)[0])
    return max(1, min(end or len(text), limit - 1))


def _painter(*, color: bool) -> Callable[[str, str], str]:
    def paint(style: str, text: str) -> str:
        return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if color else text

    return paint
