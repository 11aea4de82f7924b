"""Systems that run jobs or tasks, and files of values: what ``cgw check`` finds in them, and where."""

# ruff: noqa: E501 - texts of files are not broken where a line of them goes on
from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_gw_cli.cli.check import check

# Name -> text, and what is found: code, line, column.
CASES: dict[str, tuple[str, list[tuple[str, int, int]]]] = {
    "Jenkinsfile": (
        (
            "pipeline {\n  environment {\n    // ANTHROPIC_MODEL = ''\n    CLAUDE_CODE_USE_BEDROCK = 'enabled'\n"
            "    ANTHROPIC_AUTH_TOKEN = credentials('key')\n    ANTHROPIC_BASE_URL = \"https://${HOST}/v1\"\n  }\n"
            "  stages { stage('a') {\n    environment { DISABLE_TELEMETRY = '0' }\n"
            "    steps { withEnv(['ANTHROPIC_AUTH_TOKEN=Bearer ' + env.KEY]) { sh 'claude -p x' } }\n  } }\n}\n"
        ),
        [("CGW311", 4, 5), ("CGW501", 6, 5), ("CGW111", 10, 22), ("CGW302", 9, 19)],
    ),
    ".circleci/config.yml": (
        (
            "version: 2.1\nexecutors:\n  e:\n    docker:\n      - image: x\n        environment: {CLAUDE_CODE_USE_BEDROCK: enabled}\n"
            "jobs:\n  a:\n    executor: e\n    environment:\n      DISABLE_TELEMETRY: '0'\n    steps:\n"
            "      - run: echo 'export ANTHROPIC_BASE_URL=https://<< parameters.host >>/v1' >> \"$BASH_ENV\"\n"
            "      - run:\n          environment: {ANTHROPIC_AUTH_TOKEN: Bearer $TOKEN}\n          command: |\n            claude -p x\n"
        ),
        [
            *(("CGW311", 6, 23), ("CGW501", 13, 27), ("CGW111", 15, 25), ("CGW302", 11, 7)),
            ("CGW207", 15, 25),
        ],
    ),
    "ci/azure-pipelines.yml": (
        (
            "variables:\n  - group: secrets\n  - name: CLAUDE_CODE_USE_BEDROCK\n    value: enabled\nstages:\n  - stage: a\n"
            "    jobs:\n      - job: b\n        variables:\n          DISABLE_TELEMETRY: '0'\n        steps:\n"
            '          - script: |\n              echo x\n              echo "##vso[task.setvariable variable=ANTHROPIC_BASE_URL]https://$(host)/v1"\n'
            '          - pwsh: |\n              Write-Host "##vso[task.setvariable variable=ANTHROPIC_MODEL;issecret=true]"\n'
            "          - bash: claude -p x\n            env:\n              ANTHROPIC_AUTH_TOKEN: Bearer $(KEY)\n"
        ),
        [("CGW311", 3, 11), ("CGW501", 14, 21), ("CGW111", 19, 15), ("CGW302", 10, 11)],
    ),
    ".buildkite/pipeline.yml": (
        (
            "env:\n  DISABLE_TELEMETRY: '0'\nsteps:\n  - group: a\n    steps:\n      - command:\n          - echo x\n"
            "          - export ANTHROPIC_BASE_URL=https://$${HOST}/v1\n        plugins:\n          - docker#v5.0.0:\n"
            "              environment: [CLAUDE_CODE_USE_BEDROCK=enabled, ANTHROPIC_AUTH_TOKEN]\n"
        ),
        [("CGW501", 8, 20), ("CGW311", 11, 29), ("CGW302", 2, 3)],
    ),
    "bitbucket-pipelines.yml": (
        (
            "pipelines:\n  default:\n    - step:\n        script:\n          - HOST=gw.example.com\n"
            "          - export ANTHROPIC_BASE_URL=https://$HOST/v1\n          - pipe: a/b:1\n            variables:\n"
            "              CLAUDE_CODE_USE_BEDROCK: enabled\n"
        ),
        [("CGW501", 6, 20), ("CGW311", 9, 15)],
    ),
    ".github/workflows/env.yml": (
        (
            'jobs:\n  a:\n    steps:\n      - run: |\n          echo "ANTHROPIC_BASE_URL=https://$HOST/v1" >> "$GITHUB_ENV"\n'
            "          cat <<EOF >> $GITHUB_ENV\n          CLAUDE_CODE_USE_BEDROCK=enabled\n          EOF\n"
            '      - shell: pwsh\n        run: |\n          "ANTHROPIC_AUTH_TOKEN=Bearer $key" >> $env:GITHUB_ENV\n'
            '          "DISABLE_TELEMETRY=0" | Out-File -Append -FilePath $env:GITHUB_ENV\n'
            "      - run: claude -p x\n        env: {ANTHROPIC_MODEL: opus}\n"
        ),
        [("CGW501", 5, 17), ("CGW311", 7, 11), ("CGW111", 11, 12), ("CGW302", 12, 12)],
    ),
    "examples/claude.yml": (
        "on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      ANTHROPIC_BASE_URL: https://gw.example.com/v1\n",
        [("CGW501", 6, 7)],
    ),
    ".gitlab-ci.yml": (
        (
            "a:\n  before_script:\n    - export HOST=gw.example.com\n  script:\n    - |\n      export ANTHROPIC_MODEL=x\n"
            "      export ANTHROPIC_BASE_URL=https://$HOST/v1\n  rules:\n    - if: $X\n"
            "      variables: {CLAUDE_CODE_USE_BEDROCK: enabled}\n"
        ),
        [("CGW501", 7, 14), ("CGW311", 10, 19)],
    ),
    "Makefile": (
        (
            "HOST = gw.example.com\nBASE := https://$(HOST)/v1 # ours\nexport ANTHROPIC_BASE_URL ?= $(BASE)\n"
            "ANTHROPIC_MODEL = x\nrun: export CLAUDE_CODE_USE_BEDROCK = enabled\nrun: dep\n\t@claude -p x\n"
            'other:\n\t@A=$$B; ANTHROPIC_AUTH_TOKEN="Bearer $(shell cat k)" DISABLE_TELEMETRY=0 \\\n\t  claude -p $(X)\n'
        ),
        [("CGW311", 5, 13), ("CGW501", 3, 8), ("CGW111", 9, 10), ("CGW302", 9, 55)],
    ),
    "justfile": (
        (
            "host := 'gw.example.com'\nexport ANTHROPIC_BASE_URL := \"https://\" + host + '/v1'\n"
            "export ANTHROPIC_MODEL := env('MODEL')\nrun $CLAUDE_CODE_USE_BEDROCK='enabled' x='1':\n"
            "    @ANTHROPIC_AUTH_TOKEN='Bearer {{key}}' claude {{x}}\nscript:\n    #!/usr/bin/env bash\n    set -eu\n"
            "    export DISABLE_TELEMETRY=0\n"
        ),
        [("CGW311", 4, 6), ("CGW501", 2, 8), ("CGW111", 5, 6), ("CGW302", 9, 12)],
    ),
    "Taskfile.yml": (
        (
            "version: '3'\nenv:\n  ANTHROPIC_BASE_URL: https://{{.HOST}}/v1\ntasks:\n  a: CLAUDE_CODE_USE_BEDROCK=enabled claude\n"
            "  b:\n    env: {DISABLE_TELEMETRY: '0'}\n    cmds:\n      - echo {{.X}}\n"
            '      - cmd: ANTHROPIC_AUTH_TOKEN="Bearer {{.KEY}}" claude\n'
        ),
        [("CGW311", 5, 6), ("CGW501", 3, 3), ("CGW111", 10, 14), ("CGW302", 7, 11)],
    ),
    "package.json": (
        (
            '{"name": "x",\n "scripts": {\n  "a": "cross-env ANTHROPIC_BASE_URL=https://gw.example.com/v1 claude",\n'
            '  "b": "set CLAUDE_CODE_USE_BEDROCK=enabled&& claude"}}\n'
        ),
        [("CGW501", 3, 19), ("CGW311", 4, 13)],
    ),
    "chart/values.yaml": (
        (
            "env:\n  - name: ANTHROPIC_BASE_URL\n    value: https://gw.example.com/v1\nextraEnv:\n"
            "  CLAUDE_CODE_USE_BEDROCK: enabled\n  ANTHROPIC_AUTH_TOKEN: '{{ .Values.key }}'\n  DISABLE_TELEMETRY: !Ref X\n"
        ),
        [("CGW501", 2, 11), ("CGW311", 5, 3)],
    ),
    "kustomization.yaml": (
        (
            "kind: Kustomization\nconfigMapGenerator:\n  - name: a\n    literals:\n"
            "      - ANTHROPIC_BASE_URL=https://gw.example.com/v1\n      - ANTHROPIC_MODEL=opus\n"
        ),
        [("CGW501", 5, 9)],
    ),
    "profiles.yaml": (
        "profiles:\n  work:\n    ANTHROPIC_BASE_URL: https://gw.example.com/v1\n  home: {ANTHROPIC_MODEL: opus}\n",
        [("CGW501", 3, 5)],
    ),
    "profiles.json": (
        '{"work": {"env": {"ANTHROPIC_BASE_URL": "https://gw.example.com/v1"}},\n "home": {"CLAUDE_CODE_USE_BEDROCK": "enabled"}}',
        [("CGW501", 1, 19), ("CGW311", 2, 11)],
    ),
    "task-definition.json": (
        '{"containerDefinitions": [{"environment":\n [{"name": "ANTHROPIC_BASE_URL", "value": "https://gw.example.com/v1"}]}]}',
        [("CGW501", 2, 3)],
    ),
    "ci.Jenkinsfile": (
        'node {\n  sh """\n    export ANTHROPIC_BASE_URL=https://${host}/v1\n    claude\n  """\n}\n',
        [("CGW501", 3, 12)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_found_where_it_is(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, expected = CASES[name]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    for way in (path, tmp_path):
        check(paths=(str(way),), format_="json")
        found = json.loads(capfd.readouterr().out)
        assert found["checked"] == [str(path)]
        assert sorted((item["code"], item["line"], item["column"]) for item in found["findings"]) == sorted(expected)


# A step that may or may not set a variable: what comes later depends on it, and is not wrong.
UNSURE = {
    ".github/workflows/a.yml": (
        'jobs:\n  a:\n    steps:\n      - run: |\n          if [ -n "$X" ]; then echo CLAUDE_CODE_USE_BEDROCK=1 >> $GITHUB_ENV; fi\n'
        "      - run: claude -p x\n        env: {ANTHROPIC_BASE_URL: 'https://gw.example.com'}\n"
    ),
    ".circleci/config.yml": (
        "jobs:\n  a:\n    steps:\n      - run: '[[ -n $X ]] && echo \"export CLAUDE_CODE_USE_BEDROCK=1\" >> $BASH_ENV'\n"
        "      - run:\n          environment: {ANTHROPIC_BASE_URL: 'https://gw.example.com'}\n          command: claude -p x\n"
    ),
    "azure-pipelines.yml": (
        "steps:\n  - bash: |\n      f() { echo '##vso[task.setvariable variable=CLAUDE_CODE_USE_BEDROCK]1'; }\n      f\n"
        "  - bash: claude -p x\n    env: {ANTHROPIC_BASE_URL: 'https://gw.example.com'}\n"
    ),
}


@pytest.mark.parametrize("name", UNSURE)
def test_what_depends_on_a_condition_is_unknown_later(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(UNSURE[name])
    assert check(paths=(str(path),), format_="json") == 0
    found = json.loads(capfd.readouterr().out)
    assert found["checked"] == [str(path)]
    assert [item for item in found["findings"] if item["severity"] != "info"] == []
    path.write_text(
        UNSURE[name].replace('if [ -n "$X" ]; then ', "").replace("; fi", "").replace("[[ -n $X ]] && ", "")
    )
    if "f()" not in UNSURE[name]:
        assert check(paths=(str(path),), format_="json") == 1
        assert "CGW104" in {item["code"] for item in json.loads(capfd.readouterr().out)["findings"]}


BASE = "ANTHROPIC_BASE_URL: https://gw.example.com"
UNEXPANDED = {
    ".circleci/config.yml": (
        f"jobs:\n  a:\n    environment:\n      {BASE}\n      ANTHROPIC_AUTH_TOKEN: $LLM_KEY\n    steps: [{{run: claude -p x}}]\n",
        5,
    ),
    ".circleci/more.yml": (
        f"executors:\n  e:\n    environment:\n      {BASE}\n      ANTHROPIC_AUTH_TOKEN: ${{LLM_KEY}}\njobs:\n  a:\n    executor: e\n",
        5,
    ),
    ".gitlab-ci.yml": (f"variables:\n  {BASE}\n  ANTHROPIC_AUTH_TOKEN: ${{{{ secrets.K }}}}\n", 3),
    "azure-pipelines.yml": (
        f"steps:\n  - script: claude -p x\n    env:\n      {BASE}\n      ANTHROPIC_AUTH_TOKEN: ${{{{ secrets.K }}}}\n",
        5,
    ),
    "a.ps1": ("$env:ANTHROPIC_AUTH_TOKEN='$env:LLM_KEY'\n", 1),
    "b.ps1": ("$env:ANTHROPIC_AUTH_TOKEN='$env:LLM_GATEWAY_KEY_OF_THE_TEAM'\n", 1),
    "a.fish": ("set -gx ANTHROPIC_AUTH_TOKEN `cat k`\n", 1),
}


@pytest.mark.parametrize("name", UNEXPANDED)
def test_a_reference_that_nothing_expands_is_one_finding(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, line = UNEXPANDED[name]
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o644)
    check(paths=(str(path),), format_="json")
    found = json.loads(capfd.readouterr().out)["findings"]
    assert [(item["code"], item["line"]) for item in found] == [("CGW207", line)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".circleci/config.yml", "jobs:\n  a:\n    environment: {ANTHROPIC_AUTH_TOKEN: << parameters.key >>}\n"),
        (".gitlab-ci.yml", "variables: {ANTHROPIC_AUTH_TOKEN: $LLM_KEY, ANTHROPIC_MODEL: '${MODEL}'}\n"),
        ("azure-pipelines.yml", "steps:\n  - script: x\n    env: {ANTHROPIC_AUTH_TOKEN: '${{ parameters.key }}'}\n"),
    ],
)
def test_a_reference_that_is_expanded_is_well(
    isolated: Path, tmp_path: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert check(paths=(str(path),), format_="json") == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["checked"], found["findings"]) == ([str(path)], [])


QUOTED = {
    "a.cmd": 'set ANTHROPIC_BASE_URL="https://gw.example.com"\n',
    "compose.yml": "services:\n  a:\n    environment:\n      - ANTHROPIC_BASE_URL='https://gw.example.com'\n",
    "Makefile": 'export ANTHROPIC_BASE_URL="https://gw.example.com"\na:\n\tclaude\n',
}


@pytest.mark.parametrize("name", QUOTED)
def test_quotes_that_are_part_of_an_address_are_named(
    isolated: Path, tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(QUOTED[name])
    assert check(paths=(str(tmp_path / name),), format_="json") == 1
    (found,) = json.loads(capfd.readouterr().out)["findings"]
    assert (found["code"], found["message"]) == (
        "CGW309",
        "ANTHROPIC_BASE_URL: the quotes are part of the value",
    )
