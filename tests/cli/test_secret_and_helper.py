"""``cgw secret`` and ``cgw helper`` as commands: what is said, what is kept quiet, which exit code."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from claude_gw_cli.__main__ import run as main

CANARY = "cgw-canary-51c07e"
Cgw = Callable[..., "Done"]


@dataclass(frozen=True)
class Done:
    """What a command line did."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def cgw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cgw:
    """The command line in this process: the door catches everything, as it does for the console script."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, stdin: str = "", **env: str) -> Done:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capfd.readouterr()
        code = main(list(words))
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return run


def test_a_key_is_stored_in_a_private_file_tried_and_removed(cgw: Cgw, isolated: Path) -> None:
    path = isolated / "keys" / "work"
    stored = cgw("secret", "set", f"file://{path}", stdin=CANARY + "\n")
    assert stored.returncode == 0, stored.stderr
    assert path.read_text() == CANARY
    assert path.stat().st_mode & 0o777 == 0o600
    tried = cgw("secret", "test", f"file://{path}")
    assert f"length     {len(CANARY)} characters" in tried.stdout
    removed = cgw("secret", "rm", f"file://{path}", "--yes")
    assert not path.exists()
    assert CANARY not in f"{stored} {tried} {removed}"
    assert cgw("secret", "test", f"file://{path}").returncode == 69


@pytest.mark.parametrize("words", ["echo {}", "false -H Authorization:Bearer{}", "no-such-program {}", "false '{}'"])
@pytest.mark.parametrize("verb", ["test", "set", "rm"])
def test_a_key_in_a_command_is_not_shown(cgw: Cgw, verb: str, words: str) -> None:
    key = "sk-good-fake-000111222333"
    done = cgw("secret", verb, f"exec:{words.format(key)}", stdin=CANARY)
    assert done.returncode == (0 if verb == "test" and "echo" in words else 69 if verb == "test" else 2)
    assert f"{done.stdout}{done.stderr}".strip()
    assert key not in f"{done.stdout}{done.stderr}"


def test_uninstall_names_the_keys_of_profiles_that_are_gone(cgw: Cgw, isolated: Path) -> None:
    own, other = isolated / ".config/cgw/keys/work", isolated / "k1"
    for place in ("~/.config/cgw/keys/work", "~/k1"):
        cgw("secret", "set", f"file://{place}", stdin=CANARY)
    (own.parent / "old").write_text(CANARY)
    said = cgw("uninstall", "--dry-run")
    for path in (own, own.with_name("old")):
        assert f"remove  {path}, which holds a key" in said.stdout
    assert f"cgw secret rm file://{other}\n" in said.stderr
    cgw("secret", "rm", f"file://{other}")
    assert str(other) not in cgw("uninstall", "--dry-run").stderr


def test_uninstall_names_the_keyring_entries_of_profiles_that_are_gone(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claude_gw_cli.secrets import keyring

    for function in ("store", "delete"):
        monkeypatch.setattr(keyring, function, lambda *_: None)
    for name in ("gone", "removed", "again"):
        cgw("secret", "set", f"keyring://cgw/{name}", stdin=CANARY)
    for name in ("removed", "again"):
        cgw("secret", "rm", f"keyring://cgw/{name}")
    cgw("secret", "set", "keyring://cgw/again", stdin=CANARY)
    said = cgw("uninstall", "--dry-run").stderr
    for name, is_there in {"gone": True, "removed": False, "again": True}.items():
        assert (f"cgw secret rm keyring://cgw/{name}\n" in said) is is_there


def test_a_key_file_that_others_can_read_is_removed_and_another_file_is_not(cgw: Cgw, isolated: Path) -> None:
    key, link, notes = (isolated / name for name in ("key", "link", "notes"))
    key.write_text(CANARY)
    key.chmod(0o644)
    link.symlink_to(key)
    notes.write_text("two words\n")
    for mode in (0o600, 0o644):
        notes.chmod(mode)
        kept = cgw("secret", "rm", f"file://{notes}", "--yes")
        assert (kept.returncode, notes.exists()) == (2, True), kept.stderr
    removed = cgw("secret", "rm", f"file://{link}", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert not key.exists()
    assert not link.is_symlink()
    assert cgw("secret", "rm", f"file://{isolated}", "--yes").returncode == 2


def test_the_trial_of_a_helper_shows_the_whole_refusal(cgw: Cgw, isolated: Path) -> None:
    key = isolated / "key"
    cgw("secret", "set", f"file://{key}", stdin=CANARY)
    cgw("init", "work", "--provider", "unified", "--auth", "helper", "--secret", f"file://{key}", "--yes")
    cgw("helper", "install", "work")
    tested = cgw("helper", "test", ANTHROPIC_BASE_URL="https://other.example.com")
    assert tested.returncode == 1
    assert "If you changed your own set-up, write the helper again: cgw helper install work\n" in tested.stdout


@pytest.mark.parametrize("command", ["show", "test", "refresh", "uninstall"])
def test_of_several_helpers_the_one_of_the_profile_in_use_is_meant(cgw: Cgw, isolated: Path, command: str) -> None:
    key = isolated / "key"
    cgw("secret", "set", f"file://{key}", stdin=CANARY)
    for name in ("a", "b"):
        cgw("init", name, "--provider", "unified", "--auth", "helper", "--secret", f"file://{key}", "--yes")
        cgw("helper", "install", name)
    unclear = cgw("helper", command)
    assert (unclear.returncode, "there are 2 helpers: a, b" in unclear.stderr) == (2, True)
    cgw("profile", "use", "b")
    done = cgw("helper", command)
    assert done.returncode == 0
    assert "helpers/b" in done.stdout + done.stderr or "helper b" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "stdin", "code", "says"),
    [
        (("secret", "set", "file:///x/y"), "", 2, "no key arrived"),
        (("secret", "set", "file:///x/y"), "two words", 2, "whitespace"),
        (("secret", "set", "file:///x/y"), f"ANTHROPIC_AUTH_TOKEN={CANARY}", 2, "an assignment"),
        (("secret", "set", "file:///x/y"), "https://gw.example/v1", 2, "a URL"),
        (("secret", "set", "env://K"), CANARY, 2, "cannot store"),
        (("secret", "set", "vault://a/b#c"), CANARY, 2, "Other stores have their own"),
        (("secret", "test", CANARY), "", 2, "not a reference"),
        (("secret", "test", "valt://a/b#c"), "", 2, "Did you mean vault://"),
        (("secret", "test", "vault://a/b#c"), "", 2, "cgw secret test vault://a/b#c --profile NAME"),
        (("secret", "test", "jwt://mine"), "", 2, "cgw secret test jwt://mine --profile NAME"),
        (("secret", "test", "env://NOPE"), "", 69, "NOPE is not set"),
        (("helper", "install", "nope"), "", 2, "nope"),
        (("helper", "show"), "", 2, "no helper is installed"),
        (("helper", "test", "nope"), "", 2, "nope"),
        (("helper", "run", "nope"), "", 2, "nope"),
        (("helper", "run"), "", 2, "no helper is installed"),
        (("helper", "uninstall", "nope"), "", 2, "nope"),
    ],
)
def test_a_mistake_is_told_with_its_exit_code(
    cgw: Cgw, words: tuple[str, ...], stdin: str, code: int, says: str
) -> None:
    done = cgw(*words, stdin=stdin)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert CANARY not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_life_of_a_helper(cgw: Cgw, isolated: Path) -> None:
    key = isolated / "key"
    cgw("secret", "set", f"file://{key}", stdin=CANARY)
    made = cgw("init", "work", "--provider", "unified", "--auth", "helper", "--secret", f"file://{key}", "--yes")
    assert made.returncode == 0, made.stderr
    applied = cgw("settings", "apply", "--scope", "user", "--profile", "work")
    assert applied.returncode == 0, applied.stderr
    settings = isolated / ".claude" / "settings.json"
    script = cgw("helper", "install", "work").stdout.strip()
    assert script in settings.read_text()
    tested = cgw("helper", "test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "one printable token" in tested.stdout
    shown = cgw("helper", "show").stdout + cgw("helper", "list").stdout + tested.stdout
    assert CANARY not in shown
    assert str(key) in shown
    assert cgw("helper", "run", "work").stdout == cgw("helper", "run").stdout == CANARY + "\n"
    key.write_text("")
    for folder in isolated.glob(".cache/cgw/helper-*"):
        (folder / "value").unlink()
    broken = cgw("helper", "test")
    assert broken.returncode == 1
    assert "empty key" in broken.stdout
    gone = cgw("helper", "uninstall", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert not Path(script).exists()
    assert not settings.exists() or "apiKeyHelper" not in settings.read_text()
    assert not list(isolated.glob(".cache/cgw/*/value"))
    assert cgw("helper", "list").stdout == ""


def test_a_reference_in_a_profiles_table_is_tried_with_it(cgw: Cgw, isolated: Path) -> None:
    folder = isolated / ".config" / "cgw" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(
        'provider = "unified"\nauth = "helper"\nsecret = "jwt://me"\n[jwt.me]\nkey = "env://SIGN"\nlifetime = 60\n'
    )
    tried = cgw("secret", "test", "jwt://me", "--profile", "work", SIGN="s" * 40)
    assert "algorithm  HS256" in tried.stdout, tried.stderr
    assert re.search(r"expires    in (44|45) s", tried.stdout)
    cgw("helper", "install", "work", SIGN="s" * 40)
    report = cgw("helper", "test", "work", SIGN="s" * 40).stdout
    assert "the client keeps a key for 18 s" in report
