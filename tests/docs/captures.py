"""Screens as text: the wizard in each starting situation, and the screens of `tests/cli/test_screens.py`.

Real runs on a terminal. What differs from run to run is replaced, as in the pictures.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

import pyte
from tests.cli.terminals import Terminal
from tests.cli.test_wizard import DOWN, KEY, PASTE, LiteLLM
from tests.secrets.conftest import Fake

ENTER = b"\r"
ROWS = 160
END = "Ctrl-C stop"
"""The end of every question."""
Blocks = list[str]


@dataclass(frozen=True)
class Situation:
    """One start of `cgw init`.

    Attributes:
        title: of its part of the page.
        keys: what is waited for, and what is typed then; ``{url}`` is filled in.
        env: variables; ``{vault}`` and ``{url}`` are filled in.
        files: path below the home -> content.
        is_found: whether the gateway is at a usual port.
    """

    title: str
    keys: tuple[tuple[str, str | bytes], ...]
    env: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    is_found: bool = True


_ASKED = (
    ("gateway's address?", ENTER),
    ("Which format", ENTER),
    ("Which header", ENTER),
    ("How does the key", ENTER),
)
_TYPED = (("Where is the gateway's key?", ENTER), ("It is not shown", KEY + "\r"))
_DONE = (("Do this?", ENTER),)
SITUATIONS = {
    "nothing": Situation(
        "Nothing is here",
        (("gateway's address?", "{url}\r"), *_ASKED[1:], *_TYPED, *_DONE),
        is_found=False,
    ),
    "litellm": Situation("LiteLLM on this machine, no keyring", (*_ASKED, *_TYPED, *_DONE)),
    "key": Situation(
        "The key in the environment",
        (*_ASKED, ("Where is the gateway's key?", ENTER), *_DONE),
        env={"LITELLM_API_KEY": KEY},
    ),
    "settings": Situation(
        "Settings that use a gateway already",
        (("What shall cgw do", ENTER), ("How does the key", ENTER), *_DONE),
        files={
            ".claude/settings.json": json.dumps(
                {"env": {"ANTHROPIC_BASE_URL": "{url}", "ANTHROPIC_AUTH_TOKEN": KEY}, "model": "opus"}, indent=2
            )
        },
        is_found=False,
    ),
    "vault": Situation(
        "Vault's address in the environment, and a token",
        (
            *_ASKED,
            ("Where is the gateway's key?", ENTER),
            ("Which path and field", "secret/wrong\r"),
            ("No key came from there", ENTER),
            ("Which path and field", "secret/llm\r"),
            *_DONE,
        ),
        env={"VAULT_ADDR": "{vault}", "VAULT_TOKEN": "hvs.0123456789abcdef"},
    ),
    "pasted": Situation(
        "The key pasted into the wrong question",
        (
            ("gateway's address?", PASTE % KEY.encode() + ENTER),
            ("Is it the gateway's key?", ENTER),
            *_ASKED,
            ("Do this?", DOWN + DOWN + DOWN + ENTER),
        ),
    ),
}


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """A gateway like LiteLLM and a server like Vault: their addresses."""
    with ExitStack() as stack:
        gateway = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), LiteLLM))
        vault = stack.enter_context(Fake())
        mount = vault.answers["/v1/sys/internal/ui/mounts/secret/llm"]
        vault.answers["/v1/sys/internal/ui/mounts/secret/wrong"] = mount
        vault.put("/v1/secret/data/llm", 200, {"data": {"data": {"key": KEY}, "metadata": {"version": 1}}})
        for server in (gateway, vault):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield {"url": f"http://127.0.0.1:{gateway.server_address[1]}", "vault": vault.url}
        gateway.shutdown()
        vault.shutdown()


def wizard(
    name: str,
    columns: int,
    home: Path,
    filled: dict[str, str],
    setenv: Callable[[str, str], None],
    *,
    stops: bool = False,
) -> Blocks:
    """What one situation shows: what was found, each question as it is put, and what is left at the end.

    Args:
        name: of the situation.
        columns: of the terminal.
        home: the home directory.
        filled: the addresses of ``servers``.
        setenv: sets a variable.
        stops: leave at the last question, and return no end.
    """
    situation = SITUATIONS[name]
    put_files(name, home, filled)
    for variable, text in situation.env.items():
        setenv(variable, _filled(text, filled))
    port = filled["url"].rpartition(":")[2]
    prepared = (
        f"from claude_gw_cli.world import detect; detect.PORTS = ({f'{port},' if situation.is_found else ''})\n"
        "detect.SECONDS = detect._LOCAL_SECONDS = detect._ANSWER_SECONDS = detect._CONNECT_SECONDS = 60\n"
    )
    terminal = Terminal("init", columns=columns, before=prepared)
    blocks: Blocks = []
    try:
        for words, keys in situation.keys:
            terminal.wait_for(words)
            terminal.wait_for(END)
            lines = shown(terminal.shown, columns)
            first = max(number for number, line in enumerate(lines) if line.startswith("? "))
            blocks += ["\n".join(lines[:first])] * (not blocks) + ["\n".join(lines[first:])]
            if stops and words == situation.keys[-1][0]:
                return blocks
            terminal.type(_filled(keys, filled).encode() if isinstance(keys, str) else keys)
        terminal.finish()
    finally:
        terminal.close()
    return [*blocks, "\n".join(shown(terminal.shown, columns))]


def put_files(name: str, home: Path, filled: dict[str, str]) -> None:
    """Write the files of a situation."""
    for path, text in SITUATIONS[name].files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(_filled(text, filled), encoding="utf-8")
        (home / path).chmod(0o600)


def doctor(columns: int, url: str) -> Blocks:
    """The list of `cgw doctor` with colours, before a gateway that is not there."""
    data = b""
    for argv in (("init", url, "--secret", "env://K", "--scope", "user", "--yes"), ("doctor",)):
        terminal = Terminal(*argv, columns=columns)
        terminal.finish()
        terminal.close()
        data = terminal.shown
    return ["\n".join(shown(data, columns))]


def empty(home: Path) -> None:
    """Remove what a run has written into the home."""
    for path in (home / name for name in (".claude", ".config", ".local", ".cache")):
        shutil.rmtree(path, ignore_errors=True)


def shown(data: bytes, columns: int) -> list[str]:
    """The lines of a terminal after these bytes, without the empty ones at the end."""
    screen = pyte.Screen(columns, ROWS)
    pyte.ByteStream(screen).feed(data)
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _filled(text: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def broken(text: str, whole: str, columns: int) -> list[str]:
    """The words of a screen that are not those of a wide one, and parts of none that is wider than the screen."""
    long = [word for word in _words(whole) if len(word) > columns - _INDENT]
    return sorted(word for word in _words(text) - _words(whole) if not any(word in item for item in long))


_INDENT = 7
"""Columns before a word that has a line alone, at most."""


def _words(text: str) -> set[str]:
    text = re.sub(r"127\.0\.0\.1:\d+|/tmp/cgw-\w+", "PLACE", text)
    return {re.sub(r"\d+", "0", word) for word in text.split()}


HEAD = """# Screens

