"""``cgw profile set|edit|rename``: nothing that a person wrote is lost, and nothing invalid replaces a profile."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from .conftest import Cgw

TEXT = """\
# our gateway
provider = "unified"   # the API
gateway_url = 'http://127.0.0.1:4000'  # this machine
secret = "env://K"

[models]  # as the gateway names them
opus = "big"  # not the newest

# where the keys are
[vault]
address = "https://vault.example"  # HA


[jwt.work]
key = "env://J"
claims = { groups = ["a"] }  # by hand
"""


@pytest.fixture
def file(isolated: Path) -> Path:
    path = isolated / ".config/cgw/profiles/work.toml"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT)
    return path


def members(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text())


def test_set_changes_what_is_named_and_keeps_every_other_byte(cgw: Cgw, file: Path) -> None:
    cgw("profile", "set", "work", "models.opus=small", "--vault-address", "https://other.example")
    expected = TEXT.replace('"big"', '"small"').replace("vault.example", "other.example")
    assert file.read_text() == expected
    assert file.with_suffix(".toml.bak").read_text() == TEXT


def test_new_members_are_put_into_their_tables_above_the_next_ones_comment(cgw: Cgw, file: Path) -> None:
    cgw("profile", "set", "haiku-model=fast", "region=eu", "vault.role=r", "env.FOO=1", "headers.X-Team=a=b")
    text = file.read_text()
    assert 'opus = "big"  # not the newest\nhaiku = "fast"\n\n# where the keys are\n[vault]\n' in text
    assert 'secret = "env://K"\nregion = "eu"\n\n[models]' in text
    assert '# HA\nrole = "r"\n\n\n[jwt.work]\n' in text
    assert members(file)["env"] == {"FOO": "1"}
    assert members(file)["headers"] == {"X-Team": "a=b"}
    for line in TEXT.splitlines():
        assert line in text


def test_windows_line_ends_stay(cgw: Cgw, file: Path) -> None:
    file.write_bytes(TEXT.replace("\n", "\r\n").encode())
    cgw("profile", "set", "work", "region=eu", "helper.cache=none")
    content = file.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert b'# where the keys are\r\n[vault]\r\naddress = "https://vault.example"  # HA\r\n' in content


def test_unset_removes_a_member_and_its_empty_table(cgw: Cgw, file: Path) -> None:
    cgw("profile", "set", "work", "--unset", "models.opus,jwt.work.claims")
    assert "models" not in members(file)
    assert members(file)["jwt"] == {"work": {"key": "env://J"}}
    assert "# where the keys are\n[vault]" in file.read_text()
    assert "not set" in cgw("profile", "set", "work", "--unset", "region", fails=2).err


def test_a_jwt_option_means_the_table_of_the_key(cgw: Cgw, file: Path) -> None:
    cgw("profile", "set", "work", "secret=jwt://team", "--jwt-key", "env://T", "--jwt-lifetime", "60")
    assert members(file)["jwt"]["team"] == {"key": "env://T", "lifetime": 60}
    assert members(file)["jwt"]["work"]["key"] == "env://J"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["regoin=x"], "Did you mean region?"),
        (["vault.adress=x"], "Did you mean vault.address?"),
        (["jwt.work.kee=x"], "[jwt.work] has no key 'kee'"),
        (["region="], "--unset region"),
        (["region=a b"], "region = 'a b'"),
        (["jwt.lifetime=long"], "whole number"),
        (["vault.secret_id_wrapped=perhaps"], "true or false"),
        (["helper.cache=disk"], "'disk'"),
        (["--auth", "helpr"], "Did you mean helper?"),
        (["models=big"], "no member 'models'"),
        (["sk-ant-api03-abcdefghijklmnop"], "not KEY=VALUE"),
        (["secret=sk-ant-api03-abcdefghijklmnop"], "looks like the key itself"),
        (["provider=vertex", "auth=login"], "login"),
        (["env.ANTHROPIC_BASE_URL=x"], "decided by the profile"),
        ([], "nothing to set"),
    ],
)
def test_what_is_not_valid_changes_nothing_and_names_the_next_step(
    cgw: Cgw, file: Path, argv: list[str], words: str
) -> None:
    done = cgw("profile", "set", "work", *argv, fails=2)
    assert words in done.err
    assert "\n  " in done.err, "no next step"
    assert "abcdefghij" not in done.err
    assert file.read_text() == TEXT


def test_set_can_correct_a_profile_that_is_not_valid(cgw: Cgw, file: Path) -> None:
    file.write_text(TEXT.replace("# our", 'region = "a b"\n# our'))
    cgw("profile", "set", "work", "region=eu")
    assert cgw("profile", "show", "work").out


def test_links_and_modes_stay_and_what_was_applied_is_named(cgw: Cgw, file: Path, work: Path) -> None:
    real = work / "dotfiles.toml"
    real.write_text(TEXT)
    real.chmod(0o644)
    file.unlink()
    file.symlink_to(real)
    cgw("settings", "apply", "--profile", "work")
    done = cgw("profile", "set", "work", "models.opus=small")
    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o644
    assert "models.opus: big -> small" in done.err
    assert "cgw settings apply --scope user --profile work" in done.err
    assert "says that already" in cgw("profile", "set", "work", "models.opus=small").err


def editor(monkeypatch: pytest.MonkeyPatch, work: Path, script: str) -> None:
    path = work / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(path))


def test_edit_replaces_only_what_is_valid_and_keeps_the_rest(
    cgw: Cgw, file: Path, work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(monkeypatch, work, "sed -i s/big/small/ $1")
    cgw("profile", "edit", "work")
    assert file.read_text() == TEXT.replace("big", "small")
    editor(monkeypatch, work, 'echo "regoin = 1" >> $1')
    done = cgw("profile", "edit", "work", fails=2)
    kept = isolated / ".local/state/cgw/edited/work.toml"
    assert str(kept) in done.err
    assert "regoin" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert file.read_text() == TEXT.replace("big", "small")
    editor(monkeypatch, work, "exit 1")
    assert "nothing was changed" in cgw("profile", "edit", "work", fails=2).err
    editor(monkeypatch, work, "true")
    assert "Nothing was changed" in cgw("profile", "edit", "work").err
    monkeypatch.delenv("EDITOR")
    assert "no terminal" in cgw("profile", "edit", "work", fails=2).err
    assert not list((isolated / ".cache/cgw").glob("edit-*"))


def test_edit_does_not_overwrite_what_another_wrote_meanwhile(
    cgw: Cgw, file: Path, work: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(monkeypatch, work, f"echo '# theirs' >> {file}; echo '# mine' >> $1")
    cgw("profile", "edit", "work", fails=75)
    assert file.read_text() == f"{TEXT}# theirs\n"
    assert "# mine" in (isolated / ".local/state/cgw/edited/work.toml").read_text()


def test_edit_mends_a_profile_that_is_not_toml(
    cgw: Cgw, file: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("provider = unified\n")
    editor(monkeypatch, work, "printf '%s\\n' 'provider = \"unified\"' > $1")
    cgw("profile", "edit", "work")
    assert members(file) == {"provider": "unified"}


def test_rename_takes_settings_helper_and_choice_along(
    cgw: Cgw, file: Path, isolated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K", "sk-fake-0123456789")
    monkeypatch.setenv("CGW_PROFILE", "work")
    (isolated / ".bashrc").write_text('eval "$(cgw env --profile work)"\n')
    cgw("profile", "set", "work", "auth=helper")
    cgw("settings", "apply", "--profile", "work")
    cgw("profile", "use", "work")
    settings = (isolated / ".claude/settings.json").read_bytes()
    done = cgw("profile", "rename", "work", "prod")
    assert "export CGW_PROFILE=prod" in done.err
    assert ".bashrc:1" in done.err
    monkeypatch.delenv("CGW_PROFILE")
    assert not file.exists()
    assert (isolated / ".claude/settings.json").read_bytes() == settings
    seen = json.loads(cgw("status", "--format", "json").out)
    assert seen["profile"]["name"] == "prod"
    assert [(item["profile"], item["state"]) for item in seen["applied"]] == [("prod", "ok")]
    assert seen["helper"]["name"] == "work"
    assert "(profile prod)" in cgw("settings", "status").out
    assert cgw("helper", "run", "prod").out == "sk-fake-0123456789\n"
    cgw("settings", "apply", "--profile", "prod")
    assert (isolated / ".claude/settings.json").read_bytes() == settings
    cgw("settings", "undo", "--profile", "prod")
    assert not (isolated / ".claude/settings.json").exists()


@pytest.mark.parametrize("pair", ["headers.x-api-key={}", "env.FOO={}", "secret=exec:echo {}"])
def test_a_literal_key_is_refused_and_one_that_is_there_hinders_no_other_change(
    cgw: Cgw, file: Path, pair: str
) -> None:
    key = "sk-good-fake-000111222333"
    done = cgw("profile", "set", "work", pair.format(key), fails=2)
    assert "literal key" in done.err
    assert key not in done.err
    assert file.read_text() == TEXT
    file.write_text(f'{TEXT}[env]\nFOO = "{key}"\n')
    cgw("profile", "set", "work", "region=eu")
    assert members(file)["region"] == "eu"


def test_init_refuses_a_command_that_contains_the_key(cgw: Cgw, isolated: Path) -> None:
    line = ("init", "new", "--provider", "unified", "--secret", "exec:echo sk-good-fake-000111222333", "--yes")
    assert "secret would hold a literal key" in cgw(*line, fails=2).err
    assert not (isolated / ".config/cgw/profiles/new.toml").exists()


def test_init_and_apply_write_nothing_where_the_settings_are_broken(cgw: Cgw, isolated: Path, file: Path) -> None:
    broken = isolated / ".claude/settings.json"
    broken.parent.mkdir()
    broken.write_text("{broken")
    line = ("init", "https://gw.example.com", "--secret", "env://K", "--scope", "user", "--yes")
    assert "Nothing was changed" in cgw(*line, fails=2).err
    assert "Nothing was changed" in cgw("settings", "apply", "--profile", "work", fails=2).err
    assert [path.name for path in file.parent.iterdir()] == ["work.toml"]
    assert not list(isolated.rglob("helpers/*"))
    assert broken.read_text() == "{broken"


def test_what_is_not_a_reference_is_told_with_its_own_option(cgw: Cgw, isolated: Path) -> None:
    said = cgw("init", "new", "--provider", "unified", "--front-auth", "me:word", "--yes", fails=2).err
    assert "--front-auth env://NAME" in said
    assert "--secret" not in said


def test_rename_replaces_no_other_profile(cgw: Cgw, file: Path) -> None:
    other = file.with_name("own.toml")
    other.write_text(TEXT)
    assert "already" in cgw("profile", "rename", "work", "own", fails=2).err
    assert "no profile 'nope'" in cgw("profile", "rename", "nope", "x", fails=2).err
    assert "cannot be a profile name" in cgw("profile", "rename", "work", "../x", fails=2).err
    assert file.read_text() == other.read_text() == TEXT


def test_init_takes_the_options_of_tables_and_keeps_comments(cgw: Cgw, file: Path) -> None:
    cgw("init", "work", "--vault-role", "r", "--oauth-token-url", "https://issuer.example/token", "--yes")
    assert members(file)["vault"] == {"address": "https://vault.example", "role": "r"}
    assert members(file)["oauth"] == {"work": {"token_url": "https://issuer.example/token"}}
    assert "# not the newest" in file.read_text()
    cgw("init", "fresh", "--provider", "unified", "--oauth-token-url", "https://issuer.example", "--yes")
    assert members(file.with_name("fresh.toml"))["secret"] == "oauth://fresh"


def test_a_choice_that_settings_do_not_follow_names_the_command(cgw: Cgw, file: Path) -> None:
    file.with_name("own.toml").write_text(TEXT)
    cgw("settings", "apply", "--profile", "work")
    done = cgw("profile", "use", "own")
    assert "~/.claude/settings.json still uses work: cgw settings apply" in done.err
    assert "still uses" not in cgw("profile", "use", "work").err
