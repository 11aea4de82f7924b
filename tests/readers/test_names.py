"""Which formats a file's name allows, and the quick look before one is read: cheap, and the same for every order."""

from __future__ import annotations

from itertools import permutations

import pytest

from claude_gw_cli import readers
from claude_gw_cli.core.patterns import lazy

# (name, folder) -> the formats, where the folder matters.
PLACED = {
    ("ci.yml", "x/.github/workflows"): "GitHub workflow",
    ("ci.yml", "x/.circleci"): "CircleCI configuration",
    ("ci.yml", "x\\.buildkite"): "Buildkite pipeline",
    ("10-gateway.conf", "x/environment.d"): "environment.d file",
}
ANYWHERE = {
    "Dockerfile.dev": "Dockerfile", "GNUmakefile": "Makefile", ".env.local": "env file", ".bashrc": "shell script",
    "config.toml": "mise.toml", "docker-compose.yaml": "Compose file", "deploy": "fish script", "a.json.bak":
    "JSON file with variables", "JENKINSFILE": "Jenkinsfile",
}  # fmt: skip


def titles(name: str, folder: str) -> set[str]:
    return {row.title for row in readers.by_name(name, folder)}


def test_a_folder_counts_whichever_was_asked_for_first() -> None:
    for order in permutations([*PLACED, ("ci.yml", "src"), ("10-gateway.conf", "etc")]):
        readers._found.clear()
        for name, folder in order:
            own = {PLACED[name, folder]} if (name, folder) in PLACED else set()
            others = {title for (other, _), title in PLACED.items() if other == name} - own
            if name == "ci.yml":
                others.discard("GitHub workflow")  # its text can make it one anywhere
            assert own <= titles(name, folder)
            assert not others & titles(name, folder)


@pytest.mark.parametrize("name", ANYWHERE)
def test_a_name_is_enough(name: str) -> None:
    assert ANYWHERE[name] in titles(name, "a")
    assert ANYWHERE[name] in titles(name, "b"), "and the second time"


def test_no_pattern_is_made_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making fifteen of them for each file was two thirds of the time of a tree."""
    made: list[str] = []

    def noted(text: str, *flags: int) -> object:
        made.append(text)
        return lazy(text, *flags)

    monkeypatch.setattr(readers, "lazy", noted)
    for name in [*ANYWHERE, *(name for name, _ in PLACED), "unheard of", "a.md"]:
        titles(name, "a")
    assert not made


def test_a_tree_of_ever_new_names_takes_no_more_memory() -> None:
    found = [len(readers._found) for number in range(2500) if titles(f"{number}.sh", "a")]
    assert len(found) == 2500
    assert max(found) <= 1000


@pytest.mark.parametrize("mark", readers.MARKS)
def test_no_mark_is_ruled_out_by_the_quick_look(mark: bytes) -> None:
    assert any(part in mark for part in readers.IN_MARKS)
