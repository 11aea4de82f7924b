"""Measure every starter of the client: python tests/atlas/starters.py [--action CHECKOUT] [STARTER ...].

A line of starters.jsonl is one start through the real package: ``starter``, ``release``, ``case``, ``config`` and
``observed`` in the form of the other recordings. Beside them a configuration has ``options_env`` (the SDKs' option
``env``, with ``spread`` where the program writes ``...process.env``) and ``inputs`` (the GitHub action's). The
packages come from tests/real/parts.py; the action needs a checkout in whose base-action
`bun install --production --omit=optional` was run, and its client, npm's @anthropic-ai/claude-code of that version.
Exit code 1 when a start is not as predicted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import laboratory  # noqa: E402 - this folder is no package

from claude_gw_cli.core.compare import differences  # noqa: E402
from claude_gw_cli.core.layers import effective  # noqa: E402
from claude_gw_cli.core.predict.model import Prediction  # noqa: E402
from claude_gw_cli.core.predict.prediction import predict  # noqa: E402
from claude_gw_cli.core.starting import (  # noqa: E402
    as_started,
    chosen_starter,
    client_inside,
    started,
    user_agent,
    with_settings_input,
)
from claude_gw_cli.world import editor_settings  # noqa: E402
from claude_gw_cli.world.loopback.gateway import Gateway  # noqa: E402
from claude_gw_cli.world.snapshot import take  # noqa: E402

FILE = HERE / "starters.jsonl"
DRIVERS = HERE.parent / "real" / "starters"
PARTS = Path(os.environ.get("CGW_PARTS_DIR") or Path.home() / ".cache" / "cgw-parts")
OPTIONS = "{H}/options.env"
Row = dict[str, Any]

_VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1", "ANTHROPIC_VERTEX_PROJECT_ID": "p-1",
    "CLOUD_ML_REGION": "us-east5", "ANTHROPIC_VERTEX_BASE_URL": "{U}/vertex_ai/v1", "ANTHROPIC_AUTH_TOKEN": "tok-env",
}  # fmt: skip
_BEDROCK = {
    "CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1", "AWS_REGION": "us-east-1",
    "ANTHROPIC_BEDROCK_BASE_URL": "{U}/bedrock",
}  # fmt: skip
_BASE = {"ANTHROPIC_BASE_URL": "{U}"}
_TOKEN = {"ANTHROPIC_AUTH_TOKEN": "tok-env"}
_HELPER = {"apiKeyHelper": "{HELPER}"}
_ALL = {"env": {**_BASE, **_TOKEN}}
_USER = {"user": {"env": {**_BASE, "ANTHROPIC_AUTH_TOKEN": "tok-user"}}}
_QUIET = {"HOME": "{H}", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_MAX_RETRIES": "0"}

# Without arguments: every starter can have these.
PLAIN: dict[str, Row] = {
    "static": _ALL,
    "nothing": {"env": _BASE},
    "user-helper": {"env": _BASE, "user": _HELPER, "helper": "echo hlp-1"},
    "user-key": _USER,
    "project-over-user": {
        **_USER,
        "env": {**_BASE, **_TOKEN},
        "project": {"env": {"ANTHROPIC_AUTH_TOKEN": "tok-prj"}},
    },
    "project-helper": {"env": _BASE, "project": _HELPER, "helper": "echo hlp-2"},
    "managed": {**_USER, "managed": {"env": {"ANTHROPIC_AUTH_TOKEN": "tok-mgd"}}},
    "header-authorization": {"env": {**_BASE, "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer hdr-1\nX-Team: a"}},
    "header-only": {"env": {**_BASE, "ANTHROPIC_CUSTOM_HEADERS": "x-litellm-api-key: Bearer hdr-2"}},
    "vertex": {"env": _VERTEX},
    "bedrock-helper": {"env": _BEDROCK, "user": _HELPER, "helper": "echo hlp-3"},
    "config-dir": {
        "env": {**_BASE, "CLAUDE_CONFIG_DIR": "{H}/other"},
        "files": {"{H}/other/settings.json": json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": "tok-other"}})},
        "user": {"env": {"ANTHROPIC_AUTH_TOKEN": "tok-user"}},
    },
    "key-not-approved": {"env": {**_BASE, "ANTHROPIC_API_KEY": "sk-ant-fake-0123456789abcdef"}},
    "model-setting": {**_ALL, "user": {"model": "haiku", "env": {"ANTHROPIC_DEFAULT_HAIKU_MODEL": "gw-haiku"}}},
    "inside-claude": {"env": {**_BASE, **_TOKEN, "CLAUDECODE": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}},
}
# With arguments, which the SDKs have as options.
WITH_ARGUMENTS: dict[str, Row] = {
    "sources-none": {**_USER, "env": {**_BASE, **_TOKEN}, "flags": ["--setting-sources", ""]},
    "sources-none-managed": {
        **_USER, "flags": ["--setting-sources", ""], "env": _BASE, "managed": {"apiKeyHelper": "{HELPER}"},
        "helper": "echo hlp-4",
    },
    "sources-user": {
        **_USER, "flags": ["--setting-sources", "user"], "project": {"env": {"ANTHROPIC_AUTH_TOKEN": "tok-prj"}},
    },
    "settings-option": {
        "env": _BASE, "flags": ["--setting-sources", "", "--settings", json.dumps(_HELPER)], "helper": "echo hlp-5",
    },
    "bare": {**_USER, "flags": ["--bare"]},
    "bare-helper": {"env": _BASE, "user": _HELPER, "helper": "echo hlp-6", "flags": ["--bare"]},
    "model-option": {
        "env": {**_BASE, **_TOKEN, "ANTHROPIC_MODEL": "gw-env", "ANTHROPIC_DEFAULT_HAIKU_MODEL": "gw-haiku"},
        "flags": ["--model", "haiku"],
    },
}  # fmt: skip
WITH_OPTIONS_ENV: dict[str, Row] = {
    "env-spread": {"env": _TOKEN, "options_env": {**_BASE, "ANTHROPIC_API_KEY": "sk-opt"}, "spread": True},
    "env-alone": {"env": _TOKEN, "options_env": {**_QUIET, **_BASE, "ANTHROPIC_API_KEY": "sk-opt"}},
    "env-under-user": {**_USER, "options_env": {**_QUIET, **_BASE, "ANTHROPIC_AUTH_TOKEN": "tok-opt"}},
}
_EDITOR = "{H}/.config/Code/User/settings.json"


def _editor(**variables: str) -> str:
    rows = [{"name": name, "value": value} for name, value in variables.items()]
    return json.dumps({"claudeCode.environmentVariables": rows})


_SESSION = {
    "accessToken": "sk-ant-oat01-fake", "refreshToken": "sk-ant-ort01-fake", "expiresAt": 4102444800000,
    "scopes": ["user:inference", "user:profile"], "subscriptionType": "max",
}  # fmt: skip
WITH_EDITOR: dict[str, Row] = {
    "key-approved": {
        "env": {**_BASE, "ANTHROPIC_API_KEY": "sk-ant-fake-0123456789abcdef"},
        "claude_json": {"customApiKeyResponses": {"approved": ["t-fake-0123456789abcdef"[-20:]]}},
    },
    "key-and-login": {
        "env": {**_BASE, "ANTHROPIC_API_KEY": "sk-ant-fake-0123456789abcdef"},
        "files": {"{H}/.claude/.credentials.json": json.dumps({"claudeAiOauth": _SESSION})},
    },
    "editor-alone": {"files": {_EDITOR: _editor(**_BASE, ANTHROPIC_AUTH_TOKEN="tok-editor")}},
    "editor-over-environment": {
        **_ALL, "files": {_EDITOR: _editor(ANTHROPIC_AUTH_TOKEN="tok-editor")},
    },
    "editor-under-user": {
        "user": {"env": {"ANTHROPIC_AUTH_TOKEN": "tok-user"}},
        "files": {_EDITOR: _editor(**_BASE, ANTHROPIC_AUTH_TOKEN="tok-editor")},
    },
    "editor-empties": {
        "env": {**_BASE, **_TOKEN, "ANTHROPIC_API_KEY": "sk-env"},
        "files": {_EDITOR: _editor(ANTHROPIC_API_KEY="", CLAUDE_CODE_ENTRYPOINT="mine")},
    },
    "editor-vertex": {"env": {"ANTHROPIC_AUTH_TOKEN": "tok-env"}, "files": {_EDITOR: _editor(**_VERTEX)}},
    "editor-config-dir": {
        "env": _BASE,
        "files": {
            _EDITOR: _editor(CLAUDE_CONFIG_DIR="{H}/other"),
            "{H}/other/settings.json": json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": "tok-other"}}),
        },
    },
}  # fmt: skip
# What an interactive client must know not to ask: the folder's trust, and that it was introduced.
_READY = {
    "hasCompletedOnboarding": True, "theme": "dark", "projects": {"{W}": {"hasTrustDialogAccepted": True}},
}  # fmt: skip
_KEY = {"anthropic_api_key": "sk-input"}
ACTION: dict[str, Row] = {
    "token-only": _ALL,
    "helper-only": {"env": _BASE, "user": _HELPER, "helper": "echo hlp-7"},
    "key-input": {"env": _BASE, "inputs": _KEY},
    "key-inherited": {"env": {**_BASE, "ANTHROPIC_API_KEY": "sk-job"}},
    "key-and-token": {**_ALL, "inputs": _KEY},
    "key-and-helper": {"env": _BASE, "user": _HELPER, "helper": "echo hlp-8", "inputs": _KEY},
    "key-and-user-settings": {**_USER, "inputs": _KEY},
    "key-and-project": {"env": _BASE, "project": _USER["user"], "inputs": _KEY},
    "header-only": {"env": {**_BASE, "ANTHROPIC_CUSTOM_HEADERS": "x-litellm-api-key: Bearer hdr-3"}},
    "key-and-header": {
        "env": {**_BASE, "ANTHROPIC_CUSTOM_HEADERS": "x-litellm-api-key: Bearer hdr-3"}, "inputs": _KEY,
    },
    "vertex-exported": {"env": {**_VERTEX, **_BASE}, "inputs": _KEY},
    "vertex-input": {"env": _VERTEX, "inputs": {"use_vertex": "true"}},
    "vertex-no-region": {"env": {**_VERTEX, "CLOUD_ML_REGION": ""}, "inputs": {"use_vertex": "true"}},
    "bedrock-token": {"env": {**_BEDROCK, **_TOKEN}, "inputs": {"use_bedrock": "true"}},
    "bedrock-bearer": {
        "env": {**_BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "aws-1"}, "inputs": {"use_bedrock": "true"},
    },
    "two-providers": {"env": {**_BEDROCK, **_VERTEX}, "inputs": {"use_bedrock": "true", "use_vertex": "true"}},
    "settings-input": {
        **_USER, "env": _BASE, "inputs": {**_KEY, "settings": json.dumps({"env": {"ANTHROPIC_MODEL": "gw-input"}})},
    },
    "model-variable": {
        "env": {**_BASE, "ANTHROPIC_MODEL": "gw-env"}, "user": {"model": "gw-user"}, "inputs": _KEY,
    },
    "claude-args": {
        **_USER, "env": _BASE, "inputs": _KEY, "flags": ["--setting-sources", "project", "--model", "gw-args"],
    },
}  # fmt: skip
CASES: dict[str, dict[str, Row]] = {
    "cli": {**PLAIN, **WITH_ARGUMENTS},
    "interactive": {name: {**row, "claude_json": _READY} for name, row in {**PLAIN, **WITH_ARGUMENTS}.items()},
    "sdk-ts": {**PLAIN, **WITH_ARGUMENTS, **WITH_OPTIONS_ENV},
    "sdk-python": {**PLAIN, **WITH_ARGUMENTS, **WITH_OPTIONS_ENV},
    "acp": PLAIN,
    "action": ACTION,
    "vscode": {**PLAIN, **WITH_EDITOR},
}


def command(starter: str, checkout: Path | None = None) -> list[str]:
    """What starts it, before the client's arguments."""
    modules = PARTS / starter / "node_modules"
    if starter == "cli":
        return [str(laboratory.client("2.1.330"))]
    if starter == "interactive":
        return [sys.executable, str(DRIVERS / "interactive.py"), str(laboratory.client("2.1.330"))]
    if starter == "sdk-ts":
        return ["node", str(DRIVERS / "sdk.mjs"), str(modules / "@anthropic-ai" / "claude-agent-sdk")]
    if starter == "vscode":
        sdk = PARTS / "sdk-ts" / "node_modules" / "@anthropic-ai" / "claude-agent-sdk"
        return ["node", str(DRIVERS / "vscode.mjs"), str(sdk)]
    if starter == "sdk-python":
        return [str(PARTS / "sdk-python" / "bin" / "python"), str(DRIVERS / "sdk.py")]
    if starter == "acp":
        adapter = modules / "@agentclientprotocol" / "claude-agent-acp" / "dist" / "index.js"
        return ["node", str(DRIVERS / "acp.mjs"), str(adapter)]
    index = f"{checkout}/base-action/src/index.ts"
    bun = PARTS / "bun" / "node_modules" / ".bin" / "bun"
    # Its log is long: the error is what it says.
    return ["sh", "-c", f'{bun} --no-env-file run {index} 2>&1 | sed -n "s/^::error:://p"', "sh"]


