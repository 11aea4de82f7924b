from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_gw_cli.core.errors import FileError, UsageError
from claude_gw_cli.world import look, tree


@pytest.fixture
def env(isolated: Path) -> dict[str, str]:
    return {"HOME": str(isolated), "PATH": os.environ["PATH"]}


def put(path: Path, text: str = "{}", mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_scope_follows_from_the_place(env: dict[str, str], isolated: Path, tmp_path: Path) -> None:
    places = {
        isolated / ".claude" / "settings.json": "user",
        tmp_path / ".claude" / "settings.json": "project",
        tmp_path / ".claude" / "settings.local.json": "local",
        tmp_path / "etc" / "managed-settings.json": "managed",
        tmp_path / "etc" / "managed-settings.d" / "10-a.json": "managed",
        tmp_path / "mine.json": "user",
    }
    for path, scope in places.items():
        (found,) = tree.find(str(put(path)), env)
        assert (found.scope, found.kind, found.mode) == (scope, "settings", 0o600)


def test_files_come_in_the_order_of_names(env: dict[str, str], tmp_path: Path) -> None:
    for name in ("b", "a", "c/d"):
        put(tmp_path / name / ".claude" / "settings.json")
    assert [os.path.relpath(item.path, tmp_path) for item in tree.find(str(tmp_path), env)] == [
        "a/.claude/settings.json", "b/.claude/settings.json", "c/d/.claude/settings.json",
    ]  # fmt: skip


def test_a_pipe_is_not_waited_for(env: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.json")
    with pytest.raises(FileError, match="not a regular file"):
        list(tree.find(str(tmp_path / "settings.json"), env))
    assert not list(tree.find(str(tmp_path), env)), "nobody knows whose it is"
    (tmp_path / ".claude").mkdir()
    os.mkfifo(tmp_path / ".claude" / "settings.json")
    (unread,) = tree.find(str(tmp_path), env)
    assert isinstance(unread, tree.Unread)
    assert "not a regular file" in unread.error.message


OTHERS = {
    ".gemini/settings.json": '{"model": {"name": "g"}, "env": {"A": "${B}"}}',
    "zed/settings.json": '{\n // zed\n "env": {"A": "b"}}',
    "app/settings.json": '{"env": "production", "model": {"x": 1}, "permissions": ["read"]}',
    "Code/User/settings.json": '{ // vs\n "claudeCode.environmentVariables": [{"name": "ANTHROPIC_BASE_URL"}]}',
    "web/settings.local.json": '{\n // mine\n "debug": true}',
    "cgw.toml": "[check]\nignore = []\n",
    "litellm.yaml": "kind: Namespace\n---\nkind: Deployment\nmetadata: {name: litellm}\n",
    "config.yaml": "Resources:\n  A: !Ref litellm\n",
    "config.yml": "- hosts: all\n  tasks: [{name: litellm}]\n",
    "litellm-values.yaml": "proxy_config:\n  model_list: []\n",
    "litellm-none.yaml": "# litellm\n",
}
OURS = {
    "dotfiles/claude/settings.json": '{"env": {"ANTHROPIC_BASE_URL": "https://llm.example.com"},}',
    "fleet/settings.json": '{"permissions": {"deny": ["Read(./.env)"]}}',
    "keys/settings.json": '{"apiKeyHelper": "~/bin/key.sh"}',
    "a/.claude/settings.json": "{}",
    "a/cgw.toml": 'provider = "vertex"\n',
    "deploy/litellm.yaml": "model_list: []\n",
}


def test_other_programs_files_are_left_alone(env: dict[str, str], tmp_path: Path) -> None:
    for name, text in {**OTHERS, **OURS}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        put(tmp_path / name, text)
    assert {os.path.relpath(item.path, tmp_path) for item in tree.find(str(tmp_path), env)} == {*OURS}


def test_what_is_not_yaml_is_said_with_its_line(env: dict[str, str], tmp_path: Path) -> None:
    (found,) = tree.find(str(put(tmp_path / "config.yaml", "model_list:\n  - a: [\n")), env)
    with pytest.raises(UsageError, match="line 3"):
        tree.gateway_config(found)
    (found,) = tree.find(str(put(tmp_path / "config.yaml", "- a\n")), env)
    with pytest.raises(UsageError, match="mapping"):
        tree.gateway_config(found)


def test_a_yaml_file_cannot_run_anything(env: dict[str, str], tmp_path: Path) -> None:
    text = "!!python/object/apply:os.system ['touch here']\n"
    (found,) = tree.find(str(put(tmp_path / "config.yaml", text)), env)
    with pytest.raises(UsageError):
        tree.gateway_config(found)


def test_the_check_table_is_the_nearest_one_up_to_the_repository(tmp_path: Path) -> None:
    put(tmp_path / "cgw.toml", "[check]\nignore = []\n")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    inner = tmp_path / "repo" / "a"
    inner.mkdir()
    assert tree.check_table(str(inner)) is None
    put(tmp_path / "repo" / "cgw.toml", "[check]\nignore = []\n")
    found = tree.check_table(str(inner))
    assert found is not None
    assert found[0] == str(tmp_path / "repo" / "cgw.toml")
    put(tmp_path / "repo" / "cgw.toml", "[check\n")
    with pytest.raises(UsageError):
        tree.check_table(str(inner))


@pytest.mark.parametrize(
    ("command", "exists", "executable"),
    [
        ("{0}/key.sh", True, True),
        ("~/key.sh --now", True, True),
        ("'{0}/key.sh' | tr -d x", True, True),
        ("A=1 {0}/key.sh", True, True),
        ("{0}/plain.txt", True, False),
        ("{0}/nothing", False, False),
    ],
)
def test_a_helper_is_looked_at_and_not_run(
    env: dict[str, str], isolated: Path, command: str, exists: bool, executable: bool
) -> None:
    put(isolated / "key.sh", f"#!/bin/sh\ntouch {isolated}/ran\n", 0o700)
    put(isolated / "plain.txt", "x", 0o600)
    found = look.helper(command.format(isolated), str(isolated), env)
    assert (found.exists, found.executable) == (exists, executable)
    assert not (isolated / "ran").exists()


@pytest.mark.parametrize("command", ["$HELPER arg", "(echo x)", "'unclosed", "", "echo x", "no-such-builtin"])
def test_what_only_a_shell_could_tell_is_left_open(env: dict[str, str], command: str) -> None:
    found = look.helper(command, "/", env)
    assert found.exists or found.program is None


def test_certificates_are_looked_at(tmp_path: Path) -> None:
    pem = put(tmp_path / "ca.pem", "-----BEGIN CERTIFICATE-----\n")
    text = put(tmp_path / "ca.txt", "hello")
    assert look.path_state("NODE_EXTRA_CA_CERTS", str(pem)) == "ok"
    assert look.path_state("NODE_EXTRA_CA_CERTS", str(text)) == "not-pem"
    assert look.path_state("GOOGLE_APPLICATION_CREDENTIALS", str(text)) == "ok"
    assert look.path_state("NODE_EXTRA_CA_CERTS", str(tmp_path / "none")) == "missing"
    assert look.path_state("NODE_EXTRA_CA_CERTS", str(tmp_path)) == "unreadable"
