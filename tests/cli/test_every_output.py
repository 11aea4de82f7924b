"""What the commands print of a hostile repository, home, environment and gateway: no controls and no keys.

The commands are those of the command table, so that a new one needs a row here.
"""

from __future__ import annotations

import ast
import json
import os
import random
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli.commands import COMMANDS
from claude_gw_cli.cli.out import error_line, verbosity, write_stdout
from claude_gw_cli.core.terminal import escaped, styled
from claude_gw_cli.facts.variables import VARIABLES

SRC = Path(__file__).parents[2] / "src" / "claude_gw_cli"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
HOSTILE = "a\x1b]0;x\x07\x1b[2Jb\x9bc\u202ed\u2066e\u2028f\x7fg\r"
SHORT = "n\x1b[31m\u202e"
"""For names of files, which are limited in length."""

# Command -> its lines: {p} is a profile of the user's, {q} the repository's, {h} the hostile text.
LINES: dict[str, tuple[str, ...]] = {
    "init": ("init {h} --yes", "init --provider {h}", "init new --gateway-url http://127.0.0.1/{h} --yes --dry-run"),
    "run": ("run --profile {p} -- ./no-{h}", "run --profile {h} -- true"),
    "env": ("env --shell {h}", "env --profile {h}", "env --profile {q} --shell sh"),
    "settings render": (
        "settings render --profile {p}",
        "settings render --profile {p} --write-secret",
        "settings render --profile {p} --scope managed --for {h}",
    ),
    "settings diff": (
        "settings diff --profile {p}",
        "settings diff --profile {p} --scope local",
        "settings diff --profile {p} --scope project",
    ),
    "settings apply": ("settings apply --profile {p} --scope local", "settings apply --profile {p} --out ./{h}.json"),
    "status": ("status", "status --format json", ""),
    "switch": ("switch {p} --scope local --yes", "switch {h}"),
    "settings undo": ("settings undo --scope local",),
    "settings status": (
        "settings status",
        "settings status -v",
        "settings status --tree .",
        "settings status --format json",
    ),
    "settings history": ("settings history", "settings history --limit {h}"),
    "helper install": ("helper install --profile {p}", "helper install {h}"),
    "helper show": ("helper show", "helper show {h}"),
    "helper list": ("helper list",),
    "helper run": ("helper run {h}",),
    "helper test": ("helper test", "helper test {h}"),
    "helper refresh": ("helper refresh", "helper refresh {h}"),
    "secret set": ("secret set {h}",),
    "secret test": ("secret test {h}", "secret test exec:./loud", "secret test file:///{h}", "secret test env://{h}"),
    "secret rm": ("secret rm {h}",),
    "check": (
        "check",
        "check .",
        "check . --diff --unsafe-fixes",
        "check ./{h}",
        *(f"check . --format {name}" for name in ("concise", "json", "jsonl", "sarif", "github")),
    ),
    "rule": ("rule {h}",),
    "explain": (
        "explain",
        "explain --format json",
        "explain --profile {p}",
        "explain --profile {q}",
        "explain --client-version {h}",
        "explain -- --model {h}",
    ),
    "trace": ("trace --client ./client --profile {p}", "trace --client ./no-{h}"),
    "doctor": ("doctor --profile {p}", "doctor --profile {p} --format json", "doctor --profile {q}"),
    "gateway snippet": ("gateway snippet --profile {p}", "gateway snippet --profile {h}"),
    "profile list": ("profile list", "profile list --format json"),
    "profile show": ("profile show", "profile show {p}", "profile show {q}", "profile show {h}"),
    "profile use": ("profile use {h}",),
    "profile update": ("profile update {h}", "profile update work"),
    "profile trust": ("profile trust --yes", "profile trust ./{h}.toml --yes"),
    "profile deny": ("profile deny", "profile deny ./{h}.toml"),
    "profile export": ("profile export {p}", "profile export {q}", "profile export {h}"),
    "profile set": (
        "profile set {p} region={h}",
        "profile set {h} region=x",
        "profile set {p} {h}=x",
        "profile set {h}",
    ),
    "profile edit": ("profile edit {p} --yes", "profile edit {h}"),
    "profile rename": ("profile rename {h} x", "profile rename work {h}"),
    "profile rm": ("profile rm {h} --yes",),
    "helper uninstall": ("helper uninstall {h}", "helper uninstall work"),
    "facts show": ("facts show", "facts show --format json"),
    "facts update": ("facts update {h}", "facts update {p}", "facts update {p} --sha256 {h}"),
    "facts reset": ("facts reset",),
    "uninstall": ("uninstall --dry-run", "uninstall --yes"),
    "demo": ("demo --client ./no-{h}",),
    "version": ("version", "version {h}"),
    "help": ("help", "help {h}"),
    "--show-completion": ("--show-completion {h}", "--show-completion bash", "--show-completion nu"),
    "--install-completion": ("--install-completion {h}", "--install-completion zsh"),
}
USAGE = ("{h}", "check --{h}", "--{h}", "settings {h}", "doctor --format {h}")


