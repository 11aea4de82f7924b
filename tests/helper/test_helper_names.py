"""Whose helper it is, what is left of it, and that one broken helper stops no other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.helper import install as room
from claude_gw_cli.helper import installed as on_disk
from claude_gw_cli.helper import shared
from claude_gw_cli.helper.runtime import load, refresh

KEY = "sk-kept-0123456789abcdef"


@pytest.fixture
def env(isolated: Path, tmp_path: Path) -> dict[str, str]:
    source = tmp_path / "source"
    source.write_text(f"#!/bin/sh\necho x >> {tmp_path}/calls\necho {KEY}\n")
    source.chmod(0o700)
    return {"HOME": str(isolated), "PATH": os.environ["PATH"], "SOURCE": str(source)}


def profile(env: dict[str, str], name: str = "work", gateway: str = "http://127.0.0.1:4000") -> Profile:
    return Profile(name=name, provider="unified", gateway_url=gateway, secret=f"exec:{env['SOURCE']}")


def own(env: dict[str, str], name: str = "work") -> Grant:
    return Grant("own", f"{env['HOME']}/.config/cgw/profiles/{name}.toml")


def ask(path: str, env: dict[str, str], cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    for mark in Path(env["HOME"]).rglob("asked.*"):
        mark.unlink()  # another client asks
    return subprocess.run([path], env=env | more, cwd=cwd, capture_output=True, text=True, check=False)


def holders(folder: str) -> list[Path]:
    return [path for path in Path(folder).rglob("*") if path.is_file() and KEY in path.read_text("utf-8", "replace")]


def test_profiles_of_one_name_get_helpers_of_their_own(env: dict[str, str], tmp_path: Path) -> None:
    mine = room.install(profile(env), env, own(env))
    first = room.install(profile(env), env, Grant("trusted", str(tmp_path / "a/repository/cgw.toml")))
    second = room.install(profile(env), env, Grant("trusted", str(tmp_path / "b/repository/cgw.toml")))
    assert [mine.name, first.name, second.name] == ["work", "work-2", "work-3"]
    assert len({mine.path, first.path, second.path}) == 3
    again = room.install(profile(env), env, Grant("trusted", str(tmp_path / "a/repository/cgw.toml")))
    assert again.name == "work-2"
    assert [item.profile for item in on_disk.installed(env)] == [
        own(env).file, str(tmp_path / "a/repository/cgw.toml"), str(tmp_path / "b/repository/cgw.toml"),
    ]  # fmt: skip


def test_a_profile_is_not_tested_with_the_helper_of_another(env: dict[str, str], tmp_path: Path) -> None:
    theirs = Grant("trusted", str(tmp_path / "a/repository/cgw.toml"))
    room.install(profile(env), env, own(env))
    with pytest.raises(UsageError, match="is the helper of"):
        on_disk.find_for("work", theirs, env)
    room.install(profile(env), env, theirs)
    assert on_disk.find_for("work", theirs, env).name == "work-2"
    assert on_disk.find_for("work", own(env), env).name == "work"


def test_a_helper_of_an_older_version_is_the_users_own(env: dict[str, str], tmp_path: Path) -> None:
    path = Path(room.install(profile(env), env, own(env)).path)
    spec = path.with_name("work.spec")
    spec.write_text("\n".join(line for line in spec.read_text().split("\n") if not line.startswith("profile ")))
    assert room.install(profile(env), env, Grant("trusted", str(tmp_path / "work/cgw.toml"))).name == "work-2"
    assert room.install(profile(env), env, own(env)).name == "work"


@pytest.mark.parametrize("name", ["../../x", "a b\n#", "it's", "-rf", ".hidden"])
def test_a_folders_name_is_neither_a_path_nor_script_text(env: dict[str, str], tmp_path: Path, name: str) -> None:
    helper = room.install(profile(env, name), env, Grant("trusted", str(tmp_path / "cgw.toml")))
    assert Path(helper.path).parent == Path(on_disk.helpers_folder(env))
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"


@pytest.mark.parametrize("gateway", ["https://user@gw.example", "https://g%2ew", "https://faß.example", "gw.example"])
def test_no_helper_without_an_origin(env: dict[str, str], gateway: str) -> None:
    with pytest.raises(UsageError, match="no helper is installed"):
        room.install(profile(env, gateway=gateway), env, own(env))


def test_a_host_in_another_script_gets_its_ascii_spelling(env: dict[str, str]) -> None:
    room.install(profile(env, gateway="https://llm.bücher.example"), env, own(env))
    assert load("work", env).origin == "https://llm.xn--bcher-kva.example"


def test_without_a_cache_no_old_key_is_left(env: dict[str, str], tmp_path: Path) -> None:
    helper = room.install(profile(env), env, own(env))
    ask(helper.path, env, tmp_path)
    assert holders(env["HOME"])
    room.install(profile(env), env, own(env), cache="none")
    assert not holders(env["HOME"])
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"
    assert not holders(env["HOME"])


def test_nothing_is_left_of_a_helper(env: dict[str, str], tmp_path: Path) -> None:
    helper = room.install(profile(env), env, own(env))
    ask(helper.path, env, tmp_path)
    on_disk.uninstall("work", env)
    left = [path.name for path in Path(env["HOME"]).rglob("*") if path.is_file()]
    assert sorted(left) == [".audit.lock", "audit.jsonl"], "the record of what cgw changed"


@pytest.mark.parametrize("text", ["", "cgw-helper-0\nname x\n", "\udcff garbage"])
def test_a_broken_helper_stops_no_other(env: dict[str, str], tmp_path: Path, text: str) -> None:
    helper = room.install(profile(env), env, own(env))
    broken = Path(on_disk.helpers_folder(env), "bad.spec")
    broken.write_bytes(text.encode("utf-8", "surrogateescape"))
    broken.chmod(0o600)
    assert {item.name: bool(item.problem) for item in on_disk.installed(env)} == {"bad": True, "work": False}
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"
    on_disk.uninstall("bad", env)
    assert [item.name for item in on_disk.installed(env)] == ["work"]


@pytest.mark.parametrize(
    "line", ["ttl abc", "ttl inf", "ttl -1", "hold nan", "hold 1e300", "name ../x", "tables [[", "plugin x\0y"]
)
def test_a_helpers_file_with_any_value_stops_no_other(env: dict[str, str], tmp_path: Path, line: str) -> None:
    helper = room.install(profile(env), env, own(env))
    good = Path(on_disk.helpers_folder(env), "work.spec").read_text().replace("name work", "name bad")
    name = line.partition(" ")[0]
    lines = [item for item in good.splitlines() if not item.startswith(f"{name} ")]
    broken = Path(on_disk.helpers_folder(env), "bad.spec")
    broken.write_text("\n".join([*lines, line, ""]))
    broken.chmod(0o600)
    assert {item.name for item in on_disk.installed(env)} == {"bad", "work"}
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"
    on_disk.uninstall("bad", env)
    assert [item.name for item in on_disk.installed(env)] == ["work"]
    with pytest.raises(UsageError):
        on_disk.find("bad", env)


def test_a_key_is_fetched_on_demand(env: dict[str, str], tmp_path: Path) -> None:
    helper = room.install(profile(env), env, own(env))
    value, seconds = refresh("work", env)
    assert (value.reveal(), seconds > 3000) == (KEY, True)
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"
    assert (tmp_path / "calls").read_text() == "x\n"


def test_one_script_for_all_machines_holds_no_users_path(env: dict[str, str], tmp_path: Path) -> None:
    helper = room.install(profile(env), env, own(env))
    out = tmp_path / "opt" / "claude-key"
    shared.share(helper, str(out), env)
    assert env["HOME"] not in out.read_text()
    assert ask(str(out), env, tmp_path).stdout == KEY + "\n"
    elsewhere = ask(str(out), env, tmp_path, HOME=str(tmp_path / "nobody"))
    assert (elsewhere.returncode, "cgw helper install work" in elsewhere.stderr) == (69, True)
    with pytest.raises(UsageError, match="absolute"):
        shared.check_shared("relative", env, anywhere=True)


@pytest.mark.parametrize(
    "more",
    [
        {"HTTPS_PROXY": "http://p:3128"},
        {"all_proxy": "http://p:1"},
        {"NODE_EXTRA_CA_CERTS": "/x"},
        {"NODE_OPTIONS": "-x"},
        {"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1"},
        {"ANTHROPIC_UNIX_SOCKET": "/s"},
        {"CLAUDE_CONFIG_DIR": "/x"},
    ],
    ids=str,
)
def test_the_script_answers_by_itself_only_where_nothing_is_set(
    env: dict[str, str], tmp_path: Path, more: dict[str, str]
) -> None:
    helper = room.install(profile(env), env, own(env))
    ask(helper.path, env, tmp_path)
    alone = Path(helper.path)
    alone.write_text(alone.read_text().replace(f"python={sys.executable}", "python=/nonexistent"))
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"
    done = ask(helper.path, env, tmp_path, **more)
    assert (done.stdout, done.returncode) == ("", 69), "left to the run time, which is not there"


def test_a_proxy_that_was_there_at_install_keeps_the_fast_path(env: dict[str, str], tmp_path: Path) -> None:
    env["HTTPS_PROXY"] = "http://proxy.example:3128"
    helper = room.install(profile(env), env, own(env))
    ask(helper.path, env, tmp_path)
    alone = Path(helper.path)
    alone.write_text(alone.read_text().replace(f"python={sys.executable}", "python=/nonexistent"))
    assert ask(helper.path, env, tmp_path).stdout == KEY + "\n"
    assert ask(helper.path, env, tmp_path, HTTPS_PROXY="http://other.example:3128").returncode == 69


def test_a_proxys_password_is_in_no_file(env: dict[str, str]) -> None:
    env["HTTPS_PROXY"] = "http://me:canary-word@proxy.example:3128"
    helper = room.install(profile(env), env, own(env))
    assert "proxy.example" in Path(helper.path).with_name("work.spec").read_text()
    for path in Path(env["HOME"]).rglob("*"):
        assert not path.is_file() or "canary-word" not in path.read_text()
