from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_gw_cli.facts.modes import MODES, Mode

from .conftest import Cgw


def profile(name: str) -> Path:
    return Path(os.environ["HOME"]) / f".config/cgw/profiles/{name}.toml"


def test_vertex_alone_succeeds_with_defaults_and_names_what_is_still_to_fill_in(cgw: Cgw) -> None:
    done = cgw("init", "--provider", "vertex", "--yes")
    assert done.out == f"{profile('vertex')}\n"
    for word in ("--project-id", "--secret", "--gateway-url", "http://localhost:4000"):
        assert word in done.err


def test_filling_in_keeps_what_was_there(cgw: Cgw) -> None:
    cgw("init", "--provider", "vertex", "--gateway-url", "https://gw", "--yes")
    cgw("init", "vertex", "--provider", "vertex", "--project-id", "p", "--secret", "env://K", "--yes")
    text = profile("vertex").read_text()
    assert 'gateway_url = "https://gw"' in text
    assert 'project_id = "p"' in text
    assert profile("vertex").with_suffix(".toml.bak").exists()


def test_an_existing_profile_is_not_replaced_without_yes(cgw: Cgw) -> None:
    cgw("init", "--provider", "unified", "--yes")
    before = profile("unified").read_text()
    done = cgw("init", "unified", "--provider", "unified", "--gateway-url", "https://other", fails=2)
    assert "exists" in done.err
    assert profile("unified").read_text() == before
    cgw("init", "unified", "--provider", "unified")


@pytest.mark.parametrize(
    ("line", "unused"),
    [
        ("--provider unified --region us-east5", ["--region"]),
        ("--provider unified --region us-east5 --dry-run", ["--region"]),
        ("--provider anthropic --project-id p --region us-east5", ["--region", "--project-id"]),
        ("--provider bedrock --region us-east-1 --project-id p", ["--project-id"]),
        ("--provider vertex --region us-east5 --project-id p", []),
        ("--provider unified", []),
    ],
)
def test_an_option_that_the_provider_does_not_use_is_named(cgw: Cgw, line: str, unused: list[str]) -> None:
    said = cgw("init", "w", *line.split(), "--secret", "env://K", "--yes").err
    assert re.findall(r"not used: +(\S+)", said) == unused
    if "--dry-run" not in line and not unused:
        assert re.findall(r"not used: +(\S+)", cgw("profile", "set", "w", "workspace_id=x").err) == ["--workspace-id"]


@pytest.mark.parametrize(
    ("provider", "more", "variable"),
    [
        ("vertex", ("--project-id", "p"), "GOOGLE_APPLICATION_CREDENTIALS"),
        ("bedrock", (), "AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_login_of_the_cloud_that_is_here_is_not_asked_for(
    cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch, provider: str, more: tuple[str, ...], variable: str
) -> None:
    line = ("init", "c", "--provider", provider, "--credentials", "client", *more, "--secret", "env://K", "--yes")
    assert "the cloud's login: is on this machine" not in cgw(*line).err
    (isolated / "login.json").write_text("{}")
    monkeypatch.setenv(variable, str(isolated / "login.json"))
    assert "the cloud's login: is on this machine already" in cgw(*line).err


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: f"{mode.provider} {mode.credentials}")
def test_every_mode_can_be_made_from_flags(cgw: Cgw, mode: Mode) -> None:
    options = ["--project-id", "p", "--workspace-id", "w", "--secret", "env://K", "--yes"]
    cgw("init", "x", "--provider", mode.provider, "--credentials", mode.credentials, *options)
    shown = cgw("profile", "show", "x").out
    assert mode.base_variable in shown
    assert "{KEY}" in shown


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--provider", "nonsense"], ["'nonsense'", "unified, anthropic"]),
        (["--provider", "vertx"], ["Did you mean vertex?"]),
        ([], ["--provider"]),
        (["--provider", "unified", "--auth", "helpr"], ["'helpr'", "helper"]),
        (["--provider", "unified", "--gateway-url", "gw"], ["not an http(s) address"]),
        (["--provider", "unified", "--scope", "usr"], ["'usr'"]),
        (["--provider", "unified", "--secret", "sk-ant-this-is-a-key-0123456789"], ["cgw secret set"]),
        (["--provider", "unified", "--key-header", "a b"], ["header name"]),
        (["a/b", "--provider", "unified"], ["profile name"]),
        (["--provider", "vertex", "--credentials", "client", "--auth", "helper"], ["apiKeyHelper"]),
        (["--provider", "unified", "--secret", "evn://FOO"], ["'evn'", "env://NAME"]),
        (["--provider", "unified", "--secret", "exec:pass 'x"], ["exec"]),
        (["--provider", "unified", "--min-client-version", "abc"], ["2.1.227"]),
        (["--provider", "vertex", "--project-id", "my project"], ["one word"]),
        (["--provider", "vertex", "--region", "us east"], ["one word"]),
        (["--provider", "unified", "--model", ""], ["one word"]),
        (["--provider", "unified", "--model", "a\nb"], ["one word"]),
        (["--from", "https://user:hunter2@127.0.0.1:9/p.toml"], ["user name or password"]),
    ],
    ids=" ".join,
)
def test_a_mistake_is_named_and_nothing_is_written(cgw: Cgw, argv: list[str], words: list[str]) -> None:
    done = cgw("init", *argv, "--yes", fails=2)
    for word in words:
        assert word in done.err
    assert "sk-ant-this" not in done.err
    assert "hunter2" not in done.err
    assert not profile("unified").exists()