class Hostile(BaseHTTPRequestHandler):
    """A gateway whose answers contain escape sequences."""

    def do_GET(self) -> None:
        data = json.dumps({"error": {"message": HOSTILE}, "data": [{"id": HOSTILE}]}, ensure_ascii=False).encode()
        self.send_response(403, "no\x1b[2J")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_HEAD = do_GET  # noqa: N815 - the library calls them so

    def log_message(self, *_: object) -> None:
        pass


Run = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a line in this process; its words are divided by single spaces."""
    from claude_gw_cli.__main__ import run as run_cgw

    def run(line: str) -> tuple[int, str, str]:
        verbosity.quiet = verbosity.verbose = False
        capfd.readouterr()
        words = line.split(" ")
        for mark, text in {"{h}": HOSTILE, "{p}": "work", "{q}": "./cgw.toml"}.items():
            words = [word.replace(mark, text) for word in words]
        try:
            code = run_cgw(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def run(tmp_path: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch, call: Run) -> Iterator[Run]:
    """Run a line in a repository below a directory with a hostile name."""
    home = isolated / SHORT
    work = tmp_path / SHORT / "repository"
    work.mkdir(parents=True)
    (work / ".git").mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-Team: {HOSTILE}")
    monkeypatch.setenv("ANTHROPIC_MODEL", HOSTILE)
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        quoted = json.dumps(HOSTILE)  # also a TOML string
        profile = f'provider = "unified"\ngateway_url = "{root}"\nsecret = "exec:{work}/loud"\n'
        own = home / ".config/cgw/profiles"
        own.mkdir(parents=True)
        (own / "work.toml").write_text(profile + 'auth = "helper"\n')
        (own / f"{SHORT}.toml").write_text(profile)
        (own / "values.toml").write_text(f"{profile}base_path = {quoted}\n[models]\nopus = {quoted}\n")
        (work / "cgw.toml").write_text(f"{profile}base_path = {quoted}\n[env]\n{quoted} = {quoted}\n")
        settings = {
            "env": {"ANTHROPIC_BASE_URL": f"{root}/{HOSTILE}", HOSTILE: HOSTILE, "ANTHROPIC_AUTH_TOKEN": HOSTILE},
            HOSTILE: {HOSTILE: HOSTILE},
            "model": HOSTILE,
            "apiKeyHelper": f"./{HOSTILE}",
        }
        for folder in (work / ".claude", home / ".claude", work / SHORT / ".claude"):
            folder.mkdir(parents=True)
            for name, ascii_only in (("settings.json", True), ("settings.local.json", False)):
                (folder / name).write_text(json.dumps(settings, indent=2, ensure_ascii=ascii_only))
        (work / f"{SHORT}.toml").write_text(profile)
        for name, code in (("loud", 3), ("client", 1)):
            (work / name).write_text(
                f"#!/bin/sh\nprintf '\\033]0;x\\007\\302\\233\\342\\200\\256no' >&2\nexit {code}\n"
            )
            (work / name).chmod(0o755)

        yield call
        server.shutdown()


def test_every_command_has_lines() -> None:
    assert LINES.keys() == COMMANDS.keys()


def test_no_command_prints_a_control(run: Run) -> None:
    shown = 0
    for line in (*(line for lines in LINES.values() for line in lines), *USAGE):
        code, out, err = run(line)
        assert code != 70, f"cgw {line}: {err}"
        for text in (out, err):
            found = CONTROLS.search(text)
            assert not found, f"cgw {line} -> {text[max(0, found.start() - 200) : found.end() + 20]!r}"
        shown += "u202e" in out + err
        if "--format json" in line and "jsonl" not in line and out:
            json.loads(out)
    assert shown > 30, "the hostile texts have to arrive for this test to mean anything"


def test_json_keeps_its_meaning(run: Run) -> None:
    _, out, _ = run("check . --format json")
    assert f"{SHORT}/.claude/settings.json" in json.dumps(json.loads(out), ensure_ascii=False).replace(
        "\\u001b", "\x1b"
    )


def test_a_message_shows_controls_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x1b]0;x\x07b\x9bc\u202ed\u2028e\x7ff\r\udcff"
    error_line(hostile)
    shown = capsys.readouterr().err
    assert shown == "a\\u001b]0;x\\u0007b\\u009bc\\u202ed\\u2028e\\u007ff\\u000d\\udcff\n"
    assert json.loads(escaped(json.dumps(hostile, ensure_ascii=False))) == hostile
    assert escaped(json.dumps(hostile, ensure_ascii=False)).isprintable()


@pytest.mark.parametrize("style", ["0", "1", "2", "32", "1;31"])
def test_only_the_reports_own_colours_stay(style: str) -> None:
    assert styled(f"\x1b[{style}mx\x1b[0m\n\t") == f"\x1b[{style}mx\x1b[0m\n\t"
    for hostile in ("\x1b[2J", "\x1b[8m", "\x1b]8;;http://x\x07", "\x1b", "\x1b[1", "\x1b[38;5;1m", "\x9b1m"):
        assert not CONTROLS.search(styled(hostile))


def test_on_a_terminal_only_colours_pass(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("claude_gw_cli.cli.out.use_color", lambda _: True)
    write_stdout(f"\x1b[1;31mred\x1b[0m {HOSTILE}\n")
    out = capfd.readouterr().out
    assert out.startswith("\x1b[1;31mred\x1b[0m a\\u001b]0;x")
    assert not CONTROLS.search(out.removeprefix("\x1b[1;31mred\x1b[0m"))


def test_a_page_of_rich_is_escaped_before_it_is_laid_out() -> None:
    import io

    from rich.live import Live
    from rich.table import Table

    from claude_gw_cli.cli.screen import Screen

    page = io.StringIO()
    screen = Screen(file=page, force_terminal=True, width=200, markup=False)
    table = Table.grid()
    table.add_column(no_wrap=True)
    table.add_row(HOSTILE.strip())
    with Live(table, console=screen):
        screen.print(HOSTILE)
    shown = page.getvalue()
    assert "\x1b[?25l" in shown
    assert "\x1b]" not in shown
    assert "\x1b[2Jb" not in shown
    assert not CONTROLS.search(re.sub(r"\x1b\[[?0-9;]*[A-Za-z]|\r", "", shown))


def test_there_is_no_other_way_out() -> None:
    """What writes to a standard stream or makes a console is one of these, for the reason given."""
    allowed = {
        "cli/out.py": "the door",
        "cli/screen.py": "Rich's pages, escaped",
        "cli/wizard/plain.py": "questions and the echo of what is typed, escaped",
        "cli/wizard/screen.py": "prompt_toolkit's questions, escaped",
        "helper/runtime.py": "the key on stdout; escaped messages on stderr",
        "secrets/keyring_child.py": "a pipe to the parent process",
        "__main__.py": "a fixed text",
    }
    streams = re.compile(
        r"sys\.std(?:out|err)\.(?:write|buffer)|sys\.__std|os\.write\((?:1|2|sys)|rich\.console|prompt_toolkit\.output"
        r"|\bprint$"
    )
    found = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            text = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and text == "os.write" and node.args:
                text = f"{text}({ast.unparse(node.args[0])})"
            text = node.module or "" if isinstance(node, ast.ImportFrom) else text
            if streams.search(text) and "console.print" not in text and not _only_for_types(path, node):
                found.add(str(path.relative_to(SRC)))
    assert found <= allowed.keys(), found - allowed.keys()
    raw = {str(path.relative_to(SRC)) for path in SRC.rglob("*.py") if "write_raw(" in path.read_text()}
    assert raw == {"cli/out.py", "cli/env.py", "cli/completion/command.py", "cli/settings_render.py"}, (
        "only what a shell or another program evaluates is written as it is"
    )


def _only_for_types(path: Path, node: Any) -> bool:
    line = path.read_text().splitlines()[node.lineno - 1]
    return line.startswith("    from rich.console import") and set(line.split("import ")[1].split(", ")) <= {
        "RenderableType",
        "Group",
    }


def test_a_workflow_command_is_escaped_as_the_runner_reads_it() -> None:
    from claude_gw_cli.core.model import Finding, Location
    from claude_gw_cli.report.lines import github

    name = "a%b:c,d\r\n::error::x"
    found = Finding("CGW101", "slug", "error", f"m {name}", Location(name, 1, 1), "h")
    line = github(found)
    assert line.count("\n") == 1
    assert line.startswith("::error file=a%25b%3Ac%2Cd%0D%0A%3A%3Aerror%3A%3Ax,line=1,col=1,title=")
    assert "\r" not in line


def test_a_name_that_is_not_text_is_shown(tmp_path: Path, run: Run) -> None:
    folder = Path(os.fsdecode(b"not-\xff-text"))
    folder.mkdir()
    (folder / "settings.json").write_text("{")
    _, out, err = run(f"check {folder}")
    assert "not-\\udcff-text" in out + err


# Commands whose result is the key itself.
GIVES_THE_KEY = {"env", "run", "helper run", "settings render"}
CANARIES = (
    "sk-ant-api03-CanAry0123456789ab",
    "Zq8xW2nT5vB7mK4pL9rD3sF6",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Canary12",
)


def planted(key: str, chance: random.Random) -> dict[str, Any]:
    """A settings document with a key in members that cgw knows and in members that nothing knows."""

    def value() -> Any:
        return chance.choice(
            (key, f"x {key} y", f"https://u:{key}@h.example/?k={key}", [key, f"--token={key}"], {"a": key})
        )

    known = (
        "model",
        "apiKeyHelper",
        "outputStyle",
        "statusLine",
        "permissions",
        "hooks",
        "awsAuthRefresh",
        "mcpServers",
    )
    variables = (*chance.sample(sorted(VARIABLES), 12), "SOMETHING", "MY_PASSWORD", "X_HEADERS", "ANTHROPIC_BASE_URL")
    members = {name: value() for name in (*chance.sample(known, 4), "somethingUnknown", "apiKey", "note")}
    env = {name: chance.choice((key, f"a: {key}", f"https://u:{key}@h.example")) for name in variables}
    return {**members, "env": env, "list": [{"deep": value()}]}


@pytest.mark.parametrize("key", CANARIES, ids=["by its beginning", "by its form", "JWT"])
@pytest.mark.parametrize("seed", range(3))
def test_no_command_prints_a_key(
    key: str, seed: int, call: Run, work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    own = isolated / ".config/cgw/profiles"
    own.mkdir(parents=True)
    profile = 'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\n'
    (own / "work.toml").write_text(f"""{profile}secret = "env://CGW_TEST_KEY"
