"""The real client and `cgw doctor` side by side behind real programs: what fails there is explained here."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.core.diagnosis import Verdict
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Plan, Profile
from claude_gw_cli.core.plan import make_plan
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.facts.fronts import drops, named
from claude_gw_cli.world.loopback.gateway import ANSWER
from claude_gw_cli.world.probe.gateway import Gateway
from claude_gw_cli.world.probe.schedule import Probe, Schedule

pytestmark = pytest.mark.real

_SPEC = importlib.util.spec_from_file_location("fronts_lab", Path(__file__).with_name("fronts_lab.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
lab = importlib.util.module_from_spec(_SPEC)
sys.modules["fronts_lab"] = lab
_SPEC.loader.exec_module(lab)

CLIENT = "2.1.330"
Env = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="module")
def programs(front_parts: tuple[Path, Path]) -> Any:
    return lab.Programs(*front_parts)


@pytest.fixture(scope="module")
def fronts(programs: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Every front before one gateway: name -> URL."""
    folder = tmp_path_factory.mktemp("fronts")
    with lab.LiteLLM() as gateway, contextlib.ExitStack() as stack:
        more = {"nginx": "client_max_body_size 40m;"}
        yield {
            name: stack.enter_context(programs.running(name, gateway.url, folder / name, more.get(name, "")))
            for name in lab.NAMES
        }


def plan_of(url: str, provider: str, header: str, **changes: Any) -> Plan:
    more = {"bedrock": {"region": "us-east-1"}, "vertex": {"project_id": "p", "region": "us-east5"}}
    profile = Profile("p", provider, url, secret="env://K", key_header=header, **more.get(provider, {}), **changes)
    return make_plan(profile)


def ask_client(program: Path, env: dict[str, str], plan: Plan, key: str, home: Path, prompt: str = "hi") -> str:
    """What the client prints."""
    home.mkdir()
    started = {**env, **{item.name: item.fill(key) for item in plan.sets}, "HOME": str(home)}
    done = subprocess.run(
        [program, "-p"], env=started, cwd=home, input=prompt, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def ask_doctor(plan: Plan, env: dict[str, str], key: str, *, live: bool = False) -> dict[str, Verdict]:
    gateway = Gateway(Grant("typed"), plan, env, (), CLIENT)
    secret = Probe("secret", "Secret store", lambda _: Verdict("ok", value=Secret(key)))
    rows = Schedule([secret, *gateway.probes(live=live)], 40.0).run()
    return {row.id: row.verdict for row in rows if row.verdict}


def failures(found: dict[str, Verdict]) -> dict[str, str]:
    return {name: verdict.cause for name, verdict in found.items() if verdict.status == "fail"}


def test_every_key_header_behind_every_front(
    fronts: dict[str, str], client: Callable[[str], Path], clean_env: Env, tmp_path: Path
) -> None:
    cases = [(f, p, h) for f in fronts for p in ("unified", "bedrock", "vertex") for h in lab.HEADERS]
    program, env = client(CLIENT), clean_env(tmp_path)

    def run(case: tuple[str, str, str]) -> tuple[bool, dict[str, str], str]:
        front, provider, header = case
        plan = plan_of(fronts[front], provider, header)
        found = failures(ask_doctor(plan, env, lab.KEY))
        # The client starts slowly. With each header once, and with each provider where the doctor finds something.
        if provider != "unified" and not found:
            return True, found, ""
        said = ask_client(program, env, plan, lab.KEY, tmp_path / "-".join(case))
        return ANSWER in said, found, said.strip()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(cases, pool.map(run, cases), strict=True))
    for (front, provider, header), (answered, found, said) in results.items():
        about = f"{front}, {provider}, {header}: {said[:200]} | {found}"
        assert answered is not drops(named(front), header), about
        if answered:
            assert found == {}, about
            continue
        assert list(found) == ["gateway.key"], about
        cause = found["gateway.key"]
        assert f"removes the header {header}" in cause, about
        assert "accepts the key in x-litellm-api-key" in cause, about
        # Traefik leaves no trace in an answer: there it is one of those that are listed.
        assert named(front).title in cause, about
