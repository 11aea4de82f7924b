"""Systems that run jobs: what ``cgw check`` finds in their files, and where."""

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
        [("CGW311", 6, 23), ("CGW501", 13, 27), ("CGW111", 15, 25), ("CGW302", 11, 7)],
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
        assert [(item["code"], item["line"], item["column"]) for item in found["findings"]] == expected
