"""`cgw settings` under real faults: killed or refused at every system call, full and read-only disks, mounts, git.

The faults are injected by strace and made with namespaces; nothing is simulated inside cgw.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

KEY = "cgw-canary-5150-faults"
OLD = b'{\r\n\t"theme": "dark",\r\n\t"env": {"ANTHROPIC_BASE_URL": "http://mine", "n": 1.0}\r\n}'
CALLS = ("write", "fsync", "rename", "renameat", "renameat2", "unlink", "unlinkat", "ftruncate")


def needed(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is needed for this test"
    return found


@dataclass(frozen=True)
class Ended:
    code: int
    err: str


@dataclass(frozen=True)
class Home:
    """A HOME with a profile and a settings file."""

    path: Path

    @property
    def file(self) -> Path:
        return self.path / ".claude" / "settings.json"

    @property
    def env(self) -> dict[str, str]:
        return {"HOME": str(self.path), "PATH": "/usr/bin:/bin", "MY_KEY": KEY, "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *argv: str, before: tuple[str, ...] = ()) -> Ended:
        command = [*before, sys.executable, "-m", "claude_gw_cli", *argv]
        done = subprocess.run(command, env=self.env, cwd=self.path, capture_output=True, text=True, check=False)
        assert KEY not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return Ended(done.returncode, done.stderr)

    def inside(self, script: str) -> Ended:
        """Run a shell script as root of a namespace of its own, where it may mount; ``$CGW`` is the command."""
        env = {**self.env, "CGW": f"{sys.executable} -m claude_gw_cli"}
        command = [needed("unshare"), "-Urm", "sh", "-euc", script]
        done = subprocess.run(command, env=env, cwd=self.path, capture_output=True, text=True, check=False)
        assert KEY not in done.stderr
        assert "Traceback" not in done.stderr
        return Ended(done.returncode, done.stdout + done.stderr)

    def temporaries(self) -> list[str]:
        return [str(item.relative_to(self.path)) for item in self.path.rglob("*.cgw-*")]


def make_home(path: Path, data: bytes = OLD) -> Home:
    home = Home(path)
    profile = path / ".config" / "cgw" / "profiles" / "work.toml"
    profile.parent.mkdir(parents=True)
    profile.write_text(
        'provider = "unified"\ngateway_url = "http://127.0.0.1:4000"\nsecret = "env://MY_KEY"\n', encoding="utf-8"
    )
    home.file.parent.mkdir()
    home.file.write_bytes(data)
    return home


APPLY = ("settings", "apply", "--write-secret")


def calls_of(tmp_path: Path, *argv: str) -> Counter[str]:
    """How often each system call is made by a run without faults."""
    home = make_home(tmp_path / "counting")
    if argv[1] == "undo":
        assert home.run(*APPLY).code == 0
    log = tmp_path / "log"
    ended = home.run(*argv, before=(needed("strace"), "-f", "-qq", "-o", str(log), "-e", f"trace={','.join(CALLS)}"))
    assert ended.code == 0, ended.err
    return Counter(re.findall(rf"({'|'.join(CALLS)})\(", log.read_text()))


@pytest.mark.parametrize("command", ["apply", "undo"])
@pytest.mark.parametrize("fault", ["signal=KILL", "error=ENOSPC", "error=EIO"])
def test_every_system_call_may_fail_or_be_the_last(tmp_path: Path, command: str, fault: str) -> None:
    argv = APPLY if command == "apply" else ("settings", "undo")
    counts = calls_of(tmp_path, *argv)
    assert counts["write"] > 1
    assert counts["fsync"] > 1
    assert sum(counts[name] for name in CALLS if name.startswith("rename")) >= 1
    whole = make_home(tmp_path / "whole")
    assert whole.run(*APPLY).code == 0
    new = whole.file.read_bytes()

    def inject(case: tuple[str, int]) -> tuple[str, int, str]:
        name, number = case
        home = make_home(tmp_path / f"{name}-{number}")
        if command == "undo":
            assert home.run(*APPLY).code == 0
        strace = (needed("strace"), "-f", "-qq", "-o", os.devnull, "-e", f"trace={name}")
        ended = home.run(*argv, before=(*strace, "-e", f"inject={name}:{fault}:when={number}"))
        found = home.file.read_bytes()
        where = f"{name} {number}: {ended}"
        assert found in {OLD, new}, where
        if "KILL" not in fault:
            assert ended.code in {0, 74}, where
            if ended.code == 74:
                assert ended.err.count("cgw: error: ") == 1, where
                assert str(home.path) in ended.err, where
            if not name.startswith("unlink"):
                assert home.temporaries() == [], where
        # The next run understands what the last one left, and everything can still be taken back.
        assert home.run(*APPLY).code == 0, where
        assert home.file.read_bytes() == new, where
        assert home.run("settings", "undo").code == 0, where
        assert home.file.read_bytes() == OLD, where
        return name, ended.code, "old" if found == OLD else "new"

    cases = [(name, number) for name, count in sorted(counts.items()) for number in range(1, count + 1)]
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        outcomes = Counter(pool.map(inject, cases))
    print(f"\n{command} with {fault}: {len(cases)} faults")
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome[0]:<10} exit {outcome[1]:>3}  {outcome[2]} bytes  x{count}")
    assert {outcome[2] for outcome in outcomes} == {"old", "new"}
    if "KILL" not in fault:
        assert any(outcome[1] == 74 for outcome in outcomes)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    ended = home.inside(
        'mount -t tmpfs -o size=64k none "$HOME/.claude"\n'
        'printf \'{"note": "%040000d"}\' 0 > "$HOME/.claude/settings.json"\n'
        'cp "$HOME/.claude/settings.json" "$HOME/before"\n'
        '$CGW settings apply || echo "exit $?"\n'
        'cmp "$HOME/before" "$HOME/.claude/settings.json" && ls -A "$HOME/.claude"'
    )
    assert ended.code == 0, ended.err
    assert "exit 74" in ended.err
    assert f"cannot write {home.file}: No space left on device" in ended.err
    assert "exit 74\nsettings.json\n" in ended.err  # nothing else is left in the directory


def test_a_read_only_file_system_is_named_by_its_real_path(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    (home.path / "store").mkdir()
    home.file.rename(home.path / "store" / "real.json")
    home.file.symlink_to("../store/real.json")
    ended = home.inside(
        'mount --bind "$HOME/store" "$HOME/store"\nmount -o remount,bind,ro "$HOME/store"\n'
        '$CGW settings apply || echo "exit $?"'
    )
    assert "exit 74" in ended.err
    assert f"{home.path}/store/real.json: Read-only file system" in ended.err
    assert home.file.read_bytes() == OLD
    assert home.run("settings", "status").code == 0


def test_a_directory_that_may_not_be_written_is_exit_77(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    home.file.parent.chmod(0o555)
    # Root may write anywhere by a capability; without it root meets the mode bits like everybody else.
    become: tuple[str, ...] = (needed("setpriv"), "--bounding-set=-dac_override", "--inh-caps=-dac_override")
    become = become if os.geteuid() == 0 else ()
    ended = home.run("settings", "apply", before=become)
    assert ended.code == 77, ended.err
    assert str(home.file) in ended.err
    assert home.file.read_bytes() == OLD
    assert home.temporaries() == []


def test_a_bind_mounted_file_is_written_in_place_and_given_back(tmp_path: Path) -> None:
    """Docker mounts single files; a rename over one fails with EBUSY."""
    home = make_home(tmp_path / "home")
    (home.path / "outside.json").write_bytes(OLD)
    ended = home.inside(
        'mount --bind "$HOME/outside.json" "$HOME/.claude/settings.json"\n'
        "$CGW settings apply --write-secret\n"
        'cp "$HOME/outside.json" "$HOME/applied"\nls -A "$HOME/.claude"\n$CGW settings undo'
    )
    assert ended.code == 0, ended.err
    assert "was written in place, because it is a separate mount point" in ended.err
    assert json.loads((home.path / "applied").read_bytes())["env"]["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert (home.path / "outside.json").read_bytes() == OLD
    assert home.temporaries() == []


def test_a_link_to_another_file_system_stays_a_link(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    (home.path / "other").mkdir()
    ended = home.inside(
        'mount -t tmpfs none "$HOME/other"\nmv "$HOME/.claude/settings.json" "$HOME/other/real.json"\n'
        'ln -s hop "$HOME/.claude/settings.json"\nln -s ../other/real.json "$HOME/.claude/hop"\n'
        "$CGW settings apply\n"
        'readlink "$HOME/.claude/settings.json" "$HOME/.claude/hop"\nls -A "$HOME/other"\n'
        'grep -c 127.0.0.1:4000 "$HOME/other/real.json"\n$CGW settings undo\ncp "$HOME/other/real.json" "$HOME/end"'
    )
    assert ended.code == 0, ended.err
    assert "hop\n../other/real.json\nreal.json\n1\n" in ended.err
    assert (home.path / "end").read_bytes() == OLD


def test_twenty_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    with ThreadPoolExecutor(20) as pool:
        ended = list(pool.map(lambda _: home.run(*APPLY), range(20)))
    assert [item.code for item in ended] == [0] * 20
    data = json.loads(home.file.read_bytes())
    assert (data["theme"], data["env"]["n"], data["env"]["ANTHROPIC_AUTH_TOKEN"]) == ("dark", 1.0, KEY)
    assert home.run("settings", "undo").code == 0
    assert home.file.read_bytes() == OLD


def test_git_is_asked_before_a_key_is_written(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    project = home.path / "project"
    (project / ".claude").mkdir(parents=True)

    def git(*argv: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run([needed("git"), *identity, *argv], cwd=project, env=home.env, check=True, capture_output=True)

    def apply() -> Ended:
        command = [sys.executable, "-m", "claude_gw_cli", *APPLY, "--scope", "local"]
        done = subprocess.run(command, cwd=project, env=home.env, capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stderr)

    git("init", "-q")
    # A repository may configure programs to run; asking it about a file must not start them.
    git("config", "core.fsmonitor", "touch fsmonitor-ran; false")
    assert apply().code == 77
    (project / ".gitignore").write_text(".claude/settings.local.json\n")
    assert apply().code == 0
    assert not (project / "fsmonitor-ran").exists()
    git("config", "--unset", "core.fsmonitor")
    git("add", "-f", ".claude/settings.local.json")
    refused = apply()
    assert refused.code == 77
    assert "git tracks" in refused.err


def test_fifty_megabytes_take_a_bounded_time(tmp_path: Path) -> None:
    """A file that no person writes, but a program might; the bound is generous for a busy machine."""
    item = b'    {"k": "some text", "n": 1.50},\n'
    data = b'{\n  "list": [\n' + item * (50_000_000 // len(item)) + b"    0\n  ]\n}\n"
    home = make_home(tmp_path / "home", data)
    start = time.monotonic()
    assert home.run("settings", "apply").code == 0
    assert home.run("settings", "undo").code == 0
    print(f"\n{len(data)} bytes applied and undone in {time.monotonic() - start:.0f} s")
    assert time.monotonic() - start < 300
    assert home.file.read_bytes() == data
