"""What makes a cached value another one's: a changed credential, a changed key file, another boot (P30)."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.model import Profile
from claude_gw_cli.core.reference import parse
from claude_gw_cli.core.secret import Secret
from claude_gw_cli.helper import cache as room
from claude_gw_cli.helper import runtime
from claude_gw_cli.helper.cache import Cache, fingerprint, now
from claude_gw_cli.helper.install import install
from claude_gw_cli.secrets import Context
from claude_gw_cli.secrets.vault import pin as pin_vault

LONG = "hvs.0123456789abcdefghijklmnop"


def stored(folder: Path, identity: str = "none", watch: tuple[str, ...] = ()) -> Cache:
    made = Cache(str(folder / "c"), "key", identity, watch)
    made.store(Secret("sk-0123456789"), now() + 100, now() + 200, 0, None)
    return made


@pytest.mark.parametrize(
    "other",
    [LONG[:-1] + "q", LONG + "p", "", "short", "hvs.another-0123456789abcdefghij"],
)
def test_another_token_is_another_identity(other: str) -> None:
    assert fingerprint(["T"], {"T": LONG}) != fingerprint(["T"], {"T": other})


def test_two_short_tokens_of_one_length_differ() -> None:
    assert fingerprint(["T"], {"T": "root"}) != fingerprint(["T"], {"T": "r00t"})


def test_a_fingerprint_shows_at_most_eight_characters() -> None:
    assert fingerprint(["T", "U"], {"T": LONG}) == "30:ijklmnop|0:"


def test_a_value_of_another_key_identity_or_boot_is_a_miss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = stored(tmp_path)
    assert made.load() is not None
    assert Cache(made.folder, "other", "none", ()).load() is None
    assert Cache(made.folder, "key", "other", ()).load() is None
    monkeypatch.setattr(room, "_boot_id", lambda: "another-boot")
    assert made.load() is None


def test_a_replaced_key_file_is_a_miss_even_when_the_new_one_is_older(tmp_path: Path) -> None:
    watched, older = tmp_path / "key", tmp_path / "older"
    watched.write_text("a")
    older.write_text("b")
    os.utime(older, (1, 1))
    made = stored(tmp_path, watch=(str(watched),))
    assert made.load() is not None
    older.replace(watched)
    assert made.load() is None


@pytest.mark.parametrize(("seconds", "touched"), [(-600, False), (-60, False), (600, True)])
def test_the_time_of_a_kept_value_is_that_of_its_fetch(tmp_path: Path, seconds: int, *, touched: bool) -> None:
    watched = tmp_path / "key"
    watched.write_text("a")
    at = int(time.time()) - 30
    os.utime(watched, (at + seconds, at + seconds))
    made = stored(tmp_path, watch=(str(watched),))
    os.utime(tmp_path / "c" / "value", (at, at))
    assert made.load() is not None
    assert ((tmp_path / "c" / "value").stat().st_mtime != at) is touched


def test_marks_of_an_older_value_and_leftovers_of_a_killed_run_are_swept(tmp_path: Path) -> None:
    made = stored(tmp_path)
    entry = made.load()
    assert entry is not None
    made.mark(entry, 77)
    leftover = Path(made.folder, "value.cgw-0123456789abcdef")
    leftover.write_text("sk-old")
    os.utime(leftover, (1, 1))
    made.store(Secret("sk-other-0123456789"), now() + 100, now() + 200, 0, entry)
    assert sorted(os.listdir(made.folder)) == ["value"]


def test_the_script_and_the_run_time_agree_on_the_identity(tmp_path: Path, isolated: Path) -> None:
    """The key is derived from the variable, so an answer shows which token it was fetched with."""
    source = tmp_path / "source"
    source.write_text(f'#!/bin/sh\necho x >> {tmp_path}/calls\nprintf "sk-%s" "$MY_TOKEN"\n')
    source.chmod(0o700)
    env = {"HOME": str(isolated), "PATH": os.environ["PATH"]}
    profile = Profile(
        name="work",
        provider="unified",
        gateway_url="http://127.0.0.1:4000",
        secret=f"exec:{source}",
        tables={"helper": {"pass_env": ["MY_TOKEN"]}},
    )
    script = install(profile, env, Grant("own")).path

    def ask(token: str) -> str:
        (tmp_path / "w").mkdir(exist_ok=True)
        done = subprocess.run(
            ["/bin/sh", script],
            env=env | {"MY_TOKEN": token},
            capture_output=True,
            text=True,
            cwd=tmp_path / "w",
            check=True,
        )
        return done.stdout

    assert runtime.load("work", env).ambient == ("MY_TOKEN",)
    assert ask(LONG) == f"sk-{LONG}\n"
    assert ask(LONG[:-1] + "q") == f"sk-{LONG[:-1]}q\n"
    assert ask("short-1") == "sk-short-1\n"
    assert ask("short-2") == "sk-short-2\n"


def test_a_vault_helper_depends_on_the_token_that_signs_it_in(tmp_path: Path) -> None:
    table = {"vault": {"address": "https://v"}}
    reference = parse("vault://secret/x#key")
    assert pin_vault(reference, Context(Grant("typed"), {"VAULT_TOKEN": LONG}, tables=table)).ambient == (
        "VAULT_TOKEN",
    )
    by_file = pin_vault(reference, Context(Grant("typed"), {"HOME": str(tmp_path)}, tables=table))
    assert (by_file.watch, by_file.ambient) == ((f"{tmp_path}/.vault-token",), ())
