from __future__ import annotations

import threading
import time

import pytest

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.errors import UnavailableError
from claude_gw_cli.world.probe.schedule import Probe, ProbeContext, Row, Schedule

FINE = Verdict("ok")


def ok(_: ProbeContext) -> Verdict:
    return FINE


def hang(_: ProbeContext) -> Verdict:
    time.sleep(60)
    return FINE


def by_id(rows: list[Row]) -> dict[str, Verdict]:
    return {row.id: row.verdict for row in rows if row.verdict}


def test_ten_hanging_probes_at_once_end_within_the_total() -> None:
    started = time.monotonic()
    rows = Schedule([Probe(f"p{i}", "P", hang, seconds=30) for i in range(10)], total=0.5).run()
    assert time.monotonic() - started < 2.5
    assert [row.verdict.status for row in rows if row.verdict] == ["warn"] * 10


def test_one_hanging_probe_fails_alone_and_at_its_own_time() -> None:
    started = time.monotonic()
    found = by_id(Schedule([Probe("slow", "S", hang, seconds=0.3), Probe("good", "G", ok)], total=30).run())
    assert time.monotonic() - started < 5
    assert found["slow"].status == "fail"
    assert "did not finish" in found["slow"].cause
    assert found["good"] == FINE


def test_a_crash_is_a_row_without_the_exceptions_text() -> None:
    def crash(_: ProbeContext) -> Verdict:
        raise ValueError("cgw-canary-secret")

    found = by_id(Schedule([Probe("bad", "B", crash), Probe("good", "G", ok)]).run())
    assert found["bad"].status == "fail"
    assert "crashed" in found["bad"].cause
    assert "ValueError at test_probe_schedule.py" in found["bad"].evidence
    assert "canary" not in str(found["bad"])
    assert found["good"].status == "ok"


def test_a_deliberate_error_becomes_cause_and_help() -> None:
    def refuse(_: ProbeContext) -> Verdict:
        raise UnavailableError("the store is sealed", hint="unseal it")

    found = by_id(Schedule([Probe("secret", "S", refuse)]).run())
    assert found["secret"] == Verdict("fail", "the store is sealed", "", "unseal it")


def test_what_needs_a_failed_probe_is_skipped_and_names_the_first_culprit_in_any_order() -> None:
    def fail(_: ProbeContext) -> Verdict:
        return Verdict("fail", "broken")

    probes = [
        Probe("last", "Last", ok, ("middle",)),
        Probe("middle", "Middle", ok, ("first",)),
        Probe("first", "The first", fail),
    ]
    found = by_id(Schedule(probes).run())
    assert found["last"] == found["middle"] == Verdict("skip", "needs “The first” first")


def test_a_probe_that_does_not_apply_does_not_block_what_needs_it() -> None:
    found = by_id(Schedule([Probe("tls", "T", lambda _: Verdict("skip")), Probe("alive", "A", ok, ("tls",))]).run())
    assert found["alive"].status == "ok"


def test_values_travel_to_the_probes_that_need_them_and_to_no_other() -> None:
    seen: list[object] = []

    def look(moment: ProbeContext) -> Verdict:
        seen.append(dict(moment.found))
        with pytest.raises(TypeError):
            moment.value("secret", int)
        return FINE

    Schedule(
        [
            Probe("secret", "S", lambda _: Verdict("ok", value="key")),
            Probe("other", "O", lambda _: Verdict("ok", value="other")),
            Probe("key", "K", look, ("secret",)),
        ]
    ).run()
    assert seen == [{"secret": "key"}]


def test_a_probe_can_wait_for_one_beside_it() -> None:
    seen: list[object] = []

    def slow(_: ProbeContext) -> Verdict:
        time.sleep(0.2)
        return Verdict("ok", value="late")

    def look(moment: ProbeContext) -> Verdict:
        seen.extend((moment.later("slow"), moment.later("not there")))
        return FINE

    probes = [Probe("slow", "S", slow), Probe("quick", "Q", look), Probe("never", "N", hang, seconds=60)]
    probes.append(Probe("patient", "P", lambda moment: Verdict("ok", str(moment.later("never"))), seconds=1.2))
    found = by_id(Schedule(probes, total=3).run())
    assert seen == ["late", None]
    assert found["patient"] == Verdict("ok", "None")


def test_when_the_time_is_over_nothing_more_is_started() -> None:
    def slow(_: ProbeContext) -> Verdict:
        time.sleep(0.4)
        return FINE

    found = by_id(Schedule([Probe("a", "A", slow), Probe("b", "B", ok, ("a",))], total=0.2).run())
    assert (found["a"].status, found["a"].cause[:11]) == ("warn", "Not checked")
    assert found["b"].status == "skip"


def test_rows_fill_in_while_probes_run() -> None:
    go = threading.Event()

    def wait(_: ProbeContext) -> Verdict:
        go.wait(5)
        return FINE

    schedule = Schedule([Probe("quick", "Q", ok), Probe("later", "L", wait)])
    pictures: list[list[bool | None]] = []

    def changed() -> None:
        pictures.append([row.verdict is not None if row else None for row in schedule.rows])
        if pictures[-1] == [True, False]:
            go.set()

    schedule.run(changed)
    assert [False, False] in pictures
    assert [True, False] in pictures
    assert pictures[-1] == [True, True]


def test_a_verdict_that_comes_too_late_is_not_heard() -> None:
    def late(_: ProbeContext) -> Verdict:
        time.sleep(0.3)
        return FINE

    def longer(_: ProbeContext) -> Verdict:
        time.sleep(0.8)
        return FINE

    found = by_id(Schedule([Probe("late", "L", late, seconds=0.1), Probe("longer", "X", longer)]).run())
    assert found["late"].status == "fail"
    assert found["longer"].status == "ok"
