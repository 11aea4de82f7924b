from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_gw_cli.cli.accepted import check_table
from claude_gw_cli.core.errors import FileError, UsageError
from claude_gw_cli.core.snapshot import HelperFile
from claude_gw_cli.world import referenced_files, tree


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
        (found,) = tree.find(str(put(path, '{"env": {"ANTHROPIC_MODEL": "m"}}')), env)
        assert isinstance(found, tree.Found)
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
    "Code/User/settings.json": '{ // vs\n "editor.fontSize": 12, "claudeCode.preferredLocation": "panel" }',
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


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("model_list:\n  - a: [\n", 3, 1),
        ("model_list:\n\t- a: b\n", 2, 1),
        ("model_list: []\nnote: a: b\n", 2, 8),
        ("model_list: []\n---\nmodel_list: []\n", 2, 1),
        ("model_list: []\nwhen: 2021-99-99\n", 1, 1),
        ("model_list: *sk-9f8e7d6c5b4a39281706\n", 1, 13),
        ("model_list: !!python/object/apply:os.system ['touch here']\n", 1, 13),
    ],
)
def test_what_is_not_yaml_is_said_with_its_place(text: str, line: int, column: int) -> None:
    data, fault, at = tree.gateway_config(text)
    assert (data, at) == ({}, (line, column))
    assert fault
    assert "sk-9f" not in fault


def test_a_list_is_another_program_s(env: dict[str, str], tmp_path: Path) -> None:
    (other,) = tree.find(str(put(tmp_path / "config.yaml", "- a\n")), env)
    assert isinstance(other, tree.PassedOver)


def test_the_check_table_is_the_nearest_one_up_to_the_repository(tmp_path: Path) -> None:
    put(tmp_path / "cgw.toml", "[check]\nignore = []\n")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    inner = tmp_path / "repo" / "a"
    inner.mkdir()
    assert check_table(str(inner)) is None
    put(tmp_path / "repo" / "cgw.toml", "[check]\nignore = []\n")
    found = check_table(str(inner))
    assert found is not None
    assert found[0] == str(tmp_path / "repo" / "cgw.toml")
    put(tmp_path / "repo" / "cgw.toml", "[check\n")
    with pytest.raises(UsageError):
        check_table(str(inner))


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
    found = referenced_files.helper(command.format(isolated), str(isolated), env)
    assert (found.exists, found.executable) == (exists, executable)
    assert not (isolated / "ran").exists()


@pytest.mark.parametrize("command", ["$HELPER arg", "(echo x)", "'unclosed", "", "echo x", "cd / && ./x"])
def test_what_only_a_shell_could_tell_is_left_open(env: dict[str, str], command: str) -> None:
    found = referenced_files.helper(command, "/", env)
    assert found.exists or found.program is None


HELPERS = {
    "good.sh": ("#!/bin/sh\necho x\n", 0o700),
    "plain.sh": ("echo x\n", 0o600),
    "empty.sh": ("\n", 0o700),
    "crlf.sh": ("#!/bin/sh\r\necho x\r\n", 0o700),
    "lost.sh": ("#!/no/such/interpreter\n", 0o700),
    "lost-env.sh": ("#!/usr/bin/env no-such-interpreter\n", 0o700),
    "env.sh": ("#!/usr/bin/env sh\n", 0o700),
    "key": ("gw-4f1c9a7e22b0", 0o644),
}


