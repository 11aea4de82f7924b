"""Files as people write them: what ``cgw check`` finds in each kind, and where."""

# ruff: noqa: E501 - texts of files are not broken where a line of them goes on
from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli import readers
from claude_gw_cli.cli.check import check
from claude_gw_cli.core.errors import UsageError

# Name -> text, and what is found: code, line, column, variable.
CASES: dict[str, tuple[str, list[tuple[str, int, int]]]] = {
    "gateway.env": ("# ours\nANTHROPIC_BASE_URL=https://gw.example.com/v1\n", [("CGW501", 2, 1)]),
    ".env": (
        "export ANTHROPIC_BASE_URL = 'https://gw.example.com/v1' # comment\nANTHROPIC_AUTH_TOKEN=\"Bearer $TOKEN\"\n",
        [("CGW501", 1, 8), ("CGW111", 2, 1)],
    ),
    "tox.ini": (
        (
            "[tox]\nenv_list = py\n\n[testenv]\nset_env =\n    A = 1\n"
            "    ANTHROPIC_BASE_URL = https://gw.example.com/v1  # ours\npass_env = ANTHROPIC_AUTH_TOKEN\n"
        ),
        [("CGW501", 7, 5)],
    ),
    "supervisord.conf": (
        (
            "[supervisord]\nnodaemon=true\n\n[program:claude]\ncommand=claude -p x\n"
            'environment=A="1",\n  ANTHROPIC_BASE_URL="https://gw.example.com/v1" ; ours\n'
        ),
        [("CGW501", 7, 3)],
    ),
    "cgw.json": ('{\n  "ANTHROPIC_BASE_URL": "https://gw.example.com/v1"\n}\n', [("CGW501", 2, 3)]),
    ".envrc": (
        'export ANTHROPIC_BASE_URL=https://gw.example.com/v1\nexport ANTHROPIC_AUTH_TOKEN="Bearer $KEY"\n',
        [("CGW501", 1, 8), ("CGW111", 2, 8)],
    ),
    ".zshrc": (
        (
            "plugins=(git docker)\nclaude-glm() {\n  local base=https://gw.example.com\n"
            '  ANTHROPIC_BASE_URL="$base/v1" \\\n  ANTHROPIC_AUTH_TOKEN=$(pass show glm) claude "$@"\n}\n'
            "alias cc='DISABLE_TELEMETRY=0 ANTHROPIC_MODEL=x claude'\n"
        ),
        [("CGW501", 4, 3), ("CGW302", 7, 11)],
    ),
    "alias/.bashrc": (
        (
            'alias claude="ANTHROPIC_BASE_URL=https://gw.example.com/v1 ANTHROPIC_AUTH_TOKEN=$LLM_KEY claude"\n'
            'alias c="DISABLE_TELEMETRY=0 ANTHROPIC_CUSTOM_HEADERS=\\"x-a: $V\\" ANTHROPIC_MODEL=\\$M claude"\n'
        ),
        [("CGW501", 1, 15), ("CGW302", 2, 10)],
    ),
    "tls.sh": (
        "export ANTHROPIC_BASE_URL=https://gw.example.com NODE_TLS_REJECT_UNAUTHORIZED=0\n",
        [("CGW316", 1, 50)],
    ),
    "slip.env": (
        "ANTROPIC_BASE_URL=https://gw.example.com\nCLUADE_CODE_USE_BEDROCK=1\n",
        [("CGW211", 1, 1), ("CGW211", 2, 1)],
    ),
    "alias.fish": (
        (
            'alias claude "ANTHROPIC_BASE_URL=https://gw.example.com/v1 command claude"\n'
            "alias c='DISABLE_TELEMETRY=0 ANTHROPIC_MODEL=$M claude'\n"
        ),
        [("CGW501", 1, 15), ("CGW302", 2, 10)],
    ),
    ".zshenv": (
        "export ANTHROPIC_BASE_URL=https://gw.example.com/v1\nfor f in ~/.zsh/*.zsh(N); do source $f; done\n",
        [("CGW501", 1, 8)],
    ),
    "launch.sh": (
        (
            "#!/bin/bash\nset -a\nANTHROPIC_BASE_URL=https://gw.example.com/v1\nset +a\ncat > x <<EOF\n"
            "export ANTHROPIC_BASE_URL=https://other.example.com/v1\nEOF\nexec env DISABLE_TELEMETRY=0 claude\n"
        ),
        [("CGW501", 3, 1), ("CGW302", 8, 10)],
    ),
    "bin/claude-work": (
        "#!/usr/bin/env bash\ntypeset -x ANTHROPIC_BASE_URL=https://gw.example.com/v1\nclaude\n",
        [("CGW501", 2, 12)],
    ),
    "docker.sh": ("docker run -it -e ANTHROPIC_BASE_URL=https://gw.example.com/v1 image\n", [("CGW501", 1, 19)]),
    "conf.d/claude.fish": (
        (
            "function glm\n  set -gx ANTHROPIC_BASE_URL 'https://gw.example.com/v1'\n  claude $argv\nend\n"
            "set -x DISABLE_TELEMETRY 0 # comment\n"
        ),
        [("CGW501", 2, 11)],
    ),
    "start.ps1": (
        (
            '# ours\nfunction glm {\n  $env:ANTHROPIC_BASE_URL = "https://gw.example.com/v1"\n  claude @args\n}\n'
            '[Environment]::SetEnvironmentVariable("ANTHROPIC_AUTH_TOKEN", "Bearer $key", "User")\n'
            "setx CLAUDE_CODE_USE_BEDROCK enabled\n"
        ),
        [("CGW501", 3, 3), ("CGW111", 6, 39), ("CGW311", 7, 6)],
    ),
    "spelling/.env": ("CLAUDE_CODE_DISABLE_NON_ESSENTIAL_TRAFFIC=1\n", [("CGW211", 1, 1)]),
    "deploy/litellm.yaml.bak": ("model_list: []\nnote: a: b\n", [("CGW541", 2, 8)]),
    "start.cmd": (
        (
            "@echo off\nREM set ANTHROPIC_BASE_URL=https://x.example.com/v1\n"
            'set "ANTHROPIC_BASE_URL=https://gw.example.com/v1"\nset CLAUDE_CODE_USE_BEDROCK=enabled& claude %*\n'
        ),
        [("CGW501", 3, 6), ("CGW311", 4, 5)],
    ),
    "env.nu": ('$env.ANTHROPIC_BASE_URL = "https://gw.example.com/v1"\n', [("CGW501", 1, 6)]),
    ".cshrc": ('setenv ANTHROPIC_BASE_URL "https://gw.example.com/v1"\n', [("CGW501", 1, 8)]),
    ".github/workflows/claude.yml": (
        (
            "on: push\nenv:\n  ANTHROPIC_BASE_URL: https://gw.example.com/v1\njobs:\n  a:\n    env:\n"
            "      ANTHROPIC_AUTH_TOKEN: Bearer ${{ secrets.TOKEN }}\n    steps:\n"
            "      - uses: anthropics/claude-code-action@beta\n        with:\n          anthropic_api_key: ${{ secrets.KEY }}\n"
            '          settings: |\n            {"env": {\n              "CLAUDE_CODE_USE_BEDROCK": "enabled"}}\n'
            "          claude_env: |\n            DISABLE_TELEMETRY: 0\n"
            "      - run: |\n          echo x\n          export CLAUDE_CODE_USE_VERTEX=enabled\n          claude -p x\n"
        ),
        [
            ("CGW501", 3, 3),
            ("CGW111", 7, 7),
            ("CGW311", 14, 15),
            ("CGW311", 19, 18),
            ("CGW101", 11, 11),
            ("CGW302", 16, 13),
        ],
    ),
    "action.yml": (
        (
            "runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: claude -p x\n      env:\n"
            "        ANTHROPIC_BASE_URL: https://gw.example.com/v1\n"
        ),
        [("CGW501", 7, 9)],
    ),
    "main.bicep": (
        (
            "resource app 'x' = {\n  env: [\n    { name: 'ANTHROPIC_BASE_URL', value: 'https://gw.example.com/v1' }\n"
            "    {\n      name: 'CLAUDE_CODE_USE_BEDROCK'\n      value: 'enabled'\n    }\n"
            "    { name: 'ANTHROPIC_AUTH_TOKEN', value: 'Bearer ${key}' } // comment\n  ]\n}\n"
        ),
        [("CGW501", 3, 14), ("CGW311", 5, 14), ("CGW111", 8, 14)],
    ),
    "init.lua": (
        (
            '-- vim.env.ANTHROPIC_AUTH_TOKEN = "Bearer x"\nvim.env.ANTHROPIC_BASE_URL = "https://gw.example.com/v1"\n'
            "config.set_environment_variables = {\n  CLAUDE_CODE_USE_BEDROCK = 'enabled',\n}\n"
        ),
        [("CGW501", 2, 9), ("CGW311", 4, 3)],
    ),
    ".gitlab-ci.yml": (
        (
            "variables:\n  ANTHROPIC_BASE_URL: https://gw.example.com/v1\na:\n  variables:\n"
            "    CLAUDE_CODE_USE_BEDROCK: {value: enabled}\n  script: [claude -p x]\n"
        ),
        [("CGW501", 2, 3), ("CGW311", 5, 5)],
    ),
    "docker-compose.yml": (
        (
            "x-env: &env\n  DISABLE_TELEMETRY: 0\nservices:\n  a:\n    environment:\n"
            "      - ANTHROPIC_BASE_URL=https://gw.example.com/v1\n      - ANTHROPIC_AUTH_TOKEN\n"
            "  b:\n    environment:\n      <<: *env\n      ANTHROPIC_MODEL: ${MODEL}\n"
        ),
        [("CGW501", 6, 9), ("CGW302", 2, 3)],
    ),
    "deploy.yaml": (
        (
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: c\n"
            "          env:\n            - name: ANTHROPIC_BASE_URL\n              value: https://gw.example.com/v1\n"
            "            - name: ANTHROPIC_AUTH_TOKEN\n              valueFrom: {secretKeyRef: {name: a, key: b}}\n"
            "---\napiVersion: v1\nkind: ConfigMap\ndata:\n  CLAUDE_CODE_USE_BEDROCK: enabled\n"
        ),
        [("CGW501", 9, 21), ("CGW311", 17, 3)],
    ),
    "Dockerfile": (
        (
            "FROM node\nARG HOST=gw.example.com\nENV ANTHROPIC_BASE_URL=https://${HOST}/v1 \\\n    DISABLE_TELEMETRY=0\n"
            'ENV ANTHROPIC_AUTH_TOKEN "Bearer x"\nFROM node\n'
        ),
        [("CGW501", 3, 5), ("CGW111", 5, 5), ("CGW302", 4, 5)],
    ),
    ".devcontainer/devcontainer.json": (
        (
            '{\n  // ours\n  "containerEnv": {\n    "ANTHROPIC_BASE_URL": "https://gw.example.com/v1", /* x */\n'
            '    "ANTHROPIC_AUTH_TOKEN": "Bearer ${localEnv:KEY}",\n  },\n}\n'
        ),
        [("CGW501", 4, 5), ("CGW111", 5, 5)],
    ),
    ".vscode/settings.json": (
        (
            '{\n  "editor.fontSize": 12, // x\n  "claudeCode.environmentVariables": [\n'
            '    { "name": "ANTHROPIC_BASE_URL", "value": "https://gw.example.com/v1" },\n  ],\n'
            '  "terminal.integrated.env.linux": {\n    "CLAUDE_CODE_USE_BEDROCK": "enabled"\n  }\n}\n'
        ),
        [("CGW501", 4, 7), ("CGW311", 7, 5)],
    ),
    "etc/claude.service": (
        (
            '[Service]\nExecStart=/usr/bin/claude\nEnvironment="ANTHROPIC_BASE_URL=https://gw.example.com/v1" A=b\n'
            "Environment=CLAUDE_CODE_USE_BEDROCK=enabled\n"
        ),
        [("CGW501", 3, 13), ("CGW311", 4, 13)],
    ),
    ".config/environment.d/50-claude.conf": (
        "ANTHROPIC_BASE_URL=https://gw.example.com/v1\n",
        [("CGW501", 1, 1)],
    ),
    "com.example.claude.plist": (
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>\n<key>EnvironmentVariables</key><dict>\n'
            "  <key>ANTHROPIC_BASE_URL</key><string>https://gw.example.com/v1</string>\n</dict></dict></plist>\n"
        ),
        [("CGW501", 4, 3)],
    ),
    "mise.toml": (
        (
            '[env]\nANTHROPIC_BASE_URL = "https://gw.example.com/v1"\nANTHROPIC_MODEL = "{{ env.M }}"\n'
            '[tasks.a]\nenv = {CLAUDE_CODE_USE_BEDROCK = "enabled"}\n'
        ),
        [("CGW501", 2, 1), ("CGW311", 5, 8)],
    ),
    "main.tf": (
        (
            'resource "x" "y" {\n  environment = {\n    ANTHROPIC_BASE_URL   = "https://gw.example.com/v1"\n'
            '    ANTHROPIC_AUTH_TOKEN = "Bearer ${var.key}" # x\n    ANTHROPIC_MODEL = var.model\n  }\n}\n'
            'locals { env = [{ name = "CLAUDE_CODE_USE_BEDROCK", value = "enabled" }] }\n'
        ),
        [("CGW501", 3, 5), ("CGW111", 4, 5), ("CGW311", 8, 27)],
    ),
    "home.nix": (
        (
            '{ config, ... }: {\n  home.sessionVariables = {\n    # ANTHROPIC_BASE_URL = "https://x.example.com/v1";\n'
            '    ANTHROPIC_BASE_URL = "https://gw.example.com/v1";\n    CLAUDE_CODE_USE_BEDROCK = "enabled";\n  };\n}\n'
        ),
        [("CGW501", 4, 5), ("CGW311", 5, 5)],
    ),
    "shell.nix": (
        (
            "{ config, ... }: {\n  programs.zsh.initContent = ''\n    export ANTHROPIC_BASE_URL=https://gw.example.com/v1\n"
            '    export ANTHROPIC_AUTH_TOKEN="$(cat ${config.sops.secrets.key.path})"\n'
            "    x=''${ANTHROPIC_MODEL:-opus}\n  '';\n}\n"
        ),
        [("CGW501", 3, 12)],
    ),
    "agent.tf": (
        'resource "a" "b" {\n  script = <<-EOT\n    export ANTHROPIC_BASE_URL=https://${var.host}/v1\n  EOT\n}\n',
        [("CGW501", 3, 12)],
    ),
    ".github/workflows/no-key.yml": (
        (
            "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v5\n      - uses: anthropics/claude-code-action@v1\n"
            "        env:\n          ANTHROPIC_AUTH_TOKEN: ${{ secrets.KEY }}\n"
        ),
        [("CGW319", 5, 9)],
    ),
    "compose.yaml": (
        (
            "services:\n  agent:\n    environment:\n      ANTHROPIC_BASE_URL: http://localhost:4000\n"
            "  gateway:\n    ports: ['4000:4000']\n"
        ),
        [("CGW318", 4, 7)],
    ),
    "agent/devcontainer.json": (
        '{"containerEnv": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}, "forwardPorts": [3000]}\n',
        [("CGW318", 1, 19)],
    ),
    "agent.Dockerfile": (
        "FROM node\nEXPOSE 3000\nENV ANTHROPIC_BASE_URL=http://localhost:4000\n",
        [("CGW318", 3, 5)],
    ),
    "pod.yaml": (
        (
            "kind: Pod\nspec:\n  containers:\n    - name: a\n      env:\n"
            "        - {name: ANTHROPIC_BASE_URL, value: 'http://localhost:4000'}\n"
        ),
        [("CGW318", 6, 18)],
    ),
    ".claude/settings.glm.json": (
        '{"env":\n {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}}',
        [("CGW501", 2, 3)],
    ),
    "settings.work.json.bak": ('{"env":\n {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}}', [("CGW501", 2, 3)]),
    "claude-settings.json": ('{"env":\n {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}}', [("CGW501", 2, 3)]),
}


