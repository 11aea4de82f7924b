"""One key, looked for everywhere (P1, P2): in arguments and environment of every process that a command starts, in
what it says, and in the files that it leaves, while its source works and while it fails in every way."""

from __future__ import annotations

import base64
import json
import secrets as randomness
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

HIDDEN = f"canary-{randomness.token_hex(6)}"
CANARY = f"cgw-{HIDDEN}-tail"
"""What may be shown of it is its beginning (``core.secret.mask``), so its middle is what is looked for."""
GATEWAY = "http://127.0.0.1:9"
STRANGE = f"{CANARY} {CANARY}\u200b"
PEM = f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(CANARY.encode() * 3).decode()}\n-----END PRIVATE KEY-----\n"

# Commands that ask the source; of the others what they say does not depend on how it fails.
FETCHING = (
    "doctor --format json",
    "secret test {reference} --profile work",
    "helper install work",
    "helper test work",
    "check --format json",
)
QUIET = (
    *("profile list", "profile show work", "profile export work", "gateway snippet --profile work"),
    *(
        "explain",
        "explain --format json",
        "explain --against 2.0.45",
        "explain --profile work",
        "-v env --profile work --unset",
    ),
    *("check", "check --format sarif", "check --format github", "check --diff --unsafe-fixes", "doctor"),
    *("settings render --profile work", "settings diff --profile work", "settings status"),
    *("settings status --format json", "settings history", "settings history --format json"),
    *("settings apply --scope user --profile work --force", "settings undo --scope user --force"),
    *("helper install work --standalone", *FETCHING, "helper show work", "helper list", "helper uninstall work"),
)
# Commands whose product is the key, or goes to a file by an option that says so: their talk is looked at.
PRODUCTS = (
    "env --profile work --resolve --shell bash",
    "run --profile work -- true",
    "settings apply --scope local --profile work --write-secret",
    "helper install work",
    "helper run work",
)


