"""`cgw doctor` beside the real client: wherever the plain `claude` fails, the doctor fails too, and says why."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from claude_gw_cli.world.client import enclosed
from claude_gw_cli.world.loopback.clouds import google_credentials
from claude_gw_cli.world.loopback.gateway import ANSWER, Gateway
from claude_gw_cli.world.loopback.keys import NO_KEY

pytestmark = pytest.mark.real

MISSING = {"error": {"message": "Missing required parameter: 'messages'."}}
KEY, STALE = "sk-good-0123456789abcdef", "sk-stale-0123456789abcdef"


class Desk:
    """One person's machine: a HOME, a store with the key, a project directory, and a gateway."""

    def __init__(self, home: Path, env: dict[str, str], cgw: Path, gateway: Gateway) -> None:
        self.home, self.env, self.cgw, self.gateway = home, env, cgw, gateway
        self.project = home / "project"
        self.project.mkdir()
        self.store = home / "key"
        self.hand_out(KEY)

    def hand_out(self, key: str) -> None:
        self.store.write_text(key)
        self.store.chmod(0o600)

    def run(self, *words: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(self.cgw), *words], env=self.env, cwd=self.project, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert fails or done.returncode == 0, done.stderr
        return done

    def init(self, name: str, *options: str, provider: str = "unified", url: str = "") -> None:
        self.run(
            *("init", name, "--provider", provider, "--gateway-url", url or self.gateway.url),
            *("--secret", f"file://{self.store}", "--yes", *options),
        )

    def apply(self, name: str, scope: str = "user") -> None:
        self.run("settings", "apply", "--scope", scope, "--profile", name, "--yes")

    def settings(self, path: Path, **env: str) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"env": env}))
        path.chmod(0o600)

    def claude(self, client: Path) -> tuple[bool, str]:
        done = subprocess.run(
            [str(client), "-p", "hi"], env=self.env | enclosed(self.gateway.url), cwd=self.project,
            capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = next((line for line in (done.stdout + done.stderr).splitlines() if line.strip()), "")
        return done.returncode == 0 and ANSWER in done.stdout, said[:150]


def helper(desk: Desk) -> None:
    desk.init("work", "--auth", "helper")
    desk.apply("work")


def applied(desk: Desk) -> None:
    helper(desk)


def exported(desk: Desk) -> None:
    desk.init("work")
    desk.env |= {"ANTHROPIC_BASE_URL": desk.gateway.url, "ANTHROPIC_AUTH_TOKEN": KEY}


def not_applied(desk: Desk) -> None:
    desk.init("work")


def not_exported(desk: Desk) -> None:
    subject, file = desk.home / "subject", desk.home / "google.json"
    subject.write_text("cgw")
    file.write_text(google_credentials(desk.gateway.url, str(subject)))
    desk.env |= {"GOOGLE_APPLICATION_CREDENTIALS": str(file), "GOOGLE_CLOUD_PROJECT": "p"}
    desk.init("work", "--credentials", "client", "--project-id", "p", provider="vertex")
    desk.apply("work")
    desk.gateway.key_header = "x-litellm-api-key"


def cached(desk: Desk) -> None:
    desk.hand_out(STALE)
    desk.init("work", "--auth", "helper")
    source = desk.home / "source"
    source.write_text(f"#!/bin/sh\ncat {desk.store}\n")
    source.chmod(0o700)
    desk.run("init", "work", "--secret", f"exec:{source}", "--yes")
    desk.apply("work")
    desk.gateway.accept(STALE)
    desk.run("helper", "run", "work")
    desk.gateway.accept(KEY)
    desk.hand_out(KEY)


def anothers_helper(desk: Desk) -> None:
    helper(desk)
    desk.run(
        *("init", "other", "--provider", "unified", "--gateway-url", "http://127.0.0.1:9", "--auth", "helper"),
        *("--secret", f"file://{desk.store}", "--yes"),
    )
    desk.run("profile", "use", "work")
    mine = desk.home / ".claude" / "settings.json"
    before = json.loads(mine.read_text())
    desk.run("helper", "install", "other")
    path = Path(str(before["apiKeyHelper"])).with_name("other")
    assert path.exists()
    command = str(path)
    mine.write_text(json.dumps(before | {"apiKeyHelper": command}))


def project_url(desk: Desk) -> None:
    helper(desk)
    desk.settings(desk.project / ".claude" / "settings.json", ANTHROPIC_BASE_URL="http://127.0.0.1:9/elsewhere")


def project_token(desk: Desk) -> None:
    helper(desk)
    desk.settings(desk.project / ".claude" / "settings.local.json", ANTHROPIC_AUTH_TOKEN=STALE)


def shell_token(desk: Desk) -> None:
    helper(desk)
    settings = json.loads((desk.home / ".claude" / "settings.json").read_text())
    settings["env"].pop("ANTHROPIC_AUTH_TOKEN", None)
    (desk.home / ".claude" / "settings.json").write_text(json.dumps(settings))
    desk.env["ANTHROPIC_AUTH_TOKEN"] = STALE


def another_folder(desk: Desk) -> None:
    desk.init("work", "--auth", "helper")
    desk.apply("work", "local")
    desk.project = desk.home / "another"
    desk.project.mkdir()


def failing(desk: Desk) -> None:
    helper(desk)
    desk.store.unlink()


def bare_nothing(desk: Desk) -> None:
    desk.gateway.forget()


def bare_wrong_key(desk: Desk) -> None:
    desk.settings(
        desk.home / ".claude" / "settings.json", ANTHROPIC_BASE_URL=desk.gateway.url, ANTHROPIC_AUTH_TOKEN=STALE
    )


def bare_right_key(desk: Desk) -> None:
    desk.settings(
        desk.home / ".claude" / "settings.json", ANTHROPIC_BASE_URL=desk.gateway.url, ANTHROPIC_AUTH_TOKEN=KEY
    )


def bare_version(desk: Desk) -> None:
    desk.env |= {"ANTHROPIC_BASE_URL": f"{desk.gateway.url}/v1", "ANTHROPIC_AUTH_TOKEN": KEY}


# situation: (set-up, failing probe or None, words of its cause)
SITUATIONS: dict[str, tuple[Callable[[Desk], None], str | None, str]] = {
    "helper applied": (applied, None, ""),
    "static key exported": (exported, None, ""),
    "static profile not applied": (not_applied, "start", "Not logged in"),
    "vertex client credentials, settings applied, key not exported": (
        not_exported,
        "start",
        "no key in the header x-litellm-api-key",
    ),
    "the helper's cached key is refused": (cached, "gateway.key", "refuses the key that plain `claude` sends"),
    "a helper of another profile": (anothers_helper, "helper", "exited 77"),
    "project settings lead elsewhere": (project_url, "settings", "CGW125"),
    "project settings set another token": (project_token, "gateway.key", "refuses the key that plain"),
    "a token in the shell": (shell_token, "gateway.key", "refuses the key that plain `claude` sends"),
    "applied in another folder": (another_folder, "start", "Not logged in"),
    "the helper fails": (failing, "secret", "there is no key file"),
    "no profile, nothing set": (bare_nothing, "start", "Not logged in"),
    "no profile, wrong key in settings": (bare_wrong_key, "gateway.key", "does not know this key"),
    "no profile, right key in settings": (bare_right_key, None, ""),
    "no profile, address with /v1": (bare_version, "settings", "ends in /v1"),
}


@pytest.fixture
def desk(tmp_path: Path, clean_env: Callable[[Path], dict[str, str]], cgw: Path) -> Iterator[Desk]:
    with Gateway(KEY) as gateway:
        yield Desk(tmp_path, clean_env(tmp_path), cgw, gateway)


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_doctor_fails_wherever_the_client_does(
    name: str, desk: Desk, client: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    prepare, probe, words = SITUATIONS[name]
    prepare(desk)
    program = client("2.1.330")
    desk.env["PATH"] = f"{program.parent}:{desk.env['PATH']}"
    started = time.monotonic()
    done = desk.run("doctor", "--format", "json", fails=True)
    seconds = time.monotonic() - started
    document = json.loads(done.stdout)
    answered, said = desk.claude(program)
    failing_rows = [row for row in document["probes"] if row["status"] == "fail"]
    with capsys.disabled():
        cause = failing_rows[0]["cause"] if failing_rows else "no problems"
        print(f"\n{name} | {said if not answered else 'answered'} | {cause} | {seconds:.1f} s")
    assert KEY not in done.stdout + done.stderr
    assert STALE not in done.stdout + done.stderr
    assert answered is (probe is None), said
    assert (document["verdict"] == "ok") is answered, document
    if probe:
        row = next(row for row in document["probes"] if row["id"] == probe)
        assert row["status"] == "fail", document
        assert words in row["cause"]
        assert row["help"]


RUNGS = ("alive", "without a key", "key", "large", "count")


class Stuck:
    """LiteLLM's answers, except at one rung: there it takes the request and never answers."""

    def __init__(self, rung: str) -> None:
        released = self.released = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                has_key = KEY in str(self.headers)
                asked = "count" if "count_tokens" in self.path else "key" if has_key else "without a key"
                asked = "alive" if "health" in self.path else "large" if length > 10_000 else asked
                if asked == rung:
                    released.wait(60)
                    self.close_connection = True
                    return
                self.rfile.read(length)
                status: int
                body: object
                status, body = (200, "I'm alive!") if asked == "alive" else (400, MISSING)
                if asked == "without a key":
                    status, body = 401, NO_KEY.body
                elif asked == "count":
                    status, body = 200, {"input_tokens": 1, "litellm_count_source": "provider"}
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def test_a_gateway_that_hangs_at_any_rung_costs_nine_seconds_at_most(
    clean_env: Callable[[Path], dict[str, str]], cgw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(rung: str, url: str = "") -> tuple[str, float, dict[str, str]]:
        home = tmp_path / f"{rung} {url[:4]}".replace(" ", "-")
        home.mkdir()
        stuck = Stuck(rung)
        env = clean_env(home) | {"ANTHROPIC_BASE_URL": url or stuck.url, "ANTHROPIC_AUTH_TOKEN": KEY}
        started = time.monotonic()
        done = subprocess.run(
            [str(cgw), "doctor", "--format", "json"], env=env, cwd=home, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        seconds = time.monotonic() - started
        stuck.close()
        rows = json.loads(done.stdout)["probes"]
        return rung, seconds, {row["id"]: row["cause"] for row in rows if row["status"] == "fail"}

    with ThreadPoolExecutor(len(RUNGS)) as pool:
        started = max(seconds for _, seconds, _ in pool.map(lambda rung: run(rung, "http://127.0.0.1:1"), RUNGS))
        found = list(pool.map(run, RUNGS))
    with capsys.disabled():
        print(*(f"\n{rung} | {seconds:.1f} s | {failed}" for rung, seconds, failed in found))
    for rung, seconds, failed in found:
        # The public path decides nothing. Each of the others is needed to know what the client gets.
        assert len(failed) == (rung != "alive"), (rung, failed)
        assert seconds < 9 + started, "nine seconds, and what five commands at once need where nothing listens"
