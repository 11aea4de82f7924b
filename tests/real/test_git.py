"""The real git, asked about hostile repositories: it runs nothing of theirs, and what it cannot tell means no key."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import RefusedError
from claude_gw_cli.world.git import exposed, listed, tracked
from claude_gw_cli.world.secret_placement import check_secret_may_be_written
from claude_gw_cli.world.settings import Place

pytestmark = pytest.mark.real


def test_asking_git_runs_nothing_that_the_repository_configures(tmp_path: Path) -> None:
    """A sparse index whose trees are missing makes git fetch them, with a program that the repository names."""

    def git(*words: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        done = subprocess.run(["git", *identity, *words], cwd=work, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    work, ran = tmp_path / "work", tmp_path / "ran"
    for name in ("kept/a.json", "left-out/b.json"):
        (work / name).parent.mkdir(parents=True)
        (work / name).write_text("{}")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    git("sparse-checkout", "set", "--cone", "--sparse-index", "kept")
    tree = git("rev-parse", "HEAD:left-out")
    for name, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(work)),
        ("remote.origin.uploadpack", f"touch {ran}; false"),
        ("core.fsmonitor", f"touch {ran}; false"),
    ):
        git("config", name, value)
    ran.unlink(missing_ok=True)
    (work / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    subprocess.run(["git", "ls-files"], cwd=work, capture_output=True, check=False)
    assert ran.exists(), "git itself would run it"
    ran.unlink()
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    listed(str(work), ("*.json",), env)
    tracked(str(work / "left-out" / "b.json"), env)
    exposed(str(work / "left-out" / "b.json"), env)
    assert not ran.exists()


def test_files_of_a_repository_are_not_taken_for_a_repository(tmp_path: Path) -> None:
    """What a repository tracks can look like a bare repository, with rules of its own about what is ignored."""
    bare = tmp_path / "bare"
    for name in ("objects", "refs", "info"):
        (bare / name).mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (bare / "HEAD").write_text("ref: refs/heads/main\n")
    (bare / "config").write_text(f"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = {bare}\n")
    (bare / "info" / "exclude").write_text("*\n")
    path = str(bare / "settings.local.json")
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    with pytest.raises(RefusedError):
        check_secret_may_be_written(Place("local", path, path), env)
