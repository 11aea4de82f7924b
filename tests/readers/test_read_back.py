"""What ``cgw env`` writes, ``cgw check`` reads: every hostile value comes back, or was refused when written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli import readers
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.emit import DIALECTS, render
from claude_gw_cli.emit.common import Keyed
from claude_gw_cli.emit.formats import FILE_FORMATS
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
    "jenkins": "Jenkinsfile",
    "azure": "commands.txt",
    "sdk-ts": "options.ts",
}


def test_every_dialect_has_a_file() -> None:
    assert {*WRITTEN} == {*DIALECTS}, "what `cgw env` writes needs a reader and a row in WRITTEN: docs/changing.md"


def read_back(text: str, path: str) -> dict[str, str | None]:
    folder, _, name = path.rpartition("/")
    reader, *_ = readers.of_named(name, folder, text)
    *_, start = readers.read(reader, text, path)
    return {name: known(item.value) for name, item in final(start).items() if item.value is not None}


def around(dialect: str, *values: tuple[str, str]) -> list[tuple[str, str]]:
    # the action does not start without a key
    key = [("CLAUDE_CODE_OAUTH_TOKEN", "${{ secrets.TOKEN }}")] if dialect == "action" else []
    return [("ANTHROPIC_BASE_URL", "https://gw.example.com"), *values, *key, ("ANTHROPIC_MODEL", "last")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_value_comes_back(dialect: str) -> None:
    carried: list[tuple[str, str]] = []
    for number, (title, value) in enumerate(HOSTILE.items()):
        try:
            text = render(dialect, around(dialect, ("ANTHROPIC_CUSTOM_HEADERS", value)), ["ANTHROPIC_API_KEY"])
        except UsageError:
            continue
        found = read_back(text, WRITTEN[dialect])
        assert found.get("ANTHROPIC_CUSTOM_HEADERS") == value, (title, text)
        assert (found["ANTHROPIC_BASE_URL"], found["ANTHROPIC_MODEL"]) == ("https://gw.example.com", "last")
        assert not found.get("ANTHROPIC_API_KEY")
        carried.append((f"ANTHROPIC_{number}", value))
    assert len(carried) > 25
    some = carried[:15] if dialect == "gitlab" else carried  # it takes 20
    text = render(dialect, around(dialect, *some), ["ANTHROPIC_API_KEY"])
    found = read_back(text, WRITTEN[dialect])
    assert {name: found.get(name) for name, _ in some} == dict(some)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_says_what_it_is(dialect: str) -> None:
    """A file of any name is read when it is named."""
    text = render(dialect, around(dialect), ["ANTHROPIC_API_KEY"])
    found = read_back("watch_file a\nwatch_file b\n" + text if dialect == "direnv" else text, "written")
    assert (found["ANTHROPIC_BASE_URL"], found["ANTHROPIC_MODEL"]) == ("https://gw.example.com", "last")


@pytest.mark.parametrize("dialect", [name for name, row in FILE_FORMATS.items() if row.key])
def test_the_key_from_elsewhere_is_unknown(dialect: str) -> None:
    expression = FILE_FORMATS[dialect].key.replace("NAME", "GATEWAY_KEY")
    key = Keyed.of("x-key: Bearer ", expression, "", "GATEWAY_KEY")
    if dialect == "action":
        key = Keyed.of("", expression, "", "GATEWAY_KEY")
    name = "ANTHROPIC_API_KEY" if dialect == "action" else "ANTHROPIC_CUSTOM_HEADERS"
    sets = [("ANTHROPIC_BASE_URL", "https://gw.example.com"), (name, key)]
    found = read_back(render(dialect, sets, []), WRITTEN[dialect])
    assert found["ANTHROPIC_BASE_URL"] == "https://gw.example.com"
    assert found.get(name) is None
