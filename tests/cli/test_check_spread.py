"""A large tree is checked by several processes, and the report is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check
from claude_gw_cli.world import spread


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("tree")
    for number in range(spread.ALONE + spread.BLOCK + 40):
        folder = top / f"project-{number:04}" / ".claude"
        folder.mkdir(parents=True)
        url = f"https://gateway.example/team-{number}" + "/v1" * (number % 7 == 0)
        text = json.dumps({"env": {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_MODEL": "opus"}}, indent=1)
        (folder / "settings.json").write_text(text[: -(number % 11 == 0) or None])
    (top / "project-0001" / ".envrc").write_text("export ANTHROPIC_BASE_URL=http://gateway.example\n")
    (top / "cgw.toml").write_text('provider = "unified\n')
    return top


@pytest.mark.parametrize("format_", ["human", "json", "jsonl"])
def test_the_report_of_a_large_tree_does_not_depend_on_the_processes(
    format_: str, tree: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reports = []
    for count in (1, 3):
        monkeypatch.setattr(spread, "processes", lambda count=count: count)
        assert check(paths=(str(tree),), format_=format_) == 1
        reports.append(capfd.readouterr())
    assert reports[0] == reports[1]
    assert "project-0763" in reports[0].out
