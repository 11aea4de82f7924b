"""A literal key is written only where nobody else would read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_gw_cli.core.errors import RefusedError
from claude_gw_cli.world.secret_placement import check_secret_may_be_written
from claude_gw_cli.world.settings import Place


@pytest.fixture
def fake_git(tmp_path: Path) -> dict[str, str]:
    """git as it answers, from a table: the real one is used in tests/real."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git"
    program.write_text(
        "#!/bin/sh\nfor word; do case $word in ls-files|check-ignore) verb=$word;; esac; last=$word; done\n"
        'read -r answer < "$HOME/answers/$verb" 2>/dev/null || answer=128\nexit "$answer"\n'
    )
    program.chmod(0o755)
    return {"HOME": str(tmp_path), "PATH": f".:bin:{folder}:/usr/bin:/bin"}


@pytest.mark.parametrize(
    ("scope", "tracked", "ignored", "refused"),
    [
        ("user", 128, 128, "does not say"),
        ("user", 0, 1, "git tracks"),
        ("user", 1, 1, "does not say"),
        ("user", 1, 0, ""),
        ("local", 1, 0, ""),
        ("local", 1, 1, "does not say"),
        ("local", 0, 0, "git tracks"),
        ("local", 128, 128, "does not say"),
        ("project", 128, 128, "project settings"),
        ("managed", 128, 128, ""),
        ("managed", 0, 1, "git tracks"),
    ],
)
def test_a_key_goes_only_where_nobody_else_reads_it(
    tmp_path: Path, fake_git: dict[str, str], scope: str, tracked: int, ignored: int, refused: str
) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "ls-files").write_text(f"{tracked}\n")
    (tmp_path / "answers" / "check-ignore").write_text(f"{ignored}\n")
    path = str(tmp_path / "x" / "settings.json")
    where = Place(scope, path, path)  # type: ignore[arg-type]
    if refused:
        with pytest.raises(RefusedError, match=refused):
            check_secret_may_be_written(where, fake_git)
    else:
        check_secret_may_be_written(where, fake_git)


def test_without_git_nothing_is_tracked(tmp_path: Path) -> None:
    path = str(tmp_path / "settings.json")
    check_secret_may_be_written(Place("local", path, path), {"PATH": ".", "HOME": str(tmp_path)})
