"""What is a literal key, and what only looks like one; who can read it decides how bad that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.rules.contexts import rule_context
from tests.rules.samples import GW, SCRIPT, TOKEN, USER, gateway_env

from claude_gw_cli.cli.check import check
from claude_gw_cli.core.layers import document
from claude_gw_cli.core.model import Finding, Profile
from claude_gw_cli.core.snapshot import ClientArguments, HelperFile, SettingsFile
from claude_gw_cli.record import replace
from claude_gw_cli.rules.engine import run
from claude_gw_cli.rules.literals import has_key, holds_key, is_credential, is_key, literals, no_key, prints_key
from claude_gw_cli.rules.pages import Example

LITERAL = {"CGW123", "CGW124", "CGW142"}
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZXYifQ.c2lnbmF0dXJl"
KEYS = [
    pytest.param({"env": {"LITELLM_API_KEY": "gw4f1c9a7e22b099d0c3"}}, id="another program's variable"),
    pytest.param({"env": {"ANTHROPIC_TOKEN": TOKEN}}, id="an invented variable"),
    pytest.param({"env": {"anthropic_auth_token": TOKEN}}, id="lower case"),
    pytest.param({"apiKey": TOKEN}, id="an invented key"),
    pytest.param({"ANTHROPIC_AUTH_TOKEN": TOKEN}, id="outside env"),
    pytest.param({"env": {"ANTHROPIC_BASE_URL": f"{GW}?api_key={TOKEN}"}}, id="in the query"),
    pytest.param({"env": {"OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {TOKEN}"}}, id="telemetry headers"),
    pytest.param({"env": {"ANTHROPIC_CUSTOM_HEADERS": f"x-team: a\nx-portkey-api-key: {TOKEN}"}}, id="custom header"),
    pytest.param({"env": {"CLAUDE_CODE_EXTRA_BODY": '{"api_key": "gw-4f1c9a7e22b0"}'}}, id="extra body"),
    pytest.param({"env": {"HTTPS_PROXY": "http://team:hunter2@proxy.example.com:3128"}}, id="proxy password"),
    pytest.param({"hooks": {"Stop": [{"hooks": [{"command": f"notify --token {JWT}"}]}]}}, id="a hook"),
    pytest.param({"permissions": {"allow": ["Bash(curl -H 'x-api-key: sk-4f1c9a7e22b0' *)"]}}, id="a permission"),
    pytest.param({"mcpServers": {"x": {"env": {"GITHUB_TOKEN": "ghp_" + "a1B2" * 9}}}}, id="a server's variable"),
    pytest.param({"apiKeyHelper": "echo sk-4f1c9a7e22b0"}, id="the helper's command"),
    pytest.param('{"env": {"ANTHROPIC_AUTH_TOKEN": "gw-4f1c9a7e22b0",}}', id="no JSON"),
    pytest.param('{// team\n"x": "sk-4f1c9a7e22b0"}', id="a comment"),
    pytest.param({**USER, "permissions": "bad"}, id="a file that the client drops"),
]
NO_KEYS = [
    *("$LITELLM_KEY", "${LITELLM_KEY}", "$(cat ~/.gateway-key)", "dummy", "sk-no-key-required", "Bearer ${X}"),
    *("<YOUR_KEY>", "sk-your-key-here", "sk-xxxxxxxxxxxx", "sk-...", "keyring://cgw/work", "op://dev/gw/key", "null"),
    *("/run/secrets/gw_key", "{env:GW_KEY}", "os.environ/GW_KEY", "~/.gateway-key", "exec:pass gw", "{{ gw_key }}"),
]
HARMLESS: list[dict[str, Any]] = [
    {"env": {"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "32000", "MAX_THINKING_TOKENS": "16000000"}},
    {"env": {"ANTHROPIC_CUSTOM_HEADERS": "x-token-budget: unlimited\nx-routing-key: us-east-1-main"}},
    {"env": {"HTTPS_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "localhost"}},
    {"env": {"HTTPS_PROXY": "http://user:password@proxy.example.com:3128"}},
    {"env": {"CLAUDE_CODE_CLIENT_KEY": "certs/client-2024-key-0001.pem"}},
    {"env": {"ANTHROPIC_BASE_URL": f"{GW}?api-version=2024-10-21-preview"}},
    {"env": {"CLAUDE_CODE_EXTRA_BODY": '{"max_tokens": 100000, "metadata": {"user_id": "team-llm-0001-0002"}}'}},
    {"hooks": {"PreToolUse": [{"hooks": [{"command": "grep -rE 'sk-ant-api03-|sk-[a-z0-9]{20}' . && exit 2"}]}]}},
    {"permissions": {"deny": ["Read(./.env)", "Read(**/secrets/**)", "Bash(echo $ANTHROPIC_API_KEY)"]}},
    {"apiKeyHelper": "echo dummy-token"},
    {"model": "task-management-system-0123456789", "outputStyle": "risk-assessment-20250101-long"},
]


def found(example: Example) -> list[Finding]:
    return list(run(rule_context(example)))


def codes(example: Example) -> set[str]:
    return {item.code for item in found(example)}


@pytest.mark.parametrize("given", KEYS)
def test_a_key_anywhere_in_a_tracked_file_is_an_error(given: dict[str, Any] | str) -> None:
    findings = [item for item in found(Example(project=given, tracked=True)) if item.code in LITERAL]
    assert [item.code for item in findings] == ["CGW124"]
    assert findings[0].location.line
    text = f"{findings[0].message} {findings[0].help} {findings[0].location}"
    assert not any(part in text for part in ("4f1c9a7e22b0", "hunter2", JWT, "ghp_"))


@pytest.mark.parametrize("given", KEYS)
def test_in_a_private_file_it_is_worth_knowing_at_most(given: dict[str, Any] | str) -> None:
    assert codes(Example(user=given)) & LITERAL <= {"CGW123"}


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_only_stands_for_a_key_is_not_called_one(text: str) -> None:
    assert no_key(text)
    for tracked in (False, True):
        assert not codes(Example(project=gateway_env(ANTHROPIC_AUTH_TOKEN=text), tracked=tracked)) & LITERAL


@pytest.mark.parametrize("value", [None, {}, True])
def test_what_is_no_text_is_not_called_a_key(value: object) -> None:
    assert not codes(Example(user=gateway_env(ANTHROPIC_AUTH_TOKEN=value))) & LITERAL


@pytest.mark.parametrize("given", HARMLESS)
def test_ordinary_settings_hold_no_key(given: dict[str, Any]) -> None:
    assert not codes(Example(project=given, tracked=True)) & LITERAL


@pytest.mark.parametrize(
    "text", ["sk-ant-api03-", "grep sk-ant-api", "sk-SK", "sk-learn-and-more-words", "eyJ.e30.x", "hvs.x"]
)
def test_a_search_pattern_or_a_word_is_no_key(text: str) -> None:
    assert not has_key(text)
    assert not is_key("note", text)


def test_a_file_that_the_client_does_not_read_shows_its_key_all_the_same() -> None:
    judged = rule_context(Example(user=gateway_env(), env={"ANTHROPIC_AUTH_TOKEN": TOKEN}))
    text = json.dumps(USER)
    unread = SettingsFile("project", "/home/u/src/.claude/settings.json", "unread", text, USER, tracked=True)
    files = (*judged.snapshot.files, unread)
    again = replace(judged, snapshot=replace(judged.snapshot, files=files))
    assert "CGW124" in {item.code for item in run(again)}


def test_each_place_is_named_once() -> None:
    text = json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": "sk-4f1c9a7e22b0", "X": "sk-4f1c9a7e22b0"}})
    places = [item.pointer for item in literals(document("user", "s.json", text, ClientArguments()))]
    assert places == ["/env/ANTHROPIC_AUTH_TOKEN", "/env/X"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo sk-4f1c9a7e22b0", True),
        ("printf '%s' 'gw-4f1c9a7e22b0'", True),
        (f"curl -H 'Authorization: Bearer {JWT}' https://llm.example.com/key", True),
        ("echo not-needed", False),
        ("echo proxy-handles-this", False),
        ('echo "$GATEWAY_KEY"', False),
        ("vault kv get -field=key secret/llm-0001", False),
    ],
)
def test_a_command_that_contains_its_key(command: str, expected: bool) -> None:
    assert prints_key(command) is expected


def helper_findings(**changes: Any) -> set[str]:
    judged = rule_context(Example(user=gateway_env() | {"apiKeyHelper": "~/bin/key.sh"}, helper=SCRIPT))
    seen = replace(judged.snapshot.helpers[0], **changes)
    assert isinstance(seen, HelperFile)
    return {item.code for item in run(replace(judged, snapshot=replace(judged.snapshot, helpers=(seen,))))}


WITH_KEY = "#!/bin/sh\necho sk-4f1c9a7e22b0\n"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"text": WITH_KEY, "mode": 0o700}, {"CGW407"}),
        ({"text": WITH_KEY, "mode": 0o700, "tracked": True}, {"CGW408"}),
        ({"text": WITH_KEY, "mode": 0o755}, {"CGW408"}),
        ({"role": "file", "text": None, "mode": 0o644}, {"CGW417"}),
        ({"role": "file", "text": None, "mode": 0o600}, set()),
        ({"role": "file", "text": None, "mode": None}, set()),
        ({"folder_mode": 0o777}, {"CGW409"}),
        ({"folder_mode": 0o1777}, set()),
        ({"folder_mode": 0o775}, set()),
        ({"problem": "is empty"}, {"CGW402"}),
        ({"text": "#!/bin/sh\nread -p 'Key: ' k < /dev/tty\necho $k\n"}, set()),
        ({"text": "#!/bin/sh\nvault list | while read -r x; do echo $x; done\n"}, set()),
    ],
)
def test_a_helper_s_file(changes: dict[str, Any], expected: set[str]) -> None:
    assert helper_findings(**changes) == expected


def test_a_key_in_the_helper_s_command_is_one_finding_wherever_it_stands() -> None:
    document_ = gateway_env() | {"apiKeyHelper": "echo sk-4f1c9a7e22b0"}
    assert codes(Example(user=document_)) == {"CGW406"}
    assert codes(Example(user=document_, mode=0o644)) == {"CGW124"}


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"secret": "exec:echo sk-4f1c9a7e22b0"}, True),
        ({"headers": {"x-portkey-api-key": "sk-4f1c9a7e22b0"}}, True),
        ({"env": {"OPENAI_API_KEY": "sk-4f1c9a7e22b0"}}, True),
        ({"tables": {"oauth": {"gw": {"client_secret": "a1b2c3d4e5f60718293a"}}}}, True),
        ({"tables": {"oauth": {"gw": {"client_secret": "env://GW_SECRET"}}}}, False),
        ({"secret": "exec:pass show llm"}, False),
        ({"headers": {"x-team": "llm", "x-api-key": "${KEY}"}}, False),
    ],
)
def test_a_profile_holds_no_key(more: dict[str, Any], key: bool) -> None:
    profile = Profile(**({"name": "work", "provider": "unified", "gateway_url": GW, "secret": "env://K"} | more))
    for shared, severity in ((True, "error"), (False, "warning")):
        found = run(rule_context(Example(profile=profile, profile_shared=shared)))
        assert [item.severity for item in found if item.code == "CGW537"] == [severity] * key


@pytest.mark.parametrize(
    "text",
    [
        *("sk-4f1c9a7e22b0", JWT, "hvs.CAESIJ4f1c9a7e22b0", "ghp_" + "a1B2" * 9, "github_pat_" + "a1B2" * 6),
        *("glpat-a1B2a1B2a1B2a1B2", "xoxb-123456789012-abcdef", "AIza" + "a1B2" * 8, "ya29." + "a1B2" * 6),
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_a_key_is_known_by_its_form(text: str) -> None:
    assert has_key(f'echo "{text}"')


# Lines of the last stage -> whether a key that the build is given stays in the image.
IMAGES = {
    "ARG K\nENV ANTHROPIC_AUTH_TOKEN=$K\n": True,
    "ARG K\nENV ANTHROPIC_API_KEY ${K}${X}\n": True,
    "ARG ANTHROPIC_API_KEY\nRUN claude -p x\n": True,
    "ENV ANTHROPIC_AUTH_TOKEN=\n": False,
    "ARG U\nENV ANTHROPIC_BASE_URL=$U\n": False,
    "RUN --mount=type=secret,id=k,env=ANTHROPIC_AUTH_TOKEN claude -p x\n": False,
    "RUN --mount=type=secret,id=k ANTHROPIC_AUTH_TOKEN=$(cat /run/secrets/k) claude -p x\n": False,
    "ARG K\nENV ANTHROPIC_AUTH_TOKEN=$K\nFROM b\nCOPY --from=0 /x /x\n": False,
    "AS c\nARG K\nENV ANTHROPIC_AUTH_TOKEN=$K\nFROM c\nRUN npm ci\n": True,
}


@pytest.mark.parametrize("lines", IMAGES)
def test_a_key_of_the_build_stays_in_the_image(
    isolated: Path, tmp_path: Path, lines: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(f"FROM a {lines}" if lines.startswith("AS") else f"FROM a\n{lines}")
    check(paths=(str(path),), format_="json")
    seen = [item["code"] for item in json.loads(capfd.readouterr().out)["findings"]]
    assert seen == ["CGW153"] * IMAGES[lines]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yml", "services:\n  a:\n    build:\n      args:\n        ANTHROPIC_API_KEY: ${K}\n"),
        ("compose.yaml", "services:\n  a:\n    build:\n      args: [ANTHROPIC_AUTH_TOKEN]\n"),
        ("build.sh", "docker build --build-arg ANTHROPIC_API_KEY=$K -t a .\n"),
        ("ci/.gitlab-ci.yml", 'a:\n  script: [docker build --build-arg "ANTHROPIC_API_KEY=$K" .]\n'),
    ],
)
def test_a_key_that_a_build_is_given_elsewhere(
    isolated: Path, tmp_path: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    check(paths=(str(path),), format_="json")
    assert [item["code"] for item in json.loads(capfd.readouterr().out)["findings"]] == ["CGW153"]


RELATIVE = "./bin/k.sh|bin/k|exec ../k|bash k.sh|sh ./k|cat .key.txt|cat secrets/key|python3 tools/k.py|node k.mjs"
FOUND = "~/k.sh|cat ~/.key|get-key.sh|python3 -m k|node -e 1.2|op read op://a/b|cat /run/k|vault kv get secret/x"


@pytest.mark.parametrize("command", [*RELATIVE.split("|"), *FOUND.split("|")])
def test_a_helper_with_a_relative_path(command: str) -> None:
    assert ("CGW410" in codes(Example(user={"apiKeyHelper": command}))) is (command in RELATIVE.split("|"))


@pytest.mark.parametrize(
    ("name", "value", "credential"),
    [
        *(
            (name, "hunter2-corporate", True)
            for name in ("X-Auth", "x-corp-auth", "X-Team-Token", "X-Gateway-Secret")
        ),
        *(
            (name, "abcdefghijkl", True)
            for name in ("X-Key", "X-Service-Password", "X-Credentials", "X-My-Authorization")
        ),
        *(
            (name, "hunter2-corporate", False)
            for name in ("X-Idempotency-Key", "X-Auth-Provider", "X-Author", "X-Team")
        ),
        *(("X-Auth", value, False) for value in ("short", "${TOKEN}", "YOUR_TOKEN", "env://TOKEN", "")),
    ],
)
def test_a_header_that_says_it_is_a_credential_is_one_whatever_its_form(
    name: str, value: str, *, credential: bool
) -> None:
    assert is_credential(name, value) is credential
    assert is_credential(name, f"Bearer {value}") is credential
    assert holds_key("ANTHROPIC_CUSTOM_HEADERS", f"X-Team: a\n{name}: {value}") is credential
