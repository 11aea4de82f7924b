"""Every command in README.md and docs/ is run, page by page, in a fresh home, against a gateway on this machine."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_gw_cli.cli.command_line import parse
from claude_gw_cli.cli.commands import COMMANDS, GLOBAL_FLAGS, GROUPS, find
from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.world.loopback.gateway import Gateway

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(cgw(?: [^`\n]+)?)`")
_LINE = re.compile(r"`((?:eval \"\$\()?cgw(?: [^`\n]+)?)`")
_TO_FILL_IN = re.compile(r"…|\$\w|\b(?!CGW\d|LLM)[A-Z]{2,}\b|\b[A-Z]\b|\|[a-z]")
"""What stands for a reader's own value: ``NAME``, ``…``, ``show|list``."""


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
NOT_OURS = ("pipx ", "make ", "ssh-keygen ", "cat ", "vault ", "gcloud ", "bao ")
"""Commands of other programs: installing, the project's own make targets, signing a file, and logins."""
NOT_HERE = {
    "cgw doctor --live": "the gateway of this test does not stream: tests/real/test_doctor_litellm.py",
    "cgw init": "asks on a terminal: tests/cli/test_wizard.py",
    "cgw trace": "needs the real client: tests/real/test_trace.py",
    "cgw trace --learn": "starts the real client 303 times: tests/atlas/test_learn.py",
    "cgw facts update https://example.com/facts-2.1.340": "needs a signed bundle: tests/cli/test_facts.py",
}
WORK = (
    "cgw secret set file://$HOME/.llm-key",
    "cgw init https://llm.example.com --secret file://$HOME/.llm-key --scope user --yes",
    "cgw profile export > work.toml && cgw init work --from work.toml --yes && cgw switch work --yes",
)
BEFORE = {"doctor.md": WORK, "fleet.md": WORK}
"""Pages whose reader has a profile named work already."""
KEYRING = re.compile(r"keyring://cgw/(\w+)")
"""No keyring here: tests/real/test_keyring.py has one."""
ELSEWHERE = {
    **dict.fromkeys(
        ("cgw", "cgw init", "cgw init --from-current"), "tests/cli/test_wizard.py, test_status.py, test_adopt.py"
    ),
    **dict.fromkeys(
        ("cgw trace", "cgw trace --format json", "cgw trace --learn"), "the real client: tests/real/test_trace.py"
    ),
    **dict.fromkeys(
        ("cgw profile trust", "cgw profile deny"), "a repository's profile: tests/cli/test_trust_walk.py"
    ),
    "cgw demo": "tests/cli/test_demo.py",
    "cgw doctor --live": "tests/real/test_doctor_litellm.py",
    "cgw settings apply --scope managed": "writes into /etc: tests/cli/test_fleet.py",
    "cgw init work --from /mnt/platform/team.toml": "tests/cli/test_team.py",
    "cgw init work --from git+https://git.example.com/platform/cgw.git@v3#team.toml": "tests/cli/test_team.py",
}
"""Lines that cannot be run alone here, and what runs them."""
OTHER_EXITS = {
    "cgw helper install --standalone": {2},  # the key is in no store that such a script can read
    "cgw uninstall": {2},  # asks, and there is no terminal
    **{name: {2} for name in ("cgw profile set", "cgw run", "cgw settings")},  # names: they want more words
}
EXITS = {
    "cgw check .": {0, 1},
    "cgw check": {0, 1},
}
"""Where another exit code than 0 is right: a repository's own findings."""


def lines() -> list[str]:
    """Each whole command line that a sentence or a table has, without those that a reader completes."""
    found = {line for page in PAGES for line in _LINE.findall(page.read_text(encoding="utf-8"))}
    return sorted(line for line in found if not _TO_FILL_IN.search(line) and is_whole(line) and line not in ELSEWHERE)


def is_whole(line: str) -> bool:
    """Whether nothing that the command needs is left out: ``cgw secret set`` names a command, and is no line."""
    command, rest = find(shlex.split(re.split(r" (?:>|&|\|)|\)", line.removeprefix('eval "$('))[0])[1:])
    try:
        parse(command, rest) if command else None
    except UsageError as error:
        return not re.search("is missing|needs a value", error.message)
    return True


def test_every_command_line_of_a_block_has_a_prompt() -> None:
    """Only such lines are run by the tests below. A page of a rule has examples of files."""
    pages = [page for page in PAGES if page.parent.name != "rules"]
    pages += [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
    languages = {
        (page.name, language)
        for page in pages
        for language in re.findall(r"^```(\w*)\n.*?^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    }
    assert {language for _, language in languages} <= {"console", "text", "toml", "yaml"}, languages


def shell(line: str, place: Mapping[str, str], given: str = f"{KEY}\n") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        env={name: value for name, value in place.items() if name != "GATEWAY"},
        cwd=Path(place["HOME"], "project"),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def machine(folder: Path) -> Iterator[dict[str, str]]:
    """A machine: a home, cgw and a client on PATH, and a gateway; yields the environment."""
    (folder / "home" / "project" / ".claude").mkdir(parents=True)
    (folder / "home" / "project" / ".claude" / "settings.json").write_text("{}\n", encoding="utf-8")
    programs = folder / "bin"
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
            "HOME": str(folder / "home"),
            "SHELL": "/bin/bash",
            "EDITOR": "true",
            "GATEWAY": gateway.url,
        }


@pytest.fixture
def place(tmp_path: Path) -> Iterator[dict[str, str]]:
    with machine(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A machine whose user has a profile named work, in use; a copy of the home is beside it."""
    folder = tmp_path_factory.mktemp("prepared")
    with machine(folder) as found:
        here = Path(found["HOME"], "project")
        for name in (".buildkite/hooks", "../.config/environment.d"):
            (here / name).mkdir(parents=True)
        (here / "settings.json").write_text("{}\n", encoding="utf-8")
        done = shell(" && ".join(WORK).replace("https://llm.example.com", found["GATEWAY"]), found)
        assert done.returncode == 0, done.stderr
        shutil.copytree(folder / "home", folder / "before", symlinks=True)
        yield found


@pytest.mark.parametrize("line", lines())
def test_a_command_line_of_a_sentence_works_as_it_is_written(line: str, prepared: dict[str, str]) -> None:
    home = Path(prepared["HOME"])
    shutil.rmtree(home)
    shutil.copytree(home.with_name("before"), home, symlinks=True)
    done = shell(line.replace(" && direnv allow", ""), prepared)
    assert done.returncode in {0, *OTHER_EXITS.get(line, ())}, f"{line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", [page for page in PAGES if any(commands(page))], ids=lambda page: page.name)
def test_the_commands_of_a_page_work_in_their_order(page: Path, place: dict[str, str]) -> None:
    for command in (*BEFORE.get(page.name, ()), *commands(page)):
        if command.startswith(NOT_OURS) or command in NOT_HERE:
            continue
        line = KEYRING.sub(r"file://$HOME/.\1", command.replace("https://llm.example.com", place["GATEWAY"]))
        run = shell(line, place, "user:password\n" if "front" in line else f"{KEY}\n")
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
