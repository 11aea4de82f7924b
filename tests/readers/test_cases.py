"""Files as people write them: what ``cgw check`` finds in each kind, and where."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli import readers
from claude_gw_cli.cli.check import check

# Name -> text, and what is found: code, line, column, variable.
CASES: dict[str, tuple[str, list[tuple[str, int, int]]]] = {
    "gateway.env": ("# ours\nANTHROPIC_BASE_URL=https://gw.example.com/v1\n", [("CGW501", 2, 1)]),
    ".env": (
        "export ANTHROPIC_BASE_URL = 'https://gw.example.com/v1' # comment\nANTHROPIC_AUTH_TOKEN=\"Bearer $TOKEN\"\n",
        [("CGW501", 1, 8), ("CGW111", 2, 1)],
    ),
    "cgw.json": ('{\n  "ANTHROPIC_BASE_URL": "https://gw.example.com/v1"\n}\n', [("CGW501", 2, 3)]),
    ".claude/settings.glm.json": (
        '{"env":\n {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}}',
        [("CGW501", 2, 3)],
    ),
    "settings.work.json.bak": ('{"env":\n {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}}', [("CGW501", 2, 3)]),
    "claude-settings.json": ('{"env":\n {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}}', [("CGW501", 2, 3)]),
}


def report(capfd: pytest.CaptureFixture[str], *paths: str | Path) -> dict[str, Any]:
    check(paths=tuple(map(str, paths)), format_="json")
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    return found


def write(top: Path, name: str, text: str) -> Path:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_found_where_it_is(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, expected = CASES[name]
    path = write(tmp_path / "repo", name, text)
    for way in (path, tmp_path / "repo"):
        found = report(capfd, way)
        assert found["checked"] == [str(path)]
        assert not found["not_judged"]
        seen = [(item["code"], item["line"], item["column"]) for item in found["findings"]]
        assert [item for item in seen if not item[0].startswith("CGW123")] == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tsconfig.json", '{\n  // comment\n  "compilerOptions": {}\n}\n'),
        ("package.json", '{"name": "x", "model": 5}'),
        ("pyproject.toml", '[project]\nname = "x"\n'),
        (".mcp.json", '{"mcpServers": {"a": {"env": {"ANTHROPIC_API_KEY": "x"}}}}'),
        ("vercel.json", '{"version": 2, "env": {"ANTHROPIC_API_KEY": "@key"}}'),
        ("data.bin", "\0\1"),
        (".env", "PORT=1\n"),
    ],
)
def test_another_program_s_file_is_passed_over_with_a_word(
    isolated: Path, tmp_path: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "repo", name, text)
    assert check(paths=(str(path),)) == 0
    said = capfd.readouterr().err
    assert name in said
    assert "not judged" in said
    assert "All well" not in said
    found = report(capfd, path)
    assert [item["file"] for item in found["not_judged"]] == [str(path)]
    assert not report(capfd, tmp_path / "repo")["not_judged"]


def test_a_key_in_a_tracked_file_of_another_format_is_exposed(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, ".env", "ANTHROPIC_AUTH_TOKEN=sk-9f8e7d6c5b4a39281706\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    codes = [item["code"] for item in report(capfd, tmp_path)["findings"]]
    assert codes == ["CGW142"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "-A"], check=True)
    for way in (path, tmp_path):
        codes = [item["code"] for item in report(capfd, way)["findings"]]
        assert codes == ["CGW124"]


def test_an_example_may_hold_placeholders_and_no_keys(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ".env.example", "ANTHROPIC_AUTH_TOKEN=<YOUR_KEY>\n")
    assert not report(capfd, tmp_path)["findings"]
    write(tmp_path, ".env", "ANTHROPIC_AUTH_TOKEN=<YOUR_KEY>\n")
    assert [item["code"] for item in report(capfd, tmp_path)["findings"]] == ["CGW118"]


@pytest.mark.parametrize(
    "value", ["$GATEWAY", "${GATEWAY:-x}/api", "https://$HOST:$PORT", "$(cat url)", "{{ .Values.url }}"]
)
def test_what_only_another_program_knows_is_not_called_wrong(
    isolated: Path, tmp_path: Path, value: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ".env", f"ANTHROPIC_BASE_URL={value}\nANTHROPIC_AUTH_TOKEN=$TOKEN\n")
    found = report(capfd, tmp_path)
    assert len(found["checked"]) == 1
    assert not found["findings"]


def test_what_is_known_of_a_value_counts(isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ".env", "ANTHROPIC_BASE_URL=https://$HOST:${PORT}/v1\n")
    (finding,) = report(capfd, tmp_path)["findings"]
    assert finding["code"] == "CGW501"


def test_the_worst_of_all_files_comes_first(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a/.claude/settings.json", '{"env": {"DISABLE_TELEMETRY": "0"}}')
    write(tmp_path, "b/.env", "\nANTHROPIC_BASE_URL=https://gw.example.com/v1\n")
    write(tmp_path, "c/.env", "ANTHROPIC_BASE_URL=https://gw.example.com/v1\nDISABLE_TELEMETRY=0\n")
    for format_ in ("concise", "json"):
        check(paths=(str(tmp_path),), format_=format_)
        out = capfd.readouterr().out
        if format_ == "json":
            seen = [(item["code"], item["file"]) for item in json.loads(out)["findings"]]
        else:
            seen = [(line.split(" ")[2], line.split(":")[0]) for line in out.splitlines()]
        assert [(code, os.path.relpath(file, tmp_path)[0]) for code, file in seen] == [
            ("CGW501", "b"), ("CGW501", "c"), ("CGW302", "a"), ("CGW302", "c"),
        ]  # fmt: skip


def test_a_file_that_no_person_wrote_is_not_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "big.env", "ANTHROPIC_BASE_URL=https://gw.example.com/v1\n" + "#" * readers.LARGEST)
    assert not report(capfd, tmp_path)["checked"]
