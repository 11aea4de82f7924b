"""What was measured on the wider ground while its facts were written, and its random starts (``wider.jsonl.gz``).

``managed.jsonl.gz`` has 158 set-ups of managed documents on two releases: invalid texts, wrong members, drop-ins.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import laboratory  # noqa: E402 - this folder is no package


def _rows(name: str) -> list[dict[str, Any]]:
    with gzip.open(HERE / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


ROWS = [*_rows("wider.jsonl.gz"), *_rows("managed.jsonl.gz")]

# Left as they are, with the reason.
LEFT = {
    ("2.1.200", "seed.71003"): "a host with a user name is not found, but the recorder's HTTP proxy was asked for it",
    (
        "2.1.332",
        'model.extra.{"messages":[]}',
    ): "the prompt itself was replaced: the recorder did not know the request",
}


def test_every_measurement_is_predicted() -> None:
    wrong: Counter[tuple[str, str]] = Counter()
    lines: list[str] = []
    for row in ROWS:
        found = laboratory.disagreements(row)
        if found:
            wrong[row["version"], row["case"]] += 1
            lines += found
    assert set(wrong) == set(LEFT), "\n".join(lines[:40])
    assert len(ROWS) > 1100
