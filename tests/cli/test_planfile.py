"""The compiled plan of ``cgw env`` is used while nothing changed, and made stale in every way we could think of."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli import prepare
from claude_gw_cli.world import paths, planfile

SETTINGS = {"env": {"ANTHROPIC_BASE_URL": "http://elsewhere.example"}}


@dataclass
class House:
    """A home with one profile, a working directory inside a repository, and how often plans were computed."""

    home: Path
    work: Path
    managed: Path
    cgw: Callable[..., Any]
    patch: pytest.MonkeyPatch
    computed: int = 0

    @property
    def profile(self) -> Path:
        return self.home / ".config/cgw/profiles/work.toml"

    @property
    def plans(self) -> list[Path]:
        return sorted((self.home / ".cache/cgw/plans").iterdir())

    def env(self) -> tuple[str, str]:
        """What ``cgw env`` says: stdout and stderr."""
        answer = self.cgw("env", "--shell", "sh")
        return answer.out, answer.err

    def is_kept(self) -> bool:
        """True when a second run answers without computing."""
        self.env()
        before = self.computed
        self.env()
        return self.computed == before

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def settings(self, path: Path) -> None:
        self.write(path, json.dumps(SETTINGS))


@pytest.fixture
def house(cgw: Callable[..., Any], isolated: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(planfile, "_SETTLED_SECONDS", float("-inf"))  # else every test would wait for a second
    managed = isolated / "managed"
    monkeypatch.setattr(paths, "managed_dir", lambda *_: str(managed))
    made = House(isolated, work, managed, cgw, monkeypatch)
    compute = prepare._fresh

    def counted(*args: Any, **named: Any) -> Any:
        made.computed += 1
        return compute(*args, **named)

    monkeypatch.setattr(prepare, "_fresh", counted)
    monkeypatch.setenv("GATEWAY_KEY", "sk-gateway-0123456789")
    monkeypatch.setenv("CGW_TRUST_REPOSITORY", "1")
    (work / ".git").mkdir()
    cgw(
        "init",
        "work",
        "--provider",
        "unified",
        "--gateway-url",
        "http://one.example",
        "--secret",
        "env://GATEWAY_KEY",
    )
    (managed / "managed-settings.d").mkdir(parents=True)
    return made


def edited(house: House) -> None:
    house.profile.write_text(house.profile.read_text().replace("http://one.example", "http://two.example/longer"))


def replaced_with_the_same_size_and_time(house: House) -> None:
    status = house.profile.stat()
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    other = house.profile.with_name("other.tmp")
    other.write_text(text)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(house.profile)
    assert (house.profile.stat().st_size, house.profile.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)


def edited_in_place_with_the_same_size_and_time(house: House) -> None:
    status = house.profile.stat()
    time.sleep(0.02)  # the file system's clock ticks every few milliseconds; the settling second covers this in life
    with house.profile.open("r+") as file:
        text = file.read().replace("http://one.example", "http://two.example")
        file.seek(0)
        file.write(text)
    os.utime(house.profile, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (house.profile.stat().st_ino, house.profile.stat().st_size) == (status.st_ino, status.st_size)


def touched_back_in_time(house: House) -> None:
    edited(house)
    os.utime(house.profile, (0, 0))


def retargeted_link(house: House) -> None:
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    house.write(house.home / "elsewhere.toml", text)
    house.profile.unlink()
    house.profile.symlink_to(house.home / "elsewhere.toml")


def another_profile_chosen(house: House) -> None:
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    house.write(house.profile.with_name("b.toml"), text.replace('"work"', '"b"'))
    house.write(house.home / ".config/cgw/default", "b\n")


def another_profile_by_variable(house: House) -> None:
    another_profile_chosen(house)
    (house.home / ".config/cgw/default").unlink()
    house.patch.setenv("CGW_PROFILE", "b")


def profile_of_the_repository(house: House) -> None:
    house.write(
        house.work / "cgw.toml", house.profile.read_text().replace("http://one.example", "http://two.example")
    )


def profile_of_the_repository_above(house: House) -> None:
    (house.work.parent / ".git").mkdir()
    (house.work / ".git").rmdir()
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    house.write(house.work.parent / "cgw.toml", text)


def user_settings_appear(house: House) -> None:
    house.settings(house.home / ".claude/settings.json")


def project_settings_appear(house: House) -> None:
    house.settings(house.work / ".claude/settings.json")


def local_settings_appear(house: House) -> None:
    house.settings(house.work / ".claude/settings.local.json")


def managed_settings_appear(house: House) -> None:
    house.settings(house.managed / "managed-settings.json")


def drop_in_appears(house: House) -> None:
    house.settings(house.managed / "managed-settings.d/10-it.json")


def client_file_gets_variables(house: House) -> None:
    house.settings(house.home / ".claude.json")


def other_client_directory(house: House) -> None:
    house.settings(house.home / "other/settings.json")
    house.patch.setenv("CLAUDE_CONFIG_DIR", str(house.home / "other"))


def other_config_directory(house: House) -> None:
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    house.write(house.home / "xdg/cgw/profiles/work.toml", text)
    house.patch.setenv("XDG_CONFIG_HOME", str(house.home / "xdg"))


def other_home(house: House) -> None:
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    house.write(house.home / "b/.config/cgw/profiles/work.toml", text)
    house.patch.setenv("XDG_CACHE_HOME", str(house.home / ".cache"))
    house.patch.setenv("HOME", str(house.home / "b"))


def other_directory(house: House) -> None:
    house.settings(house.work / "below/.claude/settings.json")
    house.patch.chdir(house.work / "below")


CHANGES = [
    edited,
    replaced_with_the_same_size_and_time,
    edited_in_place_with_the_same_size_and_time,
    touched_back_in_time,
    retargeted_link,
    another_profile_chosen,
    another_profile_by_variable,
    profile_of_the_repository,
    profile_of_the_repository_above,
    user_settings_appear,
    project_settings_appear,
    local_settings_appear,
    managed_settings_appear,
    drop_in_appears,
    client_file_gets_variables,
    other_client_directory,
    other_config_directory,
    other_home,
    other_directory,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_is_seen_at_once(house: House, change: Callable[[House], None]) -> None:
    before = house.env()
    assert house.is_kept()
    change(house)
    after = house.env()
    assert after != before
    assert house.is_kept()
    assert house.env() == after


SETTINGS_FILES = [
    ".claude/settings.json",
    "managed/managed-settings.json",
    "managed/managed-settings.d/10-it.json",
    ".claude.json",
]


@pytest.mark.parametrize("name", SETTINGS_FILES)
def test_a_settings_file_that_changes_or_goes_is_seen(house: House, name: str) -> None:
    without = house.env()
    house.settings(house.home / name)
    conflicting = house.env()
    assert "http://elsewhere" not in conflicting[1]
    assert "sets ANTHROPIC_BASE_URL" in conflicting[1]
    assert house.is_kept()
    house.write(house.home / name, json.dumps({"env": {"ANTHROPIC_BASE_URL": "http://one.example"}}))
    assert house.env() == without
    assert house.is_kept()
    (house.home / name).unlink()
    assert house.env() == without
    house.settings(house.home / name)
    assert house.env() == conflicting


def test_what_the_client_writes_at_every_start_does_not_matter(house: House) -> None:
    house.write(house.home / ".claude.json", '{"numStartups": 1}')
    assert house.is_kept()
    before = house.computed
    house.write(house.home / ".claude.json", '{"numStartups": 2}')
    house.env()
    assert house.computed == before


def test_a_second_profile_makes_the_choice_open(house: House) -> None:
    assert house.is_kept()
    house.write(house.profile.with_name("b.toml"), house.profile.read_text())
    assert house.cgw("env", "--shell", "sh", fails=2).out == ""


def test_a_profile_that_is_gone_is_gone(house: House) -> None:
    assert house.is_kept()
    house.profile.unlink()
    assert house.cgw("env", "--shell", "sh", fails=2).out == ""


def test_a_repository_that_appears_above_is_seen(house: House) -> None:
    (house.work / ".git").rmdir()
    text = house.profile.read_text().replace("http://one.example", "http://two.example")
    house.write(house.work.parent / "cgw.toml", text)
    assert "one.example" in house.env()[0], "outside a repository, parents are not searched"
    assert house.is_kept()
    (house.work.parent / ".git").mkdir()
    assert "two.example" in house.env()[0]


def test_a_plan_does_not_outlive_trust(house: House) -> None:
    house.patch.delenv("CGW_TRUST_REPOSITORY")
    profile_of_the_repository(house)
    before = house.computed
    house.cgw("env", "--shell", "sh", fails=77)
    house.cgw("profile", "trust", "--yes")
    assert house.is_kept()
    assert "two.example" in house.env()[0]
    assert "you trust" in house.env()[1], "a kept plan still says whose profile it is"
    text = (house.work / "cgw.toml").read_text()
    house.write(house.work / "cgw.toml", text + "\n# one more line\n")
    house.cgw("env", "--shell", "sh", fails=77)
    house.write(house.work / "cgw.toml", text)
    house.env()
    house.cgw("profile", "deny")
    assert house.cgw("env", "--shell", "sh", fails=77).out == ""
    assert house.computed > before
    (house.home / ".config/cgw/trusted").unlink()
    house.patch.setenv("CGW_TRUST_REPOSITORY", "1")
    assert house.is_kept()
    house.patch.delenv("CGW_TRUST_REPOSITORY")
    assert house.cgw("env", "--shell", "sh", fails=77).out == ""


def test_another_version_of_cgw_computes_anew(house: House) -> None:
    assert house.is_kept()
    before = house.computed
    house.patch.setattr(planfile, "_FORMAT", "cgw plan 2 9.9.9")
    house.env()
    assert house.computed > before
    assert "__version__" in (Path(planfile.__file__).read_text())


def test_another_question_gets_its_own_answer(house: House) -> None:
    assert house.is_kept()
    before = house.computed
    house.cgw("env", "--shell", "sh", "--resolve")
    assert house.computed > before
    assert len(house.plans) == 2


def test_the_key_is_never_kept(house: House) -> None:
    assert "sk-gateway-0123456789" in house.env()[0]
    assert "sk-gateway" not in house.plans[0].read_text()
    house.patch.setenv("GATEWAY_KEY", "sk-another-0123456789")
    before = house.computed
    assert "sk-another-0123456789" in house.env()[0]
    assert house.computed == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + '\n[headers]\nx-api-key = "k9Qw7ZtR4mXc2LpVb8Nd"\n',
        lambda text: text + '\n[headers]\nx-team = "sk-ant-api03-k9Qw7ZtR4mXc2LpVb8Nd"\n',
        lambda text: text + '\n[env]\nHTTPS_PROXY = "http://me:k9Qw7ZtR4mXc2LpVb8Nd@proxy.example"\n',
        lambda text: text.replace("one.example", "one.example/sk-k9Qw7ZtR4mXc2LpVb8Nd"),
    ],
    ids=["header", "form", "proxy", "address"],
)
def test_a_key_in_the_profile_itself_gets_into_no_other_file(house: House, change: Callable[[str], str]) -> None:
    house.profile.write_text(change(house.profile.read_text()))
    out, _ = house.env()
    assert "k9Qw7ZtR4mXc2LpVb8Nd" in out
    left = [path for path in house.home.rglob("*") if path.is_file() and path != house.profile]
    assert not [path for path in left if b"k9Qw7ZtR4mXc2LpVb8Nd" in path.read_bytes()]


def test_every_kind_of_damage_is_noticed(house: House) -> None:
    expected = house.env()
    plan = house.plans[0]
    whole = plan.read_bytes()
    step = max(1, len(whole) // 30)
    damaged = [whole[:end] for end in range(0, len(whole), step)]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), step)]
    damaged += [b"\xff" + whole, whole + b"\n", whole + whole, b"\0" * 100]
    for data in damaged:
        plan.write_bytes(data)
        before = house.computed
        assert house.env() == expected
        assert house.computed > before


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_plan_that_others_could_have_written_or_read_is_not_used(house: House, mode: int) -> None:
    expected = house.env()
    house.plans[0].chmod(mode)
    before = house.computed
    assert house.env() == expected
    assert house.computed > before
    assert house.plans[0].stat().st_mode & 0o777 == 0o600, "written anew"


def test_a_plan_of_another_user_is_not_used(house: House) -> None:
    assert house.is_kept()
    before = house.computed
    house.patch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    house.env()
    assert house.computed > before


def test_a_directory_that_cannot_be_written_costs_only_time(house: House) -> None:
    house.write(house.home / ".cache/cgw", "a file is in the way")
    first = house.env()
    assert not house.is_kept()
    assert house.env() == first


def test_a_file_that_has_just_changed_is_not_trusted_yet(house: House) -> None:
    house.patch.setattr(planfile, "_SETTLED_SECONDS", 3600.0)
    assert not house.is_kept()


def test_a_file_that_changes_during_the_look_is_not_kept(house: House) -> None:
    house.settings(house.home / ".claude/settings.json")
    compute = prepare._fresh

    def slow(*args: Any, **named: Any) -> Any:
        answer = compute(*args, **named)
        (house.home / ".claude/settings.json").unlink(missing_ok=True)
        return answer

    house.patch.setattr(prepare, "_fresh", slow)
    house.env()
    house.patch.setattr(prepare, "_fresh", compute)
    assert "sets ANTHROPIC_BASE_URL" not in house.env()[1]


@pytest.mark.parametrize("mark", [".git", ".hg", ".svn"])
def test_a_plan_of_a_profile_by_path_does_not_outlive_a_work_tree_around_it(house: House, mark: str) -> None:
    house.patch.delenv("CGW_TRUST_REPOSITORY")
    (house.work / ".git").rmdir()
    mine = house.work / "mine.toml"
    house.write(mine, house.profile.read_text())
    asked = ("env", "--shell", "sh", "--profile", "./mine.toml")
    house.cgw(*asked)
    before = house.computed
    house.cgw(*asked)
    assert house.computed == before, "the plan is kept"
    (house.work.parent / mark).mkdir()
    house.cgw(*asked, fails=77)
