"""A provider is one paragraph of facts/providers.txt and its rows of headers: shown with one that does not exist."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from claude_gw_cli.facts.providers import TABLE

SRC = Path(__file__).parents[2] / "src" / "claude_gw_cli"
COMMON = {"ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "anthropic", "gateway"}
"""Words that mean other things as well."""
WORDS = {
    word
    for row in TABLE
    for word in (row.name, row.flag, row.skip, row.base, row.resource, row.workspace, *row.clears)
    if word and word not in COMMON
}
ABOUT_ONE = {
    "rules/base_urls.py": 7,
    "rules/credentials.py": 18,
    "rules/destinations.py": 4,
    "rules/headers.py": 1,
    "rules/keys.py": 2,
    "rules/modes.py": 15,
    "rules/versions.py": 2,
}
"""Rules that are about one provider: how often they name one. Never raise a number."""

MADE_UP = """
import sys
from claude_gw_cli.facts import headers, providers
from claude_gw_cli.facts.providers import Carrier, Mode, Provider

row = Provider(
    "nimbus", "Nimbus", rank=0,
    flag="CLAUDE_CODE_USE_NIMBUS", skip="CLAUDE_CODE_SKIP_NIMBUS_AUTH", base="ANTHROPIC_NIMBUS_BASE_URL",
    cloud="https://nimbus.example", own_host=".nimbus.example",
    situations=("skip", "aws-keys"), fields=(("region", "NIMBUS_REGION", "moon-1"),),
    clears=("ANTHROPIC_NIMBUS_API_KEY",),
    required=(("NIMBUS_REGION", "API Error: no region"),),
    modes=(
        Mode("nimbus", "Nimbus, the gateway holds the credential", "/nimbus",
             (("authorization", Carrier("ANTHROPIC_AUTH_TOKEN", helper=True)),)),
        Mode("nimbus", "Nimbus, this machine holds the credential", "/nimbus", credentials="client",
             default_header="x-litellm-api-key", taken=("authorization",)),
    ),
)
providers.TABLE += (row,)
providers.PROVIDERS = (row, *providers.PROVIDERS)
providers.BY_NAME["nimbus"] = row
headers.ROWS = (
    headers.Row("nimbus", "skip", "authorization", ("token", "helper", "custom")),
    headers.Row("nimbus", "aws-keys", "authorization", ("sigv4",)),
    *headers.ROWS,
)
"""
DEMO = """
from claude_gw_cli.core.model import Profile
from claude_gw_cli.facts.versions import NEWEST
from claude_gw_cli.world.predicted_client import as_predicted
from claude_gw_cli.world.profile_run import run_profile
for holder in ("proxy", "client"):
    outcome = run_profile(Profile("p", "nimbus", credentials=holder), "settings", as_predicted(NEWEST))
    print(outcome.answered, outcome.request.path, outcome.reason)
"""


def literals(path: Path) -> Iterator[str]:
    """Every text of a file but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    comments = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in comments:
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def named() -> dict[str, int]:
    """File outside of facts -> how many of its literals name a provider or a variable of one."""
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, WORDS))})(?![\w-])")
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        name = path.relative_to(SRC).as_posix()
        count = sum(bool(pattern.search(text)) for text in literals(path))
        if count and not name.startswith("facts/"):
            found[name] = count
    return found


def test_no_file_names_a_provider_but_facts_and_rules_about_one() -> None:
    found = named()
    more = {name: count for name, count in found.items() if count > ABOUT_ONE.get(name, 0)}
    assert not more, "say it in the provider's row of facts/providers.py"
    assert found == ABOUT_ONE, "fewer than listed: lower the number"


def made_up(code: str, folder: Path) -> str:
    """Run code in a process that knows one more provider, in an empty home."""
    env = {"PATH": os.defpath, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "K": "sk-test-123456"}
    done = subprocess.run(
        [sys.executable, "-c", MADE_UP + code], env=env, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def cgw(folder: Path, *words: str) -> str:
    return made_up(f"from claude_gw_cli.__main__ import run\nsys.exit(run({list(words)!r}))", folder)


def test_a_new_provider_is_a_row(tmp_path: Path) -> None:
    cgw(
        tmp_path,
        "init",
        "--provider",
        "nimbus",
        "--gateway-url",
        "https://gw.example",
        "--secret",
        "env://K",
        "--yes",
    )
    printed = cgw(tmp_path, "env", "--shell", "sh", "--reveal")
    for line in (
        "export ANTHROPIC_NIMBUS_BASE_URL='https://gw.example/nimbus'",
        "export CLAUDE_CODE_USE_NIMBUS=1",
        "export CLAUDE_CODE_SKIP_NIMBUS_AUTH=1",
        "export NIMBUS_REGION='moon-1'",
        "export ANTHROPIC_AUTH_TOKEN='sk-test-123456'",
        "unset ANTHROPIC_NIMBUS_API_KEY",
        "unset CLAUDE_CODE_USE_BEDROCK",
    ):
        assert line.replace("'", "") in printed.replace("'", ""), printed
    explained = json.loads(cgw(tmp_path, "explain", "--profile", "nimbus", "--format", "json"))
    assert explained["provider"] == "nimbus"
    assert explained["request"]["url"].startswith("https://gw.example/nimbus/v1/messages")
    assert explained["headers"]["authorization"]["source"]["name"] == "ANTHROPIC_AUTH_TOKEN"
    assert "nimbus" in cgw(tmp_path, "init", "--help")


def test_its_requests_are_answered_on_this_machine(tmp_path: Path) -> None:
    printed = made_up(DEMO, tmp_path).splitlines()
    assert [line.split()[:2] for line in printed] == [["True", "/nimbus/v1/messages?beta=true"]] * 2
