"""Why the hot commands are fast: what they import, how often they open a file, that they start no process.

Times depend on the machine and are the bench's business; their reasons are tested here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

# Runs one command line in a fresh interpreter and writes down what it did.
_OBSERVER = """
import sys
report, *argv = sys.argv[1:]
seen = {"open": [], "process": []}
def hook(event, args):
    if event == "open" and isinstance(args[0], str):
        seen["open"].append(args[0])
    elif event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system"):
        seen["process"].append(event)
before = set(sys.modules)
sys.addaudithook(hook)
from claude_gw_cli.__main__ import run
code = run(argv)
modules = sorted(set(sys.modules) - before)
import json
with open(report, "w") as file:
    json.dump(seen | {"modules": modules, "code": code}, file)
"""
LIBRARIES = {
    "rich", "pydantic", "pydantic_core", "keyring", "hvac", "jwt", "cryptography",
    "requests", "urllib3", "prompt_toolkit", "wcwidth", "platformdirs", "packaging", "yaml", "tree_sitter",
    "tree_sitter_bash",
}  # fmt: skip
# Each costs 2 to 17 ms, where the interpreter itself takes 11.
EXPENSIVE = {
    "dataclasses", "inspect", "ast", "asyncio", "decimal", "http.client", "ssl", "concurrent.futures", "_hashlib",
}  # fmt: skip
# What an interpreter does not have loaded after its start; `cgw env` does without all of it.
HMAC = {"_hashlib"}
"""What the library's HMAC loads, by which cgw knows what it wrote without keeping it; we write no cryptography."""
NOT_AT_ALL = LIBRARIES | EXPENSIVE | {
    "typing", "re", "json", "enum", "functools", "collections", "pathlib", "subprocess", "shutil", "tomllib",
    "hashlib", "difflib", "contextlib", "threading", "random", "urllib.parse",
}  # fmt: skip


@dataclass(frozen=True)
class Observed:
    modules: frozenset[str]
    opened: list[str]
    processes: list[str]
    code: int

    def reads(self, path: Path) -> int:
        return self.opened.count(str(path))


Watch = Callable[..., Observed]


@pytest.fixture
def watch(isolated: Path, tmp_path: Path) -> Watch:
    """Observe one command line in a fresh interpreter, in a home with one profile and usual settings."""
    work = tmp_path / "work"
    work.mkdir()
    env = {"HOME": str(isolated), "PATH": os.environ["PATH"], "GATEWAY_KEY": "sk-gateway-0123456789"}

    def call(*argv: str, codes: tuple[int, ...] = (0, 1), **more: str) -> Observed:
        report = tmp_path / "report.json"
        command = [sys.executable, "-c", _OBSERVER, str(report), *argv]
        done = subprocess.run(
            command, cwd=work, env=env | more, capture_output=True, text=True, timeout=120, check=True
        )
        assert "Traceback" not in done.stderr
        seen = json.loads(report.read_text())
        assert seen["code"] in codes, done.stderr
        return Observed(frozenset(seen["modules"]), seen["open"], seen["process"], seen["code"])

    call(
        "init",
        "work",
        "--provider",
        "unified",
        "--gateway-url",
        "http://127.0.0.1:4000",
        "--secret",
        "env://GATEWAY_KEY",
    )
    settings = isolated / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text('{"model": "opus", "env": {"FOO": "1"}}')
    return call


def own(seen: Observed) -> set[str]:
    return {name.removeprefix("claude_gw_cli.") for name in seen.modules if name.startswith("claude_gw_cli.")}


def test_the_version_needs_a_few_small_files(watch: Watch) -> None:
    seen = watch("--version")
    assert own(seen) == {
        "__main__", "cli", "cli.command_line", "cli.out", "core", "core.errors", "core.terminal", "facts",
        "facts.newest", "world", "world.paths",
    }  # fmt: skip
    assert not seen.modules & NOT_AT_ALL


