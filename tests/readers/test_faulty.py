"""Files with mistakes in the places where people put them: each is found, at its line and column."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check

FAULTY = Path(__file__).parent / "faulty"
# File -> code, line and column of each error and warning.
EXPECTED = {
    "a1/.azuredevops/job.yaml": "CGW311:4:15 CGW501:16:29 CGW302:18:37",
    "b1/bitbucket-pipelines.yml": "CGW501:9:21 CGW311:11:39",
    "bk/.buildkite/pipeline.review.yaml": "CGW501:3:11 CGW311:4:27 CGW302:6:33",
    "c1/.circleci/config.yml": "CGW311:6:13 CGW501:12:20",
    "g1/.github/workflows/x.yaml": "CGW501:7:56 CGW111:9:12 CGW311:20:21 CGW132:17:19",
    "h1/charts/x/values-prod.yaml": "CGW501:3:13 CGW311:7:7",
    "j1/Jenkinsfile.review": "CGW501:2:7 CGW311:5:5 CGW111:6:5",
    "ju/Justfile": "CGW501:3:5 CGW311:4:7",
    "k1/kustomization.yml": "CGW111:3:14 CGW501:3:49",
    "k2/list.yaml": "CGW501:5:68 CGW111:7:10",
    "m1/GNUmakefile": "CGW501:2:1 CGW311:4:2 CGW111:5:21",
    "m2/ai.mk": "CGW501:2:1 CGW302:6:6",
    "p1/package.json": "CGW501:1:48 CGW311:1:137",
    "pr/claude-profiles.json": "CGW501:1:38 CGW311:1:114",
    "pr/envs.yml": "CGW501:2:3 CGW311:5:3",
    "t1/taskfile.dist.yaml": "CGW501:5:7 CGW311:8:12",
}


def test_every_file_is_listed() -> None:
    assert {str(path.relative_to(FAULTY)) for path in FAULTY.rglob("*") if path.is_file()} == {*EXPECTED}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_mistakes_are_found(isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    shutil.copyfile(FAULTY / name, path)
    path.chmod(0o600)
    for way in (path, tmp_path):
        assert check(paths=(str(way),), format_="json") == 1
        found = json.loads(capfd.readouterr().out)["findings"]
        seen = [f"{item['code']}:{item['line']}:{item['column']}" for item in found if item["severity"] != "info"]
        assert seen == EXPECTED[name].split()