def version_of(starter: str) -> str:
    """The client that the measured release starts."""
    return client_inside(*chosen_starter(starter)) or "2.1.330"


def run(starter: str, config: Row, checkout: Path | None = None) -> Row:
    """One start; the observation as the recordings have it, and ``user_agent``."""
    version = version_of(starter)
    with (
        Gateway(any_path=True) as gateway,
        laboratory.staged(_with_file(starter, config), gateway.url, version) as stage,
    ):
        words = [*command(starter, checkout), *stage.args] if starter != "action" else command(starter, checkout)
        if stage.managed.exists():
            (stage.root / "etc").mkdir()
            own_etc = ["unshare", "-Urm", "sh", "-c", laboratory.OWN_ETC, "sh", str(stage.root / "etc")]
            words = [*own_etc, str(stage.managed), *words]
        env = dict(stage.env)
        if starter == "action":
            env = step_environment(checkout, config.get("inputs") or {}, env)
            env |= {"INPUT_PROMPT": "hi", "INPUT_CLAUDE_ARGS": shlex.join(stage.args), "RUNNER_TEMP": str(stage.root)}
            env["INPUT_PATH_TO_CLAUDE_CODE_EXECUTABLE"] = str(laboratory.client(version))
        options = ["--env", str(stage.root / "home" / "options.env")] if "options_env" in config else []
        seen = laboratory.observe([*words, *options], env, stage.work, (), gateway, timeout=120, whole=False)
        found = laboratory.recorded(seen, gateway.url, stage.helper_runs if "helper" in config else None)
        return {**found, "user_agent": seen.headers.get("user-agent"), "exit": None}


