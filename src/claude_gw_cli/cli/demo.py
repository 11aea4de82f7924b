"""``cgw demo``: every provider mode from profile to answered request, with no infrastructure at all."""

from __future__ import annotations

import os
import shutil
import sys
import time
from concurrent.futures import as_completed
from itertools import chain
from typing import TYPE_CHECKING

from claude_gw_cli.cli.out import info, use_color, write_stdout
from claude_gw_cli.core.errors import EXIT_FINDINGS, EXIT_OK, UsageError
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.plan import key_header, make_plan, mode_of
from claude_gw_cli.core.secret import mask
from claude_gw_cli.core.words import counted
from claude_gw_cli.facts.modes import MODES
from claude_gw_cli.facts.versions import holds
from claude_gw_cli.record import dataclass, replace
from claude_gw_cli.world.children import workers
from claude_gw_cli.world.client import Run, client_version, find_client, run_client
from claude_gw_cli.world.profile_run import Outcome, Send, Way, run_profile
from claude_gw_cli.world.signals import end_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.table import Table

WAYS: tuple[Way, ...] = ("environment", "settings")
_SECONDS = 60.0
"""How long one client start may take: it takes one, but on a busy machine ten."""
_BESIDE_A_CLOUD_CREDENTIAL = ("x-litellm-api-key", "proxy-authorization")
"""Where the gateway's key can travel when this machine's own credential needs Authorization."""
_STYLES = {"✓": "green", "✗": "bold red", "–": "dim", "…": "dim"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the demo: a profile, and the outcome of both ways to configure the client."""

    profile: Profile
    environment: Outcome | None = None
    settings: Outcome | None = None
    unsupported: str = ""
    """Why the installed client cannot do this."""

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes so far."""
        return tuple(item for item in (self.environment, self.settings) if item)

    @property
    def done(self) -> bool:
        """Nothing more will happen on this line."""
        return bool(self.unsupported) or len(self.outcomes) == len(WAYS)

    def cells(self, *, wide: bool) -> tuple[str, ...]:
        """The line as shown, one text for each column of ``_WIDE`` or ``_NARROW``."""
        profile = self.profile
        here = profile.credentials == "client"
        ways = [_shown(item, self.unsupported) for item in (self.environment, self.settings)]
        if wide:
            holder = "this machine" if here else "gateway"
            path = mode_of(profile).base_path or "/"
            return profile.provider, holder, profile.auth, _arrived(self), path, *ways
        provider = f"{profile.provider} (this machine)" if here else profile.provider
        return provider, profile.auth, key_header(profile), *ways


_WAYS = {"environment": 11, "settings": 8}
_WIDE = {"provider": 13, "credential": 12, "auth": 6, "the key arrived in": 33, "path": 13, **_WAYS}
"""Heading -> width of its longest text."""
_NARROW = {"provider": 22, "auth": 6, "the key arrived in": 19, **_WAYS}
"""For 80 columns: who holds the cloud credential is told where it is not the gateway."""
_WIDE_FROM = 110


def demo(*, client: str | None = None) -> int:
    """Run every mode and show what arrived. Returns 0 only if every request was answered."""
    end_in_order()
    send, version, who = _sender(client, os.environ)
    rows = [_row(profile, version) for profile in profiles()]
    write_stdout(
        f"A gateway on 127.0.0.1 requires its fake key; nothing leaves this machine.\nThe client is {who}.\n\n"
    )
    started = time.monotonic()
    paint = _paint_live if use_color(sys.stdout) else _paint_plain
    rows = paint(rows, _walk(rows, send))
    return _summary(rows, time.monotonic() - started)


def profiles() -> Iterator[Profile]:
    """One profile for every mode, holder of the credential, and way in which its key usually travels."""
    for mode in MODES:
        base = Profile(
            name=f"demo-{mode.provider}",
            provider=mode.provider,
            credentials=mode.credentials,
            project_id="demo-project",
            workspace_id="wrkspc_demo",
        )
        for header, _ in mode.carriers:
            yield replace(base, key_header=header)
        for header, carrier in mode.carriers:
            if carrier.helper and header == mode.default_header:
                yield replace(base, key_header=header, auth="helper")
        if not mode.carriers:  # this machine's own credential fills the client's headers
            for header in _BESIDE_A_CLOUD_CREDENTIAL:
                yield replace(base, key_header=header)


def _sender(client: str | None, env: Mapping[str, str]) -> tuple[Send, str, str]:
    """How to send, the client version to plan for, and how to name it."""
    program = find_client(env, client)
    if program is None:
        from claude_gw_cli.facts.versions import newest
        from claude_gw_cli.world.predicted_client import as_predicted

        info("cgw: Claude Code is not installed here (or not on PATH)\n  If it is elsewhere: cgw demo --client PATH")
        return (
            as_predicted(newest()),
            newest(),
            f"a simulation that sends what cgw predicts for Claude Code {newest()}",
        )
    version = client_version(program, env)
    if version is None:
        raise UsageError(f"{program} does not report its version", hint=f"Try it by hand: {program} --version")

    def send(start_env: Mapping[str, str], folder: Path) -> Run:
        return run_client(program, start_env, folder, timeout=_SECONDS)

    return send, version, f"the real Claude Code {version}"


def _row(profile: Profile, version: str) -> Row:
    make_plan(profile)  # a plan that fails for every version is a bug, not an old client
    try:
        make_plan(replace(profile, min_client_version=version))
    except UsageError as error:
        return Row(profile, unsupported=error.message)
    if profile.key_header == "proxy-authorization" and not holds("no-proxy", version):
        return Row(profile, unsupported=f"Claude Code {version} cannot be kept on this machine with this header")
    return Row(profile)


def _walk(rows: Sequence[Row], send: Send) -> Iterator[tuple[int, Row]]:
    """Run every row, two client starts at a time; yields (index, updated row) for each outcome."""
    current = list(rows)
    with workers(2) as pool:
        jobs = {
            pool.submit(run_profile, row.profile, way, send): (index, way)
            for index, row in enumerate(rows)
            if not row.unsupported
            for way in WAYS
        }
        for job in as_completed(jobs):
            index, way = jobs[job]
            outcome = job.result()
            row = current[index]
            row = replace(row, environment=outcome) if way == "environment" else replace(row, settings=outcome)
            current[index] = row
            yield index, row


def _paint_plain(rows: Sequence[Row], steps: Iterator[tuple[int, Row]]) -> list[Row]:
    """Line by line in the order of the table, each as soon as it and those before it are known."""
    current = list(rows)
    fallback = 80 if sys.stdout.isatty() else _WIDE_FROM  # a file has any width
    wide = shutil.get_terminal_size((fallback, 24)).columns >= _WIDE_FROM
    widths = tuple((_WIDE if wide else _NARROW).values())
    write_stdout(_line(tuple(_WIDE if wide else _NARROW), widths))
    shown = 0
    for index, row in chain([(0, current[0])], steps):
        current[index] = row
        while shown < len(current) and current[shown].done:
            write_stdout(_line(current[shown].cells(wide=wide), widths))
            shown += 1
    return current


def _paint_live(rows: Sequence[Row], steps: Iterator[tuple[int, Row]]) -> list[Row]:
    """The whole table at once, filling up."""
    from rich.live import Live

    from claude_gw_cli.cli.screen import Screen

    current = list(rows)
    console = Screen()
    wide = console.width >= _WIDE_FROM
    with Live(_table(current, wide=wide), console=console, refresh_per_second=8) as live:
        for index, row in steps:
            current[index] = row
            live.update(_table(current, wide=wide))
    return current


def _table(rows: Sequence[Row], *, wide: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for heading, width in (_WIDE if wide else _NARROW).items():
        table.add_column(heading, no_wrap=True, min_width=width)  # so that nothing moves when a key arrives
    before: tuple[str, str] = ("", "")
    for row in rows:
        cells = [Text(cell, style=_STYLES.get(cell[:1], "")) for cell in row.cells(wide=wide)]
        provider, first = row.profile.provider, cells[0].plain
        if (provider, first) == before:
            cells[0] = Text("")
        elif before[0] not in ("", provider):
            table.add_section()
        before = provider, first
        table.add_row(*cells)
    return table


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() + "\n"


def _arrived(row: Row) -> str:
    """The key as the gateway saw it, masked; the header it is expected in as long as nothing has arrived."""
    for outcome in row.outcomes:
        value = outcome.request.header(outcome.key_header) if outcome.request else None
        if value:
            scheme, _, key = value.rpartition(" ")
            return f"{outcome.key_header}: {scheme} {mask(key)}".replace(":  ", ": ")
    return key_header(row.profile)


def _shown(outcome: Outcome | None, unsupported: str) -> str:
    if outcome is None:
        return "–" if unsupported else "…"
    took = f"{outcome.seconds:.1f} s" if outcome.seconds >= 0.1 else f"{outcome.seconds * 1000:.0f} ms"
    return f"{'✓' if outcome.answered else '✗'} {took}"


def _summary(rows: Sequence[Row], seconds: float) -> int:
    outcomes = [outcome for row in rows for outcome in row.outcomes]
    answered = sum(outcome.answered for outcome in outcomes)
    lines = [f"\n{answered} of {counted(len(outcomes), 'request')} answered in {seconds:.0f} s.\n"]
    for row in rows:
        what = f"{row.profile.provider}, {row.cells(wide=True)[1]}, {row.profile.auth}, {key_header(row.profile)}"
        if row.unsupported:
            lines.append(f"– {what}: {row.unsupported}\n")
        for way, outcome in zip(WAYS, (row.environment, row.settings), strict=True):
            if outcome and not outcome.answered:
                lines.append(f"✗ {what}, {way}: {outcome.reason}\n")
    write_stdout("".join(lines))
    if answered and answered == len(outcomes):
        info("Your own gateway is next:\n  cgw init --provider unified --gateway-url URL --secret env://NAME")
        return EXIT_OK
    return EXIT_FINDINGS
