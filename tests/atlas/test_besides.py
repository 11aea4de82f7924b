"""What a whole start asks for beside the prompt's request, as nine releases did it (``besides.jsonl.gz``)."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import laboratory  # noqa: E402 - this folder is no package

with gzip.open(HERE / "besides.jsonl.gz", "rt", encoding="utf-8") as _lines:
    ROWS: list[dict[str, Any]] = [json.loads(line) for line in _lines]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['version']} {row['case']}")
def test_further_requests_are_predicted(row: dict[str, Any]) -> None:
    found = laboratory.predicted(row["version"], row["config"]).also
    # The token URL is in the credential file; a host beyond the recorder is seen as the CONNECT of its proxy.
    asked = {
        "POST /google/token"
        if "token URL" in item.url
        else f"CONNECT {item.url.split('/')[2]}:443"
        if item.url.startswith("https://")
        else f"{item.method} {item.url.removeprefix(laboratory.URL)}"
        for item in found
    }
    assert asked == set(row["also"])
    assert {item.method + " " + item.url for item in found if not item.credential} >= {
        f"{request} {laboratory.URL}{path}" for request, path in row["without_credential"]
    }


def test_several_releases_and_providers_are_recorded() -> None:
    assert len({row["version"] for row in ROWS}) >= 9
    assert {row["case"] for row in ROWS} >= {"bed.keys", "bed.skip", "vtx.google", "mtl.bearer", "anth.disc"}