class Echo(BaseHTTPRequestHandler):
    """A server that repeats every credential it is given in its complaint."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        said = f"no: {self.headers.get('X-Vault-Token')} {self.headers.get('Authorization')} {body}"
        data = json.dumps({"errors": [said], "error": "invalid_client", "error_description": said}).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        pass


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class World:
    """A machine with a profile ``work`` whose key is the canary."""

    def __init__(self, home: Path, env: dict[str, str], cgw: Path, strace: str) -> None:
        self.home, self.env, self.cgw, self.strace = home, env, cgw, strace
        self.project = home / "project"
        self.project.mkdir()
        self.reference = ""

    def profile(self, reference: str, tables: str = "", auth: str = "helper") -> None:
        self.reference = reference
        folder = self.home / ".config" / "cgw" / "profiles"
        folder.mkdir(parents=True, mode=0o700)
        text = f'provider = "unified"\ngateway_url = "{GATEWAY}"\nauth = "{auth}"\nsecret = {json.dumps(reference)}\n'
        (folder / "work.toml").write_text(text + tables)

    def file(self, name: str, text: str, mode: int = 0o600) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def program(self, script: str) -> str:
        key = self.file("the-key", CANARY)
        return "exec:" + self.file("tool", script.replace("KEY", f"$(cat {key})"), 0o700)

    def run(self, line: str) -> tuple[str, str]:
        """stdout and stderr; no process that the command starts may have had the canary."""
        trace = self.home / "trace"
        words = [word.format(reference=self.reference) for word in line.split(" ")]
        command = [self.strace, "-fv", "--seccomp-bpf", "-s", "100000", "-e", "trace=execve", "-o", str(trace)]
        done = subprocess.run(
            [*command, str(self.cgw), *words],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            env=self.env,
            cwd=self.project,
            timeout=180,
            check=False,
        )
        assert done.returncode in {0, 1, 2, 69, 77}, (line, done.returncode, done.stderr)
        assert "Traceback" not in done.stderr
        _, _, *children = trace.read_text("utf-8", "replace").split("execve(")
        for child in children:
            arguments, variables = child.split("], [", 1)
            assert not shows(arguments), (line, "argv")
            # `run` is there to hand it over; `helper test` gives its own environment, as the client does
            assert line.startswith(("run ", "helper test ")) or not shows(variables), (line, arguments, "environment")
        trace.unlink()
        return done.stdout, done.stderr


def shows(text: str) -> bool:
    """Whether the text holds the canary, plain or in base64."""
    inner = (base64.b64encode(bytes(pad) + HIDDEN.encode()).decode()[4:-4] for pad in range(3))
    return HIDDEN in text or any(part in text for part in inner)


def working(world: World, _: str) -> None:
    world.profile(world.program("#!/bin/sh\necho KEY\n"))


def static(world: World, _: str) -> None:
    world.profile("file://" + world.file("key", CANARY), auth="static")


def failing(world: World, _: str) -> None:
    world.profile(world.program("#!/bin/sh\necho KEY\nexit 3\n"))


def failing_loudly(world: World, _: str) -> None:
    world.profile(world.program("#!/bin/sh\necho KEY\necho token KEY is refused, Bearer KEY >&2\nexit 3\n"))


def a_banner(world: World, _: str) -> None:
    world.profile(world.program("#!/bin/sh\necho Your key is KEY\n"))


def a_strange_value(world: World, _: str) -> None:
    world.profile("file://" + world.file("key", STRANGE))


def a_readable_file(world: World, _: str) -> None:
    world.profile("file://" + world.file("key", CANARY, 0o644), auth="static")


def a_literal_key(world: World, _: str) -> None:
    world.profile(CANARY)
    world.reference = "env://NOTHING"


def a_broken_signing_key(world: World, _: str) -> None:
    world.profile("jwt://me", f'[jwt.me]\nkey = "file://{world.file("pem", PEM)}"\n')


def a_short_signing_key(world: World, _: str) -> None:
    world.profile("jwt://me", f'[jwt.me]\nalgorithm = "HS512"\nkey = "file://{world.file("secret", CANARY)}"\n')


def a_vault_that_repeats_the_token(world: World, echo: str) -> None:
    world.env["VAULT_TOKEN"] = CANARY
    world.profile("vault://secret/llm#key", f'[vault]\naddress = "{echo}"\n')


def a_vault_that_repeats_the_password(world: World, echo: str) -> None:
    world.env["PW"] = CANARY
    login = 'auth = "userpass"\nusername = "me"\npassword = "env://PW"\n'
    world.profile("vault://secret/llm#key", f'[vault]\naddress = "{echo}"\n{login}')


def an_issuer_that_repeats_the_secret(world: World, echo: str) -> None:
    world.env["S"] = CANARY
    table = f'token_url = "{echo}/token"\nclient_id = "me"\nclient_secret = "env://S"\nclient_auth = "post"\n'
    world.profile("oauth://me", f"[oauth.me]\n{table}")


def keys_everywhere(world: World, _: str) -> None:
    """Literal keys in the environment and in every settings file, one of them broken beside the key."""
    static(world, _)
    names = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "AWS_BEARER_TOKEN_BEDROCK")
    world.env |= dict.fromkeys(names, CANARY)
    world.env |= {"ANTHROPIC_BASE_URL": f"https://me:{CANARY}@gw.example.com/x?key={CANARY}"}
    headers = f"x-litellm-api-key: Bearer {CANARY}\nX-Other: {CANARY}"
    addresses = {"ANTHROPIC_BASE_URL": world.env["ANTHROPIC_BASE_URL"], "HTTPS_PROXY": f"http://me:{CANARY}@proxy:1"}
    settings: dict[str, Any] = {
        "env": {"ANTHROPIC_CUSTOM_HEADERS": headers, **addresses, **dict.fromkeys(names, CANARY)}
    }
    settings |= {"apiKeyHelper": f"echo {CANARY}"}
    world.file(".claude/settings.json", json.dumps(settings, indent=2))
    world.file("project/.claude/settings.json", json.dumps(settings)[:-1] + f',\n"ANTHROPIC_API_KEY": {CANARY}}}')
    world.file("project/.claude/settings.local.json", json.dumps(settings | {"env": {"ANTHROPIC_API_KEY": [CANARY]}}))
    world.file("project/config.yaml", f"general_settings:\n  master_key: {CANARY}\nmodel_list: []\n")


WORLDS = (
    *(working, static, failing, failing_loudly, a_banner, a_strange_value, a_readable_file, a_literal_key),
    *(a_broken_signing_key, a_short_signing_key, a_vault_that_repeats_the_token, a_vault_that_repeats_the_password),
    *(an_issuer_that_repeats_the_secret, keys_everywhere),
)


@pytest.mark.parametrize("build", WORLDS, ids=lambda build: build.__name__)
def test_no_command_shows_the_key(
    build: Callable[[World, str], None],
    tmp_path: Path,
    echo: str,
    cgw: Path,
    clean_env: Callable[[Path], dict[str, str]],
    program: Callable[[str], str],
) -> None:
    world = World(tmp_path, clean_env(tmp_path), cgw, program("strace"))
    build(world, echo)
    mine = {path for path in tmp_path.rglob("*") if path.is_file()}
    quiet = QUIET if build in {working, static, keys_everywhere} else FETCHING
    shown = [line for line in quiet if shows("".join(world.run(line)))]
    said = [line for line in PRODUCTS if shows(world.run(line)[1])]
    kept = {path for path in tmp_path.rglob("*") if path.is_file() and shows(path.read_text("utf-8", "replace"))}
    allowed = {tmp_path / "project/.claude/settings.local.json"}  # --write-secret says so by its name
    allowed |= set((tmp_path / ".local/state/cgw/settings").rglob("*.json"))  # what undo gives back
    leaked = {
        path for path in kept - mine - allowed if not (path.name == "value" and path.parent.name == "helper-work")
    }
    assert (shown, said, leaked) == ([], [], set())
    assert not [path for path in kept if path.stat().st_mode & 0o077 and path not in mine]
