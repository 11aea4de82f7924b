"""Many at once, killed while they start, with other clocks, and two versions of cgw in one home."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.faults.homes import Home, make_home
from tests.faults.lines import KEY, SETTINGS, Line

from claude_gw_cli.core import expiry
from claude_gw_cli.helper import cache, runtime
from claude_gw_cli.helper.spec import Spec

pytestmark = pytest.mark.real

SOAK = bool(os.environ.get("CGW_SOAK"))
SEED = int(os.environ.get("CGW_SEED", "1"))
_SPEC = importlib.util.spec_from_file_location("openbao", Path(__file__).parent.parent / "real" / "openbao.py")
assert _SPEC is not None
assert _SPEC.loader is not None
openbao: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["openbao"] = openbao
_SPEC.loader.exec_module(openbao)


def test_many_writers_and_a_foreign_one_lose_nothing(tmp_path: Path) -> None:
    """A client replaces the file as a whole and takes no lock. (One that writes in place loses to any rename.)"""
    home = make_home(tmp_path / "home", Line(""))
    file = home.path / SETTINGS
    lines = ("settings apply --profile work", "settings apply --profile helped", "settings undo --force")
    count, lost, written = 50 if SOAK else 20, 0, 0
    with ThreadPoolExecutor(count) as pool:
        runs = [pool.submit(home.run, lines[number % 3]) for number in range(count)]
        while not all(run.done() for run in runs):
            document = json.loads(file.read_text())
            lost += document.get("counter", 0) < written
            written += 1
            replacement = file.with_name("foreign")
            replacement.write_text(json.dumps(document | {"counter": written}))
            replacement.rename(file)
            time.sleep(0.02)
        ended = [run.result() for run in runs]
    document = json.loads(file.read_text())
    print(f"\n{count} writers, {written} foreign writes, {lost} lost, exits {sorted(item.code for item in ended)}")
    # The foreign one may put back what it read before a change of cgw's; then cgw refuses to overwrite that. An undo
    # that comes before the first change has nothing to undo.
    reasons = ("differ from what cgw set", "no record of changes")
    refused = [item for item in ended if item.code == 1 and any(reason in item.err for reason in reasons)]
    assert {item.code for item in ended if item not in refused} <= {0, 75}, ended
    assert lost == 0
    assert document["counter"] == written
    assert document["theme"] == "dark"
    assert home.run("settings undo --force").code == 0
    assert json.loads(file.read_text())["env"]["MINE"] == "1"
    assert not [path for path in home.tree() if ".cgw-" in path]


def test_a_cold_helper_that_is_killed_leaves_the_next_one_working(tmp_path: Path, bao: Path) -> None:
    """At a random moment, against a real server; the script, its Python and the lock with them."""
    server = tmp_path / "bao"
    server.mkdir()
    home = make_home(tmp_path / "home", Line(""))
    moments, kills, rounds = random.Random(SEED), 0, 500 if SOAK else 12
    with openbao.development(bao, server) as real:
        profile = home.path / ".config/cgw/profiles/vault.toml"
        profile.write_text(
            'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nauth = "helper"\n'
            f'secret = "vault://secret/llm#key"\n[vault]\naddress = "{real.url}"\n'
        )
        profile.chmod(0o600)
        env = home.env() | {"VAULT_TOKEN": openbao.ROOT}
        command = [sys.executable, "-m", "claude_gw_cli", "helper", "install", "vault"]
        subprocess.run(command, env=env, cwd=home.path, check=True, capture_output=True)
        script = home.path / ".config/cgw/helpers/vault"
        took = time.monotonic()
        assert (
            subprocess.run([script], env=env, capture_output=True, text=True, check=True).stdout.strip()
            == openbao.KEY
        )
        took = time.monotonic() - took
        for number in range(rounds):
            for name in ("value", "failed"):
                (home.path / ".cache/cgw/helper-vault" / name).unlink(missing_ok=True)
            started = subprocess.Popen(
                [script], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
            time.sleep(moments.uniform(0, took))
            try:
                os.killpg(started.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was faster
            started.communicate()
            kills += started.returncode == -signal.SIGKILL
            done = subprocess.run([script], env=env, capture_output=True, text=True, timeout=15, check=False)
            assert (done.returncode, done.stdout.strip()) == (0, openbao.KEY), (number, SEED, done.stderr)
    print(f"\n{rounds} cold starts, {kills} killed, each followed by one that worked")
    assert kills


CLOCKS = {"an hour behind": -3600, "an hour ahead": 3600, "1970": None, "2038": 2**31 + 5}
_WITH_CLOCK = """
import sys, time
real, first, offset = time.time, time.time(), float(sys.argv.pop(1))
time.time = lambda: real() - first + offset if abs(offset) > 1e6 else real() + offset
from claude_gw_cli.__main__ import main
main()
"""


def at_clock(home: Home, offset: float, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _WITH_CLOCK, str(offset), *words]
    return subprocess.run(
        command, env=home.env(), cwd=home.path, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("then", CLOCKS)
@pytest.mark.parametrize("first", [0.0, 3600.0])
def test_a_clock_that_steps_keeps_the_key(first: float, then: str, tmp_path: Path) -> None:
    """A key without an end does not depend on the wall clock; records and backups work with any date."""
    home = make_home(tmp_path / "home", Line("", ("helper install kept",)))
    offset = 1000.0 if then == "1970" else float(CLOCKS[then] or 0)
    for clock in (first, offset, first):
        done = at_clock(home, clock, "helper", "run", "kept")
        assert (done.returncode, done.stdout.strip()) == (0, KEY), done.stderr
    before = (home.path / SETTINGS).read_bytes()
    for clock, words in ((first, "settings apply --profile work"), (offset, "settings undo"), (offset, "status")):
        done = at_clock(home, clock, *words.split())
        assert done.returncode == 0, done.stderr
    assert (home.path / SETTINGS).read_bytes() == before


@pytest.mark.parametrize(
    "lifetime", [1.5, 2, 29, 30, 31, 59, 60, 61, 239, 240, 299, 300, 301, 330, 3600, 86_400, 1e9]
)
@pytest.mark.parametrize("ttl", [0.0, 1.0, 60.0, 300.0, 3600.0])
def test_no_window_ends_after_the_key(lifetime: float, ttl: float) -> None:
    """Fresh before advisory before the end; a fresh key has at least half its life, or the TTL, left."""
    spec = Spec(name="x", reference="env://K", ttl="300", hold="3600")
    now = cache.now()
    fresh, advisory = runtime._windows(spec, time.time() + lifetime, ttl)
    end = now + lifetime
    assert fresh <= advisory <= end + 1
    assert end - fresh >= min(ttl, lifetime / 2) - 1
    assert expiry.skew(lifetime) >= end - advisory - 2
    assert expiry.fitting_ttl(lifetime) <= max(lifetime, 1.0)


BOTH = (
    "status",
    "settings status",
    "profile list",
    "profile show work",
    "helper list",
    "check",
    "env --profile work",
)


def test_two_versions_share_a_home(older: Path, tmp_path: Path) -> None:
    """The older one's record, helper, cache and profiles serve the newer one, and the newer one's the older."""
    home = make_home(tmp_path / "home", Line(""))
    before = (home.path / SETTINGS).read_bytes()

    def old(words: str) -> subprocess.CompletedProcess[str]:
        command = [str(older), *home.argv(words)]
        return subprocess.run(
            command, env=home.env(), cwd=home.path, capture_output=True, text=True, timeout=120, check=False
        )

    def good(ended: Any) -> None:
        code, err = getattr(ended, "code", None), getattr(ended, "err", "") or getattr(ended, "stderr", "")
        code = ended.returncode if code is None else code
        assert code in {0, 1}, err
        assert "Traceback" not in err
        assert "internal error" not in err

    for words in ("helper install kept", "helper run kept", "settings apply --profile kept"):
        good(old(words))
    for words in (
        *BOTH,
        "settings apply --profile kept",
        "helper run kept",
        "helper install kept",
        "helper run kept",
    ):
        good(home.run(words))
    assert old("helper run kept").stdout.strip() == KEY, "the newer one's helper, by the older one"
    assert home.run("settings undo").code == 0
    assert (home.path / SETTINGS).read_bytes() == before
    good(home.run("settings apply --profile work"))
    for words in ("status", "profile list", "helper list", "settings status", "env --profile work"):
        ended = old(words)
        assert ended.returncode in {0, 1, 2}
        assert "Traceback" not in ended.stderr
        assert "internal error" not in ended.stderr
    assert old("settings undo").returncode == 0
    assert (home.path / SETTINGS).read_bytes() == before
    good(home.run("uninstall --yes --force"))
