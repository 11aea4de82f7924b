"""`cgw settings` as a user types it."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_gw_cli.world import paths

Cgw = Callable[..., Any]

KEY = "cgw-canary-81732-abcdef"
ORIGINAL = b'{\r\n    "theme": "dark",\r\n    "env": {"ANTHROPIC_API_KEY": "sk-ant-users-own-key"}\r\n}'


@pytest.fixture
def profile(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    init(cgw, "work", "unified")


def init(cgw: Cgw, name: str, provider: str, *more: str) -> None:
    gateway = ("--gateway-url", "http://127.0.0.1:4000", "--secret", "env://MY_KEY")
    cgw("init", name, "--provider", provider, *gateway, *more, "--yes")


@pytest.fixture
def user(isolated: Path) -> Path:
    path = isolated / ".claude" / "settings.json"
    path.parent.mkdir()
    path.write_bytes(ORIGINAL)
    path.chmod(0o644)
    return path


def env_of(path: Path) -> dict[str, str]:
    return {name: value for name, value in json.loads(path.read_bytes())["env"].items() if value}


def test_the_life_of_a_settings_file(cgw: Cgw, profile: None, user: Path) -> None:
    shown = cgw("settings", "diff", fails=1)
    assert '+    "env": {"ANTHROPIC_API_KEY": "", "ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"' in shown.out
    assert "users-own-key" not in shown.out + shown.err
    assert user.read_bytes() == ORIGINAL

    applied = cgw("settings", "apply")
    assert applied.out == ""
    assert "without ANTHROPIC_AUTH_TOKEN in its environment Claude Code is not logged in" in applied.err
    assert env_of(user) == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}
    inode = user.stat().st_ino
    assert "nothing was written" in cgw("settings", "apply").err
    assert user.stat().st_ino == inode
    assert cgw("settings", "diff").out == ""

    status = cgw("settings", "status")
    assert re.fullmatch(rf"user: {user} \(profile work\): in sync\n  \d\d ok\n", status.out)
    assert (
        f"user: {user} (profile work): in sync\n  ok       /env/ANTHROPIC_BASE_URL\n"
        in cgw("settings", "status", "-v").out
    )
    cgw("settings", "undo")
    assert user.read_bytes() == ORIGINAL
    assert "cgw has no record of changes to" in cgw("settings", "undo").err


def test_a_key_is_written_only_when_asked_and_then_into_a_private_file(cgw: Cgw, profile: None, user: Path) -> None:
    cgw("settings", "apply")
    assert KEY.encode() not in user.read_bytes()
    shown = cgw("settings", "diff", "--write-secret", fails=1)
    assert '"ANTHROPIC_AUTH_TOKEN": "cgw-…"' in shown.out
    assert KEY not in shown.out + shown.err
    applied = cgw("settings", "apply", "--write-secret")
    assert KEY not in applied.out + applied.err
    assert env_of(user)["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert stat.S_IMODE(user.stat().st_mode) == 0o600
    cgw("settings", "undo")
    assert user.read_bytes() == ORIGINAL
    assert stat.S_IMODE(user.stat().st_mode) == 0o644


def test_a_key_never_goes_into_project_settings(cgw: Cgw, profile: None, work: Path) -> None:
    refused = cgw("settings", "apply", "--scope", "project", "--write-secret", fails=77)
    assert KEY not in refused.err
    assert not list(work.rglob("*settings*"))


def test_a_key_in_managed_settings_is_the_administrators_explicit_choice(cgw: Cgw, profile: None, work: Path) -> None:
    managed = ("--managed-dir", str(work / "etc"))
    done = cgw("settings", "apply", "--scope", "managed", "--write-secret", *managed)
    assert "every user of this machine can read the key" in done.err
    file = work / "etc" / "managed-settings.json"
    assert KEY in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644, "a file that its users cannot read stops their clients"


def test_each_scope_has_its_file_and_mode(cgw: Cgw, profile: None, work: Path) -> None:
    managed = work / "etc"
    cgw("settings", "apply", "--scope", "project")
    cgw("settings", "apply", "--scope", "local", "--write-secret")
    cgw("settings", "apply", "--scope", "managed", "--managed-dir", str(managed))
    cgw("settings", "apply", "--scope", "managed", "--managed-dir", str(managed), "--drop-in")
    modes = {
        str(path.relative_to(work)): stat.S_IMODE(path.stat().st_mode) for path in work.rglob("*") if path.is_file()
    }
    assert modes == {
        ".claude/settings.json": 0o644,
        ".claude/settings.local.json": 0o600,
        "etc/managed-settings.json": 0o644,
        "etc/managed-settings.d/50-cgw.json": 0o644,
    }
    assert cgw("settings", "status").out.count("(profile work)") == 4, "also those of another directory"
    everything = cgw("settings", "status", "--managed-dir", str(managed)).out
    assert everything.count("(profile work)") == 4
    assert f"managed: {managed}/managed-settings.d/50-cgw.json (profile work)" in everything
    cgw("settings", "undo", "--scope", "managed", "--managed-dir", str(managed), "--drop-in")
    assert not (managed / "managed-settings.d" / "50-cgw.json").exists()
    assert (managed / "managed-settings.json").exists()


def test_the_clients_directory_variable_is_honoured(
    cgw: Cgw, profile: None, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(work / "conf"))
    cgw("settings", "apply")
    assert (work / "conf" / "settings.json").exists()


def test_a_change_by_somebody_else_is_reported_and_kept(cgw: Cgw, profile: None, user: Path) -> None:
    cgw("settings", "apply", "--write-secret")
    text = user.read_text().replace(KEY, "their-key").replace('"theme": "dark"', '"theme": "light"')
    user.write_text(text, newline="")
    drifted = cgw("settings", "status", fails=1)
    first, second, third, fourth = drifted.out.splitlines()
    assert first == f"user: {user} (profile work): changed by the user, foreign edit"
    assert (second, third) == ("  changed  /env/ANTHROPIC_AUTH_TOKEN", "  edited   /theme")
    assert re.fullmatch(r"  \d\d ok", fourth)
    assert "cgw settings apply --scope user --profile work --force" in drifted.err
    shown = cgw("settings", "diff", "--write-secret", fails=1)
    assert '-    "env": ' in shown.out
    assert '"ANTHROPIC_AUTH_TOKEN": "cgw-…"' in shown.out, "the diff that --force would make"
    assert "their-key" not in shown.out + shown.err
    assert "without it apply does nothing" in shown.err
    assert "/env/ANTHROPIC_AUTH_TOKEN" in shown.err
    assert user.read_text() == text.replace("\r\n", "\n")
    stopped = cgw("settings", "apply", "--write-secret", fails=1)
    assert "/env/ANTHROPIC_AUTH_TOKEN" in stopped.err
    assert user.read_text() == text.replace("\r\n", "\n")
    undone = cgw("settings", "undo")
    assert "kept, because it was changed since" in undone.err
    assert env_of(user) == {"ANTHROPIC_API_KEY": "sk-ant-users-own-key", "ANTHROPIC_AUTH_TOKEN": "their-key"}
    assert json.loads(user.read_bytes())["theme"] == "light"
    assert "  left     /env/ANTHROPIC_AUTH_TOKEN\n" in cgw("settings", "status").out
    assert "cgw settings undo --scope user --force" in undone.err
    cgw("settings", "undo", "--force")
    assert env_of(user) == {"ANTHROPIC_API_KEY": "sk-ant-users-own-key"}


def test_switching_providers_leaves_nothing_stale(cgw: Cgw, profile: None, user: Path) -> None:
    init(cgw, "v", "vertex", "--project-id", "p", "--region", "us-east5")
    init(cgw, "b", "bedrock")
    cgw("settings", "apply", "--profile", "v", "--write-secret")
    assert env_of(user)["CLAUDE_CODE_USE_VERTEX"] == "1"
    cgw("settings", "apply", "--profile", "b", "--write-secret")
    assert set(env_of(user)) == {
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_BEDROCK_BASE_URL",
        "AWS_REGION",
        "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "CLAUDE_CODE_USE_BEDROCK",
    }
    cgw("settings", "apply", "--profile", "work", "--write-secret")
    assert set(env_of(user)) == {"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"}
    cgw("settings", "undo")
    assert user.read_bytes() == ORIGINAL


def test_a_helper_is_installed_and_named(cgw: Cgw, profile: None, user: Path) -> None:
    init(cgw, "h", "unified", "--auth", "helper")
    cgw("settings", "diff", "--profile", "h", fails=1)
    rendered = json.loads(cgw("settings", "render", "--profile", "h").out)
    assert not os.path.exists(rendered["apiKeyHelper"])
    cgw("settings", "apply", "--profile", "h")
    data = json.loads(user.read_bytes())
    assert data["apiKeyHelper"] == rendered["apiKeyHelper"]
    assert os.access(data["apiKeyHelper"], os.X_OK)
    assert int(data["env"]["CLAUDE_CODE_API_KEY_HELPER_TTL_MS"]) > 0
    assert data["env"]["ANTHROPIC_AUTH_TOKEN"] == data["env"]["ANTHROPIC_API_KEY"] == ""
    assert KEY.encode() not in user.read_bytes()
    cgw("settings", "apply", "--profile", "work")
    assert json.loads(user.read_bytes())["apiKeyHelper"] == ""


def test_render_is_a_complete_file_of_its_own(cgw: Cgw, profile: None, user: Path, work: Path) -> None:
    printed = cgw("settings", "render").out
    assert json.loads(printed)["env"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:4000"
    assert "theme" not in printed
    assert KEY not in printed
    assert KEY in cgw("settings", "render", "--write-secret").out
    cgw("settings", "render", "--out", "s.json", "--write-secret")
    assert stat.S_IMODE((work / "s.json").stat().st_mode) == 0o600
    cgw("settings", "render", "--out", "plain.json")
    assert (work / "plain.json").read_text() == printed
    assert stat.S_IMODE((work / "plain.json").stat().st_mode) == 0o644
    before = os.umask(0o027)
    cgw("settings", "render", "--out", "masked.json")
    os.umask(before)
    assert stat.S_IMODE((work / "masked.json").stat().st_mode) == 0o640
    cgw("settings", "render", "--out", ".claude/settings.json", "--write-secret", fails=77)
    assert user.read_bytes() == ORIGINAL


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'{\n  "a": 1,\n}', ":2:9: not valid JSON: trailing comma"),
        (b"// note\n{}", ":1:1: not valid JSON: comments"),
        (b"[]", ":1:1: the top level of a settings file must be an object"),
        (b'{"env": []}', ":1:9: /env must be an object"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_column(
    cgw: Cgw, profile: None, user: Path, data: bytes, place: str
) -> None:
    user.write_bytes(data)
    for command in ("apply", "diff"):
        assert f"{user}{place}" in cgw("settings", command, fails=2).err
    assert user.read_bytes() == data


def test_a_missing_field_and_a_wrong_scope_are_named(cgw: Cgw, profile: None, user: Path) -> None:
    init(cgw, "v", "vertex")
    assert "--project-id is missing" in cgw("settings", "apply", "--profile", "v", fails=2).err
    assert "unknown scope 'team'" in cgw("settings", "apply", "--scope", "team", fails=2).err
    assert user.read_bytes() == ORIGINAL


def test_an_own_credential_in_the_file_that_beats_the_environment_is_said(
    cgw: Cgw, profile: None, user: Path
) -> None:
    user.write_text('{"env": {"ANTHROPIC_AUTH_TOKEN": "mine"}}')
    assert "also sets ANTHROPIC_AUTH_TOKEN, which overrides" in cgw("settings", "apply").err


def test_repeated_members_are_reported_and_kept(cgw: Cgw, profile: None, user: Path) -> None:
    user.write_text('{"theme": "a",\n "theme": "b"}')
    assert f"{user}:2:2: /theme is there more than once" in cgw("settings", "apply").err
    assert user.read_text().startswith('{"theme": "a",\n "theme": "b",\n "env"')


def test_a_diff_of_two_keys_that_look_alike_says_so(
    cgw: Cgw, profile: None, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cgw("settings", "apply", "--write-secret")
    monkeypatch.setenv("MY_KEY", KEY + "-rotated")
    shown = cgw("settings", "diff", "--write-secret", fails=1)
    assert shown.out == ""
    assert "/env/ANTHROPIC_AUTH_TOKEN: the new value looks the same" in shown.err


def hint(err: str, start: str) -> list[str]:
    """The words of the command that a line of the talk tells to type."""
    return shlex.split(next(line for line in err.splitlines() if line.startswith(start)).removeprefix(start))[1:]


@pytest.mark.parametrize(
    "options",
    [
        ("--scope", "managed", "--managed-dir", "their etc"),
        ("--scope", "managed", "--managed-dir", "etc", "--drop-in"),
        ("--scope", "local"),
        ("--out", "own file.json"),
        ("--scope", "managed", "--out", "own.json"),
    ],
)
def test_the_hint_to_take_it_back_is_the_command_that_does(
    cgw: Cgw, profile: None, work: Path, options: tuple[str, ...]
) -> None:
    applied = cgw("settings", "apply", *options)
    assert len([path for path in work.rglob("*") if path.is_file()]) == 1
    cgw(*hint(applied.err, "Undo it: "))
    assert list(work.rglob("*")) == []


def test_the_platforms_managed_files_count_too(
    cgw: Cgw, profile: None, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "managed_dir", lambda: str(work / "etc"))
    init(cgw, "h", "unified", "--auth", "helper")
    cgw("settings", "apply", "--scope", "managed", "--profile", "work")
    cgw("settings", "apply", "--scope", "managed", "--drop-in", "--profile", "h")
    shown = cgw("settings", "status").out
    assert f"managed: {work}/etc/managed-settings.json (profile work)" in shown
    assert f"managed: {work}/etc/managed-settings.d/50-cgw.json (profile h)" in shown
    cgw("helper", "uninstall", "h")
    assert "(profile h)" not in cgw("settings", "status").out, "no file may name a script that is gone"


def test_a_file_of_ones_own_choice_is_diffed_applied_watched_and_given_back(
    cgw: Cgw, profile: None, work: Path
) -> None:
    file = work / "own.json"
    file.write_bytes(ORIGINAL)
    out = ("--out", "own.json")
    assert str(file) in cgw("settings", "diff", *out, fails=1).out
    cgw("settings", "apply", *out, "--write-secret")
    assert env_of(file)["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert cgw("settings", "diff", *out, "--write-secret").out == ""
    assert f"{file} (profile work)" in cgw("settings", "status", *out).out
    cgw("settings", "undo", *out)
    assert file.read_bytes() == ORIGINAL
    cgw("settings", "apply", "--out", ".claude/settings.json", "--write-secret", fails=77)


def test_undo_and_status_of_one_profile_leave_another_ones_alone(cgw: Cgw, profile: None, user: Path) -> None:
    cgw("settings", "apply")
    before = user.read_bytes()
    other = cgw("settings", "status", "--profile", "gone")
    assert other.out == ""
    assert f"{user} was written from profile work, not gone" in other.err
    refused = cgw("settings", "undo", "--profile", "gone", fails=2)
    assert "was written from profile 'work', not 'gone'; nothing was undone" in refused.err
    assert user.read_bytes() == before
    assert "(profile work)" in cgw("settings", "status", "--profile", "work").out
    cgw("settings", "undo", "--profile", "work")
    assert user.read_bytes() == ORIGINAL


def test_in_the_home_directory_the_users_file_is_listed_once(
    cgw: Cgw, profile: None, user: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(isolated)
    cgw("settings", "apply")
    assert cgw("settings", "status").out.count(str(user)) == 1
    assert cgw("settings", "status").out.startswith("user: ")


def test_a_restart_is_asked_for_only_when_a_value_went_away(cgw: Cgw, profile: None, user: Path) -> None:
    restart = "Running Claude Code sessions keep removed variables"
    user.write_text("{}")
    assert restart not in cgw("settings", "apply").err
    init(cgw, "v", "vertex", "--project-id", "p", "--region", "us-east5")
    assert restart in cgw("settings", "apply", "--profile", "v").err, "the base URL is blanked"
    assert restart in cgw("settings", "undo").err
    user.write_bytes(ORIGINAL)
    assert restart in cgw("settings", "apply", "--profile", "work").err, "the user's own key is blanked"


@pytest.mark.parametrize("scope", ["project", "managed", "user", "local"])
def test_a_private_helper_in_a_file_for_others_is_said(cgw: Cgw, profile: None, work: Path, scope: str) -> None:
    init(cgw, "h", "unified", "--auth", "helper")
    done = cgw("settings", "apply", "--scope", scope, "--managed-dir", "etc", "--profile", "h")
    assert ("points to a helper that only you can run" in done.err) == (scope in {"project", "managed"})


def test_what_is_missing_without_the_key_is_said_with_every_way_to_supply_it(
    cgw: Cgw, profile: None, user: Path
) -> None:
    told = cgw("settings", "apply").err.splitlines()[-5:]
    named, again = "--profile work", "cgw settings apply --scope user --profile work"
    assert told == [
        "The key is not in the file: without ANTHROPIC_AUTH_TOKEN in its environment Claude Code is not logged in.",
        f'  export it:             eval "$(cgw env {named})"',
        f"  or for one start:      cgw run {named} -- claude",
        f"  or use a helper:       cgw profile set work --auth helper && {again}",
        f"  or write it there:     {again} --write-secret",
    ]
    assert "or write it there" not in cgw("settings", "apply", "--scope", "project").err, "never into project scope"
    init(cgw, "b", "bedrock", "--credentials", "client")
    assert "or use a helper" not in cgw("settings", "apply", "--profile", "b").err, "no helper can fill that header"
    cgw("init", "work", "--auth", "helper", "--yes")
    assert "The key is not" not in cgw("settings", "apply", "--profile", "work").err


def test_a_repositorys_profile_stays_in_the_repository_unless_it_is_named(
    cgw: Cgw, work: Path, user: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'provider = "unified"\ngateway_url = "http://127.0.0.1:4000"\nsecret = "env://MY_KEY"\n'
    (work / "cgw.toml").write_text(text)
    assert "cgw profile trust" in cgw("settings", "apply", "--profile", "./cgw.toml", fails=77).err
    cgw("profile", "trust", "--yes")
    for options in ((), ("--scope", "managed", "--managed-dir", "etc"), ("--out", str(user))):
        refused = cgw("settings", "apply", *options, fails=77)
        assert "name the profile: --profile ./cgw.toml" in refused.err
    assert user.read_bytes() == ORIGINAL
    assert not (work / "etc").exists()
    cgw("settings", "apply", "--scope", "project")
    cgw("settings", "apply", "--scope", "local")
    cgw("settings", "apply", "--profile", "./cgw.toml")
    assert env_of(user) == {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}
    assert f"user: {user}" in cgw("settings", "status", "--profile", "./cgw.toml").out
    cgw("settings", "undo", "--profile", "./cgw.toml")
    (isolated / "cgw.toml").write_text(text)
    monkeypatch.chdir(isolated)
    cgw("profile", "trust", "--yes")
    cgw("settings", "apply", "--scope", "project", fails=77)
    assert user.read_bytes() == ORIGINAL


@pytest.mark.parametrize(
    "line", ["settings render", "profile export", "settings apply --force", "helper install --force"]
)
def test_a_directory_is_not_taken_for_a_file(cgw: Cgw, work: Path, line: str) -> None:
    cgw(*["init", "work", "--provider", "unified", "--auth", "helper", "--secret", "env://K", "--yes"])
    (work / "there").mkdir()
    before = sorted(path.name for path in work.iterdir())
    for out in (work / "there", f"{work}/new/"):
        assert "is a directory\n  Name the file in it:" in cgw(*line.split(), "--out", str(out), fails=2).err
    assert sorted(path.name for path in work.iterdir()) == before
