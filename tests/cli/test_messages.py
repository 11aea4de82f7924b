"""Messages as a person meets them: what is wrong in plain words, then the next thing to type."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claude_gw_cli.cli.commands import COMMANDS
from claude_gw_cli.world.atomic import failure

from .conftest import Cgw
from .terminals import Terminal


def work_profile(cgw: Cgw, *options: str) -> None:
    cgw("init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:9", "--secret", "env://K",
        *options, "--yes")  # fmt: skip


def test_what_apply_says_is_what_the_client_does_and_counts_truly(cgw: Cgw, isolated: Path) -> None:
    work_profile(cgw, "--auth", "helper")
    done = cgw("settings", "apply")
    assert "Claude Code now uses http://127.0.0.1:9 with the helper of profile work" in done.err
    import json
    import re

    env = json.loads((isolated / ".claude/settings.json").read_text())["env"]
    cleared = sum(value == "" for value in env.values())
    given = re.search(r"(\d+) set, (\d+) cleared", done.err)
    assert given
    assert (int(given[1]), int(given[2])) == (len(env) - cleared + 1, cleared)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("litellm", "--provider unified"),
        ("openrouter", "--provider unified"),
        ("aws", "--provider bedrock"),
        ("google", "--provider vertex"),
        ("gcp", "--provider vertex"),
        ("azure", "--provider foundry"),
        ("vertx", "Did you mean vertex?"),
    ],
)
def test_a_word_for_a_gateway_or_cloud_names_the_provider(cgw: Cgw, word: str, hint: str) -> None:
    assert hint in cgw("init", "--provider", word, "--yes", fails=2).err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("apply", "cgw settings apply"),
        ("list", "cgw profile list"),
        ("remove", "cgw profile rm"),
        ("delete", "cgw profile rm"),
        ("undo", "cgw settings undo"),
        ("reset", "cgw settings undo"),
        ("setup", "cgw init"),
        ("config", "cgw profile set"),
        ("edit", "cgw profile edit"),
        ("mv", "cgw profile rename"),
        ("ping", "cgw doctor"),
        ("login", "cgw secret set"),
        ("whoami", "cgw status"),
        ("--json", "--format json"),
        ("status --json", "--format json"),
        ("env --json", "--shell json"),
        ("doctor --jsn", "Did you mean --format json?"),
        ("settings apply --scoop user", "Did you mean --scope?"),
        ("helper show --json", "text only"),
        ("-V", "cgw --version"),
        ("settings apply --scope global", "Use: --scope user"),
        ("settings apply --scope system", "Use: --scope managed"),
        ("init x --provider unified --scope repo", "Use: --scope project"),
        ("check --format text", "Use: --format human"),
        ("init x --auth apiKeyHelper", "Use: --auth helper"),
        ("init x --credentials gateway", "Use: --credentials proxy"),
        ("env one", "cgw env --profile one"),
        ("env zsh", "cgw env --shell zsh"),
        ("env pwsh", "cgw env --shell pwsh"),
        ("doctor work-2", "cgw doctor --profile work-2"),
        ("settings apply project", "cgw settings apply --scope project"),
        ("explain --model opus", "cgw explain -- --model"),
        ("trace --dangerously-skip-permissions", "cgw trace -- --dangerously-skip-permissions"),
        ("facts", "It is one of: show, update, reset"),
        ("facts shwo", "Did you mean: cgw facts show"),
        ("gateway", "It is one of: snippet"),
        ("profile lst", "Did you mean: cgw profile list"),
        ("init w http://127.0.0.1:9/vertex_ai", "--provider vertex --gateway-url http://127.0.0.1:9/vertex_ai"),
        ("init w https://gw.example.com/bedrock", "--provider bedrock --gateway-url"),
        ("init w https://gw.example.com/ui/", "--provider unified --gateway-url https://gw.example.com\n"),
        ("init w --gateway-url https://gw.example.com/vertex_ai/v1", "cgw init w --provider vertex --gateway-url"),
        ("--list", "cgw profile list"),
    ],
)
def test_what_people_type_is_pointed_to_the_right_words(cgw: Cgw, line: str, words: str) -> None:
    assert words in cgw(*line.split(), fails=2).err


def test_help_and_version_are_answered(cgw: Cgw) -> None:
    assert cgw("help").out == cgw("--help").out
    assert cgw("help", "settings", "apply").out == cgw("settings", "apply", "--help").out
    assert cgw("version").out == cgw("--version").out


def test_every_other_word_for_a_command_leads_to_a_command() -> None:
    words = [line for command in COMMANDS.values() for line in command.also]
    assert len(words) > 80
    assert not {*words} & {*COMMANDS}


def test_an_address_where_nothing_answers_is_named(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nothing answers at 127.0.0.1:9" in cgw("init", "--from", "http://127.0.0.1:9/p.toml", fails=69).err
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    done = cgw("init", "--from", "https://gateway.example/p.toml", fails=69)
    assert "HTTPS_PROXY points to 127.0.0.1:9, which does not answer" in done.err
    assert "unset HTTPS_PROXY" in done.err
    assert "NO_PROXY=gateway.example" in done.err
    assert "Error" not in done.err


def test_a_place_of_the_administrators_names_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    error = failure("write", "/etc/claude-code/managed-settings.json", PermissionError(13, "Permission denied"))
    assert "administrator" in error.hint
    assert "sudo" in error.hint
    assert "--managed-dir" in error.hint


@pytest.mark.parametrize(("code", "words"), [(28, "df -h"), (30, "choose another place"), (13, "chmod")])
def test_each_reason_of_the_system_has_its_advice(tmp_path: Path, code: int, words: str) -> None:
    assert words in failure("write", str(tmp_path / "x"), OSError(code, os.strerror(code))).hint


def test_explain_names_the_command_that_mends_a_refusal(cgw: Cgw) -> None:
    import json

    line = ("explain", "--client-version", "2.1.332", "--format", "json")
    work_profile(cgw)
    for applied in (False, True):  # the settings of a profile without a helper do not hold its key
        if applied:
            cgw("settings", "apply", "--scope", "user")
        assert json.loads(cgw(*line).out)["next"].startswith(
            'eval "$(cgw env --profile work)", or for one start: cgw run'
        )
    cgw("profile", "set", "work", "auth=helper")
    cgw("settings", "undo", "--scope", "user")
    assert json.loads(cgw(*line).out)["next"].startswith("cgw settings apply --profile work")


def test_a_profile_with_the_persons_own_login_names_the_sign_in(cgw: Cgw) -> None:
    line = "init me --provider unified --auth login --key-header x-litellm-api-key --secret env://K --yes"
    cgw(*line.split())
    assert "→ claude auth login\n" in cgw("explain").out
    assert "→ claude auth login\n" in cgw("explain", "--profile", "me").out


@pytest.fixture
def terminal(work: Path, monkeypatch: pytest.MonkeyPatch) -> type[Terminal]:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("PYTHONUTF8", "1")
    return Terminal


def test_an_empty_answer_is_asked_again(terminal: type[Terminal], work: Path) -> None:
    shown = terminal("secret", "set", f"file://{work}/key")
    try:
        shown.answer("Key for", b"\r")
        shown.answer("Nothing was entered. Try again", b"sk-fake-0123456789\r")
        assert shown.finish() == 0
        assert (work / "key").read_text() == "sk-fake-0123456789"
    finally:
        shown.close()


def test_no_is_not_an_error(terminal: type[Terminal], cgw: Cgw) -> None:
    work_profile(cgw)
    shown = terminal("init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:10")
    try:
        shown.answer("Replace the existing profile", b"n\r")
        assert shown.finish() == 0
        assert shown.text.rstrip().endswith("Nothing was changed.")
        assert "error" not in shown.text
    finally:
        shown.close()


@pytest.mark.parametrize(
    ("provider", "options", "words"),
    [
        ("vertex", ["--project-id", "p"], "gcloud auth application-default login"),
        ("bedrock", ["--region", "us-east-1"], "aws sso login"),
    ],
)
def test_doctor_names_the_sign_in_where_the_clouds_login_is_missing(
    cgw: Cgw, monkeypatch: pytest.MonkeyPatch, provider: str, options: list[str], words: str
) -> None:
    monkeypatch.setenv("K", "sk-fake-0123456789")
    cgw("init", "work", "--provider", provider, "--credentials", "client", "--gateway-url", "http://127.0.0.1:9",
        "--secret", "env://K", *options, "--yes")  # fmt: skip
    cgw("settings", "apply", "--write-secret")
    done = cgw("doctor", fails=1)
    assert words in " ".join(done.out.split())
    assert "eval" not in done.out


@pytest.mark.parametrize(("answer", "code"), [(b"y\r", 0), (b"n\r", 2)])
def test_a_key_in_place_of_a_reference_is_stored_on_yes_and_never_shown(
    terminal: type[Terminal], isolated: Path, answer: bytes, code: int
) -> None:
    key = "sk-ant-api03-abcdefghij0123456789"
    shown = terminal("init", "work", "--provider", "unified", "--gateway-url", "http://127.0.0.1:9", "--secret", key)
    try:
        shown.answer(
            "That looks like the key itself. Shall I store it in the private file ~/.config/cgw/keys/work?", answer
        )
        if code == 0:
            shown.answer("Check the live set-up now", b"n\r")
        assert shown.finish() == code
        assert key[10:] not in shown.text
    finally:
        shown.close()
    stored = isolated / ".config/cgw/keys/work"
    assert stored.exists() == (code == 0)
    if code == 0:
        assert stored.read_text() == key
        assert (
            'secret = "file://~/.config/cgw/keys/work"' in (isolated / ".config/cgw/profiles/work.toml").read_text()
        )


def test_errors_and_warnings_have_one_style() -> None:
    """``cgw: error: …`` comes from one function, and a warning begins with ``cgw: warning:``."""
    import ast
    import re

    folder = Path(__file__).parents[2] / "src" / "claude_gw_cli" / "cli"
    found = []
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said = re.match(r"(?:cgw: )?(error|warning|Error|Warning|WARNING)\b\W", node.value)
                right = node.value.startswith("cgw: warning: ") or path.name == "out.py"
                if said and not right:
                    found.append(f"{path.name}:{node.lineno}: {node.value[:60]}")
    assert not found


@pytest.mark.parametrize(
    ("line", "fails"),
    [
        ("init work --provider unified --yes", 0),
        ("init work --provider unified --secret keyring://cgw/work --yes", 0),
        ("secret test env://NOT_SET", 69),
        ("secret set sk-ant-api03-abcdefghij0123456789", 2),
        ("check project.json --format json", 1),
    ],
)
def test_no_advice_names_a_keyring_where_none_works(cgw: Cgw, work: Path, line: str, fails: int) -> None:
    settings = {"env": {"ANTHROPIC_AUTH_TOKEN": "sk-4f1c9a7e22b0", "ANTHROPIC_BASE_URL": "https://llm.example.com"}}
    (work / "project.json").write_text(json.dumps(settings))
    said = cgw(*line.split(), fails=fails)
    text = (said.out + said.err).replace("--secret keyring://cgw/work", "")
    assert "keyring://" not in text
    assert "file://~/.config/cgw/keys/" in text or "check" in line, text


@pytest.mark.parametrize(
    ("line", "fails", "words"),
    [
        ("init --from nofile --yes", 2, "--from takes a file, an https address, or git+https://HOST/REPOSITORY#FILE"),
        (
            "init work http://127.0.0.1:4000",
            2,
            "cgw init work --provider unified --gateway-url http://127.0.0.1:4000",
        ),
        ("init x --gateway bogus --yes", 2, "azure-api-management (apim, azure)"),
        ("helper uninstall nope", 2, "List them: cgw helper list"),
        ("secret rm file:///nope", 69, "so nothing was removed"),
        ("rule gateway-bypased", 2, "Did you mean CGW104"),
        ("rule helper-cannot", 2, "List the rules: cgw rule --all"),
        ("remove", 2, "or cgw uninstall"),
        ("init t --from http://127.0.0.1:9/a.toml?token=QUERY --yes", 69, "nothing answers at 127.0.0.1:9"),
        (
            "init t --from http://llm.example.com/a.toml?token=QUERY --yes",
            2,
            "http://llm.example.com/a.toml is plain",
        ),
    ],
)
def test_each_error_names_the_right_next_step(cgw: Cgw, line: str, fails: int, words: str) -> None:
    said = cgw(*line.split(), fails=fails).err
    assert words in said
    assert "QUERY" not in said


def test_a_rules_number_is_its_code(cgw: Cgw) -> None:
    assert cgw("rule", "101").out == cgw("rule", "CGW101").out


def test_a_denied_profile_leads_to_ones_own(cgw: Cgw, work: Path) -> None:
    (work / ".git").mkdir()
    (work / "cgw.toml").write_text('provider = "unified"\n')
    work_profile(cgw)
    cgw("profile", "use", "work")
    cgw("profile", "deny", "--yes")
    assert "Use one of yours:  add --profile NAME" in cgw("env", fails=77).err
    assert "next      export CGW_PROFILE=work\n" in cgw("status").out


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--key-header", "bearer", "is the word before a key, not the name of a header"),
        ("--key-header", "Basic", "is the word before a key, not the name of a header"),
        ("--region", "my-proj", "is not a region"),
        ("--region", "us-east", "is not a region"),
    ],
)
def test_what_the_wizard_refuses_is_refused_everywhere(
    cgw: Cgw, work: Path, option: str, value: str, words: str
) -> None:
    line = f"init v --provider vertex --project-id p --secret env://K {option} {value} --yes"
    assert words in cgw(*line.split(), fails=2).err
    member = option.removeprefix("--").replace("-", "_")
    (work / "cgw.toml").write_text(f'provider = "vertex"\n{member} = "{value}"\n')
    assert words in cgw("check", "cgw.toml", fails=1).out


@pytest.mark.parametrize(
    ("provider", "command"),
    [("vertex", "gcloud auth application-default login"), ("bedrock", "aws sso login, or aws configure")],
)
def test_a_profile_with_this_machines_cloud_credential_names_its_sign_in(
    cgw: Cgw, provider: str, command: str
) -> None:
    line = f"init c --provider {provider} --project-id p --secret env://K --yes --credentials"
    assert f"the cloud's login: {command}    (once" in cgw(*line.split(), "client").err
    assert "login" not in cgw(*line.split(), "proxy").err


def test_the_advice_keeps_a_keyring_that_works(cgw: Cgw, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "init work --provider unified --secret keyring://llm/me --yes"
    assert (
        "    and name it:  cgw profile set work --secret file://~/.config/cgw/keys/work\n" in cgw(*line.split()).err
    )
    monkeypatch.setattr("claude_gw_cli.cli.next_steps.keyring_works", lambda: True)
    assert "store the key:    cgw secret set keyring://llm/me\n" in cgw(*line.split()).err