@pytest.mark.parametrize("line", ["--help", "settings --help", "init -h"])
def test_a_help_page_is_made_from_the_table_alone(watch: Watch, line: str) -> None:
    seen = watch(*line.split())
    table = {"cli.commands", "cli.help_page", "tables"}
    members = {"cli.member_options", "core.profile_members"}
    choices = {"facts", "facts.modes", "facts.providers", "hints", "record", *members} if "init" in line else set()
    light = {"__main__", "cli", "cli.command_line", "cli.out", "core", "core.errors", "core.terminal"}
    assert own(seen) <= light | table | choices
    assert not seen.modules & (LIBRARIES | EXPENSIVE)


@pytest.mark.parametrize("shell", ["bash", "sh", "fish", "tcsh", "nu", "powershell", "cmd", "dotenv", "github"])
def test_env_with_a_compiled_plan_imports_only_its_own_light_rooms(watch: Watch, isolated: Path, shell: str) -> None:
    _settle(isolated, watch, shell)
    seen = watch("env", "--shell", shell)
    assert not seen.modules & NOT_AT_ALL
    assert {name.partition(".")[0] for name in own(seen)} <= {
        "__main__",
        "cli",
        "core",
        "emit",
        "secrets",
        "tables",
        "world",
    }
    families = {name for name in own(seen) if name.startswith("emit.")} - {"emit.common"}
    with_a_note = shell in ("dotenv", "github")
    assert len(families) == (2 if with_a_note or shell == "tcsh" else 1), "the other dialects stay where they are"
    assert with_a_note or "core.terminal" not in own(seen), "for messages"
    assert not own(seen) & {"world.config", "world.snapshot", "core.plan", "core.layers", "core.model"}
    assert not own(seen) & {"core.documents", "cli.progress"}, "for what is not the usual case"
    assert not seen.modules & {"binascii", "zlib"}, "a library that has to be loaded"
    assert seen.reads(isolated / ".config/cgw/profiles/work.toml") == 0
    assert seen.reads(isolated / ".claude/settings.json") == 0
    assert sum("/plans/" in path for path in seen.opened) == 1
    assert not seen.processes


def _settle(home: Path, watch: Watch, shell: str) -> None:
    """Run until the plan is kept: not within a second of the last change to what it was made from."""
    for _ in range(60):
        watch("env", "--shell", shell)
        if [*(home / ".cache/cgw/plans").glob("*")]:
            return
        time.sleep(0.2)
    pytest.fail("the plan was never kept")


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("explain --client-version 2.1.330", set()),
        ("check ~/.claude/settings.json", set()),
        ("explain --client-version 2.1.330 --format json", {"functools", "collections", "json", "re", "enum"}),
    ],
)
def test_explain_and_check_import_no_library_and_read_a_file_once(
    watch: Watch, isolated: Path, line: str, allowed: set[str]
) -> None:
    settings = isolated / ".claude/settings.json"
    seen = watch(*(word.replace("~", str(isolated)) for word in line.split()))
    assert not seen.modules & (LIBRARIES | EXPENSIVE | {"tomllib", "subprocess", "shutil", "difflib"})
    assert not seen.modules & (NOT_AT_ALL - allowed), "re with json takes as long as an interpreter's start"
    assert not seen.modules & {"importlib", "contextvars", "math"}
    of_edits_and_mistakes = {"core.jsonedit", "core.jsonscan", "world.atomic", "world.facts", "facts.fields"}
    of_other_formats = {"readers", "world.tree"} if line.startswith("explain") else set()
    assert not own(seen) & (of_edits_and_mistakes | of_other_formats)
    assert seen.reads(settings) == 1
    assert not seen.processes