def test_the_hint_for_every_session_is_one_that_works(cgw: Cgw) -> None:
    static = cgw("init", "a", "--provider", "unified", "--secret", "env://K", "--yes")
    assert "cgw init a --auth helper --scope user --yes" in static.err
    header = cgw("init", "b", "--provider", "unified", "--key-header", "x-gw", "--secret", "env://K", "--yes")
    assert "--write-secret" in header.err
    helper = cgw("init", "c", "--provider", "unified", "--auth", "helper", "--secret", "env://K", "--yes")
    assert "cgw settings apply --scope user --profile c\n" in helper.err
    assert '"$(cgw env --profile c --resolve)"' in helper.err, "without it no key would be exported"


def test_dry_run_prints_the_profile_and_writes_nothing(cgw: Cgw) -> None:
    done = cgw("init", "--provider", "bedrock", "--secret", "env://K", "--dry-run", "--yes")
    assert 'provider = "bedrock"' in done.out
    assert not profile("bedrock").exists()


def test_dry_run_masks_every_literal_key(cgw: Cgw, work: Path) -> None:
    keys = [f"sk-fakefakefake{number}234567890abcd" for number in range(3)]
    (work / "team.toml").write_text(
        'provider = "unified"\nsecret = "env://K"\n'
        f'[env]\nMY_API_KEY = "{keys[0]}"\n[headers]\nx-litellm-api-key = "{keys[1]}"\n'
        f'[oauth.a]\ntoken_url = "https://i/"\nclient_id = "c"\nclient_secret = "{keys[2]}"\n'
    )
    done = cgw("init", "x", "--from", "team.toml", "--dry-run", "--yes")
    assert done.out.count("sk-f...") == 3
    assert not any(key in done.out + done.err for key in keys)
    assert not profile("x").exists()


def test_from_a_file_starts_from_a_teams_profile(cgw: Cgw, work: Path) -> None:
    (work / "team.toml").write_text('provider = "vertex"\ngateway_url = "https://team"\nproject_id = "p"\n')
    cgw("init", "mine", "--from", "team.toml", "--secret", "env://MINE", "--yes")
    text = profile("mine").read_text()
    assert 'gateway_url = "https://team"' in text
    assert 'secret = "env://MINE"' in text


def test_plain_http_is_not_a_source_for_profiles(cgw: Cgw) -> None:
    done = cgw("init", "x", "--from", "http://example.com/p.toml", "--yes", fails=2)
    assert "plain http" in done.err


@pytest.fixture
def shared() -> Iterator[tuple[str, dict[str, str]]]:
    """A server with profiles: its address, and the headers of the last request."""
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    seen: dict[str, str] = {}
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.clear()
            seen.update(self.headers.items())
            if self.path in {"/moved.toml", "/away.toml"}:
                self.send_response(302)
                self.send_header("Location", "/p.toml" if "moved" in self.path else "http://localhost:1/p.toml")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            if self.path == "/slow.toml":
                while not stop.wait(0.1):
                    self.wfile.write(b"#")
            self.wfile.write(b"#" * 70_000 if self.path == "/big.toml" else SHARED)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        stop.set()
        server.shutdown()
        thread.join()


SHARED = b"""provider = "unified"
gateway_url = "https://team.example"
secret = "exec:get-key --now"
[env]
API_TIMEOUT_MS = "9"
[headers]
X-Team = "llm"
"""


