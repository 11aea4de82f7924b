"""Lines that look as if they set a variable, and give it to no process; and those that only look like such lines."""

# ruff: noqa: E501 - texts of files are not broken where a line of them goes on
from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check

KEY = "sk-ant-api03-" + "Qw3rTy" * 8
STEP = "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: "
# Name -> text, and the lines that give a variable to no process.
LOST = {
    ".bashrc": ("ANTHROPIC_BASE_URL=https://gw.example.com\nANTHROPIC_MODEL=opus\nexport ANTHROPIC_MODEL\n", [1]),
    ".zprofile": ("readonly ANTHROPIC_MODEL=opus\nf() { local CLAUDE_CODE_USE_BEDROCK=1; claude; }\n", [1, 2]),
    "spaces.sh": ("export ANTHROPIC_MODEL = opus\nexport ANTHROPIC_BASE_URL=https://gw.example.com\n", [1]),
    ".profile": ("ANTHROPIC_MODEL = opus\n", [1]),
    "start.sh": ("#!/bin/sh\nANTHROPIC_MODEL=opus\nclaude -p hi\n", [2]),
    "quote.sh": ('export ANTHROPIC_MODEL="opus\nexport DISABLE_TELEMETRY="1"\nexport CLAUDE_CODE_USE_BEDROCK=1\n', [1]),
    "single.sh": ("alias x='y\nexport ANTHROPIC_MODEL=opus\n", [2]),
    "config.fish": ("set -g ANTHROPIC_MODEL opus\nset -gx ANTHROPIC_BASE_URL=https://gw.example.com\n", [1, 2]),
    "alone.fish": ("ANTHROPIC_MODEL=opus\n", [1]),
    "a.ps1": ('$ANTHROPIC_MODEL = "opus"\nANTHROPIC_BASE_URL = "https://gw.example.com"\nset CLAUDE_CODE_USE_VERTEX=1\n', [1, 2, 3]),
    "a.bat": ("set ANTHROPIC_MODEL = opus\nexport CLAUDE_CODE_USE_BEDROCK=1\n", [1, 2]),
    ".cshrc": ("set ANTHROPIC_MODEL=opus\n", [1]),
    "env.nu": ('let ANTHROPIC_MODEL = "opus"\n', [1]),
    "Makefile": ("run:\n\texport ANTHROPIC_MODEL=opus\n\tANTHROPIC_BASE_URL=$URL claude\n", [2, 3]),
    "justfile": ("run:\n  export ANTHROPIC_MODEL=opus\n  claude\n", [2]),
    ".github/workflows/a.yml": (f"{STEP}npm ci\n      - run: export ANTHROPIC_MODEL=opus\n      - run: claude\n", [6]),
    ".circleci/config.yml": ("jobs:\n  a:\n    steps:\n      - run: export ANTHROPIC_MODEL=opus\n", [4]),
    "azure-pipelines.yml": ("steps:\n- bash: export ANTHROPIC_MODEL=opus\n- bash: claude\n", [2]),
    "Jenkinsfile": ("pipeline { steps {\n sh 'export ANTHROPIC_MODEL=opus'\n sh 'claude'\n}}\n", [2]),
}  # fmt: skip
LOST |= {
    "a.service": ("[Service]\nEnvironment=ANTHROPIC_CUSTOM_HEADERS=x-a: b\nEnvironment=ANTHROPIC_MODEL = opus\n", [2, 3]),
    "compose.yml": ("services:\n  a:\n    environment:\n      - ANTHROPIC_MODEL: opus\n      - DISABLE_TELEMETRY = 1\n      - ANTHROPIC_SMALL_FAST_MODEL=x\n", [4, 5]),
    "mise.toml": ("[env]\nANTHROPIC_MODEL = ['a']\nCLAUDE_CODE_MAX_OUTPUT_TOKENS = 1.5\n", [2, 3]),
    "pod.yaml": ("kind: Pod\nspec:\n  containers:\n  - env:\n    - {name: CLAUDE_CODE_USE_BEDROCK, value: 1}\n    - {name: KEY, value: x}\n    - {name: ANTHROPIC_CUSTOM_HEADERS, value: 'x-a: ${KEY}'}\n", [5, 7]),
    "map.yaml": ("kind: ConfigMap\ndata:\n  DISABLE_TELEMETRY: true\n  ANTHROPIC_MODEL: opus\n", [3]),
    "devcontainer.json": ('{"remoteEnv": {\n"ANTHROPIC_BASE_URL": "${localEnv:URL:http://127.0.0.1:4000}",\n"ANTHROPIC_CUSTOM_HEADERS": "${containerEnv:H:x-a: b}"}}', [2, 3]),
    ".env": ("ANTHROPIC_MODEL=\"opus\nCLAUDE_CODE_USE_BEDROCK='1\nDISABLE_TELEMETRY=\"1\"\n", [1, 2]),
}  # fmt: skip
LOST |= {
    "open/.bashrc": ("export ANTHROPIC_AUTH_TOKEN=$(cat ~/.key\nexport ANTHROPIC_BASE_URL=https://gw.example.com\n", [1]),
    "brace.sh": ('alias ll="ls -l"\nexport ANTHROPIC_AUTH_TOKEN="${LLM_KEY"\nexport ANTHROPIC_BASE_URL=https://gw.example.com\n', [2]),
    "words/.zshrc": ("setenv ANTHROPIC_MODEL opus\nEXPORT CLAUDE_CODE_USE_BEDROCK=1\nexprot ANTHROPIC_BASE_URL=https://$HOST\n", [1, 2, 3]),
    "environment.d/a.conf": ("ANTHROPIC_MODEL=opus\nexport ANTHROPIC_BASE_URL=https://gw.example.com\n", [2]),
    "direnv/.envrc": ("ANTHROPIC_BASE_URL=https://gw.example.com\nexport ANTHROPIC_MODEL=opus\n", [1]),
    "quotes.ps1": ("$env:ANTHROPIC_BASE_URL = https://gw.example.com\n$env:CLAUDE_CODE_USE_BEDROCK = 1\n", [1]),
    "signs.sh": ("export $ANTHROPIC_MODEL=opus\nexport ANTHROPIC_BASE_URL: https://gw.example.com\nexport ANTHROPIC_AUTH_TOKEN=$K\n", [1, 2]),
}  # fmt: skip
SERVICE = "[Service]\nEnvironment=ANTHROPIC_BASE_URL=https://gw.example.com\n"
LOST |= {
    "inside.sh": ('export ANTHROPIC_MODEL=opus\nexport ANTHROPIC_AUTH_TOKEN="$(cat ~/.key"\nexport DISABLE_TELEMETRY="1"\n', [2]),
    "both.sh": ('export ANTHROPIC_AUTH_TOKEN="k-$(security find -s "gw" -w"\nalias c="claude"\n', [1]),
    "inside/.zshrc": ('export ANTHROPIC_AUTH_TOKEN="$(op read op://a/b/c\nexport ANTHROPIC_MODEL=opus\n', [1]),
    "branch.sh": ('if [ -f x ]; then\n  export ANTHROPIC_AUTH_TOKEN="$(cat "$HOME/k"\n  export DISABLE_TELEMETRY=1\nfi\nexport A="$(date)"\n', [2]),
    "percent.service": (f'{SERVICE}Environment="HTTPS_PROXY=http://u:p%40ss@proxy:8080" ANTHROPIC_MODEL=opus\n', [3]),
    "slash.service": (f"{SERVICE}Environment=CLAUDE_CONFIG_DIR=/srv%2Fclaude\nEnvironment=ANTHROPIC_MODEL=a%zb\n", [3, 4]),
    "credential.service": (f"{SERVICE}LoadCredential=ANTHROPIC_AUTH_TOKEN:/etc/key\nSetCredential=ANTHROPIC_API_KEY:x1\n", [3, 4]),
    "empty.Dockerfile": ("FROM a AS b\nARG ANTHROPIC_BASE_URL\nFROM c\nENV ANTHROPIC_BASE_URL=$ANTHROPIC_BASE_URL\nENV ANTHROPIC_AUTH_TOKEN=${TOKEN}\n", [4, 5]),
    "Dockerfile": ("FROM a\nRUN npm ci && \\\n    # why\n    export ANTHROPIC_MODEL=opus\nRUN <<EOF\nexport ANTHROPIC_BASE_URL=https://gw.example.com\nEOF\nCMD claude\n", [4, 6]),
}  # fmt: skip
LOST |= {
    "export.service": (f"{SERVICE}export ANTHROPIC_MODEL=opus\nEnvironment: CLAUDE_CODE_USE_BEDROCK=1\nExecStart=claude\n", [3, 4]),
    "fish/.bashrc": ("set -gx ANTHROPIC_MODEL opus\nset -x ANTHROPIC_BASE_URL https://gw.example.com\n", [1, 2]),
    "colon.env": ("ANTHROPIC_MODEL: opus\nANTHROPIC_BASE_URL=https://gw.example.com\n", [1]),
    "order.yaml": ("kind: Pod\nspec:\n  containers:\n  - env:\n    - {name: ANTHROPIC_AUTH_TOKEN, value: $(K)}\n    - {name: K, value: x}\n    - {name: ANTHROPIC_API_KEY, value: $(K)}\n", [5]),
    "secret.yaml": ("kind: Secret\nmetadata: {name: a}\ndata:\n  ANTHROPIC_AUTH_TOKEN: gw-4f1c9a7e\n  ANTHROPIC_MODEL: b3B1cw==\n", [4]),
    "files.gitlab-ci.yml": ("a:\n  secrets:\n    ANTHROPIC_AUTH_TOKEN: {vault: a/b@c}\n    ANTHROPIC_API_KEY: {vault: a/b@c, file: false}\n  script: [claude]\n", [3]),
    ".github/workflows/blank.yml": (f'{STEP}echo "ANTHROPIC_MODEL = opus" >> $GITHUB_ENV\n      - run: claude\n', [5]),
    "job.plist": ("<plist version='1.0'><dict><key>EnvironmentVariables</key><dict>\n<key>CLAUDE_CODE_USE_BEDROCK</key><true/>\n<key>ANTHROPIC_MODEL</key><string>opus</string>\n</dict></dict></plist>\n", [2]),
    "empty.mk": ("export ANTHROPIC_API_KEY = $(cat k.txt)\nrun:\n\tANTHROPIC_AUTH_TOKEN=$(pass show gw) claude\n", [1, 3]),
}  # fmt: skip
# Name -> text in which every variable reaches a process, or is for the script itself.
KEPT = {
    ".bashrc": "ANTHROPIC_MODEL=opus\nexport ANTHROPIC_MODEL\nset -a\nANTHROPIC_BASE_URL=https://gw.example.com\n",
    ".zshrc": "ANTHROPIC_MODEL=opus\nalias c='ANTHROPIC_MODEL=$ANTHROPIC_MODEL claude'\n",
    "probe.sh": "#!/bin/sh\nANTHROPIC_BASE_URL=https://gw.example.com\nANTHROPIC_MODEL=opus\nexport CLAUDE_CODE_USE_VERTEX=1\n. ./ask\n",
    "file.sh": "#!/bin/bash\ncat > .env <<EOF\nANTHROPIC_MODEL=opus\nEOF\nANTHROPIC_MODEL=x claude -p hi\n",
    "text.sh": "export ANTHROPIC_CUSTOM_HEADERS='x-a: b\nx-c: d'\nclaude\n",
    "config.fish": "set -l ANTHROPIC_MODEL opus\nset -gx ANTHROPIC_MODEL $ANTHROPIC_MODEL\nANTHROPIC_MODEL=x claude\n",
    "a.ps1": '$ANTHROPIC_MODEL = "opus"\n$env:ANTHROPIC_MODEL = $ANTHROPIC_MODEL\n$x = @{ ANTHROPIC_MODEL = "opus" }\n',
    "a.bat": "REM export ANTHROPIC_MODEL=opus\nset ANTHROPIC_MODEL=opus\n",
    "Makefile": ".ONESHELL:\nrun:\n\texport ANTHROPIC_MODEL=opus\n\tANTHROPIC_BASE_URL=$$URL claude\n",
    "lines.mk": "run:\n\texport ANTHROPIC_MODEL=opus; \\\n\tclaude\n",
    ".github/workflows/a.yml": f"{STEP}|\n          export ANTHROPIC_MODEL=opus\n          claude -p hi\n",
    ".github/workflows/b.yml": f"{STEP}|\n          export ANTHROPIC_MODEL=opus\n          echo ANTHROPIC_MODEL=opus >> $GITHUB_ENV\n",
    "a.service": "[Service]\nEnvironment=\"ANTHROPIC_CUSTOM_HEADERS=x-a: b\" ANTHROPIC_MODEL=opus 'DISABLE_TELEMETRY=1'\n",
    "devcontainer.json": '{"remoteEnv": {"ANTHROPIC_MODEL": "${localEnv:M:opus}", "ANTHROPIC_BASE_URL": "http://${localEnv:H:localhost}:${localEnv:P}"}}',
    "mise.toml": "[env]\nCLAUDE_CODE_USE_BEDROCK = true\nDISABLE_TELEMETRY = false\n_.file = '.env'\nAWS_REGION = 'x'\n",
    "pod.yaml": 'kind: Pod\nspec:\n  containers:\n  - env:\n    - {name: CLAUDE_CODE_USE_BEDROCK, value: "1"}\n    - {name: AWS_REGION, value: "${REGION}"}\n',
    ".env": "ANTHROPIC_CUSTOM_HEADERS=\"x-a: b\nx-c: d\"\nANTHROPIC_MODEL='it''s'\n",
    "environment.d/a.conf": "ANTHROPIC_MODEL=opus\nexported=1\n",
    ".envrc": "BASE=https://gw.example.com\nANTHROPIC_BASE_URL=$BASE\nexport ANTHROPIC_BASE_URL\nset -a\nANTHROPIC_MODEL=opus\n",
    "quotes.ps1": "$env:ANTHROPIC_BASE_URL = 'https://gw.example.com'\n$env:ANTHROPIC_MODEL = Get-Model https://m.example.com\n",
    "own.sh": "setenv() { export \"$1=$2\"; }\nsetenv ANTHROPIC_MODEL opus\nexport ANTHROPIC_MODEL\n",
    "names.sh": "NAME=ANTHROPIC_MODEL\nexport $NAME=opus\nexport ANTHROPIC_BASE_URL=https://gw.example.com\n",
    "percent.service": f'{SERVICE}Environment="HTTPS_PROXY=http://u:p%%40ss@proxy:8080" "ANTHROPIC_MODEL=100% %n"\n',
    "credential.service": f"{SERVICE}LoadCredential=ANTHROPIC_AUTH_TOKEN:/k\nExecStart=/bin/sh -c 'cat $CREDENTIALS_DIRECTORY/ANTHROPIC_AUTH_TOKEN'\n",
    "Dockerfile": "FROM a AS b\nENV ANTHROPIC_MODEL=opus HOST=gw\nFROM b\nARG URL\nENV ANTHROPIC_MODEL=$ANTHROPIC_MODEL ANTHROPIC_BASE_URL=$URL\n"
    "RUN --mount=type=secret,id=k export ANTHROPIC_AUTH_TOKEN=$(cat /run/secrets/k) && \\\n  claude -p x\n"
    "COPY <<EOF /etc/x\nENV ANTHROPIC_AUTH_TOKEN=$X\nEOF\n",
    "command.mk": "export ANTHROPIC_API_KEY = $(shell cat k.txt)\nrun:\n\tANTHROPIC_AUTH_TOKEN=$$(pass show gw) ANTHROPIC_MODEL=$(or $(M),x) claude\n",
    "lines.service": f"{SERVICE}ExecStart=/usr/bin/env \\\n  ANTHROPIC_MODEL=opus \\\n  CLAUDE_CODE_USE_BEDROCK=1 claude\n",
    "lines.env": 'ANTHROPIC_CUSTOM_HEADERS="x-a: b\nANTHROPIC_X: c"\n# ANTHROPIC_MODEL: opus\n',
    "proxy.Dockerfile": "FROM a\nENV HTTPS_PROXY=$HTTPS_PROXY ANTHROPIC_MODEL=opus\n",
    "play.yml": '- hosts: a\n  tasks:\n  - copy:\n      dest: /etc/profile.d/a.sh\n      content: |\n        export ANTHROPIC_BASE_URL={{ url }}\n        export ANTHROPIC_MODEL="{{ m }}"\n',
    "set.sh": 'set -- -x ANTHROPIC_MODEL opus\nset -x\nexport ANTHROPIC_BASE_URL=https://gw.example.com\n',
    "secret.yaml": "kind: Secret\nmetadata: {name: a}\ndata:\n  ANTHROPIC_AUTH_TOKEN: {{ .Values.key | b64enc }}\n  ANTHROPIC_MODEL: <path:kv/a#b>\n".replace("{{", "'{{").replace("}}", "}}'"),
    "lines.zsh": 'export ANTHROPIC_AUTH_TOKEN=$(\n  cat ~/.key\n)\nexport ANTHROPIC_MODEL=${M:-${(f)"$(cat m)"}}\n',
    ".gitlab-ci.yml": "a:\n  before_script:\n    - export ANTHROPIC_MODEL=opus\n  script:\n    - claude\n",
}  # fmt: skip


