"""Set-ups of public bug reports, as a person meets them: what `doctor`, `check`, `explain` and `init` say to each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from claude_gw_cli.__main__ import run
from claude_gw_cli.world import paths
from claude_gw_cli.world.loopback.gateway import Gateway

KEY = "sk-gwkey-1a2b3c4d5e6f7g8h"
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(KEY) as running:
        yield running


@pytest.fixture
def say(isolated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Say:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(paths, "managed_dir", lambda: str(tmp_path / "managed"))

    def call(*argv: str) -> tuple[int, str]:
        capfd.readouterr()
        code = run(list(argv))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        assert KEY not in out + err
        return code, out + err

    return call


def write(file: Path, document: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    file.chmod(0o600)
    return file


def settings(home: Path, **env: str) -> Path:
    return write(home / ".claude/settings.json", {"env": env})


def login(home: Path) -> None:
    session = {"accessToken": "sk-ant-oat01-fakefakefakefake1", "refreshToken": "sk-ant-ort01-fakefakefakefake1",
               "expiresAt": 4102444800000, "scopes": ["user:inference"], "subscriptionType": "max"}  # fmt: skip
    write(home / ".claude/.credentials.json", {"claudeAiOauth": session})


def explained(say: Say, *argv: str) -> dict[str, Any]:
    _, text = say("-q", "explain", "--format", "json", *argv)
    found: dict[str, Any] = json.loads(text[text.index("{") :])
    return found


def probes(say: Say) -> dict[str, dict[str, Any]]:
    _, text = say("doctor", "--format", "json")
    return {row["id"]: row for row in json.loads(text)["probes"]}


def findings(say: Say, *argv: str) -> dict[str, str]:
    _, text = say("check", "--format", "json", *argv)
    return {item["code"]: item["message"] + "\n" + (item["help"] or "") for item in json.loads(text)["findings"]}


def test_without_a_profile_doctor_judges_what_is_there_and_init_adopts_it(
    say: Say, isolated: Path, gateway: Gateway
) -> None:
    file = settings(isolated, ANTHROPIC_BASE_URL=gateway.url, ANTHROPIC_AUTH_TOKEN=KEY)
    assert say("doctor")[0] == 0
    code, text = say("init", "--from", str(file), "--yes")
    assert code == 2
    assert "cgw init --from-current" in text
    assert "key is written out" in say("init", "--from-current", "--yes")[1]
    store = write(isolated / "key", KEY)
    assert say("init", "work", "--from-current", "--secret", f"file://{store}", "--yes")[0] == 0
    assert say("doctor", "--profile", "work")[0] == 0


@pytest.mark.parametrize("token", [KEY, None])
def test_a_console_logins_key_goes_to_the_gateway(
    say: Say, isolated: Path, gateway: Gateway, token: str | None
) -> None:
    write(isolated / ".claude.json", {"primaryApiKey": "sk-ant-api03-fakefakefakefake1"})
    settings(isolated, ANTHROPIC_BASE_URL=gateway.url, **({"ANTHROPIC_AUTH_TOKEN": token} if token else {}))
    sent = explained(say)["headers"]
    assert sent["x-api-key"]["source"]["kind"] == "login-key"
    assert sent["authorization"]["present"] is (token is not None)
    assert "primaryApiKey" in findings(say)["CGW145"]
    row = probes(say)["start"]
    assert row["status"] == ("ok" if token else "skip")
    assert token or "CGW145" in row["cause"]


@pytest.mark.parametrize(
    ("region", "version", "host"),
    [
        ("global", "2.1.92", "aiplatform.googleapis.com"),
        ("global", "2.1.332", "aiplatform.googleapis.com"),
        ("eu", "2.1.92", "eu-aiplatform.googleapis.com"),
        ("eu", "2.1.203", "aiplatform.eu.rep.googleapis.com"),
        ("us", "2.1.332", "aiplatform.us.rep.googleapis.com"),
    ],
)
def test_regions_of_vertex(say: Say, monkeypatch: pytest.MonkeyPatch, region: str, version: str, host: str) -> None:
    for name, value in {"CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1", "CLOUD_ML_REGION": region,
                        "ANTHROPIC_VERTEX_PROJECT_ID": "p", "ANTHROPIC_AUTH_TOKEN": "t"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert explained(say, "--client-version", version)["request"]["url"].startswith(f"https://{host}/v1/projects/p/")


@pytest.mark.parametrize("bedrock", [False, True])
def test_the_gateway_provider_uses_the_base_url(say: Say, monkeypatch: pytest.MonkeyPatch, bedrock: bool) -> None:
    env = {"CLAUDE_CODE_USE_GATEWAY": "1", "ANTHROPIC_BASE_URL": "http://127.0.0.1:4000", "ANTHROPIC_AUTH_TOKEN": "t"}
    for name, value in (
        env | ({"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"} if bedrock else {})
    ).items():
        monkeypatch.setenv(name, value)
    found = explained(say, "--client-version", "2.1.332")
    assert found["request"]["url"] == "http://127.0.0.1:4000/v1/messages?beta=true"
    assert found["request"]["model"] == "claude-opus-4-7"
    assert "ANTHROPIC_BASE_URL is ignored" not in say("explain", "--client-version", "2.1.332")[1]


@pytest.mark.parametrize(("version", "to_gateway"), [("1.0.110", True), ("1.0.111", False), ("1.0.113", True)])
@pytest.mark.parametrize("scope", ["user", "project"])
def test_two_releases_that_ignore_a_base_url_in_settings(
    say: Say, isolated: Path, version: str, to_gateway: bool, scope: str
) -> None:
    home = isolated if scope == "user" else Path.cwd()
    settings(home, ANTHROPIC_BASE_URL="http://127.0.0.1:4000", ANTHROPIC_AUTH_TOKEN="dummy")
    url = explained(say, "--client-version", version)["request"]["url"]
    assert url.startswith("http://127.0.0.1:4000/" if to_gateway else "https://api.anthropic.com/")


@pytest.mark.parametrize(
    "line", ["user-agent: x", "content-type: text/plain", "x-claude-code-session-id: abc", "anthropic-beta: x"]
)
def test_a_line_that_the_client_never_sends(say: Say, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", line)
    name = line.partition(":")[0]
    assert explained(say)["headers"][name]["present"] is False
    assert name in findings(say)["CGW147"]


def test_the_clients_own_spelling_replaces_its_value(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:4000")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "User-Agent: mine")
    assert explained(say)["headers"]["user-agent"]["present"] is True
    assert "CGW147" not in findings(say)


def test_a_stored_login_has_a_model(say: Say, isolated: Path) -> None:
    login(isolated)
    assert explained(say, "--client-version", "2.1.332")["request"]["model"] == "claude-opus-5-5"


@pytest.mark.parametrize(
    ("url", "no_proxy", "direct"),
    [
        ("http://127.0.0.1:4000", "127.0.0.0/8", True),
        ("http://10.255.0.1:4000", "10.0.0.0/8", True),
        ("https://gw.corp.example", "*corp.example", False),
        ("https://gw.corp.example", "*.corp.example", True),
        ("https://gw.corp.example", "a.example gw.corp.example", True),
        ("https://gw.corp.example", "gw.corp.example:443", True),
        ("http://localhost:4000", "LOCALHOST", True),
        ("http://localhost:4000", "localhost:1", False),
        ("http://127.0.0.1:4000", "127.*", False),
        ("http://127.0.0.1:4000", "localhost", False),
    ],
)
def test_explain_check_and_doctor_read_no_proxy_alike(
    say: Say, monkeypatch: pytest.MonkeyPatch, url: str, no_proxy: str, direct: bool
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert explained(say)["connection"]["kind"] == ("direct" if direct else "proxy")
    local = "127.0.0.1" in url or "localhost" in url
    assert ("CGW304" in findings(say)) is (local and not direct)
    if local or not direct:  # else it would really go there
        assert probes(say)["proxy"]["status"] == ("skip" if direct else "fail")


def test_an_editor_with_variables_but_without_the_address(
    say: Say, isolated: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gateway.url)
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
    row = {"name": "ANTHROPIC_AUTH_TOKEN", "value": "${env:GATEWAY_KEY}"}
    write(isolated / ".config/Code/User/settings.json", {"claudeCode.environmentVariables": [row]})
    found = probes(say)["ide"]
    assert (found["status"], "do not include ANTHROPIC_BASE_URL" in found["cause"]) == ("warn", True)


def test_the_places_where_teams_write_variables(say: Say) -> None:
    url = "https://llm.example.com/v1"
    rows = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_AUTH_TOKEN": KEY, "CLAUDE_CODE_USE_BEDROCK": "1"}
    listed = [{"name": name, "value": value} for name, value in rows.items()]
    write(Path(".vscode/settings.json"), {"claudeCode.environmentVariables": listed})
    inside = {"ANTHROPIC_BASE_URL": "http://localhost:4000/v1", "ANTHROPIC_AUTH_TOKEN": "${localEnv:T}"}
    container = json.dumps({"containerEnv": inside | {"ANTHROPIC_API_KEY": KEY}})
    write(Path(".devcontainer/devcontainer.json"), f"// comment\n{container}")
    workflow = """
        on: push
        jobs:
          claude:
            runs-on: ubuntu-latest
            env:
              ANTHROPIC_BASE_URL: https://llm.example.com/v1
            steps:
              - uses: anthropics/claude-code-action@v1
                with:
                  claude_env: |
                    ANTHROPIC_CUSTOM_HEADERS: '{"x-portkey-api-key": "pk-1a2b3c4d5e6f"}'
        """
    write(Path(".github/workflows/claude.yml"), dedent(workflow))
    code, text = say("check", "--format", "json", ".")
    found = {(Path(item["file"]).name, item["code"]) for item in json.loads(text)["findings"]}
    assert code == 1
    assert found >= {
        ("settings.json", "CGW123"), ("settings.json", "CGW104"),
        ("devcontainer.json", "CGW123"), ("devcontainer.json", "CGW501"), ("devcontainer.json", "CGW318"),
        ("devcontainer.json", "CGW101"),
        ("claude.yml", "CGW501"), ("claude.yml", "CGW319"), ("claude.yml", "CGW133"),
    }  # fmt: skip
    assert not {item for item in found if item[1] == "CGW201"}, "comments are allowed there"


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("x-portkey-api-key", "bare"), ("x-bf-vk", "bare"), ("Ocp-Apim-Subscription-Key", "bare"),
        ("cf-aig-authorization", None), ("x-team-key", None),
    ],
)  # fmt: skip
def test_gateways_that_want_the_key_alone(say: Say, isolated: Path, header: str, form: str | None) -> None:
    _, text = say("init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:9", "--secret",
                  "env://K", "--key-header", header, "--yes")  # fmt: skip
    profile = (isolated / ".config/cgw/profiles/work.toml").read_text()
    assert ('key_format = "bare"' in profile) is (form == "bare")
    assert ("--key-format bare" in text) is (header == "x-team-key")


def test_a_login_beside_the_gateways_key_is_as_it_should_be(say: Say, isolated: Path) -> None:
    login(isolated)
    with Gateway(KEY, key_header="x-litellm-api-key") as gateway:
        settings(
            isolated, ANTHROPIC_BASE_URL=gateway.url, ANTHROPIC_CUSTOM_HEADERS=f"x-litellm-api-key: Bearer {KEY}"
        )
        assert explained(say)["headers"]["authorization"]["source"]["kind"] == "login"
        assert set(findings(say)) == {"CGW123"}  # the key is written out
        rows = probes(say)
    assert (rows["start"]["status"], rows["gateway.key"]["status"]) == ("ok", "ok")


def test_a_login_alone_may_be_meant(say: Say, isolated: Path, gateway: Gateway) -> None:
    login(isolated)
    settings(isolated, ANTHROPIC_BASE_URL=gateway.url)
    assert "--auth login" in findings(say)["CGW119"]
    row = probes(say)["settings"]
    assert (row["status"], "--auth login" in row["help"]) == ("fail", True)
    assert all("authorization" not in dict(request.headers) for request in gateway.requests)
