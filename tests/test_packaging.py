"""What is shipped: the lock is that of pyproject.toml, a wheel can be built again, hooks and workflows hold."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

TOP = Path(__file__).parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())
LOCK = tomllib.loads((TOP / "uv.lock").read_text())
ACTION = re.compile(r"uses:\s*(\S+)(?:\s+#\s*(\S+))?")


def locked_project() -> dict[str, Any]:
    return next(package for package in LOCK["package"] if package["name"] == PROJECT["project"]["name"])


def asked(lines: list[Any]) -> set[tuple[str, frozenset[str], str]]:
    """Requirements as (name, extras, versions); groups included by name are resolved."""
    found = set()
    for line in lines:
        if isinstance(line, dict):
            found |= asked(PROJECT["dependency-groups"][line["include-group"]])
            continue
        one = Requirement(line)
        found.add((one.name.lower(), frozenset(one.extras), str(one.specifier)))
    return found


def recorded(rows: list[dict[str, Any]]) -> set[tuple[str, frozenset[str], str]]:
    return {(row["name"], frozenset(row.get("extras", ())), row.get("specifier", "")) for row in rows}


def test_the_lock_is_that_of_the_project() -> None:
    metadata = locked_project()["metadata"]
    advice = "run: uv lock"
    assert LOCK["requires-python"] == PROJECT["project"]["requires-python"], advice
    assert recorded(metadata["requires-dist"]) == asked(PROJECT["project"]["dependencies"]), advice
    groups = PROJECT["dependency-groups"]
    assert set(metadata["requires-dev"]) == set(groups), advice
    for name, lines in groups.items():
        assert recorded(metadata["requires-dev"][name]) == asked(lines), f"{name}: {advice}"


def test_every_locked_file_has_a_hash_and_comes_from_the_public_index() -> None:
    for package in LOCK["package"]:
        if package is locked_project():
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        for file in files:
            assert file["url"].startswith("https://files.pythonhosted.org/packages/")
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"])


def test_every_mention_of_the_project_is_its_address() -> None:
    """The address is not published yet, so it can still change: in pyproject.toml, and where users copy it from."""
    home = PROJECT["project"]["urls"]["Homepage"]
    places = [TOP / "pyproject.toml", *TOP.glob("*.md"), *(TOP / "docs").glob("*.md"), *(TOP / "src").rglob("*.py")]
    texts = "".join(path.read_text() for path in places)
    assert set(re.findall(r"https://github\.com/[\w-]+/claude-gw-cli\b", texts)) == {home}


def test_two_wheels_of_one_commit_are_the_same_bytes(tmp_path: Path) -> None:
    """Other folder, file times, time zone, umask and hash seed; hatchling is installed, so nothing is downloaded."""
    built = []
    for number, umask in ((1, 0o022), (2, 0o077)):
        place = tmp_path / f"checkout{number}"
        place.mkdir()
        for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "src"):
            source = TOP / name
            if source.is_dir():
                shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, place / name)
        for path in place.rglob("*"):
            os.utime(path, (number * 1e9, number * 1e9))
        zone = ("UTC", "Asia/Tokyo")[number - 1]
        subprocess.run(
            [sys.executable, "-c", "import hatchling.build as b; b.build_wheel('.'); b.build_sdist('.')"],
            cwd=place, check=True, umask=umask, stdout=subprocess.DEVNULL,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "TZ": zone, "PYTHONHASHSEED": str(number)},
        )  # fmt: skip
        built.append({path.name: path.read_bytes() for path in (*place.glob("*.whl"), *place.glob("*.tar.gz"))})
    assert sorted(name.rpartition(".")[2] for name in built[0]) == ["gz", "whl"]
    assert built[0] == built[1]


WORKFLOWS = sorted((TOP / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_and_no_job_has_rights_by_default(path: Path) -> None:
    text = path.read_text()
    document = yaml.safe_load(text)
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert "permissions" in job
    for action, version in ACTION.findall(text):
        if not action.startswith("$/"):  # this repository's own
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), f"{action}: the release goes into a comment"
    makes = set(re.findall(r"\bmake ([a-z ]+?)(?: PYTHON=\w+)?$", text, re.MULTILINE))
    rules = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    assert {word for words in makes for word in words.split()} <= rules


def test_one_action_has_one_version_everywhere() -> None:
    pins = {pin for path in WORKFLOWS for pin in ACTION.findall(path.read_text()) if "@" in pin[0]}
    assert len({action.partition("@")[0] for action, _ in pins}) == len(pins)


def test_the_matrix_is_that_of_the_classifiers() -> None:
    ci = yaml.safe_load((TOP / ".github/workflows/ci.yml").read_text())
    prefix = "Programming Language :: Python :: "
    declared = [line.removeprefix(prefix) for line in PROJECT["project"]["classifiers"] if line.startswith(prefix)]
    assert ci["jobs"]["check"]["strategy"]["matrix"]["python"] == [name for name in declared if name[-1].isdigit()]


HOOK = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())[0]
OURS = (
    ".claude/settings.json",
    ".claude/settings.local.json",
    "app/.claude/settings.json",
    "fleet/managed-settings.json",
    "fleet/managed-settings.d/10-gateway.json",
    "cgw.toml",
    "service/cgw.toml",
    ".claude/settings.json.bak",
    ".claude/settings.glm.json",
    ".vscode/settings.json",
    ".devcontainer/devcontainer.json",
    ".github/workflows/claude.yml",
    "docker-compose.dev.yml",
    "agent/Dockerfile",
    ".env.example",
    ".envrc",
    "gateway.env",
    ".zshrc",
    "bin/start.ps1",
)
FOREIGN = (
    "tsconfig.json",
    "tsconfig.base.json",
    "package.json",
    "settings.json",
    "pyproject.toml",
    "not-cgw.toml",
    ".claude/commands/settings.json",
    "chart/templates/settings.yaml",
)


@pytest.mark.parametrize("path", OURS)
def test_the_hook_takes_the_files_that_the_client_reads(path: str) -> None:
    assert re.search(HOOK["files"], path)


@pytest.mark.parametrize("path", FOREIGN)
def test_the_hook_takes_no_file_of_another_program(path: str) -> None:
    assert not re.search(HOOK["files"], path)


def hook(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """The hook as pre-commit starts it: its entry, then those of the staged files that match."""
    matching = [name for name in names if re.search(HOOK["files"], name)]
    assert HOOK["entry"].split()[0] == "cgw"
    return subprocess.run(
        [sys.executable, "-m", "claude_gw_cli", *HOOK["entry"].split()[1:], *matching],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_commit_with_a_good_and_foreign_files_passes(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text(json.dumps({"model": "opus"}))
    (tmp_path / ".claude/settings.json").chmod(0o644)
    (tmp_path / "tsconfig.json").write_text('{ // a comment\n  "compilerOptions": {"strict": true,}\n}\n')
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    done = hook(tmp_path, ".claude/settings.json", "tsconfig.json", "pyproject.toml")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "1 source checked" in done.stderr


def test_a_commit_with_a_key_in_the_settings_is_stopped(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    value = {"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com", "ANTHROPIC_AUTH_TOKEN": "gw-0a1b2c3d4e"}}
    (tmp_path / ".claude/settings.json").write_text(json.dumps(value))
    done = hook(tmp_path, ".claude/settings.json", "tsconfig.json")
    assert done.returncode == 1
    assert "CGW1" in done.stdout
    assert "gw-0a1b2c3d4e" not in done.stdout + done.stderr


def test_a_release_is_audited_listed_and_attested() -> None:
    """Known vulnerabilities are looked for in CI; a release has a CycloneDX SBOM and its provenance."""
    makefile = (TOP / "Makefile").read_text()
    assert "pip-audit --strict --require-hashes" in makefile
    assert "--format cyclonedx" in makefile
    ci = yaml.safe_load((TOP / ".github/workflows/ci.yml").read_text())
    assert {"run": "make audit"} in ci["jobs"]["audit"]["steps"]
    jobs = yaml.safe_load((TOP / ".github/workflows/release.yml").read_text())["jobs"]
    assert {"run": "make dist sbom"} in jobs["build"]["steps"]
    attested = [step["with"] for step in jobs["attest"]["steps"] if "attest@" in step.get("uses", "")]
    assert [sorted(given) for given in attested] == [["subject-path"], ["sbom-path", "subject-path"]]
    assert jobs["pypi"]["needs"] == "attest"
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}, "trusted publishing: no stored token"
