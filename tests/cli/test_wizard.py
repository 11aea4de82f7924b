"""`cgw init` on a terminal: starting situations, the way back, keys in wrong questions, and every way out."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .terminals import Terminal

KEY = "sk-local-0123456789abcdef"
ENTER, ESCAPE, DOWN, CTRL_C, CTRL_D = b"\r", b"\x1b", b"\x1b[B", b"\x03", b"\x04"
PASTE = b"\x1b[200~%s\x1b[201~"

# The C handler of Ctrl-C runs just before the wait for an answer begins: `map` calls both without a look for signals
# between them, as when the signal arrives in that moment.
LATE = (
    "import ctypes, functools, operator, select; from claude_gw_cli.cli import typed; wait = select.select\n"
    "press = functools.partial(getattr(ctypes.PyDLL(None), 'raise'), 2)\n"
    "select.select = lambda *sets: list(map(operator.call, [press, functools.partial(wait, *sets)]))[1]\n"
)


class LiteLLM(BaseHTTPRequestHandler):
    """As much of LiteLLM as the wizard and `cgw doctor` ask; one key is right."""

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, code: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("x-litellm-version", "1.108.7")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        if self.path.startswith("/health"):
            self._answer(200, "I'm alive!")
        elif self._is_right():
            self._answer(200, {"data": [{"id": "claude-opus-5-5", "object": "model"}], "object": "list"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"] or 0)) or b"{}")
        if not self._is_right():
            return
        if "messages" in body:
            self._answer(200, {"input_tokens": 8})
        else:
            self._answer(400, {"error": {"message": "litellm.BadRequestError: messages: Field required"}})

    def _is_right(self) -> bool:
        if f"Bearer {KEY}" in (self.headers["authorization"], self.headers["x-litellm-api-key"]):
            return True
        self._answer(
            401, {"error": {"message": "Invalid proxy server token passed", "type": "token_not_found_in_db"}}
        )
        return False


@pytest.fixture
def gateway() -> Iterator[int]:
    """A gateway like LiteLLM; its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), LiteLLM) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


Start = Callable[..., Terminal]


