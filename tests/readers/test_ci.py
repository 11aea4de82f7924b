"""Systems that run jobs: what ``cgw check`` finds in their files, and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check

# Name -> text, and what is found: code, line, column.
CASES: dict[str, tuple[str, list[tuple[str, int, int]]]] = {
    "Jenkinsfile": (
        (
            "pipeline {\n  environment {\n    // ANTHROPIC_MODEL = ''\n    CLAUDE_CODE_USE_BEDROCK = 'enabled'\n"
            "    ANTHROPIC_AUTH_TOKEN = credentials('key')\n    ANTHROPIC_BASE_URL = \"https://${HOST}/v1\"\n  }\n"
            "  stages { stage('a') {\n    environment { DISABLE_TELEMETRY = '0' }\n"
            "    steps { withEnv(['ANTHROPIC_AUTH_TOKEN=Bearer ' + env.KEY]) { sh 'claude -p x' } }\n  } }\n}\n"
        ),
        [("CGW311", 4, 5), ("CGW501", 6, 5), ("CGW111", 10, 22), ("CGW302", 9, 19)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_found_where_it_is(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, expected = CASES[name]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    for way in (path, tmp_path):
        check(paths=(str(way),), format_="json")
        found = json.loads(capfd.readouterr().out)
        assert found["checked"] == [str(path)]
        assert [(item["code"], item["line"], item["column"]) for item in found["findings"]] == expected
