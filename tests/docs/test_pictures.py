"""The pictures of README.md and docs/: real runs on a terminal, drawn as SVG; `make update` draws them again.

A picture is out of date when its words are not those that the run shows now.
"""

from __future__ import annotations

import html
import io
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

import pyte
import pytest
from rich.console import Console
from rich.text import Text
from tests.cli.terminals import Terminal
from tests.cli.test_wizard import KEY, LiteLLM

from claude_gw_cli.facts.versions import NEWEST

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
COLUMNS, ROWS = 80, 160
ENTER = b"\r"
SET_UP = ("init", "{url}", "--secret", "file://{home}/.llm-key", "--scope", "user", "--yes")
WRONG = (
    '{"env": {"ANTHROPIC_BASE_URL": "{url}/v1", "CLAUDE_CODE_USE_BEDROCK": "1", '
    '"ANTHROPIC_API_KEY": "sk-live-1f9a7c"}}'
)


@dataclass(frozen=True)
class Picture:
    """One screen.

    Attributes:
        argv: what is typed after ``cgw``; ``{url}`` and ``{home}`` are filled in.
        before: other commands of cgw that are run first, not shown.
        keys: what is waited for, and what is typed then.
        files: path below the home -> content.
    """

    argv: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    keys: tuple[tuple[str, bytes], ...] = ()
    files: tuple[tuple[str, str], ...] = ()


PICTURED = {
    "init": Picture(
        ("init",),
        keys=(
            *((words, ENTER) for words in ("gateway's address?", "Which format", "Which header", "How does the key")),
            ("Where is the", ENTER),
            ("It is not shown", KEY.encode() + ENTER),
            ("Do this?", ENTER),
        ),
    ),
    "status": Picture(("status",), (SET_UP,), files=((".llm-key", KEY),)),
    "explain": Picture(("explain",), (SET_UP,), files=((".llm-key", KEY),)),
    "doctor": Picture(("doctor",), (SET_UP,), files=((".llm-key", KEY),)),
    "doctor-key": Picture(("doctor",), (SET_UP,), files=((".llm-key", "sk-of-another-gateway-0123456789"),)),
    "check": Picture(("check", "."), files=(("project/.claude/settings.json", WRONG),)),
}
VARYING = (
    (re.compile(r"127\.0\.0\.1:\d{5}"), "127.0.0.1:40000"),
    (re.compile(r"127\.0\.0\.1:\d…"), "127.0.0.1:4…"),
    (re.compile(r"\b\d+\.\d+ s\b"), "0.1 s"),
    (re.compile(r"/tmp/cgw-\w{8}"), "/home/ana"),
)
"""What differs from run to run, and what the picture has instead."""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose path always has the same length, with a client on PATH; the working directory is below it."""
    with tempfile.TemporaryDirectory(prefix="cgw-", dir="/tmp") as name:
        program = Path(name, "bin", "claude")
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\necho '{NEWEST} (Claude Code)'\n", encoding="utf-8")
        program.chmod(0o755)
        Path(name, "project").mkdir()
        monkeypatch.delenv("NO_COLOR")
        for variable, value in {
            "HOME": name,
            "PATH": f"{program.parent}:{os.defpath}",
            "PYTHONUTF8": "1",
            "TERM": "xterm-256color",
        }.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.chdir(Path(name, "project"))
        yield Path(name)


@pytest.fixture
def gateway() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), LiteLLM) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def shot(picture: Picture, url: str, home: Path) -> pyte.Screen:
    """The terminal after the run."""
    for name, text in picture.files:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text.replace("{url}", url), encoding="utf-8")
        (home / name).chmod(0o600)
    port = url.rpartition(":")[2]
    prepared = (
        f"from claude_gw_cli.world import detect; detect.PORTS = ({port},)\n"
        "detect.SECONDS = detect._LOCAL_SECONDS = detect._ANSWER_SECONDS = detect._CONNECT_SECONDS = 60\n"
    )
    shown = b""
    for argv in (*picture.before, picture.argv):
        filled = [word.replace("{url}", url).replace("{home}", str(home)) for word in argv]
        terminal = Terminal(*filled, columns=COLUMNS, before=prepared)
        try:
            for words, keys in picture.keys:
                terminal.wait_for(words)
                terminal.type(keys)
            terminal.finish()
            shown = terminal.shown
        finally:
            terminal.close()
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.ByteStream(screen).feed(shown)
    return screen


def drawn(screen: pyte.Screen, name: str, command: str) -> str:
    """A terminal's content as SVG."""
    lines = [Text(f"$ {command}", style="bold")]
    for row in range(ROWS):
        line = Text(no_wrap=True)
        for column in range(COLUMNS):
            cell = screen.buffer[row][column]
            line.append(cell.data, style=" ".join(_style(cell)))
        line.rstrip()
        lines.append(line)
    while not lines[-1].plain:
        lines.pop()
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(_steady(line), highlight=False)
    return console.export_svg(title=f"cgw {name}", unique_id=f"cgw-{name}")


def _style(cell: pyte.screens.Char) -> Iterator[str]:
    colours = {"brown": "yellow", "default": ""}
    if cell.bold:
        yield "bold"
    if cell.italics:
        yield "italic"
    if cell.underscore:
        yield "underline"
    if cell.reverse:
        yield "reverse"
    colour = colours.get(cell.fg, cell.fg.replace("bright", "bright_"))
    if colour:
        yield f"#{colour}" if re.fullmatch("[0-9a-f]{6}", colour) else colour


def _steady(line: Text) -> Text:
    for pattern, instead in VARYING:
        found = pattern.search(line.plain)
        while found and found.group() != instead:
            style = line.get_style_at_offset(Console(), found.start())
            line = Text("").join([line[: found.start()], Text(instead, style), line[found.end() :]])
            found = pattern.search(line.plain, found.start() + len(instead))
    return line


def words(svg: str) -> str:
    """The text of a picture."""
    return "\n".join(html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg))


@pytest.mark.parametrize("name", PICTURED)
def test_a_picture_shows_what_the_command_shows(
    name: str, gateway: str, home: Path, request: pytest.FixtureRequest
) -> None:
    svg = drawn(shot(PICTURED[name], gateway, home), name, " ".join(("cgw", *PICTURED[name].argv)))
    assert KEY not in svg
    file = PICTURES / f"{name}.svg"
    if request.config.getoption("--update"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(svg, encoding="utf-8")
    assert words(file.read_text(encoding="utf-8")) == words(svg), "run: make update"


def test_every_picture_has_a_run() -> None:
    drawn_by_bench = {file.stem for file in PICTURES.glob("speed-*")}
    assert {file.stem for file in PICTURES.glob("*")} - drawn_by_bench == set(PICTURED)
