"""`cgw settings status` against the profile: this machine, and a tree of homes as an administrator sees it."""

from __future__ import annotations

import getpass
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.cli.inventory import states
from claude_gw_cli.record import replace
from claude_gw_cli.world import homes

Cgw = Callable[..., Any]
HOMES = 500
KINDS = (
    "in-sync", "changed-by-user", "outdated-profile", "foreign-edit", "helper-changed", "trust-changed",
)  # fmt: skip


def profiles_of(home: Path) -> Path:
    return home / ".config" / "cgw" / "profiles"


def settings_of(home: Path) -> Path:
    return home / ".claude" / "settings.json"


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, indent=2))


def drift(kind: str, home: Path) -> None:
    """Make one home drift in one way."""
    profile = profiles_of(home) / "team.toml"
    if kind == "changed-by-user":
        edit(settings_of(home), lambda found: found["env"].update(ANTHROPIC_BASE_URL="https://elsewhere.example.com"))
    elif kind == "outdated-profile":
        profile.write_text(profile.read_text() + '[models]\nopus = "team-opus"\n')
    elif kind == "foreign-edit":
        edit(settings_of(home), lambda found: found["env"].update(HTTPS_PROXY="http://proxy.example.com:3128"))
    elif kind == "helper-changed":
        script = home / ".config" / "cgw" / "helpers" / "team"
        script.write_text(script.read_text().replace("#!/bin/sh", "#!/bin/sh\n:"))
    elif kind == "trust-changed":
        repository = home / "src" / "app" / "cgw.toml"
        repository.write_text(repository.read_text() + "# another line\n")


