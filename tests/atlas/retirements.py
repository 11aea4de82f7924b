"""Read the last days of models from a client's program: python tests/atlas/retirements.py PROGRAM.

Prints the rows as facts/retired.txt has them. ``test_retirements.py`` compares the table with those of 2.1.332, and
with the program of the newest client in the parts cache.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

_ENTRY = re.compile(rb'"(claude-[\w-]+)":\{modelName:"[^"]+",retirementDates:\{([^}]*)\}')
_DATE = re.compile(r'(\w+):"(\w+ \d{1,2}, \d{4})"')
PROVIDERS = {
    "firstParty": "anthropic",
    "bedrock": "bedrock",
    "vertex": "vertex",
    "foundry": "foundry",
    "mantle": "mantle",
    "anthropicAws": "anthropic-aws",
    "anthropicGoogleCloud": "google-cloud",
    "gateway": "gateway",
}


def retirements(program: Path) -> dict[tuple[str, str], str]:
    """Model and provider -> the day, as ``2026-11-30``; empty for clients before 2.0.62."""
    return {
        (model.decode(), PROVIDERS[provider]): dt.datetime.strptime(day, "%B %d, %Y").date().isoformat()  # noqa: DTZ007
        for model, dates in _ENTRY.findall(program.read_bytes())
        for provider, day in _DATE.findall(dates.decode())
    }


if __name__ == "__main__":
    for (_model, _provider), _day in sorted(retirements(Path(sys.argv[1]).resolve()).items()):
        print(_model, _day, _provider)
