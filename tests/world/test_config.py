from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import CgwError, UsageError
from claude_gw_cli.core.model import Models, Profile
from claude_gw_cli.world import chosen, config, profile_text

FULL = Profile(
    "work",
    "vertex",
    gateway_url="https://gw",
    credentials="client",
    secret="keyring://cgw/work",
    key_header="x-litellm-api-key",
    project_id="p",
    region="europe-west1",
    min_client_version="2.1.100",
    models=Models(opus="opus[1m]"),
    env={"API_TIMEOUT_MS": "1000"},
    headers={"X-Team": "a"},
    tables={"jwt": {"gw": {"key": "env://K"}}},
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def add(env: dict[str, str], name: str, profile: Profile = FULL) -> Path:
    path = config.profile_path(name, env)
    before = config.text_of(path)
    config.save(path, profile_text.dumps(replace(profile, name=name)), before=before)
    return Path(path)


def test_a_profile_survives_the_round_trip(env: dict[str, str]) -> None:
    add(env, "work")
    assert config.load("work", env, "/").profile == FULL


def test_an_unset_field_is_not_written(env: dict[str, str]) -> None:
    text = add(env, "small", Profile("small", "unified")).read_text()
    assert "project_id" not in text
    assert "models" not in text
    assert config.load("small", env, "/").profile == Profile("small", "unified")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('provider = "vertex"\ngatway_url = "x"', [":2", "unknown key 'gatway_url'", "Did you mean gateway_url?"]),
        ('provider = "vertx"', [":1", "'vertx'", "Did you mean vertex?", "unified, anthropic"]),
        ("gateway_url = 'https://gw'", ["provider is missing"]),
        ('provdier = "vertex"', [":1", "unknown key 'provdier'", "Did you mean provider?"]),
        ('provider = "unified\n', ["not valid TOML", "quotes"]),
        ('provider = "unified"\nauth = "helpr"', [":2", "Did you mean helper?", "static, helper"]),
        ('provider = "unified"\nregion = 5', [":2", "region", "string", "found int"]),
        ('provider = "unified"\n[models]\nopuss = "x"', ["unknown key 'opuss'", "opus"]),
        ('provider = "unified"\n[env]\nX = 1', ["env.X", "string"]),
        ('provider = "unified"\njwt = "x"', [":2", "jwt must be a table"]),
        ('provider = "unified"\nx y = 1\n', ["not valid TOML", "line 2"]),
    ],
)
def test_a_mistake_is_named_with_line_and_remedy(text: str, words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        profile_text.parse(text, "p", "p.toml")
    for word in words:
        assert word in f"{caught.value.message}\n{caught.value.hint}"


def test_the_order_of_selection(env: dict[str, str], tmp_path: Path) -> None:
    add(env, "one")
    assert config.select(None, env, tmp_path).origin == "only"
    add(env, "two")
    with pytest.raises(UsageError) as caught:
        config.select(None, env, tmp_path)
    assert "one, two" in caught.value.message
    chosen.choose("two", env)
    assert config.select(None, env, tmp_path).name == "two"
    repository = tmp_path / "repo"
    (repository / "deep").mkdir(parents=True)
    (repository / ".git").mkdir()
    (repository / "cgw.toml").write_text('provider = "bedrock"\n')
    assert config.select(None, env, repository / "deep").path == str(repository / "cgw.toml")
    assert config.select(None, {**env, "CGW_PROFILE": "one"}, repository).name == "one"
    assert config.select("two", {**env, "CGW_PROFILE": "one"}, repository).name == "two"
    chosen.forget(env)
    with pytest.raises(UsageError):
        config.select(None, env, tmp_path)


def test_a_file_with_rules_for_check_only_is_no_profile(env: dict[str, str], tmp_path: Path) -> None:
    add(env, "mine")
    (tmp_path / "cgw.toml").write_text("[check]\nignore = []\n")
    assert config.select(None, env, tmp_path).name == "mine"
    (tmp_path / "cgw.toml").write_text("")  # what a shell makes of `cgw profile export > cgw.toml` before cgw starts
    assert config.select(None, env, tmp_path).name == "mine"


def test_outside_a_repository_parents_are_not_searched(env: dict[str, str], tmp_path: Path) -> None:
    add(env, "mine")
    (tmp_path / "cgw.toml").write_text('provider = "bedrock"\n')
    (tmp_path / "below").mkdir()
    assert config.select(None, env, tmp_path / "below").name == "mine"
    assert config.select(None, env, tmp_path).origin == "repository"


def test_a_profile_of_another_user_in_the_repository_is_refused(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgw.toml").write_text('provider = "bedrock"\n')
    monkeypatch.setattr(os, "getuid", lambda: (tmp_path / "cgw.toml").stat().st_uid + 1)
    if (tmp_path / "cgw.toml").stat().st_uid == 0:
        os.chown(tmp_path / "cgw.toml", 4321, -1)
        monkeypatch.setattr(os, "getuid", lambda: 0)
    with pytest.raises(CgwError) as caught:
        config.select(None, env, tmp_path)
    assert caught.value.exit_code == 77


def test_an_unknown_profile_names_the_nearest(env: dict[str, str]) -> None:
    add(env, "vertex")
    with pytest.raises(UsageError) as caught:
        config.select("vertx", env, "/")
    assert "Did you mean vertex?" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        config.select(None, {**env, "CGW_PROFILE": "gone"}, "/")
    assert "$CGW_PROFILE" in caught.value.message


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "a" * 65, "sk-good-fake-000111222333"])
def test_a_name_that_cannot_be_a_file_is_refused(env: dict[str, str], name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a profile name") as caught:
        config.profile_path(name, env)
    assert "000111222333" not in caught.value.message


def test_a_profile_whose_name_is_a_key_can_still_be_renamed(env: dict[str, str]) -> None:
    path = Path(config.profiles_dir(env)) / "sk-good-fake-000111222333.toml"
    path.parent.mkdir(parents=True)
    path.touch()
    assert config.profile_path(path.stem, env) == str(path)


def test_profiles_are_private_files(env: dict[str, str]) -> None:
    assert add(env, "work").stat().st_mode & 0o777 == 0o600


def test_a_judged_profile_is_the_same_without_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        'provider = "vertex"\nsecret = "env://K"\nproject_id = "p"\n[models]\nopus = "o"\n[env]\nA = "1"\n'
        '[headers]\nX-Team = "t"\n[jwt.a]\niss = "i"\nttl = 60\n'
    )
    file = config.ProfileFile("work", str(tmp_path / "work.toml"), "option")
    Path(file.path).write_text(text)
    env = {"HOME": str(tmp_path)}
    first = config.read(file, env)
    with monkeypatch.context() as patch:
        patch.setattr(profile_text, "_document", lambda: pytest.fail("judged twice"))
        assert config.read(file, env) == first


@pytest.mark.parametrize("damage", ["text", "record", "mode", "name"])
def test_a_profile_is_judged_again_after_any_change(tmp_path: Path, damage: str) -> None:
    file = config.ProfileFile("work", str(tmp_path / "work.toml"), "option")
    Path(file.path).write_text('provider = "unified"\n')
    env = {"HOME": str(tmp_path)}
    config.read(file, env)
    (record,) = (tmp_path / ".cache/cgw/validated").iterdir()
    before = record.read_bytes()
    assert b"unified" not in before, "only a digest: somebody may have put a key where a reference belongs"
    if damage == "text":
        Path(file.path).write_text('provider = "unifeed"\n')
        with pytest.raises(UsageError, match="unifeed"):
            config.read(file, env)
        return
    if damage == "record":
        record.write_text("0.0.0")
    elif damage == "mode":
        record.chmod(0o644)
    else:
        file = config.ProfileFile("other", file.path, "option")
    assert config.read(file, env).profile.provider == "unified"
    assert record.stat().st_mode & 0o777 == 0o600
    assert (record.read_bytes() == before) == (damage != "name")
