"""Other tools on the same machine, in the same run, at the same work. Each is installed in a place of its own.

One row of ``PEERS`` is one tool: how it is installed, what prepares it, and the command that does each kind of work.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import growth
from house import GATEWAY, KEY, PARTS, House
from timing import Row

_SECONDS = 300
# The work, and the command of cgw that does it.
WORK = {
    "print a profile's environment": ("env", "--shell", "bash"),
    "list the profiles": ("profile", "list"),
    "print the version": ("--version",),
    "check a settings file": ("check", "settings.json"),
    "check a tree of 2,000 settings files (others: of as many files of their kind and that size)": ("check", "tree"),
}
ENVIRONMENT, LIST, VERSION, CHECK, TREE = WORK
_FILES = 2_000


@dataclass(frozen=True)
class Peer:
    """A tool: ``kind`` is pip or npm; an npm tool runs under the node on PATH."""

    package: str
    program: str
    work: Mapping[str, tuple[str, ...]]
    kind: str = "pip"
    prepare: tuple[tuple[str, ...], ...] = field(default=())
    also: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return PARTS / "bench" / self.package.rsplit("/", 1)[-1]

    @property
    def path(self) -> Path:
        return self.folder / ("bin" if self.kind == "pip" else "node_modules/.bin") / self.program

    def install(self) -> bool:
        """Install it unless it is there; False when that fails."""
        if self.path.exists():
            return True
        try:
            if self.kind == "pip":
                venv.create(self.folder, with_pip=True)
                command = [str(self.folder / "bin/python"), "-m", "pip", "install", "-q", self.package, *self.also]
            else:
                command = [
                    "npm",
                    "install",
                    "--silent",
                    "--prefix",
                    str(self.folder),
                    "--ignore-scripts",
                    "--no-audit",
                ]
                command.append(self.package)
            subprocess.run(command, check=True, timeout=_SECONDS, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            return False
        return self.path.exists()


PEERS = (
    Peer(
        "ccpkit",
        "ccpkit",
        {ENVIRONMENT: ("env", "--shell", "bash", "gw"), LIST: ("list",), VERSION: ("--version",)},
        prepare=(("add", "gw", "--claude-base", GATEWAY, "--claude-key", KEY),),
    ),
    Peer(
        "ccm-cli",
        "ccm",
        {ENVIRONMENT: ("env", "gw"), LIST: ("list",)},
        prepare=(("add", "gw", "--url", GATEWAY, "--key", KEY, "--model", "opus"),),
    ),
    Peer(
        "claude-provider-switcher", "claude-provider-switcher", {LIST: ("profile", "list"), VERSION: ("--version",)}
    ),
    Peer("claude-code-lint", "claudelint", {CHECK: ("validate-settings", "--path", "settings.json")}, kind="npm"),
    Peer("ruff", "ruff", {TREE: ("check", "--quiet", "--no-cache", "--isolated", "python")}),
    Peer("agentkeyswitch", "agswitch", {LIST: ("list",)}),
    Peer("company-ai", "company-ai", {VERSION: ("--version",)}),
    Peer("third-option", "third-option", {VERSION: ("--version",)}),
    Peer("@kaitranntt/ccs", "ccs", {VERSION: ("--version",)}, kind="npm"),
    Peer("@musistudio/claude-code-router", "ccr", {ENVIRONMENT: ("activate",), VERSION: ("version",)}, kind="npm"),
    Peer(
        "litellm", "lite", {VERSION: ("--version",)}, also=("litellm[cli]", "inquirerpy", "filelock", "rich", "click")
    ),
)


def tables(house: House) -> Iterator[tuple[str, list[Row]]]:
    """For each kind of work: cgw first, then every tool that installs here and can do it."""
    home = house.folder / "peers-home"
    home.mkdir()
    node = shutil.which("node")
    search = f"{Path(node).parent}:/usr/bin:/bin" if node else "/usr/bin:/bin"
    env = {"HOME": str(home), "PATH": search, "ANTHROPIC_AUTH_TOKEN": KEY}
    ready = []
    for peer in PEERS:
        if not peer.install():
            print(f"{peer.package} does not install here", file=sys.stderr)
            continue
        for words in peer.prepare:
            _succeeds([str(peer.path), *words], env, house.work)
        ready.append(peer)
    growth.plant(house.work / "tree", _FILES)
    _python_files(house.work / "python", house.work / "tree")
    for title, own in WORK.items():
        rows = [Row("cgw " + " ".join(own), [str(house.bin / "cgw"), *own], house.env, codes=(0, 1))]
        for peer in ready:
            command = [str(peer.path), *peer.work.get(title, ())]
            if title not in peer.work:
                continue
            if _succeeds(command, env, house.work):
                rows.append(Row(" ".join([peer.program, *peer.work[title]]), command, env, codes=(0, 1)))
            else:
                print(f"{peer.package} is installed and cannot: {' '.join(peer.work[title])}", file=sys.stderr)
        yield f"Other tools: {title}", rows


def _succeeds(command: list[str], env: Mapping[str, str], cwd: Path) -> bool:
    try:
        done = subprocess.run(
            command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode in (0, 1)


def _python_files(folder: Path, like: Path) -> None:
    """As many Python files as a tree has settings files, each of about the size of one."""
    folder.mkdir()
    for number, path in enumerate(sorted(like.rglob("settings.json"))):
        lines = [f"def work_{line}(value: int) -> int:\n    return value + {line}\n" for line in range(99)]
        text = "\n\n".join(lines)[: path.stat().st_size]
        (folder / f"module_{number}.py").write_text(text.rpartition("\n\n\n")[0] + "\n")