Made by `make update` from real runs on a terminal of 80 columns, with a gateway like LiteLLM and a server like Vault
on this machine. The pictures of README.md have the colours. Each part shows what `cgw init` finds, every question as
it is put, and what is on the screen at the end.
"""


def part(title: str, blocks: Blocks, steady: Callable[[str], str]) -> str:
    """One part of the page."""
    texts = [f"```text\n{steady(text.rstrip())}\n```\n" for text in blocks]
    return "\n".join([f"## {title}\n", *texts])


def titles(page: Path) -> list[str]:
    """The titles of the page's parts."""
    return re.findall(r"(?m)^## (.+)$", page.read_text(encoding="utf-8"))


def get(page: Path, title: str) -> list[str]:
    """The lines of the page's part of that title."""
    parts = re.split(r"(?m)^(?=## )", page.read_text(encoding="utf-8"))
    return next((item for item in parts if item.startswith(f"## {title}\n")), "").strip().splitlines()


def put(page: Path, title: str, text: str) -> None:
    """Put a part into the page, in place of the one of its title, or at the end."""
    old = page.read_text(encoding="utf-8") if page.exists() else HEAD
    parts = re.split(r"(?m)^(?=## )", old)
    known = [number for number, item in enumerate(parts) if item.startswith(f"## {title}\n")]
    parts[0] = HEAD
    if known:
        parts[known[0]] = text
    else:
        parts.append(text)
    page.write_text("\n".join(item.rstrip("\n") + "\n" for item in parts), encoding="utf-8")
