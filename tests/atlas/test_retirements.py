"""The last days of models are those in the notices of real clients, and the reader finds them in a program."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import laboratory  # noqa: E402 - this folder is no package
import measure  # noqa: E402
import retirements  # noqa: E402

from claude_gw_cli.core.predict.retired import retired, version_of  # noqa: E402
from claude_gw_cli.facts.models import CATALOG  # noqa: E402
from claude_gw_cli.facts.providers import BY_NAME  # noqa: E402
from claude_gw_cli.facts.retired import DAYS  # noqa: E402

NOTICE = re.compile(r"⚠ (Claude [\w. ]+) (was|will be) retired on (\w+ \d{1,2}, \d{4})\.")


def recorded() -> list[dict[str, Any]]:
    """Every recorded start whose client printed a notice, with what it said."""
    rows = []
    for path in sorted(HERE.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            asked = (row for row in map(json.loads, lines) if (row.get("observed") or {}).get("requests"))
            rows += [row for row in asked if NOTICE.search(str(row["observed"].get("says")))]
    return rows


ROWS = recorded()


def test_the_recordings_have_notices_of_several_models_and_providers() -> None:
    said = {NOTICE.search(row["observed"]["says"])[0] for row in ROWS}  # type: ignore[index]
    assert len(ROWS) >= 10
    assert len(said) >= 5


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['version']} {row['case']}")
def test_a_notice_is_what_the_prediction_says(row: dict[str, Any]) -> None:
    title, tense, day = NOTICE.search(row["observed"]["says"]).groups()  # type: ignore[union-attr]
    date = dt.datetime.strptime(day, "%B %d, %Y").replace(tzinfo=dt.UTC)
    prediction = laboratory.predicted(row["version"], row["config"])
    model = prediction.request.model if prediction.request else None
    assert model
    now = (date + dt.timedelta(days=1 if tense == "was" else -1)).timestamp()
    found = retired(model, prediction.provider, now, row["version"])
    assert found, title
    assert (found.day, found.is_past) == (date.date().isoformat(), tense == "was")
    assert any(found.name in line and found.day in line for line in prediction.sentences)


def test_every_row_is_of_a_provider_and_a_model() -> None:
    known = {model.id for model in CATALOG} | {"claude-3-opus"}
    assert {model for model, _ in DAYS} <= known
    assert {provider for _, provider in DAYS} <= BY_NAME.keys()
    assert all(version_of(model) for model, _ in DAYS)
    assert all(dt.date.fromisoformat(day) for day in DAYS.values())


def test_the_days_are_read_from_a_program(tmp_path: Path) -> None:
    program = tmp_path / "claude"
    program.write_bytes(
        b'\0x={"claude-x-1":{modelName:"Claude X 1",retirementDates:{firstParty:"May 4, 2027",bedrock:null,'
        b'anthropicAws:"June 30, 2027",gateway:null}},"claude-y-2":{modelName:"Claude Y 2",retirementDates:{'
        b'firstParty:null,vertex:"January 1, 2028"},remappedTo:"z"}};\0'
    )
    found = retirements.retirements(program)
    assert found == {
        ("claude-x-1", "anthropic"): "2027-05-04",
        ("claude-x-1", "anthropic-aws"): "2027-06-30",
        ("claude-y-2", "vertex"): "2028-01-01",
    }
    assert len(measure.retired_rows(found)) == 3
    assert measure.retired_rows(dict(DAYS)) == []
    program.write_bytes(b"no days")
    assert retirements.retirements(program) == {}