@pytest.fixture
def wizard(work: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start `cgw init` on a capable terminal, in a home with nothing; ``ports`` are the usual ports of gateways."""
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("PATH", os.defpath)
    started: list[Terminal] = []

    def start(*argv: str, ports: tuple[int, ...] = (), before: str = "", **given: Any) -> Terminal:
        usual = (
            f"from claude_gw_cli.world import detect; detect.PORTS = {ports!r}\n"
            "detect.SECONDS = detect._LOCAL_SECONDS = detect._ANSWER_SECONDS = detect._CONNECT_SECONDS = 60\n"
        )
        started.append(Terminal("init", *argv, before=usual + before, **given))
        return started[-1]

    yield start
    for item in started:
        item.close()


def settings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(os.environ["HOME"]) / ".claude/settings.json").read_text())
    return found


def written(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


def test_litellm_on_this_machine_takes_six_times_enter_and_the_key(
    wizard: Start, gateway: int, isolated: Path
) -> None:
    """Situation: LiteLLM on localhost, no keyring. Nothing but the key has to be known."""
    shown = wizard(ports=(gateway,))
    shown.wait_for(f"LiteLLM answers at http://127.0.0.1:{gateway}")
    shown.wait_for("no keyring works here")
    for question in ("gateway's address?", "Which format", "Which header", "How does the key reach", "Where is the"):
        shown.answer(question, ENTER)
        shown.wait_for("Ctrl-C stop")
    shown.answer("It is not shown", KEY.encode() + ENTER)
    shown.wait_for('+ "ANTHROPIC_BASE_URL"')
    shown.wait_for("variables emptied, so that none of another set-up counts")
    shown.wait_for("the key (sk-l…)")
    shown.answer("Do this?", DOWN + DOWN + ENTER)  # every line
    shown.wait_for('+ "ANTHROPIC_VERTEX_BASE_URL": ""')
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 0
    text = shown.text
    assert KEY not in text
    assert "✗" not in text
    assert text.rstrip().splitlines()[-1] == "Next: npm install -g @anthropic-ai/claude-code"
    assert settings()["env"]["ANTHROPIC_BASE_URL"] == f"http://127.0.0.1:{gateway}"
    stored = isolated / ".config/cgw/keys" / "127.0.0.1"
    assert (stored.read_text(), stored.stat().st_mode & 0o777) == (KEY, 0o600)
    assert settings()["apiKeyHelper"] == str(isolated / ".config/cgw/helpers/127.0.0.1")
    from claude_gw_cli.__main__ import run

    assert run(["uninstall", "--yes"]) == 0
    assert not [*isolated.iterdir()], "one command takes everything back, the key too"


def test_nothing_here_gives_defaults_and_says_what_is_missing(wizard: Start, isolated: Path) -> None:
    """Situation: nothing. The set-up is made, the proof fails, and the last line is the next step."""
    shown = wizard()
    shown.answer("gateway's address?", b"127.0.0.1:9" + ENTER)
    shown.wait_for("Nothing listens there now")
    for question in ("Which format", "Which header", "How does the key reach", "Where is the"):
        shown.answer(question, ENTER)
    shown.answer("It is not shown", KEY.encode() + ENTER)
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 1
    *_, sentence, command = shown.text.rstrip().splitlines()
    assert command.startswith("Next: ")
    assert "failed" in " ".join(shown.text.split("The set-up is in place")[1].split())
    assert sentence


def test_a_key_of_this_shell_is_proposed_and_not_copied(
    wizard: Start, gateway: int, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Situation: a key in the environment."""
    monkeypatch.setenv("LITELLM_API_KEY", KEY)
    shown = wizard(ports=(gateway,))
    shown.wait_for("in the variable LITELLM_API_KEY")
    for question in ("gateway's address?", "Which format", "Which header", "How does the key reach"):
        shown.answer(question, ENTER)
    shown.answer("LITELLM_API_KEY is set in this shell.", ENTER)
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 0
    assert 'secret = "env://LITELLM_API_KEY"' in (isolated / ".config/cgw/profiles/127.0.0.1.toml").read_text()
    assert KEY not in shown.text
    assert not [name for name in written(isolated) if KEY.encode() in (isolated / name).read_bytes()]


def test_a_variable_that_the_settings_would_clear_is_copied(
    wizard: Start, gateway: int, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    shown = wizard(f"127.0.0.1:{gateway}")
    shown.answer("a copy, stored in the private file", ENTER)
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 0
    assert (isolated / ".config/cgw/keys/127.0.0.1").read_text() == KEY


def test_settings_that_are_here_are_taken_over_and_can_come_back(wizard: Start, gateway: int, isolated: Path) -> None:
    """Situation: existing settings with the key in them. It moves into a store; undo restores every byte."""
    file = isolated / ".claude/settings.json"
    file.parent.mkdir()
    env = {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{gateway}", "ANTHROPIC_AUTH_TOKEN": KEY}
    before = f'{{"model": "opus",\n "env": {json.dumps(env)}}}\n'
    file.write_text(before)
    shown = wizard()
    shown.wait_for("ANTHROPIC_BASE_URL in ")
    shown.answer("the set-up that is here?", ENTER)
    shown.answer("How does the key reach", ENTER)
    shown.wait_for("copied from ANTHROPIC_AUTH_TOKEN in")
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 0
    assert KEY not in file.read_text() + shown.text
    assert settings()["model"] == "opus"
    from claude_gw_cli.__main__ import run

    assert run(["settings", "undo"]) == 0
    assert file.read_text() == before


@pytest.mark.parametrize("has_token", [True, False])
def test_a_vault_address_is_proposed_with_a_token_and_named_without(
    wizard: Start, isolated: Path, monkeypatch: pytest.MonkeyPatch, has_token: bool
) -> None:
    """Situation: Vault address set."""
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:9")
    if has_token:
        (isolated / ".vault-token").touch(mode=0o600)
        (isolated / ".vault-token").write_text("hvs.fakefakefakefake")
    shown = wizard("http://127.0.0.1:9")
    if not has_token:
        shown.wait_for("no token is here")
        shown.answer("Vault is possible, too.", DOWN + ENTER)
    else:
        shown.answer("and you are signed in.", ENTER)
    shown.wait_for("Vault's address: http://127.0.0.1:9")
    shown.answer("Which path and field", b"kv/team" + ENTER)
    shown.wait_for("No key came from there. What now?")
    shown.wait_for("cannot be reached" if has_token else "vault login -address=http://127.0.0.1:9")
    shown.answer("Ctrl-C stop", b"u" + ENTER)
    shown.wait_for("Key: read from vault://kv/team#key")
    shown.answer("Do this?", b"no"[:1] + ENTER)
    assert shown.finish() == 0
    assert "Nothing was changed." in shown.text
    assert "hvs." not in shown.text
    assert written(isolated) == [".vault-token"] * has_token


def test_with_an_address_only_the_key_is_asked_for(wizard: Start, gateway: int, isolated: Path) -> None:
    shown = wizard(f"127.0.0.1:{gateway}")
    shown.answer("Where is the gateway's key?", ENTER)
    shown.answer("It is not shown", KEY.encode() + ENTER)
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 0
    for question in ("address?", "Which format", "Which header", "How does the key"):
        assert question not in shown.text
    assert settings()["apiKeyHelper"]


def test_each_answer_is_checked_and_asked_for_again(wizard: Start, isolated: Path) -> None:
    shown = wizard()
    shown.answer("gateway's address?", b"http://" + ENTER)
    shown.wait_for("is not an http(s) address")
    shown.answer("Ctrl-C stop", b"\x15127.0.0.1:9" + ENTER)
    shown.answer("Which format", b"b" + ENTER)
    shown.wait_for("Format: bedrock")
    shown.answer("Who holds the cloud credential?", ENTER)
    shown.answer("Which cloud region?", b"my-proj" + ENTER)
    shown.wait_for("'my-proj' is not a region")
    shown.answer("Ctrl-C stop", b"\x15eu-west-1" + ENTER)
    shown.wait_for("Region: eu-west-1")
    shown.answer("Which header", b"\x1b[A" + ENTER)  # up from the first: the last, another
    shown.answer("the header's name?", b"bearer" + ENTER)
    shown.wait_for("'bearer' is the word before a key")
    shown.answer("Ctrl-C stop", b"\x15x-team-key" + ENTER)
    shown.answer("How is the key written in x-team-key?", ENTER)
    shown.wait_for("Key header: x-team-key")
    shown.answer("never from a helper", CTRL_C)
    assert shown.finish() == 130
    assert not written(isolated)


def test_a_header_that_no_helper_fills_is_written_into_ones_own_settings(
    wizard: Start, gateway: int, isolated: Path
) -> None:
    shown = wizard(f"127.0.0.1:{gateway}", "--key-header", "x-litellm-api-key")
    shown.answer("never from a helper", ENTER)
    shown.answer("Where is the gateway's key?", ENTER)
    shown.answer("It is not shown", KEY.encode() + ENTER)
    shown.wait_for("x-litellm-api-key: Bearer sk-l…")
    shown.answer("Do this?", ENTER)
    assert shown.finish() == 0
    assert KEY not in shown.text
    assert settings()["env"]["ANTHROPIC_CUSTOM_HEADERS"] == f"x-litellm-api-key: Bearer {KEY}"
    assert (isolated / ".claude/settings.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("back", [ESCAPE, b"<\r", b"\x1b[D"], ids=["Esc", "<", "Left"])
def test_every_question_has_a_way_back(wizard: Start, isolated: Path, back: bytes) -> None:
    shown = wizard()
    shown.answer("gateway's address?", b"127.0.0.1:9" + ENTER)
    shown.answer("Which format", ENTER)
    shown.answer("Which header", back[:1] if back.startswith(b"<") else back)
    shown.wait_for("Which format")
    shown.answer("Ctrl-C stop", back[:1] if back.startswith(b"<") else back)
    shown.answer("gateway's address?", back)
    shown.answer("This is the first question", b"")
    shown.answer("gateway's address?", b"127.0.0.1:11" + ENTER)
    shown.wait_for("Gateway: http://127.0.0.1:11")
    shown.answer("Which format", CTRL_D)
    assert shown.finish() == 130
    assert not written(isolated)


@pytest.mark.parametrize(
    ("mode", "pasted"),
    [
        ("screen", KEY),
        ("plain", KEY),
        ("screen", f'export ANTHROPIC_AUTH_TOKEN="{KEY}"'),
        ("plain", "x-api-key: 3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"),
        ("screen", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"),
    ],
)
def test_a_key_in_a_wrong_question_is_masked_and_taken_for_what_it_is(
    wizard: Start, isolated: Path, monkeypatch: pytest.MonkeyPatch, pasted: str, mode: str
) -> None:
    key = pasted.strip('"').rpartition('"')[2].rpartition(" ")[2]
    if mode == "plain":
        monkeypatch.setenv("TERM", "dumb")
    shown = wizard()
    shown.answer("gateway's address?", (PASTE % pasted.encode() if mode == "screen" else pasted.encode()) + b"\r")
    shown.answer("Is it the gateway's key?", ENTER)
    shown.wait_for(f"Key: {key[:4]}…, {len(key)} characters")
    shown.answer("gateway's address?", b"127.0.0.1:9" + ENTER)
    for question in ("Which format", "Which header", "How does the key reach"):
        shown.answer(question, ENTER)
    shown.wait_for("the key (")
    shown.answer("Do this?", CTRL_C)
    assert shown.finish() == 130
    assert "Where is the gateway's key?" not in shown.text
    assert key not in shown.text
    assert key[8:] not in shown.text
    assert not written(isolated)


@pytest.mark.parametrize("how", ["bracketed", "typed", "plain"])
def test_a_key_in_a_choice_is_taken_for_what_it_is(
    wizard: Start, isolated: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "plain":
        monkeypatch.setenv("NO_COLOR", "1")
    shown = wizard()
    shown.answer("gateway's address?", b"127.0.0.1:9" + ENTER)
    shown.answer("Which format", PASTE % KEY.encode() if how == "bracketed" else KEY.encode() + ENTER)
    shown.answer("Is it the gateway's key?", ENTER)
    shown.wait_for("Key: sk-l…, 25 characters")
    shown.answer("Which format", ENTER)
    shown.wait_for("Format: unified")
    shown.answer("Which header", CTRL_C)
    assert shown.finish() == 130
    assert KEY not in shown.text


def test_an_address_from_an_option_gives_the_name(wizard: Start, isolated: Path) -> None:
    shown = wizard("--gateway-url", "http://127.0.0.1:9")
    for question in ("Which format", "Which header", "How does the key reach", "Where is"):
        shown.answer(question, ENTER)
    shown.answer("not shown", KEY.encode() + ENTER)
    shown.wait_for("~/.config/cgw/profiles/127.0.0.1.toml")
    shown.answer("Do this?", CTRL_C)
    assert shown.finish() == 130


def test_a_key_is_masked_while_it_is_typed(wizard: Start) -> None:
    shown = wizard()
    shown.wait_for("gateway's address?")
    for letter in KEY.encode():
        shown.type(bytes([letter]))
    shown.wait_for("sk-l" + "*")
    shown.type(CTRL_C)
    assert shown.finish() == 130
    assert "sk-lo" not in shown.text


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("NO_COLOR", "1"), ("ACCESSIBLE", "1")])
def test_plain_questions_are_lines_with_numbers(
    wizard: Start, gateway: int, isolated: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    shown = wizard(ports=(gateway,), columns=60)
    shown.answer("gateway's address?", b"\n")
    shown.answer(" 7 ", b"9\n")
    shown.wait_for("Type a number from 1 to 7.")
    shown.answer("Number [1]: ", b"vertez\x7f\n")
    shown.wait_for("Type a number from 1 to 7.")
    shown.answer("Number [1]: ", b"<\n")
    shown.answer("gateway's address?", b"\n")
    for question in ("Which format", "Which header", "How does the key reach", "Where is the"):
        shown.wait_for(question)
        shown.answer("Number [1]: ", b"\n")
    shown.answer("It is not shown", KEY.encode() + b"\n")
    shown.answer("Do this?", b"1\n")
    assert shown.finish() == 0
    assert KEY not in shown.text
    asked = shown.shown[: shown.shown.index(b"Do this?")]
    assert b"\x1b" not in asked.replace(b"\x1b[1m", b"").replace(b"\x1b[2m", b"") if name == "ACCESSIBLE" else asked
    if name != "ACCESSIBLE":
        assert b"\x1b" not in shown.shown
    questions = [line for line in asked.decode().splitlines() if not line.startswith(("+", "-", "@"))]
    # A path of the change that is longer than a line has one alone.
    wide = [line for line in questions if len(line.rpartition("\b")[2]) > 60 and " " in line.strip()]
    assert not wide
    assert settings()["apiKeyHelper"]


LAST = (
    "gateway's address?",
    "Which format",
    "Which header",
    "How does the key reach",
    "Where is",
    "not shown",
    "Do this?",
)


@pytest.mark.parametrize("mode", ["screen", "plain"])
@pytest.mark.parametrize("number", range(len(LAST)))
def test_the_wizard_can_be_left_at_every_question(
    wizard: Start, gateway: int, isolated: Path, monkeypatch: pytest.MonkeyPatch, mode: str, number: int
) -> None:
    keys = (CTRL_C, CTRL_D)[(number + (mode == "plain")) % 2]
    if mode == "plain":
        monkeypatch.setenv("NO_COLOR", "1")
    shown = wizard(ports=(gateway,))
    for question in LAST[:number]:
        shown.answer(question, (KEY.encode() if question == "not shown" else b"") + ENTER)
    shown.answer(LAST[number], keys)
    assert shown.finish() == 130
    assert shown.text.endswith("\r\nStopped; nothing was changed.\r\n")
    assert "Traceback" not in shown.text
    assert not written(isolated)


@pytest.mark.parametrize("keys", [CTRL_C, CTRL_D], ids=["Ctrl-C", "Ctrl-D"])
def test_keys_that_come_before_the_first_question_are_not_lost(wizard: Start, isolated: Path, keys: bytes) -> None:
    shown = wizard()
    shown.answer("Looking at what is here", KEY.encode() + b"\x15" + keys)
    assert shown.finish() == 130
    assert KEY not in shown.text
    assert not written(isolated)


def test_a_signal_just_before_a_plain_question_waits_is_not_lost(
    wizard: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    shown = wizard(before=LATE)
    assert shown.finish() == 130
    assert shown.text.endswith("\r\nStopped; nothing was changed.\r\n")


def test_a_signal_from_outside_ends_a_question(wizard: Start) -> None:
    import signal

    shown = wizard()
    shown.wait_for("gateway's address?")
    shown.process.send_signal(signal.SIGINT)
    assert shown.finish() == 130
    assert shown.text.endswith("\r\nStopped; nothing was changed.\r\n")


def test_the_terminal_is_as_before_when_the_wizard_ends(wizard: Start) -> None:
    import termios

    shown = wizard()
    shown.wait_for("gateway's address?")
    shown.type(CTRL_C)
    assert shown.finish() == 130
    assert termios.tcgetattr(shown.leader)[3] & termios.ECHO


def test_a_name_that_is_taken_is_asked_for(wizard: Start, isolated: Path) -> None:
    folder = isolated / ".config/cgw/profiles"
    folder.mkdir(parents=True)
    (folder / "127.0.0.1.toml").write_text('provider = "unified"\n')
    shown = wizard()
    shown.answer("gateway's address?", b"127.0.0.1:9" + ENTER)
    for question in ("Which format", "Which header"):
        shown.answer(question, ENTER)
    shown.answer("What is the new profile called?", ENTER)
    shown.wait_for("Profile: 127.0.0.1-2")
    shown.answer("How does the key", CTRL_C)
    assert shown.finish() == 130


@pytest.mark.parametrize("mode", ["screen", "plain"])
def test_no_escape_sequence_of_the_environment_reaches_the_terminal(
    wizard: Start, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/\x1b]0;owned\x07\u202e")
    monkeypatch.setenv("VAULT_ADDR", "http://\x1b]0;owned\x07")
    if mode == "plain":
        monkeypatch.setenv("TERM", "dumb")
    shown = wizard()
    shown.wait_for("Vault")
    shown.answer("set-up that is here", CTRL_C)
    assert shown.finish() == 130
    assert b"\x1b]" not in shown.shown
    assert "\u202e" not in shown.text
    assert "owned" in shown.text


@pytest.mark.parametrize("columns", [40, 80])
def test_questions_wrap_whole_words(wizard: Start, columns: int) -> None:
    """Every line that a question draws fits, and none begins with the end of a word."""
    shown = wizard(columns=columns)
    for question in LAST[:4]:
        shown.answer(question, ENTER)
    shown.wait_for("Where is")
    shown.answer("Ctrl-C stop", CTRL_C)
    shown.finish()
    drawn = re.sub(
        rb"\x1b\[\??[0-9;]*[A-HJK]", b"\n", shown.shown
    )  # each movement of the cursor begins another piece
    for line in re.sub(rb"\x1b\[[0-9;?]*[a-z]", b"", drawn).decode().replace("\r", "\n").splitlines():
        assert len(line) <= columns, line
    for phrase in ("a file that only you can read does.", "1Password, pass, AWS, Google, Azure"):
        assert phrase in " ".join(shown.text.split())


def test_dry_run_asks_and_writes_nothing(wizard: Start, isolated: Path) -> None:
    shown = wizard("--dry-run")
    shown.answer("gateway's address?", b"127.0.0.1:9" + ENTER)
    for question in ("Which format", "Which header", "How does the key reach"):
        shown.answer(question, ENTER)
    shown.answer("Where is", ENTER)
    shown.answer("not shown", KEY.encode() + ENTER)
    assert shown.finish() == 0
    assert 'provider = "unified"' in shown.text
    assert not written(isolated)


def test_a_key_that_the_gateway_refuses_can_be_typed_again(wizard: Start, gateway: int, isolated: Path) -> None:
    shown = wizard(f"127.0.0.1:{gateway}")
    shown.answer("Where is the gateway's key?", ENTER)
    shown.answer("It is not shown", b"sk-wrong-0123456789abcdef" + ENTER)
    shown.answer("Do this?", ENTER)
    shown.answer("The gateway did not accept the key.", ENTER)
    shown.answer("It is not shown", f"Bearer {KEY}".encode() + ENTER)
    shown.wait_for("The set-up works with")
    assert shown.finish() == 0
    assert (isolated / ".config/cgw/keys/127.0.0.1").read_text() == KEY


def test_a_refused_key_ends_with_the_command_that_stores_another(wizard: Start, gateway: int) -> None:
    shown = wizard(f"127.0.0.1:{gateway}")
    shown.answer("Where is the gateway's key?", ENTER)
    shown.answer("It is not shown", b"sk-wrong-0123456789abcdef" + ENTER)
    shown.answer("Do this?", ENTER)
    shown.answer("The gateway did not accept the key.", DOWN + ENTER)
    shown.wait_for("Next: cgw secret set file://~/.config/cgw/keys")
    assert shown.finish() == 1


def test_settings_that_are_not_json_are_refused_before_anything_is_asked(wizard: Start, isolated: Path) -> None:
    (isolated / ".claude").mkdir()
    (isolated / ".claude/settings.json").write_text("{")
    shown = wizard()
    assert shown.finish() == 2
    assert "settings.json" in shown.text
    assert "?" not in shown.text
    assert (isolated / ".claude/settings.json").read_text() == "{"


def test_started_again_it_changes_the_profile_that_is_applied(wizard: Start, gateway: int, isolated: Path) -> None:
    """Only the key is typed; everything else is as it was, and the helper gives out the new one at once."""
    first = wizard(f"127.0.0.1:{gateway}")
    first.answer("Where is the gateway's key?", ENTER)
    first.answer("It is not shown", b"sk-wrong-0123456789abcdef" + ENTER)
    first.answer("Do this?", ENTER)
    first.answer("The gateway did not accept the key.", DOWN + ENTER)
    assert first.finish() == 1
    again = wizard()
    again.answer("The profile 127.0.0.1 is applied here. What now?", ENTER)
    for question in LAST[:4]:
        again.answer(question, ENTER)
    again.answer("The profile has it there.", DOWN + ENTER)
    again.answer("It is not shown", KEY.encode() + ENTER)
    again.wait_for("replaces the one there")
    again.answer("Do this?", ENTER)
    assert again.finish() == 0
    assert [path.name for path in (isolated / ".config/cgw/profiles").glob("*.toml")] == ["127.0.0.1.toml"]
