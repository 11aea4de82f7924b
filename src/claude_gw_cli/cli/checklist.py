"""The doctor's checklist for people: fills in on a terminal while the probes run, plain lines everywhere else."""

from __future__ import annotations

import os
import sys

from claude_gw_cli.cli.key_store import advised
from claude_gw_cli.cli.out import for_person, use_color, width, write_lines
from claude_gw_cli.core.diagnosis import LIVE_STEP
from claude_gw_cli.core.wrap import wrapped
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import replace
from claude_gw_cli.world.paths import with_tilde

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType

    from claude_gw_cli.core.diagnosis import Verdict
    from claude_gw_cli.world.probe.schedule import Row, Schedule

_WORDS = {"ok": "ok", "warn": "warn", "fail": "FAIL", "skip": "-"}
_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red"), "skip": ("·", "dim")}
_EXPLAINED = ("fail", "warn")
"""What is wrong is said below the list."""
_TITLE = 30
_BESIDE_TITLE, _BESIDE = 12, 16
"""Columns that a mark or a word, a time and the spaces between take."""
LIVE = "gateway.stream"
"""The probe of ``--live``."""
_SEE = "see what the live request was answered, below"
_SEE_OTHERS = "try it with the client: claude -p hi"
_BEFORE_KEY = ("redirect", "gateway.route", "gateway.key")
"""Probes without which nothing is known about the key."""
_LEAST = 20
"""Columns in which a note can be read beside its title."""


def show(schedule: Schedule, title: str) -> list[Row]:
    """Run a schedule and show it; returns its rows."""
    if use_color(sys.stdout):
        return _live(schedule, title)
    write_lines(f"cgw doctor: {title}\n\n")
    printed = 0

    def changed() -> None:
        nonlocal printed
        for row in settled(schedule.rows)[printed:]:
            if row is None or row.verdict is None:
                break
            write_lines(_line(row, row.verdict, width(sys.stdout)))
            printed += 1

    rows = run_settled(schedule, changed)
    write_lines(_details(rows) + _closing(rows) + "\n")
    return rows


def settled(rows: Sequence[Row | None]) -> list[Row | None]:
    """The rows with what the live request shows about those of which only a real request tells more.

    Until it was answered such a row has no verdict.
    """
    live = next((row for row in rows if row and row.id == LIVE), None)
    return [row and (replace(row, verdict=_after(live.verdict, row.verdict)) if live else row) for row in rows]


def _after(live: Verdict | None, verdict: Verdict | None) -> Verdict | None:
    if verdict is None or LIVE_STEP not in verdict.help:
        return verdict
    if live is None:
        return None
    if live.status in {"ok", "warn"}:
        return replace(verdict, status="ok", cause="", evidence="a real request was answered", help="")
    step = _SEE if live.status == "fail" else _SEE_OTHERS
    return replace(verdict, help=verdict.help.replace(LIVE_STEP, step))


def run_settled(schedule: Schedule, changed: Callable[[], object] = lambda: None) -> list[Row]:
    """Run a schedule; its rows after the live request, if there is one."""
    schedule.run(changed)
    return [row for row in settled(schedule.rows) if row is not None]


def _line(row: Row, verdict: Verdict, columns: int | None) -> str:
    """A row as plain text; ``columns``: the terminal's, ``None``: no line is broken."""
    seconds = f"{row.seconds:6.2f} s" if verdict.status != "skip" else " " * 8
    title_width = _TITLE if columns is None else max(min(_TITLE, columns - _BESIDE), len(row.title))
    head = f"  {_WORDS[verdict.status]:<5}{row.title:<{title_width}} {seconds}"
    note = _note(verdict)
    room = len(note) if columns is None else columns - len(head) - 2
    if columns is None or _fits(note, room):
        below = f"\n{' ' * len(head)}  "
        return f"{head}  {wrapped(note, room, hang=0).replace(chr(10), below)}".rstrip() + "\n"
    return f"{head.rstrip()}\n" + "".join(
        f"       {part}\n" for part in wrapped(note, columns - 7, hang=0).split("\n")
    )


def _fits(note: str, room: int) -> bool:
    """Whether a note can be read in so many columns beside its title."""
    return room >= min(_LEAST, len(note)) and all(len(word) <= room for word in note.split())


def _note(verdict: Verdict) -> str:
    """The cause, or what a passed probe found; not an expected refusal's status, which would only confuse."""
    note = verdict.cause or ("" if verdict.evidence.startswith("HTTP ") else verdict.evidence)
    return with_tilde(note, os.environ)


def _details(rows: Sequence[Row]) -> str:
    """What is wrong, one paragraph each: cause, evidence, what to do."""
    text = ""
    for row, verdict in _troubled(rows):
        text += f"\n{_WORDS[verdict.status]}: {row.title}\n    {verdict.cause}\n"
        if verdict.evidence:
            text += f"    seen: {verdict.evidence}\n"
        text += "".join(f"    next: {line}\n" for line in verdict.help.splitlines())
    text += "".join(f"\nhint: {hint}\n" for hint in _hints(rows))
    return text + "\n"


