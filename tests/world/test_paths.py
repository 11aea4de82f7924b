"""Where things are, per platform and scope."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from claude_gw_cli.core.errors import UsageError
from claude_gw_cli.world import paths

HOME = {"HOME": "/h"}


def test_own_directories_follow_the_platform() -> None:
    assert paths.config_dir(HOME, "linux") == "/h/.config/cgw"
    assert paths.state_dir(HOME, "linux") == "/h/.local/state/cgw"
    assert paths.cache_dir(HOME, "linux") == "/h/.cache/cgw"
    assert paths.config_dir({**HOME, "XDG_CONFIG_HOME": "/x"}, "linux") == "/x/cgw"
    assert paths.config_dir({**HOME, "XDG_CONFIG_HOME": "x"}, "linux") == "/h/.config/cgw"
    assert paths.config_dir(HOME, "darwin") == "/h/Library/Application Support/cgw"
    assert paths.cache_dir(HOME, "darwin") == "/h/Library/Caches/cgw"
    assert paths.config_dir({"APPDATA": "/roaming"}, "win32") == "/roaming/cgw"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("place", [paths.config_dir, paths.state_dir, paths.cache_dir, paths.data_dir])
def test_an_empty_home_is_not_the_root_directory(place: Callable[..., str], platform: str) -> None:
    for home in ("", ".", "~", "home/me"):
        with pytest.raises(UsageError, match=f"HOME is {home or 'set but empty'}, so there is no"):
            place({"HOME": home}, platform)


def test_settings_files_are_where_the_client_reads_them() -> None:
    assert paths.settings_path("user", HOME, "/p") == "/h/.claude/settings.json"
    assert paths.settings_path("project", HOME, "/p") == "/p/.claude/settings.json"
    assert paths.settings_path("local", HOME, "/p") == "/p/.claude/settings.local.json"
    assert paths.settings_path("managed", HOME, "/p", "/m") == "/m/managed-settings.json"
    assert paths.settings_path("managed", HOME, "/p", "/m", drop_in=True) == "/m/managed-settings.d/50-cgw.json"
    assert paths.managed_dir("linux") == "/etc/claude-code"
    assert paths.managed_dir("darwin") == "/Library/Application Support/ClaudeCode"
    assert paths.managed_dir("win32") == "C:\\Program Files\\ClaudeCode"


def test_the_clients_own_variable_is_taken_literally() -> None:
    """Measured on 2.1.330: no ``~`` expansion; an empty value finds no user settings."""
    assert paths.settings_path("user", {**HOME, "CLAUDE_CONFIG_DIR": "/c"}, "/p") == "/c/settings.json"
    assert paths.settings_path("user", {**HOME, "CLAUDE_CONFIG_DIR": "~/c"}, "/p") == "/p/~/c/settings.json"
    with pytest.raises(UsageError, match="empty"):
        paths.settings_path("user", {**HOME, "CLAUDE_CONFIG_DIR": ""}, "/p")


@pytest.mark.parametrize(
    ("mode", "group", "seen"), [(0o664, 1000, 0o644), (0o664, 50, 0o664), (0o666, 1000, 0o666), (0o600, 50, 0o600)]
)
def test_a_group_of_one_s_own_is_nobody_else(mode: int, group: int, seen: int) -> None:
    status = os.stat_result((0o100000 | mode, 1, 1, 1, 1000, group, 0, 0, 0, 0))
    assert paths.open_to(status) == seen


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ana/.claude/settings.json", "~/.claude/settings.json"),
        ("2.1.332 (/home/ana/bin/claude)", "2.1.332 (~/bin/claude)"),
        ("file:///home/ana/.key: 25 characters", "file://~/.key: 25 characters"),
        ("/mnt/home/ana/x, /home/anabel/x", "/mnt/home/ana/x, /home/anabel/x"),
    ],
)
def test_a_text_for_a_person_names_the_home_directory_by_its_sign(text: str, shown: str) -> None:
    for home in ("/home/ana", "/home/ana/"):
        assert paths.with_tilde(text, {"HOME": home}) == shown
    assert paths.with_tilde(text, {"HOME": "/"}) == text