def found(root: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    check(paths=(str(path),), format_="json")
    report = json.loads(capfd.readouterr().out)
    assert report["checked"], report
    return [item for item in report["findings"] if item["severity"] != "info"]


@pytest.mark.parametrize("name", LOST)
def test_a_line_that_sets_nothing_is_named(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, lines = LOST[name]
    seen = [item for item in found(tmp_path, name, text, capfd) if item["code"] == "CGW320"]
    assert [item["line"] for item in seen] == lines
    assert all(str(item["help"]).startswith(("write ", "close ")) for item in seen)


@pytest.mark.parametrize("name", KEPT)
def test_a_line_that_reaches_a_process_is_not(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not [item for item in found(tmp_path, name, KEPT[name], capfd) if item["code"] == "CGW320"]


@pytest.mark.parametrize(
    "line", ["ANTHROPIC_API_KEY={}", "export ANTHROPIC_API_KEY = {}", "export ANTHROPIC_API_KEY='{}"]
)
def test_a_key_in_it_is_found_all_the_same(
    isolated: Path, tmp_path: Path, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".bashrc").touch(0o644)
    path = tmp_path / ".bashrc"
    path.write_text(line.format(KEY) + "\n")
    check(paths=(str(path),), format_="json")
    text = capfd.readouterr().out
    codes = [item["code"] for item in json.loads(text)["findings"] if item["severity"] == "error"]
    assert sorted(codes) == ["CGW124", "CGW320"]
    assert KEY not in text


@pytest.mark.parametrize(
    ("release", "line", "code", "severity", "help_"),
    [
        ("v1", "anthropic_apikey: x", "CGW321", "error", "did you mean anthropic_api_key?"),
        ("v1.0.30", "Use_Bedrok: true", "CGW321", "error", "did you mean use_bedrock?"),
        ("v1", "trigger_phrases: x", "CGW321", "warning", "did you mean trigger_phrase?"),
        ("v1", "max_turns: 5", "CGW321", "warning", "use claude_args: --max-turns"),
        ("main", "claude_env: x", "CGW321", "warning", "use settings, with env in it"),
        ("beta", "claude_args: x", "CGW321", "warning", "remove it"),
        (
            "v1",
            "anthropic_base_url: https://gw.example.com",
            "CGW320",
            "error",
            "write ANTHROPIC_BASE_URL: VALUE under env",
        ),
    ],
)
def test_an_input_that_the_action_does_not_have_is_named(
    isolated: Path,
    tmp_path: Path,
    release: str,
    line: str,
    code: str,
    severity: str,
    help_: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    step = f"{STEP}true\n      - uses: anthropics/claude-code-action@{release}\n        with:\n"
    text = f"{step}          anthropic_api_key: ${{{{ secrets.K }}}}\n          {line}\n"
    seen = found(tmp_path, ".github/workflows/a.yml", text, capfd)
    assert [(item["code"], item["severity"], item["line"], item["help"]) for item in seen] == [
        (code, severity, 9, help_)
    ]


@pytest.mark.parametrize(
    ("release", "lines"),
    [
        ("beta", ["direct_prompt: x", "model: opus", "max_turns: 5"]),
        ("v1", ["Prompt: x", "claude_args: y"]),
        ("a12f5ff81b4ac81ee1f3d33b3b8a1d8c22a5ba05", ["model: opus", "claude_args: y"]),
    ],
)
def test_the_inputs_of_each_major_are_known(
    isolated: Path, tmp_path: Path, release: str, lines: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    step = f"{STEP}true\n      - uses: anthropics/claude-code-action@{release}\n        with:\n"
    text = step + "".join(f"          {line}\n" for line in ["anthropic_api_key: ${{ secrets.K }}", *lines])
    assert not found(tmp_path, ".github/workflows/a.yml", text, capfd)


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (["ANTHROPIC_AUTH_TOKEN='key $K'"], ["CGW207"]),
        (["CLAUDE_CODE_USE_FOUNDRY=1", "ANTHROPIC_FOUNDRY_RESOURCE=<name>"], ["CGW118"]),
        (["CLAUDE_CODE_USE_FOUNDRY=1", "ANTHROPIC_FOUNDRY_RESOURCE=https://{name}.example.com"], ["CGW118"]),
        (["ANTHROPIC_BASE_URL=https://{gateway}"], ["CGW118"]),
        (["ANTROPIC_BASE_URL=https://gw.example.com", "ANTHROPIC_AUTH_TOKEN=$K"], ["CGW211"]),
    ],
)
@pytest.mark.parametrize("name", [".env", "docker.env", "a.service"])
def test_one_mistake_is_one_finding(
    isolated: Path, tmp_path: Path, name: str, lines: list[str], codes: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    if name == "a.service":
        lines = ["[Service]", *(f'Environment="{line}"'.replace("'", "") for line in lines)]
    elif name == "docker.env":
        lines = [line.replace("'", "") for line in lines]
    text = "\n".join(lines).replace("=$K", "=gw-4f1c9a7e22b0")
    assert [item["code"] for item in found(tmp_path, name, text, capfd) if item["code"] != "CGW142"] == codes


@pytest.mark.parametrize("mode", [0o600, 0o644])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", f"FROM x\nENV ANTHROPIC_API_KEY={KEY}\n"),
        (".gitlab-ci.yml", f"variables:\n  ANTHROPIC_API_KEY: {KEY}\n"),
        (".github/workflows/a.yml", f"env:\n  ANTHROPIC_API_KEY: {KEY}\n{STEP}claude -p hi\n"),
    ],
)
def test_a_key_in_a_file_that_is_meant_to_be_committed_is_not_a_matter_of_its_mode(
    isolated: Path, tmp_path: Path, name: str, text: str, mode: int, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    check(paths=(str(path),), format_="json")
    (one,) = (item for item in json.loads(capfd.readouterr().out)["findings"] if item["code"] == "CGW124")
    assert one["message"].endswith("in a file that is meant to be committed")


def test_a_key_in_a_private_env_file_is_a_note(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / ".env"
    path.write_text(f"ANTHROPIC_API_KEY={KEY}\n")
    path.chmod(0o600)
    check(paths=(str(path),), format_="json")
    codes = [item["code"] for item in json.loads(capfd.readouterr().out)["findings"]]
    assert "CGW123" in codes
    assert "CGW124" not in codes


@pytest.mark.parametrize(("written", "said"), [("${{ secrets.X }}", "GitHub's"), ("${X}", "shell syntax")])
def test_a_reference_is_called_what_it_is(
    isolated: Path, tmp_path: Path, written: str, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text = f"steps:\n- bash: claude -p hi\n  env:\n    ANTHROPIC_AUTH_TOKEN: {written}\n"
    seen = found(tmp_path, "azure-pipelines.yml", text, capfd)
    assert [(item["code"], said in str(item["message"])) for item in seen] == [("CGW207", True)]
