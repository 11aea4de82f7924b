"""A key in Vault or OpenBao: what a profile takes from this shell, what is still to type, and a reference tried."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.secrets.conftest import MOUNTS, Fake

from claude_gw_cli.cli.vault_here import is_used
from claude_gw_cli.cli.wizard import key
from claude_gw_cli.core.model import Profile

from .conftest import Cgw
from .test_wizard_steps import BACK, NOTHING, Person, asked, draft

KEY = "sk-vault-0123456789abcdef"
TOKEN = "hvs.0123456789abcdef"
LINE = ("--provider", "unified", "--gateway-url", "http://127.0.0.1:9", "--auth", "helper", "--yes")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """A server with the fields key and other in secret/llm, named by VAULT_ADDR; a token is in the environment."""
    with Fake() as found:
        body = {"data": {"data": {"key": KEY, "other": "x"}, "metadata": {"version": 1}}}
        found.put("/v1/secret/data/llm", 200, body)
        found.put("/v1/sys/internal/ui/mounts/secret/wrong", *found.answers[MOUNTS][:2])
        threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("VAULT_ADDR", found.url)
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        yield found
        found.shutdown()


@pytest.mark.parametrize(
    ("secret", "tables", "used"),
    [
        ("vault://a/b#c", {}, True),
        ("jwt://x", {"jwt": {"x": {"key": "vault://a/b#c"}}}, True),
        ("jwt://x", {"jwt": {"x": {"transit": "transit/k"}}}, True),
        ("oauth://x", {"oauth": {"x": {"client_secret": "vault://a/b#c"}}}, True),
        ("jwt://x", {"jwt": {"x": {"key": "file:///k"}}}, False),
        ("env://VAULT", {}, False),
        (None, {"vault": {"address": "https://v"}}, False),
    ],
)
def test_a_profile_that_needs_the_server_is_told_from_others(
    secret: str | None, tables: dict[str, dict[str, object]], used: bool
) -> None:
    assert is_used(Profile("x", "unified", secret=secret, tables=tables)) is used


@pytest.mark.parametrize("prefix", ["VAULT", "BAO"])
@pytest.mark.parametrize("command", ["init work", "init work --dry-run"])
def test_what_only_this_shell_says_of_the_server_goes_into_the_profile(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch, prefix: str, command: str
) -> None:
    monkeypatch.setenv(f"{prefix}_ADDR", "https://vault.example.com:8200")
    monkeypatch.setenv(f"{prefix}_NAMESPACE", "team/a")
    monkeypatch.setenv(f"{prefix}_PROXY_ADDR", "http://user:password-0123456789@proxy:3128")
    done = cgw(*command.split(), *LINE, "--secret", "vault://secret/llm#key")
    assert f"[vault] address = https://vault.example.com:8200, which {prefix}_ADDR says" in done.err
    shown = done.out if "--dry-run" in command else cgw("profile", "show", "work").out
    assert 'address = "https://vault.example.com:8200"' in shown
    assert 'namespace = "team/a"' in shown
    assert "password-0123456789" not in f"{done.out}{done.err}{shown}"


def test_a_profile_that_does_not_use_the_server_is_left_alone(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example.com:8200")
    done = cgw("init", "work", *LINE, "--secret", "env://K")
    assert "vault" not in f"{done.err}{cgw('profile', 'show', 'work').out}".lower()


@pytest.mark.parametrize(
    "line",
    ["init work", "init work --scope user", "helper install work", "settings apply --profile work", "switch work"],
)
def test_a_missing_token_is_named_before_the_helper_needs_it(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch, isolated: Path, line: str
) -> None:
    address = ("--vault-address", "https://vault.example.com:8200")
    make = ("init", "work", *LINE, "--secret", "vault://secret/llm#key", *address)
    words = ("init", *line.split()[1:], *make[2:]) if line.startswith("init") else tuple(line.split())
    if not line.startswith("init"):
        cgw(*make)
    said = cgw(*words).err
    assert said.count("vault login -address=https://vault.example.com:8200") == 1
    (isolated / ".vault-token").write_text(TOKEN)
    (isolated / ".vault-token").chmod(0o600)
    assert "login -address" not in cgw(*words).err


def test_a_server_that_nothing_names_is_named_with_the_command(cgw: Cgw) -> None:
    said = cgw("init", "work", *LINE, "--secret", "vault://secret/llm#key").err
    assert "cgw profile set work --vault-address https://HOST:8200" in said
    assert "login" not in said


def test_an_address_that_only_the_shell_of_the_install_knew_is_named(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch
) -> None:
    cgw("init", "work", *LINE, "--secret", "vault://secret/llm#key")
    monkeypatch.setenv("BAO_ADDR", "https://bao.example.com:8200")
    said = cgw("helper", "install", "work").err
    assert "only in BAO_ADDR of this shell" in said
    assert "cgw profile set work --vault-address https://bao.example.com:8200" in said


def test_the_login_is_that_of_the_program_that_is_installed(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bao"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    more = ("--secret", "vault://secret/llm#key", "--vault-address", "https://v.example.com")
    assert "sign in: bao login -address=https://v.example.com" in cgw("init", "work", *LINE, *more).err


@pytest.mark.parametrize(
    "typed", ["secret/llm", "secret/llm#key", "/secret/llm#key", "vault://secret/llm", "vault://secret/llm#key"]
)
def test_a_path_in_vault_is_completed_and_tried(server: Fake, typed: str) -> None:
    person = Person("vault", typed)
    end = asked(person, [key.place], draft())
    assert end.profile.secret == "vault://secret/llm#key"
    assert end.profile.tables["vault"] == {"address": server.url}
    assert server.seen[-1] == ("/v1/secret/data/llm", TOKEN)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("secret/llm#token", "it has: key, other"),
        ("secret/wrong#key", "There is no such secret|here is no such secret"),
        ("nothing", ""),
    ],
)
def test_a_wrong_path_is_said_and_can_be_typed_again(server: Fake, typed: str, said: str) -> None:
    again = ("",) if said else ()
    person = Person("vault", typed, *again, "secret/llm#key")
    end = asked(person, [key.place], draft())
    assert end.profile.secret == "vault://secret/llm#key"
    if said:
        assert person.asked[2][0] == "No key came from there. What now?"
        assert any(part in person.asked[2][2] for part in said.split("|")), person.asked[2]
    else:
        assert person.problems, "a path without a mount is refused at its question"


@pytest.mark.parametrize(
    ("answer", "secret"), [("keep", "vault://secret/wrong#key"), (BACK, "vault://secret/llm#key")]
)
def test_a_reference_without_a_key_can_be_kept_or_left(server: Fake, answer: str, secret: str) -> None:
    more = () if answer == "keep" else ("secret/llm#key",)
    assert asked(Person("vault", "secret/wrong#key", answer, *more), [key.place], draft()).profile.secret == secret


def test_after_signing_in_it_is_tried_again(server: Fake, monkeypatch: pytest.MonkeyPatch, isolated: Path) -> None:
    monkeypatch.delenv("VAULT_TOKEN")

    class SignsIn(Person):
        def choose(self, question, options, default, why=""):  # type: ignore[no-untyped-def]
            if question.startswith("No key"):
                assert f"vault login -address={server.url}" in why
                (isolated / ".vault-token").write_text(TOKEN)
                (isolated / ".vault-token").chmod(0o600)
            return super().choose(question, options, default, why)

    end = asked(SignsIn("vault", "secret/llm#key", "try"), [key.place], draft())
    assert end.profile.secret == "vault://secret/llm#key"


def test_without_an_address_it_is_asked_for(server: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_ADDR")
    person = Person("vault", "vault.example.com", server.url, "secret/llm")
    end = asked(person, [key.place], draft(), NOTHING)
    assert end.profile.tables["vault"] == {"address": server.url}
    assert "not a plain http(s) address" in person.problems[0]


def test_another_store_is_tried_too(monkeypatch: pytest.MonkeyPatch, isolated: Path) -> None:
    (isolated / "k").write_text(KEY)
    (isolated / "k").chmod(0o600)
    person = Person("other", "file:///nowhere/k", "", f"file://{isolated}/k")
    assert asked(person, [key.place], draft()).profile.secret == f"file://{isolated}/k"
    assert "/nowhere/k" in person.asked[2][2]


PASSWORD = "hunter2-of-the-server"


@pytest.mark.parametrize(
    "address", [f"https://ada:{PASSWORD}@vault.example.com:8200", f"https://:{PASSWORD}@v.example"]
)
def test_a_password_in_the_servers_address_is_neither_written_nor_shown(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch, isolated: Path, address: str
) -> None:
    monkeypatch.setenv("VAULT_ADDR", address)
    done = cgw("init", "work", *LINE, "--secret", "vault://secret/llm#key")
    assert "VAULT_ADDR" in done.err
    monkeypatch.delenv("VAULT_ADDR")
    refused = cgw("profile", "set", "work", "--vault-address", address, fails=2)
    written = [path for path in isolated.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert not written
    assert PASSWORD not in done.out + done.err + refused.out + refused.err
