"""Prediction equals observation, for every recording of the real client that the input model can express."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from claude_gw_cli.core.predict.model import Prediction
from claude_gw_cli.core.predict.prediction import predict


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


recording = _load("recording")
ALL = recording.recordings()
CREDENTIALS = ("authorization", "x-api-key", "proxy-authorization")


def beyond_the_model(row: dict[str, object], prediction: Prediction) -> str:
    """Why a recording shows something that no configuration decides; ``""`` when it does not."""
    observed = row["observed"]
    assert isinstance(observed, dict)
    url = prediction.request.url if prediction.request else ""
    if observed["requests"] == 0 and url and not url.startswith((recording.URL, "http://gw.invalid")):
        return "the recorder's machine could not reach that host"
    return ""


def told(row: dict[str, object], prediction: Prediction) -> list[str]:
    """Every difference between a recording and its prediction."""
    observed = row["observed"]
    assert isinstance(observed, dict)
    if (observed["requests"] == 0) != (prediction.outcome == "refused"):
        return [f"{prediction.outcome} ({prediction.reason}), but {observed['requests']} requests"]
    if prediction.request is None:
        return []
    found = []
    for name in CREDENTIALS:
        seen, header = observed[name], prediction.headers[name]
        if not header.certain and seen is None:
            continue
        if header.present != (seen is not None):
            found.append(f"{name}: {header} but {seen!r}")
        elif header.known and header.text() != (seen and seen.replace(" ||DUP|| ", ", ")):
            found.append(f"{name}: {header.text()!r} but {seen!r}")
        elif not header.known and not seen.startswith(header.prefix.strip()):
            found.append(f"{name}: {header.prefix!r} but {seen!r}")
    # A hop of the HTTP proxy, not of the client's headers.
    others = {k: v for k, v in (observed.get("other_headers") or {}).items() if k != "proxy-connection"}
    mine = {
        name: item.text() for name, item in prediction.headers.items() if name not in CREDENTIALS and item.present
    }
    if mine != others:
        found.append(f"other headers {mine} but {others}")
    url = prediction.request.url.replace(recording.URL, "")
    if url != observed["url"]:
        found.append(f"url {url} but {observed['url']}")
    if observed["model"] and prediction.request.model != observed["model"]:
        found.append(f"model {prediction.request.model} but {observed['model']}")
    return found


# The recorder kept the last request of a start. In these the last one was the client's own, to its small model.
BACKGROUND = {
    ("2.0.45", "c2.anth.ch.auth-only"),
    ("2.0.50", "c2.anth.ch.auth-only"),
    ("2.0.59", "c2.anth.ch.auth-only"),
    ("2.0.45", "c2.fnd.fkey+tok"),
    ("2.1.105", "c2.bed.noskip.aws+tok"),
    ("2.1.105", "c2.flag.skipbed=0"),
}


def test_every_recording_is_predicted() -> None:
    wrong: list[str] = []
    unpredictable: Counter[str] = Counter()
    for row in ALL:
        shot = recording.snapshot(row)
        prediction = predict(shot, helper_run=recording.helper_run(row, shot))
        reason = beyond_the_model(row, prediction)
        if reason:
            unpredictable[reason] += 1
            continue
        differences = told(row, prediction)
        if (row["version"], row["case"]) in BACKGROUND:
            assert all(item.startswith(("url", "model")) for item in differences)
            assert differences
            assert "haiku" in differences[0]
            unpredictable["the recorded request is the client's own, to its small model"] += 1
            continue
        wrong += [f"{row['version']} {row['case']}: {item}" for item in differences]
    assert not wrong, "\n".join(wrong[:40])
    assert len(ALL) == 1419
    assert unpredictable == {
        "the recorder's machine could not reach that host": 19,
        "the recorded request is the client's own, to its small model": 6,
    }


@pytest.mark.parametrize("version", sorted({row["version"] for row in ALL}))
def test_every_recorded_version_predicts_without_its_helper_being_run(version: str) -> None:
    for row in ALL:
        if row["version"] == version:
            prediction = predict(recording.snapshot(row))
            for header in prediction.headers.values():
                if header.source and header.source.kind == "helper":
                    assert header.value is None


def test_the_corners_that_were_measured_for_this_model_are_predicted(tmp_path: Path) -> None:
    """Blanks, coercions, duplicate lines, failing helpers, odd flags and URLs; real files, real helpers."""
    wrong: list[str] = []
    rows = recording.recordings("corners.jsonl.gz")
    for number, row in enumerate(rows):
        shot, run = recording.on_disk(row, tmp_path / str(number))
        wrong += [f"{row['version']} {row['case']}: {item}" for item in told(row, predict(shot, helper_run=run))]
    assert len(rows) == 1569
    assert not wrong, "\n".join(wrong[:40])
