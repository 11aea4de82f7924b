"""The sources that need no server: variable, file, program, presets, plug-in."""

from __future__ import annotations

import json
import os
import pickle
import time
from pathlib import Path

import pytest

from claude_gw_cli import secrets
from claude_gw_cli.core.errors import CgwError, RefusedError, UnavailableError, UsageError
from claude_gw_cli.core.grant import Grant
from claude_gw_cli.core.reference import FORMS, parse
from claude_gw_cli.secrets import Context, resolve
from claude_gw_cli.secrets.pin import pin
from claude_gw_cli.secrets.stores import PRESETS
from claude_gw_cli.secrets.text import shown

CANARY = "cgw-canary-4f1d"


def program(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_variable_is_read() -> None:
    material = resolve("env://K", Context(Grant("typed"), {"K": f"  {CANARY}\n"}))
    assert material.value.reveal() == CANARY


def test_a_private_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(CANARY + "\n")
    path.chmod(0o600)
    material = resolve(f"file://{path}", Context(Grant("typed"), {}))
    assert (material.value.reveal(), material.watch) == (CANARY, (str(path),))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.write_text(CANARY)
    path.chmod(mode)
    with pytest.raises(RefusedError, match="open to other users"):
        resolve(f"file://{path}", Context(Grant("typed"), {}))


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(CgwError, match="not a regular file") as caught:
        resolve(f"file://{tmp_path}/pipe", Context(Grant("typed"), {}))
    assert "exec:" in caught.value.hint


def test_a_folder_in_place_of_a_file_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder") as caught:
        resolve(f"file://{tmp_path}", Context(Grant("typed"), {}))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "field", "found"),
    [
        (json.dumps({"key": CANARY}), "key", CANARY),
        (json.dumps({"a": {"b.c": CANARY}}), "a/b.c", CANARY),
        (json.dumps({"a.b": CANARY, "a": {"b": "other"}}), "a.b", CANARY),
        (json.dumps({"n": 1}), "n", "a number"),
        (json.dumps({"n": None}), "n", "null"),
        (CANARY, "key", "not a JSON object"),
        (json.dumps([CANARY]), "0", "not a JSON object"),
    ],
)
def test_a_variable_may_hold_an_object_with_fields(text: str, field: str, found: str) -> None:
    reference, context = f"env://K#{field}", Context(Grant("typed"), {"K": text})
    if found == CANARY:
        assert resolve(reference, context).value.reveal() == CANARY
        return
    with pytest.raises(UsageError, match=found) as caught:
        resolve(reference, context)
    assert CANARY not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "reference", ["jwt://w#k", "oauth://w#k", "lite://#k", "az-token://x#k", "gcloud-identity://x#k"]
)
def test_a_field_of_a_token_is_not_ignored(reference: str) -> None:
    with pytest.raises(UsageError, match="has no fields: #k"):
        parse(reference)


@pytest.mark.parametrize(
    ("value", "says"),
    [("", "empty"), (f"{CANARY} x", "whitespace"), (f"{CANARY}\nx", "line break"), (f"{CANARY}\x00", "NUL"),
     (f"{CANARY}\x1b[0m", "control"), (f"{CANARY}\u200bx", "invisible"), (f"{CANARY}é", "non-ASCII"),
     (CANARY * 2000, "characters")],
)  # fmt: skip
def test_a_value_that_no_header_can_carry_is_refused_by_position_and_never_shown(value: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        resolve("env://K", Context(Grant("typed"), {"K": value}))
    assert CANARY not in f"{caught.value!r} {caught.value.hint}"


def test_a_material_never_shows_its_value() -> None:
    material = resolve("env://K", Context(Grant("typed"), {"K": CANARY}))
    for text in (
        repr(material.value),
        str(material.value),
        f"{material.value}",
        f"{material.value:>9}",
        repr(material),
    ):
        assert CANARY not in text
    with pytest.raises(TypeError):
        pickle.dumps(material.value)


def test_a_command_is_run_without_a_shell_and_with_an_allow_listed_environment(tmp_path: Path) -> None:
    tool = program(tmp_path, "tool", 'printf %s "$1" | tr " " _; env > "$2"')
    env = {
        "PATH": os.environ["PATH"],
        "HOME": "/h",
        "ANTHROPIC_API_KEY": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "MINE": "m",
    }
    context = Context(Grant("typed"), env, tables={"helper": {"pass_env": ["MINE"]}})
    material = resolve(f"exec:{tool} '$(id) ;x' {tmp_path}/seen", context)
    assert material.value.reveal() == "$(id)_;x"
    seen = {line.partition("=")[0] for line in (tmp_path / "seen").read_text().splitlines()}
    assert seen - {"PWD", "SHLVL", "_", "OLDPWD"} == {"PATH", "HOME", "MINE"}


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("cat /k | head -1", "|"), ("cat /k|head -1", "|"), ("a && b", "&&"), ("a; b", ";"), ("cat < /k", "<"),
        ("cat /k 2>/dev/null", "2>"), ("cat $HOME/k", "$HOME"), ("get --for=${USER}", "${USER"), ("cat ~/k", "~/"),
        ("echo `id`", "`"), ("echo $(id)", "$(id"), ("a &", "&"),
    ],
)  # fmt: skip
def test_what_only_a_shell_understands_is_refused_with_the_way_to_write_it(line: str, mark: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(f"exec:{line}", Context(Grant("typed"), {"PATH": os.environ["PATH"]}))
    assert f"has {mark} outside of quotes" in caught.value.message
    assert "exec:sh -c '" in caught.value.hint


@pytest.mark.parametrize(
    "line", ["sh -c 'printf %s abcdefgh | cat'", "printf '%s|' abc", 'printf "a|b;c>d"', "printf a&b=c", "printf ~x"]
)
def test_what_is_quoted_or_means_nothing_to_a_shell_is_run(line: str) -> None:
    assert resolve(f"exec:{line}", Context(Grant("typed"), {"PATH": os.environ["PATH"]})).value.reveal()


def test_a_failing_command_is_quoted_from_its_stderr_only(tmp_path: Path) -> None:
    tool = program(tmp_path, "tool", f"echo {CANARY}; printf 'please \\033[31msign in\\n' >&2; exit 4")
    with pytest.raises(UnavailableError) as caught:
        resolve(f"exec:{tool}", Context(Grant("typed"), {"PATH": os.environ["PATH"]}))
    assert "exited 4: please [31msign in" in caught.value.message
    assert CANARY not in caught.value.message


def test_a_hanging_command_is_killed_with_its_children(tmp_path: Path) -> None:
    tool = program(tmp_path, "tool", f"sleep 60 & echo $! > {tmp_path}/child; sleep 60")
    start = time.monotonic()
    with pytest.raises(UnavailableError, match="in time"):
        resolve(f"exec:{tool}", Context(Grant("typed"), {"PATH": os.environ["PATH"]}, start + 1))
    assert time.monotonic() - start < 5
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{child}/stat").exists() and Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the grandchild lives on")


