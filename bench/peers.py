"""Other tools on the same machine, in the same run, at the same work. Each is installed in a place of its own.

One row of ``PEERS`` is one tool: how it is installed, what prepares it, and the command that does each kind of work.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import growth
from house import GATEWAY, KEY, PARTS, House
from tables import FASTEST, Table, with_earlier
from timing import Row

_SECONDS = 300
# The work, and the command of cgw that does it.
WORK = {
    "print a profile's environment": ("env", "--shell", "bash"),
    "list the profiles": ("profile", "list"),
    "print the version": ("--version",),
    "check a settings file": ("check", "settings.json"),
}
ENVIRONMENT, LIST, VERSION, CHECK = WORK


@dataclass(frozen=True)
class Tree:
    """A tree of files that linters check; others than cgw get as many files of the kind that they are for."""

    kind: str
    plant: Callable[[Path, int], None]
    files: int
    workspaces: str
    """Where the packages are, for a linter that finds settings in the packages of a workspace only."""
    target: float | None = None
    """Times what ruff takes, at most, by wall clock: both work in several processes or threads."""
    ahead: float | None = None
    """What claude-code-lint takes, at least, as a multiple of cgw."""

    @property
    def name(self) -> str:
        return self.kind.replace(" ", "-")


TREES = (
    Tree("a repository", growth.plant_repository, 20_000, "group-*/part-*", target=3, ahead=20),
    Tree("settings files", growth.plant, 2_000, "group-*/project-*"),
)


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
        return PARTS / "bench" / self.package.rsplit("/", 1)[-1].partition("@")[0]

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


LINT = Peer(
    "claude-code-lint@0.5.0",
    "claudelint",
    {CHECK: ("validate-settings", "--path", "settings.json")},
    kind="npm",
)
RUFF = Peer("ruff", "ruff", {})
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
    LINT,
    Peer("agentkeyswitch", "agswitch", {LIST: ("list",)}),
    Peer("company-ai", "company-ai", {VERSION: ("--version",)}),
    Peer("third-option", "third-option", {VERSION: ("--version",)}),
    Peer("@kaitranntt/ccs", "ccs", {VERSION: ("--version",)}, kind="npm"),
    Peer("@musistudio/claude-code-router", "ccr", {ENVIRONMENT: ("activate",), VERSION: ("version",)}, kind="npm"),
    Peer(
        "litellm", "lite", {VERSION: ("--version",)}, also=("litellm[cli]", "inquirerpy", "filelock", "rich", "click")
    ),
)


def tables(house: House, before: House | None, commit: str) -> Iterator[Table]:
    """For each kind of work: cgw, then every tool that installs here and can do it; then the trees."""
    home = house.folder / "peers-home"
    home.mkdir(exist_ok=True)  # there since the run before
    env = {"HOME": str(home), "PATH": _search(), "ANTHROPIC_AUTH_TOKEN": KEY}
    ready = []
    for peer in PEERS:
        if not peer.install():
            print(f"{peer.package} does not install here", file=sys.stderr)
            continue
        for words in peer.prepare:
            _succeeds([str(peer.path), *words], env, house.work)
        ready.append(peer)
    for title, own in WORK.items():
        rows = [
            Row("python -c pass", [str(house.bin / "python"), "-c", "pass"], house.env),
            Row("cgw " + " ".join(own), [str(house.bin / "cgw"), *own], house.env, codes=(0, 1), peer=FASTEST),
        ]
        for peer in ready:
            command = [str(peer.path), *peer.work.get(title, ())]
            if title not in peer.work:
                continue
            if _succeeds(command, env, house.work):
                rows.append(Row(" ".join([peer.program, *peer.work[title]]), command, env, codes=(0, 1)))
            else:
                print(f"{peer.package} is installed and cannot: {' '.join(peer.work[title])}", file=sys.stderr)
        yield Table(f"Other tools: {title}", rows, rounds=3)
    for tree in TREES:
        if RUFF.install():
            rows = list(_tree_rows(tree, house, env))
            if before:
                rows = with_earlier(rows, list(_tree_rows(tree, before, env)), commit)
            yield Table(f"Check a tree of {tree.files:,} files: {tree.kind}", rows, clock="wall", rounds=3)


def _tree_rows(tree: Tree, house: House, env: Mapping[str, str]) -> Iterator[Row]:
    """Ruff on Python files of the same size and place, cgw, and claude-code-lint.

    The last one reads the settings of the folder where it starts, and of the packages of a workspace if told to:
    the root's package.json names them.
    """
    folder = house.work / tree.name
    python = house.work / f"{tree.name}-python"
    if not folder.exists():
        tree.plant(folder, tree.files)
        _python_files(python, folder)
        (folder / "package.json").write_text(json.dumps({"private": True, "workspaces": [tree.workspaces]}))
    check = ("check", "--quiet", "--no-cache", "--isolated", str(python))
    yield Row(f"ruff check, as many Python files ({tree.kind})", [str(RUFF.path), *check], env)
    name = f"claudelint check-all --workspaces ({tree.kind})"
    command = [str(house.bin / "cgw"), "check", str(folder)]
    why = "the walk, and a look into each file whose name may matter, in Python"
    own = Row(f"cgw check ({tree.kind})", command, house.env, target=tree.target, codes=(0, 1), peer=name, why=why)
    yield replace(own, limit=tree.target, ahead=tree.ahead)
    if LINT.install():
        words = ["check-all", "--workspaces", "--no-cache", "--no-config", "--allow-empty-input"]
        inside = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder), str(LINT.path), *words]
        yield Row(name, inside, env, codes=(0, 1, 2))


def _search() -> str:
    node = shutil.which("node")
    return f"{Path(node).parent}:/usr/bin:/bin" if node else "/usr/bin:/bin"


def _succeeds(command: list[str], env: Mapping[str, str], cwd: Path) -> bool:
    try:
        done = subprocess.run(
            command, env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode in (0, 1)


def _python_files(folder: Path, like: Path) -> None:
    """A Python file beside each file of a tree, of about its size: functions, and what is left as a comment."""
    work = "def work_{0}(value: int) -> int:\n    return value + {0}\n\n\n"
    for path in like.rglob("*"):
        if not path.is_file():
            continue
        size, text = path.stat().st_size, ""
        while len(text) + 60 < size:
            text += work.format(len(text))
        target = folder / path.relative_to(like).with_name(f"{path.name.strip('.').replace('.', '_')}.py")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + "#" * max(size - len(text) - 1, 1) + "\n")