def test_a_profile_from_a_url_is_shown_and_needs_its_hash_where_nobody_can_be_asked(
    cgw: Cgw, shared: tuple[str, dict[str, str]], isolated: Path
) -> None:
    import hashlib

    url, seen = shared
    digest = hashlib.sha256(SHARED).hexdigest()
    netrc = isolated / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n")
    netrc.chmod(0o600)
    for options in ([], ["--yes"], ["--sha256", digest], ["--yes", "--sha256", "0" * 64]):
        done = cgw("init", "--from", f"{url}/p.toml", *options, fails=77)
        assert not profile("p").exists()
    for word in ("https://team.example", "exec:get-key --now", "API_TIMEOUT_MS", "X-Team", digest):
        assert word in cgw("init", "--from", f"{url}/p.toml", "--yes", fails=77).err
    assert "Authorization" not in seen
    cgw("init", "--from", f"{url}/moved.toml", "--yes", "--sha256", digest.upper())
    assert profile("moved").exists()
    assert "another origin" in cgw("init", "--from", f"{url}/away.toml", "--yes", fails=69).err
    assert "larger" in cgw("init", "--from", f"{url}/big.toml", "--yes", fails=2).err
    assert digest in done.err


def test_a_server_that_sends_a_byte_now_and_then_does_not_hold_the_command(
    shared: tuple[str, dict[str, str]],
) -> None:
    from claude_gw_cli.core.errors import UnavailableError
    from claude_gw_cli.world.download import download

    with pytest.raises(UnavailableError, match="within 1 seconds"):
        download(f"{shared[0]}/slow.toml", limit=70_000, seconds=1)


def test_a_file_of_a_repository_is_as_foreign_as_a_url(cgw: Cgw, work: Path) -> None:
    (work / ".git").mkdir()
    (work / "team.toml").write_bytes(SHARED)
    cgw("init", "mine", "--from", "team.toml", "--yes", fails=77)
    assert not profile("mine").exists()
    cgw("profile", "trust", "./team.toml", "--yes")
    cgw("init", "mine", "--from", "team.toml", "--yes")
    assert profile("mine").exists()