base_path = "/v1/{key}"
[headers]
x-team = "{key}"
[env]
SOMETHING = "{key}"
MY_PASSWORD = "{key}"
[models]
opus = "{key}"
[oauth.work]
token_url = "http://127.0.0.1:9/t?k={key}"
client_secret = "{key}"
""")
    (work / ".git").mkdir()
    (work / "cgw.toml").write_text(f'{profile}secret = "exec:echo {key}"\n[headers]\nx-other = "Bearer {key}"\n')
    for folder in (work / ".claude", isolated / ".claude"):
        folder.mkdir()
        for name in ("settings.json", "settings.local.json"):
            (folder / name).write_text(json.dumps(planted(key, chance), indent=2))
    monkeypatch.setenv("CGW_TEST_KEY", key)
    for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_MODEL", "SOMETHING", "MY_PASSWORD", "CLAUDE_CODE_EXTRA_BODY"):
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"x-a: {key}\nx-b: {key}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://u:{key}@127.0.0.1:9")
    (work / "client").write_text(f"#!/bin/sh\necho {key} >&2\nexit 1\n")
    (work / "client").chmod(0o755)
    (work / "loud").write_text(f"#!/bin/sh\necho 'cannot use {key}' >&2\nexit 3\n")
    (work / "loud").chmod(0o755)
    hidden = key[12:]
    answered = 0
    leaks = []
    for command, lines in LINES.items():
        for line in lines if command not in GIVES_THE_KEY else ():
            code, out, err = call(line)
            leaks += [f"cgw {line}: {shown}" for shown in (out + err).splitlines() if hidden in shown]
            answered += code in (0, 1)
    assert not leaks, "\n".join(leaks)
    assert answered > 20
