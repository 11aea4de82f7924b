"""A key that is typed where none belongs is never shown again, by any option or argument of any command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_gw_cli.cli.commands import COMMANDS
from claude_gw_cli.core.key_forms import masked_keys

from .conftest import Cgw

BODY = "Abcdefgh0123456789Abcdefgh0123456789"
KEY = f"sk-ant-api03-{BODY}"
ANOTHERS = {"demo", "run"}
"""What follows them is another program's, or the whole demo would run for each of its options."""
FILLED = {"REF": "env://K", "FILE|URL": "./nothing", "NAME": "work"}


def lines() -> list[list[str]]:
    found = []
    for words, command in COMMANDS.items():
        if words in ANOTHERS or words.startswith("-"):
            continue
        required = [FILLED.get(item.metavar or "NAME", "work") for item in command.parameters if item.required]
        for item in command.parameters:
            if item.section and words == "init":
                continue  # `profile set` takes them in the same way
            if item.spellings and item.kind == "option":
                found.append([*words.split(), *required, item.spellings[0], KEY])
            elif not item.spellings:
                found.append([*words.split(), KEY])
                found.append([*words.split(), *required, f"region={KEY}", f"{KEY}=x"])
        found += [[*words.split(), f"--{KEY}"], [*words.split(), "--yes=" + KEY]]
    return [*found, [KEY], ["--profile", KEY], ["profile", KEY]]


@pytest.fixture
def profile(isolated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = isolated / ".config/cgw/profiles"
    folder.mkdir(parents=True)
    (folder / "work.toml").write_text(
        'provider = "unified"\ngateway_url = "http://127.0.0.1:9"\nsecret = "env://K"\n'
    )
    monkeypatch.setenv("PATH", os.defpath)


@pytest.mark.usefixtures("profile")
def test_no_message_shows_it(cgw: Cgw, capfd: pytest.CaptureFixture[str]) -> None:
    from claude_gw_cli.__main__ import run

    assert len(lines()) > 200
    shown = 0
    for line in lines():
        capfd.readouterr()
        code = run(line)
        out, err = capfd.readouterr()
        assert code != 70, (line, err)
        assert BODY not in err, line
        if code == 2:  # else the product may name a file of that name
            assert BODY not in out, line
        shown += "sk-a…" in err
    assert shown > 50, "the key has to be quoted for this test to mean anything"


@pytest.mark.parametrize(
    "text",
    [
        "its SHA-256 is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 1a2b3c4d5e6f7890abcdef1234567890abcdef12 of v2.1.332",
        "cannot reach gw-eu-west-1.example.com:4000",
        "/home/me/.config/cgw/profiles/work-2026-11.toml",
        "model us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "keyring://cgw/work, file:///run/secrets/key",
        "https://gateway.example.com/v1/messages?beta=true",
    ],
)
def test_what_is_not_a_key_stays_readable(text: str) -> None:
    assert masked_keys(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("unknown scope 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'", "unknown scope 'ghp_…'"),
        ("'https://me:pass-word@gw.example.com' is not", "'https://…@gw.example.com' is not"),
        ("no AKIAIOSFODNN7EXAMPLE here", "no AKIA… here"),
        ("no hvs.CAESIJ0123456789abcdef here", "no hvs.… here"),
    ],
)
def test_each_issuers_form_is_masked(text: str, rest: str) -> None:
    assert masked_keys(text) == rest


@pytest.mark.parametrize(
    "wrong",
    [
        f'{KEY} = "x"',
        f'[env]\n"{KEY} " = "x"',
        f'auth = "{KEY}"',
        f'key_header = "{KEY} "',
        f'gateway_url = "http://127.0.0.1:9/{KEY}?x=1"',
        f'gateway_url = "http://127.0.0.1:9/{KEY}/v1"',
        f"region = 1\nmodels = {{{KEY} = 1}}",
        f'secret = "{KEY}"',
        f'secret = "nothing://{KEY}"',
        f'secret = "vault://secret/{KEY}#field"',
    ],
)
@pytest.mark.usefixtures("profile")
def test_a_key_in_a_wrong_place_of_a_profile_is_shown_by_no_command(
    wrong: str, isolated: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from claude_gw_cli.__main__ import run

    file = isolated / ".config/cgw/profiles/work.toml"
    member = wrong.partition(" ")[0]
    kept = [line for line in file.read_text().splitlines() if not line.startswith(member)]
    file.write_text("\n".join([wrong, *kept] if wrong[0] != "[" else [*kept, wrong]) + "\n")
    for words in ("status", "profile list", "profile show", "check", "explain", "secret test", "doctor"):
        for more in ([], ["--format", "json"]):
            assert run([*words.split(), *more]) in {0, 1, 2, 69, 77}
            shown = capfd.readouterr()
            assert BODY not in shown.out + shown.err, words


@pytest.mark.parametrize(
    "words",
    [
        ("--setting-sources", KEY),
        ("--settings", KEY),
        ("--agents", f'{{"{KEY}": {{"description": "x", "prompt": "x", "model": "{KEY}"}}}}', "--agent", KEY),
        ("--agents", f'{{"x": {KEY}'),
        ("--managed-settings", KEY),
        ("--model", KEY),
        (f"--{KEY}",),
    ],
)
def test_a_key_among_the_clients_own_words_is_not_said_again(
    cgw: Cgw, isolated: Path, words: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    from claude_gw_cli.__main__ import run

    run(["explain", "--", *words])
    out, err = capfd.readouterr()
    assert out
    assert BODY not in out + err
