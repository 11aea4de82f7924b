"""A large tree is checked by several processes, and the report is the same."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


SETTINGS = '{"env": {"ANTHROPIC_BASE_URL": "https://gateway.example/v1", "ANTHROPIC_MODEL": "opus"}}'
ODD = {
    "a/.claude/settings.json": SETTINGS,
    "a/.claude/settings.local.json": SETTINGS,
    "a/.gitignore": "settings.local.json\n",
    "a/b/.gitignore": "!settings.local.json\n*.env\n",
    "a/b/.claude/settings.local.json": SETTINGS,
    "a/b/x.env": "ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
    "a-b.env": "ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
    "c/settings.json/.claude/settings.json": SETTINGS,
    "c/settings.json/settings.json/inner.sh": "export ANTHROPIC_BASE_URL=http://gateway.example\n",
    "c/.env/.env": "ANTHROPIC_BASE_URL=http://gateway.example\n",
    "d/.claude/settings.json": "{",
    "d/cgw.toml": 'provider = "unified\n',
    "closed/.claude/settings.json": SETTINGS,
    "e\x1b[31m\n/.env": "ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
    "f/web.sh": "source_env web.vars\nexport ANTHROPIC_BASE_URL=http://gateway.example\n",
    "f/web.vars": "export ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
    "f/z.sh": "source_env web.vars\n",
    "g/wide.sh": "export ANTHROPIC_BASE_URL=http://gateway.example # ".ljust((1 << 20) + 1, "x"),
    "node_modules/a/.env": "ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
    "h/next.js/.env": "ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
    "h/Dockerfile.md": "ENV ANTHROPIC_API_KEY=gw-4f1c9a7e22b0\n",
}
LINKS = {
    "loop/up": "..", "loop/self": "self", "loop/a": "../a", "loop/settings.json": "../a/.claude/settings.json",
    "i/.claude/settings.json": "../../a/.claude/settings.json", "i/.claude/settings.local.json": "/nowhere",
    "i/.env": "../a", "i/cgw.toml": "cgw.toml",
}  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    top = tmp_path_factory.mktemp("odd")
    for name, text in ODD.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    for name, target in LINKS.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).symlink_to(target)
    os.mkfifo(top / "d/.env")
    (top / "d/.claude/settings.local.json").mkdir()
    (top / "a/.claude/\udcff.json").write_text(SETTINGS)
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    (top / "closed").chmod(0)
    yield top
    (top / "closed").chmod(0o700)


@pytest.mark.parametrize("format_", ["human", "concise", "github", "json", "jsonl", "sarif"])
def test_an_odd_tree_is_the_same_to_one_process_and_to_several(
    format_: str, odd: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(spread, "ALONE", 2)
    monkeypatch.setattr(spread, "BLOCK", 3)
    forked, started = spread._forked, list[int]()

    def counted(*given: Any) -> Any:
        started.append(count)
        return forked(*given)

    monkeypatch.setattr(spread, "_forked", counted)
    reports = []
    for count in (1, 2, 4):
        monkeypatch.setattr(spread, "processes", lambda count=count: count)
        assert check(paths=(str(odd),), format_=format_) == 1
        reports.append(capfd.readouterr())
    assert reports[0] == reports[1] == reports[2]
    assert started == [2, 4, 4, 4]
    for name in ("a-b.env", "inner.sh", "next.js", "a/b/x.env", "c/.env/.env"):
        assert name in reports[0].out
    assert "node_modules" not in reports[0].out


def test_files_are_read_in_the_order_of_names_and_each_once(
    odd: Path, isolated: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    check(paths=(str(odd),), format_="json")
    report = json.loads(capfd.readouterr().out)
    read = [os.path.relpath(name, odd) for name in report["checked"]]
    walked = [os.path.relpath(os.path.join(folder, name), odd) for folder, _, names in _walk(odd) for name in names]
    assert read == sorted(read, key=walked.index)
    assert len(read) == len(set(read))
    assert {
        "f/web.vars",
        "f/web.sh",
        "i/.claude/settings.json",
        "h/next.js/.env",
        "c/settings.json/settings.json/inner.sh",
    } <= {*read}
    assert not {"h/Dockerfile.md", "loop/a", "node_modules/a/.env", "d/.env"} & {*read}
    assert [os.path.relpath(item["file"], odd) for item in report["not_judged"]] == ["g/wide.sh"]


def _walk(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """As ``os.walk``, in the order of names; a linked directory is not gone into."""
    for folder, folders, names in os.walk(top):
        folders.sort()
        yield folder, folders, sorted([*names, *(name for name in folders if os.path.islink(f"{folder}/{name}"))])
