"""Wider ground: models, regions, logins, addresses, header lines, other providers (``turn2.jsonl.gz``).

Run as a program it prints the score of each theme: ``python tests/atlas/test_wider.py``.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import laboratory  # noqa: E402 - this folder is no package

# They were recorded without a proxy where they name none; the laboratory has one.
NO_PROXIES = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"), "")

with gzip.open(HERE / "turn2.jsonl.gz", "rt", encoding="utf-8") as _lines:
    ROWS = [json.loads(line) for line in _lines]
for _row in ROWS:
    _row["config"]["env"] = NO_PROXIES | _row["config"].get("env", {})

# Words of a case's name, first match -> theme.
THEMES = (
    ("logins and .claude.json", ("primary", "oat", "login")),
    ("non-ASCII credentials", ("nonascii", ".na.")),
    ("models: overrides and lists", ("ovr", "avail")),
    ("models: names and legacy", ("name.", "map.", "remap", "bedmodel", "mflag")),
    ("models: aliases and defaults", ("alias", "fable", "defmodel", "opusvar", "sonnetvar", "extra")),
    ("AWS files and profiles", ("profile", "nocreds", "aws.")),
    ("regions", ("region", "prefix", "world", "bed.eu", "proto.")),
    ("Google credentials", ("vtx.ea",)),
    ("base URLs", ("base.", "anth.", "user@", "v6")),
    ("further requests", ("side.",)),
)

SMALL_MODEL = "the recorded request is the client's own, to its small model"
PROBE = "the recorded request is a probe before the prompt's; `also` has it"

# The recorder kept the last request of a start.
OF_THE_SMALL_MODEL = {
    ("2.0.60", "avail.defvar"),
    ("2.0.60", "avail.user.env-gw"),
    ("2.1.105", "bed.eu.default"),
    ("2.1.107", "bed.eu.default"),
    ("2.0.60", "fable.anth"),
    ("2.0.60", "name.anth.o4"),
    ("2.0.60", "oat.project+login"),
    ("2.0.60", "ovr.anth.sonnet"),
    ("2.0.60", "ovr.bed.default"),
    ("2.0.60", "ovr.fnd.default"),
    ("2.0.60", "prefix.'EU'"),
    ("2.0.60", "primary+tok"),
    ("2.0.60", "vregion.ml.'US-EAST5'"),
    ("2.1.107", "vregion.ml.'US-EAST5'"),
    ("2.0.60", "vregion.own.'US-EAST5'"),
}
OF_A_PROBE = {("2.1.191", "nocreds+tok"), ("2.1.200", "nocreds+tok"), ("2.1.200", "aws.profile-missing")}


def theme(case: str) -> str:
    """The theme of a case."""
    return next((name for name, words in THEMES if any(word in case for word in words)), "other")


def explained(row: dict[str, Any], found: list[str]) -> str:
    """Why a recording shows something else than the prompt's request; ``""`` when it does not."""
    start = (row["version"], row["case"].removeprefix("lab."))
    if start in OF_THE_SMALL_MODEL and all(": url:" in line or ": model:" in line for line in found):
        return SMALL_MODEL if "haiku" in (row["observed"]["model"] or row["observed"]["url"]) else ""
    probes = laboratory.predicted(row["version"], row["config"]).also if start in OF_A_PROBE else ()
    asked = (item for item in probes if "ANTHROPIC_AUTH_TOKEN" in item.credential)
    return PROBE if any(item.url.endswith(row["observed"]["url"]) for item in asked) else ""


def differing() -> tuple[list[str], Counter[str], Counter[str], Counter[str]]:
    """Unexplained disagreements, the explained ones by reason, and rows and right ones by theme."""
    wrong: list[str] = []
    reasons: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in ROWS:
        found = laboratory.disagreements(row)
        reason = explained(row, found) if found else ""
        asked[theme(row["case"])] += 1
        right[theme(row["case"])] += not found or bool(reason)
        if reason:
            reasons[reason] += 1
        else:
            wrong += found
    return wrong, reasons, asked, right


def test_every_recording_of_the_wider_ground_is_predicted() -> None:
    wrong, reasons, asked, _ = differing()
    assert not wrong, "\n".join(wrong[:40])
    assert asked.total() == 472
    assert reasons == {SMALL_MODEL: 15, PROBE: 3}


@pytest.mark.parametrize("name", [name for name, _ in THEMES])
def test_a_theme_has_recordings(name: str) -> None:
    assert sum(theme(row["case"]) == name for row in ROWS) >= 3


if __name__ == "__main__":
    _wrong, _reasons, _asked, _right = differing()
    print("\n".join(_wrong))
    for _name in _asked:
        print(f"{_name:32} {_right[_name]:4} of {_asked[_name]:4}")
    print(f"{_right.total()} of {_asked.total()}; explained: {dict(_reasons)}")
