"""What to do next is said in the words of the file's own format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli import readers
from claude_gw_cli.cli.check import check

KEY = "sk-ant-api03-" + "Qw3rTy" * 8
POD = "kind: Pod\nspec:\n  containers:\n  - env:\n    - {name: ANTHROPIC_AUTH_TOKEN, value: 'VALUE'}\n"
# Name -> text, the next step for a literal key, and for a value that is not expanded.
FILES = {
    ".github/workflows/a.yml": ("env:\n  ANTHROPIC_AUTH_TOKEN: VALUE\njobs: {}\n", "secrets.NAME", "secrets.NAME"),
    ".circleci/config.yml": ("jobs: {a: {environment: {ANTHROPIC_AUTH_TOKEN: VALUE}}}\n", "BASH_ENV", "BASH_ENV"),
    "pod.yaml": (POD, "secretKeyRef", "secretKeyRef"),
    "Jenkinsfile": ("pipeline { environment { ANTHROPIC_AUTH_TOKEN = 'VALUE' } }\n", "credentials(", "credentials("),
    "Dockerfile": ("FROM node\nENV ANTHROPIC_AUTH_TOKEN='VALUE'\n", "docker run -e", "docker run -e"),
    "docker.env": ("ANTHROPIC_AUTH_TOKEN=VALUE\n", "cgw secret set", "the value itself"),
    "a.sh": ("export ANTHROPIC_AUTH_TOKEN='VALUE'\n", "cgw secret set", "double quotes"),
    "a.ps1": ("$env:ANTHROPIC_AUTH_TOKEN = 'VALUE'\n", "cgw secret set", "$env:NAME"),
    "a.service": ("[Service]\nEnvironment=ANTHROPIC_AUTH_TOKEN=VALUE\n", "cgw secret set", "EnvironmentFile="),
    "tox.ini": ("[testenv]\nset_env =\n  ANTHROPIC_AUTH_TOKEN=VALUE\n", "cgw secret set", "{env:NAME}"),
    "a.conf": (
        "[program:a]\nenvironment=ANTHROPIC_AUTH_TOKEN='VALUE'\n",
        "cgw secret set",
        "%(ENV_NAME)s",
    ),
    ".claude/settings.json": ('{"env": {"ANTHROPIC_AUTH_TOKEN": "VALUE"}}', "cgw secret set", "apiKeyHelper"),
}

FOR_A_KEY = {
    "compose.yml": ("services: {a: {environment: {ANTHROPIC_AUTH_TOKEN: VALUE}}}\n", "${NAME}"),
    "flake.nix": ('{ env = { ANTHROPIC_AUTH_TOKEN = "VALUE"; }; }\n', "apiKeyHelper"),
}


@pytest.mark.parametrize("name", FOR_A_KEY)
def test_a_key_is_not_advised_to_a_store_that_the_process_does_not_see(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, step = FOR_A_KEY[name]
    (tmp_path / name).write_text(text.replace("VALUE", KEY))
    (tmp_path / name).chmod(0o644)
    check(paths=(str(tmp_path / name),), format_="json")
    (item,) = (item for item in json.loads(capfd.readouterr().out)["findings"] if item["code"] == "CGW124")
    assert step in item["help"]
    assert "cgw secret set" not in item["help"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("code", "value"), [("CGW124", KEY), ("CGW207", "$HOST")])
def test_the_next_step_is_in_the_words_of_the_format(
    isolated: Path, tmp_path: Path, name: str, code: str, value: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, for_key, for_syntax = FILES[name]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("VALUE", value))
    path.chmod(0o644)
    check(paths=(str(path),), format_="json")
    (item,) = (item for item in json.loads(capfd.readouterr().out)["findings"] if item["code"] == code)
    assert (for_key if code == "CGW124" else for_syntax) in item["help"]


def test_each_format_has_its_own_words() -> None:
    modules = {row.module for row in readers.READERS}
    assert readers.ELSEWHERE | set(readers.SETS) <= modules
    assert set(readers.FILLED_IN) - {""} <= modules
