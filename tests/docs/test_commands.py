"""Every command in README.md and docs/ is run, page by page, in a fresh home, against a gateway on this machine."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS, find
from claude_gw_cli.world.loopback.gateway import Gateway

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(cgw(?: [^`\n]+)?)`")


def commands(page: Path) -> Iterator[str]:
    """Each line after a prompt, joined with its continuation lines, without its comment."""
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            if line.startswith("$ "):
                yield re.sub(r"(^|\s)#.*", "", line[2:]).strip()


def mentions(page: Path) -> Iterator[str]:
    """Each command of cgw that is named in the text: ``cgw doctor --live``."""
    yield from _INLINE.findall(page.read_text(encoding="utf-8"))


KEY = "sk-fake-docs-0123456789"
NOT_OURS = ("pipx ", "make ", "ssh-keygen ", "cat ", "vault ", "gcloud ")
"""Commands of other programs: installing, the project's own make targets, signing a file, and logins."""
NOT_HERE = {
    "cgw doctor --live": "the gateway of this test does not stream: tests/real/test_doctor_litellm.py",
    "cgw init": "asks on a terminal: tests/cli/test_wizard.py",
    "cgw trace": "needs the real client: tests/real/test_trace.py",
    "cgw trace --learn": "starts the real client 303 times: tests/atlas/test_learn.py",
    "cgw facts update https://example.com/facts-2.1.340": "needs a signed bundle: tests/cli/test_facts.py",
}
BEFORE = {
    "doctor.md": (
        "cgw secret set file://$HOME/.llm-key",
        "cgw init https://llm.example.com --secret file://$HOME/.llm-key --scope user --yes",
        "cgw profile export > work.toml && cgw init work --from work.toml --yes && cgw switch work --yes",
    )
}
"""Pages whose reader has a profile named work already."""
KEYRING = re.compile(r"keyring://cgw/(\w+)")
"""No keyring here: tests/real/test_keyring.py has one."""
EXITS = {
    "cgw check .": {0, 1},
    "cgw check": {0, 1},
}
"""Where another exit code than 0 is right: a repository's own findings."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A machine: a home, cgw and a client on PATH, and a gateway; yields the environment."""
    (tmp_path / "home" / "project" / ".claude").mkdir(parents=True)
    (tmp_path / "home" / "project" / ".claude" / "settings.json").write_text("{}\n", encoding="utf-8")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {
        "cgw": f'#!/bin/sh\nexec {sys.executable} -m claude_gw_cli "$@"\n',
        "claude": '#!/bin/sh\n[ "$1" = --version ] && echo "2.1.332 (Claude Code)"\nexit 0\n',
    }.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    with Gateway() as gateway:
        gateway.accept(KEY)
        yield {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(tmp_path / "home"),
            "SHELL": "/bin/bash",
            "GATEWAY": gateway.url,
        }


@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page))], ids=lambda page: page.name)
def test_the_commands_of_a_page_work_in_their_order(page: Path, place: dict[str, str]) -> None:
    for command in (*BEFORE.get(page.name, ()), *commands(page)):
        if command.startswith(NOT_OURS) or command in NOT_HERE:
            continue
        line = KEYRING.sub(r"file://$HOME/.\1", command.replace("https://llm.example.com", place["GATEWAY"]))
        run = subprocess.run(
            ["bash", "-c", line],
            env={name: value for name, value in place.items() if name != "GATEWAY"},
            cwd=Path(place["HOME"], "project"),
            input="user:password\n" if "front" in line else f"{KEY}\n",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode in EXITS.get(command, {0}), f"{command}\n{run.stdout}{run.stderr}"
        assert KEY not in run.stdout + run.stderr or "--resolve" in command, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_that_a_page_names_exist(page: Path) -> None:
    unknown = [text for text in (*mentions(page), *commands(page)) if text.startswith("cgw") and not exists(text)]
    assert not unknown


def exists(text: str) -> bool:
    """True for a known command with known options. ``…``, NAME and the like are placeholders."""
    words = [word for word in shlex.split(text, comments=True)[1:] if word not in {"…", "COMMAND"}]
    if not words or (words[0] in GROUPS and len(words) == 1):
        return True
    words[1:2] = words[1].split("|")[:1] if len(words) > 1 else []  # `cgw profile show|list`
    command, rest = find(words)
    known = {spelling for item in GLOBAL_FLAGS for spelling in item.spellings}
    if command is None:
        return words[0] in known
    if command.starts_a_program or "--" in rest:
        rest = rest[: rest.index("--")] if "--" in rest else []
    known |= set(command.spelled())
    return all(word.partition("=")[0] in known for word in rest if word.startswith("-"))


def test_a_command_that_does_not_exist_is_found() -> None:
    assert len(COMMANDS) > 30
    assert exists("cgw settings apply --scope user")
    assert not exists("cgw setings apply")
    assert not exists("cgw doctor --alive")