def report(capfd: pytest.CaptureFixture[str], *paths: str | Path) -> dict[str, Any]:
    check(paths=tuple(map(str, paths)), format_="json")
    found: dict[str, Any] = json.loads(capfd.readouterr().out)
    return found


def write(top: Path, name: str, text: str) -> Path:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_found_where_it_is(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, expected = CASES[name]
    path = write(tmp_path / "repo", name, text)
    for way in (path, tmp_path / "repo"):
        found = report(capfd, way)
        assert found["checked"] == [str(path)]
        assert not found["not_judged"]
        seen = [(item["code"], item["line"], item["column"]) for item in found["findings"]]
        assert [item for item in seen if not item[0].startswith("CGW123")] == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tsconfig.json", '{\n  // comment\n  "compilerOptions": {}\n}\n'),
        ("package.json", '{"name": "x", "model": 5}'),
        ("pyproject.toml", '[project]\nname = "x"\n'),
        (".mcp.json", '{"mcpServers": {"a": {"env": {"ANTHROPIC_API_KEY": "x"}}}}'),
        ("vercel.json", '{"version": 2, "env": {"ANTHROPIC_API_KEY": "@key"}}'),
        ("data.bin", "\0\1"),
        (".env", "PORT=1\n"),
    ],
)
def test_another_program_s_file_is_passed_over_with_a_word(
    isolated: Path, tmp_path: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "repo", name, text)
    assert check(paths=(str(path),)) == 0
    said = capfd.readouterr().err
    assert name in said
    assert "not judged" in said
    assert "All well" not in said
    found = report(capfd, path)
    assert [item["file"] for item in found["not_judged"]] == [str(path)]
    assert not report(capfd, tmp_path / "repo")["not_judged"]


