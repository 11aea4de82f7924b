"""What the rules claim, measured again: the recordings of tests/atlas/claims.jsonl on the clients installed here.

``tests/rules/test_evidence.py`` holds each recording against the rule that names it, ``tests/atlas/test_found.py``
against the prediction. Here the real client makes every one of those starts once more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "atlas"))
import claims
import parts

pytestmark = pytest.mark.real


MEASURED = {row["version"] for row in claims.rows()}


@pytest.mark.parametrize("version", [version for version in parts.CLIENTS if version in MEASURED])
def test_the_client_still_does_what_the_recordings_show(version: str, client: Callable[[str], Path]) -> None:
    known = [row for row in claims.rows() if row["version"] == version]
    again = claims.measured(known, client)
    wrong = [line for before, after in zip(known, again, strict=True) for line in claims.changed(before, after)]
    assert not wrong, "\n".join(wrong)


def test_the_recordings_cover_old_and_new_clients() -> None:
    assert len(claims.rows()) > 200
    assert len(MEASURED) >= 15
