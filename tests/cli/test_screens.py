"""Every command's help page and main screens on terminals of 80 and 40 columns: no word is broken, no line is wider.

A word that is longer than a line, as a path can be, may have a line alone: the terminal breaks it, copies it whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from claude_gw_cli.cli.commands import COMMANDS, GROUPS

SCREENS = (
    "settings apply --profile work",
    "status",
    "profile list",
    "profile show work",
    "profile use work",
    "profile set work region=us-east5",
    "profile set work regoin=x",
    "profile rename other third",
    "helper list",
    "helper show work",
    "helper test work",
    "helper refresh work",
    "secret test env://K",
    "secret test env://NOT_SET",
    "secret test keyring://cgw/work",
    "settings diff",
    "settings apply",
    "settings status -v",
    "settings history",
    "settings undo --scope local",
    "switch work --yes",
    "env --profile nope",
    "explain --client-version 2.1.332",
    "explain --client-version 2.1.332 --against 1.0.60",
    "check",
    "check .",
    "rule",
    "rule CGW101",
    "rule CGW412",
    "facts show",
    "gateway snippet",
    "profile export other",
    "doctor",
    "trace",
    "init --provider litellm --yes",
    "init fresh --provider vertex --yes",
    "init --from http://127.0.0.1:9/x.toml --yes",
    "apply",
    "remove",
    "status --jsno",
    "settings apply --scope usr",
    "settings apply --scope managed --managed-dir /proc/none",
    "uninstall --dry-run",
    "uninstall",
)
RUN = """
import json, sys
from claude_gw_cli.__main__ import run
for number, line in enumerate(json.loads(sys.argv[1])):
    sys.stdout.write(f"\\n@@{number}@@\\n"); sys.stdout.flush()
    try:
        run(line.split())
    except SystemExit:
        pass
"""
WIDEST = 2000
"""Columns on which no line is broken."""
CODE = ("gateway snippet", "profile export other")
"""What they show is to be copied into a file, and stays as it is."""


def lines() -> list[str]:
    pages = ["--help", *(f"{group} --help" for group in GROUPS)]
    pages += [f"{words} --help" for words in COMMANDS if not words.startswith("-")]
    return [*pages, *SCREENS]


def shown(columns: int, place: Path) -> dict[str, str]:
    """What each line shows on a terminal of so many columns; one process for all of them."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {**os.environ, "TERM": "xterm-256color", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, json.dumps(lines())],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        env=env,
        cwd=place,
    )
    os.close(follower)
    content = b""
    while True:
        try:
            read = os.read(leader, 65_536)
        except OSError:  # how Linux tells that nobody holds the other end any more
            break
        if not read:
            break
        content += read
    os.close(leader)
    assert process.wait() == 0
    text = re.sub(r"(?m)^[A-Z][a-z ]+ …\r\n", "", content.decode())  # what took longer than a second
    parts = re.split(r"@@\d+@@\n", text.replace("\r\n", "\n"))
    return dict(zip(lines(), parts[1:], strict=True))


def set_up(home: Path, work: Path) -> None:
    """A set-up in which every screen has something to show."""
    folder = home / ".config/cgw/profiles"
    folder.mkdir(parents=True)
    text = 'provider = "unified"\nauth = "helper"\nsecret = "env://K"\ngateway_url = "http://127.0.0.1:9"\n'
    (folder / "work.toml").write_text(text + '[headers]\nX-Team = "platform"\n')
    (folder / "other.toml").write_text(text.replace("helper", "static"))
    (folder / "broken.toml").write_text('provider = "nonsense"\n')
    (home / ".config/cgw/default").write_text("other\n")
    (home / ".bashrc").write_text('eval "$(cgw env --profile other)"\n')
    (work / ".claude").mkdir()
    (work / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_API_KEY": "sk-ant-api03-0123456789abcdefghij"}}')


@pytest.fixture
def place(isolated: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(isolated, work)
    monkeypatch.setenv("K", "sk-fake-0123456789abcdef")
    monkeypatch.setenv("PATH", os.defpath)


def words(text: str) -> set[str]:
    """The words, with numbers (times, ages) all alike; not those of a file's excerpt, which is a part of its line."""
    text = re.sub(r"(?m)^ *\d* \|.*$", "", text)
    return {re.sub(r"\d+", "0", word) for word in re.split(r"[\s│├└─]+", text) if word}


@pytest.mark.usefixtures("place")
def test_no_word_is_broken_and_no_line_is_wider(isolated: Path, work: Path, tmp_path: Path) -> None:
    before = [(folder, tmp_path / f"before-{number}") for number, folder in enumerate((isolated, work))]
    for folder, copy in before:
        shutil.copytree(folder, copy)
    whole = shown(WIDEST, work)
    problems = []
    for columns in (80, 40):
        for folder, copy in before:
            shutil.rmtree(folder)
            shutil.copytree(copy, folder)
        for line, text in shown(columns, work).items():
            if "internal error" in text or "Traceback" in text:
                problems.append(f"{columns} {line}: {text}")
            for row in text.split("\n"):
                single = len(row.strip(" │├└─•|^->=").split()) <= 1
                if len(row) > columns and not single and not (line in CODE and row.startswith(("  ", '"'))):
                    problems.append(f"{columns} {line}: {len(row)} columns: {row}")
            broken = words(text) - words(whole[line])
            if broken:
                problems.append(f"{columns} {line}: not whole: {sorted(broken)}")
    assert not problems, "\n".join(problems)


@pytest.mark.usefixtures("place")
def test_tables_have_headers_and_are_aligned(work: Path) -> None:
    screens = shown(100, work)
    for line, headers in {
        "profile list": ["NAME", "PROVIDER", "GATEWAY"],
        "helper list": ["NAME", "GATEWAY", "KEY", "PROFILE"],
        "rule": ["CODE", "KIND", "NAME", "WHAT IT FINDS"],
    }.items():
        first, *rows = screens[line][screens[line].index(headers[0]) - 2 * (line == "profile list") :].split("\n")
        starts = [first.index(header) for header in headers]
        assert starts == sorted(starts)
        for start in starts[1:]:
            assert all(row[start - 2 : start].strip() == "" for row in rows if not row.startswith("  ")), line
    assert "```" not in screens["rule CGW101"]
    assert "##" not in screens["rule CGW101"]
    assert "**" not in screens["rule CGW101"]