@pytest.mark.parametrize(
    ("command", "name", "says"),
    [
        ('"$HOME/good.sh"', "good.sh", ""),
        ("$HOME/good.sh --now", "good.sh", ""),
        ("${HOME}/good.sh", "good.sh", ""),
        ("exec ~/good.sh", "good.sh", ""),
        ("A=1 B='2 3' ~/good.sh", "good.sh", ""),
        ("~/env.sh 2>/dev/null", "env.sh", ""),
        ("sh ~/plain.sh", "plain.sh", ""),
        ("python3 {0}/plain.sh", "plain.sh", ""),
        ("{0}/good.sh # the team's", "good.sh", ""),
        ("~/none.sh", "none.sh", "missing"),
        ("bash ~/none.sh", "none.sh", "missing"),
        ("cat ~/none 2>/dev/null", "none", "missing"),
        ('"~/good.sh"', "~/good.sh", "missing: quotes keep ~ and $HOME from being expanded"),
        ("'$HOME/good.sh'", "$HOME/good.sh", "missing: quotes keep ~ and $HOME from being expanded"),
        ("no-such-program print", "no-such-program", "missing: it is not on PATH"),
        ("C:\\tools\\key.exe", "C:toolskey.exe", "missing: it is not on PATH"),
        ("{0}/folder", "folder", "is a directory"),
        ("~/empty.sh", "empty.sh", "is empty"),
        ("~/crlf.sh", "crlf.sh", "has Windows line ends, which become part of its interpreter's name"),
        ("~/lost.sh", "lost.sh", "names an interpreter that does not exist: /no/such/interpreter"),
        ("~/lost-env.sh", "lost-env.sh", "names an interpreter that does not exist: no-such-interpreter"),
        ("sh ~/crlf.sh", "crlf.sh", ""),
    ],
)
def test_what_a_helper_s_first_words_lead_to(
    env: dict[str, str], isolated: Path, command: str, name: str, says: str
) -> None:
    for file, (text, mode) in HELPERS.items():
        put(isolated / file, text, mode)
    (isolated / "folder").mkdir()
    seen = referenced_files.helper(command.replace("{0}", str(isolated)), str(isolated), env)
    assert seen.program
    assert seen.program.removeprefix(f"{isolated}/") == name
    told = (
        f"missing: {seen.problem}"
        if not seen.exists and seen.problem
        else "missing"
        if not seen.exists
        else seen.problem
    )
    assert told == says


@pytest.mark.parametrize(
    "command",
    [
        *(
            "~/none.sh || ~/good.sh",
            "cat ~/none; echo x",
            "~/none.sh & wait",
            "[ -f ~/k ] && cat ~/k",
            "PATH=/x none",
        ),
        *(
            "~/n*.sh",
            "$(which none)",
            "`none`",
            "~/$NAME",
            '"~/none',
            "if true; then none; fi",
            ". ~/.env",
            "{ none; }",
        ),
    ],
)
def test_where_other_commands_count_nothing_is_said_of_the_first(env: dict[str, str], command: str) -> None:
    assert referenced_files.helper(command, "/", env) == HelperFile(command, None)


def test_a_key_file_is_not_read(env: dict[str, str], isolated: Path) -> None:
    put(isolated / "key", "gw-4f1c9a7e22b0", 0o644)
    seen = referenced_files.helper("cat ~/key | tr -d '\\n'", str(isolated), env)
    assert (seen.role, seen.mode, seen.text, seen.problem) == ("file", 0o644, None, "")
    put(isolated / "key", "", 0o600)
    assert referenced_files.helper("cat ~/key", "/", env).problem == "is empty"


@pytest.mark.parametrize("name", ["config.yaml", "proxy_server_config.yaml", "proxy_config.yml", "litellm-prod.yaml"])
def test_a_gateway_s_file_is_found_by_its_usual_names(env: dict[str, str], tmp_path: Path, name: str) -> None:
    put(tmp_path / name, "model_list: []\n")
    assert [getattr(found, "kind", found) for found in tree.find(str(tmp_path), env)] == ["gateway"]


def test_certificates_are_looked_at(tmp_path: Path) -> None:
    pem = put(tmp_path / "ca.pem", "-----BEGIN CERTIFICATE-----\n")
    text = put(tmp_path / "ca.txt", "hello")
    assert referenced_files.path_state("NODE_EXTRA_CA_CERTS", str(pem)) == "ok"
    assert referenced_files.path_state("NODE_EXTRA_CA_CERTS", str(text)) == "not-pem"
    assert referenced_files.path_state("GOOGLE_APPLICATION_CREDENTIALS", str(text)) == "ok"
    assert referenced_files.path_state("NODE_EXTRA_CA_CERTS", str(tmp_path / "none")) == "missing"
    assert referenced_files.path_state("NODE_EXTRA_CA_CERTS", str(tmp_path)) == "unreadable"