def test_programs_are_not_taken_from_relative_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "get-key", f"echo {CANARY}")
    monkeypatch.chdir(tmp_path)
    for path in (".", "", f".:{tmp_path}/none"):
        with pytest.raises(UnavailableError, match="not installed"):
            resolve("exec:get-key", Context(Grant("typed"), {"PATH": path}))
    with pytest.raises(UsageError, match="relative"):
        resolve("exec:./get-key", Context(Grant("typed"), {"PATH": str(tmp_path)}))
    program(tmp_path, "open", "echo x").chmod(0o777)
    with pytest.raises(RefusedError, match="changed by every user"):
        resolve("exec:open", Context(Grant("typed"), {"PATH": str(tmp_path)}))


EXPECTED = {
    "op://vault/item/field": "op read --no-newline op://vault/item/field",
    "pass://llm/key": "pass show llm/key",
    "security://svc/acc": "security find-generic-password -s svc -a acc -w",
    "gopass://llm/key": "gopass show --nosync --password llm/key",
    "gopass://llm/key#user": "gopass show --nosync llm/key user",
    "aws-sm://llm": "aws secretsmanager get-secret-value --secret-id llm --output json",
    "aws-sm:///prod/llm?region=eu-west-1&stage=AWSPREVIOUS": "aws secretsmanager get-secret-value --secret-id "
    "/prod/llm --output json --region=eu-west-1 --version-stage=AWSPREVIOUS",
    "aws-sm://arn:aws:secretsmanager:eu-west-2:123456789012:secret:llm-AbCdEf": "aws secretsmanager get-secret-value "
    "--secret-id arn:aws:secretsmanager:eu-west-2:123456789012:secret:llm-AbCdEf --region=eu-west-2 --output json",
    "aws-ssm:///prod/llm": "aws ssm get-parameter --name /prod/llm --with-decryption --output json",
    "gcloud-secret://proj/name": "gcloud secrets versions access latest --secret=name --project=proj",
    "gcloud-identity://https://gw": "gcloud auth print-identity-token --audiences=https://gw",
    "az-keyvault://kv/name": "az keyvault secret show --vault-name kv --name name --query value --output json",
    "az-keyvault://kv/name/0123abcd": "az keyvault secret show --vault-name kv --name name --version 0123abcd "
    "--query value --output json",
    "az-token://api://gw": "az account get-access-token --resource api://gw --query accessToken --output json",
    "bw://item": "bw get password item --nointeraction",
    "security://https://svc/acc": "security find-generic-password -s https://svc -a acc -w",
    "gcloud-secret://proj/name/7": "gcloud secrets versions access 7 --secret=name --project=proj",
    "sops:///srv/x.yaml#llm": "sops --decrypt --output-type json /srv/x.yaml",
    "age:///srv/x.age?identity=/srv/id.txt": "age --decrypt --identity /srv/id.txt /srv/x.age",
    "keepassxc:///srv/x.kdbx?entry=G/llm&key_file=/srv/x.keyx": "keepassxc-cli show --show-protected --no-password "
    "--key-file /srv/x.keyx --attributes Password /srv/x.kdbx G/llm",
    "infisical://p-1/prod/a/NAME": "infisical secrets get NAME --projectId=p-1 --env=prod --path=/a --plain --silent",
    "doppler://p/dev/NAME": "doppler secrets get NAME --plain --project=p --config=dev",
    "akeyless:///a/b?profile=x": "akeyless get-secret-value --name /a/b --profile=x",
    "lite://": "lite auth print-token",
}


