"""A helper over a counting source: a small program whose answer, delay and failure a test can change."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper.cache import Cache
from claude_gw_cli.helper.install import install
from claude_gw_cli.helper.installed import InstalledHelper
from claude_gw_cli.helper.runtime import load, open_cache
from claude_gw_cli.helper.spec import Spec

GATEWAY = "http://127.0.0.1:4000"


@dataclass
class Source:
    """The program and its controls."""

    folder: Path

    def set(self, value: str, *, seconds: float = 0, status: int = 0, complaint: str = "") -> None:
        (self.folder / "source").write_text(
            f"#!/bin/sh\necho x >> {self.folder}/calls\nsleep {seconds}\n"
            f"printf '%s\\n' '{complaint}' >&2\nprintf '%s\\n' '{value}'\nexit {status}\n"
        )
        (self.folder / "source").chmod(0o700)

    @property
    def calls(self) -> int:
        path = self.folder / "calls"
        return len(path.read_text().splitlines()) if path.exists() else 0


@dataclass
class Bench:
    """An installed helper and its source."""

    source: Source
    helper: InstalledHelper
    env: dict[str, str]
    cwd: str

    @property
    def spec(self) -> Spec:
        return load(self.helper.name, self.env)

    @property
    def cache(self) -> Cache:
        cache = open_cache(self.spec, self.env)
        assert cache is not None
        return cache

    def start(self, **more: str) -> subprocess.Popen[str]:
        """One client's question: the helper under a parent process of its own, as each client is."""
        client = "import os, sys; sys.exit(os.spawnv(os.P_WAIT, '/bin/sh', ['sh', '-c', sys.argv[1]]))"
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", client, self.helper.command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.cwd,
            env=self.env | more,
        )

    def ask(self, **more: str) -> tuple[str, int, str]:
        """stdout, exit code, stderr."""
        process = self.start(**more)
        out, err = process.communicate(timeout=60)
        return out, process.returncode, err

    def rewind(self, seconds: int) -> None:
        """Let the cached value be that much older."""
        entry = self.cache.load()
        assert entry is not None
        self.cache.store(entry.value, entry.fresh - seconds, entry.advisory - seconds, entry.quiet - seconds, entry)


@pytest.fixture
def bench(tmp_path: Path, isolated: Path) -> Callable[..., Bench]:
    def make(**tables: dict[str, object]) -> Bench:
        source = Source(tmp_path)
        source.set("sk-first-0123456789")
        work = tmp_path / "work"
        work.mkdir()
        env = {"HOME": str(isolated), "PATH": os.environ["PATH"]}
        profile = Profile(
            name="work",
            provider="unified",
            gateway_url=GATEWAY,
            auth="helper",
            secret=f"exec:{tmp_path}/source",
            tables=tables,
        )
        helper = install(profile, env, Grant("own"))
        assert stat.S_IMODE(os.stat(helper.path).st_mode) == 0o700
        return Bench(source, helper, env, str(work))

    return make