def test_a_check_imports_the_rules_that_its_file_needs(watch: Watch, isolated: Path) -> None:
    always = {"readable_keys", "settings_files", "settings_env", "names", "settings_keys", "versions"}
    tools = {"engine", "context", "fix", "rule", "literals", "settings_values"}
    seen = watch("check", str(isolated / ".claude/settings.json"))
    named = {"models"}
    assert {name.removeprefix("rules.") for name in own(seen) if name.startswith("rules.")} == always | tools | named
    light = {"readers.common", "readers.limits"}
    assert not {name for name in own(seen) if name.startswith(("core.predict", "readers."))} - light
    gateway = isolated / "gateway.json"
    gateway.write_text(
        '{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com", "ANTHROPIC_AUTH_TOKEN": "gw-4f1c9a7e22b0"}}'
    )
    seen = watch("check", str(gateway))
    more = {"credentials", "destinations", "keys", "headers", "environment", "network", "modes", "base_urls"}
    assert {name.removeprefix("rules.") for name in own(seen) if name.startswith("rules.")} == always | tools | more
    assert "core.predict.prediction" not in own(seen), "no rule has to know what such a start sends"
    assert not seen.modules & (EXPENSIVE | {"typing", "threading"}), "not for the place that an advice names"


def test_a_tree_costs_one_open_for_each_file_whose_name_is_a_format_s(watch: Watch, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    read = {"package.json", "Makefile", ".env", "a.yml", "settings.json"}
    for number in range(300):
        (folder := tree / f"part-{number}" / "node_modules").mkdir(parents=True)
        for name in (*read, "a.py", "a.md", "b.tsx", "LICENSE.txt"):
            (folder.parent / name).write_text("x = y\n")
        (folder / "package.json").touch()
    seen = watch("check", str(tree), codes=(0,))
    below = [path.removeprefix(f"{tree}/") for path in seen.opened if path.startswith(str(tree))]
    assert sorted(below) == sorted(f"part-{number}/{name}" for number in range(300) for name in read)
    assert not seen.processes
    assert not seen.modules & (LIBRARIES | EXPENSIVE | {"threading", "typing", "multiprocessing"})
    assert not {name for name in own(seen) if name.startswith("readers.")} - {"readers.common", "readers.limits"}


def test_doctor_asks_a_near_gateway_without_the_large_modules_of_the_network(watch: Watch, isolated: Path) -> None:
    from claude_gw_cli.world.loopback.gateway import Gateway

    profile = isolated / ".config/cgw/profiles/work.toml"
    with Gateway("sk-gateway-0123456789") as gateway:
        profile.write_text(profile.read_text().replace("http://127.0.0.1:4000", gateway.url))
        watch("doctor")
        shell = {"ANTHROPIC_BASE_URL": gateway.url, "ANTHROPIC_AUTH_TOKEN": "sk-gateway-0123456789"}
        seen = watch("doctor", codes=(0,), **shell)
        assert gateway.requests
    of_h11 = {"dataclasses", "inspect", "ast"}  # 2.5 interpreter starts: what reads HTTP comes from a library
    expensive = EXPENSIVE - of_h11 | {"email.utils", "encodings.idna", "subprocess", "zlib"}
    assert not seen.modules & (LIBRARIES | expensive)
    assert not own(seen) & {"core.learn", "world.children"}
    assert not seen.processes


@pytest.mark.parametrize(("line", "never"), [("settings diff", {"json"}), ("status", {"json", "re", "difflib"})])
def test_settings_diff_and_status_import_no_rule(watch: Watch, line: str, never: set[str]) -> None:
    watch(*line.split())
    seen = watch(*line.split())
    assert not {name for name in own(seen) if name.startswith(("rules.", "core.predict", "secrets.vault"))}
    assert not own(seen) & {"facts.gateways", "facts.client_options", "facts.fields", "core.managed"}
    assert not seen.modules & (LIBRARIES | EXPENSIVE - HMAC | {"tomllib", "typing", "datetime"} | never)
    assert line != "status" or "functools" not in seen.modules
    assert not seen.processes


@pytest.mark.parametrize("line", ["explain", "check", "--version", "env --shell sh"])
def test_facts_of_this_machine_cost_one_look_where_there_are_none(watch: Watch, isolated: Path, line: str) -> None:
    seen = watch(*line.split())
    assert not own(seen) & {"core.bundle", "core.learn", "world.sshsig"}
    assert not [path for path in seen.opened if "share/cgw" in path]
    assert not (isolated / ".local/share/cgw").exists()


def test_a_bundle_is_verified_once_and_not_by_env_or_a_helper(watch: Watch, isolated: Path) -> None:
    folder = isolated / ".local/share/cgw/facts"
    folder.mkdir(parents=True)
    folder.joinpath("bundle.json").write_text("{}")
    folder.joinpath("bundle.json").chmod(0o600)
    assert "core.bundle" in own(watch("explain")), "it is looked for"
    assert not watch("explain").modules & LIBRARIES
    assert not watch("env", "--shell", "sh").reads(folder / "bundle.json")


def test_a_cold_vault_read_does_without_hvac(watch: Watch) -> None:
    """It is for logins that need more than a token; importing it is a quarter of a cold helper's time."""
    vault = {"VAULT_ADDR": "http://127.0.0.1:9", "VAULT_TOKEN": "t-0123456789"}
    watch("init", "v", "--provider", "unified", "--gateway-url", "http://127.0.0.1:4000", "--auth", "helper",
          "--secret", "vault://secret/llm#key")  # fmt: skip
    watch("helper", "install", "v", **vault)
    seen = watch("helper", "run", "v", codes=(69,), ANTHROPIC_BASE_URL="http://127.0.0.1:4000", **vault)
    assert "http.client" in seen.modules, "it did try"
    assert not seen.modules & (LIBRARIES | {"json", "hashlib", "_hashlib"})
    assert not seen.processes


def test_settings_diff_of_a_judged_profile_does_without_pydantic(watch: Watch, isolated: Path) -> None:
    watch("settings", "diff")
    seen = watch("settings", "diff")
    assert seen.code == 1, "there is something to apply"
    assert not seen.modules & (LIBRARIES | EXPENSIVE - HMAC | {"subprocess", "shutil"})
    assert seen.reads(isolated / ".config/cgw/profiles/work.toml") == 1
    assert seen.reads(isolated / ".claude/settings.json") == 1
    assert not seen.processes


def test_settings_diff_of_an_applied_profile_compares_nothing(watch: Watch) -> None:
    watch("settings", "apply")
    watch("settings", "diff")
    seen = watch("settings", "diff")
    assert seen.code == 0
    assert not seen.modules & (LIBRARIES | EXPENSIVE - HMAC | {"difflib", "re", "enum", "shlex", "json", "typing"})


def test_a_warm_helper_run_imports_no_source_of_secrets(watch: Watch, isolated: Path) -> None:
    key = isolated / "key"
    key.write_text("sk-gateway-0123456789\n")
    key.chmod(0o600)
    watch("init", "h", "--provider", "unified", "--gateway-url", "http://127.0.0.1:4000",
          "--auth", "helper", "--secret", f"file://{key}")  # fmt: skip
    watch("helper", "install", "h")
    client = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}
    watch("helper", "run", "h", **client)
    for mark in (isolated / ".cache/cgw/helper-h").glob("asked.*"):
        mark.unlink()  # another client asks
    seen = watch("helper", "run", "h", **client)
    assert not seen.modules & NOT_AT_ALL
    assert "secrets" not in own(seen)
    assert seen.reads(key) == 0
    assert not seen.processes


def test_a_helper_reads_settings_that_spell_a_name_with_escapes(watch: Watch, isolated: Path) -> None:
    """What the guard does not parse, for speed, cannot matter to it."""
    from claude_gw_cli.core.errors import RefusedError
    from claude_gw_cli.helper import guard
    from claude_gw_cli.helper.runtime import load

    watch("init", "h", "--provider", "unified", "--gateway-url", "http://127.0.0.1:4000",
          "--auth", "helper", "--secret", "env://GATEWAY_KEY")  # fmt: skip
    watch("helper", "install", "h")
    env = {"HOME": str(isolated), "ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}
    spec = load("h", env)
    guard.check(spec, env, "/")
    escaped = '{"env": {"\\u0041NTHROPIC_BASE_URL": "http://evil.example"}}'
    for data in (escaped.encode(), escaped.encode("utf-16"), escaped.replace("\\u0041", "A").encode()):
        (isolated / ".claude/settings.json").write_bytes(data)
        with pytest.raises(RefusedError, match=r"evil\.example"):
            guard.check(spec, env, "/")