@pytest.fixture
def home(cgw: Cgw, isolated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a team's profile, its helper, and a repository's profile that is trusted."""
    monkeypatch.setenv("TEAM_KEY", "cgw-canary-5512-abcdef")
    cgw("init", "team", "--provider", "unified", "--gateway-url", "https://llm.example.com", "--auth", "helper",
        "--secret", "env://TEAM_KEY", "--yes")  # fmt: skip
    cgw("settings", "apply", "--profile", "team")
    repository = isolated / "src" / "app"
    (repository / ".git").mkdir(parents=True)
    (repository / "cgw.toml").write_text('provider = "unified"\ngateway_url = "https://app.example.com"\n')
    monkeypatch.chdir(repository)
    cgw("profile", "trust", "--yes")
    cgw("settings", "apply", "--scope", "local")
    monkeypatch.chdir(isolated)
    return isolated


def machine(cgw: Cgw, *words: str, fails: int = 0) -> dict[str, Any]:
    found = cgw("settings", "status", *words, "--format", "json", fails=fails)
    assert found.out.count("\n") == 1 or "--tree" in words, "one line a machine"
    document: dict[str, Any] = json.loads(found.out)
    return document


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_here_and_the_command_that_is_named_mends_it(cgw: Cgw, home: Path, kind: str) -> None:
    drift(kind, home)
    fails = int(kind != "in-sync")
    found = machine(cgw, fails=fails)
    assert (found["state"], found["drift"]) == (kind, kind != "in-sync")
    assert [file["scope"] for file in found["files"]] == ["user", "local"], "wherever the files are"
    assert found["user"] == getpass.getuser(), "also without USER in the environment"
    shown = cgw("settings", "status", fails=fails)
    assert kind.replace("-", " ").replace("by user", "by the user") in shown.out
    assert "canary" not in shown.out + shown.err
    for line in shown.err.splitlines():
        command = line.partition(": cgw ")[2].split()
        cgw(*command, *(["--yes"] if "trust" in command else []))
    assert machine(cgw)["state"] == "in-sync"


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        ("in-sync", "ok", ""),
        ("changed-by-user", "changed", "(profile team, changed since)\n"),
        ("outdated-profile", "outdated", "(profile team, outdated)\n"),
        ("foreign-edit", "changed", "changed since)\n          /env/HTTPS_PROXY was set beside cgw's\n"),
        (
            "helper-changed",
            "changed",
            "          the helper ~/.config/cgw/helpers/team was changed since it was installed\n",
        ),
    ],
)
def test_the_screen_shows_what_drifted_and_the_command_that_mends_it(
    cgw: Cgw, home: Path, kind: str, state: str, said: str
) -> None:
    drift(kind, home)
    screen = cgw("status", "--format", "json").out
    found = json.loads(screen)
    assert [item["state"] for item in found["applied"] if item["scope"] == "user"] == [state]
    shown = cgw("status").out
    assert said in shown
    assert shown.count("was changed since it was installed") == (kind == "helper-changed")
    if kind == "helper-changed":
        cgw(*found["next"].split()[1:])
        assert json.loads(cgw("status", "--format", "json").out)["applied"][0]["state"] == "ok"


def test_a_helpers_spec_that_was_edited_is_a_changed_helper(cgw: Cgw, home: Path) -> None:
    spec = home / ".config" / "cgw" / "helpers" / "team.spec"
    spec.write_text(spec.read_text().replace("reference env://TEAM_KEY", "reference env://OTHER_KEY"))
    assert machine(cgw, "--scope", "user", fails=1)["files"][0]["states"] == ["helper-changed"]
    cgw("helper", "install", "team")
    assert machine(cgw, "--scope", "user")["state"] == "in-sync"


def test_a_persons_own_edit_is_named_and_is_not_drift(cgw: Cgw, home: Path) -> None:
    edit(settings_of(home), lambda found: found.update(theme="dark"))
    found = machine(cgw, "--scope", "user")
    assert (found["state"], found["drift"], found["files"][0]["other_edits"]) == ("foreign-edit", False, ["/theme"])


def test_the_profile_counts_and_not_what_was_written_once(cgw: Cgw, home: Path) -> None:
    profile = profiles_of(home) / "team.toml"
    text = profile.read_text()
    profile.write_text(text.replace("llm.example.com", "new.example.com"))
    found = machine(cgw, "--scope", "user", fails=1)
    assert found["files"][0]["members"] == [{"pointer": "/env/ANTHROPIC_BASE_URL", "state": "outdated"}]
    assert found["files"][0]["states"] == ["outdated-profile", "helper-changed"], "the helper guards the old gateway"
    edit(settings_of(home), lambda found: found["env"].update(ANTHROPIC_BASE_URL="https://new.example.com"))
    cgw("helper", "install", "team")
    assert machine(cgw, "--scope", "user")["state"] == "in-sync", "set by hand to what the profile says"
    cgw("settings", "apply", "--profile", "team")
    profile.unlink()
    gone = machine(cgw, "--scope", "user", fails=1)
    assert (gone["state"], gone["files"][0]["reasons"]) == ("outdated-profile", [f"its profile {profile} is gone"])


def test_a_key_that_was_written_is_compared_with_the_record_and_never_fetched(
    cgw: Cgw, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cgw("init", "static", "--provider", "unified", "--gateway-url", "https://llm.example.com", "--secret",
        "env://TEAM_KEY", "--yes")  # fmt: skip
    cgw("settings", "apply", "--profile", "static", "--write-secret")
    monkeypatch.delenv("TEAM_KEY")
    assert machine(cgw, "--scope", "user")["state"] == "in-sync"
    edit(settings_of(home), lambda found: found["env"].update(ANTHROPIC_AUTH_TOKEN="sk-another-key-0123456789"))
    found = machine(cgw, "--scope", "user", fails=1)
    assert found["files"][0]["members"] == [{"pointer": "/env/ANTHROPIC_AUTH_TOKEN", "state": "changed"}]


def test_a_file_that_others_deployed_is_compared_with_the_profile(cgw: Cgw, home: Path, work: Path) -> None:
    place = ("--scope", "managed", "--managed-dir", str(work), "--profile", "team")
    assert "No changes by profile team are recorded" in cgw("settings", "status", *place).err
    text = cgw("settings", "render", "--scope", "managed", "--for", "linux", "--profile", "team").out
    (work / "managed-settings.json").write_text(text)
    assert machine(cgw, *place)["state"] == "in-sync", "with each user's own helper"
    profile = profiles_of(home) / "team.toml"
    profile.write_text(profile.read_text() + '[managed]\nhelper_path = "/bin/sh"\n')
    (work / "managed-settings.json").write_text(
        cgw("settings", "render", "--scope", "managed", "--for", "linux", "--profile", "team").out
    )
    assert machine(cgw, *place)["state"] == "in-sync"
    edit(
        work / "managed-settings.json", lambda found: found["env"].update(ANTHROPIC_BASE_URL="https://x.example.com")
    )
    assert machine(cgw, *place, fails=1)["files"][0]["members"] == [
        {"pointer": "/env/ANTHROPIC_BASE_URL", "state": "changed"}
    ]


@pytest.fixture
def tree(home: Path, tmp_path: Path) -> Path:
    """Homes of all kinds, below other names than they had: a copy, as in a backup or a volume."""
    folder = tmp_path / "homes"
    for kind in KINDS:
        shutil.copytree(home, folder / kind)
        drift(kind, folder / kind)
    return folder


def test_six_kinds_are_found_in_five_hundred_homes(cgw: Cgw, tree: Path) -> None:
    for number in range(len(KINDS), HOMES):
        kind = KINDS[number % len(KINDS)]
        shutil.copytree(tree / kind, tree / f"{kind}-{number:03}", copy_function=os.link)
    found = machine(cgw, "--tree", str(tree), fails=1)
    assert len(found["homes"]) == HOMES
    assert {home["home"]: home["state"] for home in found["homes"]} == {
        home["home"]: home["home"].rstrip("-0123456789") for home in found["homes"]
    }
    assert found["summary"] == {kind: sum(home["state"] == kind for home in found["homes"]) for kind in KINDS}
    shown = cgw("settings", "status", "--tree", str(tree), fails=1)
    assert len(shown.out.splitlines()) == HOMES
    assert "84 in sync" in shown.err
    line = next(line for line in shown.out.splitlines() if line.startswith("changed-by-user "))
    assert line.split() == ["changed-by-user", "changed", "by", "the", "user", "app,team", "/env/ANTHROPIC_BASE_URL"]


def test_a_tree_without_drift_is_exit_0_and_a_home_without_cgw_is_none(cgw: Cgw, tree: Path) -> None:
    for kind in KINDS[1:]:
        shutil.rmtree(tree / kind)
    (tree / "empty").mkdir()
    found = machine(cgw, "--tree", str(tree))
    assert {home["home"]: home["state"] for home in found["homes"]} == {"empty": "none", "in-sync": "in-sync"}
    assert machine(cgw, "--tree", str(tree), "--profile", "other")["summary"] == {"none": 2}
    cgw("settings", "status", "--tree", str(tree), "--scope", "user", fails=2)
    for options in ([], ["--format", "json"]):
        assert cgw("settings", "status", "--tree", str(tree / "nowhere"), *options, fails=74).out == ""


def _link_out(home: Path) -> None:
    settings_of(home).unlink()
    settings_of(home).symlink_to("/etc/hostname")


def _link_home_out(home: Path) -> None:
    shutil.rmtree(home)
    home.symlink_to("/etc")


def _loop(home: Path) -> None:
    (home / ".claude" / "settings.json").unlink()
    (home / ".claude" / "settings.json").symlink_to("settings.json")


def _pipe(home: Path) -> None:
    settings_of(home).unlink()
    os.mkfifo(settings_of(home))


def _huge(home: Path) -> None:
    with settings_of(home).open("ab") as file:
        file.truncate(8 << 30)


def _endless_record(home: Path) -> None:
    for path in (home / ".local/state/cgw/settings").glob("*/record.json"):
        path.unlink()
        path.symlink_to("/dev/zero")


def _deep_record(home: Path) -> None:
    for path in (home / ".local/state/cgw/settings").glob("*/record.json"):
        path.write_text("[" * 100_000)


def _deep_settings(home: Path) -> None:
    text = settings_of(home).read_text().rstrip().removesuffix("}")
    settings_of(home).write_text(f'{text}, "theme": {"[" * 100_000}{"]" * 100_000}}}')


def _record_of_elsewhere(home: Path) -> None:
    for path in (home / ".local/state/cgw/settings").glob("*/record.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"base": "../../../../../../../../etc/hostname"}))


def _many(home: Path) -> None:
    for number in range(homes.MOST + 1):
        (home / ".local/state/cgw/settings" / f"{number:016x}").mkdir()


def _not_json(home: Path) -> None:
    settings_of(home).write_text("{\n  nonsense")


def _no_digest_key(home: Path) -> None:
    (home / ".local/state/cgw/settings/digest.key").unlink()


def _types(home: Path) -> None:
    for path in (home / ".local/state/cgw/settings").glob("*/record.json"):
        path.write_text(json.dumps({name: [1] for name in json.loads(path.read_text())} | {"schema": 1}))


def _odd_names(home: Path) -> None:
    for path in (home / ".local/state/cgw/settings").glob("*/record.json"):
        record = json.loads(path.read_text())
        file = record["file"] + "\ud800\x1b[2J\0"
        path.write_text(json.dumps(record | {"file": file, "profile": "\ud800\x1b[2J"}))


def _profile_of_another_schema(home: Path) -> None:
    (profiles_of(home) / "team.toml").write_text("schema = 99\nnonsense = true\n")


HOSTILE = (
    _link_out, _link_home_out, _loop, _pipe, _huge, _endless_record, _deep_record, _record_of_elsewhere, _many,
    _not_json, _no_digest_key, _types, _odd_names, _profile_of_another_schema,
)  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE, ids=lambda attack: attack.__name__.strip("_"))
def test_a_hostile_home_is_named_and_does_not_stop_the_others(
    cgw: Cgw, tree: Path, attack: Callable[[Path], None]
) -> None:
    attack(tree / "changed-by-user")
    found = machine(cgw, "--tree", str(tree), fails=1)
    states = {home["home"]: home["state"] for home in found["homes"]}
    assert states.pop("changed-by-user") == "unreadable"
    assert all(name == state for name, state in states.items())
    hostname = Path("/etc/hostname").read_text().strip()
    shown = cgw("settings", "status", "--tree", str(tree), fails=1)
    assert hostname not in json.dumps(found) + shown.out + shown.err
    assert "\x1b" not in shown.out + shown.err


def test_a_value_that_is_nested_too_deeply_is_an_edit(cgw: Cgw, tree: Path) -> None:
    _deep_settings(tree / "in-sync")
    found = machine(cgw, "--tree", str(tree), fails=1)
    assert {home["home"]: home["state"] for home in found["homes"]}["in-sync"] == "foreign-edit"


def test_what_does_not_belong_to_the_homes_owner_is_not_read(cgw: Cgw, tree: Path) -> None:
    found = dict(homes.below(str(tree)))["in-sync"]
    assert {file.kind for file in states(found)} == {"in-sync"}
    other = replace(found, owner=found.owner + 1)
    assert [(file.kind, "belongs to another user" in file.reasons[0]) for file in states(other)] == [
        ("unreadable", True)
    ] * 2