# What people write on purpose: nothing to report.
QUIET: dict[str, str] = {
    "branch.sh": (
        "export ANTHROPIC_BASE_URL=${URL:-https://gw.example.com}\n"
        'if [ -n "$AWS_PROFILE" ]; then\n  export CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=eu-west-1\nfi\n'
        "[[ -v WORK ]] && { export CLAUDE_CODE_USE_VERTEX=1; export CLOUD_ML_REGION=x ANTHROPIC_VERTEX_PROJECT_ID=y; }\n"
        "direct() { export CLAUDE_CODE_USE_BEDROCK=1; claude; }\n"
    ),
    "headers.sh": (
        "export ANTHROPIC_BASE_URL=https://gw.example.com\n"
        'export ANTHROPIC_CUSTOM_HEADERS="x-litellm-api-key: Bearer $(cat ~/.gateway-key-2026)"\n'
    ),
    "ticks.sh": 'export ANTHROPIC_CUSTOM_HEADERS="Authorization: Bearer `vault kv get -field=key secret/llm`"\n',
    "a.ps1": '$env:ANTHROPIC_CUSTOM_HEADERS = "x-api-key: $(Get-Content ~/.gateway-key-2026)"\n',
    "op.env": "ANTHROPIC_AUTH_TOKEN=op://Eng/llm-gateway/key-2026\n",
    "sops.env": "ANTHROPIC_AUTH_TOKEN=ENC[AES256_GCM,data:9f8a7b6c5d4e,iv:1a2b3c,tag:4d5e6f,type:str]\n",
    "vals.env": "ANTHROPIC_AUTH_TOKEN=ref+vault://secret/data/llm#/key2026\n",
    "vaulted.yaml": (
        "kind: Pod\nspec:\n  containers:\n    - name: a\n      env:\n"
        "        - {name: ANTHROPIC_AUTH_TOKEN, value: 'vault:secret/data/llm2026#key'}\n"
        "        - {name: ANTHROPIC_FOUNDRY_API_KEY, value: '<path:secret/data/llm2026#key>'}\n"
    ),
    ".env.template": "ANTHROPIC_API_KEY=<your key>\nANTHROPIC_BASE_URL=https://gw.example.com\n",
    "compose.yml": (
        "services:\n"
        "  a: {network_mode: host, environment: {ANTHROPIC_BASE_URL: 'http://localhost:4000'}}\n"
        "  b: {ports: ['127.0.0.1:8080:4000/tcp'], environment: [ANTHROPIC_BASE_URL=http://localhost:4000]}\n"
        "  c: {environment: {ANTHROPIC_BASE_URL: 'http://host.docker.internal:4000'}}\n"
    ),
    ".devcontainer/devcontainer.json": (
        '{"runArgs": ["--network=host"], "containerEnv": {"ANTHROPIC_BASE_URL": "http://localhost:4000"}}'
    ),
    ".devcontainer.json": '{"forwardPorts": [4000], "remoteEnv": {"ANTHROPIC_BASE_URL": "http://localhost:4000"}}',
    "Dockerfile": "FROM node\nENV ANTHROPIC_BASE_URL=http://localhost:4000\nEXPOSE 4000/tcp\n",
    "pod.yaml": (
        "kind: Pod\nspec:\n  containers:\n    - name: a\n      env:\n"
        "        - {name: ANTHROPIC_BASE_URL, value: 'http://localhost:4000'}\n    - name: gateway\n"
    ),
    ".github/workflows/a.yml": (
        "jobs:\n  a:\n    env:\n      ANTHROPIC_API_KEY: ${{ secrets.KEY }}\n    steps:\n"
        "      - uses: anthropics/claude-code-action@v1\n"
        "  b:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n"
        "        with: {use_bedrock: 'true'}\n"
        "      - uses: anthropics/claude-code-action@beta\n"
        "        with: {use_vertex: '${{ inputs.vertex }}', claude_code_oauth_token: '${{ secrets.T }}'}\n"
        "      - uses: anthropics/claude-code-security-review@main\n"
        "        with: {claude-api-key: '${{ secrets.T }}'}\n"
        "      - run: echo ANTHROPIC_API_KEY=$KEY >> $GITHUB_ENV\n"
        "      - uses: anthropics/claude-code-action@v1\n"
    ),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_is_meant_is_not_reported(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, name, QUIET[name])
    found = report(capfd, tmp_path)
    assert len(found["checked"]) == 1
    assert not [item for item in found["findings"] if item["severity"] != "info"]


def test_each_key_of_a_file_is_found(isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    key = "sk-9f8e7d6c5b4a3928170{}"
    lines = [f"export ANTHROPIC_AUTH_TOKEN={key.format(digit)}" for digit in (1, 2, 3)]
    write(tmp_path, ".envrc", "\n".join([*lines, "unset ANTHROPIC_AUTH_TOKEN", "export ANTHROPIC_MODEL=opus\n"]))
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "-A"], check=True)
    found = report(capfd, tmp_path)["findings"]
    assert [(item["code"], item["line"]) for item in found] == [("CGW124", 1), ("CGW124", 2), ("CGW124", 3)]


