"""Files as people publish them, in which nothing is wrong: every one is read or named, and nothing is reported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check

SAMPLE = Path(__file__).parent / "sample"
FILES = sorted(str(path.relative_to(SAMPLE)) for path in SAMPLE.rglob("*") if path.is_file())
OTHERS = {".gemini/settings.json", "misc/en.json", "misc/image.yaml", "misc/mcp.json", "misc/openapi.yaml"}
"""Names of the client's variables that another program's file has: texts, forms to fill in, other processes."""
TEMPLATES = {"helm/templates/deployment.yaml"}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_reported(isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    shutil.copyfile(SAMPLE / name, path)
    path.chmod(0o644)
    for way in (path, tmp_path):
        check(paths=(str(way),), format_="json")
        found = json.loads(capfd.readouterr().out)
        assert [item for item in found["findings"] if item["severity"] != "info"] == []
        assert found["checked"] == ([] if name in OTHERS | TEMPLATES else [str(path)])
        assert len(found["not_judged"]) == (name in TEMPLATES or (name in OTHERS and way == path))