def step_environment(checkout: Path | None, inputs: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """The environment that the action's own action.yml gives to its step, its expressions evaluated."""
    import yaml

    document = yaml.safe_load((Path(str(checkout)) / "action.yml").read_text(encoding="utf-8"))
    given = {name: row.get("default") or "" for name, row in document["inputs"].items()} | dict(inputs)
    block = next(step["env"] for step in document["runs"]["steps"] if step.get("id") == "run")
    return {**env, **{name: _evaluated(str(text), given, env) for name, text in block.items()}}


def _evaluated(text: str, inputs: Mapping[str, str], env: Mapping[str, str]) -> str:
    found = re.fullmatch(r"\$\{\{ (.*) \}\}", text)
    if not found or re.search(r"github\.|runner\.|steps\.|toJson", text):
        return ""
    code = found[1].replace("&&", " and ").replace("||", " or ").replace("format(", "form(")
    code = re.sub(r"\b(inputs|env)\.(\w+)", r"\1.get('\2', '')", code)
    scope = {"inputs": inputs, "env": env, "form": lambda pattern, *rest: pattern.format(*rest)}
    return str(eval(code, {"__builtins__": {}}, scope) or "")


def predicted(starter: str, config: Row) -> tuple[Prediction, str | None]:
    """What cgw predicts for the same start with the gateway at ``URL``, and the user agent."""
    who, release = chosen_starter(starter)
    version = version_of(starter)
    with laboratory.staged(_with_file(starter, config), laboratory.URL, version) as stage:
        env = dict(stage.env)
        if "options_env" in config:
            given = json.loads(
                (stage.root / "home" / "options.env")
                .read_text()
                .removeprefix(_SPREAD)
                .removesuffix("}" if config.get("spread") and starter == "sdk-ts" else "")
            )
            env = {**(env if config.get("spread") or starter == "sdk-python" else {}), **given}
        env |= {f"INPUT_{name.upper()}": text for name, text in (config.get("inputs") or {}).items()}
        if who.editor_variables:
            env |= editor_settings.variables(env)
        start = started(who, release, env, stage.args, version)
        snapshot = take(
            start.env,
            str(stage.work),
            client_version=version,
            arguments=start.arguments,
            interactive=starter == "interactive",
            managed_dir=str(stage.managed),
            stops=start.stops,
        )
        if start.settings:
            snapshot = with_settings_input(snapshot, start.settings)
        helper = laboratory.helper_run(stage, effective(snapshot).helper)
        prediction = as_started(predict(snapshot, helper_run=helper), start, who, release)
        return prediction, user_agent(who, release, env, version)


_SPREAD = "{...process.env, ..."


def _with_file(starter: str, config: Row) -> Row:
    if "options_env" not in config:
        return config
    text = json.dumps(config["options_env"])
    if config.get("spread") and starter == "sdk-ts":
        text = f"{_SPREAD}{text}}}"
    return {**config, "files": {**(config.get("files") or {}), OPTIONS: text}}


def disagreements(row: Row) -> list[str]:
    """What a recording shows otherwise than cgw predicts, one line each."""
    prediction, agent = predicted(row["starter"], row["config"])
    seen = laboratory.observation(row["observed"])
    start = f"{row['starter']} {row['case']}"
    wrong = [
        f"{start}: {item.what}: predicted {item.predicted!r}, observed {item.observed!r}"
        for item in differences(prediction, seen, laboratory.URL)
    ]
    if seen.requests and row["observed"]["user_agent"] != agent:
        wrong.append(f"{start}: user agent: predicted {agent!r}, observed {row['observed']['user_agent']!r}")
    said = (prediction.reason or "").partition(" (")[0]
    # A session shows a screen for the login instead of saying a sentence.
    if not seen.requests and row["starter"] != "interactive" and said[:40] not in row["observed"].get("says", ""):
        wrong.append(f"{start}: says: predicted {said!r}, observed {row['observed'].get('says')!r}")
    return wrong


def recordings() -> list[Row]:
    """Every line of the file."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def measured(starter: str, case: str, checkout: Path | None = None) -> Row:
    """One start as a recording."""
    config = CASES[starter][case]
    release = chosen_starter(starter)[1]
    observed = run(starter, config, checkout)
    return {"starter": starter, "release": release, "case": case, "config": config, "observed": observed}


def main(words: Sequence[str] | None = None, report: Callable[[str], None] = print) -> int:
    """Measure, write, compare."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("starters", nargs="*", metavar="STARTER")
    options.add_argument("--action", type=Path, help="a prepared checkout of anthropics/claude-code-action")
    given = options.parse_args(words)
    wanted = given.starters or [name for name in CASES if name != "action" or given.action]
    starts = [(name, case) for name in wanted for case in CASES[name]]
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda start: measured(start[0], start[1], given.action), starts))
    kept = [row for row in recordings() if row["starter"] not in wanted] if FILE.exists() else []
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in [*kept, *rows])
    FILE.write_text("".join(lines), encoding="utf-8")
    wrong = [line for row in rows for line in disagreements(row)]
    report("\n".join([*wrong, f"{len(rows)} starts of {', '.join(wanted)}: {len(wrong)} disagreements"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