# What the tool prints around the key.
PRINTS = {
    "aws-sm": f'{{"SecretString": "{CANARY}"}}',
    "aws-ssm": f'{{"Parameter": {{"Value": "{CANARY}"}}}}',
    "az-keyvault": f'"{CANARY}"',
    "az-token": f'"{CANARY}"',
    "sops": f'{{"llm": "{CANARY}"}}',
}


@pytest.mark.parametrize("reference", EXPECTED)
def test_a_preset_runs_its_tool_with_these_words(reference: str, tmp_path: Path) -> None:
    tool, *_ = EXPECTED[reference].split(" ")
    (tmp_path / "answer").write_text(PRINTS.get(parse(reference).scheme, CANARY) + "\n")
    program(tmp_path, tool, f'echo "{tool} $*" > {tmp_path}/words; cat {tmp_path}/answer')
    material = resolve(reference, Context(Grant("typed"), {"PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    assert material.value.reveal() == CANARY
    assert (tmp_path / "words").read_text().strip() == EXPECTED[reference]


def test_every_preset_is_tested_and_has_a_form() -> None:
    assert {parse(text).scheme for text in EXPECTED} == set(PRESETS), "each store has a row in EXPECTED"
    assert set(PRESETS) <= set(FORMS)


def test_pass_gives_its_first_line_and_a_json_secret_its_field(tmp_path: Path) -> None:
    program(tmp_path, "pass", f"printf '{CANARY}\\nuser: me\\n'")
    (tmp_path / "json").write_text(json.dumps({"SecretString": json.dumps({"key": CANARY})}))
    program(tmp_path, "aws", f"cat {tmp_path}/json")
    context = Context(Grant("typed"), {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert resolve("pass://x", context).value.reveal() == CANARY
    assert resolve("aws-sm://x#key", context).value.reveal() == CANARY
    with pytest.raises(UsageError, match="it has: key"):
        resolve("aws-sm://x#nope", context)


def test_a_name_that_looks_like_an_option_is_refused() -> None:
    with pytest.raises(UsageError, match="dash"):
        resolve("pass://--help", Context(Grant("typed"), {}))


def test_a_pinned_program_is_the_one_of_the_day_of_installation(tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    program(tmp_path, "pass", f"echo {CANARY}")
    program(tmp_path / "later", "pass", "echo other")
    pinned = pin("pass://x", Context(Grant("typed"), {"PATH": f"{tmp_path}:{os.environ['PATH']}"}))
    later = Context(Grant("typed"), {"PATH": f"{tmp_path}/later:{os.environ['PATH']}"}, tables=pinned.tables)
    assert resolve(pinned.reference, later).value.reveal() == CANARY


def test_a_plug_in_serves_its_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    from claude_gw_cli.secrets import plugin

    target = f"{__name__}:corp_fetch"
    monkeypatch.setitem(
        __import__("sys").modules, __name__, __import__("types").SimpleNamespace(corp_fetch=corp_fetch)
    )
    monkeypatch.setattr(plugin, "find_plugin", lambda scheme: target if scheme == "corp" else None)
    assert resolve("corp://x", Context(Grant("typed"), {})).value.reveal() == CANARY
    assert pin("corp://x", Context(Grant("typed"), {})).plugins == (("corp", target),)
    with pytest.raises(UsageError, match="no secret source is called 'crop'"):
        resolve("crop://x", Context(Grant("typed"), {}))


def corp_fetch(reference: object, context: Context) -> secrets.FetchedSecret:
    assert str(reference) == "Reference('corp://x')"
    return secrets.FetchedSecret(context.accept(CANARY, "corp"))


def test_foreign_text_is_clipped_and_has_no_controls() -> None:
    assert shown("a\x1b[31m\r\nb\u202e" + "x" * 10_000_000)[:9] == "a [31m b "
    assert len(shown("x" * 10_000_000)) == 200


def test_a_tool_that_prints_its_key_where_it_complains_is_not_quoted_with_it(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    words = "lookup vault.eu-west-1.example.com/v1/secret for pw-short-1 and ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    tool.write_text(f"#!/bin/sh\necho pw-short-1\necho '{words}' >&2\nexit 3\n")
    tool.chmod(0o700)
    with pytest.raises(UnavailableError) as caught:
        resolve(f"exec:{tool}", Context.make(Grant("typed"), {}, 5, {}))
    assert "exited 3: lookup vault.eu-west-1.example.com/v1/secret for ... and ghp_…" in caught.value.message
