"""What ``cgw env`` writes, ``cgw check`` reads: every hostile value comes back, or was refused when written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli import readers
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.emit import DIALECTS, render
from claude_gw_cli.readers.common import final, known

HOSTILE: dict[str, str] = json.loads((Path(__file__).parent.parent / "vectors" / "hostile.json").read_text())
# Dialect -> the name of a file with such a text.
WRITTEN = {
    "bash": ".bashrc",
    "zsh": ".zshrc",
    "sh": "gateway.sh",
    "ksh": ".kshrc",
    "fish": "gateway.fish",
    "tcsh": ".tcshrc",
    "nu": "gateway.nu",
    "powershell": "profile.ps1",
    "cmd": "gateway.cmd",
    "dotenv": ".env",
    "docker": "docker.env",
    "github": "github.env",
    "gitlab": "gitlab.env",
    "systemd": "systemd.env",
    "json": "cgw.json",
    "vscode": ".vscode/settings.json",
    "devcontainer": ".devcontainer/devcontainer.json",
    "sdk-python": "options.json",
    "action": ".github/workflows/job.yml",
    "systemd-dropin": "claude.service.d/gateway.conf",
    "environment.d": ".config/environment.d/99-zz-cgw.conf",
    "etc-environment": "environment.env",
    "launchd": "claude.plist",
    "direnv": ".envrc",
    "mise": "mise.toml",
    "compose": "compose.cgw.yaml",
    "kubernetes": "gateway.yaml",
    "circleci": ".bash_env",
    "buildkite": ".buildkite/hooks/pre-command",
}
SOURCE = {"sdk-ts", "jenkins", "azure"}
"""Text for the source of a program, and commands in a log: not a file of variables."""


def test_every_dialect_has_a_file() -> None:
    assert {*WRITTEN} | SOURCE == {*DIALECTS}


def read_back(dialect: str, text: str) -> dict[str, str | None]:
    path = WRITTEN[dialect]
    reader = readers.by_content(readers.by_name(path.rpartition("/")[2], path.rpartition("/")[0]), text)
    assert reader is not None, dialect
    *_, start = readers.read(reader, text, path)
    return {name: known(item.value) for name, item in final(start).items() if item.value is not None}


@pytest.mark.parametrize("dialect", WRITTEN)
def test_every_value_comes_back(dialect: str) -> None:
    written = 0
    for title, value in HOSTILE.items():
        sets = [("ANTHROPIC_BASE_URL", "https://gw.example.com"), ("ANTHROPIC_CUSTOM_HEADERS", value)]
        if dialect == "action":
            sets.append(("CLAUDE_CODE_OAUTH_TOKEN", "${{ secrets.TOKEN }}"))  # it does not start without one
        try:
            text = render(dialect, [*sets, ("ANTHROPIC_MODEL", "last")], ["ANTHROPIC_API_KEY"])
        except UsageError:
            continue
        found = read_back(dialect, text)
        assert found.get("ANTHROPIC_CUSTOM_HEADERS") == value, (title, text)
        assert (found["ANTHROPIC_BASE_URL"], found["ANTHROPIC_MODEL"]) == ("https://gw.example.com", "last")
        assert not found.get("ANTHROPIC_API_KEY")
        written += 1
    assert written > 25