def test_a_key_in_a_tracked_file_of_another_format_is_exposed(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, ".env", "ANTHROPIC_AUTH_TOKEN=sk-9f8e7d6c5b4a39281706\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    codes = [item["code"] for item in report(capfd, tmp_path)["findings"]]
    assert codes == ["CGW142"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "-A"], check=True)
    for way in (path, tmp_path):
        codes = [item["code"] for item in report(capfd, way)["findings"]]
        assert codes == ["CGW124"]


def test_an_example_may_hold_placeholders_and_no_keys(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ".env.example", "ANTHROPIC_AUTH_TOKEN=<YOUR_KEY>\n")
    assert not report(capfd, tmp_path)["findings"]
    write(tmp_path, ".env", "ANTHROPIC_AUTH_TOKEN=<YOUR_KEY>\n")
    assert [item["code"] for item in report(capfd, tmp_path)["findings"]] == ["CGW118"]


@pytest.mark.parametrize(
    "value", ["$GATEWAY", "${GATEWAY:-x}/api", "https://$HOST:$PORT", "$(cat url)", "{{ .Values.url }}"]
)
def test_what_only_another_program_knows_is_not_called_wrong(
    isolated: Path, tmp_path: Path, value: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ".env", f"ANTHROPIC_BASE_URL={value}\nANTHROPIC_AUTH_TOKEN=$TOKEN\n")
    found = report(capfd, tmp_path)
    assert len(found["checked"]) == 1
    assert not found["findings"]


