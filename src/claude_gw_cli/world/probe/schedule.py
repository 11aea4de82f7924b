"""Runs probes: each in its own thread, as soon as what it needs is there, never beyond its time.

A probe that hangs, crashes or is overdue fails alone. Threads are daemons and are never joined: what hangs in a
name look-up or a store's library must keep neither the caller nor the process waiting.
"""

from __future__ import annotations

import queue
import threading
import time

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.errors import CgwError
from claude_gw_cli.hints import TYPE_CHECKING
from claude_gw_cli.record import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    _T = TypeVar("_T")

TOTAL = 8.0
"""Seconds from the start of the process to its last probe's end; what comes after it takes a tenth or two."""
EACH = 5.0
"""A LiteLLM that has just been started needs some seconds for its first request of each kind (measured)."""
PATIENCE = 4.0
"""Seconds; a probe that was given less ended because the time for all of them did."""
_RESERVE = 1.0
"""Seconds that are left for a question after waiting for another probe."""
_STEP = 0.005
_OVERDUE = {
    "dns": "this machine's DNS does not answer: check network and VPN",
    "secret": "is the store locked, or waiting for you to sign in?",
}


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """What a probe is given: the values of the probes that it needs, and until when it may work."""

    found: Mapping[str, object]
    deadline: float
    """On the monotonic clock."""
    look: Callable[[str], Verdict | None] = lambda _: Verdict("skip")
    """The verdict of another probe; ``None`` while there is none."""

    def value(self, probe: str, kind: type[_T]) -> _T:
        """The value that a needed probe left.

        Raises:
            TypeError: it left none of this kind.
        """
        value = self.found.get(probe)
        if not isinstance(value, kind):
            raise TypeError(probe)
        return value

    def later(self, probe: str) -> object:
        """The value of a probe that may still run beside this one; ``None`` if it leaves none before the deadline."""
        while (verdict := self.look(probe)) is None and time.monotonic() < self.deadline - _RESERVE:
            time.sleep(_STEP)
        return verdict.value if verdict else None


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to find out."""

    id: str
    title: str
    run: Callable[[ProbeContext], Verdict]
    needs: tuple[str, ...] = ()
    """None of these may fail."""
    seconds: float = EACH
    one_of: tuple[str, ...] = ()
    """The first of these that leaves a value is enough; nothing is said about the others."""


@dataclass(frozen=True, slots=True)
class Row:
    """A probe and what it found; ``verdict`` is ``None`` while it runs."""

    id: str
    title: str
    seconds: float
    verdict: Verdict | None


class Schedule:
    """One run over some probes; ``rows`` is what is known so far, in their order."""

    def __init__(self, probes: Sequence[Probe], total: float = TOTAL) -> None:
        self._probes = {probe.id: probe for probe in probes}
        self._total = total
        self._rows: dict[str, Row] = {}
        self._blocked: dict[str, str] = {}
        self._started: dict[str, float] = {}
        self._ended: queue.SimpleQueue[tuple[str, Verdict, float]] = queue.SimpleQueue()

    @property
    def rows(self) -> list[Row | None]:
        """One entry per probe in the order given; ``None`` where it has not been started."""
        return [self._rows.get(name) for name in self._probes]

    def run(self, changed: Callable[[], object] = lambda: None) -> list[Row]:
        """Run all of them; ``changed`` is called in this thread after every change of ``rows``."""
        end = time.monotonic() + self._total
        while True:
            while self._start_ready(end):
                pass  # a probe that is skipped decides about those that need it
            changed()
            running = {name: self._due(name, end) for name in self._started if self._rows[name].verdict is None}
            if not running:
                return [self._rows[name] for name in self._probes]
            try:
                name, verdict, ended = self._ended.get(timeout=max(min(running.values()) - time.monotonic(), 0))
            except queue.Empty:
                for name, due in running.items():
                    if time.monotonic() >= due:
                        over = not_checked(name) if due == end else _overdue(self._probes[name])
                        self._finish(name, over, due)
                continue
            if name in running:
                self._finish(name, verdict, ended)

    def _due(self, name: str, end: float) -> float:
        return min(self._started[name] + self._probes[name].seconds, end)

    def _start_ready(self, end: float) -> bool:
        """Start or skip what can be decided now; true when anything was."""
        decided = False
        for probe in self._probes.values():
            if probe.id in self._rows:
                continue
            culprit = next((self._blocked[need] for need in probe.needs if need in self._blocked), None)
            waits, source = self._source(probe)
            if culprit is None and probe.one_of and not waits and source is None:
                culprit = next(
                    (self._blocked[name] for name in probe.one_of if name in self._blocked), probe.one_of[0]
                )
            if culprit is not None:
                reason = f"needs “{self._probes[culprit].title}” first"
                self._finish(probe.id, Verdict("skip", reason), None, culprit)
            elif time.monotonic() >= end:
                reason = f"the {self._total:.0f} s for all probes are over"
                self._finish(probe.id, Verdict("skip", reason), None, probe.id)
            elif not waits and all(self._verdict(need) for need in probe.needs):
                self._start(probe, min(time.monotonic() + probe.seconds, end))
            else:
                continue
            decided = True
        return decided

    def _look(self, name: str) -> Verdict | None:
        return self._verdict(name) if name in self._probes else Verdict("skip")

    def _verdict(self, name: str) -> Verdict | None:
        row = self._rows.get(name)
        return row.verdict if row else None

    def _source(self, probe: Probe) -> tuple[bool, str | None]:
        """Whether to wait for one of ``one_of``, and the first that left a value."""
        for name in probe.one_of:
            if name not in self._probes:
                continue
            verdict = self._verdict(name)
            if verdict is None:
                return True, None
            if verdict.value is not None:
                return False, name
        return False, None

    def _start(self, probe: Probe, deadline: float) -> None:
        verdicts = {name: self._verdict(name) for name in (*probe.needs, *probe.one_of)}
        found = {name: verdict.value for name, verdict in verdicts.items() if verdict}
        self._started[probe.id] = time.monotonic()
        self._rows[probe.id] = Row(probe.id, probe.title, 0.0, None)

        def work() -> None:
            try:
                verdict = probe.run(ProbeContext(found, deadline, self._look))
            except CgwError as error:
                verdict = Verdict("fail", error.message, "", error.hint)
            except Exception as error:  # noqa: BLE001 - one broken probe must not take the others along
                verdict = _crashed(error)
            self._ended.put((probe.id, verdict, time.monotonic()))

        threading.Thread(target=work, name=probe.id, daemon=True).start()

    def _finish(self, name: str, verdict: Verdict, ended: float | None, culprit: str | None = None) -> None:
        probe = self._probes[name]
        seconds = 0.0 if ended is None else ended - self._started[name]
        self._rows[name] = Row(name, probe.title, seconds, verdict)
        if verdict.status == "fail" or culprit or verdict.because:
            self._blocked[name] = culprit or verdict.because or name


def not_checked(name: str, seconds: float = TOTAL) -> Verdict:
    """The verdict of a probe for which the time was too short; what needs it is not asked."""
    cause = f"Not checked: the {seconds:.0f} s for all probes are over."
    return Verdict("warn", cause, "", "try again: cgw doctor; the client waits longer: claude -p hi", because=name)


def _overdue(probe: Probe) -> Verdict:
    cause = f"This did not finish within {probe.seconds:.0f} s."
    return Verdict("fail", cause, "", _OVERDUE.get(probe.id, "try again: cgw doctor"))


def _crashed(error: BaseException) -> Verdict:
    """A bug as its type and place, without any value (values may be secret)."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""
    return Verdict(
        "fail", "This probe crashed; that is a bug in cgw.", f"{type(error).__name__}{place}", "report this line"
    )
