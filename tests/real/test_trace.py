"""`cgw trace` against real clients: ten starts each, observed as predicted, and nothing of the user's is touched."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.facts.versions import holds

pytestmark = pytest.mark.real

VERSIONS = ("1.0.35", "1.0.37", "2.0.45", "2.1.100", "2.1.101", "2.1.227", "2.1.228", "2.1.330")
GATEWAY = "https://gateway.example/team"
KEY, TOKEN = "sk-key-0123456789", "tok-0123456789"
SKIP_BEDROCK = {
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
    "ANTHROPIC_BEDROCK_BASE_URL": f"{GATEWAY}/bedrock",
}
SKIP_VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
    "ANTHROPIC_VERTEX_BASE_URL": f"{GATEWAY}/vertex_ai/v1",
    "ANTHROPIC_VERTEX_PROJECT_ID": "project",
    "CLOUD_ML_REGION": "us-east5",
}

# name: (environment, user settings, project settings, the client's arguments)
Start = tuple[dict[str, str], dict[str, Any], dict[str, Any], list[str]]
STARTS: dict[str, Start] = {
    "token": ({"ANTHROPIC_BASE_URL": GATEWAY, "ANTHROPIC_AUTH_TOKEN": TOKEN}, {}, {}, []),
    "key and helper": ({"ANTHROPIC_API_KEY": KEY}, {"apiKeyHelper": "echo hlp-0123456789"}, {}, []),
    "all in user settings": (
        {},
        {"env": {"ANTHROPIC_BASE_URL": f"{GATEWAY}/", "ANTHROPIC_AUTH_TOKEN": TOKEN, "HTTPS_PROXY": GATEWAY}},
        {},
        [],
    ),
    "project redirects": (
        {"ANTHROPIC_BASE_URL": "https://elsewhere.example", "ANTHROPIC_AUTH_TOKEN": TOKEN},
        {},
        {"env": {"ANTHROPIC_BASE_URL": GATEWAY}, "model": "m-project"},
        [],
    ),
    "header lines": (
        {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_CUSTOM_HEADERS": "x-litellm-api-key: Bearer sk-one\nX-Two: 2"},
        {"env": {"ANTHROPIC_BASE_URL": GATEWAY}},
        {},
        ["--model", "m-flag"],
    ),
    "bedrock through a gateway": (SKIP_BEDROCK | {"ANTHROPIC_AUTH_TOKEN": TOKEN}, {}, {}, []),
    "bedrock with its own keys": (
        {name: value for name, value in SKIP_BEDROCK.items() if "SKIP" not in name}
        | {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "ANTHROPIC_API_KEY": KEY},
        {},
        {},
        [],
    ),
    "vertex through a gateway": (SKIP_VERTEX | {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": TOKEN}, {}, {}, []),
    "vertex with its own login": (
        {name: value for name, value in SKIP_VERTEX.items() if "SKIP" not in name}
        | {"GOOGLE_APPLICATION_CREDENTIALS": "{home}/google.json"},
        {},
        {},
        [],
    ),
    "nothing to log in with": ({"ANTHROPIC_BASE_URL": GATEWAY}, {}, {}, []),
}


def traced(cgw: Path, client: Path, env: dict[str, str], start: Start, *more: str) -> tuple[int, dict[str, Any]]:
    """One `cgw trace` in a home and a working directory of its own."""
    home = Path(env["HOME"])
    variables, user, project, words = start
    work = home / "work"
    for folder, document in ((home, user), (work, project)):
        (folder / ".claude").mkdir(parents=True)
        if document:
            (folder / ".claude" / "settings.json").write_text(json.dumps(document))
    (home / "google.json").write_text("{}")
    env |= {name: value.replace("{home}", str(home)) for name, value in variables.items()}
    before = everything(home)
    command = [str(cgw), "trace", "--client", str(client), "--format", "json", *more, "--", *words]
    done = subprocess.run(command, env=env, cwd=work, capture_output=True, text=True, timeout=300, check=False)
    own = {f".local/state/cgw/{name}" for name in ("audit.jsonl", ".audit.lock")} if "--record" in more else set()
    left = {name: text for name, text in everything(home).items() if name not in own}  # which file it wrote
    assert left == before, "the trace changed the user's files"
    for secret in (KEY, TOKEN, "hlp-0123456789", "sk-one"):
        assert secret not in done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below, with its bytes. Node's own cache of compiled code is the runtime's affair."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_real_client_sends_is_what_is_predicted(
    version: str,
    client: Callable[[str], Path],
    cgw: Path,
    clean_env: Callable[[Path], dict[str, str]],
    tmp_path: Path,
) -> None:
    program = client(version)

    def run(item: tuple[int, Start]) -> tuple[int, dict[str, Any]]:
        home = tmp_path / str(item[0])
        home.mkdir()
        return traced(cgw, program, clean_env(home), item[1])

    with ThreadPoolExecutor(2) as pool:
        results = dict(zip(STARTS, pool.map(run, enumerate(STARTS.values())), strict=True))
    for name, (code, document) in results.items():
        assert (code, document["findings"]) == (0, []), f"{version} {name}: {document['findings']}"
        assert document["observed"] is True
        assert document["client"] == {"version": version, "mode": "print"}
        assert (document["request"] is None) == (name == "nothing to log in with"), name
    urls = {name: document["request"]["url"] for name, (_, document) in results.items() if document["request"]}
    assert (
        urls["token"]
        == urls["all in user settings"]
        == urls["project redirects"]
        == f"{GATEWAY}/v1/messages?beta=true"
    )
    assert urls["key and helper"] == "https://api.anthropic.com/v1/messages?beta=true"
    assert urls["bedrock through a gateway"].startswith(f"{GATEWAY}/bedrock/model/")
    tokens = results["token"][1]["headers"]
    assert tokens["authorization"]["value"] == "Bearer tok-…"
    assert tokens["proxy-authorization"]["present"] is holds("token-in-proxy-authorization", version)
    signed = results["bedrock with its own keys"][1]["headers"]["authorization"]
    assert signed["source"]["kind"] == "aws-sigv4"


def test_a_recording_holds_nothing_private(
    client: Callable[[str], Path], cgw: Path, clean_env: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    file = tmp_path / "recording.json"
    home = tmp_path / "home"
    home.mkdir()
    code, _ = traced(cgw, client("2.1.330"), clean_env(home), STARTS["header lines"], "--record", str(file))
    text = file.read_text()
    row = json.loads(text)
    assert code == 0
    assert row["config"]["env"]["ANTHROPIC_CUSTOM_HEADERS"].startswith("x-litellm-api-key: Bearer private")
    assert row["observed"]["x-api-key"] == row["config"]["env"]["ANTHROPIC_API_KEY"]
    for private in (KEY, "sk-one", "gateway.example", str(home)):
        assert private not in text


def test_a_client_that_does_something_else_is_a_finding(
    cgw: Path, clean_env: Callable[[Path], dict[str, str]], tmp_path: Path
) -> None:
    """A stand-in that sends the token where no client does: exit 1, and the difference is named."""
    fake = tmp_path / "claude-code" / "claude"
    fake.parent.mkdir()
    fake.parent.joinpath("package.json").write_text('{"name": "@anthropic-ai/claude-code", "version": "2.1.330"}')
    fake.write_text(
        '#!/bin/sh\ncurl -s "$ANTHROPIC_BASE_URL/v1/messages?beta=true" -H "x-api-key: $ANTHROPIC_AUTH_TOKEN" '
        '-A claude-cli/2.1.330 -d \'{"model": "claude-opus-5-5", "max_tokens": 9, "messages": [1], "tools": [1]}\'\n'
    )
    fake.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    code, document = traced(cgw, fake, clean_env(home), STARTS["token"])
    assert code == 1
    assert [finding["message"].partition(":")[0] for finding in document["findings"]] == [
        "authorization",
        "x-api-key",
    ]
    assert document["headers"]["x-api-key"] == {
        "present": True, "value": "tok-…", "source": None, "shadowed": [], "certain": True, "note": None
    }  # fmt: skip