def test_what_is_known_of_a_value_counts(isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ".env", "ANTHROPIC_BASE_URL=https://$HOST:${PORT}/v1\n")
    (finding,) = report(capfd, tmp_path)["findings"]
    assert finding["code"] == "CGW501"


def test_the_worst_of_all_files_comes_first(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a/.claude/settings.json", '{"env": {"DISABLE_TELEMETRY": "0"}}')
    write(tmp_path, "b/.env", "\nANTHROPIC_BASE_URL=https://gw.example.com/v1\n")
    write(tmp_path, "c/.env", "ANTHROPIC_BASE_URL=https://gw.example.com/v1\nDISABLE_TELEMETRY=0\n")
    expected = [("CGW501", "b"), ("CGW501", "c"), ("CGW302", "a"), ("CGW302", "c")]
    for format_ in ("human", "concise", "github", "json", "sarif"):
        check(paths=(str(tmp_path),), format_=format_)
        out = capfd.readouterr().out
        found = zip(re.findall(r"CGW\d+", _only_results(out, format_)), _files(out, format_, tmp_path), strict=True)
        assert list(found) == expected, format_


def _only_results(out: str, format_: str) -> str:
    if format_ == "sarif":
        return " ".join(item["ruleId"] for item in json.loads(out)["runs"][0]["results"])
    return " ".join(item["code"] for item in json.loads(out)["findings"]) if format_ == "json" else out


def _files(out: str, format_: str, top: Path) -> list[str]:
    """The first letter of each finding's file."""
    if format_ == "sarif":
        places = [item["locations"][0]["physicalLocation"] for item in json.loads(out)["runs"][0]["results"]]
        return [re.split(r"/(?=[abc]/)", place["artifactLocation"]["uri"])[-1][0] for place in places]
    return [str(Path(found).relative_to(top))[0] for found in re.findall(rf"{re.escape(str(top))}[\w/.]+", out)][:4]


def test_a_path_that_is_missing_loses_no_finding(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, "a.env", "ANTHROPIC_BASE_URL=https://gw.example.com/v1\n")
    with pytest.raises(UsageError, match=r"missing\.json does not exist"):
        check(paths=(str(tmp_path / "missing.json"), str(path)), format_="concise")
    assert "CGW501" in capfd.readouterr().out


URL = "https://gw.example.com/v1"
# File -> text with a script or a file in it, or of a format without a reader of its own; and the lines of the mistake.
INSIDE = {
    "a.service": (f"[Service]\nExecStart=-/usr/bin/env ANTHROPIC_BASE_URL={URL} claude\n", [2]),
    "b.service": (f"[Service]\nExecStartPre=/bin/sh -c 'export ANTHROPIC_BASE_URL={URL}; \\\n  claude'\n", [2]),
    "a.plist": (
        ("<plist version='1.0'><dict><key>ProgramArguments</key><array><string>sh</string><string>-c</string>\n"
        f"<string>ANTHROPIC_BASE_URL={URL} exec claude</string></array></dict></plist>\n"),
        [2],
    ),
    "devcontainer.json": (f'{{"runArgs": ["--init",\n"-e", "A=b", "--env=ANTHROPIC_BASE_URL={URL}"]}}', [2]),
    "map.yaml": (f'kind: ConfigMap\ndata:\n  settings.json: |\n    {{"env":\n      {{"ANTHROPIC_BASE_URL": "{URL}"}}}}\n', [5]),
    "start.yaml": (f"kind: ConfigMap\ndata:\n  run.sh: |\n    set -e\n    export ANTHROPIC_BASE_URL={URL}\n", [5]),
    "cloud.yaml": (
        f"write_files:\n- path: /etc/profile.d/a.sh\n  content: |\n    # x\n    export ANTHROPIC_BASE_URL={URL}\nruncmd:\n- export ANTHROPIC_BASE_URL={URL}; claude\n",
        [5, 7],
    ),
    "play.yml": (f"- hosts: a\n  tasks:\n  - lineinfile:\n      line: export ANTHROPIC_BASE_URL={URL}\n", [4]),
    "wrangler.toml": (f'name = "a"\n[vars]\nANTHROPIC_BASE_URL = "{URL}"\n', [3]),
    "tool.toml": (f'[[task.env]]\nname = "ANTHROPIC_BASE_URL"\nvalue = "{URL}"\n[mcp_servers.a.env]\nANTHROPIC_BASE_URL = "{URL}"\n', [2]),
    "setup.sh": (f"#!/bin/sh\necho 'export ANTHROPIC_BASE_URL={URL}' >> ~/.bashrc\ncat >> \"$HOME/.zshrc\" <<'EOF'\nexport ANTHROPIC_MODEL=opus CLAUDE_CODE_USE_BEDROCK=ja\nEOF\n", [2, 4]),
    "Dockerfile": (f"FROM a\nRUN echo 'export ANTHROPIC_BASE_URL={URL}' >> /etc/profile.d/a.sh\n", [2]),
    "work.zshrc": (f"setopt x\nexport ANTHROPIC_BASE_URL={URL}\n", [2]),
}  # fmt: skip


@pytest.mark.parametrize("name", INSIDE)
def test_a_mistake_is_found_in_what_a_file_holds(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, lines = INSIDE[name]
    path = write(tmp_path, name, text)
    for way in (path, tmp_path):
        found = [item["line"] for item in report(capfd, way)["findings"] if item["code"] in {"CGW501", "CGW311"}]
        assert found == lines


@pytest.mark.parametrize("text", ["${{ secrets.K }}", "${{secrets.K}}", "${{ vars.K }}", "${{ env.K }}"])
@pytest.mark.parametrize(
    "name", ["compose.yml", ".buildkite/a.yml", "a.env", "a.service", ".gitlab-ci.yml", ".circleci/config.yml"]
)
def test_a_reference_of_githubs_is_not_filled_in_elsewhere(
    isolated: Path, tmp_path: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    one = f"ANTHROPIC_AUTH_TOKEN: '{text}'\n"
    texts = {
        "compose.yml": f"services:\n  a:\n    environment:\n      {one}",
        ".buildkite/a.yml": f"steps:\n- command: claude\n  env:\n    {one}",
        "a.env": f"ANTHROPIC_AUTH_TOKEN='{text}'\n",
        "a.service": f'[Service]\nEnvironment="ANTHROPIC_AUTH_TOKEN={text}"\n',
        ".gitlab-ci.yml": f"a:\n  variables:\n    {one}  script: [claude]\n",
        ".circleci/config.yml": f"jobs:\n  a:\n    environment:\n      {one}    steps: []\n",
    }
    assert "CGW207" in [item["code"] for item in report(capfd, write(tmp_path, name, texts[name]))["findings"]]


@pytest.mark.parametrize("end", [",", ";", '"', "`", ")", ">"])
def test_a_sign_behind_an_address_is_named(
    isolated: Path, tmp_path: Path, end: str, capfd: pytest.CaptureFixture[str]
) -> None:
    found = report(capfd, write(tmp_path, "docker.env", f"ANTHROPIC_BASE_URL=https://gw.example.com{end}\n"))
    assert [item["code"] for item in found["findings"]] == ["CGW309"]


# File -> text that names others of the tree; an empty line and a mistake is in each of these.
NAMING = {
    "compose.yml": (
        "services:\n  a:\n    env_file:\n      - path: conf/agent\n      - conf/none\n      - ${FILE}\n",
        {"conf/agent": "ANTHROPIC_BASE_URL=https://gw.example.com/v1"},
    ),
    "plain/compose.yaml": (
        "services:\n  a:\n    env_file: [../agent.vars]\n",
        {"agent.vars": "ANTHROPIC_BASE_URL=https://gw.example.com/v1"},
    ),
    "sub/.envrc": (
        "dotenv_if_exists ../gw.vars\nsource_env_if_exists './more'\nsource_env nothing.here\ndotenv $X\n",
        {
            "gw.vars": "ANTHROPIC_BASE_URL=https://gw.example.com/v1",
            "sub/more": "export ANTHROPIC_BASE_URL=https://gw.example.com/v1\ndotenv last",
            "sub/last": "CLAUDE_CODE_USE_BEDROCK=ja",
        },
    ),
    "a.service": (
        "[Service]\nEnvironmentFile=-agent.conf.d\nEnvironmentFile=/etc/none-%i\nExecStart=claude\n",
        {"agent.conf.d": 'ANTHROPIC_BASE_URL="https://gw.example.com/v1"'},
    ),
}


@pytest.mark.parametrize("name", NAMING)
def test_files_that_a_file_names_are_read_once(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, others = NAMING[name]
    for other, inside in others.items():
        write(tmp_path, other, f"\n{inside}\n")
    path = write(tmp_path, name, text)
    for way in (path, tmp_path):
        found = [item for item in report(capfd, way)["findings"] if item["severity"] == "error"]
        assert sorted((os.path.relpath(item["file"], tmp_path), item["line"]) for item in found) == sorted(
            (other, 2) for other in others
        )


def test_direnv_loads_the_usual_file_where_none_is_named(
    isolated: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, ".env", "ANTHROPIC_BASE_URL=https://gw.example.com/v1\n")
    write(tmp_path, "up/.envrc", "export ANTHROPIC_BASE_URL=https://gw.example.com/v1\n")
    path = write(tmp_path, ".envrc", "dotenv\nsource_env up\n")
    for way in (path, tmp_path):
        assert [item["file"] for item in report(capfd, way)["findings"] if item["code"] == "CGW501"] == [
            str(tmp_path / ".env"),
            str(tmp_path / "up/.envrc"),
        ]


def test_a_file_that_no_person_wrote_is_not_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "big.env", "ANTHROPIC_BASE_URL=https://gw.example.com/v1\n" + "#" * readers.LARGEST)
    write(tmp_path, "other.env", "A=b\n" + "#" * readers.LARGEST)
    found = report(capfd, tmp_path)
    assert not found["checked"]
    assert found["not_judged"] == [{"file": str(tmp_path / "big.env"), "reason": "larger than 1 MB"}]
