"""What cgw predicts for each starter against every start that was recorded through the real package."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import starters

from claude_gw_cli.core.starting import chosen_starter


def test_every_recorded_start_is_predicted() -> None:
    wrong = [line for row in starters.recordings() for line in starters.disagreements(row)]
    assert not wrong, "\n".join(wrong)


def test_the_recordings_are_those_of_the_cases() -> None:
    rows = {(row["starter"], row["case"]): row for row in starters.recordings()}
    assert rows.keys() == {(name, case) for name, cases in starters.CASES.items() for case in cases}
    for (name, case), row in rows.items():
        assert row["config"] == starters.CASES[name][case], f"{name} {case}: measure it again"
        assert row["release"] == chosen_starter(name)[1], f"{name}: measure the newest release again"


def test_each_starter_has_at_least_twelve_starts_of_both_outcomes() -> None:
    for name in starters.CASES:
        asked = [row["observed"]["requests"] > 0 for row in starters.recordings() if row["starter"] == name]
        assert len(asked) >= 12, name
        assert {True, False} == {*asked}, name