def _hints(rows: Sequence[Row]) -> list[str]:
    """What a probe that passed suggests."""
    return [row.verdict.help for row in rows if row.verdict and row.verdict.status == "ok" and row.verdict.help]


def _troubled(rows: Sequence[Row]) -> list[tuple[Row, Verdict]]:
    found = [(row, row.verdict) for row in rows if row.verdict is not None and row.verdict.status in _EXPLAINED]
    return [(row, _shown(verdict)) for row, verdict in found]


def _shown(verdict: Verdict) -> Verdict:
    cause, evidence = with_tilde(verdict.cause, os.environ), with_tilde(verdict.evidence, os.environ)
    return replace(verdict, cause=cause, evidence=evidence, help=for_person(advised(verdict.help), sys.stdout))


def _closing(rows: Sequence[Row]) -> str:
    failed = sum(verdict.status == "fail" for _, verdict in _troubled(rows))
    warned = len(_troubled(rows)) - failed
    rest = f"{warned} warning{'s' * (warned != 1)}"
    if failed:
        return f"{failed} problem{'s' * (failed != 1)}, {rest}."
    if missing := unasked(rows):
        return f"Not checked: {missing}, {rest}."
    return f"Nothing failed, {rest}." if warned else "No problems found."


def unasked(rows: Sequence[Row]) -> str:
    """What the gateway should have been asked and was not, so that nothing is known; empty if it was asked."""
    verdicts = {row.id: row.verdict for row in rows}
    alive = verdicts.get("gateway.alive")
    if alive is not None and (alive.status == "skip" or alive.because):
        return "the gateway was not asked"
    late = any(it.status == "warn" and it.because for name in _BEFORE_KEY if (it := verdicts.get(name)))
    return "the time was over before the key was tried" if late else ""


def _live(schedule: Schedule, title: str) -> list[Row]:
    from rich.console import Group
    from rich.live import Live
    from rich.padding import Padding
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    from claude_gw_cli.cli.screen import Screen

    console = Screen(highlight=False)
    spinner = Spinner("dots", style="cyan")

    title_width = min(_TITLE, console.width - _BESIDE_TITLE)
    room = console.width - title_width - _BESIDE_TITLE - 1
    """Columns for a note beside its title; a word that does not fit there has them all, below."""

    def started() -> Table:
        table = Table.grid(padding=(0, 1), expand=True)  # only then it is the last column that shrinks
        table.add_column(width=2, justify="right")
        table.add_column(width=title_width)
        table.add_column(width=7, justify="right", style="dim")
        table.add_column(ratio=1, style="dim")
        return table

    def checklist() -> Group:
        parts: list[RenderableType] = [table := started()]
        for row in settled(schedule.rows):
            if row is None:
                continue
            verdict = row.verdict
            mark: RenderableType = spinner
            note = seconds = ""
            if verdict is not None:
                mark = Text(*_MARKS[verdict.status])
                note = "" if verdict.status in _EXPLAINED else _note(verdict)
                seconds = "" if verdict.status == "skip" else f"{row.seconds:.2f} s"
            is_beside = _fits(note, room)
            table.add_row(mark, Text(row.title), seconds, Text(note if is_beside else ""))
            if note and not is_beside:
                parts += [Padding(Text(note, "dim"), (0, 0, 0, 3)), table := started()]
        return Group(*parts)

    def details(rows: Sequence[Row]) -> Group:
        parts: list[RenderableType] = []
        for row, verdict in _troubled(rows):
            mark, style = _MARKS[verdict.status]
            parts += [Text(), Text(f" {mark} {row.title}", style), Padding(Text(verdict.cause), (0, 0, 0, 3))]
            if verdict.evidence:
                parts.append(Padding(Text(verdict.evidence, "dim"), (0, 0, 0, 3)))
            parts += [step(line, "cyan", (0, 0, 0, 3)) for line in verdict.help.splitlines()]
        parts += [step(hint, "dim", (1, 0, 0, 1)) for hint in _hints(rows)]
        return Group(*parts)

    def step(text: str, style: str, around: tuple[int, int, int, int]) -> RenderableType:
        """A next step: it goes on below its text, and a command stays whole."""
        return Padding(Text(wrapped(f"→ {text}", console.width - around[3]), style), around)

    _, name, rest = wrapped(f" cgw doctor  {title}", console.width).partition("cgw doctor")
    console.print(Text.assemble("\n ", (name, "bold"), f"{rest}\n"))
    with Live(checklist(), console=console, refresh_per_second=12) as live:
        rows = run_settled(schedule, lambda: live.update(checklist()))
    console.print(details(rows))
    console.print(Text(f"\n {_closing(rows)}", "bold"))
    return rows
