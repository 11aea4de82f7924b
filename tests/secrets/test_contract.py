"""The one contract of every source: what is not a key, what is pinned, what a tool's words mean, and when it ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Literal

import pytest

from claude_gw_cli.core.errors import CgwError, UnavailableError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin
from claude_gw_cli.secrets.stores import PRESETS

from . import store_tools

KEY = "cgw-canary-7a3e"


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def context(env: dict[str, str], **more: object) -> Context:
    return Context(Grant("typed"), env, **more)  # type: ignore[arg-type]


# What is not a key, from every source that gives a whole text

NOT_KEYS = {
    "null": "null",
    "None": "none",
    "true": "true",
    "False": "false",
    "undefined": "undefined",
    f'"{KEY}"': "quotation marks",
    f"'{KEY}'": "quotation marks",
    f'{{"key": "{KEY}", "user": "me"}}': "the fields: key, user",
    f'["{KEY}"]': "JSON list",
    "{": "first line of a JSON document",
    f"{KEY}\nsecond": "line break",
    "two words": "whitespace",
    "": "empty",
}
SOURCES = ("env", "file", "exec", "gcloud-secret", "bw", "op")
TOOLS = {"gcloud-secret": "gcloud", "bw": "bw", "op": "op"}
REFERENCES = {"gcloud-secret": "gcloud-secret://p/s", "bw": "bw://x", "op": "op://v/i/f"}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("text", NOT_KEYS)
def test_what_is_not_a_key_is_an_error_from_every_source(source: str, text: str, tmp_path: Path) -> None:
    stored = tmp_path / "stored"
    stored.touch(0o600)
    stored.write_text(text)
    for tool in ("show", *TOOLS.values()):
        program(tmp_path, tool, f"cat {stored}")
    reference = {"env": "env://K", "file": f"file://{stored}", "exec": f"exec:{tmp_path}/show"} | REFERENCES
    with pytest.raises(UsageError) as caught:
        resolve(reference[source], context({"K": text, "PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    assert NOT_KEYS[text] in caught.value.message
    assert caught.value.hint
    assert KEY not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("text", ["12345678", "{x9$kTr", "[ab", "nullable", "a'b", "true-key"])
def test_a_key_that_only_looks_odd_is_a_key(text: str) -> None:
    assert resolve("env://K", context({"K": text})).value.reveal() == text


# A secret's text and its field -> the key, or words of the error
ENTRIES = [
    (f"{KEY}\nuser: me\n", "", KEY),
    (f"{KEY}\r\nuser: me\r\n", "user", "me"),
    ("\nother-line\n", "", "empty key"),
    (f"\nkey: {KEY}\n", "key", KEY),
    (f'\ufeff{{"key": "{KEY}"}}', "key", KEY),
    (f'\ufeff{{"key": "{KEY}"}}', "", "the fields: key"),
    (f'\n{{\n"key": "{KEY}"\n}}', "key", KEY),
    (f'{{"a": ["{KEY}"]}}', "a.0", KEY),
    (f'{{"a": ["{KEY}"]}}', "a.-1", "does not have this field"),
    (f'{{"a": ["{KEY}"]}}', "a.1", "does not have this field"),
]


@pytest.mark.parametrize(("text", "name", "found"), ENTRIES)
def test_an_entry_gives_its_first_line_or_a_field(text: str, name: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "stored").write_text(text, newline="")
    program(tmp_path, "pass", f"cat {tmp_path}/stored")
    reference = "pass://x" + (f"#{name}" if name else "")
    env = context({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    if found in {KEY, "me"}:
        assert resolve(reference, env).value.reveal() == found
        return
    with pytest.raises(UsageError, match=found):
        resolve(reference, env)


@pytest.mark.parametrize(("kind", "found"), [("key", f"{KEY} x\nuser: me\n"), ("secret", f"{KEY} x")])
def test_what_a_source_itself_needs_is_a_whole_text_or_a_line_or_a_field(
    kind: Literal["key", "secret"], found: str, tmp_path: Path
) -> None:
    (tmp_path / "stored").write_text(f"{KEY} x\nuser: me\n")
    (tmp_path / "json").write_text('{"SecretString": "{\\"key\\": \\"a b\\"}"}')
    program(tmp_path, "pass", f"cat {tmp_path}/stored")
    program(tmp_path, "aws", f"cat {tmp_path}/json")
    inner = context({"PATH": f"{tmp_path}:{os.environ['PATH']}"}).for_material(kind)
    assert resolve("pass://x", inner).value.reveal() == found
    assert resolve("aws-sm://x#key", inner).value.reveal() == "a b"


@pytest.mark.parametrize("form", ["age://{}?identity=/x", "sops://{}#k", "keepassxc://{}?entry=e&key_file=/x"])
def test_a_folder_is_not_an_encrypted_file(form: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder"):
        resolve(form.format(tmp_path), context({}))


def test_a_list_of_strings_of_the_parameter_store_is_not_a_key(tmp_path: Path) -> None:
    program(tmp_path, "aws", 'printf \'{"Parameter": {"Type": "StringList", "Value": "a,b"}}\'')
    with pytest.raises(UsageError, match="list of strings"):
        resolve("aws-ssm:///x", context({"PATH": f"{tmp_path}:{os.environ['PATH']}"}))


@pytest.mark.parametrize("source", ["exec", "op"])
def test_binary_output_is_not_text(source: str, tmp_path: Path) -> None:
    program(tmp_path, "op", r"printf 'a\377'")
    with pytest.raises(UsageError, match="binary, not text"):
        resolve(
            {"exec": f"exec:{tmp_path}/op", "op": "op://v/i/f"}[source],
            context({"PATH": f"{tmp_path}:{os.environ['PATH']}"}),
        )


# What a tool's words mean; recorded from the tools, or from their documentation

WORDS = [
    ("pass://x", "Error: x is not in the password store.", 69),
    ("pass://x", "gpg: decryption failed: No secret key", 77),
    ("gopass://x", "Error: failed to retrieve secret 'x': entry is not in the password store", 69),
    ("gopass://x", "Usage: gopass show [pass-name]\nError: flag provided but not defined: -nosync.", 2),
    ("op://v/i/f", "[ERROR] 2026/11/28 You are not currently signed in. Please run `op signin --help`", 77),
    ("op://v/i/f", '[ERROR] 2026/11/28 could not read secret: "i" isn\'t an item in the "v" vault', 69),
    ("security://s/a", "security: SecKeychainSearchCopyNext: The specified item could not be found", 69),
    ("aws-sm://x", "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: …", 69),
    ("aws-sm://x", "Error loading SSO Token: Token for q does not exist", 77),
    ("aws-sm://x", "Token has expired and refresh failed", 77),
    ("aws-sm://x", 'Unable to locate credentials. You can configure credentials by running "aws configure".', 77),
    ("aws-sm://x", "An error occurred (AccessDeniedException) when calling the GetSecretValue operation: …", 77),
    ("aws-sm://x", "You must specify a region. You can also configure your region by running …", 2),
    ("aws-ssm:///x", "An error occurred (ParameterNotFound) when calling the GetParameter operation: …", 69),
    ("gcloud-secret://p/s", "ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret [x] not found", 69),
    (
        "gcloud-identity://x",
        "ERROR: (gcloud.auth) You do not currently have an active account: gcloud auth login",
        77,
    ),
    ("az-keyvault://v/s", "ERROR: (SecretNotFound) A secret with (name/id) s was not found in this key vault.", 69),
    ("az-token://x", "ERROR: Please run 'az login' to setup account.", 77),
    ("bw://x", "You are not logged in.", 77),
    ("bw://x", "Vault is locked.", 77),
    ("bw://x", "Not found.", 69),
    ("bw://x", "More than one result was found. Try getting a specific object by `id` instead.", 2),
    ("sops:///x#f", 'Error: cannot operate on non-existent file "/x"', 69),
    ("sops:///x#f", "Failed to get the data key required to decrypt the SOPS file.", 77),
    ("age:///x?identity=/i", "age: error: no identity matched any of the recipients", 77),
    ("age:///x?identity=/i", "age: error: could not read passphrase: standard input is not a terminal", 77),
    ("keepassxc:///x?entry=e&key_file=/k", "Could not find entry with path e.", 69),
    ("infisical://p/dev/N", "error: You must be logged in to run this command. To login, run [infisical login]", 77),
    ("doppler://p/c/N", "Doppler Error: Could not find requested secret: N", 69),
    ("doppler://p/c/N", "Doppler Error: you must provide a token", 77),
    ("akeyless:///n", "Failed to get secret value: item not found", 69),
]


@pytest.mark.parametrize(("reference", "words", "code"), WORDS)
def test_a_tools_words_become_an_error_with_exit_code_and_next_step(
    reference: str, words: str, code: int, tmp_path: Path
) -> None:
    from claude_gw_cli.core.reference import parse

    tool = PRESETS[parse(reference).scheme].arguments(parse(reference))[0]
    (tmp_path / "words").write_text(words)
    program(tmp_path, tool, f"cat {tmp_path}/words >&2; exit 1")
    with pytest.raises(CgwError) as caught:
        resolve(reference, context({"PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    assert caught.value.exit_code == code, caught.value.message
    assert caught.value.hint


def test_every_store_but_one_knows_words() -> None:
    assert {name for name, row in PRESETS.items() if not row.words} == {"lite"}, "add its `words` to stores.txt"


NAMED = [
    ("oauth", {"token_url": "https://x/t", "client_id": "c", "client_secret": "{}"}, "client_secret"),
    (
        "oauth",
        {"token_url": "https://x/t", "client_id": "c", "grant": "token_exchange", "subject_token": "{}"},
        "subject_token",
    ),
    ("jwt", {"key": "{}"}, "key"),
]


@pytest.mark.parametrize(("kind", "table", "key"), NAMED)
def test_an_error_of_a_reference_in_a_table_names_its_place(kind: str, table: dict[str, str], key: str) -> None:
    for inner, code in (("env://NOT_SET", 69), ("sk-cgw-canary-literal", 2), ("exec:no-such-program-here", 69)):
        tables = {kind: {"w": {name: value.format(inner) for name, value in table.items()}}}
        for step in (resolve, pin):
            if inner == "env://NOT_SET" and step is pin:
                continue  # the variable is read later
            with pytest.raises(CgwError) as caught:
                step(f"{kind}://w", context({"PATH": os.environ["PATH"]}, tables=tables))
            assert caught.value.exit_code == code
            assert caught.value.message == str(caught.value)
            assert caught.value.message.startswith(f"[{kind}.w] {key}: ")
            assert "canary" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("key: x\n---\nkey: y\n", "several YAML documents"),
        ("# a\n---\nkey: x\n--- # b\nkey: y\n", "several YAML documents"),
        ("%YAML 1.1\n---\nkey: x\n", KEY),
        ("---\nkey: x\n", KEY),
        ("key: |\n  ---\n", KEY),
    ],
)
def test_sops_shows_one_document_only(text: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text)
    program(tmp_path, "sops", f'echo \'{{"key": "{KEY}"}}\'')
    ask = f"sops://{tmp_path}/a.yaml#key", context({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    if found == KEY:
        assert resolve(*ask).value.reveal() == KEY
        return
    with pytest.raises(UsageError, match=found):
        resolve(*ask)


# What is pinned

HOSTILE = {"PATH": "/nowhere", "HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere", "DBUS_SESSION_BUS_ADDRESS": "evil"}


@pytest.mark.parametrize("scheme", [name for name in PRESETS if name not in {"sops", "age", "keepassxc"}])
def test_a_helper_sees_the_selection_of_its_installation_and_nothing_else(scheme: str, tmp_path: Path) -> None:
    row, reference = PRESETS[scheme], store_tools.TOOLS[scheme].reference
    from claude_gw_cli.core.reference import parse

    program(tmp_path, row.arguments(parse(reference))[0], f"env > {tmp_path}/seen; echo '{KEY}'")
    names = (*row.selects, *row.credentials)
    env = {name: f"mine-{name}." for name in names} | {"HOME": "/h", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    pinned = pin(reference, context(env))
    assert not any(f"mine-{name}." in str(pinned.tables) for name in row.credentials), "a credential is written down"
    later = HOSTILE | {name: f"theirs-{name}" for name in names} | {"GPG_TTY": "/dev/tty", "DISPLAY": ":1"}
    try:
        resolve(pinned.reference, context(later, tables=pinned.tables))
    except UsageError:
        pass  # a store whose tool prints JSON
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines() if "=" in line)
    for name in row.selects:
        assert seen[name].startswith(f"mine-{name}."), name
    for name in row.credentials:
        assert seen[name] == f"theirs-{name}", name
    assert (seen["HOME"], seen["PATH"]) == ("/h", env["PATH"])
    assert not {"GPG_TTY", "DISPLAY", "XDG_CONFIG_HOME"} & set(seen)


@pytest.mark.parametrize("name", ["OP_SERVICE_ACCOUNT_TOKEN", "OP_ACCOUNT", "OP_CONNECT_HOST"])
def test_a_variable_that_was_not_set_at_installation_is_not_read_later(name: str, tmp_path: Path) -> None:
    program(tmp_path, "op", f"env > {tmp_path}/seen; echo '{KEY}'")
    pinned = pin("op://v/i/f", context({"PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    resolve(pinned.reference, context({name: "evil"}, tables=pinned.tables))
    assert "evil" not in (tmp_path / "seen").read_text()


def test_nested_references_keep_what_each_of_them_needs(tmp_path: Path) -> None:
    for tool in ("op", "bw"):
        program(tmp_path, tool, f"echo '{KEY}'")
    tables = {"oauth": {"w": {"token_url": "https://x/t", "client_id": "c", "client_secret": "op://v/i/f",
                              "grant": "token_exchange", "subject_token": "bw://x"}}}  # fmt: skip
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BW_SESSION": "s", "OP_ACCOUNT": "a"}
    pinned = pin("oauth://w", context(env, tables=tables)).tables["pinned"]
    assert pinned["programs"] == {tool: str(tmp_path / tool) for tool in ("op", "bw")}
    assert pinned["set"]["OP_ACCOUNT"] == "a"
    assert pinned["from_process"] == ["BW_SESSION"]


def test_a_question_is_possible_only_where_the_user_expects_one(tmp_path: Path) -> None:
    tool = program(tmp_path, "tool", f"env > {tmp_path}/seen; echo '{KEY}'")
    env = {"PATH": os.environ["PATH"], "DISPLAY": ":1", "GPG_TTY": "/dev/pts/1"}
    for may_ask in (True, False):
        resolve(f"exec:{tool}", context(env, may_ask=may_ask))
        assert ("DISPLAY=:1" in (tmp_path / "seen").read_text()) is may_ask


# When it ends


def test_output_without_an_end_is_cut_while_it_is_read(tmp_path: Path) -> None:
    tool = program(tmp_path, "tool", "exec cat /dev/zero")
    start = time.monotonic()
    with pytest.raises(UsageError, match="more than 1000000 bytes"):
        resolve(f"exec:{tool}", context({"PATH": os.environ["PATH"]}, deadline=start + 20))
    assert time.monotonic() - start < 10


def test_a_background_child_that_holds_the_pipe_costs_neither_key_nor_time(tmp_path: Path) -> None:
    tool = program(tmp_path, "tool", f"sleep 60 & echo '{KEY}'")
    start = time.monotonic()
    found = resolve(f"exec:{tool}", context({"PATH": os.environ["PATH"]}, deadline=start + 20))
    assert found.value.reveal() == KEY
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("what", ["head", "body"])
def test_a_server_that_dribbles_ends_at_the_deadline(what: str) -> None:
    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.recv(9999)
        begin = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 9999\r\n\r\n" if what == "body" else b"")
        try:
            connection.sendall(begin)
            for _ in range(200):
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        start = time.monotonic()
        tables = {"vault": {"address": f"http://127.0.0.1:{server.getsockname()[1]}"}}
        with pytest.raises(UnavailableError) as caught:
            resolve("vault://a/b#c", context({"VAULT_TOKEN": "hvs.x"}, deadline=start + 1, tables=tables))
        assert caught.value.code == "CGW467"
        assert time.monotonic() - start < 5
        thread.join(timeout=15)


def test_pass_names_what_is_in_a_folder(tmp_path: Path) -> None:
    program(tmp_path, "pass", "echo llm; echo '`-- key'")
    (tmp_path / "s" / "llm").mkdir(parents=True)
    (tmp_path / "s" / "llm" / "key.gpg").touch()
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PASSWORD_STORE_DIR": str(tmp_path / "s")}
    with pytest.raises(UsageError, match="is a folder") as caught:
        resolve("pass://llm", context(env))
    assert "key" in caught.value.hint


def test_the_command_line_tests_a_reference_with_a_deadline(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "claude_gw_cli", "secret", "test", "env://K"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "K": "null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "the word 'null'" in done.stderr