def test_a_file_of_ones_own_needs_only_yes(cgw: Cgw, work: Path) -> None:
    (work / "team.toml").write_bytes(SHARED)
    assert "add --yes" in cgw("init", "mine", "--from", "team.toml", fails=2).err
    cgw("init", "mine", "--from", "team.toml", "--yes")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('gateway_url = "https://a\'b"', ":2"),
        ('gateway_url = "https://a%41"', ":2"),
        ('gateway_url = "https://user@gw"', ":2"),
        ('gateway_url = "https://gw/a\\u202eb"', ":2"),
        ('base_path = "/a b"', ":2"),
        ('region = "eu/../x"', ":2"),
        ('project_id = "p\\u0007"', ":2"),
        ('[headers]\n"X Y" = "1"', ":3"),
        ('[headers]\nX-Y = "1\\u001b"', ":3"),
        ('[env]\nA = "1\\u0000"', ":3"),
        ('secret = "sk-12345678"', ":2"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_line(cgw: Cgw, work: Path, line: str, word: str) -> None:
    file = work / "own.toml"
    file.write_text(f'provider = "unified"\n{line}\n')
    for command in ("env", "profile show", "settings render"):
        option = [] if command == "profile show" else ["--profile"]
        done = cgw(*command.split(), *option, "./own.toml", fails=2)
        assert str(file) in done.err
        assert word in done.err
        assert done.out == ""


def test_a_host_in_another_script_is_used_in_its_ascii_form(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("K", "sk-0123456789")
    url = "https://Fa\u00df.example:8443/x"
    cgw("init", "i", "--provider", "unified", "--gateway-url", url, "--secret", "env://K")
    assert "https://xn--fa-hia.example:8443/x" in cgw("env", "--shell", "json").out
    cgw("init", "j", "--provider", "unified", "--gateway-url", "https://a\u2024b\u200b.\u200d", fails=2)


def test_a_literal_key_in_a_profile_is_not_shown_exported_or_applied(cgw: Cgw, work: Path) -> None:
    key = "sk-ant-canary0123456789abcdef"
    (work / "own.toml").write_text(
        f'provider = "unified"\nsecret = "exec:echo {key}1"\n[headers]\nx-portkey-api-key = "{key}2"\n'
        f'[env]\nMY_API_KEY = "{key}3"\n[oauth.a]\nclient_secret = "{key}4"\n'
    )
    done = cgw("profile", "show", "./own.toml")
    assert key not in done.out + done.err
    assert "x-portkey-api-key" in done.out
    done = cgw("profile", "export", "./own.toml", fails=77)
    assert key not in done.out + done.err
    assert "client_secret" in done.err
    for scope in ("user", "project", "local"):
        done = cgw("settings", "apply", "--scope", scope, "--profile", "./own.toml", fails=77)
        assert key not in done.out + done.err
    cgw("settings", "apply", "--scope", "project", "--write-secret", "--profile", "./own.toml", fails=77)
    assert not (work / ".claude").exists()


def test_the_profile_commands(cgw: Cgw) -> None:
    assert "no profile yet" in cgw("profile", "list").err
    cgw("init", "one", "--provider", "unified", "--secret", "env://K", "--yes")
    cgw("init", "two", "--provider", "bedrock", "--secret", "env://K", "--yes")
    cgw("profile", "use", "two")
    listed = cgw("profile", "list").out.splitlines()
    assert [line[:5] for line in listed] == ["  NAM", "  one", "* two"]
    assert 'provider = "bedrock"' in cgw("profile", "export").out
    cgw("profile", "rm", "two", "--yes")
    assert "\n* one " in cgw("profile", "list").out
    assert "no profile 'two'" in cgw("profile", "show", "two", fails=2).err


def test_run_replaces_the_process_with_the_profiles_environment(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess
    import sys

    cgw("init", "u", "--provider", "unified", "--gateway-url", "http://127.0.0.1:1", "--secret", "env://K", "--yes")
    monkeypatch.setenv("K", "cgw-canary-1")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "old")
    code = "import os; print(os.environ['ANTHROPIC_AUTH_TOKEN'], os.environ.get('ANTHROPIC_API_KEY'), os.getpid())"
    process = subprocess.Popen(
        [sys.executable, "-m", "claude_gw_cli", "run", "--", sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    out, _ = process.communicate(timeout=30)
    assert out.split() == ["cgw-canary-1", "None", str(process.pid)]


def test_run_says_what_is_wrong_with_the_command(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    cgw("init", "u", "--provider", "unified", "--secret", "env://K", "--yes")
    monkeypatch.setenv("K", "cgw-canary-1")
    assert "no command" in cgw("run", fails=2).err
    assert "command not found" in cgw("run", "--", "no-such-command-here", fails=127).err
    assert "Permission denied" in cgw("run", "--", "/etc/passwd", fails=126).err


@pytest.mark.parametrize(
    ("argv", "name", "lines"),
    [
        (["127.0.0.1:4000"], "litellm", ['provider = "unified"', 'gateway_url = "http://127.0.0.1:4000"']),
        (["https://gw.example.com/anthropic"], "gw.example.com", ['provider = "anthropic"']),
        (["https://gw.example.com/bedrock/"], "gw.example.com", ['provider = "bedrock"']),
        (["gw.example.com:8443", "--secret", "env://K"], "gw.example.com", ['auth = "helper"', "https://gw.ex"]),
        (["https://gw/x", "--secret", "env://K", "--auth", "static"], "gw", ['auth = "static"']),
        (["https://a.azure-api.net", "--secret", "env://K"], "a.azure-api.net", ['auth = "static"', "ocp-apim-"]),
        (["--gateway", "bifrost"], "bifrost", ['base_path = "/anthropic"']),
        (["w", "--gateway", "apim", "--key-header", "x-own"], "w", ['key_header = "x-own"']),
    ],
    ids=" ".join,
)
def test_an_address_or_a_kind_decides_all_but_the_key(cgw: Cgw, argv: list[str], name: str, lines: list[str]) -> None:
    cgw("init", *argv, "--yes")
    text = profile(name).read_text()
    for line in lines:
        assert line in text


def test_what_is_only_documented_is_said_once(cgw: Cgw) -> None:
    assert cgw("init", "--gateway", "kong", "--yes").err.count("not measured") == 1
    assert "not measured" not in cgw("init", "--gateway", "litellm", "--yes").err


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["https://gw", "--gateway-url", "https://other"], "--gateway-url"),
        (["ftp://gw"], "not an http(s) address"),
        (["https://u:p@gw"], "user name or password"),
        (["gw.example.com"], "cgw init https://gw.example.com"),
        (["--gateway", "litelm"], "Did you mean litellm?"),
    ],
    ids=" ".join,
)
def test_an_address_that_cannot_be_used_is_refused(cgw: Cgw, argv: list[str], word: str) -> None:
    assert word in cgw("init", *argv, "--yes", fails=2).err


def test_a_second_gateway_on_a_host_does_not_take_the_first_ones_profile(cgw: Cgw) -> None:
    cgw("init", "https://llm.example.com:8443", "--secret", "env://A", "--yes")
    cgw("init", "https://llm.example.com:8443/", "--secret", "env://B", "--yes")
    said = cgw("init", "https://llm.example.com:9443", "--secret", "env://C", "--yes", fails=2).err
    assert "the profile llm.example.com is for https://llm.example.com:8443" in said
    assert "cgw init NAME --gateway-url https://llm.example.com:9443" in said
    assert "env://B" in cgw("profile", "show", "llm.example.com").out
