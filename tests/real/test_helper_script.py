"""The helper script in real shells: clean, one answer everywhere, no process on the warm path, no key in argv."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper.install import install
from claude_gw_cli.world.paths import config_dir

pytestmark = pytest.mark.real
CANARY = "cgw-canary-0c9d41-0123456789"
SHELLS = (["dash"], ["busybox", "sh"], ["ksh"], ["bash"], ["bash", "--posix"], ["zsh", "--emulate", "sh"])
Find = Callable[[str], str]


class Bench:
    def __init__(self, home: Path, provider: str = "unified", **env: str) -> None:
        self.home = home
        self.source = home / "source"
        self.source.write_text(f"#!/bin/sh\necho {CANARY}\n")
        self.source.chmod(0o700)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(home), **env}
        (home / 'it\'s a "dir"').mkdir()
        profile = Profile(
            name="work",
            provider=provider,
            gateway_url="http://127.0.0.1:4000",
            secret=f"exec:{self.source}",
        )
        self.env["XDG_CONFIG_HOME"] = str(home / 'it\'s a "dir"')
        self.script = install(profile, self.env, Grant("own")).path
        assert self.script.startswith(config_dir(self.env))

    def run(self, *shell: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [*shell, self.script]
        return subprocess.run(command, capture_output=True, text=True, env=self.env | env, cwd=self.home, check=False)

    def traced(self, strace: str, *shell: str) -> str:
        trace = self.home / "trace"
        command = [strace, "-f", "-s", "100000", "-e", "trace=execve", "-o", str(trace), *shell, self.script]
        subprocess.run(command, capture_output=True, env=self.env, cwd=self.home, check=True)
        return trace.read_text()


@pytest.mark.parametrize("provider", ["unified", "bedrock", "vertex"])
def test_shellcheck_has_nothing_to_say(tmp_path: Path, program: Find, provider: str) -> None:
    done = subprocess.run(
        [program("shellcheck"), Bench(tmp_path, provider).script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_every_shell_gives_the_same_answer_without_starting_a_process(
    tmp_path: Path, program: Find, shell: list[str]
) -> None:
    bench = Bench(tmp_path)
    command = [program(shell[0]), *shell[1:]]
    for _ in range(3):
        done = bench.run(*command)
        assert (done.stdout, done.returncode, done.stderr) == (CANARY + "\n", 0, "")
    trace = bench.traced(program("strace"), *command)
    assert len(re.findall(r"execve\(", trace)) == 1
    elsewhere = bench.run(*command, ANTHROPIC_BASE_URL="http://127.0.0.1:1")
    assert (elsewhere.stdout, elsewhere.returncode) == ("", 77)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_provider_with_a_switch_of_its_own(tmp_path: Path, program: Find, shell: list[str]) -> None:
    bench = Bench(tmp_path, "bedrock")
    command = [program(shell[0]), *shell[1:]]
    own = {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}
    url = "ANTHROPIC_BEDROCK_BASE_URL"
    for _ in range(3):
        assert bench.run(*command, **own, **{url: "http://127.0.0.1:4000/bedrock"}).stdout == CANARY + "\n"
    for wrong in (
        {**own, url: "http://127.0.0.1:1/bedrock"},
        own,
        {**own, url: "http://127.0.0.1:4000", "CLAUDE_CODE_USE_VERTEX": "1"},
        {"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"},
    ):
        done = bench.run(*command, **wrong)
        assert (done.stdout, done.returncode) == ("", 77), wrong


def test_no_key_is_in_any_argument_when_it_is_fetched(tmp_path: Path, program: Find) -> None:
    bench = Bench(tmp_path)
    trace = bench.traced(program("strace"), program("dash"))
    assert str(bench.source) in trace
    assert CANARY not in trace


def test_time_that_passes_ends_a_cached_value(tmp_path: Path, program: Find) -> None:
    """A time namespace moves the clock that counts since boot; the wall clock does not matter."""
    bench = Bench(tmp_path)
    for _ in range(3):
        bench.run(program("dash"))
    bench.source.write_text("#!/bin/sh\necho sk-later-0123456789\n")
    later = [program("unshare"), "--time", "--boottime", "4000", "--fork", program("dash")]
    done = bench.run(*later)
    assert done.stdout == "sk-later-0123456789\n", done.stderr
